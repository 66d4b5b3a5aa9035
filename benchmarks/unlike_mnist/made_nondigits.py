"""Non-digits that are made in other ways than by `mnistcnn.ink.nondigits`.

The shipped network was not trained with boxes, crosses and printed letters; its
letters were handwritten, its scribbles were splines.
"""

from collections.abc import Iterator

import cv2
import numpy as np

FONTS = (
    "SIMPLEX",
    "PLAIN",
    "DUPLEX",
    "COMPLEX",
    "TRIPLEX",
    "COMPLEX_SMALL",
    "SCRIPT_SIMPLEX",
    "SCRIPT_COMPLEX",
)
# All but those that look like digits: O D Q o (0), I i l j (1), Z z (2),
# S s (5), G b (6), B (8), g q y (9).
LETTERS = "ACEFHJKLMNPRTUVWXYacdefhkmnprtuvwx"
EACH = 100  # drawings of each other kind


def make_letters():
    """Draws each letter in each of OpenCV's Hershey fonts, with its name."""
    rng = np.random.default_rng(0)
    for font in FONTS:
        for letter in LETTERS:
            picture = np.full((160, 160), 255, np.uint8)
            pen = int(rng.integers(3, 9))
            face = getattr(cv2, f"FONT_HERSHEY_{font}")
            cv2.putText(picture, letter, (40, 110), face, 3, 0, pen)
            yield f"{letter} in {font}", picture


def make_scribbles():
    """Makes random walks, as lists of strokes."""
    rng = np.random.default_rng(1)
    for _ in range(EACH):
        steps = rng.normal(0, 10, (rng.integers(12, 40), 2))
        yield [np.cumsum(steps, axis=0)]


def make_boxes():
    """Makes rectangles of one stroke, as drawn by a slightly unsteady hand."""
    rng = np.random.default_rng(2)
    for _ in range(EACH):
        wide, high = rng.uniform(50, 150, 2)
        corners = [(0, 0), (wide, 0), (wide, high), (0, high), (0, 0)]
        yield [np.array(corners) + rng.normal(0, 2, (5, 2))]


def make_crosses():
    """Makes pairs of lines that cross at about 90 degrees, turned randomly."""
    rng = np.random.default_rng(3)
    for _ in range(EACH):
        turn = rng.uniform(0, np.pi)
        strokes = []
        for angle in (turn, turn + np.pi / 2 + rng.normal(0, 0.15)):
            end = 50 * rng.uniform(0.8, 1.2) * np.exp(1j * angle)
            strokes.append(
                np.array([[-end.real, -end.imag], [end.real, end.imag]])
            )
        yield strokes


KINDS = {
    "boxes": make_boxes,
    "crosses": make_crosses,
    "scribbles": make_scribbles,
    "letters": make_letters,
}


def measure_refusals(classifier) -> dict[str, list[bool]]:
    """Measures whether a classifier rejects non-digits.

    Args:
        classifier: a `DigitClassifier`.

    Returns:
        For each of `KINDS`, for each drawing whether everything found in it is
        shown as "?".
    """
    from mnistcnn.reading import REJECTED

    def read(kind: str) -> Iterator[list]:
        for drawing in KINDS[kind]():
            if kind == "letters":
                yield classifier.read(drawing[1])
            else:
                yield classifier.read_strokes(drawing)

    return {
        kind: [
            all(reading.label == REJECTED for reading in readings)
            for readings in read(kind)
        ]
        for kind in KINDS
    }
