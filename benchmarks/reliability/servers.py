"""Lying servers: a download is aborted in time, and leaves no file."""

import os
import tempfile
import time
from pathlib import Path

from liar import OK, Liar

from mnistcnn.data.download import download_file
from mnistcnn.errors import DataError

TIMEOUT, DEADLINE = 1.0, 4.0
# Seconds beyond the deadline: to check the clock and to end a thread.
GRACE = 1.0
# What a server sends first, and then repeatedly every 20 ms.
LIES = {
    "a byte at a time": (OK + b"Content-Length: 1000000\r\n\r\n", b"x"),
    "a byte at a time, no size": (OK + b"\r\n", b"x"),
    "endless 100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "endless headers": (OK, b"X-More: 1\r\n"),
    "a header without an end": (OK + b"X: ", b"y"),
    "an endless status": (b"HTTP/1.1 200 ", b"O"),
    "nothing": (b"", b""),
    "headers and nothing": (OK + b"Content-Length: 9\r\n\r\n", b""),
    "too large a size": (OK + b"Content-Length: 99999999\r\n\r\n", b""),
    "no end of chunks": (
        OK + b"Transfer-Encoding: chunked\r\n\r\n",
        b"1\r\nx\r\n",
    ),
    "a redirect to a file": (
        b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n",
        b"",
    ),
    "escape characters": (b"HTTP/1.1 404 \x1b[31mred\x9b\r\n\r\n", b""),
}


def prove(*, seed: int, quick: bool) -> dict:
    """Downloads from each: an error in time, printable, and no file."""
    del seed, quick  # They always lie in the same way.
    os.environ["no_proxy"] = "*"
    faults, took = [], []
    for name, (first, again) in LIES.items():
        with tempfile.TemporaryDirectory() as folder:
            start = time.monotonic()
            said = _ask(Liar(first, again), Path(folder) / "mnist.npz")
            took.append(time.monotonic() - start)
            left = [path.name for path in Path(folder).iterdir()]
        if said or left:
            faults.append(f"{name}: {said} {left}")
    return {
        "passed": not faults and max(took) <= DEADLINE + GRACE,
        "faults": faults[:5],
        "lies": len(LIES),
        "refused_and_nothing_left": len(LIES) - len(faults),
        "deadline_seconds": DEADLINE,
        "longest_seconds": max(took),
    }


def _ask(liar: Liar, path: Path) -> str:
    """Downloads; returns what was wrong with the outcome, or ""."""
    limits = {"timeout": TIMEOUT, "deadline": DEADLINE}
    try:
        download_file(liar.url, path, verify=bool, max_bytes=1 << 20, **limits)
        return "downloaded"
    except DataError as error:
        return "" if str(error).isprintable() else "control characters"
    except BaseException as error:
        return type(error).__name__
    finally:
        liar.close()
