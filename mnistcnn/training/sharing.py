"""A run of several processes: one writes it, and all have the same state."""

import contextlib
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from mnistcnn import backends
from mnistcnn.backends import Group
from mnistcnn.data import Dataset
from mnistcnn.errors import ConfigError, PeerError
from mnistcnn.files import read_regular, write_atomically
from mnistcnn.training.composition import Recipe
from mnistcnn.training.recipefiles import write_recipe
from mnistcnn.training.rundir import RunDirectory, default_path

# The files of a run's folder that are needed to resume.
_KEPT = ("config.json", "best.keras", "history.csv", "last/*.npz", "steps/*")
_NAME = re.compile(r"(last/|steps/)?[A-Za-z0-9][\w.-]*")
_MAX_BYTES = 1 << 28


def agree(
    group: Group, recipe: Recipe, data: Dataset, out: Path | None
) -> Path:
    """Makes sure that all processes train the same, into one folder.

    Args:
        group: of the run.
        recipe: settled.
        data: to train on.
        out: of `take_out`.

    Returns:
        The run directory, the first process'.

    Raises:
        ConfigError: this process has other settings or other data.
    """
    path = default_path(backends.name) if out is None else out
    if group.processes == 1:
        return path  # early, since the data's digest takes a while
    own = {"recipe": write_recipe(recipe), "data": data.digest}
    given = group.share(json.dumps(own | {"path": str(path)}).encode())
    found = json.loads(given)
    told = found.pop("path")
    for name, value in json.loads(json.dumps(own)).items():
        if found[name] != value:
            raise ConfigError(
                f"Process {group.process} of {group.processes} has another "
                f"{name} than the first. Expected the same command, data and "
                'version in each: where processors differ, precision "float32".'
            )
    # The other processes write elsewhere, and only report this path.
    return path if group.process == 0 else Path(told)


@contextlib.contextmanager
def open_shared(
    path: Path, group: Group, *, resume: bool
) -> Iterator[RunDirectory]:
    """Opens the run directory; all leave once the first has written it.

    The other processes write as well, each into a temporary folder, so that
    they have the same state as the first, and steps need not know who writes.

    Args and Raises: as `RunDirectory`, for the first process.
    """
    if group.process == 0:
        with RunDirectory(path, resume=resume) as directory:
            if group.processes > 1:
                group.share(_pack(path) if resume else b"")
            yield directory
            group.share()
        return
    with tempfile.TemporaryDirectory(prefix="mnistcnn-") as folder:
        _unpack(group.share(), Path(folder))
        with RunDirectory(folder, resume=resume) as directory:
            yield directory
            group.share()


@contextlib.contextmanager
def reporting_loss(
    group: Group, path: Path, check: Callable[[], None]
) -> Iterator[None]:
    """Raises a `PeerError` if the framework reports a lost process.

    Args:
        group: of the run.
        path: of the run.
        check: raises if a signal came, which is then the cause.
    """
    try:
        yield
    except group.lost as error:
        check()
        kind = type(error).__name__
        raise PeerError(
            f"Process {group.process} of {group.processes} has lost another "
            f"({kind}). Expected all to live: what was trained until the last "
            f"whole epoch is in {path}; go on with --resume, on any number of "
            "devices."
        ) from error


def _pack(path: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for pattern in _KEPT:
            for file in sorted(path.glob(pattern)):
                if file.is_file():
                    data = read_regular(file, max_bytes=_MAX_BYTES)
                    archive.writestr(str(file.relative_to(path)), data)
    return buffer.getvalue()


def _unpack(data: bytes, folder: Path) -> None:
    if not data:
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            # The processes belong to one run, but names are still kept inside
            # of the folder.
            if not _NAME.fullmatch(name):
                raise ConfigError(
                    f"The first process sends {name[:60]!r}. Expected a file "
                    "of a run directory: start the same version in each."
                )
            target = folder / name
            target.parent.mkdir(exist_ok=True)
            write_atomically(target, archive.read(name))
