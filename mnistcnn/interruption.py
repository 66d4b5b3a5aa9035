"""Ctrl-C and SIGTERM end a run between two steps, and nowhere else.

Python raises `KeyboardInterrupt` wherever it happens to be. Inside a
destructor or a weak reference's callback it is printed and dropped, and the
run goes on for hours; inside a library's `except:` as well. So a signal is
only noted, and training asks for it where stopping loses nothing. The second
signal is the operating system's: it ends the process at once.
"""

import signal
import threading

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """A signal asked the run to end.

    Args:
        number: the signal's.
    """

    def __init__(self, number: int):
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class Interruption:
    """Notes signals while it is open, for `check` to raise.

    Signals that the process ignores (as under `nohup`) stay ignored; outside
    the main thread, where Python takes no signals, nothing is noted.

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
        self._before: dict = {}

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) != signal.SIG_IGN:
                    before = signal.signal(number, self._note)
                    self._before[number] = before
        return self

    def __exit__(self, *exception):
        for number, handler in self._before.items():
            # None stands for a handler that Python did not set.
            signal.signal(number, handler or signal.SIG_DFL)

    def check(self) -> None:
        """Raises `Interrupted` if a signal came."""
        if self._noted is not None:
            raise Interrupted(self._noted)

    def _note(self, number, frame) -> None:
        self._noted = number
        for each in self._before:
            signal.signal(each, signal.SIG_DFL)
