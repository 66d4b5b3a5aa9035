"""Filters of templates: numbers with units, pictures, names."""

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn import units
from mnistcnn.errors import make_line


def bind_units(text: str) -> str:
    """Keeps numbers with their units, and "n 5", on one line.

    Templates use it as the filter `bind_units`.

    Args:
        text: a sentence.

    Returns:
        The sentence, with non-breaking spaces.
    """
    units = r"(?<=\d) (?=(?:%|s|ms|µs|min|GiB|MiB|images/s)(?!\w))"
    return re.sub(rf"{units}|(?<=\bn) (?=\d)", "\u00a0", text)


def png(image: npt.NDArray[np.uint8]) -> str:
    """Embeds a picture in the page itself; a filter.

    Args:
        image: `(h, w)` grey or `(h, w, 3)`, in OpenCV's order, blue first.

    Returns:
        A `data:` URL.
    """
    return embed(cv2.imencode(".png", image)[1].tobytes())


def names(labels: Iterable[int], classes: Sequence[str]) -> list[str]:
    """Names labels by their classes; a filter."""
    return [classes[label] for label in labels]


def pick(card: object, *keys: str) -> object:
    """Looks up a value in an untrusted nested mapping; a filter.

    Args:
        card: a mapping, or any other value.
        *keys: the path to the value.

    Returns:
        A number as it is, a text as one line of at most 80 characters, `None`
        for anything else.
    """
    for key in keys:
        card = card.get(key) if isinstance(card, Mapping) else None
    if isinstance(card, str):
        return make_line(card)[:80]
    return card if isinstance(card, int | float) else None


def plain(text: str) -> str:
    """Escapes Markdown's markup; a filter."""
    return re.sub(r"([\\`*_{}\[\]()#+.!|~-])", r"\\\1", make_line(text))


def embed(data: bytes) -> str:
    """Makes a `data:` URL of a PNG, to embed it in the page."""
    return "data:image/png;base64," + base64.b64encode(data).decode()


FILTERS: dict[str, Callable[..., Any]] = {
    write.__name__: write
    for write in (
        *(bind_units, names, pick, plain, png),
        *(units.count, units.decimal, units.duration, units.percent),
    )
}
