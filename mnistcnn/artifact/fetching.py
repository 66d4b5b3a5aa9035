"""The download of an artifact from the Hugging Face Hub, into the cache.

It uses our own bounded request, without `huggingface_hub`. Of a server's
response only the bytes are used, never a name or a path, and they are checked
like every artifact before they are kept.
"""

import functools
import os
import re
import urllib.error
from pathlib import Path

from mnistcnn.artifact.hub import FILE, HubAddress
from mnistcnn.artifact.inspection import MAX_FILE_BYTES, check_bytes
from mnistcnn.data import download_file
from mnistcnn.errors import ArtifactError, DataError, warn
from mnistcnn.files import read_regular


def fetch(address: HubAddress) -> Path:
    """Downloads an artifact into the cache, once per process.

    If the Hub cannot be reached, or `HF_HUB_OFFLINE` is set, the cached file is
    used, with a warning.

    Args:
        address: on the Hub.

    Returns:
        The file in the cache.

    Raises:
        ArtifactError: `download`, if it can neither be downloaded nor is in the
            cache; or as `check_bytes` raises, and the cache stays as it is.
    """
    return _fetch(address.url, address.cached)


@functools.cache
def _fetch(url: str, path: Path) -> Path:
    commit = re.search(r"@[0-9a-f]{40}$", path.parent.name)
    if commit and path.is_file():  # a commit cannot change
        return path
    try:
        if os.environ.get("HF_HUB_OFFLINE", "0").lower() not in ("0", ""):
            raise DataError("HF_HUB_OFFLINE is set, so nothing is downloaded.")
        return download_file(
            url, path, verify=_verify, max_bytes=MAX_FILE_BYTES
        )
    except DataError as error:
        if not path.is_file() or _is_answer(error.__cause__):
            raise ArtifactError(
                "download",
                f"{error} An artifact on the Hub is public and has the file "
                f"{FILE}.",
            ) from error
        warn(f"{error} What was downloaded before is used: {path}.")
        return path


def _is_answer(cause: BaseException | None) -> bool:
    """Whether the Hub itself has answered that there is no such file."""
    if not isinstance(cause, urllib.error.HTTPError):
        return False
    return cause.code in (401, 403, 404, 410)


def _verify(path: Path) -> None:
    check_bytes(read_regular(path, max_bytes=MAX_FILE_BYTES))
