"""Measures one thing in this process and prints it as one line of JSON.

`python benchmarks/measure.py SUITE JOB`: the job is a JSON object, an entry
of the suite's plan with `repeat`, `quick`, `out` and the `facts` so far. SUITE
`environment` describes the machine instead, SUITE `accuracy` trains and scores
(`studies/scoring.py`).
"""

import dataclasses
import json
import os
import sys

import suites
from mnistcnn.backends import claim_threads
from running.commands import errors_in_one_line


def main(suite: str, job: dict) -> None:
    """Measures and prints."""
    # Output of libraries must not mix with the result.
    numbers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    if job.get("path") in ("engine", "best"):
        # Before a framework is imported, as `mnistcnn train` does.
        claim_threads()
    if suite == "environment":
        line = describe()
    elif suite == "accuracy":
        from studies import scoring

        line = scoring.measure(job)
    else:
        records, facts = suites.load(suite).measure(job)
        line = {
            "records": [dataclasses.asdict(record) for record in records],
            "facts": facts,
        }
    numbers.write(json.dumps(line, allow_nan=False) + "\n")
    numbers.close()


def describe() -> dict:
    """Describes the machine, and the data set used by all measurements."""
    from mnistcnn import load_data
    from mnistcnn.backends import describe_environment
    from running.machine import FLAGS, THREADS

    environment = describe_environment()
    environment["threads"] = {name: os.environ.get(name) for name in THREADS}
    environment["flags"] = {name: os.environ.get(name) for name in FLAGS}
    data = load_data()
    said: dict = {"name": data.name, "digest": data.digest}
    if data.strokes is not None:
        said["strokes"] = [source.name for source in data.strokes.sources]
    return {"environment": environment, "data": said}


if __name__ == "__main__":
    with errors_in_one_line():
        main(sys.argv[1], json.loads(sys.argv[2]))
