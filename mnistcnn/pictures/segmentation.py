"""Photos and scans: where the ink is, and which ink is one digit."""

from dataclasses import dataclass

import cv2
import numpy as np

from mnistcnn.errors import DataError
from mnistcnn.pictures.illumination import subtract_paper

INK = 64  # grey level, 0 to 255: from here on it is ink

CONTRAST = 25  # grey levels: paler marks on the paper are not ink
LOW, HIGH = 0.25, 0.75  # of the ink's full contrast: black, and full, ink
SPECK = 0.12  # of the typical piece's size: smaller pieces are dirt
RULED = 0.8  # of the picture's width: a digit's bar is shorter
RUN = 0.04  # of the width: how level a line is, even a tilted one
MIN_RUN = 12  # pixels
MAX_PIECES = 1000  # of ink that are looked at, the largest
SMALL = 0.3  # of the typical digit's size: smaller groups are no digits


@dataclass(frozen=True)
class Region:
    """One digit of a picture.

    Args:
        box: left, top, right and bottom in pixels, right and bottom excluded.
        ink: `(h, w)` uint8, bright ink on black: what lies in the box and
            belongs to this digit.
    """

    box: tuple[int, int, int, int]
    ink: np.ndarray


def picture_to_ink(picture: np.ndarray) -> np.ndarray:
    """Finds the ink in a photo or a scan.

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
    return np.rint(255 * _unrule(ramp)).astype(np.uint8)


def find_digits(ink: np.ndarray) -> list[Region]:
    """Finds the digits in a picture's ink.

    Args:
        ink: `(h, w)` uint8, bright ink on black.

    Returns:
        One region a digit, the top line first, left to right; none for blank
        ink. Specks are dropped.

    Raises:
        DataError: the ink is not a `(h, w)` uint8 array.

    Example:
        >>> ink = np.zeros((50, 90), np.uint8)
        >>> ink[10:40, 20:24] = ink[10:40, 60:64] = 255
        >>> [region.box for region in find_digits(ink)]
        [(20, 10, 24, 40), (60, 10, 64, 40)]
    """
    ink = np.asarray(ink)
    if ink.ndim != 2 or ink.dtype != np.uint8:
        raise DataError(
            "Expected ink of shape (h, w) and dtype uint8. Received: shape="
            f"{ink.shape}, dtype={ink.dtype}. Use picture_to_ink on pictures."
        )
    if not ink.size:
        return []
    count, parts, stats, _ = cv2.connectedComponentsWithStats(
        (ink >= INK).astype(np.uint8), connectivity=8
    )
    if count == 1:
        return []
    left, top, width, height, area = stats[1:].T
    boxes = np.stack([left, top, left + width, top + height], 1)
    size = np.maximum(width, height)
    ruled = (width > 8 * height) & (width > ink.shape[1] / 2)
    kept = (size >= max(3, SPECK * _typical(size, area))) & ~ruled
    kept = np.flatnonzero(kept)
    kept = kept[np.argsort(-size[kept], kind="stable")[:MAX_PIECES]]
    groups = [kept[group] for group in _merge(boxes[kept])]
    regions = [_cut(ink, parts, boxes, group) for group in groups]
    if not regions:
        return []
    size = np.array([max(region.ink.shape) for region in regions])
    area = np.array([np.count_nonzero(region.ink) for region in regions])
    least = SMALL * _typical(size, area)
    return _sort_lines(
        [r for r, s in zip(regions, size, strict=True) if s >= least]
    )


def _flatten_alpha(colours):
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
    return colours * alpha + paper * (1 - alpha)


def _unrule(ink):
    """Takes away pale lines that run across, or down, the whole picture."""
    ink = _wipe_lines(ink)
    return np.ascontiguousarray(_wipe_lines(ink.T).T)


def _wipe_lines(ink):
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


def _typical(size, area):
    """The size in the middle of the ink: half of it is in smaller pieces."""
    order = np.argsort(size)
    total = np.cumsum(area[order])
    return size[order][np.searchsorted(total, total[-1] / 2)]


def _merge(boxes):
    """Groups the pieces of each digit; a list of arrays of indices."""
    group = np.arange(len(boxes))
    left, top, right, bottom = boxes.T
    wide, tall = right - left, bottom - top
    size = np.maximum(wide, tall)
    for i in range(len(boxes)):
        gap_x = np.maximum(left[i], left) - np.minimum(right[i], right)
        gap_y = np.maximum(top[i], top) - np.minimum(bottom[i], bottom)
        large, less = np.maximum(size[i], size), np.minimum(size[i], size)
        # A bar or a foot may float; a digit of the next line may not join.
        reach = large * np.where(less < 0.7 * large, 0.25, 0.1)
        stacked = (-gap_x >= 0.5 * np.minimum(wide[i], wide)) & (gap_y <= reach)
        # A small piece joins the one digit beside it that is nearest.
        small = (size >= 2 * size[i]) | (tall >= 3 * tall[i])
        beside = small & (np.maximum(gap_x, gap_y) < 0.15 * size)
        near = np.flatnonzero(beside)
        nearest = near[np.argsort(np.maximum(gap_x, gap_y)[near])[:1]]
        for j in (*np.flatnonzero(stacked), *nearest):
            group[group == group[j]] = group[i]
    return [np.flatnonzero(group == name) for name in np.unique(group)]


def _cut(ink, parts, boxes, group):
    left, top = boxes[group, :2].min(axis=0)
    right, bottom = boxes[group, 2:].max(axis=0)
    window = (slice(top, bottom), slice(left, right))
    # One pixel more than the pieces: the soft edge is below the threshold.
    mask = np.isin(parts[window], group + 1).astype(np.uint8)
    mask = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    box = (int(left), int(top), int(right), int(bottom))
    return Region(box, ink[window] * mask)


def _sort_lines(regions):
    """Top line first, left to right."""
    lines = []
    for region in sorted(regions, key=lambda r: r.box[1] + r.box[3]):
        middle = (region.box[1] + region.box[3]) / 2
        if lines and middle < np.mean([r.box[3] for r in lines[-1]]):
            lines[-1].append(region)
        else:
            lines.append([region])
    return [r for line in lines for r in sorted(line, key=lambda r: r.box[0])]
