"""Training: epochs on a backend, callbacks, a directory, resuming."""

import csv
import dataclasses
import io
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mnistcnn import backends
from mnistcnn.augmentation import warp
from mnistcnn.backends import keras
from mnistcnn.callbacks import (
    BestArtifact,
    StopWhenDiverged,
    make_stopping,
)
from mnistcnn.checkpoint import Progress, load_checkpoint, save_checkpoint
from mnistcnn.data import Dataset
from mnistcnn.environment import (
    choose_precision,
    describe_environment,
    describe_memory,
)
from mnistcnn.epochs import make_epochs
from mnistcnn.errors import ConfigError
from mnistcnn.files import write_atomically, write_json
from mnistcnn.finishing import calibrate, share_none
from mnistcnn.fitting import compile_model
from mnistcnn.interruption import Interruption
from mnistcnn.mixture import split
from mnistcnn.model import build_model, seed_dropout
from mnistcnn.recipes import TrainConfig
from mnistcnn.rundir import RunDirectory, default_path


@dataclasses.dataclass(frozen=True, eq=False)
class TrainResult:
    """What a training run leaves.

    Args:
        model: the Keras model as it was at the end of training.
        history: one dict for each epoch: `epoch` (from 1), `accuracy`,
            `loss`, `learning_rate`, `seconds`, and `val_accuracy` and
            `val_loss` where a part was held out.
        path: the run directory.
        config: what it was trained by.
        sizes: how many images were for `train`, `validation`, `test`.
        timing: `import`, `build`, `first_step`, `epochs`, `steady_epoch`
            and `total`, in seconds.
        memory: `peak_host_bytes` and `peak_device_bytes`.
        environment: backend, versions, device.
    """

    model: "keras.Model"
    history: list[dict]
    path: Path
    config: TrainConfig
    sizes: dict[str, int]
    timing: dict
    memory: dict
    environment: dict

    @property
    def best(self) -> Path:
        """The best model of the run, as an artifact."""
        return self.path / "best.keras"


def train(
    config: TrainConfig,
    data: Dataset,
    *,
    out: str | Path | None = None,
    callbacks: Sequence = (),
    resume: bool = False,
    verbose: bool = True,
) -> TrainResult:
    """Trains the CNN on the current backend.

    The weights it starts from and the order of the batches come from NumPy:
    for the same seed all backends start at the same point and see the same
    batches, `default_rng([seed, epoch]).permutation(n)`.

    Args:
        config: how to train: `recipe("tutorial")`, or a `TrainConfig`.
        data: what on. The test set is not looked at.
        out: the run directory, by default `runs/<date-time>-<backend>`. It
            gets `best.keras`, `last/`, `history.csv` and `config.json`.
        callbacks: further Keras callbacks, called as `fit` would.
        resume: go on with the run in `out` after its last whole epoch.
        verbose: show progress bars.

    Returns:
        A `TrainResult`.

    Raises:
        ConfigError: `out` holds another run, or cannot be written.
        DataError: too few images.
        DivergedError: the loss became NaN or infinite.
        Interrupted: Ctrl-C or SIGTERM; `out` holds the last whole epoch.

    Example:
        >>> import tempfile
        >>> from mnistcnn import TrainConfig, load_data, train
        >>> result = train(TrainConfig(epochs=1), load_data("strokes",
        ...                limit=200), out=tempfile.mkdtemp() + "/run",
        ...                verbose=False)
        >>> result.best.name, len(result.history)
        ('best.keras', 1)
    """
    start = time.perf_counter()
    config = _settle(config)
    path = default_path(backends.name) if out is None else Path(out)
    with (
        RunDirectory(path, resume=resume) as run,
        Interruption() as interruption,
    ):
        parts = split(data, config)
        progress = Progress(dataclasses.asdict(config), data.digest)
        model = build_model(
            seed=config.seed,
            dropout=config.dropout,
            conv3=config.conv3,
            num_classes=len(data.classes) + bool(config.nondigits),
        )
        compile_model(model, config, num_images=len(parts[0]))
        stopping = make_stopping(config)
        if resume:
            progress = _resume(run, model, stopping, progress)
        else:
            write_json(run.config, progress.config)
        environment = describe_environment()
        card = _make_card(config, data, progress, environment)
        built = time.perf_counter()
        finish = share_none if config.nondigits else None
        # What calibrates must not choose as well: it would flatter itself.
        choose = not config.calibrate
        best = BestArtifact(run.best, card, progress, finish, choose)
        own = [StopWhenDiverged(), best]
        if stopping is not None:
            own.append(stopping)
        first_step = _run_epochs(
            model,
            parts,
            config,
            run=run,
            progress=progress,
            callbacks=[*own, *callbacks],
            verbose=verbose,
            check=interruption.check,
        )
        if config.calibrate:
            calibrate(run.best, *parts[2:])
    seconds = [row["seconds"] for row in progress.history]
    sizes = {"train": len(parts[0]), "validation": len(parts[2])}
    return TrainResult(
        model=model,
        history=progress.history,
        path=path,
        config=config,
        sizes={**sizes, "test": len(data.x_test)},
        timing={
            "import": backends.import_seconds,
            "build": built - start,
            "first_step": first_step,
            "epochs": seconds,
            # The first epoch compiles; one epoch alone is all there is.
            "steady_epoch": statistics.median(seconds[1:] or seconds),
            "total": time.perf_counter() - start,
        },
        memory=describe_memory(),
        environment=environment,
    )


def _run_epochs(
    model, parts, config, *, run, progress, callbacks, verbose, check
) -> float | None:
    """Trains until the end or a callback's word; returns `first_step`."""
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
        images, labels = _arrange(x, y, config, epoch)
        seed_dropout(model, config.seed, epoch)
        logs = epochs.run(
            images, labels, validation, epoch=epoch, verbose=verbose
        )
        logs["learning_rate"] = float(
            keras.ops.convert_to_numpy(model.optimizer.learning_rate)
        )
        logs["seconds"] = time.perf_counter() - begin
        hooks.on_epoch_end(epoch, logs)
        progress.history.append({"epoch": epoch + 1, **logs})
        write_atomically(run.history, _to_csv(progress.history))
        last = epoch + 1 == config.epochs
        progress.finished = model.stop_training or last
        save_checkpoint(run.state, model, stopping, progress)
        if progress.finished:
            break
    hooks.on_train_end()
    return epochs.first_step


def _arrange(x, y, config: TrainConfig, epoch: int):
    """The images and labels of an epoch, in its order, warped."""
    order = np.random.default_rng([config.seed, epoch]).permutation(len(x))
    images = x[order]
    if config.augment:
        # Another stream than the order's, so that either can change alone.
        rng = np.random.default_rng([config.seed, epoch, 1])
        images = warp(images, rng, strength=config.augment)
    return images[..., None], y[order]


def _settle(config: TrainConfig) -> TrainConfig:
    """The config with a precision instead of "auto"."""
    if config.precision != "auto":
        return config
    precision = "float32" if config.engine == "fit" else choose_precision()
    return dataclasses.replace(config, precision=precision)


def _resume(run, model, stopping, expected: Progress) -> Progress:
    progress = load_checkpoint(run.state, model, stopping)
    differing = [
        f"{name} was {progress.config.get(name)!r}, is {value!r}"
        for name, value in expected.config.items()
        # Another backend may go on: how it computes is not what it computes.
        if progress.config.get(name) != value
        and name not in ("engine", "precision")
    ]
    if progress.digest != expected.digest:
        differing.append("the data are others")
    if differing:
        raise ConfigError(
            f"{run.path} holds a run that differs: {'; '.join(differing)}. "
            "Expected the same options and data: pass those, or start a new "
            "run in another folder."
        )
    return progress


def _stopping_state(stopping) -> dict:
    names = ("wait", "best", "best_epoch", "best_weights")
    return {name: getattr(stopping, name, None) for name in names}


def _restore_stopping(stopping, state: dict) -> None:
    # EarlyStopping forgets at on_train_begin what a checkpoint gave it.
    if stopping is not None and state["best"] is not None:
        for name, value in state.items():
            setattr(stopping, name, value)


def _make_card(config, data: Dataset, progress, environment: dict) -> dict:
    return {
        "classes": list(data.classes),
        "recipe": config.recipe,
        "config": progress.config,
        "seed": config.seed,
        "data": {"name": data.name, "digest": progress.digest},
        "generated": data.generated,
        "environment": environment,
    }


def _to_csv(history: list[dict]) -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, history[0])
    writer.writeheader()
    writer.writerows(history)
    return stream.getvalue().encode()
