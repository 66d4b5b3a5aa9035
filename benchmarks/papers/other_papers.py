"""Rarer papers: dotted, bent, combs, forms, shadows with corners."""

import cv2
import numpy as np

from papers.boxed_papers import draw_rectangle, sudoku
from papers.laid_papers import choose_desk, photograph_aslant
from papers.made_page import Page, take_row
from papers.ruled_papers import draw_rules


def rules_bent(page: Page) -> str:
    """Dark rules on more strongly bent paper, across the digits or not."""
    number, place = take_row(page)
    rng, tall = page.rng, page.tall
    step, bend = tall * rng.uniform(1.4, 2.2), rng.uniform(-0.02, 0.02)
    slope = rng.uniform(-0.05, 0.05)
    first = place[1] + tall * rng.uniform(-0.1, 1.1)
    rules = [
        page.line((0, y), (page.width, y), slope, bend)
        for y in np.arange(first - 10 * step, page.height + step, step)
        if y > -step
    ]
    page.draw_strokes(rules, page.line_width(), page.line_colour(0.7, 1))
    page.write(number, *place)
    return number


def dotted(page: Page) -> str:
    """Dots in rows and columns, pale or dark."""
    number, place = take_row(page)
    rng = page.rng
    step = page.tall * rng.uniform(0.25, 0.7)
    shift = rng.uniform(0, step, 2)
    dots = [
        np.array([[x, y], [x + 0.01, y]])
        for y in np.arange(shift[1], page.height, step)
        for x in np.arange(shift[0], page.width, step)
    ]
    wide = max(1.6, page.pen * rng.uniform(0.4, 1.1))
    page.draw_strokes(dots, wide, page.line_colour(0.25, 0.9))
    page.write(number, *place)
    return number


def dashed(page: Page) -> str:
    """Dashed rules that do not touch the digits."""
    number, place = take_row(page)
    rng, tall = page.rng, page.tall
    step, long = tall * rng.uniform(1.4, 2.2), tall * rng.uniform(0.15, 0.5)
    first = place[1] + tall * rng.uniform(1.05, 1.25)
    shift, gap = rng.uniform(0, long), long * rng.uniform(0.4, 1)
    dashes = [
        np.array([[x, y], [x + long, y]])
        for y in np.arange(first - 10 * step, page.height, step)
        for x in np.arange(shift, page.width, long + gap)
        if y > 0
    ]
    page.draw_strokes(dashes, page.line_width(), page.line_colour(0.3, 1))
    page.write(number, *place)
    return number


def comb(page: Page) -> str:
    """A line with ticks between the digits, as on forms."""
    rng, tall = page.rng, page.tall
    number = page.number(3, 7)
    side = tall * rng.uniform(1.2, 1.6)
    edge = tall * rng.uniform(0.3, 1, 2)
    wide = len(number) * side
    page.open(tall * 1.3 + 2 * edge[1], wide + 2 * edge[0])
    bottom, high = edge[1] + tall * 1.3, tall * rng.uniform(0.3, 1)
    lines = [page.line((edge[0], bottom), (edge[0] + wide, bottom))]
    for place in range(len(number) + 1):
        x = edge[0] + place * side
        lines.append(page.line((x, bottom), (x, bottom - high)))
    for place, label in enumerate(number):
        digit, size = page.fit(int(label), tall)
        left = edge[0] + place * side + (side - size[0]) / 2
        at = np.array([left, edge[1] + tall * 0.12])
        page.draw_strokes([s + at for s in digit], page.pen, page.ink)
    page.draw_strokes(lines, page.line_width(), page.line_colour(0.35, 1))
    return number


def box_touched(page: Page) -> str:
    """A box that the digits touch, or cross."""
    number, place = take_row(page)
    rng = page.rng
    around = page.around(page.write(number, *place))
    out = np.array([-1, -1, 1, 1])
    room = page.tall * rng.uniform(0.2, 0.6, 4) + page.pen
    room[rng.integers(4)] = page.tall * rng.uniform(-0.12, 0.02)
    page.draw_strokes(
        draw_rectangle(page, around + room * out),
        page.line_width(),
        page.line_colour(0.4, 1),
    )
    return number


def frame_double(page: Page) -> str:
    """Two frames, one within the other."""
    number, place = take_row(page)
    page.write(number, *place)
    rng, width = page.rng, page.line_width()
    for inset in page.tall * rng.uniform((0.1, 0.4), (0.3, 0.6)):
        box = (inset, inset, page.width - inset, page.height - inset)
        colour = page.line_colour(0.6, 1)
        page.draw_strokes(draw_rectangle(page, box), width, colour)
    return number


def form(page: Page) -> list[list[str]]:
    """Rows of boxes with room between them, some of them empty."""
    rng, tall = page.rng, page.tall
    rows, columns = int(rng.integers(2, 4)), int(rng.integers(4, 8))
    side, gap = tall * rng.uniform(1.4, 1.8), tall * rng.uniform(0.5, 1.5)
    edge = tall * rng.uniform(0.3, 0.8)
    page.open(rows * (side + gap) + 2 * edge, columns * side + 2 * edge)
    lines, cells = [], []
    for row in range(rows):
        cells.append([])
        for column in range(columns):
            at = edge + np.array([column * side, row * (side + gap)])
            lines += draw_rectangle(page, (*at, *(at + side)))
            label = str(rng.integers(0, 10)) if rng.random() < 0.8 else ""
            cells[-1].append(label)
            if label:
                digit, size = page.fit(int(label), tall)
                middle = at + (side - size) / 2
                page.draw_strokes(
                    [s + middle for s in digit], page.pen, page.ink
                )
    page.draw_strokes(lines, page.line_width(), page.line_colour(0.35, 1))
    return cells


def cast_shadow(page: Page) -> None:
    """Casts the shadow of something with corners."""
    rng = page.rng
    high, wide = page.painted.shape[:2]
    corners = rng.uniform(-0.3, 1.3, (rng.integers(3, 6), 2)) * (wide, high)
    shadow = cv2.fillConvexPoly(
        np.zeros((high, wide), np.float32),
        cv2.convexHull(corners.astype(np.int32)),
        1.0,
    )
    shadow = cv2.GaussianBlur(shadow, (0, 0), rng.uniform(0.5, 6))
    page.painted *= 1 - shadow[..., None] * rng.uniform(0.25, 0.6)


def shadow_corners(page: Page) -> str:
    """A hard shadow with corners."""
    number, place = take_row(page)
    page.write(number, *place)
    cast_shadow(page)
    return number


def sheet_in_shadow(page: Page) -> str:
    """A sheet on a desk, with a shadow over both."""
    number, place = take_row(page)
    page.write(number, *place)
    photograph_aslant(page, choose_desk(page))
    cast_shadow(page)
    return number


def sudoku_in_shadow(page: Page) -> list[list[str]]:
    """A sudoku, photographed at an angle, with a shadow over it."""
    cells = sudoku(page)
    photograph_aslant(page, page.paper * page.rng.uniform(0.9, 1.0))
    cast_shadow(page)
    return cells


def pencil(page: Page) -> str:
    """A pencil, pale and grainy, on plain or ruled paper."""
    rng = page.rng
    page.ink = page.paper - rng.uniform(50, 100)
    number, place = take_row(page)
    if rng.random() < 0.5:
        draw_rules(page, place, "on", page.line_colour(0.2, 0.6))
    bare = page.painted.copy()
    page.write(number, *place)
    grain = rng.normal(0, 1, (page.height, page.width))
    grain = np.clip(0.75 + 0.4 * cv2.GaussianBlur(grain, (0, 0), 0.8), 0.2, 1)
    page.painted = bare + (page.painted - bare) * grain[..., None]
    return number


def small(page: Page) -> str:
    """A thumbnail, plain or ruled."""
    page.tall = page.rng.uniform(16, 30)
    page.pen = max(1.6, page.tall * page.rng.uniform(0.07, 0.14))
    number, place = take_row(page, 0.5)
    if page.rng.random() < 0.5:
        draw_rules(page, place, "between", page.line_colour(0.2, 0.8))
    page.write(number, *place)
    return number
