"""A window by pygame, or one line that says why there is none."""

import os
import sys
import warnings
from collections.abc import Callable

from mnistcnn.errors import DisplayError

# SDL takes these by itself where there is no screen, and a program would run
# on without anyone seeing it.
INVISIBLE = ("offscreen", "dummy")


def load_pygame():
    """Imports pygame, which only the board needs.

    Returns:
        The module.

    Raises:
        DisplayError: pygame is not installed.
    """
    # pygame prints a greeting where it is imported.
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    try:
        import pygame
    except ImportError as error:
        raise DisplayError(
            f"The drawing board needs pygame. Received: {error}. "
            'Do: pip install "mnistcnn[board]"'
        ) from error
    return pygame


def open_window(find_size: Callable[[tuple[int, int]], tuple], title: str):
    """Opens a window that can be resized.

    Args:
        find_size: finds width and height in pixels for a screen of some
            width and height.
        title: what the window's bar says.

    Returns:
        The pygame module; `pygame.display.get_surface()` is the window.

    Raises:
        DisplayError: there is no pygame, or no screen.
    """
    pygame = load_pygame()
    _check_desktop()
    try:
        # Not pygame.init(), which opens the sound as well.
        pygame.display.init()
        driver = pygame.display.get_driver()
        _check_visible(driver)
        if driver == "x11":
            # Else SDL sends each frame through OpenGL, which where no card
            # does it takes 60 ms for a large window; shared memory takes 1.
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


def toggle_full_screen(pygame, size: tuple[int, int]) -> bool:
    """Fills the screen with the window, or take it back to a window.

    Args:
        pygame: the pygame module, its window open.
        size: of the window where it is taken back to one.

    Returns:
        Whether it fills the screen now.
    """
    full = pygame.display.get_surface().get_flags() & pygame.FULLSCREEN
    screen = pygame.display.get_desktop_sizes()[0]
    with warnings.catch_warnings():
        # A desktop may give another size; the layout takes any.
        warnings.simplefilter("ignore", RuntimeWarning)
        if full:
            pygame.display.set_mode(size, pygame.RESIZABLE)
        else:
            pygame.display.set_mode(screen, pygame.FULLSCREEN)
    return not full


def _check_desktop():
    # Asked in vain, Wayland's library complains on stderr by itself.
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
