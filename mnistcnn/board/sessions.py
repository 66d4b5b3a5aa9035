"""Sessions at the board: interactive, and a demo that saves a picture."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mnistcnn.board.app import Board
from mnistcnn.board.demo import CELLS, write_digit
from mnistcnn.board.pointer import LEFT
from mnistcnn.board.window import load_pygame
from mnistcnn.errors import ConfigError, DisplayError

LOADING = 180  # seconds to wait for the network


def run_board(
    *artifacts: str | None,
    out: str | Path = Path("drawings"),
    scale: float | None = None,
    filters: bool = False,
    trust: bool = False,
) -> None:
    """Opens the board and stays until it is closed.

    Args:
        artifacts: paths of `.keras` files, at most two, None for the one in the
            package, which is also the default.
        out: folder for drawings that `S` saves.
        scale: of the window; None for one that suits the screen.
        filters: whether explanations are shown from the start.
        trust: open them unchecked, see `DigitClassifier.from_artifact`.

    Raises:
        ConfigError: there are more than two artifacts.
        DisplayError: there is no screen, or no pygame.

    Example:
        >>> run_board("digits.keras")  # doctest: +SKIP
    """
    with Board(*artifacts, out=out, scale=scale, trust=trust) as board:
        board.readings.explaining = filters
        while board.step():
            board.wait()


def demo_screenshot(
    path: str | Path,
    *artifacts: str | None,
    seed: int = 0,
    scale: float | None = None,
    filters: bool = False,
    trust: bool = False,
) -> Path:
    """Lets the generator of handwriting draw 0 to 9, and saves a picture.

    It needs no screen: unless the environment names a video driver, none is
    used.

    Args:
        path: the PNG to write.
        artifacts: as for `run_board`.
        seed: of the handwriting.
        scale: of the window; None is 1.
        filters: whether it is shown why.
        trust: as for `run_board`.

    Returns:
        The path.

    Raises:
        ConfigError: there are more than two artifacts; or the path does not
            end in `.png`, or is an artifact's.
        DisplayError: a network cannot be loaded or does not answer.
    """
    # An earlier picture is replaced, but no network, which is easily named
    # here: --screenshot a.keras.
    if Path(path).suffix.lower() != ".png" or str(path) in artifacts:
        raise ConfigError(
            f"{path} was named for the screenshot. Expected a file that ends "
            "in .png, not the artifact's: choose another name."
        )
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    rng = np.random.default_rng(seed)
    with Board(*artifacts, scale=scale or 1.0, trust=trust) as board:
        board.readings.explaining = filters
        for label in range(CELLS):
            draw_by_mouse(board, write_digit(label, label, rng))
        await_readings(board, LOADING)
        board.pointer.spot = None
        board.step()
        return board.screenshot(path)


def draw_by_mouse(
    board: Board, strokes: Sequence[npt.NDArray[np.floating]]
) -> None:
    """Draws strokes, `(n, 2)` in the drawing's units, by pygame events."""
    pygame = load_pygame()

    def post(kind: int, **content: object) -> None:
        pygame.event.post(pygame.event.Event(kind, **content))

    for stroke in strokes:
        spots = [board.layout.to_window(x, y) for x, y in stroke]
        post(pygame.MOUSEBUTTONDOWN, pos=spots[0], button=LEFT)
        for spot in spots[1:]:
            post(pygame.MOUSEMOTION, pos=spot, buttons=(1, 0, 0))
        post(pygame.MOUSEBUTTONUP, pos=spots[-1], button=LEFT)
        board.step()


def await_readings(board: Board, seconds: float) -> None:
    """Steps a board until all ink has been read, and shown.

    Args:
        board: with an open window.
        seconds: how long to wait at most.

    Raises:
        DisplayError: the network cannot be loaded or does not answer.
    """
    end = time.monotonic() + seconds
    while board.step() and not board.readings.complete:
        for reader in board.readers:
            if reader.state in ("refused", "off"):
                raise DisplayError(f"Nothing to show. {reader.message}")
        if time.monotonic() > end:
            raise DisplayError(
                "Nothing to show. Received: no reading. Expected: one within "
                f"{seconds:g} seconds. Do: try again when the machine is idle."
            )
        board.wait()
