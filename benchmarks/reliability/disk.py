"""Fills the disk while a run saves, at ten sizes, and goes on afterwards."""

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

import trial

from mnistcnn import inspect_artifact
from mnistcnn.backends import keras
from mnistcnn.training.rundir import MIN_FREE_BYTES

EPOCHS = 6
# Free bytes left for the third epoch; a checkpoint has 570,000.
ROOMS = (0, 4096, 60_000, 120_000, 180_000, 240_000, 300_000, 360_000, 440_000,
         520_000)  # fmt: skip
DISK_BYTES = 4 * MIN_FREE_BYTES


class Fill(keras.callbacks.Callback):
    """Fills the disk at the start of an epoch, leaving some room."""

    def __init__(self, filler: Path, room: int):
        super().__init__()
        self.filler, self.room = filler, room

    def on_epoch_begin(self, epoch, logs=None):
        """Writes until only the room is left."""
        if epoch != 2:
            return
        disk = os.statvfs(self.filler.parent)
        size = disk.f_bavail * disk.f_frsize - self.room
        self.filler.write_bytes(bytes(max(0, size)))


def prove(*, seed: int, quick: bool) -> dict:
    """Fills the disk ten times, at other bytes of the third epoch's files."""
    counts = {"sizes": 0, "refused": 0, "checkpoint_unchanged": 0,
              "path_named": 0, "resumed_to_the_same": 0}  # fmt: skip
    faults = []
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        whole = trial.describe(trial.run(home / "whole", seed, EPOCHS, False))
        disk = home / "disk"
        disk.mkdir()
        _mount(disk)
        try:
            for room in ROOMS[:3] if quick else ROOMS:
                counts["sizes"] += 1
                _try(disk, room, seed, whole, counts, faults)
        finally:
            subprocess.run(["umount", str(disk)], check=True)
    passed = not faults and len(set(counts.values())) == 1
    return {"passed": passed, "faults": faults[:5], **counts}


def _mount(disk: Path) -> None:
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}"]
    # A real file system that gets full: needs root, as in a container.
    subprocess.run([*command, "tmpfs", str(disk)], check=True)


def _try(disk, room, seed, whole, counts, faults) -> None:
    out, filler = disk / f"run{room}", disk / "filler"
    state = out / "last" / "state.npz"
    noted = []

    class Note(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            noted.append(_sha(state))

    try:
        trial.run(out, seed, EPOCHS, False, [Note(), Fill(filler, room)])
    except OSError as error:
        counts["refused"] += 1
        named = error.filename or ""
        counts["path_named"] += named.startswith(str(out)) and (
            "bytes to write" in str(error)
        )
        counts["checkpoint_unchanged"] += _sha(state) == noted[-1]
        inspect_artifact(out / "best.keras")
    else:
        faults.append(f"{room:,} bytes were enough")
    filler.unlink(missing_ok=True)
    again = trial.describe(trial.run(out, seed, EPOCHS, True))
    counts["resumed_to_the_same"] += again == whole
    subprocess.run(["rm", "-r", str(out)], check=True)


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
