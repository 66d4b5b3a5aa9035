"""Cleaning: from a picture of any size to the ink of a straight sheet."""

import dataclasses
from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.background import (
    Ink,
    find_ink,
    take_colours,
)
from mnistcnn.pictures.forms.blocks import may_be_filled, open_blocks
from mnistcnn.pictures.forms.cells import drop_rests
from mnistcnn.pictures.forms.grids import Grid, find_grid
from mnistcnn.pictures.forms.inksheet import Box, Sheet
from mnistcnn.pictures.forms.plates import fill_cells, hold_signs
from mnistcnn.pictures.forms.separators import take_separators
from mnistcnn.pictures.light.contrast import draw_out
from mnistcnn.pictures.light.halftones import smooth_halftone
from mnistcnn.pictures.light.photographs import CUT_OUT, is_photograph
from mnistcnn.pictures.light.shadows import light_up
from mnistcnn.pictures.paper.corners import straighten
from mnistcnn.pictures.paper.cropping import pad_cropped
from mnistcnn.pictures.paper.cutouts import cut_out
from mnistcnn.pictures.paper.sheets import find_sheet
from mnistcnn.pictures.rulings.scales import (
    enlarge,
    is_enough,
    list_sizes,
    shrink,
)
from mnistcnn.pictures.shapes.components import find_components

SQUARED = 3  # least number of lines from border to border on squared paper


def clean_picture(picture: npt.ArrayLike) -> Sheet:
    """Finds the sheet of paper in a picture, and its ink.

    A page whose four corners are visible is straightened; desk, shadows, rules,
    frames and boxes are removed.

    Args:
        picture: `(h, w)`, `(h, w, 3)` or `(h, w, 4)` uint8, the fourth channel
            alpha.

    Returns:
        The sheet; its ink is all 0 if the picture is blank.

    Raises:
        DataError: another shape or dtype.

    Example:
        >>> picture = np.full((90, 90), 250, np.uint8)
        >>> picture[20:70, 40:46] = 20
        >>> sheet = clean_picture(picture)
        >>> sheet.ink.shape, sheet.locate((40, 20, 46, 70))
        ((90, 90), (40.0, 20.0, 46.0, 70.0))
    """
    return _clean_all(*shrink(smooth_halftone(take_colours(picture))))


def clean_sizes(picture: npt.ArrayLike) -> Iterator[Sheet]:
    """Cleans a picture at several sizes, since smaller ones take less time.

    Args and Raises: as `clean_picture`.

    Yields:
        The sheet, at each smaller size at which digits are tall enough to be
        read, the smallest first; and finally as `clean_picture` returns it.
    """
    *smaller, full = list_sizes(smooth_halftone(take_colours(picture)))
    for size in smaller:
        sheet = _clean(*size, small=True)
        # Small digits may look like a photograph: a larger size decides.
        if sheet is not None and sheet.written:
            yield sheet
    yield _clean_all(*full)


def _clean_all(colours: np.ndarray, matrix: np.ndarray) -> Sheet:
    sheet = _clean(colours, matrix)
    assert sheet is not None  # the full size is never too small
    return sheet


def _clean(
    colours: np.ndarray, matrix: np.ndarray, *, small: bool = False
) -> Sheet | None:
    """Cleans a picture; `None` if its digits are too small to be read.

    Args:
        colours: `(h, w, channels)` uint8.
        matrix: `(3, 3)`, from the original picture's pixels to these.
        small: whether there is a larger size, so that `None` may be returned.
    """
    colours, more = pad_cropped(colours)
    matrix = np.array([[1, 0, more], [0, 1, more], [0, 0, 1]]) @ matrix
    lit = light_up(colours)
    marks = cut_out(lit)
    if marks is None and lit is not colours:
        # Strokes of a blurred picture have soft edges, like shadows.
        marks = cut_out(colours, blurred=True)
    if marks is not None:
        ink = draw_out(marks)
        if small and not is_enough(ink):
            return None
        written = not is_photograph(lit, ink, spread=CUT_OUT)
        return Sheet(ink, (), np.linalg.inv(matrix), written)
    place = find_sheet(colours)
    # A grey desk is as much darker than the sheet as a shadow may be, but what
    # a shadow leaves is no quadrilateral.
    if place.corners is None and lit is not colours:
        colours, place = lit, find_sheet(lit)
    if place.corners is not None:
        colours, turned = straighten(colours, place.corners)
        colours, matrix = np.atleast_3d(colours), turned @ matrix
    if place.corners is not None or place.desk is not None:
        # With a desk in the picture, a shadow is one of four tones: it is
        # removed only now.
        colours = light_up(colours, place.desk)
    return _clean_paper(colours, matrix, place.desk, small)


def _clean_paper(
    colours: np.ndarray,
    matrix: np.ndarray,
    desk: np.ndarray | None,
    small: bool,
) -> Sheet | None:
    """Finds ink and grid on paper, as `_clean`; the desk is 1 in `desk`."""
    found = find_ink(colours, desk)
    if small and not is_enough(found.ink):
        return None
    larger = enlarge(colours, found.ink) if found.boxes else None
    if larger is not None:
        # Walls a few pixels apart, or that digits touch, are told from these
        # only where there are enough pixels.
        colours, more = larger
        matrix = more @ matrix
        if desk is not None:
            size = colours.shape[1::-1]
            desk = cv2.resize(desk, size, interpolation=cv2.INTER_NEAREST)
        found = find_ink(colours, desk)
    apart = take_separators(found.ink, found.boxes)
    if apart is not None:
        rest = np.where(apart > 0, 0, found.ink)
        found = found._replace(ink=rest, footed=None)
    colours, found, grid = _look_for_grid(colours, found, desk)
    page = Sheet(found.ink, (), np.linalg.inv(matrix))
    pieces = [] if apart is None else _list_pieces(apart)
    unread = list(map(page.locate, pieces))
    if grid is None:
        photo = is_photograph(colours, found.ink, desk)
        return dataclasses.replace(
            page, written=not photo, unread=tuple(unread), footed=found.footed
        )
    ink = drop_rests(grid.ink, grid.cells)
    sheet = Sheet(ink, grid.cells, np.linalg.inv(grid.matrix @ matrix))
    unread += map(page.locate, _list_pieces(grid.drop(found.ink)))
    unread += map(sheet.locate, _list_pieces(np.where(ink > 0, 0, grid.ink)))
    return dataclasses.replace(sheet, unread=tuple(unread))


def _look_for_grid(
    colours: np.ndarray, found: Ink, desk: np.ndarray | None
) -> tuple[np.ndarray, Ink, Grid | None]:
    """Looks for a grid, also one with filled cells, and for signs on plates.

    Returns:
        The colours and the ink in which the grid was found, and the grid.
    """
    # Squared paper's lines leave the picture, a puzzle's do not.
    puzzle = max(found.leaving) < SQUARED
    puzzle = puzzle and (bool(found.boxes) or may_be_filled(colours, found.ink))
    blocks = open_blocks(colours) if puzzle else None
    if blocks is not None:
        opened, mask = blocks
        ink = find_ink(opened, desk)
        grid = find_grid(ink.ink, ink.boxes, ink.leaving, opened)
        cells = grid is not None and fill_cells(mask, grid)
        if cells or hold_signs(mask, ink.ink):
            return opened, ink, grid
    grid = find_grid(found.ink, found.boxes, found.leaving, colours)
    return colours, found, grid


def _list_pieces(ink: np.ndarray) -> list[Box]:
    """The boxes of pieces of ink, without those of a pixel or two in width."""
    mask = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    stats = find_components(mask)[1]
    return [
        (left, top, left + wide, top + high)
        for left, top, wide, high, _ in stats[1:].tolist()
    ]
