"""The scores of composed numbers, and of single digits."""

from collections.abc import Iterator, Sequence

import numpy as np

from composed_numbers.composing import PENS, compose
from composed_numbers.number_pictures import draw_number, make_picture
from composed_numbers.placing import GAPS, draw_bar, draw_point, draw_slash
from unlike_mnist.reading_scores import share

HEIGHT = 100.0  # of a line, in units of the strokes


def list_kinds() -> Iterator[dict]:
    """Lists the kinds of numbers: name, gap, and `compose`'s size."""
    for gap in GAPS:
        pair = gap == "touching"
        name = "touching pairs" if pair else f"gap {gap}"
        yield {"name": name, "gap": gap, "size": (1, 2, 2 if pair else 6)}
    yield {"name": "two lines", "gap": "0.1 to 0.4", "size": (2, 2, 6)}


def score_kind(
    classifier,
    writers: Sequence[dict],
    kind: dict,
    each: int,
    seed: int,
) -> list[dict]:
    """Reads numbers of one kind, as strokes and as pictures.

    Args:
        classifier: a `DigitClassifier`.
        writers: of `read_writers`.
        kind: of `list_kinds`.
        each: how many.
        seed: chooses writers, digits, gaps and pens.

    Returns:
        For strokes and for pictures the share that was read exactly, by the
        likeliest digits and as displayed; and the errors of the others.
    """
    found = []
    for form in ("strokes", "picture"):
        rng = np.random.default_rng([seed, form == "picture"])
        right = shown = lost = added = 0
        for _ in range(each):
            pen = rng.uniform(*PENS) if form == "picture" else 0.0
            number = compose(
                writers[rng.integers(len(writers))],
                rng,
                kind["gap"],
                size=kind["size"],
                short=0.0,
                pen=pen,
            )
            if form == "strokes":
                page = classifier.read_strokes(
                    [stroke * HEIGHT for stroke in number.strokes]
                )
            else:
                ink, _ = draw_number(number, rng)
                page = classifier.read(make_picture(ink, rng))
            text = number.text.replace("\n", "")
            names = [
                classifier.classes_[r.probabilities.argmax()] for r in page
            ]
            right += "".join(names) == text
            shown += "".join(reading.label for reading in page) == text
            lost += len(page) < len(text)
            added += len(page) > len(text)
        found.append(
            {
                "name": kind["name"],
                "form": form,
                "exact": share(right, each),
                "shown": share(shown, each),
                "lost": lost,
                "added": added,
            }
        )
    return found


def score_single(classifier, writers: Sequence[dict], seed: int) -> dict:
    """Reads each digit by itself, with `read_strokes` and with the network.

    Args:
        classifier: a `DigitClassifier`.
        writers: of `read_writers`.
        seed: chooses how zeros are slashed.

    Returns:
        The shares of digits that were read correctly by `read_strokes` and by
        the network on the whole drawing; and of zeros with a slash, a bar or a
        point, by `read_strokes`.
    """
    from mnistcnn.pictures import strokes_to_image

    whole = alone = n = 0
    zeros = [strokes for writer in writers for strokes in writer.get("0", ())]
    for writer in writers:
        for label, drawn in writer.items():
            if not label.isdecimal():
                continue
            images = np.stack([strokes_to_image(strokes) for strokes in drawn])
            alone += int((classifier.predict(images) == label).sum())
            whole += sum(_read(classifier, s) == [label] for s in drawn)
            n += len(drawn)
    rng = np.random.default_rng(seed)
    slashed, barred, dotted = (
        sum(
            _read(classifier, [*strokes, draw(strokes, rng)]) == ["0"]
            for strokes in zeros
        )
        for draw in (draw_slash, draw_bar, draw_point)
    )
    return {
        "read_strokes": share(whole, n),
        "network": share(alone, n),
        "slashed_zeros": share(slashed, len(zeros)),
        "barred_zeros": share(barred, len(zeros)),
        "dotted_zeros": share(dotted, len(zeros)),
    }


def _read(classifier, strokes):
    """The likeliest class of each reading."""
    page = classifier.read_strokes([s * HEIGHT for s in strokes])
    return [classifier.classes_[r.probabilities.argmax()] for r in page]
