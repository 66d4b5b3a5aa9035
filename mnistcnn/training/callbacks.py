"""The Keras callbacks of a training run, the same on every backend."""

import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mnistcnn.artifact import save_artifact
from mnistcnn.backends import keras
from mnistcnn.errors import DivergedError
from mnistcnn.training.state import Progress

MONITOR = "val_accuracy"


class BestArtifact(keras.callbacks.Callback):
    """Keeps the best model so far as an artifact.

    Keras' `ModelCheckpoint` writes in place, so that a kill while it saves
    loses the best model, and it keeps a first NaN forever. This one writes
    atomically, and a value that is not finite is never the best.

    Args:
        path: the `.keras` file.
        card: the contents of its card.
        progress: its `best` is kept up to date, and resumed from.
        finish: makes the kept model from the trained one; by default they are
            the same.
        choose: keep the best epoch by validation; otherwise the last.
    """

    def __init__(
        self,
        path: Path,
        card: dict[str, Any],
        progress: Progress,
        finish: Callable[..., Any] | None = None,
        choose: bool = True,
    ):
        super().__init__()
        self.choose = choose
        self.finish = finish or (lambda model: model)
        self.path = path
        self.card = card
        self.progress = progress

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Saves if validation has improved, or if there is no validation."""
        value = (logs or {}).get(MONITOR)
        if value is not None and self.choose:
            best = self.progress.best
            if best is not None and value <= best:
                return
            self.progress.best = float(value)
        card = {**self.card, "epoch": epoch + 1}
        if value is not None:
            card["validation_accuracy"] = float(value)
        save_artifact(self.finish(self.model), self.path, card=card)


class StopWhenDiverged(keras.callbacks.Callback):
    """Ends the run at the first epoch with a loss or weight not finite."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Raises a `DivergedError` if the loss or a weight is not finite."""
        for name in ("loss", "val_loss"):
            check_loss((logs or {}).get(name, 0.0), epoch)
        assert self.model is not None  # Keras sets it at the start
        # The last step's update does not show in the loss.
        if not all(np.isfinite(w).all() for w in self.model.get_weights()):
            raise DivergedError(
                f"The weights after epoch {epoch + 1} are not all finite. "
                "Expected numbers: lower the learning rate."
            )


def check_loss(loss: float, epoch: int) -> None:
    """Raises a `DivergedError` unless the loss is finite.

    Args:
        loss: of a step, or a sum or a mean over steps.
        epoch: from 0.
    """
    if not math.isfinite(loss):
        raise DivergedError(
            f"The loss of epoch {epoch + 1} is {float(loss)}. Expected a "
            "number: lower the learning rate."
        )


class FirstStep(keras.callbacks.Callback):
    """Measures the seconds from the start of an epoch to its first step.

    In the first epoch that is tracing and compiling. `async_safe` declares that
    it does not read the step's logs: otherwise Keras would wait for the device
    after every step.
    """

    async_safe = True

    def __init__(self):
        super().__init__()
        self.seconds: float | None = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Starts the clock."""
        self._start = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Stops it, once."""
        if self.seconds is None:
            self.seconds = time.perf_counter() - self._start


def make_stopping(config) -> "keras.callbacks.EarlyStopping | None":
    """Makes early stopping by a `TrainConfig`, or `None`."""
    if not config.patience:
        return None
    return keras.callbacks.EarlyStopping(
        MONITOR,
        mode="max",
        min_delta=config.min_delta,
        patience=config.patience,
        restore_best_weights=True,
    )


def choose_bar(verbose: bool) -> int:
    """Returns Keras' `verbose` for an epoch.

    A progress bar on a terminal and in a notebook; one line per epoch in a log
    file; nothing where nothing can be printed.
    """
    if not verbose or not _can_print():
        return 0
    notebook = type(sys.stdout).__module__.startswith("ipykernel.")
    # An object that only writes, such as a tee into a log, has no `isatty`.
    terminal = getattr(sys.stdout, "isatty", bool)()
    return 1 if notebook or terminal else 2


def say(line: str) -> None:
    """Prints a line, if anything can be printed."""
    if _can_print():
        sys.stdout.write(f"{line}\n")


def _can_print() -> bool:
    """Whether there is an open standard output; pythonw has none."""
    return not (sys.stdout is None or getattr(sys.stdout, "closed", False))
