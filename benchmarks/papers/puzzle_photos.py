"""Real photos of printed puzzles, taken by others.

The collection of Wicht and Hennebert ("Camera-based Sudoku recognition with
deep belief network", SoCPaR 2014; CC BY 4.0): newspapers by 11 telephones,
with a file beside each photo that has the contents of its 81 cells. Its
`datasets/` list the photos for training and for tests.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mnistcnn import DigitClassifier
from mnistcnn.calibration import wilson_interval
from mnistcnn.errors import DataError
from mnistcnn.pictures import read_image

HEADER = 2  # lines: the telephone, and the picture's size
SIDE = 9


def list_photos(path: Path) -> list[Path]:
    """Lists the photos of a `.desc` file: a relative path on each line.

    Args:
        path: in `datasets/` of the collection.

    Raises:
        DataError: a photo, or the file of its cells, is missing.
    """
    names = path.read_text(encoding="utf-8").split()
    photos = [path.parent.parent / name for name in names]
    for photo in photos:
        for each in (photo, photo.with_suffix(".dat")):
            if not each.is_file():
                raise DataError(
                    f"{path.name} names {each.name}, which is not in "
                    f"{each.parent}. Expected the whole collection: fetch it "
                    "anew."
                )
    return photos


def read_cells(path: Path) -> list[list[str]]:
    """Reads the contents of a puzzle's cells, "" for an empty one.

    Args:
        path: a `.dat` file: two lines about the photo, then nine lines of nine
            digits, 0 for an empty cell.

    Raises:
        DataError: there are not nine rows of nine.
    """
    lines = path.read_text(encoding="utf-8").splitlines()[HEADER:]
    rows = [line.split() for line in lines if line.strip()]
    if [len(row) for row in rows] != [SIDE] * SIDE:
        raise DataError(
            f"{path.name} has rows of {[len(row) for row in rows]} digits. "
            f"Expected {SIDE} of {SIDE}."
        )
    return [["" if cell == "0" else cell for cell in row] for row in rows]


def score_photos(photos: Sequence[Path], classifier: DigitClassifier) -> dict:
    """Counts grids that are found, and cells and digits that are correct.

    Args:
        photos: of `list_photos`.
        classifier: reads them.

    Returns:
        As for a kind of paper; `right` counts photos with all cells correct.
        `grids`, those read as nine by nine cells; `digits`, and `digits_right`
        of them.
    """
    found = np.zeros(5, int)
    for photo in photos:
        cells = np.array(read_cells(photo.with_suffix(".dat")))
        grid = classifier.read(read_image(photo)).grid
        shape = len(grid), len(grid[0]) if grid else 0
        same = np.zeros(cells.shape, bool)
        if shape == cells.shape:
            same = np.array(grid) == cells
        filled = cells != ""
        found += [
            same.all(),
            shape == cells.shape,
            same.sum(),
            filled.sum(),
            (same & filled).sum(),
        ]
    right, grids, cells_right, digits, digits_right = found.tolist()
    interval = wilson_interval(right, len(photos))
    return {
        "kind": "puzzle_photos",
        "n": len(photos),
        "right": right,
        "interval": [round(share, 4) for share in interval],
        "cells": SIDE * SIDE * len(photos),
        "cells_right": cells_right,
        "grids": grids,
        "digits": digits,
        "digits_right": digits_right,
    }
