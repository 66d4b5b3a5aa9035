"""Digits and non-digits that pen strokes add to an epoch, drawn anew.

One sample yields many images: each time it is deformed differently and drawn by
a pen of another width, before the warps that all images get.
"""

import dataclasses

import numpy as np
import numpy.typing as npt

from mnistcnn.data import DIGITS, Dataset, draw_strokes, split_held
from mnistcnn.ink import (
    StrokeSet,
    concatenate,
    find_fragments,
    is_nondigit,
    pair,
    print_digits,
    slash,
)
from mnistcnn.pictures import IMAGE_SIZE
from mnistcnn.training import pens

Images = npt.NDArray[np.uint8]

REJECTED = len(DIGITS)  # the label of the rejection class
# Share of zeros that get a slash or a bar, since few writers draw one.
_SLASHED = 0.35
# Shares of the kinds of non-digits in an epoch.
_SHARES = {"characters": 0.6, "fragments": 0.24, "pairs": 0.14, "blank": 0.02}
_GAPS = (-0.1, 0.5)  # between the digits of a pair, in heights


@dataclasses.dataclass(frozen=True, eq=False)
class Handwriting:
    """Pen strokes to draw from.

    Args:
        known: characters of the data's classes, and print.
        labels: `(n,)` uint8, their classes' indices.
        others: letters and signs that do not resemble digits; at least one, if
            non-digits are drawn.
        fragments: single strokes of digits.
        bold: the share that is bold, by pen or by blur, 0 to 1.
    """

    known: StrokeSet
    labels: npt.NDArray[np.uint8]
    others: StrokeSet
    fragments: StrokeSet
    bold: float = 0.0


def choose_writers(
    data: Dataset, validation: float, bold: float = 0.0
) -> tuple[Handwriting | None, Images, npt.NDArray[np.uint8]]:
    """Chooses the writers for training, and draws the others' digits.

    Args:
        data: of the run.
        validation: the share that is held out; if it is not 0, one writer of
            ten is held out.
        bold: the share of the others that is bold; the same share of print is
            added.

    Returns:
        The strokes to train on, `None` if the data have none; and the images
        and labels of the held-out writers.
    """
    if data.strokes is None:
        images = np.zeros((0, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
        return None, images, np.zeros(0, np.uint8)
    trained, held = data.strokes, data.strokes.take(slice(0))
    if validation:
        trained, held = split_held(trained)
    known, labels = _find_known(trained, data.classes)
    fragments = find_fragments(known)
    if more := round(bold * len(known)):
        printed = print_digits(more, np.random.default_rng(0))
        known, labels = _find_known(concatenate(known, printed), data.classes)
    others = trained.take(is_nondigit(trained.labels))
    handwriting = Handwriting(known, labels, others, fragments, bold)
    held, held_labels = _find_known(held, data.classes)
    rng = np.random.default_rng(0)
    images = draw_strokes(held, rng.uniform(*pens.PEN_WIDTHS, len(held)))
    return handwriting, images, held_labels


def _find_known(
    strokes: StrokeSet, classes: tuple[str, ...]
) -> tuple[StrokeSet, npt.NDArray[np.uint8]]:
    known = strokes.take(np.isin(strokes.labels, classes))
    index = {name: number for number, name in enumerate(classes)}
    return known, np.array([index[v] for v in known.labels], np.uint8)


def draw_known(
    handwriting: Handwriting, copies: int, rng: np.random.Generator
) -> tuple[Images, npt.NDArray[np.uint8]]:
    """Draws each character of the classes several times.

    Some zeros get a slash or a bar.

    Returns:
        `(n, 28, 28)` and `(n,)`, for an epoch.
    """
    known, labels = handwriting.known, handwriting.labels
    images, named = [], []
    for _ in range(copies):
        chosen = (known.labels == "0") & (rng.random(len(known)) < _SLASHED)
        slashed = slash(known.take(chosen), rng)
        for part in (known.take(~chosen), slashed):
            images.append(pens.draw_anew(part, rng, handwriting.bold))
        named += [labels[~chosen], labels[chosen]]
    return np.concatenate(images), np.concatenate(named)


def draw_others(
    handwriting: Handwriting, number: int, rng: np.random.Generator
) -> Images:
    """Draws non-digits: characters, fragments and pairs of digits, blanks.

    Args:
        handwriting: to draw from.
        number: of non-digits.
        rng: chooses.

    Returns:
        `(number, 28, 28)`.
    """
    found = handwriting
    counts = {kind: round(part * number) for kind, part in _SHARES.items()}
    # Kinds without strokes to draw from are replaced by characters.
    counts["fragments"] *= len(found.fragments) > 0
    counts["pairs"] *= len(found.known) > 0
    counts["characters"] += number - sum(counts.values())

    def draw(strokes: StrokeSet) -> Images:
        return pens.draw_anew(strokes, rng, found.bold)

    return np.concatenate(
        [
            draw(_choose(found.others, counts["characters"], rng)),
            draw(_choose(found.fragments, counts["fragments"], rng)),
            draw(_pair(found.known, counts["pairs"], rng)),
            draw_blank(counts["blank"], rng),
        ]
    )


def _choose(
    strokes: StrokeSet, number: int, rng: np.random.Generator
) -> StrokeSet:
    """Chooses a number of characters, each equally often up to one."""
    if not number:
        return strokes.take(slice(0))
    rounds = -(-number // len(strokes))
    order = [rng.permutation(len(strokes)) for _ in range(rounds)]
    return strokes.take(np.concatenate([*order, [0]])[:number])


def _pair(
    digits: StrokeSet, number: int, rng: np.random.Generator
) -> StrokeSet:
    """Makes pairs of a writer's digits side by side."""
    if not number:
        return digits.take(slice(0))
    order = np.argsort(digits.writers, kind="stable")
    names = digits.writers[order]
    left = rng.integers(len(digits), size=number)
    first = np.searchsorted(names, digits.writers[left], "left")
    last = np.searchsorted(names, digits.writers[left], "right")
    right = order[rng.integers(first, last)]
    gaps = rng.uniform(*_GAPS, number)
    return pair(digits.take(left), digits.take(right), gaps)


def draw_blank(number: int, rng: np.random.Generator) -> Images:
    """Makes images without ink: black, grey or white, with noise or without.

    Returns:
        `(number, 28, 28)`.
    """
    shape = (number, IMAGE_SIZE, IMAGE_SIZE)
    each = (number, 1, 1)
    level = rng.uniform(0, 255, each) * rng.integers(0, 2, each)
    noise = rng.normal(0, 1, shape) * rng.uniform(0, 30, each)
    noise *= rng.integers(0, 2, each)
    return np.rint(np.clip(level + noise, 0, 255)).astype(np.uint8)
