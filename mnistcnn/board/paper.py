"""The sheet on the screen: ink in the size of the window, and nothing else.

Only strokes are painted here. Boxes and names are painted on the window, over
a copy of this sheet, and what is read is made from the strokes themselves.
"""

import numpy as np

from mnistcnn.canvas import Canvas
from mnistcnn.preprocessing import rasterize

SIZE = (880, 600)  # the drawing's own units, whatever the window's size
PEN = 18.0
PAPER = (253, 252, 249)
INK = (27, 33, 46)

_COVERAGE = np.arange(256)[:, None] / 255
_COLORS = np.rint(
    np.array(PAPER) * (1 - _COVERAGE) + np.array(INK) * _COVERAGE
).astype(np.uint8)


class Paper:
    """Paints a canvas, and only what is new since the last time.

    Args:
        pygame: the pygame module.
        canvas: what is drawn, in units of `SIZE`.
    """

    def __init__(self, pygame, canvas: Canvas):
        self._pygame = pygame
        self._canvas = canvas
        self._sheet = None
        self._painted = (0, 0)  # strokes done, points done of the next one
        self._rewrites = -1
        self._revision = -1

    def paint(self, size: tuple[int, int]):
        """Bring the sheet up to date.

        Args:
            size: width and height in pixels, in the proportions of `SIZE`.

        Returns:
            The sheet, a `pygame.Surface` of that size; not to be painted on.
        """
        canvas = self._canvas
        if (
            self._sheet is None
            or self._sheet.get_size() != size
            or self._rewrites != canvas.rewrites
        ):
            self._sheet = self._pygame.Surface(size)
            self._sheet.fill(PAPER)
            self._painted = (0, 0)
            self._rewrites = canvas.rewrites
            self._revision = -1
        if self._revision != canvas.revision:
            self._revision = canvas.revision
            self._paint_new(canvas.strokes, size[0] / SIZE[0])
        return self._sheet

    def _paint_new(self, strokes, scale):
        done, points = self._painted
        fresh = list(strokes[done:])
        if fresh and points:
            # From the last painted point, so that no gap is left.
            fresh[0] = fresh[0][points - 1 :]
        fresh = [stroke * scale for stroke in fresh]
        across, down = self._sheet.get_size()
        # Each in its own patch, unless the patches are more than the sheet.
        if sum(map(_area, fresh)) > across * down:
            self._blot(fresh, scale)
        else:
            for stroke in fresh:
                self._blot([stroke], scale)
        if self._canvas.drawing:
            self._painted = (len(strokes) - 1, len(strokes[-1]))
        else:
            self._painted = (len(strokes), 0)

    def _blot(self, strokes, scale):
        """Paint strokes given in pixels."""
        width = PEN * scale
        reach = width / 2 + 2
        points = np.concatenate(strokes)
        limit = self._sheet.get_size()
        low = np.clip(np.floor(points.min(0) - reach), 0, limit).astype(int)
        high = np.clip(np.ceil(points.max(0) + reach), 0, limit).astype(int)
        across, down = (high - low).tolist()
        if across <= 0 or down <= 0:
            return
        ink = rasterize([s - low for s in strokes], (down, across), width)
        patch = self._pygame.image.frombuffer(
            _COLORS[ink].tobytes(), (across, down), "RGB"
        )
        # The darker of old and new: strokes that cross stay one even ink.
        self._sheet.blit(
            patch, low.tolist(), special_flags=self._pygame.BLEND_RGB_MIN
        )


def _area(stroke):
    return np.prod(np.ptp(stroke, axis=0))
