"""Epochs of training: by the backend's own engine, or by Keras' `fit`."""

import dataclasses
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mnistcnn import backends
from mnistcnn.backends import Group, keras, make_plan
from mnistcnn.errors import ConfigError, PlanError
from mnistcnn.training.averaging import averaged
from mnistcnn.training.callbacks import check_loss, choose_bar, say
from mnistcnn.training.compiling import check_compiled, read_compiled
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.fitting import (
    EVALUATION_BATCH,
    IMAGES_A_CHECK,
    FitEpochs,
    to_targets,
)
from mnistcnn.training.hooks import ForwardBatches, wants_batches

_LOGGER = logging.getLogger(__name__)


def make_epochs(
    model: keras.Model,
    config: TrainConfig,
    callbacks: Sequence[Any],
    check: Callable[..., Any] = lambda: None,
    group: Group | None = None,
):
    """Chooses the engine that runs the epochs.

    Args:
        model: compiled, its optimizer built.
        config: `engine` is `"auto"` or `"fit"`.
        callbacks: the run's; if one has hooks for batches, `fit` has to run.
        check: called between steps; it may raise to end the run.
        group: of devices; `None` for one.

    Returns:
        An object with `run(x, y, validation, epoch=, verbose=)`, which trains
        one epoch and returns its logs; `is_outdated()`, whether the engine has
        to be chosen anew; `first_step`, the seconds of tracing and compiling;
        `config`, with the engine and the precision in use; and
        `reason`, why `fit` was chosen, if it was.

    Raises:
        ConfigError: several devices are to train, but `fit` would have to.
    """
    if config.engine == "fit":
        _refuse_several(group, "engine is fit")
        return FitEpochs(model, config, callbacks, check)
    wanting = [type(c).__name__ for c in callbacks if wants_batches(c)]
    try:
        if wanting:
            raise PlanError(f"the callback {wanting[0]} wants batches")
        if not model.trainable_variables:
            raise PlanError("no layer is trainable")
        check_compiled(model)
        return EngineEpochs(model, config, callbacks, check, group)
    except PlanError as error:
        _refuse_several(group, str(error))
        _LOGGER.warning("Training by Keras' fit, in float32, since %s.", error)
        own = dataclasses.replace(config, engine="fit", precision="float32")
        return FitEpochs(model, own, callbacks, check, reason=str(error))


def _refuse_several(group: Group | None, reason: str) -> None:
    if group is not None and group.size > 1:
        raise ConfigError(
            f"devices is {group.size}, but this would be trained by Keras' "
            f"fit, on one device, since {reason}. Expected 1, or what the "
            "engine can train: see docs/devices.md."
        )


class EngineEpochs:
    """Runs epochs on the backend's own engine, by a plan of the model.

    It uses the same variables, optimizer and batches as `fit`; loss and
    accuracy are those of the training steps themselves.

    Raises:
        PlanError: the model has a layer that the plan does not know.
    """

    def __init__(
        self,
        model: keras.Model,
        config: TrainConfig,
        callbacks: Sequence[Any] = (),
        check: Callable[..., Any] = lambda: None,
        group: Group | None = None,
    ):
        self.model = model
        self.config = config
        self.reason = ""
        self._hooks = ForwardBatches(callbacks)
        self._check = check
        self.first_step: float | None = None
        self._compiled = read_compiled(model)
        self._plan = make_plan(model, precision=config.precision)
        self._trainer = backends.active.Trainer(
            model, self._plan, config.batch_size, group
        )

    def is_outdated(self) -> bool:
        """Whether a callback changed the optimizer, the loss or a layer."""
        try:
            plan = make_plan(self.model, precision=self.config.precision)
        except PlanError:
            return True
        compiled = read_compiled(self.model)
        return plan != self._plan or compiled != self._compiled

    def run(
        self,
        x: np.ndarray,
        y: np.ndarray,
        validation: tuple[np.ndarray, np.ndarray] | None,
        *,
        epoch: int,
        verbose: bool,
    ) -> dict[str, Any]:
        """Trains one epoch.

        Args:
            x: `(n, h, w, 1)` uint8.
            y: `(n,)` integers, or `(n, classes)` floats, probabilities.
            validation: `(x, y)` of the held-out part, or `None`.
            epoch: from 0.
            verbose: show a progress bar.

        Returns:
            The epoch's `loss` and `accuracy`, and `val_loss` and
            `val_accuracy` with a held-out part.
        """
        start = time.perf_counter()
        steps = -(-len(x) // self.config.batch_size)
        a_call = max(1, IMAGES_A_CHECK // self.config.batch_size)
        update = _make_bar(steps, epoch, self.config.epochs, verbose)
        seed = np.random.SeedSequence([self.config.seed, epoch])
        seed = int(seed.generate_state(1)[0] >> 1)
        smoothing = self.config.label_smoothing
        targets = to_targets(self.model, y, smoothing=smoothing)
        self._trainer.load(x, targets)
        for first in range(0, steps, a_call):
            last = min(first + a_call, steps)
            self._trainer.step(first, last, seed)
            # This also waits for the steps: a signal is noticed once they are
            # done.
            check_loss(self._trainer.loss(), epoch)
            self._check()
            if self.first_step is None:
                self.first_step = time.perf_counter() - start
            update(last if last < steps else steps - 1)
        loss, right = self._trainer.finish()
        logs = {"accuracy": right / len(x), "loss": loss / len(x)}
        if validation is not None:
            with averaged(self.model):
                self._hooks.on_test_begin()
                loss, right = self._evaluate(*validation)
                scores = {
                    "accuracy": right / len(validation[0]),
                    "loss": loss / len(validation[0]),
                }
                self._hooks.on_test_end(scores)
            logs |= {f"val_{name}": score for name, score in scores.items()}
        update(steps, list(logs.items()), finalize=True)
        return logs

    def _evaluate(self, x, y) -> tuple[float, int]:
        sums = np.zeros(2)
        for start in range(0, len(x), EVALUATION_BATCH):
            self._check()
            part = slice(start, start + EVALUATION_BATCH)
            targets = to_targets(self.model, y[part])
            sums += self._trainer.evaluate(x[part], targets)
        return float(sums[0]), int(sums[1])


def _make_bar(
    steps: int, epoch: int, epochs: int, verbose: bool
) -> Callable[..., None]:
    """Returns the `update` of a progress bar."""
    style = choose_bar(verbose)
    if not style:  # even Keras' silent bar asks a closed standard output
        return lambda *_, **__: None
    say(f"Epoch {epoch + 1}/{epochs}")
    bar = keras.utils.Progbar(steps, verbose=style, unit_name="step")
    return bar.update
