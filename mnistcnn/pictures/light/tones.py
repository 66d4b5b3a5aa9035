"""Tones: two for a sheet and a desk, four with a shadow over both."""

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.light.surfaces import take_few

APART = 40  # grey levels by which a desk differs from paper, at least
BETWEEN = 0.15  # of the pixels: largest share of neither paper nor desk
BESIDE = 0.08  # of the span of levels: pixels so near the middle are neither
FEW = 5000  # pixels: enough to find tones
ROUNDS = 6  # of k-means
DARK = 8  # grey levels, added before the logarithm: shades below hardly differ
# Which of four tones are on one side; the rest are on the other.
SIDES = ((0, 1), (0, 2), (0, 3), (0,), (1,), (2,), (3,))


def split_colours(
    colours: npt.NDArray[np.float32], between: float = BETWEEN
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]] | None:
    """Splits a picture into bright and dark along an axis of colour.

    Args:
        colours: `(h, w, channels)` float32.
        between: the largest share of pixels that may be neither.

    Returns:
        `(h, w)` uint8, 1 where it is bright, and the axis of colour; `None` if
        there are not two colours.
    """
    pixels = take_few(colours).reshape(-1, colours.shape[2])
    # As a product, since NumPy's own mean over so few columns is slow.
    share = np.full(len(pixels), 1 / len(pixels), pixels.dtype)
    away = pixels - share @ pixels
    axis = np.linalg.eigh(away.T @ away)[1][:, -1]
    axis = (axis * (1 if axis.sum() >= 0 else -1)).astype(np.float32)
    along = cv2.transform(colours, axis[None])
    few = take_few(along)
    low, high = np.percentile(few, [1, 99])
    if high - low < APART:
        return None
    grey = np.clip((along - low) / (high - low) * 255, 0, 255).astype(np.uint8)
    _, halves = cv2.threshold(grey, 0, 1, cv2.THRESH_OTSU)
    own = take_few(halves)
    dark, bright = few[own == 0].mean(), few[own == 1].mean()
    # Two clusters with little in between. Otsu's threshold is at the edge of
    # one, so the middle of the means is used.
    away = np.abs(few - (dark + bright) / 2)
    neither = (away < BESIDE * (high - low)).mean()
    if bright - dark < APART or neither > between:
        return None
    return halves, axis


def split_tones(
    colours: npt.NDArray[np.float32],
) -> Iterator[npt.NDArray[np.uint8]]:
    """Splits a picture's four tones into two sides, in all ways.

    Args:
        colours: `(h, w, channels)` float32, without strokes.

    Yields:
        `(h, w)` uint8, 1 on one side.

    Example:
        >>> two = np.zeros((8, 8, 1), np.float32)
        >>> two[:, :4] = 200
        >>> any((half[:, :4] != half[:, 4:]).all() for half in split_tones(two))
        True
    """
    # Logarithms, since a shadow takes the same share of light from paper and
    # desk.
    logs = np.log(colours + DARK)
    pixels = logs.reshape(-1, logs.shape[2])
    middles = _find_tones(pixels[:: 1 + len(pixels) // FEW])
    nearest = _find_nearest(pixels, middles).reshape(logs.shape[:2])
    kernel = np.ones((3, 3), np.uint8)
    for side in SIDES:
        own = np.isin(np.arange(4), side).astype(np.uint8)[nearest]
        # The edge between two tones may look like a third.
        own = cv2.morphologyEx(own, cv2.MORPH_CLOSE, kernel)
        yield np.asarray(own, np.uint8)


def _find_tones(pixels: np.ndarray) -> np.ndarray:
    """Finds four tones by k-means, starting from halves of halves."""
    parts = [pixels]
    for _ in range(2):
        parts = [half for part in parts for half in _halve(part)]
    middles = np.array([part.mean(axis=0) for part in parts])
    for _ in range(ROUNDS):
        own = _find_nearest(pixels, middles)
        for tone in np.unique(own):
            middles[tone] = pixels[own == tone].mean(axis=0)
    return middles


def _find_nearest(pixels: np.ndarray, middles: np.ndarray) -> np.ndarray:
    away = (middles**2).sum(axis=1)[:, None] - 2 * middles @ pixels.T
    return np.argmin(away, axis=0)


def _halve(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Splits pixels along their main axis; a single colour is both halves."""
    away = pixels - pixels.mean(axis=0)
    along = away @ np.linalg.eigh(np.atleast_2d(away.T @ away))[1][:, -1]
    span = np.ptp(along)
    if not span > 0:
        return pixels, pixels
    grey = ((along - along.min()) / span * 255).astype(np.uint8)
    _, halves = cv2.threshold(grey[:, None], 0, 1, cv2.THRESH_OTSU)
    bright = halves[:, 0] > 0
    return pixels[~bright], pixels[bright]
