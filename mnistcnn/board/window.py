"""A pygame window: opening it, full screen, and the timing of frames.

If there is no screen, or no pygame, the error is one line.
"""

import os
import sys
import time
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias

from mnistcnn.errors import DisplayError

if TYPE_CHECKING:
    import pygame

# By name, since pygame is loaded only when a window is opened.
Event: TypeAlias = "pygame.event.Event"
Rect: TypeAlias = "pygame.Rect"
Surface: TypeAlias = "pygame.Surface"

# Without a screen SDL would choose these, and the program would run invisibly.
INVISIBLE = ("offscreen", "dummy")

FRAMES = 60  # per second


def load_pygame() -> ModuleType:
    """Imports pygame, which only the board needs.

    Returns:
        The module.

    Raises:
        DisplayError: pygame is not installed.
    """
    # pygame prints a greeting when it is imported.
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    try:
        import pygame
    except ImportError as error:
        raise DisplayError(
            f"The drawing board needs pygame. Received: {error}. "
            'Do: pip install "mnistcnn[board]"'
        ) from error
    return pygame


def open_window(
    find_size: Callable[[tuple[int, int]], tuple[int, int]], title: str
) -> ModuleType:
    """Opens a window that can be resized.

    Args:
        find_size: computes width and height in pixels from those of the screen.
        title: of the window.

    Returns:
        The pygame module; `pygame.display.get_surface()` is the window.

    Raises:
        DisplayError: there is no pygame, or no screen.
    """
    pygame = load_pygame()
    _check_desktop()
    try:
        # Not pygame.init(), which also opens the sound device.
        pygame.display.init()
        driver = pygame.display.get_driver()
        _check_visible(driver)
        if driver == "x11":
            # Otherwise SDL sends each frame through OpenGL, which takes 60 ms
            # for a large window without a graphics card; shared memory takes 1.
            os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
        pygame.font.init()
        size = find_size(pygame.display.get_desktop_sizes()[0])
        pygame.display.set_mode(size, pygame.RESIZABLE)
    except pygame.error as error:
        pygame.display.quit()
        raise _no_display(str(error)) from error
    except DisplayError:
        pygame.display.quit()
        raise
    pygame.display.set_caption(title)
    return pygame


def fills_screen(pygame: ModuleType) -> bool:
    """Returns whether the window fills the screen."""
    flags = pygame.display.get_surface().get_flags()
    return bool(flags & pygame.FULLSCREEN)


def toggle_full_screen(pygame: ModuleType, size: tuple[int, int]) -> None:
    """Toggles between full screen and a window of `size`."""
    screen = pygame.display.get_desktop_sizes()[0]
    with warnings.catch_warnings():
        # A desktop may give another size; the layout takes any.
        warnings.simplefilter("ignore", RuntimeWarning)
        if fills_screen(pygame):
            pygame.display.set_mode(size, pygame.RESIZABLE)
        else:
            pygame.display.set_mode(screen, pygame.FULLSCREEN)


def copy_text(pygame: ModuleType, text: str) -> bool:
    """Copies a text to the clipboard; returns whether there is one."""
    try:
        pygame.scrap.put_text(text)
    except pygame.error:
        return False
    return True


class Frames:
    """A clock that sleeps until a frame is due, or an urgent event comes.

    Motions wait until the frame is due, since there can be a thousand a second.
    A button, a finger or a key is handled at once, and so is an awaited answer.
    """

    def __init__(self, pygame: ModuleType):
        self._pygame = pygame
        self._due = time.perf_counter()
        self._events = []
        self._urgent = {
            pygame.MOUSEBUTTONDOWN,
            pygame.MOUSEBUTTONUP,
            pygame.FINGERDOWN,
            pygame.FINGERUP,
            pygame.KEYDOWN,
            pygame.QUIT,
        }

    def take_events(self) -> list[Event]:
        """Returns what has happened since the last call."""
        events, self._events = self._events, []
        return events + self._pygame.event.get()

    def wait(self, await_answer: Callable[[float], bool] | None) -> None:
        """Sleeps until the next frame is due, or an urgent event comes.

        Args:
            await_answer: waits for an answer for at most some seconds and
                returns whether there is one; None if none is pending.
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
            # In whole milliseconds; a remainder is slept through.
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


def _check_desktop():
    # Otherwise Wayland's library would print an error on stderr.
    desktop = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform.startswith("linux") and not (desktop or _wanted_driver()):
        raise _no_display("neither DISPLAY nor WAYLAND_DISPLAY is set")


def _check_visible(driver):
    if driver in INVISIBLE and driver not in _wanted_driver().split(","):
        raise _no_display(f'only SDL\'s invisible "{driver}" driver')


def _wanted_driver():
    # SDL 3's name for it is the second.
    return os.environ.get("SDL_VIDEODRIVER") or os.environ.get(
        "SDL_VIDEO_DRIVER", ""
    )


def _no_display(received):
    return DisplayError(
        f"No display. Received: {received}. Expected: a screen that a window "
        "can open on. Do: start it on a desktop, forward one (ssh -X), or "
        "use xvfb-run."
    )
