"""Background removal: a picture's ink, without paper, light and rules."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.errors import DataError
from mnistcnn.pictures.arrays import to_array
from mnistcnn.pictures.light.contrast import CONTRAST, draw_out
from mnistcnn.pictures.light.illumination import Marks, subtract_paper
from mnistcnn.pictures.light.shadows import light_up
from mnistcnn.pictures.paper.dots import find_dots
from mnistcnn.pictures.paper.rims import drop_rims
from mnistcnn.pictures.pieces.rings import find_rings
from mnistcnn.pictures.rulings.erasing import erase_lines
from mnistcnn.pictures.shapes.boxes import Box
from mnistcnn.pictures.shapes.components import find_components

LINE = 0.1  # of the ink's strength: paler marks are not looked at as lines
PALE = 0.6  # of the ink's threshold: lines may be paler than ink
GRAIN = 8  # pixels: smaller specks are the paper's grain
# Fibres of the paper: their least number; their largest width (pixels of area
# by length; a digit's strokes lie beside each other); their largest length, in
# median lengths; and limits of the 50th, 95th and 100th percentile of their
# strength, in units of the ink's threshold.
FIBRES, THIN, LONGER, TAIL = 20, 3.2, 6, (1.65, 2.8, 4)


def picture_to_ink(picture: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Removes the background of a photo or a scan, so that ink is left.

    Paper varies slowly, or is wide, like a shadow. Ink differs from it along
    one axis of colour, that of the strongest differences; so dark or bright ink
    of any colour is found.

    Args:
        picture: `(h, w)`, `(h, w, 3)` or `(h, w, 4)` uint8, the fourth channel
            alpha.

    Returns:
        `(h, w)` uint8, bright ink on black; all 0 if the picture is blank.

    Raises:
        DataError: another shape or dtype.

    Example:
        >>> paper = np.full((60, 60, 3), 250, np.uint8)
        >>> paper[10:50, 28:32] = (20, 20, 120)
        >>> ink = picture_to_ink(paper)
        >>> int(ink[30, 30]), int(ink[30, 5])
        (255, 0)
    """
    return find_ink(light_up(take_colours(picture))).ink


def take_colours(picture: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Converts to `(h, w, channels)` without alpha, or raises a `DataError`."""
    picture = to_array(picture, "The picture")
    if (
        picture.dtype != np.uint8
        or not picture.size
        or not (
            picture.ndim == 2
            or (picture.ndim == 3 and picture.shape[2] in (3, 4))
        )
    ):
        kind = picture.dtype.kind
        advice = "Read the file as 8-bit grey or colour"
        if kind in "biuf" and picture.dtype != np.uint8:
            advice = "Scale to 0..255, and convert with .astype(np.uint8)"
        elif kind in "SUO":
            advice = "Read a file by mnistcnn.pictures.read_image"
        raise DataError(
            "Expected a picture of shape (h, w), (h, w, 3) or (h, w, 4) and "
            f"dtype uint8. Received: shape={picture.shape}, "
            f"dtype={picture.dtype}. {advice}."
        )
    return _flatten_alpha(np.atleast_3d(picture))


class Ink(NamedTuple):
    """The ink of a picture, and what was removed.

    Args:
        ink: `(h, w)` uint8, bright ink on black.
        boxes: boxes round digits, which are erased.
        leaving: how many lines went from border to border, across and down.
        footed: as `ink`, with the lines that may be the feet of digits; `None`
            if there are none.
    """

    ink: npt.NDArray[np.uint8]
    boxes: list[Box]
    leaving: tuple[int, int] = (0, 0)
    footed: npt.NDArray[np.uint8] | None = None


def find_ink(
    colours: npt.NDArray[np.uint8], desk: npt.NDArray[np.uint8] | None = None
) -> Ink:
    """Finds the ink, without paper, desk and the paper's lines.

    Args:
        colours: `(h, w, channels)` uint8.
        desk: `(h, w)` uint8, 1 where there is no paper.
    """
    strength, noise, base = subtract_paper(colours, desk)
    # Smoothing removes grain, which consists of single pixels.
    smooth: np.ndarray = cv2.GaussianBlur(strength, (0, 0), 0.8)
    floor = _find_floor(smooth, max(CONTRAST, 5 * noise))
    if floor is None:
        return Ink(np.zeros(strength.shape, np.uint8), [])
    most = np.percentile(smooth[smooth > floor], 95)
    low = max(PALE * floor, 3 * noise, LINE * most)
    # So that the flat sides of a ring do not count as lines.
    found = find_rings(smooth, floor, most)
    rings, pale = (cv2.dilate(r, np.ones((5, 5), np.uint8)) for r in found)
    erased = erase_lines(np.where(rings, 0, smooth), low, desk)
    drawn = []
    for left in (erased.strength, erased.footed):
        if left is None:
            continue
        kept = ((left != 0) | (rings > 0)) & (pale == 0)
        marks = np.where(kept, strength, 0)
        ink = draw_out(Marks(marks, noise), floor)
        drawn.append(ink if base is None else drop_rims(ink, base, marks))
    return Ink(drawn[0], erased.boxes, erased.leaving, *drawn[1:])


def _find_floor(smooth: np.ndarray, floor: float) -> float | None:
    """Finds the threshold of ink above grain; `None` for blank paper."""
    least, mask = floor, np.zeros(smooth.shape, np.uint8)
    for _ in range(8):
        mask = (smooth > floor).astype(np.uint8)
        _, stats = find_components(mask)
        sizes, areas = stats[1:, 2:4].max(axis=1), stats[1:, 4]
        if not sizes.size:
            return None
        if len(sizes) >= FIBRES and _are_fibres(stats[1:], smooth / floor):
            return None
        # The area-weighted median size of the pieces.
        order = np.argsort(sizes)
        total = np.cumsum(areas[order])
        if sizes[order][np.searchsorted(total, total[-1] / 2)] >= GRAIN:
            return floor
        floor *= 1.25
    # Only the dots of dotted paper are this dark; grain is not.
    return least if find_dots(mask).any() else None


def _are_fibres(stats: np.ndarray, strength: np.ndarray) -> bool:
    """Whether marks are thin, of similar size, and hardly stronger than 1."""
    sizes = stats[:, 2:4].max(axis=1)
    usual = np.median(sizes)
    thin = np.median(stats[:, 4] / sizes) < THIN
    shares = np.percentile(strength[strength > 1], [50, 95, 100])
    return bool(thin and sizes.max() < LONGER * usual and (shares < TAIL).all())


def _flatten_alpha(colours: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Lays a transparent picture on paper from which its ink stands out."""
    if colours.shape[2] < 4:
        return colours
    alpha = colours[..., 3].astype(np.float32)
    # Scaled by the most opaque pixels: ink may be half transparent.
    most = float(np.percentile(alpha[alpha > 0], 99)) if alpha.any() else 0
    if not most:
        return np.zeros((*alpha.shape, 1), np.uint8)
    alpha = np.minimum(alpha / most, 1)
    opaque = alpha > 0.5
    inner = np.median(colours[opaque][:, :3], axis=0)
    # Mostly opaque: a cut-out of paper. Mostly transparent: only ink.
    contrast = 255.0 if inner.mean() < 128 else 0.0
    paper = inner if opaque.mean() > 0.5 else np.full(3, contrast)
    alpha = alpha[..., None]
    flat = colours[..., :3] * alpha + paper.astype(np.float32) * (1 - alpha)
    return flat.astype(np.uint8)
