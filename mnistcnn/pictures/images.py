"""Checks of images of MNIST's form that come from outside.

All input goes through `check_images`: data sets, files of them, scores and
predictions. Only unambiguous input is accepted.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn.errors import DataError, quote, warn
from mnistcnn.pictures.arrays import to_array

IMAGE_SIZE = 28

# Mean level of an image's rim, of 255, above which the paper is taken to be
# bright. MNIST's is 0, that of Fashion-MNIST, which fills its images, 39.
_BRIGHT_RIM = 160
_MAX_LOOKED_AT = 1000  # images, for the warning about bright paper

Images = npt.NDArray[np.uint8] | npt.NDArray[np.float32]


def check_images(
    images: npt.ArrayLike,
    what: str = "images",
    *,
    whole: bool = False,
    quiet: bool = False,
) -> Images:
    """Converts images to the shape and scale that networks take.

    Args:
        images: `(28, 28)`, `(n, 28, 28)`, or these with a channel axis, last or
            first: `(n, 28, 28, 1)`, `(n, 1, 28, 28)`. Whole numbers or floats,
            0 to 255, ink bright on dark.
        what: the images' name, for an error's line.
        whole: whether only values that uint8 holds exactly are accepted, as
            data sets store them.
        quiet: whether to give no warnings, since a later check gives them.

    Returns:
        `(n, 28, 28, 1)`, the same values: float32 if they were floats and
        `whole` is false, else uint8.

    Raises:
        DataError: another shape or dtype, or values that are not finite or
            outside 0 to 255; with `whole`, also fractions and scaled images.

    Warns:
        DataWarning: no value is above 1, as if the images were scaled to
            0..1; or the paper is bright and the ink dark.

    Example:
        >>> check_images(np.zeros((28, 28), np.uint8)).shape
        (1, 28, 28, 1)
    """
    array = to_array(images, what)
    # A path, a file, None, a dict; or a list of paths.
    if not array.ndim or (array.ndim == 1 and array.dtype.kind in "SUO"):
        raise DataError(
            f"{what} is {quote(images, 60)}, of type {type(images).__name__}. "
            "Expected pixels, an array of shape (28, 28) or (n, 28, 28): load "
            "a file by mnistcnn.pictures.read_image first, and read what it "
            "shows by DigitClassifier.read."
        )
    check_form(array.shape, array.dtype, what)
    array = array.reshape(-1, IMAGE_SIZE, IMAGE_SIZE, 1)
    if not array.size:
        return array.astype(np.uint8)
    high = array.max()
    # Written so that NaN is refused: comparisons with it are false.
    if array.dtype != np.uint8 and not (array.min() >= 0 and high <= 255):
        raise DataError(
            f"{what} has values from {array.min()} to {high}. Expected finite "
            "ones from 0 to 255: do not subtract a mean, the network itself "
            "scales."
        )
    if array.dtype.kind != "f":
        array = array.astype(np.uint8, copy=False)
    elif whole:
        array = _drop_fractions(array, high, what)
    else:
        array = array.astype(np.float32, copy=False)
    if not quiet:
        _warn_of_scale_and_paper(array, float(high), what)
    return array


def check_form(shape: tuple[int, ...], dtype: np.dtype, what: str) -> None:
    """Checks shape and dtype of an array of images.

    Args:
        shape: of the array.
        dtype: of the array.
        what: the images' name.

    Raises:
        DataError: an array of this shape or dtype cannot hold images.
    """
    side = (IMAGE_SIZE, IMAGE_SIZE)
    shapes = (side, (*side, 1), (1, *side))
    if shape not in shapes[:2] and not (len(shape) > 2 and shape[1:] in shapes):
        raise DataError(
            f"{what} has shape {shape} and dtype {dtype}. Expected (28, 28), "
            f"(n, 28, 28) or (n, 28, 28, 1), n images: {_advise(shape)}."
        )
    if dtype.kind not in "iuf" or dtype.itemsize > 8:
        raise DataError(
            f"{what} has dtype {dtype}. Expected uint8, other whole numbers "
            "or floats, 0..255: convert with (255 * ink).astype('uint8')."
        )


def check_input(model: Any) -> None:
    """Checks that a model can be given images of MNIST's form.

    Args:
        model: of Keras; one that is not built does not say what it takes.

    Raises:
        DataError: it takes images of another shape.
    """
    if not hasattr(model, "predict"):
        raise DataError(
            f"The model is of type {type(model).__name__}. Expected a Keras "
            "model, or a classifier: load_artifact reads a file's."
        )
    shape = getattr(model, "input_shape", None)
    # A list for several inputs, which Keras refuses itself.
    if not isinstance(shape, tuple):
        return
    # Keras drops the channel axis for a network without one.
    sizes = zip(shape[1:], (IMAGE_SIZE, IMAGE_SIZE, 1), strict=False)
    if len(shape) not in (3, 4) or any(a not in (None, b) for a, b in sizes):
        raise DataError(
            f"The model takes images of shape {str(shape[1:])[:60]}. Expected "
            "(28, 28, 1): evaluate it with its own framework."
        )


def _advise(shape: tuple[int, ...]) -> str:
    if shape[-1:] == (IMAGE_SIZE**2,):
        return "unfold them with images.reshape(-1, 28, 28)"
    if shape[-1:] in ((3,), (4,)):
        return "convert them to grey"
    if 0 in shape:
        return "there is none, so look whether the right ones were taken"
    return (
        "resize them, or read pictures of other sizes with DigitClassifier.read"
    )


def _drop_fractions(
    array: np.ndarray, high: float, what: str
) -> npt.NDArray[np.uint8]:
    """Converts whole-numbered floats to uint8."""
    if 0 < high <= 1:
        raise DataError(
            f"{what} has dtype {array.dtype} and no value above 1. Expected "
            "uint8, 0..255: scale back with np.rint(255 * x).astype('uint8')."
        )
    rounded = array.astype(np.uint8)
    if not np.array_equal(rounded, array):
        value = array[rounded != array].flat[0]
        raise DataError(
            f"{what} has dtype {array.dtype} and fractions ({value}). "
            "Expected uint8, 0..255: np.rint(x).astype('uint8')."
        )
    return rounded


def _warn_of_scale_and_paper(array: Images, high: float, what: str) -> None:
    if 0 < high <= 1:
        warn(
            f"{what} has no value above 1, as if it were scaled. Expected "
            "0..255, since the network itself scales: multiply by 255."
        )
        return
    some = array[:: 1 + len(array) // _MAX_LOOKED_AT, ..., 0]
    ends = slice(None, None, IMAGE_SIZE - 1)
    rim = some[:, ends].mean() / 2 + some[:, :, ends].mean() / 2
    if rim > _BRIGHT_RIM and rim > some.mean():
        warn(
            f"{what} has bright rims, {rim:.0f} of 255 on average, as of "
            "dark ink on bright paper. Expected bright ink on dark, as MNIST "
            "has it: 255 - images."
        )
