"""Papers as they lie: on desks, viewed at an angle, in shadow."""

import cv2
import numpy as np

from papers.boxed_papers import sudoku
from papers.made_page import Page, take_row
from papers.ruled_papers import draw_rules


def sudoku_photo(page: Page) -> list[list[str]]:
    """A sudoku, photographed at an angle."""
    cells = sudoku(page)
    photograph_aslant(page, page.paper * page.rng.uniform(0.9, 1.0))
    return cells


def photograph_aslant(page: Page, desk: np.ndarray):
    """Lays the page on a desk and views it at an angle."""
    rng = page.rng
    height, width = page.height, page.width
    room = max(height, width) * rng.uniform(0.06, 0.15)
    size = np.array([width, height]) + 2 * room
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    turn = rng.uniform(-0.12, 0.12)
    spin = np.array(
        [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    )
    moved = (corners - corners.mean(axis=0)) @ spin.T
    moved *= 1 + rng.uniform(-0.07, 0.07, (4, 2))
    moved = moved - moved.min(axis=0) + room * rng.uniform(0.6, 1.0, 2)
    size = np.ceil(moved.max(axis=0) + room * rng.uniform(0.6, 1.0, 2))
    matrix = cv2.getPerspectiveTransform(
        corners.astype(np.float32), moved.astype(np.float32)
    )
    page.painted = cv2.warpPerspective(
        page.painted,
        matrix,
        (int(size[0]), int(size[1])),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=tuple(map(float, desk)),
    )
    page.height, page.width = page.painted.shape[:2]


def choose_desk(page: Page) -> np.ndarray:
    """The colour of a desk."""
    rng = page.rng
    woods = ((40, 70, 110), (60, 60, 60), (90, 120, 150), (30, 40, 60))
    return np.array(woods[rng.integers(4)]) + rng.uniform(-15, 15, 3)


def sheet_on_desk(page: Page) -> str:
    """The whole sheet lies on a darker desk."""
    number, place = take_row(page)
    page.write(number, *place)
    photograph_aslant(page, choose_desk(page))
    return number


def sheet_on_light(page: Page) -> str:
    """A grey or brown sheet on a lighter desk."""
    rng = page.rng
    page.paper = page.paper * rng.uniform(0.55, 0.75)
    page.ink = page.ink * 0.4
    number, place = take_row(page)
    page.write(number, *place)
    photograph_aslant(page, np.full(3, rng.uniform(225, 250)))
    return number


def sheet_edge(page: Page) -> str:
    """One to three edges of the sheet are in the picture, not all four."""
    number, place = take_row(page)
    page.write(number, *place)
    rng = page.rng
    desk = choose_desk(page)
    width = page.tall * rng.uniform(0.2, 0.8, 4)
    sides = rng.permutation(4)[: rng.integers(1, 4)]
    far = page.far_from_borders(rng.uniform(-0.05, 0.05))
    for side in sides:
        page.shade(far[side] - width[side], rng.uniform(0.3, 2), desk)
    return number


def hard_shadow(page: Page) -> str:
    """A shadow with a hard edge."""
    number, place = take_row(page)
    page.write(number, *place)
    rng = page.rng
    y, x = np.mgrid[: page.height, : page.width]
    turn = rng.uniform(0, 2 * np.pi)
    at = np.array([page.width, page.height]) * rng.uniform(0.3, 0.7, 2)
    along = (x - at[0]) * np.cos(turn) + (y - at[1]) * np.sin(turn)
    dark = rng.uniform(0.4, 0.75)
    light = dark + (1 - dark) / (
        1 + np.exp(np.clip(-along / rng.uniform(0.5, 4), -50, 50))
    )
    page.painted = page.painted * light[..., None]
    return number


def ruled_sheet(page: Page) -> str:
    """A ruled sheet with a margin, viewed at an angle on a desk."""
    number, place = take_row(page)
    draw_rules(page, place, "on", page.line_colour(0.3, 0.8))
    x = place[0] - page.tall * page.rng.uniform(0.2, 0.6)
    lines = [page.line((x, 0), (x, page.height))]
    page.draw_strokes(lines, page.line_width(), (190, 150, 220))
    page.write(number, *place)
    photograph_aslant(page, choose_desk(page))
    return number
