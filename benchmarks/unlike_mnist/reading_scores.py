"""Scores of readings: how many were found as one digit and are correct."""

from collections.abc import Iterator

from mnistcnn.calibration import wilson_interval


def summarize(answers: list[tuple], classifier) -> dict:
    """Computes scores of readings.

    Args:
        answers: for each digit its label, its writer and its readings.
        classifier: the one that read them, for its classes' names.

    Returns:
        `accuracy`: one digit was found, and its likeliest class is correct.
        `shown`: the label shown is correct, which excludes "?".
        `refused`: one digit was found, and it is "?". `pieces`: none or
        several were found. And `by_digit`, `by_writer`, `confusions`.
    """
    classes = classifier.classes_
    likeliest = [
        (label, writer, classes[int(readings[0].probabilities.argmax())])
        if len(readings) == 1
        else (label, writer, None)
        for label, writer, readings in answers
    ]
    single = [answer for answer in answers if len(answer[2]) == 1]
    shown = sum(r[0].label == label for label, _, r in single)
    refused = sum(r[0].label not in classes for _, _, r in single)
    wrong: dict[tuple, int] = {}
    for label, _, read in likeliest:
        if label != read:
            wrong[label, read] = wrong.get((label, read), 0) + 1
    return {
        "accuracy": share(len(answers) - sum(wrong.values()), len(answers)),
        "shown": share(shown, len(answers)),
        "refused": refused / len(answers),
        "pieces": 1 - len(single) / len(answers),
        "by_digit": list(_group(likeliest, 0)),
        "by_writer": list(_group(likeliest, 1)),
        "confusions": [
            {"label": label, "read": read, "n": n}
            for (label, read), n in sorted(wrong.items(), key=lambda i: -i[1])
        ],
    }


def _group(rows, place: int) -> Iterator[dict]:
    for name in sorted({row[place] for row in rows}):
        right = [row[0] == row[2] for row in rows if row[place] == name]
        yield {"name": name, **share(sum(right), len(right))}


def share(right: int, n: int) -> dict:
    """The share of `right` in `n`, with its 95 % Wilson interval."""
    interval = list(wilson_interval(right, n))
    return {"accuracy": right / n, "n": n, "interval": interval}
