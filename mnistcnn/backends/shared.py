"""Settings that are global to all threads."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any


class SharedSettings:
    """A context with our settings, which restores the old ones at the end.

    The first thread to enter saves the old settings, the last to leave restores
    them: otherwise one would restore settings while another still needs ours.

    Args:
        swap: sets the settings to its argument, `None` for our own, and returns
            the old ones.

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
