"""Detects child processes stopped by a signal, which pipes do not show."""

import os
import time
from typing import Any

HALT_SECONDS = 1  # a child may be stopped (SIGSTOP) so long


class HaltWatch:
    """Watches a child process that may be stopped and continued later."""

    def __init__(self):
        self._since: float | None = None

    def end_halted(self, process: Any) -> str | None:
        """Kills the process if it has been stopped for a second.

        Args:
            process: of `multiprocessing`, a child of this process, or None.

        Returns:
            The reason, if it was killed; always None on Windows, which has no
            such signals.
        """
        if process is None or not hasattr(os, "waitid"):
            return None
        # Queried as the parent, without reaping the state.
        flags = os.WSTOPPED | os.WNOHANG | os.WNOWAIT
        try:
            halt = os.waitid(os.P_PID, process.pid, flags)
        except ChildProcessError:  # it has ended
            halt = None
        if halt is None:
            self._since = None
            return None
        now = time.monotonic()
        self._since = self._since or now
        if now - self._since < HALT_SECONDS:
            return None
        self._since = None
        process.kill()
        return f"halted by signal {halt.si_status}"
