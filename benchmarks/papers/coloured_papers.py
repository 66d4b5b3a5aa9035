"""Digits, dark or bright, on coloured cells, plates, tiles and buttons."""

import numpy as np

from papers.made_page import Page, lay_side_by_side, take_row
from papers.stationery import draw_walls, open_table


def table_shaded(page: Page) -> list[list[str]]:
    """A table with rows, columns or some cells of another colour."""
    rng, tall = page.rng, page.tall
    (rows, columns), (high, wide), edge = open_table(page, 5)
    row, column = np.indices((rows, columns))
    shaded = (
        row == 0,
        column == 0,
        row % 2 == 0,
        rng.random((rows, columns)) < 1 / 3,
    )[rng.integers(4)]
    colour, ink = choose_colours(page)
    pens = (page.ink, ink)
    cells: list[list[str]] = [[] for _ in range(rows)]
    for at in np.ndindex(rows, columns):
        size = np.array([wide, high])
        middle = edge + (np.array(at[::-1]) + 0.5) * size
        if shaded[at]:
            fill(page, middle, size / 2, colour)
        number = page.number(1, 2)
        cells[at[0]].append(number)
        page.ink = pens[int(shaded[at])]
        left = tall * (1.3 if number[1:] else 0.5)
        page.write(number, *(middle - (left, tall / 2)))
    page.ink = pens[0]
    draw_walls(page, (rows, columns), (high, wide), edge)
    return cells


def plate(page: Page) -> str:
    """A number on a plate of another colour, with round or square corners."""
    number, place = take_row(page)
    rng, tall = page.rng, page.tall
    strokes = [s + place for s in lay_side_by_side(page, number)]
    points = np.concatenate(strokes)
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    room = page.pen + tall * rng.uniform(0.2, 0.5)
    page.open(page.height, max(page.width, (low + size)[0] + 1.5 * room))
    colour, ink = choose_colours(page)
    radius = tall * rng.choice([0, 0.3])
    fill(page, low + size / 2, size / 2 + room, colour, radius)
    page.draw_strokes(strokes, page.pen, ink)
    return number


def tiles(page: Page) -> str:
    """A digit on each of several square tiles of different colours."""
    return _write_each(page, 0)


def buttons(page: Page) -> str:
    """A digit on each of several round buttons of one colour, in rows."""
    return _write_each(page, 1)


def _write_each(page: Page, roundness: int) -> str:
    """A digit on each of one or two rows of squares (0) or circles (1)."""
    rng, tall = page.rng, page.tall
    rows, columns = int(rng.integers(1, 3)), int(rng.integers(2, 6))
    half = tall * rng.uniform(0.8, 1.1)
    step = 2 * half + tall * rng.uniform(0.25, 0.6)
    edge = tall * rng.uniform(0.3, 1)
    page.open(rows * step + 2 * edge, columns * step + 2 * edge)
    number = ""
    colours = choose_colours(page)
    for row, column in np.ndindex(rows, columns):
        middle = edge + step * (np.array([column, row]) + 0.5)
        if not roundness:
            colours = choose_colours(page)
        fill(page, middle, np.array([half, half]), colours[0], roundness * half)
        label = int(rng.integers(10))
        number += str(label)
        strokes, size = page.fit(label, tall)
        at = middle - size / 2
        page.draw_strokes([s + at for s in strokes], page.pen, colours[1])
    return number


def choose_colours(page: Page) -> tuple[np.ndarray, np.ndarray]:
    """A colour, dark or pale, and an ink colour that is visible on it."""
    rng = page.rng
    if rng.random() < 0.3:
        return page.paper * rng.uniform(0.7, 0.9), page.ink
    return rng.uniform(20, 130, 3), np.ones(3) * rng.uniform(225, 255)


def fill(
    page: Page,
    middle: np.ndarray,
    half: np.ndarray,
    colour: np.ndarray,
    radius: float = 0.0,
) -> None:
    """Fills a rectangle with rounded corners."""
    y, x = np.mgrid[: page.height, : page.width]
    away = np.abs(np.stack([x, y], axis=-1) - middle) - (half - radius)
    outside = np.hypot(*np.moveaxis(away.clip(0), -1, 0)) - radius
    outside += np.minimum(away.max(axis=-1), 0) * (radius == 0)
    page.shade(outside, 0.5, colour)
