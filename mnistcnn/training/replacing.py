"""What a run or a search would replace of what its folder holds already."""

from collections.abc import Iterable
from pathlib import Path

from mnistcnn.errors import ConfigError

HOLDER = ".holder"  # in it is the id of the process that has a run's lock
# What a run replaces, besides its checkpoint; a recipe's steps have numbers.
WRITTEN = (
    *("best.keras", "history.csv", "metrics.json", "report.html"),
    *("steps/[0-9]*-*.keras", "steps/[0-9]*-*.csv"),
    "figures/learning_curves.png",
    "figures/confusion_matrix.png",
    *("figures/reliability.png", "figures/mistakes.png"),
    *("figures/samples.png", "figures/filters.png"),
)


def check_free(
    path: Path, names: Iterable[str] | None = None, by: str = "a run"
) -> None:
    """Raises a `ConfigError` if what a folder holds would be replaced.

    Args:
        path: the folder.
        names: what will be written, as patterns; by default what a run writes.
        by: by what.
    """
    if names is None:
        names = WRITTEN
        # A run that was killed before it wrote its config leaves a checkpoint.
        if not (path / HOLDER).exists():
            names = (*WRITTEN, "last/state.npz")
    found = [each for name in names for each in path.glob(name)]
    if found:
        raise ConfigError(
            f"{path} already holds {found[0].relative_to(path)}, which {by} "
            "would replace. Expected a folder without it: choose another "
            "--out."
        )
