"""A run: walks a recipe's steps in a directory, and goes on after a cut."""

import dataclasses
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from mnistcnn import backends
from mnistcnn.artifact import Artifact, inspect_artifact, rebuild, save_artifact
from mnistcnn.backends import (
    choose_precision,
    describe_environment,
    describe_memory,
    keras,
)
from mnistcnn.data import Dataset
from mnistcnn.files import write_atomically, write_json
from mnistcnn.training.composition import Recipe, as_recipe
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.interruption import Interruption
from mnistcnn.training.networks import predict
from mnistcnn.training.recipefiles import write_recipe
from mnistcnn.training.recipes import teach
from mnistcnn.training.result import TrainResult
from mnistcnn.training.rundir import RunDirectory, default_path
from mnistcnn.training.steps import describe, find_config, name_kind
from mnistcnn.training.trainer import Task, Trained, Trainer


def train(
    config: TrainConfig | Recipe,
    data: Dataset,
    *,
    model: "keras.Sequential | None" = None,
    teacher: str | Path | None = None,
    out: str | Path | None = None,
    callbacks: Sequence["keras.callbacks.Callback"] = (),
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
        model: what the first training trains, in place of a new network; a
            run is resumed with the same.
        teacher: a network to learn from: a recipe's name, or an artifact's
            file, which ends in `.keras`.
        out: the run directory, by default `runs/<date-time>-<backend>`. It
            gets `best.keras`, `last/`, `history.csv` and `config.json`, and
            in `steps/` what each finished step left, where there are several.
        callbacks: further Keras callbacks, called as `fit` would in the last
            training.
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
    begun = time.perf_counter()
    recipe = as_recipe(config)
    if teacher is not None:
        recipe = teach(recipe, str(teacher))
    recipe = recipe.map_configs(_settle_precision)
    path = default_path(backends.name) if out is None else Path(out)
    with (
        RunDirectory(path, resume=resume) as directory,
        Interruption() as interruption,
    ):
        trainer = Trainer(
            recipe,
            directory,
            model=model,
            callbacks=callbacks,
            verbose=verbose,
            check=interruption.check,
        )
        run = Run(recipe, data, directory, trainer)
        trained = run.walk(resume=resume)
    timing = trained.timing | {"total": time.perf_counter() - begun}
    return TrainResult(
        model=trained.model,
        history=trained.history,
        path=path,
        config=recipe.config,
        sizes=trained.sizes | {"test": len(data.x_test)},
        timing=timing,
        memory=describe_memory(),
        environment=describe_environment(),
    )


def _settle_precision(config: TrainConfig) -> TrainConfig:
    if config.precision != "auto":
        return config
    precision = "float32" if config.engine == "fit" else choose_precision()
    return dataclasses.replace(config, precision=precision)


class Run:
    """What a step asks of the run: training, and where its artifact goes.

    Args:
        recipe: its precisions settled.
        data: what on.
        directory: open.
        trainer: of the networks.
    """

    def __init__(
        self,
        recipe: Recipe,
        data: Dataset,
        directory: RunDirectory,
        trainer: Trainer,
    ):
        self._recipe = recipe
        self._data = data
        self._directory = directory
        self._trainer = trainer
        self._number = 0  # of the step under way, from 1
        self._trained: Trained | None = None

    def walk(self, *, resume: bool) -> Trained:
        """Walks the steps, from the first that is not finished on.

        A training before that is asked again, and finds itself finished: the
        steps behind it may need what it began with.

        Returns:
            What the last training left; `best.keras` is the last step's.
        """
        steps = self._recipe.steps
        first = 1
        if resume:
            first = self._trainer.resume(self._data)
        else:
            # First, so that every folder with a config can be resumed.
            self._trainer.begin(self._data)
            write_json(self._directory.config, write_recipe(self._recipe))
        begun, before = time.perf_counter(), 0.0
        artifact = self.artifact(first - 1)
        for number, step in enumerate(steps[first - 1 :], first):
            self._number = number
            trains = find_config((step,)) is not None
            if not trains and self._kept.is_file():
                artifact = self._kept
                continue
            if trains:
                before = time.perf_counter() - begun
            if self._trainer.verbose and len(steps) > 1:
                said = f"Step {number} of {len(steps)}: {describe(step)}"
                sys.stdout.write(f"{said}\n")
            artifact = step.apply(artifact, self._data, self)
            if artifact == self._directory.best and number < len(steps):
                artifact = self.copy(artifact)
        assert self._trained is not None and artifact is not None
        if artifact != self._directory.best:
            write_atomically(self._directory.best, artifact.read_bytes())
        self._trained.timing["before"] = before
        return self._trained

    # === What steps ask for ===

    @property
    def config(self) -> TrainConfig:
        """The config of the training before the step under way."""
        config = find_config(self._recipe.steps[: self._number - 1])
        assert config is not None  # Recipe has seen to it
        return config

    @property
    def initial(self) -> list:
        """The weights that the training before the step began with."""
        assert self._trained is not None
        return self._trained.initial

    def artifact(self, number: int) -> Path | None:
        """What a step left.

        Args:
            number: of the step, from 1; 0 for none.
        """
        return self._path(number) if number else None

    def train(
        self,
        config: TrainConfig,
        data: Dataset,
        *,
        start: Path | None = None,
        teacher: Path | None = None,
    ) -> Path:
        """Trains a network, or goes on with that.

        Args:
            config: how.
            data: what on.
            start: the artifact to train on from; `None` for a new network.
            teacher: the artifact whose answers are learnt, if any.

        Returns:
            The best model, as an artifact.
        """
        main = find_config(self._recipe.steps[self._number :]) is None
        target = self._directory.best if main else self._kept
        task = Task(config, self._number, target, main=main)
        self._trained = self._trainer.train(
            task, data, start=start, teacher=teacher
        )
        return target

    def predict(self, artifact: Artifact, pixels):
        """What an artifact answers; see `networks.predict`."""
        return predict(artifact, pixels)

    def save(self, artifact: Artifact, facts: dict) -> Path:
        """Writes the artifact of the step under way.

        Args:
            artifact: its layers and weights, and the card so far.
            facts: what the card is to say besides.
        """
        card = {**artifact.card, **facts}
        return save_artifact(rebuild(artifact), self._kept, card=card)

    def copy(self, path: Path) -> Path:
        """Makes a file the artifact of the step under way."""
        inspect_artifact(path)
        if not self._kept.is_file():
            write_atomically(self._kept, path.read_bytes())
        return self._kept

    @property
    def _kept(self) -> Path:
        return self._path(self._number)

    def _path(self, number: int) -> Path:
        kind = name_kind(self._recipe.steps[number - 1])
        return self._directory.steps / f"{number}-{kind}.keras"
