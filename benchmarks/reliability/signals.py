"""How fast the command line ends on a signal, refuses, and says why."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

COMMAND = (sys.executable, "-m", "mnistcnn")
IMAGES = 20_000
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def prove(*, seed: int, quick: bool) -> dict:
    """Sends signals at seeded moments; starts runs that must be refused."""
    rng = np.random.default_rng(seed)
    # A shell's background job ignores SIGINT, and its children would inherit
    # that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = _make_data(folder, rng)
        ends, seconds, exits = [], [], []
        step, refusals = 0.0, {}
        for number in range(2 if quick else 10):
            out = folder / f"run{number}"
            with _train(data, out) as child:
                _await(out / "history.csv", child)
                if number == 0:
                    step = _seconds_of_a_call(out)
                    refusals = _second_runs(data, out, child.pid)
                time.sleep(float(rng.uniform(0, 2)))
                code, took = _end(child, SIGNALS[number % 2])
            ends.append(took)
            exits.append(code == 128 + SIGNALS[number % 2])
            resumable = (out / "last" / "state.npz").exists()
            exits[-1] = exits[-1] and resumable
        for number in range(2 if quick else 5):
            out = folder / f"twice{number}"
            with _train(data, out) as child:
                _await(out / "history.csv", child)
                time.sleep(float(rng.uniform(0, 1)))
                child.send_signal(signal.SIGINT)
                time.sleep(0.02)
                code, took = _end(child, signal.SIGINT)
            seconds.append(took)
        refusals |= _targets(data, folder)
    passed = (
        all(exits)
        and max(ends) <= step + 2
        and max(seconds) <= 0.5
        and refusals["second_run_seconds"] <= 1
        and refusals["holder_named"] == 2
        and refusals["targets_refused"] == refusals["targets"]
    )
    return {
        "passed": passed,
        "faults": [],
        "signals": len(ends),
        "right_exit_and_checkpoint": sum(exits),
        "call_seconds": step,
        "longest_end_seconds": max(ends),
        "second_signals": len(seconds),
        "longest_second_signal_seconds": max(seconds),
        **refusals,
    }


def _make_data(folder: Path, rng) -> Path:
    path = folder / "noise.npz"
    sizes = {"train": IMAGES, "test": 500}
    arrays = {}
    for split, n in sizes.items():
        shape = (n, 28, 28)
        arrays[f"x_{split}"] = rng.integers(0, 256, shape, dtype=np.uint8)
        arrays[f"y_{split}"] = rng.integers(0, 10, n, dtype=np.uint8)
    np.savez(path, **arrays)
    return path


def _train(data: Path, out: Path) -> subprocess.Popen:
    options = ["--data", str(data), "--out", str(out), "--epochs", "500"]
    # So many epochs that it is still training when a signal comes.
    return subprocess.Popen(
        [*COMMAND, "train", "--recipe", "best", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _await(path: Path, child) -> None:
    deadline = time.monotonic() + 240
    while not path.exists():
        if child.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("training did not get through an epoch")
        time.sleep(0.05)


def _seconds_of_a_call(out: Path) -> float:
    """Reads the seconds per 4,000 images: the interval of signal checks."""
    row = (out / "history.csv").read_text().splitlines()
    names, values = row[0].split(","), row[-1].split(",")
    return float(values[names.index("seconds")]) * 4000 / IMAGES


def _end(child, number) -> tuple[int, float]:
    start = time.monotonic()
    child.send_signal(number)
    code = child.wait(timeout=60)
    return code, time.monotonic() - start


def _second_runs(data: Path, out: Path, pid: int) -> dict:
    """Starts another run, new and resumed, in the folder of a running one."""
    took, named = [], 0
    for option in ([], ["--resume"]):
        code, seconds, text = _refused(
            ["--data", str(data), "--out", str(out), *option]
        )
        took.append(seconds)
        named += code == 2 and f"in use by process {pid}" in text
    return {"second_run_seconds": max(took), "holder_named": named}


def _refused(options, **environment) -> tuple[int, float, str]:
    start = time.monotonic()
    done = subprocess.run(
        [*COMMAND, "train", *options],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, time.monotonic() - start, done.stderr


def _targets(data: Path, folder: Path) -> dict:
    """Tries as output a path of a file, a read-only disk and a full one."""
    (folder / "file").write_text("in the way")
    disk = folder / "disk"
    disk.mkdir()
    cases = [(folder / "file" / "run", None), (folder / "file", None)]
    cases += [(disk / "run", "size=2m"), (disk / "run", "size=8m,ro")]
    refused, took = 0, []
    for out, options in cases:
        if options:
            mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs"]
            subprocess.run([*mount, str(disk)], check=True)
        try:
            code, seconds, text = _refused(["--data", data, "--out", out])
        finally:
            if options:
                subprocess.run(["umount", str(disk)], check=True)
        one_line = len(text.strip().splitlines()) == 1
        refused += code == 2 and one_line and "cannot be written" in text
        took.append(seconds)
    return {
        "targets": len(cases),
        "targets_refused": refused,
        "longest_refusal_seconds": max(took),
    }
