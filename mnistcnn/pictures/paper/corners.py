"""Corners of a sheet, and the sheet looked at from above."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.shapes.quadrilaterals import fit_quadrilateral, is_askew

# Least overlap (intersection over union) of a sheet and its quadrilateral; the
# same after an opening.
ALIKE, ROUNDED = 0.95, 0.9
CORNER = 0.1  # of a side: margin at its ends, where the others are
BESIDE, NEAR = 5, 2  # pixels: profile at each side of an edge; its two ends
DARKER = 12  # grey levels by which a line is darker than both of its sides
PARALLEL = 0.2  # sine of the angle below which sides count as parallel


def find_corners(
    paper: npt.NDArray[np.uint8], *, rounded: bool = False
) -> npt.NDArray[np.float32] | None:
    """Finds the four corners of a sheet that lies wholly in the picture.

    Args:
        paper: `(h, w)` uint8, 1 on the sheet.
        rounded: whether a morphological opening has rounded its corners off.

    Returns:
        `(4, 2)`, x and y, from the top left on, clockwise; `None` if it is not
        a quadrilateral, or leaves the picture.
    """
    height, width = paper.shape
    edge = draw_edge(paper.shape)
    if (paper & edge).sum() > 0.1 * (height + width):
        return None
    contours, _ = cv2.findContours(
        paper, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    outline = max(contours, key=len).reshape(-1, 2).astype(np.float32)
    hull = cv2.convexHull(outline)
    if rounded and len(hull) > 4:
        hull = cv2.approxPolyN(hull, 4).reshape(4, 1, 2).astype(np.float32)
    rough = fit_quadrilateral(hull)
    if rough is None:
        return None
    corners = _sharpen(rough, outline)
    if is_askew(corners):
        return None
    drawn: np.ndarray = cv2.fillConvexPoly(
        np.zeros_like(paper), np.rint(corners).astype(np.int32), 1
    )
    # Except for the rounded corners, both have to agree.
    least = ROUNDED if rounded else ALIKE
    alike = (drawn & paper).sum() >= least * (drawn | paper).sum()
    return corners if alike else None


def is_outlined(
    colours: npt.NDArray[np.uint8], corners: npt.NDArray[np.float32]
) -> bool:
    """Whether a line is drawn along an outline: a field instead of a sheet.

    Args:
        colours: `(h, w)` or `(h, w, channels)` uint8.
        corners: `(4, 2)`, x and y, in turn.

    Example:
        >>> field = np.full((90, 90), 240, np.uint8)
        >>> field[20:70, 20:70] = 200
        >>> corners = np.array([[20, 20], [69, 20], [69, 69], [20, 69]])
        >>> is_outlined(field, corners)
        False
        >>> _ = cv2.rectangle(field, (20, 20), (69, 69), 60)
        >>> is_outlined(field, corners)
        True
    """
    height, width = colours.shape[:2]
    middle = corners.mean(axis=0)
    share = np.linspace(CORNER, 1 - CORNER, 40)[:, None]
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        across = np.array([end[1] - start[1], start[0] - end[0]])
        across = across / max(float(np.linalg.norm(across)), 1e-6)
        points = start + share * (end - start)
        if (points.mean(axis=0) - middle) @ across < 0:
            across = -across
        ways = np.arange(-BESIDE, 2 * BESIDE + 1)[:, None, None] * across
        x, y = np.rint(points + ways).astype(int).transpose(2, 0, 1)
        levels = colours[y.clip(0, height - 1), x.clip(0, width - 1)]
        grey = levels.reshape(*levels.shape[:2], -1).mean(axis=2)
        profile = np.median(grey, axis=1)
        # A sheet's shadow fades slowly; a line ends sharply.
        profile, beyond = np.split(profile, [2 * BESIDE + 1])
        if beyond[-1] - profile[-1] > DARKER:
            return False
        if min(profile[0], profile[-1]) - profile[NEAR:-NEAR].min() < DARKER:
            return False
    return True


def draw_edge(shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """Draws a mask of a picture's borders, `(h, w)` uint8, 1 on them."""
    edge = np.ones(shape, np.uint8)
    edge[2:-2, 2:-2] = 0
    return edge


def _sharpen(corners: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """Intersects lines along the sides, since a median rounds corners off."""
    sides = []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        length = float(np.linalg.norm(end - start))
        along = (end - start) / max(length, 1e-6)
        away = outline - start
        t, off = away @ along / max(length, 1e-6), away @ (-along[1], along[0])
        near = (np.abs(t - 0.5) < 0.3) & (np.abs(off) < 0.08 * length)
        if near.sum() < 5:
            return corners
        dx, dy, x, y = cv2.fitLine(
            outline[near], cv2.DIST_HUBER, 0, 0.01, 0.01
        ).ravel()
        sides.append((dy, -dx, dx * y - dy * x))
    # In homogeneous coordinates two lines meet at their cross product.
    met = np.cross(np.roll(sides, 1, axis=0), sides)
    if np.abs(met[:, 2]).min() < PARALLEL:
        return corners
    return np.asarray(met[:, :2] / met[:, 2:], np.float32)


def straighten(
    colours: npt.NDArray[np.uint8], corners: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    """Rectifies a sheet, as if seen from above (perspective transform).

    Args:
        colours: `(h, w, channels)` uint8, or `(h, w)`.
        corners: of the sheet, `(4, 2)`, from the top left on, clockwise.

    Returns:
        The sheet alone, and the 3x3 matrix from the picture to it.
    """
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    width = max(2, round(float(max(sides[0], sides[2]))))
    height = max(2, round(float(max(sides[1], sides[3]))))
    target = np.array(
        [[0, 0], [width, 0], [width, height], [0, height]], np.float32
    )
    matrix = cv2.getPerspectiveTransform(corners, target)
    straight = cv2.warpPerspective(colours, matrix, (width, height))
    return np.asarray(straight, np.uint8), np.asarray(matrix, np.float64)
