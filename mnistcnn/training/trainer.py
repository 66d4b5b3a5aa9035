"""Trains one network of a run, or resumes an interrupted training."""

import dataclasses
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt

from mnistcnn import backends
from mnistcnn.artifact import Artifact, inspect_artifact
from mnistcnn.backends import Group, keras
from mnistcnn.data import Dataset
from mnistcnn.errors import DivergedError
from mnistcnn.training.callbacks import (
    BestArtifact,
    StopWhenDiverged,
    make_stopping,
)
from mnistcnn.training.cards import describe_training, name_engine
from mnistcnn.training.checkpoint import load_checkpoint
from mnistcnn.training.composition import Recipe
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.epochs import make_epochs
from mnistcnn.training.fitting import compile_model
from mnistcnn.training.freezing import follow_layers
from mnistcnn.training.heads import share_rejection
from mnistcnn.training.loop import Session, run_epochs
from mnistcnn.training.networks import build_network, check_model
from mnistcnn.training.pipeline import split
from mnistcnn.training.progress import Tracker
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
        start: the artifact to start from; `None` for a new network.
        teacher: the artifact to distil, if any.
    """

    config: TrainConfig
    number: int
    target: Path
    main: bool
    start: Path | None = None
    teacher: Path | None = None


@dataclasses.dataclass
class Trained:
    """The result of a training in memory.

    Args:
        model: as it was at the end.
        history: one dict for each epoch.
        initial: the weights at the start.
        sizes: how many images were for `train` and `validation`.
        timing: `import`, `build`, `first_step`, `epochs`, `steady_epoch`, in
            seconds; and `engine`, `precision` and `devices`.
        config: with the engine and the precision that were used.
    """

    model: "keras.Sequential"
    history: list[dict[str, Any]]
    initial: list[npt.NDArray[Any]]
    sizes: dict[str, int]
    timing: dict[str, Any]
    config: TrainConfig


@dataclasses.dataclass
class Trainer:
    """Trains the networks of a run, one after the other.

    Args:
        recipe: of the run.
        data: to train on.
        directory: open.
        tracker: of the run's checkpoint.
        model: for the main training, in place of a new network.
        callbacks: of the user, for the main training.
        check: called between steps; it may raise to end the run.
        verbose: show progress bars.
        group: of devices.
    """

    recipe: Recipe
    data: Dataset
    directory: RunDirectory
    tracker: Tracker
    model: "keras.Sequential | None"
    callbacks: Sequence["keras.callbacks.Callback"]
    check: Callable[[], None]
    verbose: bool
    group: Group

    def train(self, task: Task) -> Trained:
        """Trains a network, or resumes its training.

        Args:
            task: the training.

        Raises:
            DivergedError: the loss became NaN or infinite.
        """
        begun = time.perf_counter()
        samples = split(self.data, task.config, self.check)
        sizes = {"train": len(samples), "validation": len(samples.x_held)}
        # An engine pads the last batch to a whole one.
        most = min(task.config.batch_size, sizes["train"])
        config = dataclasses.replace(task.config, batch_size=most)
        task = dataclasses.replace(task, config=config)
        teacher = task.teacher and Teacher(task.teacher, self.data.classes)
        start = None if task.start is None else inspect_artifact(task.start)
        model = self._build(task, start)
        compile_model(model, task.config, num_images=sizes["train"])
        initial = model.get_weights()
        session = self._open(task, model)
        card = describe_training(
            self.recipe, self.data, session.epochs, start, teacher
        )
        best = BestArtifact(
            task.target,
            card,
            session.progress,
            finish=(share_rejection if task.config.nondigits else None),
            choose=task.config.keep == "best",
        )
        session.callbacks = [StopWhenDiverged(), best, *session.callbacks]
        built = time.perf_counter()
        try:
            run_epochs(session, samples, teacher)
        except DivergedError as error:
            raise DivergedError(
                f"{error} {session.state} is from the last good epoch."
            ) from error
        # A callback that froze layers may have changed the engine.
        used = session.epochs
        history = session.progress.history
        seconds = [row["seconds"] for row in history]
        timing = {
            "import": backends.import_seconds,
            "build": built - begun,
            "first_step": used.first_step,
            "epochs": seconds,
            # Without the first epoch, which compiles, unless it is the only
            # one.
            "steady_epoch": statistics.median(seconds[1:] or seconds),
            "engine": name_engine(used),
            "precision": used.config.precision,
            "devices": self.group.size,
        }
        return Trained(model, history, initial, sizes, timing, used.config)

    def _build(self, task: Task, start: Artifact | None) -> "keras.Sequential":
        if task.main and self.model is not None:
            return check_model(self.model, task.config, self.data)
        return build_network(task.config, self.data, start)

    def _open(self, task: Task, model) -> Session:
        """Makes the session, with the user's callbacks and early stopping."""
        config = task.config
        stopping = make_stopping(config)
        callbacks: list[keras.callbacks.Callback] = []
        callbacks += [] if stopping is None else [stopping]
        callbacks += self.callbacks if task.main else ()
        history = self.directory.history

        def restore() -> list[dict[str, Any]]:
            return load_checkpoint(
                self.directory.state, model, lambda: follow_layers(model)
            )

        return Session(
            model=model,
            config=config,
            epochs=make_epochs(
                model, config, callbacks, self.check, self.group
            ),
            progress=self.tracker.find(task.number),
            restore=restore,
            callbacks=callbacks,
            history=history if task.main else task.target.with_suffix(".csv"),
            state=self.directory.state,
            check=self.check,
            verbose=self.verbose,
            group=self.group,
        )
