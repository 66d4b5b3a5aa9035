"""Background removal: a picture's ink, without paper, light and rules."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.errors import DataError
from mnistcnn.pictures.illumination import subtract_paper

CONTRAST = 25  # grey levels: paler marks on the paper are not ink
LOW, HIGH = 0.25, 0.75  # of the ink's full contrast: black, and full, ink
RULED = 0.8  # of the picture's width: a digit's bar is shorter
RUN = 0.04  # of the width: how level a line is, even a tilted one
MIN_RUN = 12  # pixels


def picture_to_ink(picture: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Removes the background of a photo or a scan; what is left is ink.

    The paper is what varies slowly, or is wide, as a shadow is. The ink is
    what departs from it, in the one direction of colour in which the
    strongest departures go; so dark or bright ink of any colour is found.

    Args:
        picture: `(h, w)`, `(h, w, 3)` or `(h, w, 4)` uint8, the fourth channel
            alpha.

    Returns:
        `(h, w)` uint8, bright ink on black; all 0 where the picture is blank.

    Raises:
        DataError: another shape or dtype.

    Example:
        >>> paper = np.full((60, 60, 3), 250, np.uint8)
        >>> paper[10:50, 28:32] = (20, 20, 120)
        >>> ink = picture_to_ink(paper)
        >>> int(ink[30, 30]), int(ink[30, 5])
        (255, 0)
    """
    picture = np.asarray(picture)
    if (
        picture.dtype != np.uint8
        or not picture.size
        or not (
            picture.ndim == 2
            or (picture.ndim == 3 and picture.shape[2] in (3, 4))
        )
    ):
        raise DataError(
            "Expected a picture of shape (h, w), (h, w, 3) or (h, w, 4) and "
            f"dtype uint8. Received: shape={picture.shape}, "
            f"dtype={picture.dtype}. Read the file as 8-bit grey or colour."
        )
    colours = _flatten_alpha(np.atleast_3d(picture).astype(np.float32))
    rest = subtract_paper(colours)
    size = np.sqrt((rest**2).sum(axis=2))
    noise = 1.4826 * np.median(size)
    strong = size > max(CONTRAST, 3 * noise)
    if not strong.any():
        return np.zeros(size.shape, np.uint8)
    floor = max(CONTRAST, 0.5 * np.percentile(size[strong], 95))
    weight = size * (size > floor)
    direction = np.einsum("hw,hwc->c", weight, rest)
    direction /= np.linalg.norm(direction)
    along = rest @ direction
    full = np.median(along[(size > floor) & (along > 0)])
    ramp = np.clip((along / full - LOW) / (HIGH - LOW), 0, 1)
    return np.rint(255 * _remove_rules(ramp)).astype(np.uint8)


def _flatten_alpha(
    colours: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """Lays a transparent picture on paper from which its ink stands out."""
    if colours.shape[2] < 4:
        return colours
    colours, alpha = colours[..., :3], colours[..., 3:] / 255
    opaque = alpha[..., 0] > 0.5
    if not opaque.any():
        return np.zeros_like(colours)
    inner = np.median(colours[opaque], axis=0)
    # Mostly opaque: a cut-out of paper. Mostly transparent: ink alone.
    contrast = 255.0 if inner.mean() < 128 else 0.0
    paper = inner if opaque.mean() > 0.5 else contrast
    flat = colours * alpha + paper * (1 - alpha)
    return flat.astype(np.float32, copy=False)


def _remove_rules(ink):
    """Takes away pale lines that run across, or down, the whole picture."""
    ink = _remove_lines(ink)
    return np.ascontiguousarray(_remove_lines(ink.T).T)


def _remove_lines(ink):
    """Takes away pale lines that run across, level or a little tilted.

    A tilted line is a staircase of level runs, one below the other, so runs
    are looked for; what makes them a line is that they leave no column out.
    """
    run = max(MIN_RUN, round(RUN * ink.shape[1]))
    lines = cv2.morphologyEx(
        np.ascontiguousarray(ink), cv2.MORPH_OPEN, np.ones((1, run), np.uint8)
    )
    # A bar as dark as the ink belongs to a digit that fills the picture.
    pale = (lines > 0) & (lines < 0.8) & (ink < 1.3 * lines + 0.1)
    if pale.any(axis=0).mean() < RULED:
        return ink
    # Between two steps, and where lines cross, it is paler or darker; but
    # all lines of a paper are about as dark.
    level = min(0.6, 1.3 * np.percentile(lines[pale], 90) + 0.1)
    near = cv2.dilate(pale.astype(np.uint8), np.ones((3, 2 * run), np.uint8))
    return np.where((near > 0) & (ink < level), 0, ink)
