"""The panel: what a network sees of a digit, and its probabilities."""

from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mnistcnn.board.digits import Digit, percent, spell
from mnistcnn.board.scene import Report
from mnistcnn.board.style import (
    BAR,
    MUTED,
    NETWORKS,
    RULE,
    TEXT,
    Color,
    Lettering,
)
from mnistcnn.pictures import IMAGE_SIZE

if TYPE_CHECKING:
    import pygame

LINE = 22  # the height of a line of text, in units
GAP = 14
KEY_WIDTH = 76  # of a fact's name
NAME_WIDTH, PERCENT_WIDTH = 20, 56  # beside a bar


class Panel:
    """Paints one digit as a network sees it.

    Args:
        pygame: the pygame module.
        letters: renders words.
    """

    def __init__(self, pygame: ModuleType, letters: Lettering):
        self._pygame = pygame
        self._letters = letters

    def paint(
        self,
        window: "pygame.Surface",
        area: tuple[int, int, int, int],
        digit: Digit | None,
        network: int,
        report: Report,
    ) -> None:
        """Paints the panel.

        Args:
            window: the surface to paint on.
            area: left, top, width and height, in pixels.
            digit: the digit to show, if any.
            network: which of the networks this is of.
            report: its classes and facts.
        """
        left, top, across, down = area
        write = self._letters.write
        line, gap = self._letters.pixels(LINE), self._letters.pixels(GAP)
        classes, facts = report.classes, report.facts
        lines = 2 + len(classes) + len(facts)
        room = down - lines * line - 2 * gap
        zoom = min(max(room // IMAGE_SIZE, 1), across // IMAGE_SIZE)
        write(window, "What the network sees", MUTED, topleft=(left, top))
        top += line
        image = None if digit is None else digit.image
        self.paint_image(window, (left, top), zoom * IMAGE_SIZE, image)
        top += zoom * IMAGE_SIZE + gap
        prediction = digit and digit.predictions[network]
        heading, color, best = "Probabilities", MUTED, -1
        if prediction:
            heading = f"It says: {spell(prediction.label)}"
            color = NETWORKS[network]
            best = int(np.argmax(prediction.probabilities))
        write(window, heading, color, room=across, topleft=(left, top))
        top += line
        for row, name in enumerate(classes):
            value = float(prediction.probabilities[row]) if prediction else None
            shade = color if row == best else BAR
            self._paint_bar(window, (left, top, across), name, value, shade)
            top += line
        top = max(top, area[1] + down - len(facts) * line)
        for name, value in facts:
            if top + line > area[1] + down:
                break
            write(window, name, MUTED, topleft=(left, top))
            aside = self._letters.pixels(KEY_WIDTH)
            place = (left + aside, top)
            write(window, value, TEXT, room=across - aside, topleft=place)
            top += line

    def paint_image(
        self,
        window: "pygame.Surface",
        spot: tuple[int, int],
        side: int,
        image: npt.NDArray[np.uint8] | None,
    ) -> None:
        """Paints a grey picture, enlarged so that a pixel is a square.

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

    def _paint_bar(
        self,
        window: "pygame.Surface",
        place: tuple[int, int, int],
        name: str,
        value: float | None,
        color: Color,
    ):
        left, top, across = place
        letters = self._letters
        shade = MUTED if color == BAR else TEXT
        room = letters.pixels(16)
        letters.write(window, name, shade, room=room, topleft=(left, top))
        start = letters.pixels(NAME_WIDTH)
        room = across - start - letters.pixels(PERCENT_WIDTH)
        height = letters.pixels(LINE - 9)
        track = self._pygame.Rect(left + start, top + 1, room, height)
        self._fill(window, RULE, track)
        if value is not None:
            right = (left + across, top)
            letters.write(window, percent(value), shade, topright=right)
            track.width = round(value * room) if value == value else 0
            if track.width:
                self._fill(window, color, track)

    def _fill(
        self, window: "pygame.Surface", color: Color, rect: "pygame.Rect"
    ):
        radius = self._letters.pixels(3)
        self._pygame.draw.rect(window, color, rect, border_radius=radius)
