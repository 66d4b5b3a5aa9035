"""Trains one network of a run, or goes on where it was cut."""

import dataclasses
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt

from mnistcnn import backends
from mnistcnn.artifact import inspect_artifact
from mnistcnn.backends import describe_environment, keras
from mnistcnn.data import Dataset
from mnistcnn.errors import DivergedError
from mnistcnn.training.callbacks import (
    BestArtifact,
    StopWhenDiverged,
    make_stopping,
)
from mnistcnn.training.composition import Recipe
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.fitting import compile_model
from mnistcnn.training.heads import share_rejection
from mnistcnn.training.loop import Session, run_epochs
from mnistcnn.training.networks import build_network
from mnistcnn.training.pipeline import split
from mnistcnn.training.progress import Tracker
from mnistcnn.training.recipefiles import write_recipe
from mnistcnn.training.rundir import RunDirectory
from mnistcnn.training.teacher import Teacher


@dataclasses.dataclass(frozen=True)
class Task:
    """One training of a recipe.

    Args:
        config: how.
        number: of the step, from 1.
        target: the file of the best model.
        main: whether it is the recipe's last.
        start: the artifact to train on from; `None` for a new network.
        teacher: the artifact whose answers are learnt, if any.
    """

    config: TrainConfig
    number: int
    target: Path
    main: bool
    start: Path | None = None
    teacher: Path | None = None


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
    history: list[dict[str, Any]]
    initial: list[npt.NDArray[Any]]
    sizes: dict[str, int]
    timing: dict[str, Any]


@dataclasses.dataclass
class Trainer:
    """Trains the networks of a run, one after the other.

    Args:
        recipe: of the run.
        data: what on.
        directory: open.
        tracker: of the run's checkpoint.
        model: what the main training trains, in place of a new network.
        callbacks: of the user, for the main training.
        check: called between steps; it may raise to end the run.
        verbose: show progress bars.
    """

    recipe: Recipe
    data: Dataset
    directory: RunDirectory
    tracker: Tracker
    model: "keras.Sequential | None"
    callbacks: Sequence["keras.callbacks.Callback"]
    check: Callable[[], None]
    verbose: bool

    def train(self, task: Task) -> Trained:
        """Trains a network, or goes on with that.

        Args:
            task: what is trained.

        Raises:
            DivergedError: the loss became NaN or infinite.
        """
        begun = time.perf_counter()
        parts = split(self.data, task.config)
        sizes = {"train": len(parts[0]), "validation": len(parts[2])}
        teacher = None
        if task.teacher is not None:
            teacher = Teacher(task.teacher, self.data.classes)
        model = self._build(task)
        compile_model(model, task.config, num_images=sizes["train"])
        initial = model.get_weights()
        session = self._open(task, model, teacher)
        built = time.perf_counter()
        try:
            first_step = run_epochs(session, parts, teacher)
        except DivergedError as error:
            raise DivergedError(
                f"{error} {session.state} is from the last good epoch."
            ) from error
        history = session.progress.history
        seconds = [row["seconds"] for row in history]
        timing = {
            "import": backends.import_seconds,
            "build": built - begun,
            "first_step": first_step,
            "epochs": seconds,
            # The first epoch compiles; one epoch alone is all there is.
            "steady_epoch": statistics.median(seconds[1:] or seconds),
        }
        return Trained(model, history, initial, sizes, timing)

    def _build(self, task: Task) -> "keras.Sequential":
        if task.main and self.model is not None:
            return self.model
        start = None if task.start is None else inspect_artifact(task.start)
        return build_network(task.config, self.data, start)

    def _open(self, task: Task, model, teacher: Teacher | None) -> Session:
        """The training under way, its model put to where it was cut."""
        config = task.config
        stopping = make_stopping(config)
        progress = self.tracker.restore(task.number, model, stopping)
        best = BestArtifact(
            task.target,
            self._describe(task, teacher),
            progress,
            finish=share_rejection if config.generated_nondigits else None,
            choose=config.keep == "best",
        )
        own = [StopWhenDiverged(), best]
        own += [] if stopping is None else [stopping]
        history = self.directory.history
        return Session(
            model=model,
            config=config,
            progress=progress,
            callbacks=[*own, *(self.callbacks if task.main else ())],
            history=history if task.main else task.target.with_suffix(".csv"),
            state=self.directory.state,
            check=self.check,
            verbose=self.verbose,
        )

    def _describe(self, task: Task, teacher: Teacher | None) -> dict[str, Any]:
        """What an artifact's card says of the training."""
        data, config = self.data, task.config
        card = {
            **self.recipe.card,
            "classes": list(data.classes),
            "recipe": config.recipe,
            "config": dataclasses.asdict(config),
            "seed": config.seed,
            "data": {"name": data.name, "digest": data.digest},
            "generated": data.generated,
            "environment": describe_environment(),
        }
        if data.about:
            card["data"]["about"] = data.about
        if len(self.recipe.steps) > 1:
            card["steps"] = write_recipe(self.recipe)["steps"]
        if teacher is not None:
            card["teacher"] = teacher.facts
        if task.start is not None:
            start = inspect_artifact(task.start)
            card["start"] = {
                "recipe": start.card.get("recipe"),
                "weights_sha256": start.weights_sha256,
            }
        return card
