"""The 15 corruptions of MNIST-C, reimplemented from the paper.

Mu and Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision" (2019),
defines each one; the code and the amounts here are our own, so that scores are
not comparable with those on the paper's images. The amounts were chosen by eye,
so that a person can still read most digits, before any network was scored on
them.

`CORRUPTIONS` has a function for each name. It takes images `(n, 28, 28)`
uint8, 0..255, ink bright on dark, and NumPy's generator, and returns the same
number of new images of the same shape.
"""

import functools
from collections.abc import Callable

import cv2
import numpy as np

from mnistcnn.errors import DataError
from mnistcnn.pictures import IMAGE_SIZE, check_images, rasterize
from unlike_mnist.corruption_geometry import make_line, map_linearly

PHOTONS = 4.0  # the average count of a white pixel
IMPULSES = 0.12  # the share of pixels that turn black or white
GLASS_SIGMA = 0.7  # pixels
MOTION_LENGTH = 7  # pixels; odd, for a kernel with a middle
SHEAR = 0.5  # pixels sideways for each pixel down
SCALE = 0.6
ROTATION_DEGREES = 30.0
BRIGHTNESS = 110  # added, of 255
SHIFT_PIXELS = 4  # both ways; MNIST's margin is as wide
STRIPE = slice(10, 18)  # columns
FOG = 1.0  # the maximum, relative to white
SPLASHED = 0.1  # the share of the picture
DOT_WIDTH, DOT_STEP = 1.6, 3.0
ZIGZAG_WIDTH, ZIGZAG_STEP, ZIGZAG_HEIGHT = 1.2, 3.0, 2.5
CANNY = (100, 200)  # the lower and the upper gradient threshold

CORRUPTIONS: dict[str, Callable] = {}


def corrupt(images: np.ndarray, name: str, *, seed: int = 0) -> np.ndarray:
    """Corrupts images, reproducibly.

    Args:
        images: `(n, 28, 28)` uint8, 0..255, ink bright on dark.
        name: a key of `CORRUPTIONS`.
        seed: of NumPy's generator; each corruption has its own. The result
            for the first images does not depend on how many there are.

    Returns:
        `(n, 28, 28)` uint8, new.

    Raises:
        DataError: no such corruption, or images of another shape.

    Example:
        >>> digit = np.zeros((1, 28, 28), np.uint8)
        >>> digit[0, 6:22, 13:15] = 200
        >>> corrupt(digit, "brightness")[0, 6, 12:16].tolist()
        [110, 255, 255, 110]
    """
    if name not in CORRUPTIONS:
        raise DataError(
            f'The corruption is "{name[:40]}". Expected one of '
            f"{', '.join(CORRUPTIONS)}."
        )
    images = check_images(images, "What to corrupt", whole=True)[..., 0]
    place = list(CORRUPTIONS).index(name)
    return CORRUPTIONS[name](images, np.random.default_rng([seed, place]))


def _corruption(change: Callable) -> Callable:
    """Turns a change of one image into one of many, and registers it."""

    @functools.wraps(change)
    def changed(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        out = [np.rint(np.clip(change(x, rng), 0, 255)) for x in images]
        return np.array(out, np.uint8).reshape(images.shape)

    CORRUPTIONS[change.__name__.replace("_", " ")] = changed
    return changed


@_corruption
def shot_noise(image, rng):
    """Counts few photons: the brighter a pixel, the more it varies."""
    return rng.poisson(image / 255 * PHOTONS) * (255 / PHOTONS)


@_corruption
def impulse_noise(image, rng):
    """Turns pixels here and there black or white."""
    struck = rng.random(image.shape) < IMPULSES
    return np.where(struck, rng.choice([0, 255], image.shape), image)


@_corruption
def glass_blur(image, rng):
    """Looks through frosted glass: blurs, moves pixels about, blurs."""
    image = cv2.GaussianBlur(image, (0, 0), GLASS_SIGMA)
    moves = rng.integers(-1, 2, (2, *image.shape))
    row, column = np.clip(np.indices(image.shape) + moves, 0, IMAGE_SIZE - 1)
    return cv2.GaussianBlur(image[row, column], (0, 0), GLASS_SIGMA)


@_corruption
def motion_blur(image, rng):
    """Smears along a line of any direction."""
    angle, middle = rng.uniform(0, np.pi), MOTION_LENGTH / 2
    half = middle * np.array([np.cos(angle), np.sin(angle)])
    line = middle + np.array([-half, half])
    kernel = rasterize([line], (MOTION_LENGTH, MOTION_LENGTH), 1)
    kernel = kernel / kernel.sum(dtype=np.float64)
    return cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_CONSTANT)


@_corruption
def shear(image, rng):
    """Slants to the left or to the right."""
    return map_linearly(image, [[1, SHEAR * rng.choice([-1, 1])], [0, 1]])


@_corruption
def scale(image, rng):
    """Makes smaller."""
    return map_linearly(image, [[SCALE, 0], [0, SCALE]])


@_corruption
def rotate(image, rng):
    """Turns to the left or to the right."""
    angle = np.deg2rad(ROTATION_DEGREES) * rng.choice([-1, 1])
    cos, sin = np.cos(angle), np.sin(angle)
    return map_linearly(image, [[cos, -sin], [sin, cos]])


@_corruption
def brightness(image, rng):
    """Makes everything brighter, up to white."""
    return image + float(BRIGHTNESS)


@_corruption
def translate(image, rng):
    """Moves into one of the corners."""
    return map_linearly(image, np.eye(2), SHIFT_PIXELS * rng.choice([-1, 1], 2))


@_corruption
def stripe(image, rng):
    """Inverts a band down the middle."""
    image = image.copy()
    image[:, STRIPE] = 255 - image[:, STRIPE]
    return image


@_corruption
def fog(image, rng):
    """Adds haze: noise of four sizes, the coarser the stronger."""
    haze = np.zeros(image.shape)
    for cells in (2, 4, 8, 16):
        grid = rng.random((cells, cells)) / cells
        haze += cv2.resize(grid, image.shape, interpolation=cv2.INTER_CUBIC)
    haze -= haze.min()
    return (image + FOG * 255 * haze / haze.max()) / (1 + FOG)


@_corruption
def spatter(image, rng):
    """Splashes blots on the image."""
    wet = cv2.GaussianBlur(rng.random(image.shape), (0, 0), 1.2)
    return np.where(wet > np.quantile(wet, 1 - SPLASHED), 255, image)


@_corruption
def dotted_line(image, rng):
    """Draws a straight dotted line across."""
    points, _ = make_line(rng, DOT_STEP)
    dots = rasterize(list(points[:, None]), image.shape, DOT_WIDTH)
    return np.maximum(image, dots)


@_corruption
def zigzag(image, rng):
    """Draws a zigzag line across."""
    points, aside = make_line(rng, ZIGZAG_STEP)
    points[::2] += aside * ZIGZAG_HEIGHT
    points[1::2] -= aside * ZIGZAG_HEIGHT
    return np.maximum(image, rasterize([points], image.shape, ZIGZAG_WIDTH))


@_corruption
def canny_edges(image, rng):
    """Keeps only the edges of the strokes (Canny's detector)."""
    return cv2.Canny(image, *CANNY)
