"""Training: epochs on a backend, callbacks, a directory, resuming."""

import dataclasses
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from mnistcnn import backends
from mnistcnn.artifact import inspect_artifact
from mnistcnn.backends import keras
from mnistcnn.blending import blend, learn_doubt, start_from
from mnistcnn.callbacks import (
    BestArtifact,
    StopWhenDiverged,
    make_stopping,
)
from mnistcnn.checkpoint import Progress, load_checkpoint, save_checkpoint
from mnistcnn.data import Dataset
from mnistcnn.distillation import Teacher
from mnistcnn.environment import (
    choose_precision,
    describe_environment,
    describe_memory,
)
from mnistcnn.errors import ConfigError, DivergedError
from mnistcnn.files import write_json
from mnistcnn.finishing import calibrate, share_none
from mnistcnn.fitting import compile_model
from mnistcnn.interruption import Interruption
from mnistcnn.loop import run_epochs
from mnistcnn.mixture import split
from mnistcnn.model import build_model
from mnistcnn.rundir import RunDirectory, default_path
from mnistcnn.stages import find_stage, run_stage
from mnistcnn.trainconfig import TrainConfig
from mnistcnn.trainresult import TrainResult


def train(
    config: TrainConfig,
    data: Dataset,
    *,
    model: "keras.Sequential | None" = None,
    teacher: str | Path | None = None,
    card: dict | None = None,
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
        model: what to train, in place of a new network; its weights have to
            be those that `config.start` names if the run is to be resumed.
        teacher: the artifact of a network to learn from, in place of one
            that `config.teacher` would have trained.
        card: what the artifact's card is to say besides.
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
    config = _settle(config, model, teacher)
    given = model
    path = default_path(backends.name) if out is None else Path(out)
    with (
        RunDirectory(path, resume=resume) as run,
        Interruption() as interruption,
    ):
        parts = split(data, config)
        # As JSON gives it back, which has no tuples.
        settings = json.loads(json.dumps(dataclasses.asdict(config)))
        progress = Progress(settings, data.digest)
        if model is None:
            model = build_model(
                config.model,
                seed=config.seed,
                dropout=config.dropout,
                num_classes=len(data.classes) + bool(config.nondigits),
                filters=config.filters,
            )
        compile_model(model, config, num_images=len(parts[0]))
        stopping = make_stopping(config)
        initial = model.get_weights()
        if resume:
            progress = _resume(run, model, stopping, progress)
        else:
            # First, so that every folder with a config can be resumed.
            save_checkpoint(run.state, model, stopping, progress)
            write_json(run.config, progress.config)
        if config.teacher and not progress.finished:
            if teacher is None:
                teacher = run_stage(
                    train, config, data, "teacher", out=path, verbose=verbose
                )
            teacher = Teacher(teacher, data.classes)
            card = {**(card or {}), "teacher": teacher.facts}
        if config.start and given is None:
            artifact = run_stage(
                train, config, data, "start", out=path, verbose=verbose
            )
            initial, facts = _start(model, artifact, progress)
            card = {**(card or {}), "start": facts}
        environment = describe_environment()
        own_card = _make_card(config, data, progress, environment)
        card = {**(card or {}), **own_card}
        built = time.perf_counter()
        finish = share_none if config.nondigits else None
        # What calibrates must not choose as well: it would flatter itself.
        choose = not config.calibrate
        best = BestArtifact(run.best, card, progress, finish, choose)
        own = [StopWhenDiverged(), best]
        if stopping is not None:
            own.append(stopping)
        try:
            first_step = run_epochs(
                model,
                parts,
                config,
                run=run,
                progress=progress,
                callbacks=[*own, *callbacks],
                verbose=verbose,
                check=interruption.check,
                teacher=teacher,
            )
        except DivergedError as error:
            raise DivergedError(
                f"{error} {run.state} is from the last good epoch."
            ) from error
        if config.blend < 1:
            blend(run.best, initial, config.blend)
            if config.nondigits and given is None:
                learn_doubt(run.best, *parts[:2], config)
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


def _settle(config: TrainConfig, model, teacher) -> TrainConfig:
    """The config with the teacher's name, and a precision for "auto"."""
    # What is wrong is said before anything is written.
    if config.start and model is None:
        find_stage(config, "start")
    if config.blend < 1 and not config.start:
        raise ConfigError(
            f"blend is {config.blend} but start is empty. There is nothing "
            'to blend with: set start to "best", or blend to 1.'
        )
    if teacher is not None:
        digest = inspect_artifact(teacher).weights_sha256
        config = dataclasses.replace(config, teacher=digest)
    elif config.teacher:
        find_stage(config, "teacher")
    if config.precision != "auto":
        return config
    precision = "float32" if config.engine == "fit" else choose_precision()
    return dataclasses.replace(config, precision=precision)


def _start(model, path: Path, progress: Progress) -> tuple[list, dict]:
    """Gives a model that has not begun an artifact's weights.

    Returns:
        Those weights, and what the card is to say of them.
    """
    artifact, now = inspect_artifact(path), model.get_weights()
    start_from(model, artifact)
    weights = model.get_weights()
    if progress.history:
        model.set_weights(now)
    facts = {
        "recipe": artifact.card["recipe"],
        "weights_sha256": artifact.weights_sha256,
    }
    return weights, facts


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


def _make_card(config, data: Dataset, progress, environment: dict) -> dict:
    return {
        "classes": list(data.classes),
        "recipe": config.recipe,
        "config": progress.config,
        "seed": config.seed,
        "data": {"name": data.name, "digest": progress.digest}
        | ({"about": data.about} if data.about else {}),
        "generated": data.generated,
        "environment": environment,
    }
