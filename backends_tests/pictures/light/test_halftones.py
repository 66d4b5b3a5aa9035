"""Pictures of black and white dots, as faxes and copiers make them."""

import numpy as np
import pytest
from PIL import Image

from mnistcnn import DigitClassifier
from mnistcnn.ink import draw_digit
from mnistcnn.pictures import rasterize
from mnistcnn.pictures.light.halftones import smooth_halftone

pytestmark = pytest.mark.core
ORDER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])


def draw_number(number, tall=60):
    rng = np.random.default_rng(4)
    strokes = []
    for place, label in enumerate(number):
        drawn = draw_digit(int(label), rng)
        low, high = (f(np.concatenate(drawn), 0) for f in (np.min, np.max))
        scale = tall / (high - low)[1]
        at = (tall * (0.7 + 1.2 * place), 0.7 * tall)
        strokes += [(s - low) * scale + at for s in drawn]
    size = (int(2.4 * tall), int((1.4 + 1.2 * len(number)) * tall))
    return rasterize(strokes, size, 0.11 * tall) / 255.0


def dither(grey, ordered=True):
    """Grey, 0 to 1, as dots: in order, or what is left over passed on."""
    if not ordered:
        levels = np.rint(255 * grey).astype(np.uint8)
        return np.array(Image.fromarray(levels).convert("1"), np.uint8) * 255
    rows, columns = np.indices(grey.shape) % 4
    limits = (ORDER[rows, columns] + 0.5) / 16
    return np.where(grey > limits, 255, 0).astype(np.uint8)


@pytest.mark.parametrize("paper", [0.8, 0.9, 0.95])
@pytest.mark.parametrize("bright", [False, True])
@pytest.mark.parametrize("ordered", [False, True])
def test_a_number_in_dots_is_read(paper, bright, ordered):
    grey = paper - (paper - 0.05) * draw_number("2074")
    dots = dither(1 - grey if bright else grey, ordered)
    page = DigitClassifier.from_pretrained().read(dots)
    assert page.text == "2074"


def test_dots_become_grey_and_nothing_else_changes(rng):
    ink = draw_number("35")
    smooth = smooth_halftone(dither(0.9 - 0.9 * ink)[..., None])[..., 0]
    paper = smooth[:30]
    assert paper.std() < 20 and abs(paper.mean() - 0.9 * 255) < 20
    assert smooth[ink > 0.9].mean() < 0.5 * paper.mean()
    # A scan in black and white, thin digits, grain, and a photo are no dots.
    scan = np.where(ink > 0.5, 0, 255).astype(np.uint8)
    photo = np.clip(235 - 200 * ink + rng.normal(0, 8, ink.shape), 0, 255)
    for picture in (scan, 255 - scan, scan[::4, ::4], photo.astype(np.uint8)):
        same = smooth_halftone(picture[..., None])
        assert (same[..., 0] == picture).all()
