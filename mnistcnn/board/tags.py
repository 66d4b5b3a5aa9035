"""The tags of digits: boxes around them, and names beside the boxes."""

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from mnistcnn.board import style
from mnistcnn.board.digits import Digit, percent, spell
from mnistcnn.board.layout import Layout
from mnistcnn.board.style import Color, Lettering
from mnistcnn.reading import REJECTED

if TYPE_CHECKING:
    import pygame

NAME = 22  # in units
ROOM = 4  # between ink and its box


class Tags:
    """Paints the label of each digit right at the digit.

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
        layout: Layout,
        digits: Sequence[Digit],
    ) -> None:
        """Paints boxes and names.

        Args:
            window: the surface to paint on.
            layout: where the paper is.
            digits: the digits; those without a label get no box.
        """
        boxes = [self.find_box(layout, digit) for digit in digits]
        paper = self._pygame.Rect(layout.paper)
        taken = list(boxes)
        for digit, box in zip(digits, boxes, strict=True):
            if digit.label is None:
                continue
            parts = _describe(digit)
            line = self._letters.pixels(2)
            self._pygame.draw.rect(
                window, parts[0][1], box, line, border_radius=4
            )
            tag = self._make_tag(parts)
            place = _free_place(tag.get_rect(), box, paper, taken)
            taken.append(place)
            window.blit(tag, place)

    def find_box(self, layout: Layout, digit: Digit) -> "pygame.Rect":
        """Returns the rectangle around a digit's ink, on the window."""
        left, top = layout.to_window(*digit.box[:2])
        right, bottom = layout.to_window(*digit.box[2:])
        box = self._pygame.Rect(left, top, right - left, bottom - top)
        room = self._letters.pixels(ROOM)
        more = round(2 * digit.reach * layout.scale) + 2 * room
        return box.inflate(more, more)

    def _make_tag(self, parts: list[tuple[str, Color]]) -> "pygame.Surface":
        gap = self._letters.pixels(6)
        words = [self._letters.render(w, style.WHITE, NAME) for w, _ in parts]
        across = sum(word.get_width() + 2 * gap for word in words)
        down = max(word.get_height() for word in words) + gap
        tag = self._pygame.Surface((across, down))
        left = 0
        for (_, color), word in zip(parts, words, strict=True):
            width = word.get_width() + 2 * gap
            tag.fill(color, (left, 0, width, down))
            tag.blit(word, (left + gap, gap // 2 + 1))
            left += width
        return tag


def _describe(digit: Digit) -> list[tuple[str, Color]]:
    """Returns the words of a digit's tag, each with its ground."""
    if digit.given is not None:
        return [(f"{spell(digit.given)}, you say", style.GIVEN)]
    read = [(n, p) for n, p in enumerate(digit.predictions) if p is not None]
    if len({prediction.label for _, prediction in read}) > 1:
        # Where networks differ, each has its say in its colour.
        return [
            (f"{said.label} {percent(said.probability)}", style.NETWORKS[n])
            for n, said in read
        ]
    network, least = min(read, key=lambda item: item[1].probability)
    alone = len(digit.predictions) == 1
    color = style.NETWORKS[network] if alone else style.AGREED
    if least.label == REJECTED:
        color = style.REJECTED
    return [(f"{spell(least.label)} {percent(least.probability)}", color)]


def _free_place(
    tag: "pygame.Rect",
    box: "pygame.Rect",
    paper: "pygame.Rect",
    taken: list["pygame.Rect"],
) -> "pygame.Rect":
    """Puts a name beside its box, where it hides no other box and no name."""
    places = (
        {"bottomleft": (box.left, box.top)},
        {"topleft": (box.left, box.bottom)},
        {"topleft": (box.right, box.top)},
        {"topright": (box.left, box.top)},
        {"bottomleft": (box.left, box.top - tag.height - 2)},
        {"topleft": (box.left, box.bottom + tag.height + 2)},
    )
    for place in places:
        spot = tag.copy()
        for corner, point in place.items():
            setattr(spot, corner, point)
        if paper.contains(spot) and spot.collidelist(taken) < 0:
            return spot
    spot = tag.copy()
    spot.bottomleft = box.topleft
    return spot.clamp(paper)
