"""What a new run would replace of what its folder holds already."""

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


def check_free(path: Path, names: Iterable[str] = WRITTEN) -> None:
    """Raises a `ConfigError` if a new run would replace what a folder holds.

    Args:
        path: the folder.
        names: what the run will write, besides its checkpoint; as patterns.
    """
    found = [each for name in names for each in path.glob(name)]
    state = path / "last" / "state.npz"
    # A run that was killed before it wrote its config leaves a checkpoint.
    if state.exists() and not (path / HOLDER).exists():
        found.append(state)
    if found:
        raise ConfigError(
            f"{path} already holds {found[0].relative_to(path)}, which a run "
            "would replace. Expected a folder without it: choose another "
            "--out."
        )
