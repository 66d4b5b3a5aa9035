"""Pictures of the board with a real network, compared by what they mean."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from mnistcnn.board import style
from mnistcnn.board.app import Board
from mnistcnn.board.demo import write_digit
from mnistcnn.board.sessions import await_readings, draw_by_mouse

GOLDEN = Path(__file__).with_name("golden_board.json")
WRITTEN = {0: 2, 1: 0, 2: 2, 3: 6, 5: 1, 6: 7}  # by the cell of the paper
LOADING = 120
# Pixels: another OpenCV rounds otherwise, and a frame is as wide as its name
# with a percentage, which another network or backend may give another digit.
TOLERANCE = {"boxes": 3, "frames": 12}


def find_frames(picture):
    """The red boxes with their names, `[left, top, width, height]` each."""
    red = (picture == style.NETWORKS[0]).all(-1).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(red, connectivity=8)
    found = stats[1:]
    # Letters' inner parts are no frames.
    found = found[found[:, cv2.CC_STAT_AREA] > 300][:, :4]
    return sorted(found.tolist())


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What a board shows of a fixed drawing: its meaning and its picture."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SDL_VIDEODRIVER", "dummy")
        rng = np.random.default_rng(5)
        with Board() as board:
            for cell, label in WRITTEN.items():
                draw_by_mouse(board, write_digit(label, cell, rng))
            await_readings(board, LOADING)
            board.pointer.spot = None
            board.step()
            path = tmp_path_factory.mktemp("golden") / "board.png"
            picture = cv2.imread(str(board.screenshot(path)))[..., ::-1]
            left, top, across, down = board.layout.paper
            paper = picture[top : top + down, left : left + across]
            return {
                "lines": list(board._painted[-1].reports[0].lines),
                "labels": [d.label for d in board.readings.digits],
                "boxes": [list(d.box) for d in board.readings.digits],
                "frames": find_frames(paper),
            }


def test_what_is_written_is_read_line_by_line(shown):
    assert shown["lines"] == ["2026", "17"]
    assert shown["labels"] == [str(label) for label in WRITTEN.values()]


def test_the_picture_means_what_the_golden_one_means(shown):
    golden = json.loads(GOLDEN.read_text())
    assert shown["labels"] == golden["labels"]
    for name, pixels in TOLERANCE.items():
        assert len(shown[name]) == len(golden[name])
        differences = np.abs(np.subtract(shown[name], golden[name]))
        assert differences.max() <= pixels, name
