"""The download of one file: bounded in time and size, verified, atomic.

Only verified and complete files get the final name. Written by hand: pooch has
no limit of size and no deadline, and hashes archives instead of the arrays in
them.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TransferSpeedColumn,
)

from mnistcnn.data.requests import (
    FAILURES,
    Fetch,
    check_scheme,
    describe,
    explain,
)
from mnistcnn.errors import DataError, MnistcnnError
from mnistcnn.files import make_folder

# Seconds after which a temporary file cannot belong to a running download.
_STALE_AGE = 3600
# For MNIST's 11 MB that is 18 kB a second.
_DEADLINE = 600.0


def download_file(
    url: str,
    path: Path,
    *,
    verify: Callable[[Path], object],
    max_bytes: int,
    timeout: float = 10.0,
    deadline: float = _DEADLINE,
) -> Path:
    """Downloads `url` to `path`, which appears only once it is verified.

    Args:
        url: http or https; redirects may lead only to these.
        path: the final name. Its folder is created. An existing file is
            replaced only by a verified one.
        verify: called with the temporary file; raises `DataError` if it is
            invalid. Other errors of ours are passed on.
        max_bytes: the size, in bytes, above which the download stops.
        timeout: seconds that the server may be silent; it has three times as
            many until its headers have arrived, including redirects.
        deadline: seconds for the whole download.

    Returns:
        `path`.

    Raises:
        DataError: the server cannot be reached, is silent, slow or sends
            too much, the disk refuses, or `verify` refuses.
    """
    temporary, said = None, describe(url)
    try:
        check_scheme(url)
        make_folder(path.parent)
        _remove_stale(path)
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name}.", suffix=".part"
        )
        temporary = Path(name)
        with os.fdopen(handle, "wb") as stream:
            _write(url, stream, path.name, max_bytes, (timeout, deadline))
            stream.flush()
            os.fsync(stream.fileno())
        try:
            verify(temporary)
        except DataError as error:
            # The temporary name would not help the user.
            text = str(error).replace(str(temporary), said)
            raise DataError(f"{text} The download was dropped.") from error
        os.replace(temporary, path)
        return path
    except MnistcnnError:
        raise
    except FAILURES as error:
        raise DataError(
            f"Could not download {said} ({explain(error)}). Expected a "
            f"connection to that address and room at {path.parent}: connect, "
            "or pass the file's path."
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _write(
    url: str,
    stream,
    name: str,
    max_bytes: int,
    limits: tuple[float, float],
) -> None:
    """Writes the body to a stream, within the deadline."""
    said, received = describe(url), 0
    with _progress_bar() as progress, Fetch(url, *limits) as fetch:
        total = fetch.wait_for_head()
        task = progress.add_task(name, total=total)
        for chunk in fetch.wait_for_body():
            received += len(chunk)
            if received > max_bytes or (total or 0) > max_bytes:
                raise DataError(
                    f"{said} sends more than {max_bytes:,} bytes. Expected "
                    "the data set alone: the address serves something else."
                )
            stream.write(chunk)
            progress.update(task, completed=received)
    if total is not None and received != total:
        raise DataError(
            f"{said} announced {total:,} bytes and sent {received:,}. "
            "Expected all of them: the connection broke, try again."
        )


def _remove_stale(path: Path) -> None:
    """Removes temporary files of killed downloads."""
    for part in path.parent.glob(f".{path.name}.*.part"):
        if time.time() - part.stat().st_mtime > _STALE_AGE:
            part.unlink(missing_ok=True)


def _progress_bar() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("Downloading {task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=console,
        disable=not console.is_terminal,
    )
