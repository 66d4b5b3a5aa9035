"""A picture that was read: a box and a name for each digit."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.patches import Rectangle

from mnistcnn.figures.drawing import WIDTH, picture

BOX = "#d55e00"
_MAX_HEIGHT = 2 * WIDTH  # inches, however tall the picture is


def draw_boxes(
    read: npt.NDArray[np.uint8],
    boxes: Sequence[tuple[float, float, float, float]],
    labels: Sequence[str],
    path: str | Path,
) -> Path:
    """Draws a picture in grey, with a box and a name for each of its digits.

    Args:
        read: `(h, w)`, or `(h, w, 3)` or `(h, w, 4)` of any order of colours,
            uint8.
        boxes: left, top, right and bottom of each, in pixels.
        labels: the boxes' names.
        path: where the PNG goes.

    Returns:
        `path`.
    """
    grey = read if read.ndim == 2 else read[..., :3].mean(axis=2)
    height, width = grey.shape
    size = (WIDTH, min(WIDTH * height / width + 0.2, _MAX_HEIGHT))
    with picture(path, size) as figure:
        axes = figure.subplots()
        axes.imshow(grey, cmap="gray", vmin=0, vmax=255)
        axes.axis("off")
        for (left, top, right, bottom), label in zip(
            boxes, labels, strict=True
        ):
            corner, sides = (left, top), (right - left, bottom - top)
            box = Rectangle(corner, *sides, fill=False, ec=BOX, lw=1.2)
            axes.add_patch(box)
            axes.text(left, top, label, color=BOX, va="bottom", weight="bold")
    return Path(path)
