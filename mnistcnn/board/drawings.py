"""Saved drawings: labelled pictures and a table, which are a data set."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from mnistcnn.board.digits import Digit, spell
from mnistcnn.board.rendering import draw
from mnistcnn.board.table import TABLE, lock, read_rows, write_rows
from mnistcnn.errors import ConfigError
from mnistcnn.files import write_atomically
from mnistcnn.reading import REJECTED

MAX_STEM = 40  # characters of a label in a file's name


@dataclass(frozen=True)
class Saved:
    """A summary of what was saved.

    Args:
        new: how many digits are saved for the first time.
        changed: how many have a new label.
        table: the table.
    """

    new: int
    changed: int
    table: Path


class Drawings:
    """A folder of saved digits, which `--data` takes as a data set.

    `digits.csv` has a row for each digit: its `file`, relative to the folder;
    its `label`, a person's or else the network's, empty if the reading is
    rejected; the label's `source`, "person" or "net"; what the network `read`,
    with which `probability`, and which `net`; and when it was `saved`. The
    pictures are the network's input: 28x28, 8-bit grey, bright ink on black.
    Each save makes a folder for them, with `drawing.png`, all the ink, black on
    white.

    A digit is saved once; if it is saved again with another label, its row
    changes. Several boards may save in one folder.

    Args:
        folder: created with the first save if it does not exist.
    """

    def __init__(self, folder: str | Path):
        self.folder: Path = Path(folder)
        # The file and label of each digit saved from this board.
        self._saved: dict[tuple, tuple[str, str]] = {}

    def save(
        self, digits: Sequence[Digit], *, network: str, shape: tuple[int, int]
    ) -> Saved:
        """Saves digits that are new or have a new label.

        Args:
            digits: the digits in reading order.
            network: the name of the network that read them, or "".
            shape: height and width of the drawing.

        Returns:
            A summary.

        Raises:
            ConfigError: the folder cannot be written to, or its table is not
                one of these.
        """
        try:
            with lock(self.folder):
                return self._save(digits, network, shape)
        except OSError as error:
            raise ConfigError(
                f"Cannot save the digits in {self.folder}: {error.strerror}. "
                "Choose a folder that can be written to."
            ) from error

    def _save(self, digits, network, shape):
        table = self.folder / TABLE
        rows = read_rows(table)
        new = sum(digit.key not in self._saved for digit in digits)
        folder, done, stale = None, {}, []
        for digit in digits:
            row = _describe(digit, network)
            file, label = self._saved.get(digit.key, (None, None))
            if file is not None and label == row["label"]:
                continue
            if file is None:
                folder = folder or _new_folder(self.folder)
                home, place = folder.name, len(done) + 1
            else:
                home, name = file.split("/")
                place = name.split("-")[1]
                rows = [r for r in rows if r["file"] != file]
                stale.append(file)
            row["file"] = f"{home}/digit-{place}-{_stem(digit)}.png"
            # The table is authoritative: it is written last, and old files are
            # removed after it.
            write_atomically(self.folder / row["file"], _png(digit.image))
            rows.append(row)
            done[digit.key] = row["file"], row["label"]
        if folder:
            ink = [stroke for digit in digits for stroke in digit.strokes]
            drawing = _png(255 - draw(ink, shape))
            write_atomically(folder / "drawing.png", drawing)
        if done:
            write_atomically(table, write_rows(rows))
            self._saved |= done
            for file in set(stale) - {file for file, _ in done.values()}:
                (self.folder / file).unlink(missing_ok=True)
        return Saved(new, len(done) - new, table.resolve())


def _describe(digit: Digit, network: str) -> dict[str, str]:
    prediction = digit.predictions[0]
    read = prediction.label if prediction else ""
    label = digit.given or (read if read != REJECTED else "")
    return {
        "file": "",
        "label": label,
        "source": ("person" if digit.given else "net") if label else "",
        "read": read,
        "probability": f"{prediction.probability:.4f}" if prediction else "",
        "net": network if prediction else "",
        "saved": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _stem(digit: Digit) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", spell(digit.label).lower())
    return name.strip("-")[:MAX_STEM] or "other"


def _new_folder(out: Path) -> Path:
    stamp = time.strftime("%Y-%m-%d_%H-%M-%S")
    folder, count = out / stamp, 1
    while folder.exists():
        count += 1
        folder = out / f"{stamp}_{count}"
    folder.mkdir(parents=True)
    return folder


def _png(picture: np.ndarray) -> bytes:
    # Not cv2.imwrite, which returns only False where the system gives a reason.
    return cv2.imencode(".png", picture)[1].tobytes()
