"""What the board has to show, in words and digits, before it is painted."""

from dataclasses import dataclass

from mnistcnn.board.reader import Reader
from mnistcnn.board.readings import Digit, Readings

CLASSES = tuple("0123456789")  # until the net has said its own


@dataclass(frozen=True)
class Scene:
    """What there is to show; equal where two look alike.

    Args:
        number: the digits' labels in reading order.
        digits: the digits in reading order.
        latest: the digit that the panel shows, if any.
        classes: the classes' names.
        facts: names and values for the panel's foot.
        message: one line for a person.
        warning: whether something is wrong.
    """

    number: str
    digits: tuple[Digit, ...]
    latest: Digit | None
    classes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    message: str
    warning: bool


def compose(
    readings: Readings, reader: Reader, notice: tuple[str, bool] | None
) -> Scene:
    """Put together what the board has to show.

    Args:
        readings: the digits.
        reader: who reads them.
        notice: what a key has just done, and whether it went wrong; None
            where there is nothing to say.

    Returns:
        The scene.
    """
    net = reader.net
    # What is still to be read, and what nobody is there to read.
    unread = "-" if reader.state in ("refused", "off") else "…"
    message, warning = notice or _say_state(readings, reader)
    took = readings.seconds
    return Scene(
        number="".join(digit.label or unread for digit in readings.digits),
        digits=tuple(readings.digits),
        latest=readings.latest,
        classes=net.classes if net else CLASSES,
        facts=(
            ("backend", net.backend if net else "-"),
            ("net", net.name if net else "-"),
            ("latency", "-" if took is None else f"{1000 * took:.1f} ms"),
        ),
        message=message,
        warning=warning,
    )


def _say_state(readings, reader):
    if reader.message:
        return reader.message, True
    if reader.state != "ready":
        return "The net is being loaded. You can draw already.", False
    if readings.crowded:
        return "Too many strokes for a number: N clears the paper.", False
    if not readings.digits:
        return "Draw a digit, or several, with the left button.", False
    return "", False
