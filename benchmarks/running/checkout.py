"""What a benchmark measures: a commit, and the package that is of it."""

import subprocess
from pathlib import Path

import mnistcnn
from mnistcnn.errors import ConfigError

ROOT = Path(__file__).parents[2]


def describe_commit() -> dict:
    """Says the `commit`, and whether the tree differs from it: `dirty`.

    Results do not count: the first suite's would make the second's dirty.

    Raises:
        ConfigError: the package that is imported is not this checkout's.
    """
    _check_installed(Path(mnistcnn.__file__).parent)
    commit = _git("rev-parse", "--short", "HEAD")
    kept = ":(exclude)benchmarks/results"
    changes = _git("status", "--porcelain", "--", ".", kept)
    return {"commit": commit, "dirty": bool(changes)}


def describe_package() -> str:
    """Finds the last commit that changed anything that trains.

    A run's result still stands where the commits after it changed other
    things: the board, pages and pictures, the command line, benchmarks, the
    network that ships.

    Raises:
        ConfigError: something that trains has changed since that commit.
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
    # An environment keeps what was installed in it when the checkout moves on:
    # its figures would stand under a commit that they are not of.
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
