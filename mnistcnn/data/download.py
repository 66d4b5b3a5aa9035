"""The download of one file: bounded in time and size, verified, whole.

What stands under the final name has been verified; what was cut off never
gets there. By hand: pooch has no limit of size and no deadline, and hashes
archives, not the arrays in them.
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

# A temporary file this old, in seconds, belongs to no running download.
_STALE_AGE = 3600
# Of MNIST's 11 MB, 18 kB a second.
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
    """Downloads `url` to `path`, which appears only when it is verified.

    Args:
        url: where from, http or https; redirects may lead to these alone.
        path: the final name. Its folder is made. A file that is there
            already is replaced, and only by a verified one.
        verify: called with the temporary file; raises `DataError` where it
            is not what it should be. Other errors of ours go through.
        max_bytes: the size, in bytes, above which the download stops.
        timeout: seconds that the server may be silent; three times as many
            it has until its headers are there, redirects included.
        deadline: seconds that all of it may take, however little is sent.

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
            # The temporary name would tell nobody anything.
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
    """Writes what arrives in time to a stream."""
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
    """Removes what a killed download has left."""
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
