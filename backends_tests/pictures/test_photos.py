"""Photos and scans, made, and read by the shipped network."""

import cv2
import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.ink import draw_digit
from mnistcnn.pictures.rasterizer import rasterize

SHAPE = HEIGHT, WIDTH = 400, 800
PAPER, INK, LINE = (243, 243, 243), (60, 40, 30), (160, 165, 225)

pytestmark = pytest.mark.any_backend


@pytest.fixture(scope="module")
def classifier():
    return DigitClassifier.from_pretrained()


def write(rng, number, top=120):
    """A number by hand, `(h, w)` 0 to 1, and each digit's box."""
    strokes, boxes, left = [], [], 60
    for label in number:
        digit = draw_digit(int(label), rng, form=0)
        points = np.concatenate(digit)
        low, size = points.min(axis=0), np.ptp(points, axis=0)
        scale = min(130 / size[1], 100 / size[0])
        place = np.array([left, top + rng.uniform(-10, 10)])
        strokes += [(stroke - low) * scale + place for stroke in digit]
        boxes.append((*place, *(place + size * scale)))
        left += size[0] * scale + 45
    return rasterize(strokes, SHAPE, 9) / 255, boxes


def rule(*, down, tilt):
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(float)
    paper = np.full((*SHAPE, 3), PAPER, float)
    paper[(y + tilt * x) % 40 < 2] = LINE
    if down:
        paper[(x - tilt * y) % 40 < 2] = LINE
    return paper


def lamp():
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    far = (x - 650) ** 2 + (y - 60) ** 2
    return (0.4 + 0.6 * np.exp(-far / 250_000))[..., None]


def shadow():
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    edge = 1 / (1 + np.exp(-(x + 0.6 * y - 500) / 25))
    return (0.55 + 0.45 * edge)[..., None]


def hard_shadow(kind):
    """A hand's or a lamp's, half the light, its edge two pixels wide."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(float)
    outside = {
        "slanted": x + 0.6 * y - 500,
        "band": np.minimum(x - 300, 560 - x),
        "round": np.hypot(x - 250, y - 330) - 230,
        "corner": np.maximum(350 - x, 200 - y),
    }[kind]
    return (0.5 + 0.5 / (1 + np.exp(-outside)))[..., None]


PLAIN = np.full((*SHAPE, 3), PAPER, float)
SCENES = {
    "a scan": (PLAIN, 1, INK),
    "lamplight": (PLAIN, lamp(), INK),
    "a soft shadow": (PLAIN, shadow(), INK),
    "ruled paper": (rule(down=False, tilt=0), lamp(), INK),
    "tilted ruled paper": (rule(down=False, tilt=0.04), 1, INK),
    "squared paper": (rule(down=True, tilt=0), lamp(), INK),
    "tilted squared paper": (rule(down=True, tilt=0.03), lamp(), INK),
    "blue on squared paper": (rule(down=True, tilt=0.01), 1, (170, 60, 30)),
    "chalk on a board": (PLAIN * 0.2, lamp(), (235, 235, 225)),
    "a slanted shadow": (PLAIN, hard_shadow("slanted"), INK),
    "a band of shadow": (PLAIN, hard_shadow("band"), INK),
    "a hand's shadow": (PLAIN, hard_shadow("round"), INK),
    "a shaded corner": (PLAIN, hard_shadow("corner"), INK),
    "a shadow in lamplight": (PLAIN, hard_shadow("slanted") * lamp(), INK),
    "a shadow on squared paper": (
        rule(down=True, tilt=0.01),
        hard_shadow("slanted"),
        INK,
    ),
    "a shadow on a board": (
        PLAIN * 0.2,
        hard_shadow("slanted"),
        (235, 235, 225),
    ),
}


def photograph(ink, scene, rng):
    """A JPEG with noise, as a camera's."""
    paper, light, colour = SCENES[scene]
    picture = paper * (1 - ink[..., None]) + ink[..., None] * colour
    picture = picture * light + rng.normal(0, 4, picture.shape)
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    code = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 75])[1]
    return cv2.imdecode(code, cv2.IMREAD_COLOR)


@pytest.mark.parametrize("scene", SCENES)
def test_a_photo_is_read(scene, classifier):
    rng = np.random.default_rng(0)
    right = []
    for number in ("2026", "71943", "8605"):
        ink, boxes = write(rng, number)
        readings = classifier.read(photograph(ink, scene, rng))
        labels = [reading.label for reading in readings]
        right.append(labels == list(number))
        if right[-1]:
            found = np.array([reading.box for reading in readings])
            assert np.abs(found - boxes).max() <= 12
    assert sum(right) >= 2


def test_two_lines_are_read_from_the_top(classifier):
    rng = np.random.default_rng(1)
    first, _ = write(rng, "307", top=40)
    second, _ = write(rng, "52", top=230)
    picture = photograph(np.maximum(first, second), "lamplight", rng)
    readings = classifier.read(picture)
    # The order is tested here, not the confidence.
    likeliest = [reading.probabilities.argmax() for reading in readings]
    assert likeliest == [3, 0, 7, 5, 2]
