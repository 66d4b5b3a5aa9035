"""Data sets of pen strokes, split by writer.

Digits differ more between people than within one person's: a network is tested
on writers that it has not seen, never on further digits of those that it has.
"""

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np

from mnistcnn.data.dataset import DIGITS, Dataset
from mnistcnn.data.strokedrawing import draw_strokes
from mnistcnn.errors import DataError
from mnistcnn.ink import StrokeSet, concatenate
from mnistcnn.pictures import PEN_WIDTH

# Of each ten writers, in order of their names, the second of each file goes to
# the test set; of the others, of all files together, the first is held out.
EVERY = 10


def split_tested(found: StrokeSet) -> tuple[StrokeSet, StrokeSet]:
    """Splits a file of pen strokes into training and test.

    Args:
        found: of one file.

    Returns:
        The strokes of nine writers of ten, and those of the tenth.
    """
    return found.split_writers(EVERY, 1)


def split_held(trained: StrokeSet) -> tuple[StrokeSet, StrokeSet]:
    """Splits the training writers: some are held out to choose or calibrate.

    Returns:
        The strokes of nine writers of ten, and those of the tenth; for a single
        writer all, and none.
    """
    if len(np.unique(trained.writers)) < 2:
        return trained, trained.take(slice(0))
    return trained.split_writers(EVERY, 0)


def add_strokes(
    data: Dataset, found: Iterable[StrokeSet], limit: int | None = None
) -> Dataset:
    """Adds pen strokes to a data set, for training.

    Args:
        data: of images.
        found: one for each file. Their test writers are left out.
        limit: at most this many characters, the first ones.

    Returns:
        A `Dataset` with `strokes`; its images and its test set are unchanged.

    Raises:
        DataError: none of their characters is of the data's classes, or a file
            is given twice.
    """
    pairs = [split_tested(part) for part in _check_once(found)]
    strokes = concatenate(*(trained for trained, _ in pairs))
    strokes = strokes.take(slice(limit))
    left = sum(len(np.unique(tested.writers)) for _, tested in pairs)
    known = np.isin(strokes.labels, data.classes)
    names = ", ".join(source.name for source in strokes.sources)
    if not known.any():
        raise DataError(
            f"{names} has no character of the classes of {data.name}, "
            f"{str(list(data.classes))[:60]}. Expected at least one: leave "
            "these pen strokes out."
        )
    said = (
        f"{known.sum():,} characters of these classes and "
        f"{(~known).sum():,} others as pen strokes ({names}), writers: "
        f"{len(np.unique(strokes.writers)):,}, and {left:,} more who are kept "
        "for tests"
    )
    about = f"{data.about}; {said}" if data.about else said
    return dataclasses.replace(data, strokes=strokes, about=about)


def draw_dataset(
    found: Iterable[StrokeSet], classes: Sequence[str] | None = None
) -> Dataset:
    """Makes a data set of pen strokes only.

    Args:
        found: one for each file.
        classes: the labels to distinguish; the digits by default.

    Returns:
        A `Dataset` of drawings by a pen of one width, in order of writers; the
        test set is by other writers. They are drawn once; only strokes added to
        other images (`add_strokes`) are drawn anew in each epoch.

    Raises:
        DataError: there is no character of these classes, or only one writer,
            or a file is given twice.
    """
    classes = tuple(map(str, classes or DIGITS))
    parts = [split_tested(part) for part in _check_once(found)]
    sets = [concatenate(*part) for part in zip(*parts, strict=True)]
    images, labels = [], []
    for strokes in sets:
        known = strokes.take(np.argsort(strokes.writers, kind="stable"))
        known = known.take(np.isin(known.labels, classes))
        if not len(known):
            names = ", ".join(source.name for source in strokes.sources)
            raise DataError(
                f"{names} has none of the classes {str(list(classes))[:60]} by "
                f"the writers to train on, or by those to test with, one of "
                f"{EVERY}. Expected some by two writers at least: name "
                "--classes, or add the file to images."
            )
        images.append(draw_strokes(known, np.full(len(known), PEN_WIDTH)))
        labels.append(np.array([classes.index(v) for v in known.labels]))
    names = ", ".join(source.name for source in sets[0].sources)
    return Dataset(
        *(images[0], labels[0], images[1], labels[1]),
        name=f"pen strokes ({names})",
        classes=classes,
        about=f"of {EVERY} writers one is for the test",
    )


def _check_once(found: Iterable[StrokeSet]) -> list[StrokeSet]:
    """Returns the sets; a `DataError` if one is given twice."""
    kept: dict[str, StrokeSet] = {}
    for part in found:
        (source,) = part.sources
        if source.digest in kept:
            raise DataError(
                f"{source.name} holds the same pen strokes as "
                f"{kept[source.digest].sources[0].name}. Expected each once: "
                "leave one out."
            )
        kept[source.digest] = part
    return list(kept.values())
