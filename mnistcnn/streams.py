"""Standard error: what is written there by others, caught."""

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator

_STDERR = threading.Lock()  # there is one, for all threads


@contextlib.contextmanager
def catching_stderr() -> Iterator[list[str]]:
    """Catches what is written to standard error, by C and C++ too.

    Yields:
        A list, which has the lines when the block has ended; none where there
        is no standard error.
    """
    lines: list[str] = []
    with contextlib.ExitStack() as kept:
        kept.enter_context(_STDERR)
        try:
            screen = os.dup(2)
            kept.callback(os.close, screen)
            caught = kept.enter_context(tempfile.TemporaryFile())
        except OSError:  # There is none, or no room.
            yield lines
            return
        _flush_stderr()
        os.dup2(caught.fileno(), 2)
        try:
            yield lines
        finally:
            _flush_stderr()
            os.dup2(screen, 2)
            caught.seek(0)
            text = caught.read().decode(errors="replace")
            lines += text.splitlines()


def _flush_stderr() -> None:
    # Closed or replaced streams have nothing to come.
    if sys.stderr and not sys.stderr.closed:
        sys.stderr.flush()
