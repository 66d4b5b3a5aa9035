"""Saved drawings as a data set: a folder of 28x28 PNGs and their table.

The table, `digits.csv`, has a row for each digit, with at least the columns
`file` (a PNG inside the folder) and `label`. It is untrusted input: every
name, size and label is checked before a picture is decoded.
"""

import contextlib
import csv
import io
import logging
import os
from pathlib import Path

import cv2
import numpy as np

from mnistcnn.data.classnames import MAX_CLASSES, MAX_LENGTH
from mnistcnn.data.dataset import DIGITS, Dataset
from mnistcnn.data.splitting import choose_tested
from mnistcnn.errors import DataError, make_printable
from mnistcnn.files import read_regular
from mnistcnn.pictures import IMAGE_SIZE

TABLE = "digits.csv"
COLUMNS = ("file", "label")
# Optional: "person", or "net" for a network's own label.
SOURCE = "source"
# Labels of drawings that neither a person nor the network labelled.
UNLABELLED = ("", "?")

MAX_ROWS = 100_000
MAX_TABLE_BYTES = 32 << 20
# A grey 28x28 PNG has a few hundred bytes.
MAX_PNG_BYTES = 1 << 16

# PNG's signature and header: width, height, 8 bits, grey.
_PNG_HEAD = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_PNG_HEAD += IMAGE_SIZE.to_bytes(4, "big") * 2 + b"\x08\x00"

_LOGGER = logging.getLogger(__name__)


def is_drawings(path: Path) -> bool:
    """Returns whether a path is a folder of saved drawings."""
    return os.path.isfile(Path(path) / TABLE)


def read_drawings(folder: Path) -> Dataset:
    """Reads a folder of saved drawings.

    Every fifth drawing of each class, in the order of the table, goes to the
    test set, so that the split stays the same when drawings are added. A
    picture that was saved twice counts once, with its last label.

    Args:
        folder: holds `digits.csv` and the PNGs that it names.

    Returns:
        A `Dataset`. Its classes are the digits if all labels are digits, else
        the labels in order.

    Raises:
        DataError: the table or a picture is invalid, or there are too few
            drawings for a test set.
    """
    folder = Path(folder)
    rows = _read_table(folder / TABLE)
    labels: dict[bytes, str] = {}
    unseen: set[bytes] = set()
    for number, (name, label, source) in rows:
        key = _read_png(folder, name, number).tobytes()
        # A duplicate could be in both the training and the test set.
        labels[key] = label
        (unseen.add if source == "net" else unseen.discard)(key)
    left_out = sum(label in UNLABELLED for label in labels.values())
    labels = {k: v for k, v in labels.items() if v not in UNLABELLED}
    if left_out:
        _LOGGER.warning(
            "%s: %d drawings without a label are left out.", folder, left_out
        )
    unseen &= set(labels)
    found = set(labels.values())
    classes = DIGITS if found <= set(DIGITS) else tuple(sorted(found))
    if not 2 <= len(classes) <= MAX_CLASSES:
        raise DataError(
            f"{folder} has drawings of {len(classes)} classes. Expected 2 to "
            f"{MAX_CLASSES}: draw others, or correct the labels."
        )
    x = np.frombuffer(b"".join(labels), np.uint8)
    x = x.reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    y = np.array([classes.index(v) for v in labels.values()], np.uint8)
    try:
        tested = choose_tested(y)
    except DataError as error:
        raise DataError(f"{folder}: {error}") from error
    return Dataset(
        x_train=x[~tested],
        y_train=y[~tested],
        x_test=x[tested],
        y_test=y[tested],
        name=f"drawings in {make_printable(folder.resolve().name)}",
        classes=classes,
        about=f"{len(y)} drawings; of each class every fifth, in the order "
        f"of {TABLE}, is for the test"
        + (f"; {len(unseen)} labels were given by a network" if unseen else ""),
    )


def _read_table(path: Path) -> list[tuple[int, tuple[str, str, str]]]:
    """Returns the number of each row, 2 for the first, and its cells."""
    try:
        data = read_regular(path, max_bytes=MAX_TABLE_BYTES)
        text = data.decode("utf-8-sig")
        table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(
            f"{path} cannot be read ({type(error).__name__}: {reason[:60]}). "
            f"Expected a CSV in UTF-8 with the columns "
            f"{' and '.join(COLUMNS)}: save the drawings anew."
        ) from error
    head = table[0] if table else []
    if any(head.count(column) != 1 for column in COLUMNS):
        raise DataError(
            f"{path} begins with {str(head)[:80]}. Expected a head with the "
            f"columns {' and '.join(COLUMNS)}: add it."
        )
    if len(table) - 1 > MAX_ROWS:
        raise DataError(
            f"{path} has {len(table) - 1:,} rows. Expected at most "
            f"{MAX_ROWS:,}: split it."
        )
    places = [head.index(column) for column in COLUMNS]
    rows = []
    for number, row in enumerate(table[1:], 2):
        if not row:  # a blank line
            continue
        if len(row) != len(head):
            raise DataError(
                f"{path}: row {number} has {len(row)} cells. Expected "
                f"{len(head)}, as the head: correct or delete it."
            )
        name, label = (row[place].strip() for place in places)
        source = row[head.index(SOURCE)] if SOURCE in head else ""
        if len(label) > MAX_LENGTH or not label.isprintable():
            raise DataError(
                f"{path}: row {number} has the label {label[:40]!r}. Expected "
                f"at most {MAX_LENGTH} printable characters: correct it."
            )
        rows.append((number, (name, label, source)))
    return rows


def _read_png(folder: Path, name: str, number: int) -> np.ndarray:
    """Reads a picture of the folder, `(28, 28)` uint8."""
    what = f"{folder / TABLE}: row {number}"
    path = folder / name
    inside = os.path.realpath(folder)
    try:
        # Inside of the folder only, also after following links.
        kept = os.path.realpath(path)
        inner = os.path.commonpath([inside, kept]) == inside
        if not name or os.path.isabs(name) or "\\" in name or not inner:
            raise DataError(
                f"{what} names {name[:80]!r}. Expected a PNG inside the "
                "folder: correct or delete the row."
            )
        data = read_regular(path, max_bytes=MAX_PNG_BYTES)
    except (OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise DataError(
            f"{what} names {name[:80]!r}, which cannot be read ({reason}). "
            "Expected a PNG: put it back, or delete the row."
        ) from error
    image = None
    # Checked by the header before anything is decoded.
    if data.startswith(_PNG_HEAD):
        with contextlib.suppress(cv2.error):
            array = np.frombuffer(data, np.uint8)
            image = cv2.imdecode(array, cv2.IMREAD_UNCHANGED)
    if image is None or image.shape != (IMAGE_SIZE, IMAGE_SIZE):
        raise DataError(
            f"{what}: {name[:80]} is no grey {IMAGE_SIZE}x{IMAGE_SIZE} PNG. "
            "Expected one as the board saves it: convert it, or delete the "
            "row."
        )
    return image
