"""The scene: the board's contents as data, before they are painted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mnistcnn.board.digits import Digit
from mnistcnn.board.reader import Reader
from mnistcnn.board.readings import Readings
from mnistcnn.board.service import Explanation

CLASSES = tuple("0123456789")  # until the network has reported its own
WORD_GAP = 1.0  # of the taller digit's height: a wider gap separates numbers


@dataclass(frozen=True)
class Report:
    """A report of one network, as the window shows it.

    Args:
        lines: the number that it reads, line by line.
        classes: the classes' names.
        facts: names and values for the panel's footer.
        why: the explanation of the shown digit, None before there is one.
    """

    lines: tuple[str, ...]
    classes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    why: Explanation | None


@dataclass(frozen=True)
class Scene:
    """All that is shown; two scenes are equal if they look the same.

    Args:
        digits: the digits in reading order.
        shown: the digit that the panels show, if any.
        pointed: the digit that the pointer rests on, if any.
        reports: one for each network.
        message: one line for a person.
        warning: whether something is wrong.
        help: whether the help is to be shown.
        pointer: the brush's place on the drawing, its width or the eraser's,
            and whether it erases; None if it is not on the paper.
        eraser: whether the left button erases.
    """

    digits: tuple[Digit, ...]
    shown: Digit | None
    pointed: Digit | None
    reports: tuple[Report, ...]
    message: str
    warning: bool
    help: bool = False
    pointer: tuple[tuple[float, float], float, bool] | None = None
    eraser: bool = False


def compose(
    readings: Readings,
    readers: Sequence[Reader],
    notice: tuple[str, bool] | None,
    **more: Any,
) -> Scene:
    """Composes the scene.

    Args:
        readings: the digits.
        readers: of the digits.
        notice: the result of the last key, and whether it is an error; None if
            there is none.
        **more: the other parts of `Scene`.

    Returns:
        The scene.
    """
    message, warning = notice or _say_state(readings, readers)
    return Scene(
        digits=tuple(readings.digits),
        shown=readings.shown,
        pointed=readings.pointed,
        reports=tuple(
            _report(readings, network, reader)
            for network, reader in enumerate(readers)
        ),
        message=message,
        warning=warning,
        **more,
    )


def write_lines(
    boxes: Sequence[tuple[float, float, float, float]],
    labels: Sequence[str],
    lines: Sequence[int],
) -> tuple[str, ...]:
    """Writes digits as numbers, by their places on the paper.

    Args:
        boxes: of the digits, `(left, top, right, bottom)`, in reading order.
        labels: a word for each.
        lines: the index of each one's line of writing.

    Returns:
        The lines; a wide gap in one separates two numbers.

    Example:
        >>> one, two = (0, 0, 5, 10), (8, 0, 13, 10)
        >>> write_lines([one, two, (0, 30, 5, 40)], "123", (0, 0, 1))
        ('12', '3')
    """
    written: dict[int, str] = {}
    before = (0.0, 0.0, 0.0, 0.0)
    for box, label, line in zip(boxes, labels, lines, strict=True):
        tall = max(box[3] - box[1], before[3] - before[1])
        apart = line in written and box[0] - before[2] > WORD_GAP * tall
        written[line] = written.get(line, "") + " " * apart + label
        before = box
    return tuple(written.values())


def write_number(
    readings: Readings, network: int, reader: Reader
) -> tuple[str, ...]:
    """Writes the number that a network reads, line by line.

    Args:
        readings: the digits.
        network: which of the networks.
        reader: its reader.

    Returns:
        The lines, with a person's labels if there are any; "…" for digits still
        to be read, "-" if there is no reader.
    """
    unread = "-" if reader.state in ("refused", "off") else "…"
    labels = []
    for digit in readings.digits:
        prediction = digit.predictions[network]
        read = prediction.label if prediction else unread
        labels.append(read if digit.given is None else digit.given)
    digits = readings.digits
    return write_lines(
        [d.box for d in digits], labels, [d.line for d in digits]
    )


def _report(readings: Readings, network: int, reader: Reader) -> Report:
    shown = readings.shown and readings.shown.predictions[network]
    took = f"{1000 * shown.seconds:.1f} ms" if shown else "-"
    return Report(
        lines=write_number(readings, network, reader),
        classes=reader.network.classes if reader.network else CLASSES,
        facts=(
            ("backend", reader.network.backend if reader.network else "-"),
            ("network", reader.title or "-"),
            ("latency", took),
        ),
        why=reader.why if readings.explaining else None,
    )


def _say_state(
    readings: Readings, readers: Sequence[Reader]
) -> tuple[str, bool]:
    for reader in readers:
        if reader.message:
            return reader.message, True
    if any(reader.state != "ready" for reader in readers):
        return "The network is being loaded. You can draw already.", False
    if readings.crowded:
        return "Too many strokes for a number: N clears the paper.", False
    if not readings.digits:
        return "Draw a digit, or several; H shows what else there is.", False
    return "", False
