"""The user's wait: `mnistcnn train --recipe fast`, everything included."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from records import Record

VERSION = 1
REPEATS = 5
WARMUP = 0
RECIPE = "fast"
QUICK = ("--limit", "4000", "--epochs", "1")


def plan(quick: bool) -> list[dict]:
    """Plans the recipe, and in bfloat16; the repeat's number is the seed."""
    jobs = [{"recipe": RECIPE}]
    # On JAX bfloat16 is several times slower, as `training` shows.
    if not quick and os.environ.get("KERAS_BACKEND") != "jax":
        jobs.append({"recipe": RECIPE, "dtype": "bfloat16"})
    return jobs


def measure(job: dict) -> tuple[list[Record], dict]:
    """Measures wall time from before the process starts until its end."""
    case = {"recipe": job["recipe"], "dtype": job.get("dtype", "float32")}
    options = ["--recipe", job["recipe"], "--seed", str(job["repeat"])]
    options += ["--precision", case["dtype"]]
    options += QUICK if job["quick"] else ()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        # -P: the package as it is installed, not what lies in the folder.
        command = [sys.executable, "-P", "-m", "mnistcnn", "train"]
        start = time.perf_counter()
        subprocess.run([*command, *options, "--out", str(out)], check=True)
        seconds = time.perf_counter() - start
        metrics = json.loads((out / "metrics.json").read_text())
    test = metrics["test"]
    note = "from the start of the process to its end; one value a seed"
    records = [
        Record(case, "seconds", seconds, note),
        Record(
            case,
            "accuracy",
            test["accuracy"],
            f"on {test['n']:,} test images; one value a seed",
        ),
    ]
    return records, {"seeds": "0, 1, ...: the number of the repeat"}
