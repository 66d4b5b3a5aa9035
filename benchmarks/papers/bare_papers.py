"""Papers of grain, empty ones, and digits cut out along their boxes."""

import cv2
import numpy as np

from papers.made_page import Page, take_row


def _grain(page: Page, amount: float) -> None:
    """Adds grain of one or a few pixels in size."""
    rng = page.rng
    grain = rng.normal(0, 1, (page.height, page.width))
    wide = rng.choice([0, 0.7, 1.5])
    if wide:
        grain = cv2.GaussianBlur(grain, (0, 0), wide)
    page.painted += (grain / grain.std() * amount)[..., None]
    page.noise = 0


def grain(page: Page) -> str:
    """A number on grainy paper."""
    number, place = take_row(page)
    page.write(number, *place)
    _grain(page, page.rng.uniform(4, 14))
    return number


def blank_grain(page: Page) -> str:
    """Grainy paper without a number."""
    page.open(page.tall * 6, page.tall * 8)
    _grain(page, page.rng.uniform(3, 14))
    return ""


def blank_fibres(page: Page) -> str:
    """Recycled paper: short bent fibres, paler than a pen."""
    rng = page.rng
    page.open(page.tall * 6, page.tall * 8)
    t = np.linspace(-1, 1, 7)[:, None]
    for _ in range(rng.integers(30, 200)):
        middle = rng.uniform(0, (page.width, page.height))
        turn = rng.uniform(0, np.pi) + rng.uniform(-0.5, 0.5) * t
        fibre = middle + t * rng.uniform(3, 14) * np.hstack(
            [np.cos(turn), np.sin(turn)]
        )
        colour = page.paper - rng.uniform(10, 75)
        page.draw_strokes([fibre], rng.uniform(0.7, 1.3), colour)
    return ""


def cell_walls(page: Page) -> str:
    """A cell, with or without a digit; parts of its walls at the borders."""
    rng = page.rng
    side = rng.uniform(32, 110)
    page.open(side, side)
    if rng.random() < 0.4:
        page.paper, page.ink = 255 - page.paper, 255 - page.ink
        page.open(side, side)
    walls = []
    for turn in range(4):
        if rng.random() < 0.5:
            continue
        rise = side * rng.uniform(-0.03, 0.03)
        start, end = (-0.1, 1.1) if rng.random() < 0.7 else (-0.1, 0.5)
        edge = side * rng.uniform(0, 0.05)
        wall = np.array([(start, edge - rise), (end, edge + rise)])
        wall[:, 0] *= side
        if turn & 1:
            wall[:, 1] = page.height - 1 - wall[:, 1]
        walls.append(wall[:, ::-1] if turn & 2 else wall)
    if walls:
        width = side * rng.uniform(0.015, 0.07)
        page.draw_strokes(walls, max(1.0, width), page.line_colour(0.4, 1))
    if rng.random() < 0.4:
        return ""
    label = str(rng.integers(0, 10))
    digit, size = page.fit(int(label), side * rng.uniform(0.5, 0.68))
    page.pen = max(1.8, side * rng.uniform(0.04, 0.09))
    at = (side - size) / 2 + side * rng.uniform(-0.04, 0.04, 2)
    page.draw_strokes([s + at for s in digit], page.pen, page.ink)
    return label


def empty_cell(page: Page) -> str:
    """An empty cell with remains of a line at one or two borders."""
    rng = page.rng
    side = int(rng.uniform(28, 100))
    page.open(side, side)
    if rng.random() < 0.4:
        page.paper, page.ink = 255 - page.paper, 255 - page.ink
        page.open(side, side)
    wide = side * rng.uniform(0.02, 0.12)
    slope = rng.uniform(-0.02, 0.02)
    far = page.far_from_borders(slope)
    for place in rng.permutation(4)[: rng.integers(1, 3)]:
        page.shade(far[place] - wide, rng.uniform(0.3, 1.2), page.ink)
    page.noise = rng.uniform(0, 5)
    return ""


def tight(page: Page) -> str:
    """One digit, cut out along its box, dark or bright."""
    rng = page.rng
    label = str(rng.integers(0, 10))
    digit, size = page.fit(int(label), page.tall)
    page.pen = max(2.5, page.tall * rng.uniform(0.08, 0.16))
    if rng.random() < 0.5:
        page.paper, page.ink = 255 - page.paper, 255 - page.ink
    edge = page.pen / 2 + rng.choice([0.0, 0.0, 1.0])
    page.open(*np.ceil(size[::-1] + 2 * edge))
    page.draw_strokes([s + edge for s in digit], page.pen, page.ink)
    return label
