"""The board's panel: what a net sees of a digit, and what it says."""

import numpy as np

from mnistcnn.board.colors import BAR, MUTED, NETS, RULE, TEXT
from mnistcnn.board.digits import Digit, percent, spell
from mnistcnn.board.scene import Report
from mnistcnn.board.style import Lettering
from mnistcnn.pictures import IMAGE_SIZE

LINE = 22  # the height of a line of text, in units
GAP = 14
KEY_WIDTH = 76  # of a fact's name
NAME_WIDTH, PERCENT_WIDTH = 20, 56  # beside a bar


class Panel:
    """Paints one digit as a net sees it.

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
        net: int,
        report: Report,
    ) -> None:
        """Paints the panel.

        Args:
            window: the surface to paint on.
            area: left, top, width and height, in pixels.
            digit: the digit to show, if any.
            net: which of the nets this is of.
            report: what is said of the net.
        """
        left, top, across, down = area
        line, gap = self._pixels(LINE), self._pixels(GAP)
        classes, facts = report.classes, report.facts
        lines = 2 + len(classes) + len(facts)
        room = down - lines * line - 2 * gap
        zoom = min(max(room // IMAGE_SIZE, 1), across // IMAGE_SIZE)
        words = self._letters.render("What the net sees", MUTED)
        window.blit(words, (left, top))
        top += line
        image = None if digit is None else digit.image
        self.paint_image(window, (left, top), zoom * IMAGE_SIZE, image)
        top += zoom * IMAGE_SIZE + gap
        opinion = digit and digit.opinions[net]
        heading, color = "Probabilities", MUTED
        if opinion:
            heading, color = f"It says: {spell(opinion.label)}", NETS[net]
        window.blit(self._letters.fit(heading, color, across), (left, top))
        top += line
        values = opinion.probabilities if opinion else None
        for row, name in enumerate(classes):
            value = None if values is None else float(values[row])
            best = value is not None and row == int(np.argmax(values))
            place = (left, top, across)
            self._paint_bar(
                window, place, name, value, NETS[net] if best else BAR
            )
            top += line
        top = max(top, area[1] + down - len(facts) * line)
        for name, value in facts:
            if top + line > area[1] + down:
                break
            window.blit(self._letters.render(name, MUTED), (left, top))
            aside = self._pixels(KEY_WIDTH)
            words = self._letters.fit(value, TEXT, across - aside)
            window.blit(words, (left + aside, top))
            top += line

    def paint_image(
        self, window, spot: tuple[int, int], side: int, image: np.ndarray | None
    ) -> None:
        """Paints a grey picture, enlarged as it is: a pixel is a square.

        Args:
            window: the surface to paint on.
            spot: left and top.
            side: width and height on the window, in pixels.
            image: `(height, width)` uint8; None is black.
        """
        if image is None:
            image = np.zeros((1, 1), np.uint8)
        pixels = np.repeat(image[..., None], 3, axis=2).tobytes()
        small = self._pygame.image.frombuffer(pixels, image.shape[::-1], "RGB")
        large = self._pygame.transform.scale(small, (side, side))
        window.blit(large, spot)

    def _paint_bar(self, window, place, name, value, color):
        left, top, across = place
        shade = MUTED if color == BAR else TEXT
        window.blit(
            self._letters.fit(name, shade, self._pixels(16)), (left, top)
        )
        start = self._pixels(NAME_WIDTH)
        room = across - start - self._pixels(PERCENT_WIDTH)
        height = self._pixels(LINE - 9)
        track = self._pygame.Rect(left + start, top + 1, room, height)
        self._fill(window, RULE, track)
        if value is not None:
            words = self._letters.render(percent(value), shade)
            window.blit(words, words.get_rect(topright=(left + across, top)))
            track.width = round(value * room) if value == value else 0
            if track.width:
                self._fill(window, color, track)

    def _fill(self, window, color, rect):
        round_ = self._pixels(3)
        self._pygame.draw.rect(window, color, rect, border_radius=round_)

    def _pixels(self, units):
        return max(round(units * self._letters.unit), 1)
