"""Scores on the test writers of files of pen strokes.

Digits, read by the network alone and as strokes; letters, signs, fragments and
pairs of digits, which should be rejected.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mnistcnn.data import DIGITS, EVERY, read_strokes_file, split_tested
from mnistcnn.errors import DataError
from mnistcnn.ink import (
    Canvas,
    StrokeSet,
    find_fragments,
    is_nondigit,
    pair,
)
from mnistcnn.pictures import strokes_to_image
from unlike_mnist.reading_scores import share, summarize

SIZE = 500  # the canvas' side in pixels; 1 in the files' coordinates
NUM_PAIRS = 1000
GAPS = (-0.05, 0.4)  # between the digits of a pair, relative to the height


def score(classifier, files: Sequence[Path]) -> dict[str, dict]:
    """Scores a classifier on the test writers of files.

    Args:
        classifier: a `DigitClassifier`.
        files: of pen strokes.

    Returns:
        By collection's name: its `digest`; the number of `writers`; the
        scores of `digits` by the network on the whole drawing, and by
        `read_strokes` from the canvas; and the `rejected` non-digits.

    Raises:
        DataError: the classifier's classes are not digits, or a file has none.
    """
    if tuple(classifier.classes_) != DIGITS:
        raise DataError(
            f"The network's classes are {str(list(classifier.classes_))[:60]}. "
            "Expected the ten digits: take another artifact."
        )
    collections = {}
    for path in files:
        whole = read_strokes_file(path)
        _, tested = split_tested(whole)
        (source,) = whole.sources
        digits = tested.take(np.isin(tested.labels, DIGITS))
        if not len(digits):
            raise DataError(
                f"{path} has no digit by a test writer, one of {EVERY}. "
                "Expected some: leave the file out."
            )
        name = source.name
        if name in collections:  # possible with files of two folders
            name = f"{name} ({source.digest[:8]})"
        collections[name] = {
            "digest": source.digest,
            "writers": len(np.unique(tested.writers)),
            "digits": score_digits(classifier, digits),
            "read": summarize(read_digits(classifier, digits), classifier),
            "rejected": {
                kind: count_rejections(classifier, strokes)
                for kind, strokes in list_others(tested, digits).items()
                if len(strokes)
            },
        }
    return collections


def list_others(tested: StrokeSet, digits: StrokeSet) -> dict[str, StrokeSet]:
    """Lists what should be rejected: characters, and segmentation errors.

    Args:
        tested: all characters.
        digits: the digits among them.
    """
    rng = np.random.default_rng(0)
    left, right = rng.integers(0, len(digits), (2, NUM_PAIRS))
    gaps = rng.uniform(*GAPS, NUM_PAIRS)
    return {
        "characters that no digit resembles": tested.take(
            is_nondigit(tested.labels)
        ),
        "all other characters": tested.take(~np.isin(tested.labels, DIGITS)),
        "fragments of digits": find_fragments(digits),
        "pairs of digits": pair(digits.take(left), digits.take(right), gaps),
    }


def count_rejections(classifier, strokes: StrokeSet) -> dict[str, int]:
    """Counts the whole drawings that the network rejects."""
    sure = classifier.predict_proba(draw_images(strokes)).max(axis=1)
    refused = int((sure < classifier.threshold).sum())
    return {"refused": refused, "n": len(strokes)}


def draw_images(strokes: StrokeSet) -> np.ndarray:
    """Draws each character by itself: `(n, 28, 28)` uint8."""
    every = range(len(strokes))
    return np.array([strokes_to_image(strokes.strokes(i)) for i in every])


def score_digits(classifier, digits: StrokeSet) -> dict:
    """Scores the network on whole drawings of digits.

    Returns:
        `accuracy` of the likeliest class; `shown`, with rejections counted
        as wrong; the share `refused`; `calibration_error`.
    """
    from mnistcnn.calibration import calibration_error, measure_reliability

    classes = np.array(classifier.classes_)
    probabilities = classifier.predict_proba(draw_images(digits))
    right = classes[probabilities.argmax(axis=1)] == digits.labels
    sure = probabilities.max(axis=1) >= classifier.threshold
    index = np.array([classifier.classes_.index(v) for v in digits.labels])
    rows = measure_reliability(index, probabilities)
    return {
        "accuracy": share(int(right.sum()), len(digits)),
        "shown": share(int((right & sure).sum()), len(digits)),
        "refused": float(1 - sure.mean()),
        "calibration_error": calibration_error(rows),
    }


def read_digits(classifier, digits: StrokeSet) -> list[tuple]:
    """Draws digits on a canvas, point by point, and reads each from there.

    Returns:
        For each digit its label, its writer and its readings.
    """
    return [
        (
            str(digits.labels[i]),
            str(digits.writers[i]),
            classifier.read_strokes(draw(digits.strokes(i)).strokes),
        )
        for i in range(len(digits))
    ]


def draw(strokes: Sequence[np.ndarray]) -> Canvas:
    """Draws strokes on a canvas, point by point, as a pen does."""
    canvas = Canvas()
    for stroke in strokes:
        (x, y), *others = (stroke * SIZE).tolist()
        canvas.pen_down(x, y)
        for x, y in others:
            canvas.pen_move(x, y)
        canvas.pen_up()
    return canvas
