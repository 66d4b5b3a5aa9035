"""The download of one file: bounded in time and size, verified, whole.

What stands under the final name has been verified; what was cut off never
gets there. This is the only module of the package that opens a connection.
By hand: pooch has no limit of size and no deadline, and hashes archives, not
the arrays in them.
"""

import http.client
import os
import tempfile
import time
import urllib.error
import urllib.request
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

from mnistcnn.errors import DataError

_CHUNK_BYTES = 1 << 16
# A temporary file this old, in seconds, belongs to no running download.
_STALE_AGE = 3600


def download(
    url: str,
    path: Path,
    *,
    verify: Callable[[Path], object],
    max_bytes: int,
    timeout: float = 10.0,
) -> Path:
    """Downloads `url` to `path`, which appears only when it is verified.

    Args:
        url: where from, http or https.
        path: the final name. Its folder is made. A file that is there
            already is replaced, and only by a verified one.
        verify: called with the temporary file; raises `DataError` where it
            is not what it should be.
        max_bytes: the size, in bytes, above which the download stops.
        timeout: seconds that the server may be silent.

    Returns:
        `path`.

    Raises:
        DataError: the server cannot be reached, is silent or sends too
            much, the disk refuses, or `verify` refuses.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_stale(path)
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name}.", suffix=".part"
        )
        temporary = Path(name)
        with os.fdopen(handle, "wb") as stream:
            _fetch(url, stream, max_bytes, timeout)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            verify(temporary)
        except DataError as error:
            # The temporary name would tell nobody anything.
            text = str(error).replace(str(temporary), url)
            raise DataError(f"{text} The download was dropped.") from error
        os.replace(temporary, path)
        return path
    except DataError:
        raise
    # Time-outs and urllib's own errors are OSErrors; a malformed URL is a
    # ValueError.
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        if isinstance(error, urllib.error.HTTPError):
            error.close()  # It holds the connection.
        raise DataError(
            f"Could not download {url} ({reason}). Expected a connection to "
            f"that address and room at {path.parent}: connect, or pass the "
            "file's path."
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _fetch(url: str, stream, max_bytes: int, timeout: float) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": "mnistcnn"})
    with urllib.request.urlopen(request, timeout=timeout) as response:
        announced = response.headers.get("Content-Length")
        total = int(announced) if (announced or "").isdigit() else None
        received = 0
        with _progress_bar() as progress:
            task = progress.add_task(url.rsplit("/", 1)[-1], total=total)
            while chunk := response.read(_CHUNK_BYTES):
                received += len(chunk)
                if received > max_bytes or (total or 0) > max_bytes:
                    raise DataError(
                        f"{url} sends more than {max_bytes:,} bytes. "
                        "Expected the data set alone: the address serves "
                        "something else."
                    )
                stream.write(chunk)
                progress.update(task, completed=received)
        if total is not None and received != total:
            raise DataError(
                f"{url} announced {total:,} bytes and sent {received:,}. "
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
