"""Papers as cameras and scanners see them: at an angle, lit, held, cut."""

import cv2
import numpy as np
from PIL import Image

from papers.boxed_papers import boxes, frame, grid
from papers.made_page import Page, take_row
from papers.other_papers import comb, frame_double

ASKEW = 0.08  # of the longer side: how far a corner moves sideways at most
DOWN = 0.6  # of that: how far it moves up or down
# Ordered dithering: the thresholds of dots, in sixteenths (Bayer, 1973).
ORDER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])


def boxes_askew(page: Page) -> str:
    """A box for each digit, photographed at an angle."""
    number = boxes(page)
    look_askew(page)
    return number


def comb_askew(page: Page) -> str:
    """A comb, photographed at an angle."""
    number = comb(page)
    look_askew(page)
    return number


def frame_askew(page: Page) -> str:
    """A double frame, photographed at an angle."""
    number = frame_double(page)
    look_askew(page)
    return number


def grid_askew(page: Page) -> list[list[str]]:
    """A grid, photographed at an angle."""
    cells = grid(page)
    look_askew(page)
    return cells


def frame_cut(page: Page) -> str:
    """A frame at an angle, its corners partly outside the picture."""
    number = frame(page)
    look_askew(page, room=0.0)
    return number


def lamp(page: Page) -> str:
    """Lit by a lamp: darker toward the corners."""
    number, place = take_row(page)
    page.write(number, *place)
    fall = page.rng.uniform(0.3, 0.6)
    y, x = np.mgrid[-1 : 1 : page.height * 1j, -1 : 1 : page.width * 1j]
    page.painted = page.painted * (1 - fall * (x**2 + y**2) / 2)[..., None]
    return number


def scanner(page: Page) -> str:
    """Paper smaller than the scanner's bed: dark bars along some borders."""
    number, place = take_row(page)
    page.write(number, *place)
    rng, longer = page.rng, max(page.height, page.width)
    wide = longer * rng.uniform(0.02, 0.12, 4) * (rng.random(4) < 0.6)
    top, bottom, left, right = wide.astype(int).tolist()
    dark = rng.uniform(0, 60)
    page.painted = np.pad(
        page.painted,
        ((top, bottom), (left, right), (0, 0)),
        constant_values=dark,
    )
    page.height, page.width = page.painted.shape[:2]
    return number


def finger(page: Page) -> str:
    """A finger holds the paper at the lower border."""
    number, place = take_row(page)
    rng, longer = page.rng, max(page.height, page.width)
    page.open(page.height + 0.18 * longer, page.width)
    page.write(number, *place)
    half = longer * rng.uniform(0.04, 0.08)
    y, x = np.mgrid[: page.height, : page.width]
    up = page.height - y
    aside = np.abs(x - page.width * rng.uniform(0.1, 0.9))
    aside = np.abs(aside + rng.uniform(-0.3, 0.3) * up)
    tip = 0.18 * longer * rng.uniform(0.5, 0.9) - half
    outside = np.hypot(aside, np.maximum(up - tip, 0)) - half
    skin = np.array([120, 150, 205]) * rng.uniform(0.7, 1.1)
    page.shade(outside, rng.uniform(0.5, 2), skin)
    return number


def halftone(page: Page) -> str:
    """As in a fax: grey is dithered to dots, ordered or by error diffusion."""
    number, place = take_row(page)
    page.write(number, *place)
    page.noise, page.quality = 0, 0
    grey = np.clip(page.painted.mean(axis=2), 0, 255).astype(np.uint8)
    dots = np.array(Image.fromarray(grey).convert("1"))
    if page.rng.random() < 0.5:
        rows, columns = np.indices(grey.shape) % len(ORDER)
        dots = grey > 16 * ORDER[rows, columns] + 8
    page.painted = np.repeat(dots[..., None] * 255.0, 3, axis=2)
    return number


def look_askew(page: Page, room: float = 1.0) -> None:
    """Views the page at an angle.

    Args:
        page: a page with everything written on it.
        room: the margin around it, relative to the movement of its corners.
    """
    longer = max(page.height, page.width)
    edge = int(room * ASKEW * longer) + 4 * (room > 0)
    page.painted = cv2.copyMakeBorder(
        page.painted, edge, edge, edge, edge, cv2.BORDER_REPLICATE
    )
    height, width = page.painted.shape[:2]
    low, high = np.array([edge, edge]), np.array([width, height]) - edge
    corners = np.array([low, [high[0], low[1]], high, [low[0], high[1]]])
    away = page.rng.uniform(-ASKEW, ASKEW, (4, 2)) * longer * (1, DOWN)
    matrix = cv2.getPerspectiveTransform(
        corners.astype(np.float32), (corners + away).astype(np.float32)
    )
    page.painted = cv2.warpPerspective(
        page.painted, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    page.height, page.width = height, width
