"""Rendering: strokes, and pieces of pictures, as pixels."""

from collections.abc import Sequence

import cv2
import numpy as np

from mnistcnn.board.pieces import Piece, Pixels
from mnistcnn.ink import Stroke
from mnistcnn.pictures import ink_to_image, rasterize, strokes_to_image


def strokes_to_digit(strokes: Sequence[Stroke]) -> Pixels:
    """Draws a digit's strokes and pieces in MNIST's form.

    Args:
        strokes: at least one.

    Returns:
        `(28, 28)` uint8: for pen strokes as by `strokes_to_image`, for a piece
        as `mnistcnn predict` makes it from the picture.
    """
    pieces = [stroke for stroke in strokes if isinstance(stroke, Piece)]
    if not pieces:
        return strokes_to_image([stroke.points for stroke in strokes])
    if len(strokes) == 1:
        return ink_to_image(pieces[0].pixels)
    # All in the finest resolution among them.
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
        scale: pixels of the picture per unit of the drawing.
        corner: the place of its top left corner on the drawing.

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
    # A pixel is sampled at its centre.
    shift = np.array([[pixel, 0, left], [0, pixel, top]])
    shift[:, 2] += pixel / 2 - 0.5
    down, across = picture.shape
    small = piece.pixels
    if pixel < 1:
        # First reduced to the size on screen, or fine lines would be missed.
        size = [max(1, round(side * pixel)) for side in small.shape[::-1]]
        small = cv2.resize(small, size, interpolation=cv2.INTER_AREA)
        shift = np.array([[1, 0, left], [0, 1, top]])
    moved = cv2.warpAffine(small, shift, (across, down))
    np.maximum(picture, moved, out=picture)
