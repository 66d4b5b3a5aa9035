"""The epochs of a run: callbacks, history, a checkpoint after each."""

import csv
import io
import time

import numpy as np

from mnistcnn.backends import keras
from mnistcnn.data import warp
from mnistcnn.files import write_atomically
from mnistcnn.network import seed_dropout
from mnistcnn.training.averaging import averaged, swap_average
from mnistcnn.training.checkpoint import save_checkpoint
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.epochs import make_epochs
from mnistcnn.training.fitting import read_learning_rate


def run_epochs(
    model,
    parts,
    config,
    *,
    run,
    progress,
    callbacks,
    verbose,
    check,
    teacher=None,
) -> float | None:
    """Trains until the last epoch, or until a callback stops it.

    Args:
        model: compiled.
        parts: `x_train, y_train, x_validation, y_validation`.
        config: how to train.
        run: the run directory; its history and state are written.
        progress: what has been done; it is kept up to date.
        callbacks: of the run.
        verbose: show progress bars.
        check: called between steps; it may raise to end the run.
        teacher: a `Teacher`, or `None` to learn from the labels.

    Returns:
        The seconds that the first step took, or `None` where no epoch ran.
    """
    x, y, x_val, y_val = parts
    validation = (x_val[..., None], y_val) if len(x_val) else None
    epochs = make_epochs(model, config, callbacks, check)
    stopping = next(
        (c for c in callbacks if isinstance(c, keras.callbacks.EarlyStopping)),
        None,
    )
    hooks = keras.callbacks.CallbackList(
        list(callbacks),
        model=model,
        epochs=config.epochs,
        steps=-(-len(x) // config.batch_size),
        verbose=int(verbose),
    )
    kept = _stopping_state(stopping)
    hooks.on_train_begin()
    _restore_stopping(stopping, kept)
    model.stop_training = False
    first = config.epochs if progress.finished else len(progress.history)
    for epoch in range(first, config.epochs):
        check()
        begin = time.perf_counter()
        hooks.on_epoch_begin(epoch)
        images, targets = _arrange(x, y, config, epoch)
        if teacher is not None:
            targets = teacher.answer(
                images, targets, num_outputs=model.output_shape[-1]
            )
        seed_dropout(model, config.seed, epoch)
        logs = epochs.run(
            images, targets, validation, epoch=epoch, verbose=verbose
        )
        logs["learning_rate"] = read_learning_rate(model)
        logs["seconds"] = time.perf_counter() - begin
        # What was validated is what callbacks keep.
        with averaged(model):
            hooks.on_epoch_end(epoch, logs)
        progress.history.append({"epoch": epoch + 1, **logs})
        write_atomically(run.history, _to_csv(progress.history))
        last = epoch + 1 == config.epochs
        progress.finished = model.stop_training or last
        save_checkpoint(run.state, model, stopping, progress)
        if progress.finished:
            break
    swap_average(model)
    hooks.on_train_end()
    return epochs.first_step


def _arrange(x, y, config: TrainConfig, epoch: int):
    """The images and labels of an epoch, in its order, warped."""
    order = np.random.default_rng([config.seed, epoch]).permutation(len(x))
    images = x[order]
    if config.augment or config.elastic:
        # Another stream than the order's, so that either can change alone.
        rng = np.random.default_rng([config.seed, epoch, 1])
        images = warp(
            images, rng, strength=config.augment, elastic=config.elastic
        )
    return images[..., None], y[order]


def _stopping_state(stopping) -> dict:
    names = ("wait", "best", "best_epoch", "best_weights")
    return {name: getattr(stopping, name, None) for name in names}


def _restore_stopping(stopping, state: dict) -> None:
    # EarlyStopping forgets at on_train_begin what a checkpoint gave it.
    if stopping is not None and state["best"] is not None:
        for name, value in state.items():
            setattr(stopping, name, value)


def _to_csv(history: list[dict]) -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, history[0])
    writer.writeheader()
    writer.writerows(history)
    return stream.getvalue().encode()
