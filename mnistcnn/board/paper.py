"""The paper: only the canvas' ink, in the size of the window.

Only strokes, and pieces of pictures, are painted here. Boxes and names are
painted on the window, over a copy of this sheet, and digits are read from the
strokes themselves.
"""

from types import ModuleType
from typing import Any

import cv2
import numpy as np

from mnistcnn.board.pieces import Piece
from mnistcnn.board.rendering import paste
from mnistcnn.board.window import Surface
from mnistcnn.ink import Canvas, Stroke

SIZE = (880, 600)  # the drawing's own units, whatever the window's size
PAPER = (253, 252, 249)
INK = (27, 33, 46)

_FRACTION_BITS = 3  # of OpenCV's coordinates
_FAR = 1e6  # pixels; OpenCV's coordinates have 32 bits
_MAX_PATCHES = 16  # more of them than this are painted as one


class Paper:
    """A sheet that shows a canvas; only changes are painted."""

    def __init__(self, pygame: ModuleType, canvas: Canvas):
        self._pygame = pygame
        self._canvas = canvas
        self._sheet: Any = None  # a surface, as soon as its size is known
        self._shown: tuple[Stroke, ...] = ()

    def paint(self, size: tuple[int, int]) -> Surface:
        """Brings the sheet up to date.

        Args:
            size: width and height in pixels, in the proportions of `SIZE`.

        Returns:
            The sheet, of that size; not to be painted on.
        """
        ink = self._canvas.ink
        if self._sheet is None or self._sheet.get_size() != size:
            self._sheet = self._pygame.Surface(size)
            self._sheet.fill(PAPER)
            self._shown = ()
        if ink is not self._shown:
            self._paint_changes(ink, size[0] / SIZE[0])
            self._shown = ink
        return self._sheet

    def _paint_changes(self, ink, scale):
        # While a pen draws, only the last stroke changes.
        same = max(len(self._shown) - 1, 0)
        if ink[:same] != self._shown[:same]:
            same = 0
        old = {stroke.number: stroke for stroke in self._shown[same:]}
        lines = []
        for stroke in ink[same:]:
            before = old.pop(stroke.number, None)
            done = len(before.points) if before else 0
            if done < len(stroke.points):
                # From the last painted point, so that no gap is left.
                points = stroke.points[max(done - 1, 0) :]
                lines.append((points * scale, stroke.width * scale, stroke))
        gone = [(s.points * scale, s.width * scale, s) for s in old.values()]
        for part in _divide(gone):
            self._repaint(self._find_area(part), ink, scale)
        for part in _divide(lines):
            area = self._find_area(part)
            # The darker of old and new, so that a line continues without a
            # seam.
            self._blit(part, area, self._pygame.BLEND_RGB_MIN)

    def _repaint(self, area, ink, scale):
        left, top, right, bottom = (side / scale for side in area)
        lines = [
            (stroke.points * scale, stroke.width * scale, stroke)
            for stroke in ink
            if stroke.box[0] - stroke.width <= right
            and stroke.box[2] + stroke.width >= left
            and stroke.box[1] - stroke.width <= bottom
            and stroke.box[3] + stroke.width >= top
        ]
        self._blit(lines, area, 0)

    def _find_area(self, lines):
        """Returns the left, top, right and bottom of the area of lines."""
        limit = self._sheet.get_size()
        boxes = [
            (points.min(axis=0) - width, points.max(axis=0) + width)
            for points, width, _ in lines
        ]
        low = np.floor(np.min([box[0] for box in boxes], axis=0)) - 2
        high = np.ceil(np.max([box[1] for box in boxes], axis=0)) + 2
        sides = np.clip([low, high], 0, limit).astype(int)
        return tuple(sides.ravel().tolist())

    def _blit(self, lines, area, how):
        left, top, right, bottom = area
        if left >= right or top >= bottom:
            return
        patch = np.full((bottom - top, right - left, 3), PAPER, np.uint8)
        for points, width, stroke in lines:
            if isinstance(stroke, Piece):
                _draw_piece(patch, stroke, width / stroke.width, (left, top))
            else:
                _draw_line(patch, points - (left, top), width)
        patch = self._pygame.image.frombuffer(
            patch.tobytes(), (right - left, bottom - top), "RGB"
        )
        self._sheet.blit(patch, (left, top), special_flags=how)


def _divide(lines):
    """Divides lines into parts that are painted at a time."""
    if len(lines) > _MAX_PATCHES:
        return [lines]
    return [[line] for line in lines]


def _draw_piece(patch, piece, scale, corner):
    """Draws ink of a picture, in pixels from a corner of the sheet."""
    ink = np.zeros(patch.shape[:2], np.uint8)
    paste(ink, piece, scale, (corner[0] / scale, corner[1] / scale))
    share = ink[..., None] / 255
    mixed = np.array(PAPER) * (1 - share) + np.array(INK) * share
    np.minimum(patch, np.rint(mixed).astype(np.uint8), out=patch)


def _draw_line(patch, points, width):
    """Draws an antialiased line with round ends, in pixels."""
    # Not `rasterize`, which is exact but takes a hundred times as long.
    spots = np.clip(points, -_FAR, _FAR) * 2**_FRACTION_BITS
    spots = np.rint(spots - 2 ** (_FRACTION_BITS - 1)).astype(np.int32)
    if len(spots) == 1:
        spots = spots.repeat(2, axis=0)
    # OpenCV's own lines are about a pixel wider than requested.
    thick = max(round(width) - 1, 1)
    cv2.polylines(
        patch, [spots], False, INK, thick, cv2.LINE_AA, _FRACTION_BITS
    )
