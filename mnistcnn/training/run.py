"""Training: epochs on a backend, callbacks, a directory, resuming."""

import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from mnistcnn import backends
from mnistcnn.artifact import inspect_artifact
from mnistcnn.backends import describe_environment, describe_memory, keras
from mnistcnn.data import Dataset
from mnistcnn.errors import DivergedError
from mnistcnn.files import write_json
from mnistcnn.network import build_model
from mnistcnn.training.blending import blend, learn_doubt, start_from
from mnistcnn.training.callbacks import (
    BestArtifact,
    StopWhenDiverged,
    make_stopping,
)
from mnistcnn.training.checkpoint import Progress, save_checkpoint
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.distillation import Teacher
from mnistcnn.training.finishing import calibrate, share_none
from mnistcnn.training.fitting import compile_model
from mnistcnn.training.interruption import Interruption
from mnistcnn.training.loop import run_epochs
from mnistcnn.training.mixture import split
from mnistcnn.training.preparing import begin, make_card, resume_run, settle
from mnistcnn.training.result import TrainResult
from mnistcnn.training.rundir import RunDirectory, default_path
from mnistcnn.training.stages import run_stage


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
    config = settle(config, model, teacher)
    given = model
    path = default_path(backends.name) if out is None else Path(out)
    with (
        RunDirectory(path, resume=resume) as run,
        Interruption() as interruption,
    ):
        parts = split(data, config)
        progress = begin(config, data)
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
            progress = resume_run(run, model, stopping, progress)
        else:
            # First, so that every folder with a config can be resumed.
            save_checkpoint(run.state, model, stopping, progress)
            write_json(run.config, progress.config)
        begun = time.perf_counter()
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
        before = time.perf_counter() - begun
        environment = describe_environment()
        own_card = make_card(config, data, progress, environment)
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
                # The network that it is blended with had no such class.
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
            "build": built - start - before,
            "before": before,
            "first_step": first_step,
            "epochs": seconds,
            # The first epoch compiles; one epoch alone is all there is.
            "steady_epoch": statistics.median(seconds[1:] or seconds),
            "total": time.perf_counter() - start,
        },
        memory=describe_memory(),
        environment=environment,
    )


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
