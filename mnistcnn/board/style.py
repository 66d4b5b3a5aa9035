"""The board's style: its colours, and words in pygame's own font.

Text is legible on its background: a test requires a contrast of 4.5 to 1 for
every pair, the bound of WCAG 2.2 for plain text.
"""

from types import ModuleType

import numpy as np
import numpy.typing as npt

from mnistcnn.board.window import Rect, Surface
from mnistcnn.errors import make_printable

Color = tuple[int, int, int]  # red, green and blue, 0 to 255

BACKGROUND = (238, 240, 243)
WHITE = (255, 255, 255)
TEXT = (27, 33, 46)
MUTED = (80, 88, 102)
RULE = (205, 209, 216)
WARNING = (255, 224, 145)
BUTTON = (226, 229, 234)
BAR = (120, 136, 166)
NETWORKS = ((190, 26, 32), (24, 92, 168))  # the first network, and the second
GIVEN = (20, 104, 62)  # a person's label
REJECTED = (80, 88, 102)
AGREED = (52, 60, 78)  # labels that two networks agree on

BODY = 20  # units
LEAST = 8  # pixels


class Painter:
    """A painter of fitted words and pictures on the window.

    Sizes are in units, `unit` pixels each; places and room in pixels.
    `window` is the surface to paint on.
    """

    window: Surface

    def __init__(self, pygame: ModuleType):
        self.pygame = pygame
        self.unit: float = 1.0
        self._fonts = {}

    def render(self, text: str, color: Color, size: int = BODY) -> Surface:
        """Returns a surface with one line of text, antialiased."""
        return self._font(size).render(make_printable(text), True, color)

    def fit(
        self, text: str, color: Color, room: int, size: int = BODY
    ) -> Surface:
        """Returns a surface no wider than `room`.

        The words are shrunk, down to half of `size`, then truncated.
        """
        text = make_printable(text)
        for smaller in range(size, size // 2, -2):
            if self._font(smaller).size(text)[0] <= room:
                return self.render(text, color, smaller)
        size = size // 2
        return self.render(self._cut(text, room, size), color, size)

    def write(
        self,
        text: str,
        color: Color,
        *,
        room: int | None = None,
        size: int = BODY,
        **place: tuple[int, int],
    ) -> Rect:
        """Paints one line of text, fitted to `room` if that is given.

        `place` is as for `pygame.Rect`: `topleft=(x, y)`. Returns the rectangle
        of the words.
        """
        words = self.render(text, color, size)
        if room is not None:
            words = self.fit(text, color, room, size)
        return self.window.blit(words, words.get_rect(**place))

    def fill(
        self, color: Color, rect: Rect, *, radius: int, border: int = 0
    ) -> None:
        """Fills a rectangle with round corners, or draws its border."""
        self.pygame.draw.rect(
            self.window, color, rect, border, border_radius=radius
        )

    def paint_pixels(
        self, pixels: npt.NDArray[np.uint8], spot: tuple[int, int], side: int
    ) -> None:
        """Paints `(height, width, 3)` pixels as a square of `side` pixels."""
        down, across = pixels.shape[:2]
        small = self.pygame.image.frombuffer(
            pixels.tobytes(), (across, down), "RGB"
        )
        large = self.pygame.transform.scale(small, (side, side))
        self.window.blit(large, spot)

    def wrap(self, text: str, room: int, size: int = BODY) -> list[str]:
        """Wraps a text into at most two lines; the rest is truncated."""
        text = make_printable(text)
        if self._font(size).size(text)[0] <= room:
            return [text]
        first = ""
        for word in text.split():
            longer = f"{first} {word}".strip()
            if self._font(size).size(longer)[0] > room:
                break
            first = longer
        rest = text[len(first) :].strip()
        lines = [first, self._cut(rest, room, size)]
        return [line for line in lines if line]

    def pixels(self, units: float) -> int:
        """Returns a length in pixels, at least 1."""
        return max(round(units * self.unit), 1)

    def _cut(self, text, room, size):
        if self._font(size).size(text)[0] <= room:
            return text
        while text and self._font(size).size(text + "…")[0] > room:
            text = text[: -max(1, len(text) // 16)]
        return text + "…"

    def _font(self, size):
        pixels = max(round(size * self.unit), LEAST)
        if pixels not in self._fonts:
            self._fonts[pixels] = self.pygame.font.Font(None, pixels)
        return self._fonts[pixels]
