"""Settings that are there once for all threads."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any


class SharedSettings:
    """A context in which they are ours, and after it as they were found.

    The first thread to come in notes what was, the last to go puts it back:
    each by itself would put back what another still needs.

    Args:
        swap: sets them to the values that it is given and returns what they
            were; `None` means to our own.

    Example:
        >>> kept = {"policy": "theirs"}
        >>> def swap(value):
        ...     found, kept["policy"] = kept["policy"], value or "ours"
        ...     return found
        >>> shared = SharedSettings(swap)
        >>> with shared, shared:
        ...     kept["policy"]
        'ours'
        >>> kept["policy"]
        'theirs'
    """

    def __init__(self, swap: Callable[[Any], Any]):
        self._swap = swap
        self._lock = threading.Lock()
        self._inside = 0
        self._found: Any = None

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._found = self._swap(None)
            self._inside += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._swap(self._found)
