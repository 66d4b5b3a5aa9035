"""The tags of digits: boxes around them, and labels beside the boxes."""

from collections.abc import Sequence

from mnistcnn.board import style
from mnistcnn.board.digits import Digit, list_candidates, percent, spell
from mnistcnn.board.layout import Layout
from mnistcnn.board.style import Color, Painter
from mnistcnn.reading import REJECTED

NAME = 22  # in units
ROOM = 4  # between ink and its box


def paint_tags(
    painter: Painter,
    layout: Layout,
    digits: Sequence[Digit],
    pointed: Digit | None,
    classes: Sequence[Sequence[str]],
) -> None:
    """Paints the labels beside the digits; a digit without one has no box.

    Args:
        painter: of the window.
        layout: of the window.
        digits: in reading order.
        pointed: the one that the pointer rests on, whose alternatives are
            painted as well.
        classes: each network's classes' names.
    """
    boxes = [_find_box(painter, layout, digit) for digit in digits]
    paper = painter.pygame.Rect(layout.paper)
    taken = list(boxes)
    for digit, box in zip(digits, boxes, strict=True):
        if digit.label is None:
            continue
        parts = _describe(digit)
        if digit is pointed:
            parts += _describe_candidates(digit, classes)
        painter.fill(parts[0][1], box, radius=4, border=painter.pixels(2))
        tag = _make_tag(painter, parts)
        place = _find_place(tag, box, paper, taken)
        taken.append(place)
        painter.window.blit(tag, place)


def _find_box(painter, layout, digit):
    """Returns the rectangle around a digit's ink, on the window."""
    left, top = layout.to_window(*digit.box[:2])
    right, bottom = layout.to_window(*digit.box[2:])
    box = painter.pygame.Rect(left, top, right - left, bottom - top)
    more = round(2 * digit.reach * layout.scale) + 2 * painter.pixels(ROOM)
    return box.inflate(more, more)


def _make_tag(painter, parts):
    gap = painter.pixels(6)
    words = [painter.render(word, style.WHITE, NAME) for word, _ in parts]
    across = sum(word.get_width() + 2 * gap for word in words)
    down = max(word.get_height() for word in words) + gap
    tag = painter.pygame.Surface((across, down))
    left = 0
    for (_, color), word in zip(parts, words, strict=True):
        width = word.get_width() + 2 * gap
        tag.fill(color, (left, 0, width, down))
        tag.blit(word, (left + gap, gap // 2 + 1))
        left += width
    return tag


def _describe(digit: Digit) -> list[tuple[str, Color]]:
    """Returns the words of a digit's tag, each with its background."""
    if digit.given is not None:
        return [(f"{spell(digit.given)}, you say", style.GIVEN)]
    read = [(n, p) for n, p in enumerate(digit.predictions) if p is not None]
    if len({prediction.label for _, prediction in read}) > 1:
        # If networks differ, each label is shown in its network's colour.
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


def _describe_candidates(digit, classes):
    """Returns the alternatives for a digit, each with its background."""
    alone = len(digit.predictions) == 1
    return [
        (f"{name}: {percent(p)}", style.REJECTED if alone else color)
        for prediction, names, color in zip(
            digit.predictions, classes, style.NETWORKS, strict=False
        )
        if prediction is not None
        for name, p in list_candidates(prediction, names)
    ]


def _find_place(tag, box, paper, taken):
    """Finds a place beside a box that covers no other box or name."""
    for place in (
        {"bottomleft": (box.left, box.top)},
        {"topleft": (box.left, box.bottom)},
        {"topleft": (box.right, box.top)},
        {"topright": (box.left, box.top)},
        {"bottomleft": (box.left, box.top - tag.get_height() - 2)},
        {"topleft": (box.left, box.bottom + tag.get_height() + 2)},
    ):
        spot = tag.get_rect(**place)
        if paper.contains(spot) and spot.collidelist(taken) < 0:
            return spot
    return tag.get_rect(bottomleft=box.topleft).clamp(paper)
