import re
import warnings
from pathlib import Path

import numpy as np
import pytest

from mnistcnn.errors import DataError, DataWarning
from mnistcnn.pictures import check_images, picture_to_ink

pytestmark = pytest.mark.core


@pytest.mark.parametrize(
    "shape",
    [(28, 28), (28, 28, 1), (3, 28, 28), (3, 28, 28, 1), (3, 1, 28, 28),
     (1, 28, 28), (28, 28, 28), (28, 28, 28, 1), (0, 28, 28)],
)  # fmt: skip
@pytest.mark.parametrize(
    "dtype", ["uint8", ">i2", "int64", "float16", "float32", "float64"]
)
@pytest.mark.parametrize("whole", [False, True])
def test_images_come_to_one_shape(shape, dtype, whole):
    images = np.random.default_rng(0).integers(0, 256, shape).astype(dtype)
    checked = check_images(images, whole=whole)
    assert checked.shape[1:] == (28, 28, 1)
    floats = np.dtype(dtype).kind == "f" and images.size and not whole
    assert checked.dtype == (np.float32 if floats else np.uint8)
    np.testing.assert_array_equal(checked.ravel(), images.ravel())


def test_lists_and_what_is_like_an_array_are_taken():
    image = np.zeros((28, 28), np.uint8)
    image[3, 4] = 9
    assert check_images(image.tolist())[0, 3, 4, 0] == 9

    class Tensor:
        def __array__(self, dtype=None, copy=None):
            return image

    assert check_images(Tensor())[0, 3, 4, 0] == 9


@pytest.mark.parametrize(
    ("shape", "advice"),
    [
        ((28, 28, 3), "convert them to grey"),
        ((3, 28, 28, 3), "convert them to grey"),
        ((3, 3, 28, 28), "resize them"),
        ((784,), "unfold them with images.reshape(-1, 28, 28)"),
        ((5, 784), "unfold them with images.reshape(-1, 28, 28)"),
        ((3, 32, 32), "resize them, or read pictures of other sizes with"),
        ((3, 28, 28, 1, 1), "resize them"),
        ((0,), "there is none, so look whether the right ones"),
        ((0, 784), "unfold them"),
    ],
)
def test_other_shapes_are_refused(shape, advice):
    text = (
        f"mine has shape {shape} and dtype uint8. Expected (28, 28), "
        f"(n, 28, 28) or (n, 28, 28, 1), n images: {advice}"
    )
    with pytest.raises(DataError, match=re.escape(text)):
        check_images(np.zeros(shape, np.uint8), "mine")


@pytest.mark.parametrize(
    "dtype", ["bool", "complex64", "U3", "O", "longdouble"]
)
def test_other_dtypes_are_refused(dtype):
    text = f"images has dtype {np.dtype(dtype)}. Expected uint8, other whole"
    with pytest.raises(DataError, match=text):
        check_images(np.zeros((28, 28), dtype))


def test_what_is_no_array_is_refused():
    with pytest.raises(DataError, match="images is no array"):
        check_images([[1, 2], [3]])


@pytest.mark.parametrize(
    ("images", "said"),
    [
        ("a.png", "'a.png', of type str"),
        (Path("a.png"), f"'a.png', of type {type(Path()).__name__}"),
        (b"a.png", "b'a.png'\", of type bytes"),
        (["a.png", "b.png"], "['a.png', 'b.png']\", of type list"),
        ([Path("a.png")], "Path('a.png')]\", of type list"),
        (None, "'None', of type NoneType"),
        ({"a": 1}, "of type dict"),
        (np.uint8(7), "'7', of type uint8"),
    ],
)
def test_what_holds_no_pixels_is_to_be_loaded(images, said):
    with pytest.raises(DataError, match="^mine is ") as error:
        check_images(images, "mine")
    assert f"{said}. Expected pixels, an array of" in str(error.value)
    assert "load a file by mnistcnn.pictures.read_image" in str(error.value)


def test_what_is_masked_is_not_looked_under():
    masked = np.ma.masked_equal(np.zeros((28, 28), np.uint8), 0)
    masked[3] = 5
    for check in (check_images, picture_to_ink):
        with pytest.raises(DataError, match=r"masked values \(756 of 784\)"):
            check(masked)
    assert type(check_images(masked.filled(0))) is np.ndarray
    assert type(check_images(np.ma.array(masked.filled(0)))) is np.ndarray


@pytest.mark.parametrize("value", [-0.5, 255.5, np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("whole", [False, True])
def test_values_outside_are_refused(value, whole):
    images = np.zeros((28, 28))
    images[3, 4] = value
    text = "values from .* to .*. Expected finite ones from 0 to 255: do not"
    with pytest.raises(DataError, match=text):
        check_images(images, whole=whole)


@pytest.mark.parametrize("value", [-1, 256, 2**40])
def test_so_are_whole_numbers_that_are_no_bytes(value):
    images = np.zeros((28, 28), int)
    images[3, 4] = value
    with pytest.raises(DataError, match="Expected finite ones from 0 to 255"):
        check_images(images)


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "no value above 1"), (99.5, "fractions .99.5")]
)
def test_what_uint8_does_not_hold_is_no_data_set(value, text):
    images = np.zeros((28, 28), np.float32)
    images[3, 4] = value
    with pytest.raises(DataError, match=text):
        check_images(images, whole=True)


# === What is odd ===


def digit(paper=0, ink=255):
    image = np.full((28, 28), paper, np.uint8)
    image[4:24, 13:16] = ink
    return image


@pytest.mark.parametrize(
    "images", [digit() / 255, digit().astype("f4") / 300, digit(ink=1)]
)
def test_scaled_images_are_taken_with_a_warning(images):
    text = r"no value above 1, as if it were scaled. Expected 0\.\.255"
    with pytest.warns(DataWarning, match=text) as caught:
        check_images(images)
    # The line of the caller, not one of ours.
    assert [warning.filename for warning in caught] == [__file__]


def test_bright_paper_is_taken_with_a_warning():
    text = "bright rims, 255 of 255 on average.*: 255 - images"
    with pytest.warns(DataWarning, match=text):
        check_images(np.stack([digit(255, 0)] * 3000))


@pytest.mark.parametrize(
    "images",
    [digit(), digit(80), np.zeros((28, 28)), np.full((28, 28), 255, np.uint8),
     np.random.default_rng(0).integers(0, 256, (9, 28, 28))],
    ids=["digit", "grey", "black", "white", "noise"],
)  # fmt: skip
def test_nothing_else_is_odd(images):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_images(images)
