"""The run directory, with all files of a training run."""

import os
import shutil
import stat
import time
from pathlib import Path
from typing import Self

import filelock

from mnistcnn.errors import ConfigError, quote
from mnistcnn.files import read_regular, write_atomically
from mnistcnn.training.replacing import HOLDER, check_free

# A whole run has 1.6 MB; a file exists twice while it is replaced.
MIN_FREE_BYTES = 4 << 20
LOCK = ".lock"


class RunDirectory:
    """A run's folder, locked for as long as the object is open.

    Whether there is room for a run is tested by writing as much, since quotas
    and limits do not show in a disk's free space.

    Args:
        path: the folder, which is made.
        resume: whether it may already hold a run.

    Raises:
        ConfigError: the folder holds a run and `resume` is not set, or is
            to be resumed and holds none, or cannot be written, or another
            process trains there.

    Example:
        >>> import tempfile
        >>> with RunDirectory(Path(tempfile.mkdtemp()) / "a") as run:
        ...     run.best.name
        'best.keras'
    """

    def __init__(self, path: str | os.PathLike[str], *, resume: bool = False):
        self.path: Path = Path(path)
        self.best: Path = self.path / "best.keras"
        self.state: Path = self.path / "last" / "state.npz"
        self.steps: Path = self.path / "steps"
        self.history: Path = self.path / "history.csv"
        self.metrics: Path = self.path / "metrics.json"
        self.config: Path = self.path / "config.json"
        self.figures: Path = self.path / "figures"
        self.report: Path = self.path / "report.html"
        check_path(self.path, resume=resume)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            # The kernel releases the lock when the process ends, however it
            # ends.
            self._lock = filelock.FileLock(self.path / LOCK)
            self._lock.acquire(blocking=False)
        except filelock.Timeout:
            raise _in_use(self.path) from None
        except OSError as error:
            raise _unwritable(self.path, error.strerror) from error
        try:
            # In another file than the lock, which other processes cannot read
            # on Windows.
            write_atomically(self.path / HOLDER, str(os.getpid()).encode())
            self._clean()
            self._try_room()
        except OSError as error:
            self._lock.release()
            raise _unwritable(self.path, error.strerror) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._lock.release()

    def _clean(self) -> None:
        """Removes temporary files that a killed run left behind."""
        folders = (self.path, self.state.parent, self.steps, self.figures)
        for folder in folders:
            for stale in folder.glob(".*.tmp"):
                stale.unlink(missing_ok=True)

    def _try_room(self) -> None:
        probe = self.path / ".room.tmp"
        try:
            write_atomically(probe, bytes(MIN_FREE_BYTES))
        finally:
            probe.unlink(missing_ok=True)


def take_out(out: object) -> Path:
    """Takes what a user named as the folder of a run or of a search.

    Raises:
        ConfigError: it is not a path, or empty.
    """
    named = isinstance(out, str | bytes | os.PathLike)
    chosen = os.fsdecode(out) if named else ""
    if not chosen or "\0" in chosen:
        raise ConfigError(
            f"out is {quote(out, 60)}. Expected the path of a folder: name "
            "another."
        )
    return Path(chosen)


def check_path(path: str | os.PathLike[str], *, resume: bool) -> None:
    """Raises a `ConfigError` if a run cannot begin, or be resumed.

    It writes nothing: the command line checks before it loads a framework.
    """
    path = Path(path)
    _check_lock(path)
    state = path / "last" / "state.npz"
    if resume and not state.is_file():
        raise ConfigError(
            f"{path} holds no run to resume: {state} is missing. Expected "
            "the folder of a run that was cut short: pass it as --out."
        )
    if not resume and (path / "config.json").exists():
        raise ConfigError(
            f"{path} already holds a run. Expected a new folder: choose "
            "another --out, or go on with that run by --resume."
        )
    if not resume:
        check_free(path)
    folder = path.absolute()
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir():
        raise _unwritable(path, f"{folder} is no folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _unwritable(path, f"{folder} is read-only")
    free = shutil.disk_usage(folder).free
    if free < MIN_FREE_BYTES:
        raise _unwritable(path, f"{free:,} bytes are free")


def _check_lock(path: Path) -> None:
    """Raises a `ConfigError` if a process trains there, or none could."""
    try:
        mode = os.lstat(path / LOCK).st_mode
    except OSError:
        return
    # Opening the lock would truncate a link's target, and block on a pipe.
    if not stat.S_ISREG(mode):
        raise _unwritable(path, f"{LOCK} in it is no regular file")
    try:
        with filelock.FileLock(path / LOCK, blocking=False):
            pass
    except filelock.Timeout:
        raise _in_use(path) from None
    except OSError:
        return


def _in_use(path: Path) -> ConfigError:
    try:
        holder = read_regular(path / HOLDER, max_bytes=20).decode("ascii")
    except (OSError, UnicodeDecodeError):
        holder = ""
    holder = holder if holder.isdecimal() else ""
    return ConfigError(
        f"{path} is in use by process {holder or 'unknown'}. Expected a "
        "folder of its own for each run: choose another --out."
    )


def _unwritable(path: Path, reason: str | None) -> ConfigError:
    return ConfigError(
        f"{path} cannot be written ({reason}). Expected a folder with room "
        f"for a run, {MIN_FREE_BYTES:,} bytes: choose another --out."
    )


def default_path(backend: str) -> Path:
    """`runs/<date-time>-<backend>`, with a number where that exists."""
    stem = f"{time.strftime('%Y%m%d-%H%M%S')}-{backend}"
    path, number = Path("runs") / stem, 2
    while path.exists():
        path, number = Path("runs") / f"{stem}-{number}", number + 1
    return path
