"""Papers with boxes: frames, forms, grids and puzzles."""

import numpy as np

from papers.made_page import Page, take_row


def draw_rectangle(page: Page, box, slope: float = 0.0) -> list:
    """The four sides of a box, turned by a slope."""
    left, top, right, bottom = box
    turn = np.array([[1, -slope], [slope, 1]])
    corners = np.array(
        [[left, top], [right, top], [right, bottom], [left, bottom]], float
    )
    middle = corners.mean(axis=0)
    corners = (corners - middle) @ turn.T + middle
    return [page.line(corners[i], corners[(i + 1) % 4], 0, 0) for i in range(4)]


def frame(page: Page) -> str:
    """A frame around the picture, near its border or on it."""
    number, place = take_row(page)
    page.write(number, *place)
    rng = page.rng
    width = page.line_width() * rng.uniform(1, 2)
    inset = width / 2 + rng.choice([0.0, rng.uniform(0.02, 0.5) * page.tall])
    box = (inset, inset, page.width - inset, page.height - inset)
    slope = rng.uniform(-0.01, 0.01) * (inset > width)
    page.draw_strokes(
        draw_rectangle(page, box, slope), width, page.line_colour(0.4, 1.0)
    )
    return number


def box_around(page: Page) -> str:
    """A box drawn around the number."""
    number, place = take_row(page)
    rng = page.rng
    around = page.around(page.write(number, *place))
    room = page.tall * rng.uniform(0.25, 0.7, 4) + page.pen
    box = around + room * (-1, -1, 1, 1)
    page.draw_strokes(
        draw_rectangle(page, box, rng.uniform(-0.04, 0.04)),
        page.line_width(),
        page.line_colour(0.4, 1.0),
    )
    return number


def boxes(page: Page) -> str:
    """A box for each digit, side by side or apart, as on forms."""
    return _boxes(page, np.zeros(2))


def boxes_cut(page: Page) -> str:
    """The same, cut by the picture's upper or lower border."""
    beyond = page.tall * page.rng.uniform(0.25, 0.6)
    return _boxes(page, page.rng.permutation([beyond, 0]))


def _boxes(page: Page, beyond: np.ndarray) -> str:
    """Boxes that go on beyond the upper and the lower border."""
    rng = page.rng
    number = page.number(3, 8)
    side = page.tall * rng.uniform(1.35, 1.8)
    high = max(side * rng.uniform(0.95, 1.3), page.tall * 1.35)
    gap = rng.choice([0.0, side * rng.uniform(0.1, 0.4)])
    edge = page.tall * rng.uniform(0.15, 1, 2)
    ends = np.array([0, high]) + np.where(beyond, beyond * (-1, 1), 0)
    top = 0 if beyond[0] else edge[1]
    bottom = 0 if beyond[1] else edge[1]
    page.open(top + high + bottom, len(number) * (side + gap) + 2 * edge[0])
    ends += top
    lines = []
    width = page.line_width()
    for place, label in enumerate(number):
        left = edge[0] + place * (side + gap)
        lines += draw_rectangle(page, (left, ends[0], left + side, ends[1]))
        digit, size = page.fit(int(label), page.tall)
        room = np.array([side, high]) - size - page.pen - width
        at = np.array([left, top]) + room * rng.uniform(0.3, 0.7, 2)
        at += (page.pen + width) / 2
        page.draw_strokes([s + at for s in digit], page.pen, page.ink)
    page.draw_strokes(lines, width, page.line_colour(0.35, 1.0))
    return number


def _fill_some(page, count, edge, side, dark, colour) -> np.ndarray:
    """Fills a share of the squares with a colour; returns the mask of them."""
    blocks: np.ndarray = np.zeros((count, count), bool)
    if not dark:
        return blocks
    blocks = page.rng.random((count, count)) < dark
    for row, column in np.argwhere(blocks):
        left, top = map(round, edge + side * np.array([column, row]))
        far = round(side)
        page.painted[top : top + far, left : left + far] = colour
    return blocks


def _rule(page, edge, side, count, chosen) -> list:
    """The lines of a square grid, across and down, of these numbers."""
    (left, top), far = edge, count * side
    lines = []
    for at in side * np.array(chosen):
        across = (left, top + at), (left + far, top + at)
        down = (left + at, top), (left + at, top + far)
        lines += [page.line(*across), page.line(*down)]
    return lines


def _squares(
    page: Page,
    count: int,
    filled: float,
    dark: float = 0.0,
    framed: bool = True,
) -> list[list[str]]:
    """A square grid, some cells with a digit and some filled dark."""
    rng, side = page.rng, page.tall * page.rng.uniform(1.4, 1.9)
    edge = page.tall * rng.uniform(0.12, 0.8, 2)
    page.open(count * side + 2 * edge[1], count * side + 2 * edge[0])
    thin = max(1.0, min(page.line_width(), 0.06 * side))
    thick = thin * rng.choice([1.0, 2.0])
    colour = page.line_colour(0.5, 1.0)
    blocks = _fill_some(page, count, edge, side, dark, colour)
    walls = range(count + 1) if framed else range(1, count)
    # Those between a sudoku's blocks are drawn last.
    blocked = [i for i in walls if count == 9 and i % 3 == 0]
    ends = (0, count) if framed else ()
    for width, chosen in (
        (thin, [i for i in walls if i not in blocked]),
        (thick, ends),
        (thick, [i for i in blocked if i not in ends]),
    ):
        if chosen:
            lines = _rule(page, edge, side, count, chosen)
            page.draw_strokes(lines, width, colour)
    cells, strokes = [], []
    for row in range(count):
        cells.append([])
        for column in range(count):
            label = str(rng.integers(1, 10)) if rng.random() < filled else ""
            label = "" if blocks[row, column] else label
            cells[-1].append(label)
            if label:
                digit, size = page.fit(int(label), page.tall)
                room = side - size - page.pen - thick
                at = (page.pen + thick) / 2 + room * rng.uniform(0.3, 0.7, 2)
                at += edge + np.array([column, row]) * side
                strokes += [s + at for s in digit]
    if strokes:
        page.draw_strokes(strokes, page.pen, page.ink)
    return cells


def grid(page: Page) -> list[list[str]]:
    """A square grid of 2 to 5 cells a side."""
    return _squares(page, int(page.rng.integers(2, 6)), 0.7)


def grid_open(page: Page) -> list[list[str]]:
    """A square grid of 4 to 9 cells a side, without a line around it."""
    page.tall = page.rng.uniform(24, 48)
    page.pen = max(1.8, page.tall * page.rng.uniform(0.06, 0.12))
    count = int(page.rng.integers(4, 10))
    return _squares(page, count, 0.6, framed=False)


def sudoku(page: Page) -> list[list[str]]:
    """A sudoku, as scanned."""
    page.tall = page.rng.uniform(24, 48)
    page.pen = max(1.8, page.tall * page.rng.uniform(0.06, 0.12))
    return _squares(page, 9, 0.4)


def crossword(page: Page) -> list[list[str]]:
    """A crossword of 5 to 12 cells a side, a sixth of them filled dark."""
    page.tall = page.rng.uniform(24, 48)
    page.pen = max(1.8, page.tall * page.rng.uniform(0.06, 0.12))
    return _squares(page, int(page.rng.integers(5, 13)), 0.5, 1 / 6)
