"""One small training run in a process of its own, to be killed.

`python trial.py OUT [--resume] [--epochs N] [--kill WRITE:STAGE]` prints
`begun N` as epoch N begins, and at the end one line of JSON: the digests of the
results.
"""

import argparse
import hashlib
import io
import json
import os
import signal
from pathlib import Path

from mnistcnn import files, inspect_artifact, train
from mnistcnn.backends import keras
from mnistcnn.data import generate
from mnistcnn.training import TrainConfig

STAGES = ("half", "written", "synced", "replaced")


class Announce(keras.callbacks.Callback):
    """Announces the start of an epoch to the process that will kill it."""

    def on_epoch_begin(self, epoch, logs=None):
        """Prints the epoch's number, from 1."""
        print(f"begun {epoch + 1}", flush=True)


def main() -> None:
    """Trains by the command line's options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kill", metavar="WRITE:STAGE")
    options = parser.parse_args()
    if options.kill:
        write, stage = options.kill.split(":")
        kill_while_writing(int(write), stage)
    result = run(options.out, options.seed, options.epochs, options.resume)
    print(json.dumps(describe(result)), flush=True)


def make_config(seed: int, epochs: int) -> TrainConfig:
    """Makes a config with everything that a checkpoint has to store."""
    return TrainConfig(
        epochs=epochs,
        batch_size=50,
        seed=seed,
        schedule="cosine",
        patience=epochs,
        augment=1.0,
    )


def run(out: Path, seed: int, epochs: int, resume: bool, callbacks=()):
    """Trains on 600 generated digits."""
    return train(
        make_config(seed, epochs),
        generate(limit=600),
        out=out,
        resume=resume,
        verbose=False,
        callbacks=[Announce(), *callbacks],
    )


def describe(result) -> dict:
    """Returns what has to be the same with and without a kill."""
    sha = hashlib.sha256()
    for array in result.model.get_weights():
        sha.update(array.tobytes())
    rows = [
        {name: value for name, value in row.items() if name != "seconds"}
        for row in result.history
    ]
    card = inspect_artifact(result.best).card
    return {
        "weights": sha.hexdigest(),
        "history": rows,
        "best": card["weights_sha256"],
        "epoch": card["epoch"],
    }


def kill_while_writing(number: int, stage: str) -> None:
    """Makes this process kill itself at a stage of writing its n-th file."""
    fdopen, fsync, replace = os.fdopen, os.fsync, os.replace
    state = {"writes": 0, "syncs": 0}

    def die():
        os.kill(os.getpid(), signal.SIGKILL)

    def now(name):
        return state["writes"] == number and stage == name

    class Stream(io.FileIO):
        def write(self, data):
            if now("half"):
                super().write(data[: len(data) // 2])
                die()
            return super().write(data)

    def fdopen_noting(handle, mode):
        state["writes"] += 1
        state["syncs"] = 0
        return Stream(handle, mode)

    def fsync_noting(handle):
        if now("written") and not state["syncs"]:
            die()
        state["syncs"] += 1
        fsync(handle)

    def replace_noting(source, target):
        if now("synced"):
            die()
        replace(source, target)
        if now("replaced"):
            die()

    # Replaces `os` only in the module `files`.
    names = {name: getattr(os, name) for name in dir(os)}
    changed = {
        "fdopen": fdopen_noting,
        "fsync": fsync_noting,
        "replace": replace_noting,
    }
    del fdopen
    files.os = type(
        "os",
        (),
        {
            k: staticmethod(v) if callable(v) else v
            for k, v in (names | changed).items()
        },
    )


if __name__ == "__main__":
    main()
