"""Tables of pixels: CSV files with a label and 784 pixels in each row.

Kaggle's digit recognizer (`label,pixel0,...`), "MNIST in CSV"
(`label,1x1,...`), OpenML's (`pixel1,...,class`), and pjreddie's, without a
header; EMNIST's as well.
"""

import itertools
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from mnistcnn.data.dataset import KEYS
from mnistcnn.data.emnist import read_emnist
from mnistcnn.errors import DataError
from mnistcnn.files import open_regular
from mnistcnn.pictures import IMAGE_SIZE

# MNIST's training set has 110 MB as text.
MAX_BYTES = 1 << 30
MAX_LINE_BYTES = 1 << 16

_LABELS = {"label", "labels", "class", "target", "digit", "y"}
# Names of a column of row numbers.
_NUMBERS = {"", "unnamed: 0", "index", "id"}
_NUM_PIXELS = IMAGE_SIZE**2
_EMNIST = re.compile(r"(emnist-[a-z]+)-(train|test)")
_TEST = re.compile(r"(^|[^a-z])test", re.IGNORECASE)


class Layout(NamedTuple):
    """The columns of a table."""

    delimiter: str
    num_heads: int
    pixels: list[int]
    label: int | None


def find_tables(path: Path) -> dict[str, Path] | None:
    """Finds the tables of a data set.

    Args:
        path: a CSV file, or a folder with one or two of them; the test set's
            has "test" in its name.

    Returns:
        Paths by `train` and `test`; `None` if there are none.
    """
    path = Path(path)
    if not path.is_dir():
        if path.suffix.lower() != ".csv":
            return None
        return {"test" if _TEST.search(path.stem) else "train": path}
    found: dict[str, Path] = {}
    for file in sorted(path.glob("*.[cC][sS][vV]")):
        split = "test" if _TEST.search(file.stem) else "train"
        if split == "train" and "sample" in file.stem.lower():
            continue  # Kaggle's sample submission
        if split in found:
            raise DataError(
                f"{path} has {found[split].name} and {file.name}. Expected "
                "one CSV to train on, and one with test in its name: give "
                "the path of the file itself."
            )
        found[split] = file
    return found or None


def read_tables(
    files: dict[str, Path],
) -> tuple[dict[str, np.ndarray], tuple[str, ...] | None, str]:
    """Reads tables of pixels.

    Args:
        files: as `find_tables` finds them.

    Returns:
        The arrays by key, `x_train`...; the names of the classes, if it is
        EMNIST; and a remark if Kaggle's test set, which has no labels, was left
        out.

    Raises:
        DataError: a table is missing, too large, or not of pixels.
    """
    arrays: dict[str, np.ndarray] = {}
    about, prefix = "", ""
    for split, path in files.items():
        try:
            with open_regular(path) as stream:
                layout = _find_layout(stream, path)
                if layout.label is None and len(files) > 1 and split == "test":
                    about = f"{path.name} has no labels and is left out"
                    continue
                x, y = _read(stream, path, layout)
        except OSError as error:
            raise DataError(
                f"{path} cannot be read ({error.strerror}). Expected a CSV "
                "of pixels: check the path."
            ) from error
        keys = KEYS[:2] if split == "train" else KEYS[2:]
        arrays.update(zip(keys, (x, y), strict=True))
        match = _EMNIST.fullmatch(path.stem)
        prefix = match[1] if match else ""
    return *read_emnist(prefix, arrays), about


def _find_layout(stream: BinaryIO, path: Path) -> Layout:
    """Detects the columns by the first line."""
    first = next(_read_lines(stream, path), "")
    delimiter = max(",;\t", key=first.count)
    cells = [cell.strip().strip('"').lower() for cell in first.split(delimiter)]
    if all(re.fullmatch(r"[-+.\d]+(e[-+]?\d+)?", cell) for cell in cells):
        heads, columns, label = 0, list(range(len(cells))), None
    else:
        heads = 1
        columns = [i for i, c in enumerate(cells) if c not in _NUMBERS]
        named = [i for i in columns if cells[i] in _LABELS]
        label = named[0] if len(named) == 1 else None
    if label is None and len(columns) == _NUM_PIXELS + 1:
        label = columns[0]
    pixels = [i for i in columns if i != label]
    if len(pixels) != _NUM_PIXELS:
        raise DataError(
            f"{path} begins with {len(cells)} columns ({first[:40]!r}...). "
            f"Expected a label and {_NUM_PIXELS} pixels in each row, with "
            "commas between: label,pixel0,pixel1,..."
        )
    return Layout(delimiter, heads, pixels, label)


def _read(
    stream: BinaryIO, path: Path, layout: Layout
) -> tuple[np.ndarray, np.ndarray]:
    if layout.label is None:
        raise DataError(
            f"{path} has {_NUM_PIXELS} columns of pixels and no labels. "
            "Expected a column named label besides: take the labelled file."
        )
    values, reason = None, "no rows"
    # Most tables hold integers, which take a quarter of the memory.
    for dtype in (np.uint8, np.float32):
        stream.seek(0)
        lines = _read_lines(stream, path)
        for _ in range(layout.num_heads):
            next(lines)
        first = next(lines, None)
        if first is None:
            break
        try:
            with warnings.catch_warnings():
                # NumPy before 2.3 only warns, and makes 256 a 0, 1.5 a 1.
                warnings.simplefilter("error", DeprecationWarning)
                values = np.loadtxt(
                    itertools.chain([first], lines),
                    dtype,
                    comments=None,
                    delimiter=layout.delimiter,
                    quotechar='"',
                    usecols=[layout.label, *layout.pixels],
                    ndmin=2,
                )
            break
        except DataError:  # also a ValueError, but worded already
            raise
        except (ValueError, OverflowError, DeprecationWarning) as error:
            reason = " ".join(str(error).split())[:120]
    if values is None:
        raise DataError(
            f"{path} is no table of numbers ({reason}). Expected a label and "
            "pixels 0..255 in each row: export it again."
        )
    labels = values[:, 0]
    if not layout.num_heads and len(labels) > 1 and not labels.any():
        # That is a column of corner pixels, with the labels in the last one.
        raise DataError(
            f"{path} has no head, and its first column, the labels, is 0 "
            "throughout. Expected the label first: name the columns, label "
            "and pixel0 and so on, or move it."
        )
    images = values[:, 1:].reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    return images, labels


def _read_lines(stream: BinaryIO, path: Path) -> Iterator[str]:
    """Yields lines of bounded length, of a file of bounded size."""
    total = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        if len(line) > MAX_LINE_BYTES:
            raise DataError(
                f"{path} has a line of more than {MAX_LINE_BYTES:,} bytes. "
                "Expected a CSV, a row of pixels a line: export it again."
            )
        start, total = not total, total + len(line)
        if total > MAX_BYTES:
            raise DataError(
                f"{path} has more than {MAX_BYTES:,} bytes. Expected a table "
                "of images: split it, or save it as an .npz."
            )
        # Text in another encoding is refused later, since it is not a number.
        text = line.decode("utf-8-sig" if start else "utf-8", "replace")
        yield text.rstrip("\r\n")
