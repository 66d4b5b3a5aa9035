"""Trains one network of a run, or goes on where it was cut."""

import dataclasses
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy.typing as npt

from mnistcnn import backends
from mnistcnn.artifact import inspect_artifact
from mnistcnn.backends import describe_environment, keras
from mnistcnn.data import Dataset
from mnistcnn.errors import ConfigError, DivergedError
from mnistcnn.training.callbacks import (
    BestArtifact,
    StopWhenDiverged,
    make_stopping,
)
from mnistcnn.training.checkpoint import (
    Progress,
    load_checkpoint,
    read_progress,
    save_progress,
)
from mnistcnn.training.composition import Recipe
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.fitting import compile_model
from mnistcnn.training.loop import Session, run_epochs
from mnistcnn.training.networks import build_network, share_rejection
from mnistcnn.training.pipeline import split
from mnistcnn.training.recipefiles import parse_recipe, write_recipe
from mnistcnn.training.rundir import RunDirectory
from mnistcnn.training.steps import name_kind
from mnistcnn.training.teacher import Teacher

# Another backend may go on: how it computes is not what it computes.
_MAY_DIFFER = ("engine", "precision")


@dataclasses.dataclass(frozen=True)
class Task:
    """One training of a recipe.

    Args:
        config: how.
        number: of the step, from 1.
        target: the file of the best model.
        main: whether it is the recipe's last.
    """

    config: TrainConfig
    number: int
    target: Path
    main: bool


@dataclasses.dataclass
class Trained:
    """What a training leaves in memory.

    Args:
        model: as it was at the end.
        history: one dict for each epoch.
        initial: the weights that it began with.
        sizes: how many images were for `train` and `validation`.
        timing: `import`, `build`, `first_step`, `epochs`, `steady_epoch`, in
            seconds.
    """

    model: "keras.Sequential"
    history: list[dict]
    initial: list[npt.NDArray]
    sizes: dict[str, int]
    timing: dict


class Trainer:
    """Trains the networks of a run, one after the other.

    Args:
        recipe: of the run.
        directory: open.
        model: what the main training trains, in place of a new network.
        callbacks: of the user, for the main training.
        verbose: show progress bars.
        check: called between steps; it may raise to end the run.
    """

    def __init__(
        self,
        recipe: Recipe,
        directory: RunDirectory,
        *,
        model: "keras.Sequential | None",
        callbacks: Sequence["keras.callbacks.Callback"],
        verbose: bool,
        check: Callable[[], None],
    ):
        self._recipe = recipe
        self._directory = directory
        self._model = model
        self._callbacks = callbacks
        self.verbose = verbose
        self._check = check
        # Of the training that the checkpoint is of.
        self._progress: Progress | None = None

    def begin(self, data: Dataset, number: int = 1) -> Progress:
        """Writes that a training begins.

        Args:
            data: of the run.
            number: of the step.
        """
        written = write_recipe(self._recipe)
        self._progress = Progress(written, data.digest, number)
        save_progress(self._directory.state, self._progress)
        return self._progress

    def resume(self, data: Dataset) -> int:
        """Reads how far the run in the directory has come.

        Args:
            data: of the run.

        Returns:
            The number of the step to go on with.

        Raises:
            ConfigError: it is of another recipe or other data, or its
                checkpoint is damaged.
        """
        self._progress = read_progress(self._directory.state)
        begun = parse_recipe(self._progress.recipe)
        differing = _list_differences(begun, self._recipe)
        if self._progress.digest != data.digest:
            differing.append("the data are others")
        if differing:
            raise ConfigError(
                f"{self._directory.path} holds a run that differs: "
                f"{'; '.join(differing)}. Expected the same options and "
                "data: pass those, or start a new run in another folder."
            )
        return self._progress.step

    def train(
        self,
        task: Task,
        data: Dataset,
        *,
        start: Path | None,
        teacher: Path | None,
    ) -> Trained:
        """Trains a network, or goes on with that.

        Args:
            task: what is trained.
            data: what on.
            start: the artifact to train on from, if any.
            teacher: the artifact whose answers are learnt, if any.

        Raises:
            DivergedError: the loss became NaN or infinite.
        """
        begun = time.perf_counter()
        config = task.config
        parts = split(data, config)
        sizes = {"train": len(parts[0]), "validation": len(parts[2])}
        card: dict = dict(self._recipe.card)
        taught = None
        if teacher is not None:
            taught = Teacher(teacher, data.classes)
            card["teacher"] = taught.facts
        before = None if start is None else inspect_artifact(start)
        if before is not None:
            card["start"] = {
                "recipe": before.card.get("recipe"),
                "weights_sha256": before.weights_sha256,
            }
        model = self._model if task.main else None
        if model is None:
            model = build_network(config, data, before)
        compile_model(model, config, num_images=sizes["train"])
        initial = model.get_weights()
        stopping = make_stopping(config)
        progress = self._restore(task, data, model, stopping)
        card |= self._describe(config, data)
        best = BestArtifact(
            task.target,
            card,
            progress,
            share_rejection if config.generated_nondigits else None,
            config.keep == "best",
        )
        own = [StopWhenDiverged(), best]
        own += [] if stopping is None else [stopping]
        session = Session(
            model=model,
            config=config,
            progress=progress,
            callbacks=[*own, *(self._callbacks if task.main else ())],
            history=self._find_history(task),
            state=self._directory.state,
            check=self._check,
            verbose=self.verbose,
        )
        built = time.perf_counter()
        try:
            first_step = run_epochs(session, parts, taught)
        except DivergedError as error:
            raise DivergedError(
                f"{error} {session.state} is from the last good epoch."
            ) from error
        seconds = [row["seconds"] for row in progress.history]
        timing = {
            "import": backends.import_seconds,
            "build": built - begun,
            "first_step": first_step,
            "epochs": seconds,
            # The first epoch compiles; one epoch alone is all there is.
            "steady_epoch": statistics.median(seconds[1:] or seconds),
        }
        return Trained(model, progress.history, initial, sizes, timing)

    def _restore(self, task: Task, data: Dataset, model, stopping) -> Progress:
        """What has been done of a training; the model is put to there."""
        if self._progress is None or self._progress.step != task.number:
            return self.begin(data, task.number)
        if not self._progress.history:
            return self._progress
        self._progress = load_checkpoint(self._directory.state, model, stopping)
        return self._progress

    def _find_history(self, task: Task) -> Path:
        if task.main:
            return self._directory.history
        name = f"{task.number}-{name_kind(self._step(task))}.csv"
        return self._directory.steps / name

    def _step(self, task: Task):
        return self._recipe.steps[task.number - 1]

    def _describe(self, config: TrainConfig, data: Dataset) -> dict:
        """What an artifact's card says of the training."""
        about = {"about": data.about} if data.about else {}
        card = {
            "classes": list(data.classes),
            "recipe": config.recipe,
            "config": dataclasses.asdict(config),
            "seed": config.seed,
            "data": {"name": data.name, "digest": data.digest} | about,
            "generated": data.generated,
            "environment": describe_environment(),
        }
        if len(self._recipe.steps) > 1:
            card["steps"] = write_recipe(self._recipe)["steps"]
        return card


def _list_differences(begun: Recipe, now: Recipe) -> list[str]:
    """What is not the same in two recipes, each in a few words."""
    kinds = [[name_kind(step) for step in r.steps] for r in (begun, now)]
    if kinds[0] != kinds[1]:
        old, new = (", ".join(each) for each in kinds)
        return [f"its steps were {old}, are {new}"]
    found = []
    for old, new in zip(begun.steps, now.steps, strict=True):
        fields = zip(_list_fields(old), _list_fields(new), strict=True)
        found += [
            f"{name} was {before!r}, is {after!r}"
            for (name, before), (_, after) in fields
            if before != after and name not in _MAY_DIFFER
        ]
    return found


def _list_fields(step) -> list[tuple[str, object]]:
    """A step's fields, those of its config among them."""
    found: list[tuple[str, object]] = []
    for field in dataclasses.fields(step):
        value = getattr(step, field.name)
        if isinstance(value, TrainConfig):
            found += _list_fields(value)
        elif field.compare:
            found.append((field.name, value))
    return found
