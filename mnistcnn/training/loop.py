"""The epochs of a training, with callbacks, history and checkpoints."""

import csv
import dataclasses
import io
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mnistcnn.backends import Group, keras, own_generators
from mnistcnn.files import write_atomically
from mnistcnn.network import seed_dropout
from mnistcnn.training.averaging import averaged, take_average
from mnistcnn.training.checkpoint import save_checkpoint
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.epochs import make_epochs
from mnistcnn.training.freezing import follow_layers
from mnistcnn.training.hooks import end_epoch
from mnistcnn.training.pipeline import Samples
from mnistcnn.training.state import Progress
from mnistcnn.training.teacher import Teacher
from mnistcnn.training.watchers import put_states


@dataclasses.dataclass
class Session:
    """One training in progress.

    Args:
        model: compiled.
        config: how to train.
        epochs: the engine, as of `make_epochs`.
        progress: of the run; it is kept up to date.
        restore: restores the model after an interruption; returns the states of
            callbacks.
        callbacks: all that are called.
        history: the CSV that gets a row per epoch.
        state: the checkpoint.
        check: called between steps; it may raise to end the run.
        verbose: show progress bars.
        group: of devices.
    """

    model: "keras.Sequential"
    config: TrainConfig
    epochs: Any
    progress: Progress
    restore: Callable[[], list[dict[str, Any]]]
    callbacks: Sequence["keras.callbacks.Callback"]
    history: Path
    state: Path
    check: Callable[[], None]
    verbose: bool
    group: Group


def run_epochs(
    session: Session,
    samples: Samples,
    teacher: Teacher | None = None,
) -> None:
    """Trains until the last epoch, or until a callback stops it.

    Args:
        session: what to train.
        samples: to train on.
        teacher: whose predictions replace the labels.
    """
    model, config, progress = session.model, session.config, session.progress
    hooks = keras.callbacks.CallbackList(
        list(session.callbacks),
        model=model,
        epochs=config.epochs,
        steps=-(-len(samples) // config.batch_size),
        verbose=int(session.verbose),
    )
    model.stop_training = False
    hooks.on_train_begin()
    logs: dict[str, Any] = {}
    for epoch in range(_begin(session), config.epochs):
        session.check()
        begin = time.perf_counter()
        hooks.on_epoch_begin(epoch)
        changed = follow_layers(model)
        if changed or session.epochs.is_outdated():
            _change_engine(session)
        logs = _run_epoch(session, samples, teacher, epoch)
        logs["learning_rate"] = read_learning_rate(model)
        logs["seconds"] = time.perf_counter() - begin
        # So that callbacks keep the weights that were validated.
        with averaged(model):
            progress.history.append(end_epoch(hooks.callbacks, epoch, logs))
        write_atomically(session.history, _to_csv(progress.history))
        last = epoch + 1 == config.epochs
        progress.finished = model.stop_training or last
        save_checkpoint(session.state, model, session.callbacks, progress)
        if progress.finished:
            break
    take_average(model)
    hooks.on_train_end(logs)


def _begin(session: Session) -> int:
    """Restores model and callbacks; returns the next epoch, from 0.

    This comes after `on_train_begin`, at which early stopping resets its state,
    and Keras' backup loads weights of its own.
    """
    model: Any = session.model
    progress = session.progress
    put_states(session.callbacks, session.restore())
    # Set by Keras' BackupAndRestore, and never removed by Keras.
    backup = getattr(model, "_initial_epoch", None) or 0
    model._initial_epoch = None
    if progress.finished:
        return session.config.epochs
    return progress.epoch or backup


def _run_epoch(
    session: Session, samples, teacher, epoch: int
) -> dict[str, Any]:
    """Runs an epoch; returns its logs."""
    model, config = session.model, session.config
    images, targets = samples.arrange(epoch, session.check)
    x_val, y_val = samples.x_held, samples.y_held
    session.check()
    if teacher is not None:
        targets = teacher.answer(
            images,
            targets,
            num_outputs=model.output_shape[-1],
            check=session.check,
        )
    with own_generators():
        seed_dropout(model, config.seed, epoch)
        return session.epochs.run(
            images,
            targets,
            (x_val[..., None], y_val) if len(x_val) else None,
            epoch=epoch,
            verbose=session.verbose,
        )


def _change_engine(session: Session) -> None:
    """Makes the engine anew, for what a callback changed."""
    first_step = session.epochs.first_step
    # Keras' own step would go on with an optimizer that is no longer set.
    session.model.train_function = None
    session.epochs = make_epochs(
        session.model,
        session.config,
        session.callbacks,
        session.check,
        session.group,
    )
    if first_step is not None:
        session.epochs.first_step = first_step


def _to_csv(history: list[dict[str, Any]]) -> bytes:
    stream = io.StringIO()
    # A callback may add a number in some epochs only.
    names = dict.fromkeys(name for row in history for name in row)
    writer = csv.DictWriter(stream, list(names))
    writer.writeheader()
    writer.writerows(history)
    return stream.getvalue().encode()


def read_learning_rate(model: keras.Model) -> float:
    """Returns the learning rate of the next step.

    With a schedule `optimizer.learning_rate` is not used: on JAX, each read
    compiles it anew and keeps 1.3 MB.

    Args:
        model: compiled by `compile_model`.
    """
    optimizer: Any = model.optimizer
    rate = optimizer.get_config().get("learning_rate")
    schedule = rate.get("config", {}) if isinstance(rate, dict) else {}
    if "warmup_target" not in schedule:  # a callback's own optimizer, perhaps
        found: Any = keras.ops.convert_to_numpy(optimizer.learning_rate)
        return float(found)
    step = int(np.asarray(keras.ops.convert_to_numpy(optimizer.iterations)))
    low, high = schedule["initial_learning_rate"], schedule["warmup_target"]
    warmup = schedule["warmup_steps"]
    if step < warmup:
        return low + (high - low) * step / warmup
    part = min(1.0, (step - warmup) / schedule["decay_steps"])
    return high * 0.5 * (1 + math.cos(math.pi * part))
