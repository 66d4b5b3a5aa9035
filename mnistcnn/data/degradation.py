"""Degradation: noise, blur, shade, blots and lines on training images.

For networks that are to read bad pictures. It differs from the corruption
benchmark (`benchmarks/unlike_mnist/corruptions.py`), which no training sees:
other functions with other parameters.
"""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures import IMAGE_SIZE

Images = npt.NDArray[np.floating]
_SHAPE = (IMAGE_SIZE, IMAGE_SIZE)


def degrade(
    images: npt.NDArray[np.uint8], rng: np.random.Generator, share: float
) -> npt.NDArray[np.uint8]:
    """Degrades some of the images, each in one of several ways.

    Args:
        images: `(n, 28, 28)` uint8, bright ink on black.
        rng: chooses the images, the ways and the amounts.
        share: of the images that are degraded, 0 to 1.

    Returns:
        `(n, 28, 28)` uint8, new.

    Example:
        >>> digit = np.full((1, 28, 28), 9, np.uint8)
        >>> degrade(digit, np.random.default_rng(0), 1.0).shape
        (1, 28, 28)
    """
    degraded = images.copy()
    chosen = rng.permutation(len(images))[: round(share * len(images))]
    for part, change in zip(
        np.array_split(chosen, len(_WAYS)), _WAYS, strict=True
    ):
        if len(part):
            changed = change(images[part].astype(np.float32), rng)
            degraded[part] = np.rint(np.clip(changed, 0, 255))
    return degraded


def _uniform(
    rng: np.random.Generator, low: float, high: float, n: int
) -> Images:
    """`(n, 1, 1)`: an amount for each image."""
    return rng.uniform(low, high, (n, 1, 1)).astype(np.float32)


def _noise(images: Images, rng: np.random.Generator) -> Images:
    """Adds normal noise, of one strength everywhere."""
    noise = rng.standard_normal(images.shape, np.float32)
    return images + noise * _uniform(rng, 10, 90, len(images))


def _grain(images: Images, rng: np.random.Generator) -> Images:
    """Replaces cells of one or two pixels by grey of any level."""
    rate = _uniform(rng, 0.02, 0.25, len(images))
    half = IMAGE_SIZE // 2
    fine = rng.random(images.shape, np.float32) < rate
    coarse = rng.random((len(images), half, half), np.float32) < rate
    coarse = coarse.repeat(2, axis=1).repeat(2, axis=2)
    struck = np.where(rng.random((len(images), 1, 1)) < 0.5, fine, coarse)
    grey = rng.random(images.shape, np.float32) * 255
    return np.where(struck, grey, images)


def _blur(images: Images, rng: np.random.Generator) -> Images:
    """Blurs, more along one axis than along the other."""
    sigmas = rng.uniform(0.2, 2.0, (len(images), 2))
    for image, (x, y) in zip(images, sigmas, strict=True):
        cv2.GaussianBlur(image, (9, 9), x, dst=image, sigmaY=y)
    return images * 255 / np.maximum(images.max(axis=(1, 2), keepdims=True), 1)


def _exposure(images: Images, rng: np.random.Generator) -> Images:
    """Lifts the black and lowers the contrast."""
    n = len(images)
    return images * _uniform(rng, 0.3, 1, n) + _uniform(rng, 0, 150, n)


def _shade(images: Images, rng: np.random.Generator) -> Images:
    """Adds a gradient of light, straight or curved."""
    field = _bend(rng, len(images), 3) * _uniform(rng, 60, 200, len(images))
    return images * (1 - field / 400) + field


def _bend(rng: np.random.Generator, n: int, points: int) -> Images:
    """`(n, 28, 28)`, 0 to 1: random points, interpolated smoothly."""
    spread = cv2.resize(
        np.eye(points, dtype=np.float32),
        (points, IMAGE_SIZE),
        interpolation=cv2.INTER_LINEAR,
    )
    grid = rng.random((n, points, points), np.float32)
    return np.clip(spread @ grid @ spread.T, 0, 1)


def _invert(images: Images, rng: np.random.Generator) -> Images:
    """Inverts a patch or a band."""
    return np.where(_patches(rng, len(images), 4, 20), 255 - images, images)


def _occlude(images: Images, rng: np.random.Generator) -> Images:
    """Covers a patch by one level of grey."""
    grey = _uniform(rng, 0, 255, len(images))
    return np.where(_patches(rng, len(images), 3, 9), grey, images)


def _patches(
    rng: np.random.Generator, n: int, least: int, most: int
) -> npt.NDArray[np.bool_]:
    """`(n, 28, 28)`: rectangles, half of which span the image."""
    index = np.arange(IMAGE_SIZE)
    inside = []
    for _ in range(2):
        size = rng.integers(least, most + 1, (n, 1))
        start = rng.integers(-2, IMAGE_SIZE - least + 2, (n, 1))
        inside.append((index >= start) & (index < start + size))
    whole = rng.integers(0, 4, (n, 1))  # 0 and 1: along that axis
    rows, columns = (v | (whole == i) for i, v in enumerate(inside))
    return rows[:, :, None] & columns[:, None, :]


def _scratch(images: Images, rng: np.random.Generator) -> Images:
    """Draws an arc, bright or dark, as thick as a pen or thinner."""
    for image in images:
        radius = int(rng.integers(10, 60))
        # The centre is placed so that the arc passes near the image's middle.
        turn = rng.uniform(0, 2 * np.pi)
        far = radius + rng.uniform(-9, 9)
        x, y = IMAGE_SIZE / 2 + far * np.array([np.cos(turn), np.sin(turn)])
        middle = round(x), round(y)
        level = 255.0 if rng.random() < 0.7 else 0.0
        thick = int(rng.integers(1, 3))
        cv2.circle(image, middle, radius, level, thick, cv2.LINE_AA)
    return images


def _outline(images: Images, rng: np.random.Generator) -> Images:
    """Leaves outlines: local maximum minus minimum (morphological gradient)."""
    kernel = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    for image in images:
        image[:] = cv2.morphologyEx(image, cv2.MORPH_GRADIENT, kernel)
    return images


def _move(images: Images, rng: np.random.Generator) -> Images:
    """Shrinks the digit, and moves it to any place where it fits."""
    for image in images:
        scale = rng.uniform(0.55, 1)
        room = (IMAGE_SIZE - 20 * scale) / 2
        x, y = rng.uniform(-room, room, 2) + IMAGE_SIZE / 2 * (1 - scale)
        matrix = np.array([[scale, 0, x], [0, scale, y]])
        image[:] = cv2.warpAffine(image, matrix, _SHAPE)
    return images


_WAYS: tuple[Callable[[Images, np.random.Generator], Images], ...] = (
    _noise,
    _grain,
    _blur,
    _exposure,
    _shade,
    _invert,
    _invert,
    _occlude,
    _scratch,
    _outline,
    _move,
)
