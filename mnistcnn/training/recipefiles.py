"""What a run needs before its first epoch: settings, checkpoint, card."""

import dataclasses
import json

from mnistcnn.artifact import inspect_artifact
from mnistcnn.backends import choose_precision
from mnistcnn.data import Dataset
from mnistcnn.errors import ConfigError
from mnistcnn.training.checkpoint import Progress, load_checkpoint
from mnistcnn.training.config import TrainConfig, fill_defaults
from mnistcnn.training.stages import find_stage


def settle(config: TrainConfig, model, teacher) -> TrainConfig:
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


def begin(config: TrainConfig, data: Dataset) -> Progress:
    """Of a run that has not begun: nothing is done."""
    # As JSON gives it back, which has no tuples.
    settings = json.loads(json.dumps(dataclasses.asdict(config)))
    return Progress(settings, data.digest)


def resume_run(run, model, stopping, expected: Progress) -> Progress:
    """Puts a model to where its run was cut.

    Args:
        run: its directory.
        model: compiled.
        stopping: the run's early stopping, or `None`.
        expected: of `begin`.

    Returns:
        What has been done.

    Raises:
        ConfigError: the run differs, or its checkpoint is no such.
    """
    progress = load_checkpoint(run.state, model, stopping)
    begun = fill_defaults(progress.config)
    differing = [
        f"{name} was {begun[name]!r}, is {value!r}"
        for name, value in expected.config.items()
        # Another backend may go on: how it computes is not what it computes.
        if begun[name] != value and name not in ("engine", "precision")
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


def make_card(config, data: Dataset, progress, environment: dict) -> dict:
    """What an artifact says of the run that it comes from."""
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
