"""Kills training at seeded moments and checks the files that are left."""

import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from trial import STAGES

from mnistcnn import inspect_artifact

TRIAL = Path(__file__).with_name("trial.py")
EPOCHS = 12
# A new run writes a probe for free disk space, then three files per epoch.
MAX_WRITES = 1 + 3 * EPOCHS
TIMEOUT_SECONDS = 300


class Campaign:
    """Runs that are killed and resumed until enough kills have hit.

    Args:
        folder: for the runs' directories.
        seed: of the moments.
    """

    def __init__(self, folder: Path, seed: int):
        self.folder = folder
        self.rng = np.random.default_rng(seed)
        self.counts = {
            "kills": 0,
            "while_saving": 0,
            "unusable": 0,
            "most_epochs_lost": 0,
            "left_temporary_files": 0,
            "stale_after_next_start": 0,
            "finished": 0,
            "finished_differently": 0,
        }
        self.faults: list[str] = []
        self.reference = None
        self.seconds = 1.0
        self.runs = 0

    def run(self, kills: int, while_saving: int) -> dict:
        """Kills until both numbers are reached: kills, and kills in a save."""
        self.reference, self.seconds = self._whole(self.folder / "whole")
        out, stale = self._new(), []
        while (
            self.counts["kills"] < kills
            or self.counts["while_saving"] < while_saving
        ):
            behind = self.counts["while_saving"] < while_saving
            saving = behind and bool(self.rng.random() < 0.5)
            ended, begun = self._start(out, saving, stale)
            if ended:
                out, stale = self._new(), []
                continue
            self.counts["kills"] += 1
            self.counts["while_saving"] += saving
            stale = list(out.rglob("*.tmp")) if out.exists() else []
            self.counts["left_temporary_files"] += bool(stale)
            self._look(out, begun)
        return self.counts

    def _new(self) -> Path:
        self.runs += 1
        return self.folder / f"run{self.runs}"

    def _whole(self, out: Path) -> tuple[dict, float]:
        """Runs without a kill, and times its epochs."""
        with self._spawn(out) as child:
            assert child.stdout
            child.stdout.readline()
            start = time.monotonic()
            last = child.stdout.read().splitlines()[-1]
            seconds = time.monotonic() - start
        return json.loads(last), seconds

    def _spawn(self, out: Path, *options: str) -> subprocess.Popen:
        resume = ["--resume"] if (out / "last" / "state.npz").exists() else []
        return subprocess.Popen(
            [
                *(sys.executable, TRIAL, out, f"--epochs={EPOCHS}"),
                *(*resume, *options),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _start(self, out: Path, saving: bool, stale: list[Path]):
        """Starts or resumes, and kills; returns `(ended, last epoch begun)`."""
        options = []
        if saving:
            write = int(self.rng.integers(1, MAX_WRITES // 2))
            stage = STAGES[int(self.rng.integers(len(STAGES)))]
            options = ["--kill", f"{write}:{stage}"]
        delay = float(self.rng.uniform(0, 0.6 * self.seconds))
        begun, last = 0, ""
        with self._spawn(out, *options) as child:
            killer = threading.Timer(
                TIMEOUT_SECONDS if saving else 1e6, child.kill
            )
            assert child.stdout and child.stderr
            for line in child.stdout:
                last = line
                if not line.startswith("begun"):
                    continue
                begun = int(line.split()[1])
                if killer.ident is None:
                    old = [path for path in stale if path.exists()]
                    self.counts["stale_after_next_start"] += len(old)
                    if not saving:
                        killer = threading.Timer(delay, child.kill)
                    killer.start()
            killer.cancel()
            errors = child.stderr.read()
            code = child.wait()
        if code == -signal.SIGKILL:
            return False, begun
        if code:
            self.counts["unusable"] += 1
            self.faults.append(errors.strip().splitlines()[-1])
            return True, begun
        self.counts["finished"] += 1
        if json.loads(last) != self.reference:
            self.counts["finished_differently"] += 1
        return True, begun

    def _look(self, out: Path, begun: int) -> None:
        """Opens the files that are left, as the next start would."""
        kept = 0
        state = out / "last" / "state.npz"
        try:
            if state.exists():
                with np.load(state) as arrays:
                    text = arrays["state"].tobytes()
                    kept = len(json.loads(text)["history"])
            if (out / "best.keras").exists():
                inspect_artifact(out / "best.keras")
        except Exception as error:
            self.counts["unusable"] += 1
            self.faults.append(f"{type(error).__name__}: {error}")
            return
        lost = begun - kept
        most = max(self.counts["most_epochs_lost"], lost)
        self.counts["most_epochs_lost"] = most


def prove(*, seed: int, quick: bool) -> dict:
    """Kills 25 times, 10 of them while a file is written."""
    kills, saving = (4, 2) if quick else (25, 10)
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(Path(folder), seed)
        counts = campaign.run(kills, saving)
    passed = (
        not campaign.faults
        and counts["unusable"] == 0
        and counts["most_epochs_lost"] <= 1
        and counts["stale_after_next_start"] == 0
        and counts["finished_differently"] == 0
    )
    return {"passed": passed, "faults": campaign.faults[:5], **counts}
