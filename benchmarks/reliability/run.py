"""Proves what SECURITY.md and the README promise, and writes it down.

`python benchmarks/reliability/run.py PROOF... [--seeds N...] [--quick]`
merges what it finds into `results.json`, and makes `../reliability.md`
anew from that; `attacks` makes the table in `docs/artifact.md` too. Proofs
that train take the backend of `KERAS_BACKEND`.
"""

import argparse
import importlib
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

from page import write_mechanisms, write_page

from mnistcnn.backends import describe_environment
from mnistcnn.files import write_atomically, write_json

HERE = Path(__file__).parent
# The proofs and the tests share helpers: hostile files, a lying server.
sys.path.append(str(HERE.parents[1] / "backends_tests" / "helpers"))
RESULTS = HERE / "results.json"
PAGE = HERE.parent / "reliability.md"
MECHANISMS = HERE.parents[1] / "docs" / "artifact.md"
# Proofs that compute with a network, on each backend.
TRAINING = ("kills", "disk", "signals", "crossing", "budgets")
PROOFS = (
    *TRAINING,
    "attacks",
    "hostile",
    "bombs",
    "mutants",
    "boards",
    "downloads",
    "servers",
    "loading",
    "fuzz",
)
# The packages that the others depend on.
READING = ("h5py", "numpy", "opencv-python-headless")


def main() -> None:
    """Reads the command line; exits with 1 if a proof fails."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("proofs", nargs="+", choices=PROOFS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    failed = []
    for name in options.proofs:
        for seed in options.seeds:
            key, result = prove(name, seed, quick=options.quick)
            print(f"{key}: {json.dumps(result['found'])}", flush=True)
            if not result["found"]["passed"]:
                failed.append(key)
            if not options.quick:
                keep(options.results, key, result)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


def prove(name: str, seed: int, *, quick: bool) -> tuple[str, dict]:
    """Runs one proof; returns `(key, findings and environment)`."""
    module = importlib.import_module(name)
    where = describe(training=name in TRAINING)
    start = time.monotonic()
    found = module.prove(seed=seed, quick=quick)
    backend = where.pop("backend")
    return f"{name}--{backend}--{seed}", {
        "proof": name,
        "backend": backend,
        "seed": seed,
        "seconds": round(time.monotonic() - start, 1),
        "where": where,
        "found": found,
    }


def describe(*, training: bool) -> dict:
    """Describes the machine and the versions behind a result."""
    facts = describe_environment()
    versions = facts["versions"]
    if not training:
        versions = {name: version(name) for name in READING}
        versions["python"] = facts["versions"]["python"]
    return {
        "backend": facts["backend"] if training else "none",
        "versions": {
            # Our version is unknown when running from the source tree.
            name: v
            for name, v in versions.items()
            if v and v != "unknown"
        },
        "processor": facts["processor"],
        "cores": facts["cores"],
        "date": time.strftime("%Y-%m-%d"),
    }


def keep(path: Path, key: str, result: dict) -> None:
    """Adds a result to the others, and regenerates the page."""
    results = json.loads(path.read_text()) if path.exists() else {}
    results[key] = result
    write_json(path, dict(sorted(results.items())))
    if path == RESULTS:
        write_atomically(PAGE, write_page(results).encode())
    if path == RESULTS and result["proof"] == "attacks":
        page = MECHANISMS.read_text(encoding="utf-8")
        text = write_mechanisms(page, result["found"]["table"])
        write_atomically(MECHANISMS, text.encode())


if __name__ == "__main__":
    main()
