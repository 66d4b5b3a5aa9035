"""Ctrl-C and SIGTERM end a run only between two steps.

Python raises `KeyboardInterrupt` at an arbitrary place. Inside a destructor, a
weak reference's callback or a library's `except:` it is dropped, and the run
goes on for hours. So a signal is only noted, and training checks for it where
stopping loses nothing. A second signal has its usual effect: Ctrl-C raises
Python's `KeyboardInterrupt`, and the caller's `finally` blocks run. On the
command line, which has nothing to clean up, the second ends the process at once
(`dying_at_the_second`), even inside a framework's call, where Python's handlers
wait.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """A signal asked the run to end.

    Args:
        number: the signal's.
    """

    def __init__(self, number: int):
        super().__init__(signal.Signals(number).name)
        self.exit_code: int = 128 + number


class Interruption:
    """Context manager that notes the first signal, for `check` to raise.

    Signals that the process ignores (as under `nohup`) stay ignored; outside
    the main thread, where Python handles no signals, nothing is noted.

    Example:
        >>> import signal
        >>> with Interruption() as interruption:
        ...     interruption.check()
        ...     signal.raise_signal(signal.SIGINT)
        ...     try:
        ...         interruption.check()
        ...     except KeyboardInterrupt as stop:
        ...         print(stop, stop.exit_code)
        SIGINT 130
    """

    def __init__(self):
        self._noted: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) != signal.SIG_IGN:
                    before = signal.signal(number, self._note)
                    self._before[number] = before
        return self

    def __exit__(self, *exception: object) -> None:
        self._restore()

    def check(self) -> None:
        """Raises `Interrupted` if a signal came."""
        if self._noted is not None:
            raise Interrupted(self._noted)

    def _note(self, number, frame) -> None:
        self._noted = number
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            # `None`: a handler that was not set by Python.
            signal.signal(number, handler or signal.SIG_DFL)
        self._before.clear()


@contextlib.contextmanager
def dying_at_the_second() -> Iterator[None]:
    """Context manager in which a second signal ends the process at once.

    Only for a program's outermost part, since `finally` blocks do not run.
    """
    # On Windows a signal cannot write to a pipe; and Python handles no signals
    # outside the main thread.
    main = threading.current_thread() is threading.main_thread()
    if os.name != "posix" or not main:
        yield
        return
    watch = _Watch()
    try:
        yield
    finally:
        watch.close()


class _Watch:
    """A thread that receives signals at once, and exits at the second."""

    def __init__(self):
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        self._before = signal.set_wakeup_fd(
            self._writing, warn_on_full_buffer=False
        )
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread."""
        signal.set_wakeup_fd(self._before)
        os.close(self._writing)
        self._thread.join()
        os.close(self._reading)

    def _listen(self) -> None:
        heard = 0
        # The signals' numbers, a byte each; empty when the pipe is closed.
        while numbers := os.read(self._reading, 1):
            heard += numbers[0] in SIGNALS
            if heard == 2:
                os._exit(128 + numbers[0])
