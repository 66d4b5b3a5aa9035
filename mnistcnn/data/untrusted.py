"""Files that nobody vouches for: how much is read, what they look like."""

from pathlib import Path

# The largest array that is read: EMNIST's 814,255 images are 638 MB.
MAX_ARRAY_BYTES = 1 << 30


def looks_like(path: Path) -> str:
    """Says what a file's first bytes are, for an error's text."""
    try:
        with path.open("rb") as stream:
            start = stream.read(64)
    except OSError:
        return "cannot be opened"
    if not start:
        return "is empty"
    if start.lstrip()[:1] == b"<":
        return "looks like an HTML page"
    if start[:4] == b"PK\x03\x04":
        return "is a zip archive that is cut short or damaged"
    if start[:6] == b"\x93NUMPY":
        return "is a single .npy array"
    if start[:2] == b"\x1f\x8b":
        return "is gzip data"
    return f"begins with the bytes {start[:8].hex()}"
