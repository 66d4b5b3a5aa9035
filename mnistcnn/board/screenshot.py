"""A picture of the board at work, drawn by the generator of handwriting."""

import os
from pathlib import Path

import numpy as np

from mnistcnn.board.app import Board
from mnistcnn.board.demo import (
    CELLS,
    await_readings,
    draw_by_mouse,
    write_digit,
)

LOADING = 180  # seconds that the net is waited for


def demo_screenshot(
    path: str | Path,
    *artifacts: str | None,
    seed: int = 0,
    scale: float | None = None,
    filters: bool = False,
    trust: bool = False,
) -> Path:
    """Lets the generator draw 0 to 9, and keep a picture.

    It needs no screen: where the environment names no video driver, none is
    used.

    Args:
        path: the PNG to write.
        artifacts: paths of `.keras` files, two at most, None for the one in
            the package; none is as if that had been given.
        seed: of the handwriting.
        scale: of the window; None is 1.
        filters: whether feature maps are shown.
        trust: open them unchecked, see `DigitClassifier.from_artifact`.

    Returns:
        The path.

    Raises:
        ConfigError: there are more than two artifacts.
        DisplayError: a net cannot be loaded or does not answer.
    """
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
