"""What a benchmark measures: a commit, and the package built from it."""

import subprocess
from pathlib import Path

import mnistcnn
from mnistcnn.errors import ConfigError

ROOT = Path(__file__).parents[2]


def describe_commit() -> dict:
    """Returns the `commit`, and whether the tree differs from it: `dirty`.

    Results are ignored: those of the first suite would make the second dirty.

    Raises:
        ConfigError: the imported package differs from this checkout's.
    """
    _check_installed(Path(mnistcnn.__file__).parent)
    commit = _git("rev-parse", "--short", "HEAD")
    kept = ":(exclude)benchmarks/results"
    changes = _git("status", "--porcelain", "--", ".", kept)
    return {"commit": commit, "dirty": bool(changes)}


def describe_package() -> str:
    """Finds the last commit that changed code relevant to training.

    A run's result stays valid if later commits changed only other things: the
    board, pages and pictures, the command line, benchmarks, the network that
    ships.

    Raises:
        ConfigError: relevant code has uncommitted changes.
    """
    others = ("board", "cli", "figures", "pretrained", "report")
    kept = ["mnistcnn", "benchmarks/studies/scoring.py"]
    kept += [f":(exclude)mnistcnn/{name}" for name in others]
    changes = _git("status", "--porcelain", "--", *kept)
    if changes:
        raise ConfigError(
            f"{changes.split()[1]} differs from its commit. Expected what "
            "trains as it was committed, so that others can train the same: "
            "commit the changes, or take --quick for a glance."
        )
    return _git("log", "-1", "--format=%h", "--abbrev=10", "--", *kept)


def _check_installed(folder: Path) -> None:
    # An environment keeps its installed package when the checkout moves on:
    # results would be recorded under a commit that did not produce them.
    source = ROOT / "mnistcnn"
    if folder.resolve() == source.resolve():
        return
    for file in sorted(source.rglob("*.py")):
        other = folder / file.relative_to(source)
        if not other.is_file() or other.read_bytes() != file.read_bytes():
            raise ConfigError(
                f"{other} differs from {file}. Expected the package that is "
                "measured to be this checkout's: install it anew "
                "(`pip install --no-deps .`), or run it by nox."
            )


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise ConfigError(
            f"git {arguments[0]} failed in {ROOT}. Expected a checkout, "
            "whose commit is recorded: run the benchmarks from one."
        ) from error
    return done.stdout.strip()
