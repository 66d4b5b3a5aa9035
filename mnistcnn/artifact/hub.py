"""Addresses on the Hugging Face Hub: `hf://owner/name`."""

import os
import re
from pathlib import Path
from typing import NamedTuple

from mnistcnn.backends import cache_folder, keras_folder
from mnistcnn.errors import ArtifactError, quote

FILE = "mnistcnn.keras"
MAIN = "main"
# https://huggingface.co/docs/hub/repositories-settings; other characters could
# form a path, or another name on another file system.
_NAME = r"(?=[^/\\@]{1,96}(?:[/\\@]|$))[A-Za-z0-9]\w*(?:[-.][A-Za-z0-9_]+)*"
# pathlib.Path turns two slashes into one, or into backslashes on Windows.
_ADDRESS = re.compile(
    rf"hf:[/\\]{{1,2}}({_NAME})[/\\]({_NAME})(?:@({_NAME}))?", re.ASCII
)


class HubAddress(NamedTuple):
    """Where on the Hub an artifact is.

    Args:
        owner: a user or an organization.
        name: of the repository.
        revision: a branch, a tag or a commit.
    """

    owner: str
    name: str
    revision: str = MAIN

    @property
    def repository(self) -> str:
        """The repository's name, with its owner's."""
        return f"{self.owner}/{self.name}"

    @property
    def url(self) -> str:
        """Where its file is downloaded from."""
        path = f"{self.repository}/resolve/{self.revision}/{FILE}"
        return f"{endpoint()}/{path}"

    @property
    def cached(self) -> Path:
        """Where its file is kept."""
        folder = f"{self.owner}--{self.name}@{self.revision}"
        return (cache_folder() or keras_folder()) / "hub" / folder / FILE


def endpoint() -> str:
    """Returns the Hub's address: `HF_ENDPOINT`, or Hugging Face's own."""
    named = os.environ.get("HF_ENDPOINT")
    return (named or "https://huggingface.co").rstrip("/")


def take_path(path: object) -> str:
    """Returns a path that a user named, as text; it may be an address.

    Raises:
        ArtifactError: `not-a-file`, if it is no path, but an open file, say.

    Example:
        >>> take_path(b"a.keras")
        'a.keras'
    """
    if isinstance(path, str | bytes | os.PathLike):
        return os.fsdecode(path)
    raise ArtifactError(
        "not-a-file",
        f"The path is {quote(path, 60)}, of type {type(path).__name__}. "
        "Expected the path of a .keras file: name one, or call "
        "from_pretrained for the network that ships with mnistcnn.",
    )


def parse_address(path: str | os.PathLike[str]) -> HubAddress | None:
    """Parses `hf://owner/name`, or `hf://owner/name@revision`.

    Args:
        path: any path; an address may have been converted to one.

    Returns:
        The address, `None` for the path of a file.

    Raises:
        ArtifactError: `address`, if it is incomplete or malformed.

    Example:
        >>> parse_address("hf://me/digits").repository
        'me/digits'
        >>> parse_address(Path("hf://me/digits@v1")).revision
        'v1'
    """
    text = os.fspath(path)
    if not isinstance(text, str) or not re.match(r"hf:([/\\]|$)", text):
        return None
    found = _ADDRESS.fullmatch(text)
    if found is None:
        # As it was given: a path has lost one of the slashes, or both.
        given = "hf://" + re.sub(r"^hf:[/\\]*", "", text)
        raise ArtifactError(
            "address",
            f"{quote(given, 120)} is no address on the Hub. Expected "
            "hf://owner/name, or hf://owner/name@revision, of letters, "
            "digits and single - _ . between them.",
        )
    owner, name, revision = found.groups()
    return HubAddress(owner, name, revision or MAIN)
