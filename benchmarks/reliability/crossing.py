"""Resumes a run on another backend, at every epoch boundary.

`MNISTCNN_PYTHONS` names each backend's interpreter:
`jax=/a/bin/python torch=/b/bin/python tensorflow=/c/bin/python`.
"""

import itertools
import json
import os
import subprocess
import tempfile
from pathlib import Path

TRIAL = Path(__file__).with_name("trial.py")
EPOCHS = 5


def prove(*, seed: int, quick: bool) -> dict:
    """Resumes on each pair of backends; on the same one bit for bit."""
    pairs = os.environ.get("MNISTCNN_PYTHONS", "").split()
    pythons = dict(pair.split("=", 1) for pair in pairs)
    if len(pythons) < 2:
        raise RuntimeError("MNISTCNN_PYTHONS names no two interpreters")
    found = {"resumed_on_the_same": 0, "bit_for_bit": 0,
             "resumed_on_another": 0, "history_and_best_kept": 0}  # fmt: skip
    faults, differences = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = {b: _run(b, pythons, folder / b, seed) for b in pythons}
        cuts = range(1, EPOCHS) if not quick else [2]
        for first, then in itertools.product(pythons, pythons):
            for cut in cuts if first == then else [2]:
                out = folder / f"{first}-{then}-{cut}"
                _cut(first, pythons, out, seed, cut)
                result = _run(then, pythons, out, seed, "--resume")
                if first == then:
                    found["resumed_on_the_same"] += 1
                    found["bit_for_bit"] += result == whole[first]
                    continue
                found["resumed_on_another"] += 1
                kept = result["history"][:cut] == whole[first]["history"][:cut]
                rates = [row["learning_rate"] for row in result["history"]]
                # The schedule continues where it stopped, on any backend.
                same = all(
                    abs(a - row["learning_rate"]) < 1e-9
                    for a, row in zip(
                        rates, whole[first]["history"], strict=True
                    )
                )
                best = max(row["val_accuracy"] for row in result["history"])
                right = (
                    result["history"][result["epoch"] - 1]["val_accuracy"]
                    == best
                )
                found["history_and_best_kept"] += kept and same and right
                last = [r["history"][-1]["loss"] for r in (result, whole[then])]
                differences.append(abs(last[0] - last[1]))
    passed = (
        found["bit_for_bit"] == found["resumed_on_the_same"]
        and found["history_and_best_kept"] == found["resumed_on_another"]
    )
    return {
        "passed": passed,
        "faults": faults,
        "backends": sorted(pythons),
        "largest_difference_of_last_loss": max(differences),
        **found,
    }


def _command(backend, pythons, out, seed, *options) -> subprocess.Popen:
    return subprocess.Popen(
        [
            *(pythons[backend], TRIAL, out),
            *(f"--epochs={EPOCHS}", f"--seed={seed}", *options),
        ],
        env={**os.environ, "KERAS_BACKEND": backend},
        stdout=subprocess.PIPE,
        text=True,
    )


def _run(backend, pythons, out, seed, *options) -> dict:
    with _command(backend, pythons, out, seed, *options) as child:
        return json.loads(child.communicate()[0].splitlines()[-1])


def _cut(backend, pythons, out, seed, epochs: int) -> None:
    """Runs until `epochs` epochs are complete, then kills."""
    with _command(backend, pythons, out, seed) as child:
        for line in child.stdout or ():
            if line.strip() == f"begun {epochs + 1}":
                child.kill()
