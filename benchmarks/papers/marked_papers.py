"""Small numbers with lines as dark and as thick as the pen, or thicker.

Marks that a pen or a printer adds to a number often have the same ink, and are
only a pixel or two away from a small number.
"""

from collections.abc import Callable

import cv2
import numpy as np

from papers.boxed_papers import draw_rectangle
from papers.made_page import Page, take_row

SMALL = (18, 45)  # pixels: a digit's height


def _take_small(page: Page) -> tuple[str, list]:
    """Starts a sheet for a small number."""
    rng = page.rng
    page.tall = rng.uniform(*SMALL)
    page.pen = max(1.8, page.tall * rng.uniform(0.07, 0.16))
    return take_row(page)


def _draw_by_pen(page: Page, lines: list) -> float:
    """Draws lines with the pen, thinner or thicker; returns their width."""
    width = page.pen * page.rng.uniform(0.6, 1.5)
    page.draw_strokes(lines, width, page.ink)
    return width


def _underline(page: Page, near: Callable[[], float]) -> str:
    """Writes a number, and underlines all or part of it."""
    number, place = _take_small(page)
    rng = page.rng
    left, _, right, bottom = page.around(page.write(number, *place))
    start = left - rng.uniform(-0.3, 0.3) * page.tall
    long = max((right - left) * rng.uniform(0.4, 1.1), 2.2 * page.tall)
    y = bottom + near()
    _draw_by_pen(
        page, [page.line((start, y), (start + long, y), rng.normal(0, 0.01))]
    )
    return number


def underline_near(page: Page) -> str:
    """An underline of all or part of the number, only a few pixels away."""
    return _underline(
        page,
        lambda: 1.5 * page.pen + page.tall * page.rng.uniform(0.05, 0.3),
    )


def underline_touching(page: Page) -> str:
    """An underline that digits stand on."""
    return _underline(page, lambda: page.pen * page.rng.uniform(-0.2, 0.8))


def between_lines(page: Page) -> str:
    """A line above the number and one below, as long as the number."""
    number, place = _take_small(page)
    rng = page.rng
    left, top, right, bottom = page.around(page.write(number, *place))
    right = max(right, left + 2 * page.tall)
    near = 1.5 * page.pen + page.tall * rng.uniform(0.08, 0.4)
    _draw_by_pen(
        page,
        [page.line((left, y), (right, y)) for y in (top - near, bottom + near)],
    )
    return number


def ringed(page: Page) -> str:
    """A ring around the number."""
    number, place = _take_small(page)
    rng = page.rng
    left, top, right, bottom = page.around(page.write(number, *place))
    turns = np.linspace(0, 2 * np.pi, 90)
    # Large enough to enclose the number's corners.
    wide = (right - left) / 2 + page.tall * rng.uniform(0.6, 0.9)
    high = (bottom - top) / 2 + page.tall * rng.uniform(0.4, 0.7)
    ring = np.stack([wide * np.cos(turns), high * np.sin(turns)], axis=1)
    middle = np.array([left + right, top + bottom]) / 2
    _draw_by_pen(page, [middle + ring])
    return number


def boxes_thick(page: Page) -> str:
    """A box for each digit, its walls as thick as the pen."""
    number, _ = _take_small(page)
    rng, tall = page.rng, page.tall
    side, high = tall * rng.uniform(1.5, 2.0), tall * rng.uniform(1.6, 2.0)
    gap = rng.choice([0.0, side * rng.uniform(0.15, 0.4)])
    edge = tall * rng.uniform(0.2, 0.8)
    page.open(high + 2 * edge, len(number) * (side + gap) + 2 * edge)
    lines = []
    for place, label in enumerate(number):
        left = edge + place * (side + gap)
        lines += draw_rectangle(page, (left, edge, left + side, edge + high))
        digit, size = page.fit(int(label), tall)
        at = np.array([left, edge]) + (np.array([side, high]) - size) / 2
        page.draw_strokes([s + at for s in digit], page.pen, page.ink)
    _draw_by_pen(page, lines)
    return number


def walls_thick(page: Page) -> list[list[str]]:
    """A grid with walls as thick as the pen; in a sudoku each third thicker."""
    _take_small(page)
    rng, tall = page.rng, page.tall
    count = int(rng.choice([3, 4, 5, 9]))
    side = tall * rng.uniform(1.5, 2.0)
    # On the picture's border, or near it.
    edge = tall * rng.uniform(0.05, 0.8)
    far = edge + count * side
    page.open(far + edge, far + edge)
    width = min(page.pen * rng.uniform(0.6, 1.5), 0.11 * side)
    for k, at in enumerate(edge + side * np.arange(count + 1)):
        thick = 1 + (k % 3 == 0) * (count == 9)
        lines = [((edge, at), (far, at)), ((at, edge), (at, far))]
        page.draw_strokes(
            [page.line(*e) for e in lines], thick * width, page.ink
        )
    cells = []
    for row in range(count):
        cells.append([])
        for column in range(count):
            label = str(rng.integers(1, 10)) if rng.random() < 0.5 else ""
            cells[-1].append(label)
            if label:
                digit, size = page.fit(int(label), tall)
                at = edge + side * np.array([column, row]) + (side - size) / 2
                page.draw_strokes([s + at for s in digit], page.pen, page.ink)
    return cells


def column(page: Page) -> str:
    """Left-aligned numbers near a border, as in a list or a sum."""
    _take_small(page)
    rng, tall = page.rng, page.tall
    rows, step = int(rng.integers(3, 6)), tall * rng.uniform(1.5, 2.0)
    edge = tall * rng.uniform(0.3, 1.0)
    page.open(rows * step + 2 * edge, tall * rng.uniform(6, 9))
    numbers = [page.number(1, 3) for _ in range(rows)]
    for row, number in enumerate(numbers):
        page.write(number, edge, edge + row * step)
    if rng.random() < 0.5:
        y = edge + (rows - 1) * step - (step - tall) / 2
        page.draw_strokes(
            [page.line((edge / 2, y), (edge + 4 * tall, y))], page.pen, page.ink
        )
    return "".join(numbers)


def tilted_rules(page: Page) -> str:
    """A ruled page turned by up to five degrees: rules cut off its corners."""
    number, place = _take_small(page)
    rng = page.rng
    step = page.tall * rng.uniform(1.6, 2.2)
    first = place[1] + (page.tall - step) / 2 - 10 * step
    far = 2 * page.width
    rules = [
        page.line((-far, y), (page.width + far, y))
        for y in np.arange(first, page.height + 10 * step, step)
    ]
    _draw_by_pen(page, rules)
    page.write(number, *place)
    size = (page.width, page.height)
    turn = cv2.getRotationMatrix2D(
        (size[0] / 2, size[1] / 2), rng.uniform(-5, 5), 1.0
    )
    page.painted = cv2.warpAffine(
        page.painted, turn, size, borderMode=cv2.BORDER_REPLICATE
    )
    return number
