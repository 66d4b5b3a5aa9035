"""Papers with lines that are photographed at an angle, without a desk."""

import cv2
import numpy as np

from papers.boxed_papers import boxes, frame, grid
from papers.made_page import Page
from papers.other_papers import comb, frame_double

ASKEW = 0.08  # of the longer side, that a corner moves across, at most
DOWN = 0.6  # of that it moves up or down


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
    """A frame at an angle, its corners partly outside of the picture."""
    number = frame(page)
    look_askew(page, room=0.0)
    return number


def look_askew(page: Page, room: float = 1.0) -> None:
    """Looks at the page from a side.

    Args:
        page: that is written on.
        room: round it, of what its corners may move by.
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
