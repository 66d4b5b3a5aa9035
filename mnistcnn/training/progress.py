"""The progress of a run: step, epoch and recipe."""

import dataclasses

from mnistcnn.errors import CheckpointError, ConfigError
from mnistcnn.training.composition import Recipe
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.recipefiles import parse_recipe, write_recipe
from mnistcnn.training.rundir import RunDirectory
from mnistcnn.training.state import Progress, read_progress, write_state
from mnistcnn.training.steps import Step, name_kind

# Another backend may resume a run: these fields decide how it is computed, not
# what.
_MAY_DIFFER = ("engine", "precision")


class Tracker:
    """Keeps the checkpoint of a run's current training.

    Args:
        recipe: of the run.
        directory: open.
        digest: of the data.
    """

    def __init__(self, recipe: Recipe, directory: RunDirectory, digest: str):
        self._recipe = recipe
        self._directory = directory
        self._digest = digest
        self._progress: Progress | None = None

    def begin(self, number: int) -> Progress:
        """Records that a step's training begins.

        Args:
            number: of the step, from 1.
        """
        written = write_recipe(self._recipe)
        self._progress = Progress(written, self._digest, number)
        write_state(self._directory.state, {}, self._progress)
        return self._progress

    def resume(self) -> int:
        """Reads the progress of the run in the directory.

        Returns:
            The number of the step to resume.

        Raises:
            ConfigError: it is of another recipe or other data, or its
                checkpoint is damaged.
        """
        self._progress = read_progress(self._directory.state)
        begun = self._parse(self._progress)
        differing = _list_differences(begun, self._recipe)
        if self._progress.digest != self._digest:
            differing.append("the data are different")
        if differing:
            raise ConfigError(
                f"{self._directory.path} holds a run that differs: "
                f"{'; '.join(differing)}. Expected the same options and "
                "data: pass those, or start a new run in another folder."
            )
        return self._progress.step

    def _parse(self, progress: Progress) -> Recipe:
        """Parses the recipe of a checkpoint."""
        path = self._directory.state
        try:
            begun = parse_recipe(progress.recipe, where=str(path))
        except ConfigError:
            raise
        # Untrusted input: fields of a modified file may have any type.
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise CheckpointError(
                f"{path} holds an invalid recipe ({error}). Expected what "
                "train wrote: start a new run in another folder."
            ) from error
        if not 1 <= progress.step <= len(begun.steps):
            raise CheckpointError(
                f"{path} is at step {progress.step}, of a recipe of "
                f"{len(begun.steps)} steps. Expected one of these: start a new "
                "run in another folder."
            )
        return begun

    def find(self, number: int) -> Progress:
        """Returns the progress of a step's training; empty if not begun.

        Args:
            number: of the step, from 1.
        """
        if self._progress is None or self._progress.step != number:
            return self.begin(number)
        return self._progress


def _list_differences(begun: Recipe, now: Recipe) -> list[str]:
    """Lists the differences of two recipes, each in a few words."""
    kinds = [[name_kind(step) for step in r.steps] for r in (begun, now)]
    if kinds[0] != kinds[1]:
        old, new = (", ".join(each) for each in kinds)
        return [f"its steps were {old}, now they are {new}"]
    found = []
    for old, new in zip(begun.steps, now.steps, strict=True):
        fields = zip(_list_fields(old), _list_fields(new), strict=True)
        found += [
            f"{name} was {before!r}, now it is {after!r}"
            for (name, before), (_, after) in fields
            if before != after and name not in _MAY_DIFFER
        ]
    return found


def _list_fields(step: Step | TrainConfig) -> list[tuple[str, object]]:
    """Lists a step's fields, including those of its config."""
    found: list[tuple[str, object]] = []
    for field in dataclasses.fields(step):
        value = getattr(step, field.name)
        if isinstance(value, TrainConfig):
            found += _list_fields(value)
        elif field.compare:
            found.append((field.name, value))
    return found
