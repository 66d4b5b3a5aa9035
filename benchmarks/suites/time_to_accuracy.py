"""The user's wait for an accuracy: `mnistcnn train`, everything included.

One suite per target, since the time of each of its ten runs depends on it.
"""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from formats.records import Record

QUICK = ("--limit", "4000", "--epochs", "1")


@dataclass(frozen=True)
class Target:
    """The suite of a target: a recipe, which was chosen by held-out writers.

    Args:
        percent: the share of the test set that must be correct.
        recipe: its name.
    """

    percent: float
    recipe: str

    VERSION = 2
    REPEATS = 10  # a target is reached if nine of ten seeds reach it
    WARMUP = 0

    def plan(self, quick: bool) -> list[dict]:
        """Plans the recipe; the repeat's number is the seed."""
        return [{"target": self.percent, "recipe": self.recipe}]

    def measure(self, job: dict) -> tuple[list[Record], dict]:
        """Measures wall time from before the process starts until its end."""
        options = ["--recipe", job["recipe"], "--seed", str(job["repeat"])]
        options += QUICK if job["quick"] else ()
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "run"
            # -P: the installed package, not the one in the current folder.
            command = [sys.executable, "-P", "-m", "mnistcnn", "train"]
            start = time.perf_counter()
            subprocess.run([*command, *options, "--out", str(out)], check=True)
            seconds = time.perf_counter() - start
            metrics = json.loads((out / "metrics.json").read_text())
        test = metrics["test"]
        case = {key: job[key] for key in ("target", "recipe")}
        note = "from the start of the process to its end; one value a seed"
        said = f"on {test['n']:,} test images; one value a seed"
        records = [
            Record(case, "seconds", seconds, note),
            Record(case, "accuracy", test["accuracy"], said),
        ]
        return records, {"seeds": "0, 1, ...: the number of the repeat"}


TARGETS = {
    "time_to_99.0": Target(99.0, "fast"),
    "time_to_99.4": Target(99.4, "short"),
    "time_to_99.6": Target(99.6, "deep"),
}
