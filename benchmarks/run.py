"""Runs suites of benchmarks on the backend of `KERAS_BACKEND`.

`python benchmarks/run.py [SUITE ...] [--quick] [--out DIR] [--repeats N]
[--only NAME=VALUE ...]` writes `DIR/<machine>/<suite>--<backend>.json`.
README.md is the contract.
"""

import os
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

import suites
from formats.records import Record, gather
from mnistcnn.errors import ConfigError
from mnistcnn.files import write_json
from running.checkout import ROOT, describe_commit
from running.commands import errors_in_one_line, make_parser, say
from running.machine import check_variables, say_today, slug
from running.processes import measure
from suites.suite_results import SUITES, SuiteResult, check_file


def main() -> None:
    """Reads the command line; errors are a few lines and an exit code."""
    parser = make_parser(__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "benchmarks" / "results"
    )
    parser.add_argument("--repeats", type=int, metavar="N")
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        metavar="NAME=VALUE",
        help="of a suite's jobs those of some values: batch_size=32,128",
    )
    options = parser.parse_args()
    if options.repeats is not None and options.repeats < 1:
        parser.error(f"--repeats is {options.repeats}. Expected 1 or more.")
    with errors_in_one_line():
        check_variables()
        names = options.suites or SUITES
        for name in names:
            suites.load(name)
        # The commit first, before anything is written to the tree.
        machine = describe_commit() | measure("environment", {})
        folder = options.out / slug(machine["environment"])
        for name in names:
            result = run_suite(name, options, machine, folder)
            path = folder / f"{name}--{result['backend']}.json"
            write_json(path, result)
            show(check_file(path), path)


def run_suite(name: str, options, machine: dict, folder: Path) -> dict:
    """Measures all of a suite's jobs, interleaved.

    Args:
        name: of the suite.
        options: `quick` and `repeats` of the command line.
        machine: the commit, and the output of `measure.py environment`.
        folder: of the results on this machine.

    Returns:
        The contents of its result file.
    """
    suite = suites.load(name)
    jobs = choose_jobs(suite.plan(options.quick), options.only)
    repeats = options.repeats or (1 if options.quick else suite.REPEATS)
    records: list[Record] = []
    facts: dict = {}
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    start = time.perf_counter()
    # Interleaved, A B C, A B C: a machine that slows down affects all jobs.
    for repeat in range(repeats):
        for job in jobs:
            if job.get("once") and repeat:
                continue
            words = " ".join(str(value) for value in job.values())
            say(f"{name} {repeat + 1}/{repeats} {words}")
            given = {"repeat": repeat, "quick": options.quick, "facts": facts}
            line = measure(name, {**job, **given, "out": str(folder)})
            records += [Record(**record) for record in line["records"]]
            facts |= line["facts"]
    return {
        "format": 1,
        "suite": name,
        "version": suite.VERSION,
        "backend": machine["environment"]["backend"],
        "date": say_today(),
        "commit": machine["commit"],
        "dirty": machine["dirty"],
        "quick": options.quick,
        "environment": machine["environment"],
        "protocol": {
            "repeats": repeats,
            "warmup": suite.WARMUP,
            "interleaved": True,
            "seconds": round(time.perf_counter() - start, 1),
            "load_before": load,
            "data": machine["data"],
            **({"only": " ".join(options.only)} if options.only else {}),
            **facts,
        },
        "measurements": gather(records),
    }


def choose_jobs(jobs: list[dict], only: list[str]) -> list[dict]:
    """Filters jobs by what they vary; jobs that do not vary it are kept.

    Args:
        jobs: a suite's plan.
        only: each a `NAME=VALUE`, or for several values `NAME=A,B`.

    Raises:
        ConfigError: one has no `=`, or no job has that value.

    Example:
        >>> choose_jobs([{"size": 32}, {"size": 128}, {}], ["size=128"])
        [{'size': 128}, {}]
    """
    for wanted in only:
        name, _, values = wanted.partition("=")
        chosen = values.split(",")
        kept = [j for j in jobs if name in j and str(j[name]) in chosen]
        if not kept:
            raise ConfigError(
                f"--only is {wanted}. Expected NAME=VALUE of the suite's jobs: "
                f"{'; '.join(map(str, jobs))[:200]}."
            )
        jobs = [job for job in jobs if job in kept or name not in job]
    return jobs


def show(result: SuiteResult, path: Path) -> None:
    """Prints a result file as a table."""
    title = f"{result.suite} on {result.backend}"
    table = Table("case", "metric", title=title, title_justify="left")
    for name in ("median", "low", "high", "n"):
        table.add_column(name, justify="right")
    for row in result.measurements:
        numbers = [f"{x:.4g}" for x in (row.median, row.low, row.high)]
        case = " ".join(f"{k}={v}" for k, v in row.case.items())
        table.add_row(case, row.metric, *numbers, str(row.n))
    console = Console()
    console.print(table)
    console.print(f"wrote {path}", soft_wrap=True, highlight=False)


if __name__ == "__main__":
    main()
