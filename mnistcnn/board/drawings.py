"""Drawings as files: the ink, and each digit as the net sees it."""

import re
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from mnistcnn.board.readings import Digit
from mnistcnn.errors import ConfigError
from mnistcnn.preprocessing import rasterize


def save_drawing(
    digits: Sequence[Digit],
    out: str | Path,
    *,
    shape: tuple[int, int],
    pen: float,
) -> list[Path]:
    """Write the drawing and its digits as PNG images.

    They go into a new folder inside `out`, named by the time: `drawing.png`,
    black on white as drawn, and for each digit `digit-1-seven.png`, 28x28,
    white on black, what the net sees.

    Args:
        digits: the digits in reading order.
        out: folder, made where it does not exist.
        shape: height and width of the drawing in pixels.
        pen: the pen's width in pixels.

    Returns:
        The files, the drawing first.

    Raises:
        ConfigError: the folder or a file cannot be written.
    """
    strokes = [stroke for digit in digits for stroke in digit.strokes]
    pictures = {"drawing.png": 255 - rasterize(strokes, shape, pen)}
    for place, digit in enumerate(digits, 1):
        name = re.sub(r"[^a-z0-9]+", "-", digit.name.lower()).strip("-")
        pictures[f"digit-{place}-{name}.png"] = digit.image
    try:
        folder = _new_folder(Path(out))
        for name, picture in pictures.items():
            (folder / name).write_bytes(_png(picture))
    except OSError as error:
        raise ConfigError(
            f"Cannot save the drawing in {out}: {error.strerror}. Choose a "
            "folder that can be written to."
        ) from error
    return [folder / name for name in pictures]


def _new_folder(out):
    stamp = time.strftime("%Y-%m-%d_%H-%M-%S")
    folder = out / stamp
    count = 1
    while folder.exists():
        count += 1
        folder = out / f"{stamp}_{count}"
    folder.mkdir(parents=True)
    return folder


def _png(picture: np.ndarray) -> bytes:
    # Not cv2.imwrite: it answers False where the system says what is wrong.
    return cv2.imencode(".png", picture)[1].tobytes()
