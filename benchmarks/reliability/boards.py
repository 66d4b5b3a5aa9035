"""Boards that save in one folder at the same time: no row is lost."""

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

BOARDS, DIGITS = 3, 40

CHILD = """
import sys
import numpy as np
from mnistcnn.board.digits import Digit
from mnistcnn.board.drawings import Drawings
from mnistcnn.ink import PEN, Stroke
folder, board, digits = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
drawings = Drawings(folder)
# All begin at the same moment.
print("ready", flush=True)
sys.stdin.readline()
for number in range(digits):
    points = np.full((2, 2), number + 1, np.float32)
    stroke = Stroke.of(1000 * board + number, points, PEN)
    digit = Digit((stroke,), stroke.box, np.zeros((28, 28), np.uint8),
                  (None,), "7")
    assert drawings.save([digit], network="", shape=(99, 99)).new == 1
"""


def prove(*, seed: int, quick: bool) -> dict:
    """Saves a digit at a time from three processes: all rows and files."""
    del seed
    digits = 5 if quick else DIGITS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        children = [
            subprocess.Popen(
                [sys.executable, "-c", CHILD, name, str(board), str(digits)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for board in range(BOARDS)
        ]
        for child in children:
            assert child.stdout
            child.stdout.readline()
        for child in children:
            assert child.stdin
            child.stdin.write("go\n")
            child.stdin.flush()
        failed = sum(bool(child.wait(timeout=300)) for child in children)
        for child in children:
            child.communicate()
        with open(folder / "digits.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        kept = {row["file"] for row in rows if (folder / row["file"]).is_file()}
    saved = BOARDS * digits
    return {
        "passed": not failed and len(rows) == len(kept) == saved,
        "faults": [],
        "boards": BOARDS,
        "digits_saved": saved,
        "rows_kept": len(rows),
        "pictures_kept": len(kept),
        "boards_that_failed": failed,
    }
