"""Numbers composed of the digits of real writers, to be read.

All digits of a number are by one writer. They are drawn as strokes and as a
picture, with gaps of one class; signs may stand between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from composed_numbers.placing import SIGNS, draw_ring, find_place, scale_sign
from mnistcnn.data import read_strokes_file, split_tested

PENS = (0.05, 0.13)  # the widths of pens, in a line's height
LEAST = 8  # digits that a writer must have written
# Without letters that look like digits, such as a circle or a stroke like "l".
LETTERS = "AEFGHKMNPRTUWXdefhkmnptwxy#%&@?$"


@dataclass(frozen=True)
class Number:
    """A composed number.

    Args:
        strokes: `(n, 2)` float64 each, a line's height about 1.
        groups: the indices of the strokes of each sign, in reading order.
        labels: of each sign, "?" if it is not a digit, "" for a ring around
            one.
        lines: the line of each sign.
        pen: the width of the pen with which the gaps were laid out.
    """

    strokes: tuple[np.ndarray, ...]
    groups: tuple[tuple[int, ...], ...]
    labels: tuple[str, ...]
    lines: tuple[int, ...]
    pen: float = 0.0

    @property
    def text(self) -> str:
        """The expected reading, lines separated by line breaks."""
        lines = [""] * (max(self.lines) + 1)
        for label, line in zip(self.labels, self.lines, strict=True):
            lines[line] += label
        return "\n".join(lines)


def read_writers(
    paths: Sequence[Path], part: str
) -> list[dict[str, list[list[np.ndarray]]]]:
    """Reads the writers of one part of some files.

    Of each file's writers, by name, every tenth is for tests only, `"report"`;
    of all other writers every tenth is for `"choosing"`; the rest is for
    `"fitting"`. The parts are disjoint.

    Args:
        paths: of `read_strokes_file`.
        part: one of these three.

    Returns:
        For each writer with at least `LEAST` digits, the strokes by label.
    """
    written: dict[str, dict[str, list]] = {}
    report: set[str] = set()
    for path in paths:
        found = read_strokes_file(path)
        report |= set(split_tested(found)[1].writers.tolist())
        names = zip(found.labels.tolist(), found.writers.tolist(), strict=True)
        for place, (label, writer) in enumerate(names):
            signs = written.setdefault(writer, {})
            signs.setdefault(label, []).append(found.strokes(place))
    choosing = sorted(set(written) - report)[::10]
    parts = {
        "report": report,
        "choosing": set(choosing),
        "fitting": set(written) - report - set(choosing),
    }
    chosen = [written[name] for name in sorted(parts[part])]
    return [
        signs
        for signs in chosen
        if sum(len(v) for k, v in signs.items() if k.isdecimal()) >= LEAST
    ]


def compose(
    writer: dict[str, list],
    rng: np.random.Generator,
    gap: str,
    *,
    size: tuple[int, int, int] = (1, 2, 6),
    signs: float = 0.0,
    others: dict[str, list] | None = None,
    pen: float = 0.0,
    short: float = 0.06,
) -> Number:
    """Composes a number of one writer's digits.

    Args:
        writer: of `read_writers`.
        rng: makes all choices.
        gap: a key of `GAPS`.
        size: the number of lines, and the minimum and maximum number of digits
            in each.
        signs: the probability of a sign or a letter in place of a digit that
            is neither first nor last.
        others: the source of signs; None means the writer.
        pen: the width of the pen, 0 if only its path counts.
        short: the probability of a short digit.

    Returns:
        The number.
    """
    strokes, groups, labels, places = [], [], [], []
    top = 0.0
    digit_names = sorted(k for k in writer if k.isdecimal())
    lines, least, most = size
    for line in range(lines):
        n = int(rng.integers(least, most + 1))
        right = None
        before: list = []
        for place in range(n):
            label = digit_names[rng.integers(len(digit_names))]
            source = writer
            if 0 < place < n - 1 and rng.random() < signs:
                source = writer if others is None else others
                kinds = [k for k in SIGNS if k in source]
                kinds += [k for k in LETTERS if k in source] * (
                    rng.random() < 0.3
                )
                label = kinds[rng.integers(len(kinds))] if kinds else label
                source = source if kinds else writer
            drawn = source[label][rng.integers(len(source[label]))]
            drawn = scale_sign(drawn, label, rng, short)
            move = find_place(before, drawn, right, gap, rng) + pen * bool(
                before
            )
            drawn = [s + np.array([move, top]) for s in drawn]
            names = [label if label.isdecimal() else "?"]
            kinds = [drawn]
            if label.isdecimal() and rng.random() < signs / 2:
                kinds.append([draw_ring(drawn, rng)])
                names.append("")
            for name, kind in zip(names, kinds, strict=True):
                start = len(strokes)
                groups.append(tuple(range(start, start + len(kind))))
                strokes += kind
                labels.append(name)
                places.append(line)
            drawn = [stroke for kind in kinds for stroke in kind]
            right = max(float(s[:, 0].max()) for s in drawn)
            before = drawn
        top += rng.uniform(1.25, 1.8)
    return Number(
        tuple(strokes), tuple(groups), tuple(labels), tuple(places), pen
    )


def put_alone(
    drawn: Sequence[np.ndarray],
    label: str,
    rng: np.random.Generator,
    pen: float,
) -> Number:
    """Makes a number of a single character, as tall as a line.

    Args:
        drawn: its strokes.
        label: its name.
        rng: chooses the size.
        pen: the width of the pen, 0 if only its path counts.
    """
    strokes = tuple(scale_sign(drawn, label, rng, 0.0))
    name = label if label.isdecimal() else "?"
    return Number(strokes, (tuple(range(len(strokes))),), (name,), (0,), pen)
