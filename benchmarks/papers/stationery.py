"""Stationery: graph paper, note pads; tables and number lines."""

import numpy as np

from papers.made_page import Page, take_row

SLOPE = 0.02  # pixels down per pixel across
RED = np.array([70, 70, 210])
BLUE = np.array([200, 150, 90])
PADS = ((150, 238, 250), (248, 250, 250), (200, 240, 215))


def graph_paper(page: Page) -> str:
    """Squares far smaller than a digit, every fifth line heavier."""
    number, place = take_row(page)
    rng = page.rng
    step = max(6.0, page.tall * rng.uniform(0.12, 0.3))
    slope = rng.uniform(-SLOPE, SLOPE) * rng.integers(0, 2)
    share, width = rng.uniform(0.3, 0.6), max(1.0, 0.07 * step)
    for way, (high, wide) in enumerate(
        ((page.height, page.width), (page.width, page.height))
    ):
        places = np.arange(rng.uniform(0, step), high, step)
        for heavy in (False, True):
            lines = [
                page.line(*_lay(at, wide, way), slope)
                for k, at in enumerate(places)
                if (k % 5 == 0) == heavy
            ]
            colour = _mix(page.paper, BLUE, min(1, share + 0.25 * heavy))
            page.draw_strokes(lines, width * (1 + heavy), colour)
    page.write(number, *place)
    return number


def notepad(page: Page) -> str:
    """Rules at most a digit's height apart, and a double margin."""
    page.paper = np.array(PADS[page.rng.integers(len(PADS))], float)
    number, place = take_row(page)
    rng = page.rng
    step = page.tall * rng.uniform(0.55, 1.3)
    slope = rng.uniform(-SLOPE, SLOPE) * rng.integers(0, 2)
    width = max(1.0, page.tall * rng.uniform(0.015, 0.035))
    rules = [
        page.line((0, at), (page.width, at), slope)
        for at in np.arange(rng.uniform(0, step), page.height, step)
    ]
    page.draw_strokes(
        rules, width, _mix(page.paper, BLUE, rng.uniform(0.5, 1.0))
    )
    x = place[0] - page.tall * rng.uniform(0.2, 0.7)
    margin = [
        page.line((at, 0), (at, page.height), slope)
        for at in (x, x - width * rng.uniform(2.5, 4))
    ]
    page.draw_strokes(
        margin, width, _mix(page.paper, RED, rng.uniform(0.5, 1.0))
    )
    page.write(number, *place)
    return number


def table(page: Page) -> list[list[str]]:
    """Cells of one or two digits, the first row of another colour."""
    rng, tall = page.rng, page.tall
    (rows, columns), (high, wide), edge = open_table(page, 4)
    y, x = np.mgrid[: page.height, : page.width]
    near = (y >= edge) & (y < edge + high) & (x >= edge)
    near &= x < edge + columns * wide
    tint = page.paper * rng.uniform(0.78, 0.93) + rng.uniform(-10, 10, 3)
    page.cover(near[..., None].astype(float), tint)
    cells = [[page.number(1, 2) for _ in range(columns)] for _ in range(rows)]
    for row, labels in enumerate(cells):
        for column, number in enumerate(labels):
            left = edge + column * wide + tall * (0.3 if number[1:] else 0.9)
            page.write(number, left, edge + row * high + (high - tall) / 2)
    draw_walls(page, (rows, columns), (high, wide), edge)
    return cells


def open_table(page: Page, most: int) -> tuple[tuple, tuple, float]:
    """Starts a sheet for a table.

    Returns:
        The number of rows and columns, from 2 to `most`; the height and width
        of a cell in pixels; and the margin.
    """
    rng, tall = page.rng, page.tall
    rows, columns = (int(n) for n in rng.integers(2, most + 1, 2))
    high, wide = tall * rng.uniform(1.5, 2), tall * rng.uniform(2.9, 3.6)
    edge = tall * rng.uniform(0.3, 1)
    page.open(rows * high + 2 * edge, columns * wide + 2 * edge)
    return (rows, columns), (high, wide), edge


def draw_walls(page: Page, count: tuple, size: tuple, edge: float) -> None:
    """Draws the walls of a table that `open_table` has laid out."""
    across, down = (
        edge + step * np.arange(n + 1)
        for n, step in zip(count, size, strict=True)
    )
    lines = [page.line((edge, at), (down[-1], at)) for at in across]
    lines += [page.line((at, edge), (at, across[-1])) for at in down]
    width = max(1.0, page.pen * page.rng.uniform(0.2, 0.5))
    page.draw_strokes(lines, width, page.line_colour(0.5, 1))


def spiral(page: Page) -> str:
    """A pad bound by a wire through holes along its upper or left side."""
    number, place = take_row(page)
    rng = page.rng
    step = page.tall * rng.uniform(0.6, 1.3)
    radius, inner = step * rng.uniform(0.15, 0.25), step * rng.uniform(0.5, 0.9)
    beyond = step * rng.uniform(0.3, 1.0) * (rng.random() < 0.7)
    side, room = int(rng.integers(2)), int(beyond + inner + radius + step / 3)
    edge = ((room, 0), (0, room))[side]
    page.open(page.height + edge[0], page.width + edge[1])
    place = [place[0] + edge[1], place[1] + edge[0]]
    if rng.random() < 0.5:
        rules = np.arange(room, page.height, page.tall * rng.uniform(1.2, 1.8))
        lines = [page.line((0, at), (page.width, at)) for at in rules]
        colour = _mix(page.paper, BLUE, rng.uniform(0.4, 1.0))
        page.draw_strokes(lines, page.line_width(), colour)
    # Away from the bound side, and along it.
    away, along = np.mgrid[: page.height, : page.width][:: 1 - 2 * side]
    start = rng.uniform(0, step)
    off = np.abs((along - start + step / 2) % step - step / 2)
    deep = np.abs(away - beyond - inner)
    square = rng.random() < 0.4
    hole = np.maximum(off, deep) if square else np.hypot(off, deep)
    page.shade(hole - radius, 0.7, rng.uniform(10, 90) * np.ones(3))
    page.shade(away - beyond, 0.7, rng.uniform(30, 190, 3))
    if beyond:
        lean, pair = step * rng.uniform(-0.3, 0.3), rng.random() < 0.5
        wires = [
            np.array([[at + by, beyond + inner], [at + by + lean, 0]])[
                :, :: 1 - 2 * side
            ]
            for at in np.arange(start, along.max(), step)
            for by in ((-0.5 * radius, 0.5 * radius) if pair else (0,))
        ]
        shade = rng.choice([20, 110, 180, 240]) * np.ones(3)
        page.draw_strokes(wires, max(1.5, radius * 0.5), shade)
    page.write(number, *place)
    return number


def number_line(page: Page) -> str:
    """A line with a tick for each digit; the digits are below it."""
    number = page.number(3, 6)
    rng, tall = page.rng, page.tall
    step = tall * rng.uniform(1.4, 2.4)
    left, top = tall * rng.uniform(0.9, 1.8, 2)
    page.open(top + tall * rng.uniform(2.4, 3.4), step * len(number) + 2 * left)
    slope = rng.uniform(-SLOPE, SLOPE) * rng.integers(0, 2)
    half, width = tall * rng.uniform(0.1, 0.25), page.line_width()
    ends = (left * rng.uniform(0.2, 0.6), page.width - left * 0.4)
    lines = [page.line(*((x, top) for x in ends), slope)]
    below = top + half + tall * rng.uniform(0.25, 0.6)
    strokes = []
    for place, label in enumerate(number):
        middle = left + (place + 0.5) * step
        y = top + slope * (middle - sum(ends) / 2)
        lines.append(page.line((middle, y - half), (middle, y + half)))
        digit, size = page.fit(int(label), tall)
        aside = rng.normal(0, 0.06) * tall - size[0] / 2
        at = np.array([middle + aside, below])
        strokes += [stroke + at for stroke in digit]
    page.draw_strokes(lines, width, page.line_colour(0.5))
    page.draw_strokes(strokes, page.pen, page.ink)
    return number


def _lay(at: float, wide: float, way: int) -> list[tuple[float, float]]:
    """The ends of a horizontal or a vertical line."""
    ends = [(0.0, at), (wide, at)]
    return [(y, x) for x, y in ends] if way else ends


def _mix(paper: np.ndarray, colour: np.ndarray, share: float) -> np.ndarray:
    return paper * (1 - share) + colour * share
