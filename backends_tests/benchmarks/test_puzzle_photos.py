"""Photos of puzzles: their lists and cells are read, and counted."""

import cv2
import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.errors import DataError
from papers.puzzle_photos import list_photos, read_cells, score_photos

pytestmark = pytest.mark.core

HEAD = "a telephone\n480x480:24 JPG\n"


@pytest.fixture
def collection(tmp_path):
    """Two puzzles with a 1 in each row: one of paper, one of nothing."""
    for folder in ("datasets", "images"):
        (tmp_path / folder).mkdir()
    paper = np.full((480, 480), 230, np.uint8)
    for k in range(10):
        cv2.line(paper, (15 + 50 * k, 15), (15 + 50 * k, 465), 60, 2)
        cv2.line(paper, (15, 15 + 50 * k), (465, 15 + 50 * k), 60, 2)
    for k in range(9):
        x, y = 40 + 50 * k, 40 + 50 * k
        cv2.line(paper, (x, y - 16), (x, y + 16), 40, 4)
    rows = [" ".join("01"[j == k] for j in range(9)) for k in range(9)]
    for name, picture in (("a", paper), ("b", np.full_like(paper, 230))):
        cv2.imwrite(str(tmp_path / "images" / f"{name}.png"), picture)
        cells = HEAD + "\n".join(rows)
        (tmp_path / "images" / f"{name}.dat").write_text(cells)
    names = "images/a.png\nimages/b.png\n"
    (tmp_path / "datasets" / "test.desc").write_text(names)
    return tmp_path


def test_photos_are_counted(collection):
    photos = list_photos(collection / "datasets" / "test.desc")
    score = score_photos(photos, DigitClassifier.from_pretrained())
    assert (score["n"], score["right"], score["grids"]) == (2, 1, 1)
    assert (score["cells"], score["cells_right"]) == (162, 81)
    assert (score["digits"], score["digits_right"]) == (18, 9)


def test_what_is_missing_is_named(collection):
    (collection / "images" / "b.dat").unlink()
    with pytest.raises(DataError, match=r"b\.dat"):
        list_photos(collection / "datasets" / "test.desc")


def test_cells_are_nine_by_nine(collection):
    path = collection / "images" / "a.dat"
    path.write_text(HEAD + "0 1 2\n")
    with pytest.raises(DataError, match=r"rows of \[3\]"):
        read_cells(path)
