"""When the next frame is due, and what is worth waking up for before."""

import time
from collections.abc import Callable

FRAMES = 60  # per second


class Frames:
    """Sleeps between frames, but not while something has to be shown.

    Motions are left until the frame is due: there can be a thousand of them
    a second. A button, a finger or a key is taken in at once, and so is an
    answer that is awaited.

    Args:
        pygame: the pygame module.
    """

    def __init__(self, pygame):
        self._pygame = pygame
        self._due = time.perf_counter()
        self._events: list = []
        self._urgent = {
            pygame.MOUSEBUTTONDOWN,
            pygame.MOUSEBUTTONUP,
            pygame.FINGERDOWN,
            pygame.FINGERUP,
            pygame.KEYDOWN,
            pygame.QUIT,
        }

    def take_events(self) -> list:
        """Returns what has happened since the last call."""
        events, self._events = self._events, []
        return events + self._pygame.event.get()

    def wait(self, await_answer: Callable[[float], bool] | None) -> None:
        """Sleeps until the next frame is due, or something cannot wait.

        Args:
            await_answer: waits for an answer for some seconds at most and
                says whether there is one; None where none is awaited.
        """
        self._due = max(self._due + 1 / FRAMES, time.perf_counter())
        if any(event.type in self._urgent for event in self._events):
            return
        while (left := self._due - time.perf_counter()) > 0:
            if await_answer is not None:
                if await_answer(left):
                    # It is shown at once, and the next frame is due then.
                    self._due = time.perf_counter()
                return
            # Whole milliseconds: what is less is slept through.
            if left < 0.001:
                time.sleep(left)
                return
            event = self._pygame.event.wait(int(1000 * left))
            if event.type == self._pygame.NOEVENT:
                continue
            self._events.append(event)
            if event.type in self._urgent:
                self._due = time.perf_counter()
                return
