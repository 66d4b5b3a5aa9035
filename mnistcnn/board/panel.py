"""The board's panel: what the net sees of a digit, and what it says."""

import numpy as np

from mnistcnn.board.lettering import Lettering
from mnistcnn.board.readings import Digit, percent
from mnistcnn.preprocessing import IMAGE_SIZE

TEXT = (27, 33, 46)
MUTED = (86, 94, 108)
RULE = (205, 209, 216)
RED = (196, 30, 36)
BAR = (71, 99, 150)

LINE = 22  # the height of a line of text
GAP = 14
KEY_WIDTH = 76  # of a fact's name


class Panel:
    """Paints one digit as the net sees it.

    Args:
        pygame: the pygame module.
        letters: renders words.
    """

    def __init__(self, pygame, letters: Lettering):
        self._pygame = pygame
        self._letters = letters

    def paint(
        self,
        window,
        area: tuple[int, int, int, int],
        digit: Digit | None,
        classes: tuple[str, ...],
        facts: tuple[tuple[str, str], ...],
    ) -> None:
        """Paint the panel.

        Args:
            window: the surface to paint on.
            area: left, top, width and height, in pixels.
            digit: the digit to show, if any.
            classes: the classes' names.
            facts: names and values for the foot.
        """
        left, top, across, down = area
        lines = 2 + len(classes) + len(facts)
        room = down - lines * LINE - 2 * GAP
        zoom = min(max(room // IMAGE_SIZE, 2), across // IMAGE_SIZE)
        words = self._letters.render("What the net sees", MUTED)
        window.blit(words, (left, top))
        top += LINE
        self._paint_image(window, (left, top), zoom * IMAGE_SIZE, digit)
        top += zoom * IMAGE_SIZE + GAP
        heading = "Probabilities"
        if digit is not None and digit.label is not None:
            heading = f"What it says: {digit.name}"
        window.blit(self._letters.fit(heading, MUTED, across), (left, top))
        top += LINE
        self._paint_bars(window, (left, top, across), digit, classes)
        top = max(top + len(classes) * LINE, area[1] + down - len(facts) * LINE)
        for name, value in facts:
            if top + LINE > area[1] + down:
                break
            window.blit(self._letters.render(name, MUTED), (left, top))
            words = self._letters.fit(value, TEXT, across - KEY_WIDTH)
            window.blit(words, (left + KEY_WIDTH, top))
            top += LINE

    def _paint_image(self, window, spot, side, digit):
        image = np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8)
        if digit is not None:
            image = digit.image
        pixels = np.repeat(image[..., None], 3, axis=2).tobytes()
        small = self._pygame.image.frombuffer(
            pixels, (IMAGE_SIZE, IMAGE_SIZE), "RGB"
        )
        # Not smooth: these are the pixels that the net gets.
        large = self._pygame.transform.scale(small, (side, side))
        window.blit(large, spot)

    def _paint_bars(self, window, place, digit, classes):
        left, top, across = place
        values = None if digit is None else digit.probabilities
        best = -1 if values is None else int(np.argmax(values))
        room = across - 20 - 56
        for row, name in enumerate(classes):
            color = TEXT if row == best else MUTED
            window.blit(self._letters.fit(name, color, 16), (left, top))
            track = self._pygame.Rect(left + 20, top + 1, room, LINE - 9)
            self._fill(window, RULE, track)
            if values is not None:
                words = self._letters.render(percent(values[row]), color)
                spot = words.get_rect(topright=(left + across, top))
                window.blit(words, spot)
                track.width = round(float(values[row]) * room)
                if track.width:
                    self._fill(window, RED if row == best else BAR, track)
            top += LINE

    def _fill(self, window, color, rect):
        self._pygame.draw.rect(window, color, rect, border_radius=3)
