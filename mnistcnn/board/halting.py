"""Whether a child process was stopped by a signal: no pipe tells of that."""

import os
import time
from typing import Any

HALT_SECONDS = 1  # that a child may be stopped (SIGSTOP) before it counts


class HaltWatch:
    """A watch on a child process that may be stopped, and goes on later."""

    def __init__(self):
        self._since: float | None = None

    def end_halted(self, process: Any) -> str | None:
        """Kills the process if it has been stopped for a second by now.

        Args:
            process: of `multiprocessing`, a child of this process, or None.

        Returns:
            Why, in words, where it was killed; Windows, which has no such
            signals, never says.
        """
        if process is None or not hasattr(os, "waitid"):
            return None
        # Asked as the parent, and left to be asked again.
        flags = os.WSTOPPED | os.WNOHANG | os.WNOWAIT
        try:
            halt = os.waitid(os.P_PID, process.pid, flags)
        except ChildProcessError:  # It has ended.
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
