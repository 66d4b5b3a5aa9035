"""The 15 corruptions of MNIST-C, written anew after the paper.

Mu and Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision" (2019),
says what each one is; the code and the amounts here are our own, so that
scores are not comparable with those on the paper's images. The amounts were
chosen by eye, so that a person can still read most digits, before any net was
scored on them.

`CORRUPTIONS` has a function for each name. It takes images `(n, 28, 28)`
uint8, 0..255, ink bright on dark, and NumPy's generator, and returns as many
new ones in the same form.
"""

import functools
from collections.abc import Callable

import cv2
import numpy as np

from mnistcnn.data.datafiles import check_images
from mnistcnn.errors import DataError
from mnistcnn.pictures import IMAGE_SIZE
from mnistcnn.pictures.rasterizer import rasterize

PHOTONS = 4.0  # that a white pixel counts, on average
IMPULSES = 0.12  # the part of the pixels that turn black or white
GLASS_SIGMA = 0.7  # pixels
MOTION_LENGTH = 7  # pixels; odd, for a kernel with a middle
SHEAR = 0.5  # pixels aside for each pixel down
SCALE = 0.6
ROTATION_DEGREES = 30.0
BRIGHTNESS = 110  # added, of 255
SHIFT_PIXELS = 4  # both ways; MNIST's margin is as wide
STRIPE = slice(10, 18)  # columns
FOG = 1.0  # its thickest part, in parts of white
SPLASHED = 0.1  # the part of the picture
DOT_WIDTH, DOT_STEP = 1.6, 3.0
ZIGZAG_WIDTH, ZIGZAG_STEP, ZIGZAG_HEIGHT = 1.2, 3.0, 2.5
OFF_MIDDLE = 5.0  # pixels that a line may miss the middle by
CANNY = (100, 200)  # gradients where an edge goes on, and where it starts

CORRUPTIONS: dict[str, Callable] = {}


def corrupt(images: np.ndarray, name: str, *, seed: int = 0) -> np.ndarray:
    """Corrupts images; the same ones in the same way each time.

    Args:
        images: `(n, 28, 28)` uint8, 0..255, ink bright on dark.
        name: a key of `CORRUPTIONS`.
        seed: of NumPy's generator, which each corruption has of its own. The
            first images come out alike however many there are.

    Returns:
        `(n, 28, 28)` uint8, new.

    Raises:
        DataError: there is no such corruption, or the images have another
            form.

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
    check_images(images, "What to corrupt")
    place = list(CORRUPTIONS).index(name)
    return CORRUPTIONS[name](images, np.random.default_rng([seed, place]))


def _corruption(change: Callable) -> Callable:
    """Makes a change of one image one of many, and puts it on the list."""

    @functools.wraps(change)
    def changed(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        out = np.empty_like(images)
        for i, image in enumerate(images):
            out[i] = np.rint(np.clip(change(image, rng), 0, 255))
        return out

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
    image = cv2.GaussianBlur(image, None, GLASS_SIGMA)
    moves = rng.integers(-1, 2, (2, *image.shape))
    row, column = np.clip(np.indices(image.shape) + moves, 0, IMAGE_SIZE - 1)
    return cv2.GaussianBlur(image[row, column], None, GLASS_SIGMA)


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
    return _map(image, [[1, SHEAR * rng.choice([-1, 1])], [0, 1]])


@_corruption
def scale(image, rng):
    """Makes smaller."""
    return _map(image, [[SCALE, 0], [0, SCALE]])


@_corruption
def rotate(image, rng):
    """Turns to the left or to the right."""
    angle = np.deg2rad(ROTATION_DEGREES) * rng.choice([-1, 1])
    cos, sin = np.cos(angle), np.sin(angle)
    return _map(image, [[cos, -sin], [sin, cos]])


@_corruption
def brightness(image, rng):
    """Makes everything brighter, up to white."""
    return image + float(BRIGHTNESS)


@_corruption
def translate(image, rng):
    """Moves into one of the corners."""
    return _map(image, np.eye(2), SHIFT_PIXELS * rng.choice([-1, 1], 2))


@_corruption
def stripe(image, rng):
    """Inverts a band down the middle."""
    image = image.copy()
    image[:, STRIPE] = 255 - image[:, STRIPE]
    return image


@_corruption
def fog(image, rng):
    """Lays haze over it: noise of four sizes, the coarser the stronger."""
    haze = np.zeros(image.shape)
    for cells in (2, 4, 8, 16):
        grid = rng.random((cells, cells)) / cells
        haze += cv2.resize(grid, image.shape, interpolation=cv2.INTER_CUBIC)
    haze -= haze.min()
    return (image + FOG * 255 * haze / haze.max()) / (1 + FOG)


@_corruption
def spatter(image, rng):
    """Splashes blots on it."""
    wet = cv2.GaussianBlur(rng.random(image.shape), None, 1.2)
    return np.where(wet > np.quantile(wet, 1 - SPLASHED), 255, image)


@_corruption
def dotted_line(image, rng):
    """Draws a straight dotted line across."""
    points, _ = _line(rng, DOT_STEP)
    dots = rasterize(list(points[:, None]), image.shape, DOT_WIDTH)
    return np.maximum(image, dots)


@_corruption
def zigzag(image, rng):
    """Draws a zigzag line across."""
    points, aside = _line(rng, ZIGZAG_STEP)
    points[::2] += aside * ZIGZAG_HEIGHT
    points[1::2] -= aside * ZIGZAG_HEIGHT
    return np.maximum(image, rasterize([points], image.shape, ZIGZAG_WIDTH))


@_corruption
def canny_edges(image, rng):
    """Leaves the edges of the strokes alone (Canny's detector)."""
    return cv2.Canny(image, *CANNY)


def _line(rng, step):
    """Points `(m, 2)` of a line of any direction, and what is aside of it.

    Its middle is that of the image, or up to `OFF_MIDDLE` pixels from it.
    """
    angle = rng.uniform(0, np.pi)
    along = np.array([np.cos(angle), np.sin(angle)])
    middle = IMAGE_SIZE / 2 + rng.uniform(-OFF_MIDDLE, OFF_MIDDLE, 2)
    # Twice as long as the image is wide: to the border in any direction.
    steps = np.arange(-IMAGE_SIZE, IMAGE_SIZE, step)[:, None]
    return middle + steps * along, np.array([-along[1], along[0]])


def _map(image, linear, shift=(0, 0)):
    """Maps linearly about the middle, then shifts."""
    middle = np.full(2, (IMAGE_SIZE - 1) / 2)
    offset = middle - np.array(linear) @ middle + shift
    return cv2.warpAffine(image, np.c_[linear, offset], image.shape)
