"""Numbers beside other things: cloths, walls, tiles, groups."""

import cv2
import numpy as np

from papers.boxed_papers import draw_rectangle
from papers.coloured_papers import fill
from papers.laid_papers import photograph_aslant
from papers.made_page import Page, take_row


def cloth(page: Page) -> str:
    """The whole sheet lies on a cloth of squares in two colours."""
    number, place = take_row(page)
    page.write(number, *place)
    rng = page.rng
    # Not a real colour, so that the sheet's soft edge blends with the cloth.
    photograph_aslant(page, np.full(3, -1e6))
    side = rng.uniform(0.08, 0.18) * min(page.height, page.width)
    y, x = np.mgrid[: page.height, : page.width] // side % 2
    bright, dark = rng.uniform(225, 245), rng.uniform(30, 150, 3)
    squares = bright + (dark - bright) * ((x + y) / 2)[..., None]
    beside = page.painted.min(axis=2, keepdims=True) < 0
    page.painted = np.where(beside, squares, page.painted)
    return number


def note(page: Page) -> str:
    """A coloured note with a shadow around it, on a wall of another colour."""
    rng = page.rng
    notes = ((90, 240, 255), (180, 130, 255), (140, 255, 170), (255, 200, 120))
    page.paper = np.array(notes[rng.integers(4)]) * rng.uniform(0.85, 1)
    number, place = take_row(page)
    page.write(number, *place)
    size = np.array([page.width, page.height])
    wall = rng.uniform(140, 250, 3)
    paper = page.painted
    room = int(page.tall * rng.uniform(0.5, 1.2))
    page.open(page.height + 2 * room, page.width + 2 * room)
    page.painted[:] = wall
    fade = page.tall * rng.uniform(0.08, 0.25)
    fallen = rng.uniform(0, 0.15, 2) * page.tall
    under = np.zeros((page.height, page.width), np.float32)
    low = np.rint(room + fallen).astype(int)
    under[low[1] : low[1] + size[1], low[0] : low[0] + size[0]] = 1
    under = cv2.GaussianBlur(under, (0, 0), fade) * rng.uniform(0.15, 0.4)
    page.cover(under[..., None], (0, 0, 0))
    page.painted[room : room + size[1], room : room + size[0]] = paper
    return number


def date(page: Page) -> str:
    """A box for each digit, in groups separated by a stroke or a point."""
    rng, tall = page.rng, page.tall
    groups = ((2, 2, 4), (2, 2, 2), (3, 3), (2, 2))[rng.integers(4)]
    side = tall * rng.uniform(1.3, 1.6)
    high = max(side * rng.uniform(1, 1.3), tall * 1.35)
    apart = side * rng.uniform(0.5, 0.9)
    edge = tall * rng.uniform(0.3, 1)
    width = sum(groups) * side + (len(groups) - 1) * apart
    page.open(high + 2 * edge, width + 2 * edge)
    lines, between, number, left = [], [], "", edge
    lean, dash = side * rng.uniform(0.05, 0.2), rng.random() < 0.4
    for place, count in enumerate(groups):
        if place:
            x, y = left + apart / 2, edge + high / 2
            ends = (lean, -0.3 * high), (-lean, 0.3 * high)
            if dash:
                ends = (-0.25 * apart, 0), (0.25 * apart, 0)
            between.append(page.line(*(np.add((x, y), end) for end in ends)))
            left += apart
        for label in rng.integers(0, 10, count):
            box = (left, edge, left + side, edge + high)
            lines += draw_rectangle(page, box)
            strokes, size = page.fit(int(label), tall)
            at = (left, edge) + (np.array([side, high]) - size) / 2
            page.draw_strokes([s + at for s in strokes], page.pen, page.ink)
            number += str(label)
            left += side
    colour = page.line_colour(0.4, 0.9)
    page.draw_strokes([*lines, *between], page.line_width(), colour)
    return number


def tiles_close(page: Page) -> str:
    """A bright digit on each of a row of dark tiles that nearly touch."""
    rng, tall = page.rng, page.tall
    number = page.number(3)
    size = tall * np.array([rng.uniform(1.2, 1.5), rng.uniform(1.5, 1.9)])
    gap, edge = tall * rng.uniform(0.03, 0.15), tall * rng.uniform(0.4, 1)
    width = len(number) * (size[0] + gap) - gap
    page.open(size[1] + 2 * edge, width + 2 * edge)
    colour, ink = rng.uniform(15, 80, 3), np.ones(3) * rng.uniform(225, 255)
    for place, label in enumerate(number):
        middle = edge + size / 2 + (place * (size[0] + gap), 0)
        fill(page, middle, size / 2, colour)
        strokes, own = page.fit(int(label), tall)
        at = middle - own / 2
        pen = min(page.pen, 0.1 * tall)
        page.draw_strokes([s + at for s in strokes], pen, ink)
    return number


def heading(page: Page) -> str:
    """A number, and above it a line of digits half as tall."""
    number, (left, top) = take_row(page)
    small, tall, pen = page.number(2, 4), page.tall, page.pen
    above = tall * page.rng.uniform(0.7, 1.1)
    page.open(page.height + above, page.width)
    page.write(number, left, top + above)
    page.tall, page.pen = 0.45 * tall, max(1.5, 0.5 * pen)
    page.write(small, left, max(0.3 * tall, top + above - 1.1 * tall))
    return small + number
