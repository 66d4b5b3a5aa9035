"""Rendering: strokes, and pieces of pictures, as pixels."""

from collections.abc import Sequence

import cv2
import numpy as np

from mnistcnn.board.pieces import Piece, Pixels
from mnistcnn.ink import Stroke
from mnistcnn.pictures import ink_to_image, rasterize, strokes_to_image


def strokes_to_digit(strokes: Sequence[Stroke]) -> Pixels:
    """Draws a digit's strokes and pieces as MNIST would show them.

    Args:
        strokes: at least one.

    Returns:
        `(28, 28)` uint8: of a pen's strokes as `strokes_to_image`, of a
        piece as `mnistcnn predict` makes it of the picture.
    """
    pieces = [stroke for stroke in strokes if isinstance(stroke, Piece)]
    if not pieces:
        return strokes_to_image([stroke.points for stroke in strokes])
    if len(strokes) == 1:
        return ink_to_image(pieces[0].pixels)
    # All in the resolution of the finest.
    unit = min(piece.unit for piece in pieces)
    boxes = np.array([stroke.box for stroke in strokes])
    wide = max(stroke.width for stroke in strokes)
    low, high = boxes[:, :2].min(axis=0) - wide, boxes[:, 2:].max(axis=0) + wide
    across, down = np.ceil((high - low) / unit).astype(int).tolist()
    corner = (float(low[0]), float(low[1]))
    return ink_to_image(draw(strokes, (down, across), 1 / unit, corner))


def draw(
    strokes: Sequence[Stroke],
    shape: tuple[int, int],
    scale: float = 1.0,
    corner: tuple[float, float] = (0.0, 0.0),
) -> Pixels:
    """Draws strokes and pieces as they are.

    Args:
        strokes: of a canvas.
        shape: height and width of the picture.
        scale: its pixels for a unit of the drawing.
        corner: where on the drawing its left top corner is.

    Returns:
        `(h, w)` uint8, bright ink on black.
    """
    picture = np.zeros(shape, np.uint8)
    pens = [stroke for stroke in strokes if not isinstance(stroke, Piece)]
    for width in {stroke.width for stroke in pens}:
        lines = [
            (stroke.points - np.array(corner)) * scale
            for stroke in pens
            if stroke.width == width
        ]
        np.maximum(picture, rasterize(lines, shape, width * scale), out=picture)
    for stroke in strokes:
        if isinstance(stroke, Piece):
            paste(picture, stroke, scale, corner)
    return picture


def paste(
    picture: Pixels, piece: Piece, scale: float, corner: tuple[float, float]
) -> None:
    """Draws a piece into a picture, see `draw`."""
    pixel = piece.unit * scale
    left, top = (np.array(piece.corner) - np.array(corner)) * scale
    # A pixel's colour is that of its middle.
    shift = np.array([[pixel, 0, left], [0, pixel, top]])
    shift[:, 2] += pixel / 2 - 0.5
    down, across = picture.shape
    small = piece.pixels
    if pixel < 1:
        # First as small as it is shown, or fine lines would be missed.
        size = [max(1, round(side * pixel)) for side in small.shape[::-1]]
        small = cv2.resize(small, size, interpolation=cv2.INTER_AREA)
        shift = np.array([[1, 0, left], [0, 1, top]])
    moved = cv2.warpAffine(small, shift, (across, down))
    np.maximum(picture, moved, out=picture)
