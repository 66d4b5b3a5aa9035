import csv
import functools
import importlib
import itertools
import math
import os
import signal
import subprocess
import sys
import time
import tracemalloc
import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnistcnn.board import style
from mnistcnn.board.app import Board
from mnistcnn.board.controls import BRUSHES, CONTROLS, find_action
from mnistcnn.board.demo import (
    CELLS,
    PAUSE,
    SECONDS,
    free_cell,
    write_digit,
)
from mnistcnn.board.drawings import COLUMNS
from mnistcnn.board.layout import Layout, find_size, fit_scale
from mnistcnn.board.reader import Reader
from mnistcnn.board.saver import Saver
from mnistcnn.board.scene import write_lines
from mnistcnn.board.sessions import (
    await_readings,
    demo_screenshot,
    draw_by_mouse,
    run_board,
)
from mnistcnn.board.style import Painter
from mnistcnn.board.window import Frames
from mnistcnn.errors import ConfigError, DisplayError
from mnistcnn.ink import PEN
from mnistcnn.pictures import strokes_to_image
from mnistcnn.reading import MAX_STROKES, LayerMaps, group_ink

pytestmark = pytest.mark.core
HELPERS = Path(__file__).parents[1] / "helpers"
# 10,000 with --hypothesis-profile=thorough.
SEQUENCES = max(settings().max_examples, 100)
RESIZES = 1000
RED = style.NETWORKS[0]
WINDOW = find_size()


@pytest.fixture(autouse=True)
def no_screen(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("PYGAME_HIDE_SUPPORT_PROMPT", "1")


@pytest.fixture
def pg(no_screen):
    return importlib.import_module("pygame")


@pytest.fixture
def board(stub, tmp_path):
    with Board(factories=[stub.Stub], out=tmp_path, seed=0) as board:
        yield board


@pytest.fixture
def mute_board(stub, tmp_path, monkeypatch):
    """A board whose reader never starts: for what needs no reading."""
    monkeypatch.setattr(Reader, "start", lambda self: None)
    with Board(factories=[stub.Stub], out=tmp_path, seed=0) as board:
        yield board


def event(pg, kind, content):
    return pg.event.Event(kind, **content)


def send(board, pg, *events):
    for kind, content in events:
        pg.event.post(event(pg, kind, content))
    board.step()


def down(pg, x, y, button=1, **more):
    return pg.MOUSEBUTTONDOWN, {"pos": (x, y), "button": button, **more}


def up(pg, x, y, button=1, **more):
    return pg.MOUSEBUTTONUP, {"pos": (x, y), "button": button, **more}


def move(pg, x, y, buttons=(1, 0, 0), **more):
    return pg.MOUSEMOTION, {"pos": (x, y), "buttons": buttons, **more}


def press(board, pg, letter):
    key = pg.key.key_code(letter)
    send(board, pg, (pg.KEYDOWN, {"key": key}))
    settle(board)


def settle(board):
    """Wait until what is being saved is saved, and said."""
    while board.workspace.saver.busy:
        board.step()


def sheet(board):
    left, top, across, down_ = board.layout.paper
    pixels = board._pygame.surfarray.array3d(board.surface)
    return pixels[left : left + across, top : top + down_].swapaxes(0, 1)


def ink(board):
    """Ink's share of each pixel of the paper, 0 to 1."""
    board.pointer.spot = None  # the brush's ring is no ink
    board.step()
    pixels = sheet(board).astype(float)
    return (253 - pixels[..., 0]) / (253 - 27)


# === Ink ===


def test_a_click_is_a_round_dot_of_the_pens_size(mute_board, pg):
    send(mute_board, pg, down(pg, 300, 300), up(pg, 300, 300))
    area = ink(mute_board).sum()
    assert area == pytest.approx(math.pi * (PEN / 2) ** 2, rel=0.1)
    rows, columns = np.nonzero(ink(mute_board) > 0.5)
    assert np.ptp(rows) + 1 == pytest.approx(PEN, abs=1)
    assert np.ptp(columns) + 1 == pytest.approx(PEN, abs=1)


def test_a_fast_stroke_is_one_even_line(mute_board, pg):
    send(
        mute_board,
        pg,
        down(pg, 100, 200),
        move(pg, 400, 260),
        move(pg, 700, 200),
        up(pg, 700, 200),
    )
    shares = ink(mute_board)
    columns = shares[:, 100:660].sum(0)
    assert columns.min() > PEN * 0.95
    assert columns.max() < PEN * 1.15
    # Smooth: its edge has greys.
    assert np.count_nonzero((shares > 0.1) & (shares < 0.9)) > 500


def test_ink_painted_piece_by_piece_is_ink_painted_at_once(mute_board, pg):
    points = [(100 + 6 * i, 300 + int(80 * math.sin(i / 9))) for i in range(90)]
    send(mute_board, pg, down(pg, *points[0]))
    for point in points[1:]:
        send(mute_board, pg, move(pg, *point))
    send(mute_board, pg, up(pg, *points[-1]))
    pieces = ink(mute_board)
    mute_board._paper._sheet = None
    mute_board._painted = None
    mute_board.step()
    # An edge that is painted twice is a little darker, no more.
    difference = np.abs(pieces - ink(mute_board))
    assert difference.max() < 0.3
    assert difference.sum() < 0.01 * pieces.sum()


@pytest.mark.parametrize("button", [2, 3, 4, 5])
def test_no_other_button_draws(mute_board, pg, button):
    buttons = (0, int(button == 2), int(button == 3))
    send(
        mute_board,
        pg,
        down(pg, 300, 300, button),
        move(pg, 400, 300, buttons),
        up(pg, 400, 300, button),
    )
    assert mute_board.canvas.strokes == ()


def test_another_buttons_up_does_not_end_the_stroke(mute_board, pg):
    send(mute_board, pg, down(pg, 300, 300), up(pg, 300, 300, 3))
    assert mute_board.canvas.drawing


def test_the_stroke_ends_where_the_button_goes_up_outside(mute_board, pg):
    send(
        mute_board,
        pg,
        down(pg, 300, 300),
        move(pg, 310, 300),
        move(pg, -50, 5000),
        up(pg, -50, 5000),
        move(pg, 600, 400, (0, 0, 0)),
    )
    (stroke,) = mute_board.canvas.strokes
    assert len(stroke) == 2
    assert not mute_board.canvas.drawing


@pytest.mark.parametrize(
    "name", ["WINDOWLEAVE", "WINDOWFOCUSLOST", "WINDOWMINIMIZED", None]
)
def test_no_line_joins_where_the_pen_left_and_came_back(mute_board, pg, name):
    leave = (getattr(pg, name), {}) if name else move(pg, -20, 300)
    send(
        mute_board,
        pg,
        down(pg, 100, 300),
        move(pg, 120, 300),
        leave,
        move(pg, 700, 400),
        move(pg, 720, 400),
        up(pg, 720, 400),
    )
    assert len(mute_board.canvas.strokes) == 2
    assert ink(mute_board)[:, 150:650].max() < 0.01


def test_a_lost_button_up_is_noticed_by_the_next_motion(mute_board, pg):
    send(
        mute_board,
        pg,
        down(pg, 100, 300),
        (pg.WINDOWLEAVE, {}),
        move(pg, 700, 400, (0, 0, 0)),
        move(pg, 720, 400, (1, 0, 0)),
    )
    assert len(mute_board.canvas.strokes) == 1
    assert not mute_board.canvas.drawing


def test_a_press_beside_the_paper_draws_nothing(mute_board, pg):
    send(mute_board, pg, down(pg, 5, 5), move(pg, 300, 300))
    assert mute_board.canvas.strokes == ()


def test_one_finger_draws_and_its_mouse_twin_does_not(mute_board, pg):
    width, height = mute_board.surface.get_size()

    def finger(kind, x, y, who=7):
        content = {"x": x / width, "y": y / height, "finger_id": who}
        return getattr(pg, kind), content

    send(
        mute_board,
        pg,
        finger("FINGERDOWN", 300, 300),
        down(pg, 300, 300, touch=True),
        finger("FINGERDOWN", 600, 300, 8),
        finger("FINGERMOTION", 310, 300),
        move(pg, 310, 300, touch=True),
        finger("FINGERMOTION", 610, 300, 8),
        move(pg, 500, 500, (0, 0, 0)),
        finger("FINGERUP", 310, 300),
        up(pg, 310, 300, touch=True),
        # A twin that comes late is still no second stroke.
        down(pg, 300, 300, touch=True),
        up(pg, 300, 300, touch=True),
    )
    (stroke,) = mute_board.canvas.strokes
    left, top, _, _ = mute_board.layout.paper
    assert np.allclose(stroke - stroke[0], [[0, 0], [10, 0]], atol=1e-3)
    assert np.allclose(stroke[0], [300 - left, 300 - top], atol=1e-3)


def test_many_motions_in_one_frame_are_all_drawn(mute_board, pg):
    send(mute_board, pg, down(pg, 100, 300))
    for step in range(20_000):
        pg.event.post(
            pg.event.Event(
                pg.MOUSEMOTION,
                pos=(100 + step % 700, 200 + step % 400),
                buttons=(1, 0, 0),
            )
        )
    mute_board.step()
    send(mute_board, pg, up(pg, 100, 300))
    assert len(mute_board.canvas.strokes[0]) == 20_001


# === Reading ===


def until_ready(board):
    end = time.monotonic() + 20
    while board.readers[0].state == "loading":
        board.step()
        assert time.monotonic() < end
    board.step()


def seven(board, pg, x=200, y=200):
    send(
        board,
        pg,
        down(pg, x, y),
        move(pg, x + 60, y),
        move(pg, x + 20, y + 150),
        up(pg, x + 20, y + 150),
    )


def test_a_digit_is_read_boxed_and_named_when_the_button_goes_up(board, pg):
    send(board, pg, down(pg, 200, 200), move(pg, 220, 350))
    send(board, pg, up(pg, 220, 350))
    await_readings(board, 20)
    (digit,) = board.readings.digits
    assert (digit.label, digit.name) == ("7", "Seven")
    assert digit.predictions[0].probability == pytest.approx(0.91)
    box = board._pygame.Rect(board.layout.to_window(*digit.box[:2]), (20, 150))
    reach = round(PEN / 2) + 4
    frame = box.inflate(2 * reach, 2 * reach)
    for spot in (frame.midleft, frame.midtop):
        red = [
            board.surface.get_at((spot[0] + i, spot[1] + j))[:3] == RED
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
        ]
        assert any(red)


def test_what_the_board_paints_is_never_read(board, pg):
    seven(board, pg)
    await_readings(board, 20)
    first = board.readings.digits[0]
    # Right beside: within the first one's name and box.
    seven(board, pg, 300, 190)
    await_readings(board, 20)
    assert len(board.readings.digits) == 2
    for digit in board.readings.digits:
        alone = strokes_to_image([s.points for s in digit.strokes])
        assert np.array_equal(digit.image, alone)
    assert np.array_equal(board.readings.digits[0].image, first.image)
    same = board.readings.digits[1].image
    assert np.array_equal(first.image, same)


def test_a_second_stroke_joins_its_digit_and_two_digits_are_two(board, pg):
    seven(board, pg)
    send(board, pg, down(pg, 205, 270), move(pg, 255, 270), up(pg, 255, 270))
    seven(board, pg, 400)
    await_readings(board, 20)
    assert [len(d.strokes) for d in board.readings.digits] == [2, 1]


def test_a_scribble_of_too_many_strokes_is_not_read(board, pg):
    for place in range(MAX_STROKES + 1):
        x, y = 20 + 20 * (place % 42), 90 + 20 * (place // 42)
        board.canvas.pen_down(x, y)
    board.canvas.pen_up()
    board.step()
    assert board.readings.digits == []
    assert not board.readers[0].busy
    until_ready(board)
    assert board._painted[-1].message == (
        "Too many strokes for a number: N clears the paper."
    )
    press(board, pg, "z")
    assert len(board.readings.digits) == MAX_STROKES


def test_the_pictures_aspect_is_kept(board, pg):
    send(board, pg, down(pg, 300, 200), move(pg, 300, 400), up(pg, 300, 400))
    rows, columns = np.nonzero(board.readings.digits[0].image > 127)
    assert np.ptp(rows) + 1 == 20
    assert np.ptp(columns) + 1 <= 3


def test_clear_undo_and_redo_by_keys(board, pg):
    seven(board, pg)
    await_readings(board, 20)
    press(board, pg, "n")
    assert board.readings.digits == []
    assert ink(board).max() < 0.01
    press(board, pg, "z")
    await_readings(board, 20)
    assert board.readings.digits[0].label == "7"
    assert ink(board).max() > 0.9
    press(board, pg, "z")
    assert board.canvas.strokes == ()
    press(board, pg, "y")
    assert len(board.canvas.strokes) == 1


def run_demo(board, seconds):
    """Let time pass for the board, in steps of a 60th of a second."""
    for _ in range(int(seconds * 60)):
        board.workspace.advance(1 / 60)
    board.step()


def test_the_demo_draws_as_a_hand_does_until_a_hand_draws(mute_board, pg):
    press(mute_board, pg, "d")
    run_demo(mute_board, SECONDS / 2)
    assert mute_board.canvas.drawing
    half = len(mute_board.canvas.ink[-1].points)
    run_demo(mute_board, SECONDS / 4)
    ink = mute_board.canvas.ink
    assert len(ink) > 1 or len(ink[0].points) > half
    run_demo(mute_board, 2 * (SECONDS + PAUSE))
    assert len(mute_board.readings.digits) >= 2
    seven(mute_board, pg, 600, 450)
    drawn = mute_board.canvas.ink
    run_demo(mute_board, 3)
    assert mute_board.canvas.ink == drawn


def test_demo_fills_free_places_and_then_says_so(mute_board, pg):
    press(mute_board, pg, "d")
    run_demo(mute_board, CELLS * (SECONDS + PAUSE) + 1)
    assert free_cell(group_ink(mute_board.canvas.ink)) is None
    assert len(mute_board.readings.digits) == CELLS
    assert mute_board.workspace.notice == (
        "No free place left: N clears the paper.",
        False,
    )
    press(mute_board, pg, "d")
    assert len(mute_board.readings.digits) == CELLS


def test_a_key_ends_the_demo(mute_board, pg):
    press(mute_board, pg, "d")
    run_demo(mute_board, SECONDS / 2)
    press(mute_board, pg, "n")
    run_demo(mute_board, 2)
    assert mute_board.canvas.ink == ()


def test_d_again_ends_the_demo(mute_board, pg):
    press(mute_board, pg, "d")
    run_demo(mute_board, SECONDS / 2)
    press(mute_board, pg, "d")
    assert not mute_board.canvas.drawing
    drawn = mute_board.canvas.ink
    run_demo(mute_board, 2)
    assert mute_board.canvas.ink == drawn


def table(folder):
    with open(folder / "digits.csv", newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def read(path):
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def test_save_writes_the_drawing_and_what_the_net_sees(board, pg, tmp_path):
    seven(board, pg)
    seven(board, pg, 500)
    await_readings(board, 20)
    press(board, pg, "s")
    assert board.workspace.notice == (
        f"2 digits saved: {tmp_path}/digits.csv",
        False,
    )
    first, second = table(tmp_path)
    assert tuple(first) == COLUMNS
    assert (first["label"], first["source"]) == ("7", "net")
    assert (first["read"], first["probability"]) == ("7", "0.9100")
    assert first["net"] == "stub"
    assert first["file"].endswith("/digit-1-seven.png")
    assert second["file"].endswith("/digit-2-seven.png")
    for row, digit in zip((first, second), board.readings.digits, strict=True):
        assert np.array_equal(read(tmp_path / row["file"]), digit.image)
    (path,) = tmp_path.glob("*/drawing.png")
    large = read(path)
    # Ink and nothing else: no box, no name.
    assert large.shape == (600, 880)
    assert np.abs((255 - large) / 255 - 0).sum() > 1000
    left, top, right, bottom = board.readings.digits[0].box
    reach = int(PEN / 2) + 2
    large[
        int(top) - reach : int(bottom) + reach + 1,
        int(left) - reach : int(right) + reach + 1,
    ] = 255
    assert (large[:, :400] == 255).all()


def test_a_digit_is_saved_once_and_relabelled_where_it_is(board, pg, tmp_path):
    seven(board, pg)
    await_readings(board, 20)
    press(board, pg, "s")
    press(board, pg, "s")
    assert board.workspace.notice[0].startswith("All of it is saved already: ")
    seven(board, pg, 500)
    await_readings(board, 20)
    press(board, pg, "s")
    assert board.workspace.notice[0].startswith("1 digit saved: ")
    press(board, pg, "2")
    press(board, pg, "s")
    assert board.workspace.notice[0].startswith("1 label changed: ")
    rows = table(tmp_path)
    assert [row["label"] for row in rows] == ["7", "2"]
    assert [row["source"] for row in rows] == ["net", "person"]
    assert rows[1]["read"] == "7"
    # Each row has its file, and each file its row.
    files = {str(p.relative_to(tmp_path)) for p in tmp_path.glob("*/digit*")}
    assert files == {row["file"] for row in rows}
    assert rows[1]["file"].endswith("-two.png")


def test_another_board_adds_to_the_table(stub, pg, tmp_path):
    for _ in range(2):
        with Board(factories=[stub.Stub], out=tmp_path) as board:
            seven(board, pg)
            await_readings(board, 20)
            press(board, pg, "s")
    assert len(table(tmp_path)) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a;b\n", "begins with a;b. Expected file,label,source,"),
        ("", "begins with nothing. Expected file,label,"),
        (",".join(COLUMNS) + "\nx,7\n", "row 2 has 2 cells. Expected 7"),
    ],
)
def test_a_table_of_something_else_is_left_alone(
    mute_board, pg, tmp_path, text, said
):
    (tmp_path / "digits.csv").write_text(text)
    seven(mute_board, pg)
    press(mute_board, pg, "s")
    message, warning = mute_board.workspace.notice
    assert warning and said in message
    assert (tmp_path / "digits.csv").read_text() == text


def test_save_with_nothing_and_where_it_cannot(mute_board, pg, tmp_path):
    press(mute_board, pg, "s")
    assert mute_board.workspace.notice == (
        "Nothing to save: no digit on the paper.",
        False,
    )
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "under"
    mute_board.workspace.saver = Saver(out)
    seven(mute_board, pg)
    press(mute_board, pg, "s")
    message, warning = mute_board.workspace.notice
    assert warning
    assert message.startswith(f"Cannot save the digits in {out}: ")
    assert message.endswith("Choose a folder that can be written to.")


def test_saving_while_drawing_keeps_what_is_drawn(mute_board, pg, tmp_path):
    send(mute_board, pg, down(pg, 300, 300), move(pg, 300, 400))
    press(mute_board, pg, "s")
    (path,) = tmp_path.glob("*/drawing.png")
    assert (cv2.imread(str(path), cv2.IMREAD_UNCHANGED) < 50).sum() > 1000


def test_unread_digits_are_saved_without_a_label(mute_board, pg, tmp_path):
    seven(mute_board, pg)
    press(mute_board, pg, "s")
    assert list(tmp_path.glob("*/digit-1-not-read.png"))
    (row,) = table(tmp_path)
    empty = ("label", "source", "read", "probability", "net")
    assert [row[name] for name in empty] == [""] * 5


# === Tools and keys ===


def test_the_right_button_erases_and_one_undo_brings_it_back(mute_board, pg):
    board = mute_board
    send(board, pg, down(pg, 100, 300), move(pg, 700, 300), up(pg, 700, 300))
    before = board.canvas.ink
    send(
        board,
        pg,
        down(pg, 400, 200, 3),
        move(pg, 400, 400, (0, 0, 1)),
        up(pg, 400, 400, 3),
    )
    assert len(board.canvas.ink) == 2
    left, top, _, _ = board.layout.paper
    row = ink(board)[300 - top]
    # Nothing is left under the eraser, and nothing else is lost.
    reach = int(PEN)
    assert row[400 - left - reach : 400 - left + reach].max() < 0.3
    assert row[110 - left : 400 - left - 3 * reach].min() > 0.9
    press(board, pg, "z")
    assert board.canvas.ink == before
    assert ink(board)[300 - top, 110 - left : 690 - left].min() > 0.9


def test_what_is_repainted_after_an_erasure_is_what_was_there(mute_board, pg):
    board = mute_board
    for y in (280, 300, 320):
        send(board, pg, down(pg, 100, y), move(pg, 700, y + 9), up(pg, 700, y))
    send(board, pg, down(pg, 300, 300, 3), move(pg, 500, 320, (0, 0, 1)))
    pieces = ink(board)
    board._paper._sheet = board._painted = None
    assert np.abs(pieces - ink(board)).max() < 0.3
    press(board, pg, "n")
    assert ink(board).max() < 0.01


def test_the_left_button_does_not_end_an_erasure(mute_board, pg):
    board = mute_board
    send(board, pg, down(pg, 400, 300, 3), down(pg, 400, 300))
    assert board.canvas.erasing
    send(board, pg, up(pg, 400, 300), move(pg, 500, 300, (0, 0, 1)))
    assert board.canvas.erasing
    send(board, pg, up(pg, 500, 300, 3))
    assert not board.canvas.erasing


def test_e_lets_the_left_button_and_a_finger_erase(mute_board, pg):
    board = mute_board
    seven(board, pg)
    press(board, pg, "e")
    send(board, pg, down(pg, 190, 200), move(pg, 300, 200), up(pg, 300, 200))
    (stroke,) = board.canvas.ink
    assert stroke.box[1] > 200 - 76 + PEN
    press(board, pg, "e")
    send(board, pg, down(pg, 500, 400), up(pg, 500, 400))
    assert len(board.canvas.ink) == 2


def test_the_wheel_and_the_brackets_set_the_brush(mute_board, pg):
    board = mute_board
    send(board, pg, (pg.MOUSEWHEEL, {"x": 0, "y": 1}))
    send(board, pg, down(pg, 300, 300), up(pg, 300, 300))
    wide = board.canvas.ink[0].width
    assert wide == BRUSHES[BRUSHES.index(PEN) + 1]
    rows, _ = np.nonzero(ink(board) > 0.5)
    assert np.ptp(rows) + 1 == pytest.approx(wide, abs=1)
    for _ in range(len(BRUSHES)):
        press(board, pg, "[")
    assert board.workspace.notice == ("Brush: 4", False)
    send(board, pg, down(pg, 500, 300), up(pg, 500, 300))
    assert board.canvas.ink[1].width == BRUSHES[0]
    # The brush is for the eye: the network gets MNIST's pen.
    images = [digit.image for digit in board.readings.digits]
    assert np.array_equal(images[0], images[1])
    send(board, pg, (pg.MOUSEWHEEL, {"x": 0, "y": 99}))
    assert board.pointer.brush == BRUSHES[-1]


def test_a_digit_key_says_what_the_last_digit_is(board, pg):
    press(board, pg, "3")
    assert board.workspace.notice == (
        "No digit to name: draw one first.",
        False,
    )
    seven(board, pg)
    seven(board, pg, 500)
    await_readings(board, 20)
    press(board, pg, "3")
    labels = [digit.label for digit in board.readings.digits]
    assert labels == ["7", "3"]
    assert board._painted[-1].reports[0].lines == ("7 3",)
    # It grows, and is still what the person said.
    send(board, pg, down(pg, 505, 270), move(pg, 555, 270), up(pg, 555, 270))
    await_readings(board, 20)
    assert [d.label for d in board.readings.digits] == ["7", "3"]
    press(board, pg, "z")
    press(board, pg, "z")
    assert [d.label for d in board.readings.digits] == ["7", "7"]


@pytest.mark.parametrize(
    ("name", "text", "action"),
    [
        ("n", "n", "clear"),
        ("n", "N", "clear"),
        ("7", "7", "label 7"),
        ("[7]", "7", "label 7"),
        ("&", "&", None),
        # French: 1 needs shift; German: [ needs AltGr; Ctrl-Z writes a code.
        ("&", "1", "label 1"),
        ("8", "[", "thinner"),
        ("z", "\x1a", "undo"),
        ("escape", "\x1b", "leave"),
        ("f11", "", "full_screen"),
        ("+", "+", "thicker"),
        ("", "", None),
        ("²", "²", None),
    ],
)
def test_keys_of_other_keyboards(name, text, action):
    assert find_action(name, text) == action


def test_each_control_has_a_key_of_its_own():
    keys = [control.key.lower() for control in CONTROLS]
    assert len(set(keys)) == len(keys)
    for control in CONTROLS:
        name = {"Esc": "escape"}.get(control.key, control.key.lower())
        assert find_action(name, "") == control.action


def test_escape_closes_the_help_then_full_screen_then_the_board(mute_board, pg):
    board = mute_board
    press(board, pg, "h")
    assert board._painted[-1].help
    send(board, pg, (pg.KEYDOWN, {"key": pg.K_F11}))
    assert board.surface.get_flags() & pg.FULLSCREEN
    send(board, pg, (pg.KEYDOWN, {"key": pg.K_ESCAPE}))
    assert not board._painted[-1].help
    send(board, pg, (pg.KEYDOWN, {"key": pg.K_ESCAPE}))
    assert not board.surface.get_flags() & pg.FULLSCREEN
    assert board.surface.get_size() == WINDOW
    assert board.step()
    send(board, pg, (pg.KEYDOWN, {"key": pg.K_ESCAPE}))
    assert not board.step()


def test_the_keys_at_the_foot_are_buttons_for_mouse_and_finger(mute_board, pg):
    board = mute_board
    board.step()
    shown = [action for _, action in board._view.buttons]
    assert shown == [c.action for c in CONTROLS if c.word]
    width, height = board.surface.get_size()
    for action, state in (("help", "help"), ("filters", None)):
        rect = dict((a, r) for r, a in board._view.buttons)[action]
        send(board, pg, down(pg, *rect.center), up(pg, *rect.center))
        if state:
            assert board.workspace.help
    assert board.readings.explaining
    rect = dict((a, r) for r, a in board._view.buttons)["filters"]
    x, y = rect.centerx / width, rect.centery / height
    send(board, pg, (pg.FINGERDOWN, {"x": x, "y": y, "finger_id": 1}))
    assert not board.readings.explaining
    assert board.canvas.ink == ()


def test_two_nets_read_the_same_drawing(stub, pg):
    with Board(factories=[stub.Stub, stub.Unsure]) as board:
        seven(board, pg)
        await_readings(board, 20)
        scene = board._painted[-1]
        assert [report.lines for report in scene.reports] == [("7",), ("?",)]
        assert len(board.layout.panels) == 2
        pixels = pg.surfarray.array3d(board.surface)
        for color in style.NETWORKS:
            assert (pixels == color).all(-1).sum() > 500


def test_files_of_one_name_are_told_apart_by_their_folders(pg, monkeypatch):
    monkeypatch.setattr(Reader, "start", lambda self: None)
    with Board("runs/a/best.keras", "runs/b/best.keras") as board:
        titles = [dict(r.facts)["network"] for r in board._painted[-1].reports]
        assert titles == ["a/best", "b/best"]
    with Board("a.keras", "b.keras") as board:
        assert [reader.title for reader in board.readers] == [None, None]


def test_three_nets_are_too_many():
    with pytest.raises(
        ConfigError, match=r"^3 artifacts were given\. Expected"
    ):
        Board("a.keras", "b.keras", "c.keras")


def make_maps(rng, count, side, kernels):
    return LayerMaps(
        "conv",
        64,
        tuple(range(count)),
        rng.integers(0, 256, (count, side, side), np.uint8),
        rng.normal(size=(count, 3, 3)).astype("f4") if kernels else None,
    )


def test_feature_maps_are_shown_beside_the_drawing(mute_board, pg, rng):
    board = mute_board
    seven(board, pg)
    board.readers[0].maps = [
        make_maps(rng, 32, 26, True),
        make_maps(rng, 16, 11, False),
    ]
    board.step()
    assert board._painted[-1].reports[0].maps is None
    press(board, pg, "f")
    left, top, _, down_ = board.layout.maps
    part = pg.surfarray.array3d(board.surface)[left:, top : top + down_]
    assert len(np.unique(part.reshape(-1, 3), axis=0)) > 200
    for size in ((1, 1), (700, 300), (3000, 200), (300, 900)):
        pg.display.set_mode(size, pg.RESIZABLE)
        assert board.step()
    board.readers[0].maps = []
    assert board.step()


# === Looks ===


def luminance(color):
    """Of WCAG 2.2."""
    shares = np.array(color) / 255
    low, high = shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4
    return np.where(shares <= 0.04045, low, high) @ [0.2126, 0.7152, 0.0722]


def test_words_stand_out_from_their_ground():
    for one, two in style.PAIRS:
        dark, light = sorted((luminance(one), luminance(two)))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (one, two)


def test_numbers_are_written_as_they_stand():
    row = [(20 * i, 0, 20 * i + 12, 30) for i in range(4)]
    assert write_lines(row, "2026") == ("2026",)
    far = (200, 0, 212, 30)
    below = (100, 60, 112, 90)
    assert write_lines([*row, far, below], "202678") == ("2026 7", "8")
    # A line may begin to the right of where the last one ended.
    assert write_lines([row[0], below], "12") == ("1", "2")
    assert write_lines([], "") == ()


# === The reader fails ===


@pytest.mark.parametrize("factory", ["refuse", "die"])
def test_drawing_and_undo_work_without_a_net(stub, pg, factory):
    with Board(factories=[getattr(stub, factory)]) as board:
        end = time.monotonic() + 20
        while board.readers[0].state not in ("refused", "off"):
            board.step()
            assert time.monotonic() < end
        seven(board, pg)
        assert ink(board).max() > 0.9
        assert board.readings.digits[0].label is None
        shown = board._painted[-1].message
        assert shown == board.readers[0].message
        with pytest.raises(DisplayError, match=r"^Nothing to show\. \w"):
            await_readings(board, 20)


def test_a_missing_artifact_opens_the_window_and_says_so(pg, tmp_path):
    missing = tmp_path / "gone.keras"
    with Board(str(missing)) as board:
        end = time.monotonic() + 60
        while board.readers[0].state == "loading":
            board.step()
            assert time.monotonic() < end
        board.step()
        scene = board._painted[-1]
        assert scene.warning and str(missing) in scene.message
        seven(board, pg)
        assert ink(board).max() > 0.9
        # The banner's colour is where the message is.
        left, top, across, _ = board.layout.footer
        strip = pg.surfarray.array3d(board.surface)[left:, top : top + 50]
        assert (strip == style.WARNING).all(-1).sum() > 20 * across


def test_waiting_for_readings_ends(mute_board, pg):
    seven(mute_board, pg)
    with pytest.raises(DisplayError, match=r"one within 0.1 seconds\. Do: try"):
        await_readings(mute_board, 0.1)


def test_quitting_while_loading_is_quick_and_leaves_no_process(stub, pg):
    for kind in ("key", pg.QUIT, pg.WINDOWCLOSE):
        board = Board(factories=[stub.sleep])
        board.step()
        pid = board.readers[0].pid
        content = {"key": pg.K_ESCAPE} if kind == "key" else {}
        begin = time.perf_counter()
        send(board, pg, (pg.KEYDOWN if kind == "key" else kind, content))
        assert not board.step()
        board.close()
        assert time.perf_counter() - begin < 0.5
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_frames_come_while_the_net_sleeps(stub, pg):
    with Board(factories=[stub.sleep]) as board:
        times = []
        for step in range(60):
            begin = time.perf_counter()
            send(board, pg, down(pg, 100 + step, 300), up(pg, 100 + step, 300))
            times.append(time.perf_counter() - begin)
    # A machine that tests in parallel is no stopwatch.
    assert sorted(times)[-5] < 0.5


@pytest.fixture
def frames(mute_board, pg):
    """A clock whose next frame is a long time away."""
    pg.event.clear()
    frames = Frames(pg)
    frames._due = time.perf_counter() + 60
    return frames


def test_a_button_or_a_key_is_taken_in_before_the_frame_is_due(frames, pg):
    kinds = [pg.MOUSEMOTION, pg.MOUSEMOTION, pg.MOUSEBUTTONUP, pg.MOUSEMOTION]
    for kind in kinds:
        pg.event.post(pg.event.Event(kind))
    frames.wait(None)
    # In their order, and none lost.
    assert [event.type for event in frames.take_events()] == kinds
    assert frames.take_events() == []


def test_an_answer_is_shown_before_the_frame_is_due(frames):
    asked = []
    frames.wait(lambda seconds: asked.append(seconds) or True)
    assert 59 < asked[0] <= 61
    # The next frame is due a frame from now, not from a minute.
    assert frames._due <= time.perf_counter()


def test_motions_wait_until_the_frame_is_due(mute_board, pg):
    pg.event.clear()
    frames = Frames(pg)
    for _ in range(20):
        pg.event.post(pg.event.Event(pg.MOUSEMOTION))
    begin = time.perf_counter()
    frames.wait(None)
    assert time.perf_counter() - begin > 0.9 / 60
    assert len(frames.take_events()) == 20


# === The window ===


def test_resizes_keep_ink_and_never_fail(mute_board, pg):
    seven(mute_board, pg)
    before = mute_board.canvas.ink
    image = mute_board.readings.digits[0].image
    rng = np.random.default_rng(0)
    sizes = [(1, 1), (1, 900), (3000, 1), (3840, 2160), (0, 280), (0, 0)]
    # As many small ones as large ones, from a pixel to 4K.
    shares = rng.random((RESIZES, 2))
    sizes += (np.array([3840.0, 2160.0]) ** shares).astype(int).tolist()
    for size in sizes:
        with warnings.catch_warnings():
            # pygame-ce says that it takes the whole screen for (0, n).
            warnings.simplefilter("ignore", RuntimeWarning)
            pg.display.set_mode(size, pg.RESIZABLE)
        mute_board.step()
        assert mute_board.canvas.ink is before
    pg.display.set_mode(WINDOW, pg.RESIZABLE)
    mute_board.step()
    assert ink(mute_board).max() > 0.9
    assert np.array_equal(mute_board.readings.digits[0].image, image)


def test_many_strokes_and_motions_cost_little_memory(mute_board, pg):
    board = mute_board
    # What is made once, for any drawing, does not count.
    scribble(board, pg, 200)
    tracemalloc.start()
    scribble(board, pg, 400)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(board.canvas.ink) == 600
    # A 25th of what the benchmark does, and of what it may cost.
    assert used < 10 * 2**20 / 25


def scribble(board, pg, strokes):
    for number in range(strokes):
        x, y = 40 + number % 800, 100 + number % 500
        board.handle(event(pg, *down(pg, x, y)))
        for step in range(1, 21):
            board.handle(event(pg, *move(pg, x + step % 7, y + step)))
        board.handle(event(pg, *up(pg, x, y)))
    board.step()


def test_a_window_without_a_pixel_is_painted(mute_board, pg, monkeypatch):
    seven(mute_board, pg)
    for size in ((0, 0), (0, 50), (50, 0)):
        window = pg.Surface(size)
        monkeypatch.setattr(Board, "surface", window)
        assert mute_board.step()


def test_an_uncovered_window_is_painted_again(mute_board, pg):
    seven(mute_board, pg)
    shown = sheet(mute_board).copy()
    for name in ("WINDOWEXPOSED", "WINDOWRESTORED"):
        mute_board.surface.fill((0, 0, 0))
        send(mute_board, pg, (getattr(pg, name), {}))
        assert np.array_equal(sheet(mute_board), shown)


def test_the_same_hand_draws_the_same_in_any_window(mute_board, pg):
    images = []
    for size in (WINDOW, (1900, 1200)):
        pg.display.set_mode(size, pg.RESIZABLE)
        press(mute_board, pg, "n")
        strokes = write_digit(5, 3, np.random.default_rng(1))
        draw_by_mouse(mute_board, strokes)
        images.append(mute_board.readings.digits[0].image.astype(int))
    # A window's pixels are whole, so the points differ by half of one.
    assert np.abs(images[0] - images[1]).mean() < 4


def test_layouts_map_there_and_back():
    for size in ((0, 0), (5, 5), (640, 480), WINDOW, (3840, 2160)):
        layout = Layout.of(size)
        assert all(side > 0 for side in layout.paper[2:])
    layout = Layout.of((1900, 1300))
    assert layout.scale > 1
    for point in ((0, 0), (440, 300), (870, 590)):
        back = layout.to_drawing(*layout.to_window(*point))
        assert np.allclose(back, point, atol=1)
    assert layout.to_drawing(1899, 600) is None
    assert Layout.of((300, 500)).panels == ()
    assert len(Layout.of(WINDOW, 2).panels) == 2
    assert Layout.of(WINDOW).maps is None
    # Nothing lies over anything else, or outside.
    for size in (WINDOW, (1400, 700), (900, 900), find_size(2, 2.0)):
        for networks in (1, 2):
            layout = Layout.of(size, networks, maps=True)
            parts = [layout.paper, *layout.panels, layout.maps]
            for one, two in itertools.pairwise(parts):
                assert one[0] + one[2] <= two[0]
            assert parts[-1][0] + parts[-1][2] <= size[0]


def test_a_window_and_its_words_suit_the_screen():
    assert fit_scale(1, (1920, 1080)) == 1.0
    assert fit_scale(1, (3840, 2160)) == 2.0
    assert 0.6 <= fit_scale(1, (1366, 768)) < 1
    assert 0.6 <= fit_scale(2, (1, 1)) < 1
    for scale in (1.0, 2.0):
        layout = Layout.of(find_size(2, scale), 2)
        assert (layout.unit, layout.scale) == (scale, scale)


keys = st.sampled_from([*"nzydsefh[]x073", "f11"])
spot = st.tuples(st.integers(-200, 1400), st.integers(-200, 1000))
buttons = st.sampled_from([(0, 0, 0), (1, 0, 0), (0, 0, 1), (1, 0, 1)])
happening = st.one_of(
    st.tuples(st.just("down"), spot, st.integers(1, 3)),
    st.tuples(st.just("move"), spot, buttons),
    st.tuples(st.just("up"), spot, st.integers(1, 3)),
    st.tuples(st.just("key"), keys),
    st.tuples(st.just("wheel"), st.integers(-3, 3)),
    st.tuples(
        st.sampled_from(["FINGERDOWN", "FINGERMOTION", "FINGERUP"]),
        spot,
        st.integers(1, 2),
    ),
    st.tuples(
        st.just("window"),
        st.sampled_from(["WINDOWLEAVE", "WINDOWFOCUSLOST", "WINDOWENTER"]),
    ),
    st.tuples(st.just("size"), spot),
)


@settings(
    max_examples=SEQUENCES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(happenings=st.lists(happening, max_size=25))
def test_any_events_in_any_order_are_survived(mute_board, pg, happenings):
    board, kinds = mute_board, {"down": down, "move": move, "up": up}
    press(board, pg, "n")
    for name, *rest in happenings:
        if name in kinds:
            send(board, pg, kinds[name](pg, *rest[0], rest[1]))
        elif name == "key":
            press(board, pg, rest[0])
        elif name == "wheel":
            send(board, pg, (pg.MOUSEWHEEL, {"x": 0, "y": rest[0]}))
        elif name == "window":
            send(board, pg, (getattr(pg, rest[0]), {}))
        elif name == "size":
            size = tuple(max(side, 1) for side in rest[0])
            pg.display.set_mode(size, pg.RESIZABLE)
            board.step()
        else:
            x, y = rest[0][0] / 1160, rest[0][1] / 768
            content = {"x": x, "y": y, "finger_id": rest[1]}
            send(board, pg, (getattr(pg, name), content))
    board.workspace.stop_demo()
    board.canvas.pen_up()
    for stroke in board.canvas.ink:
        assert np.isfinite(stroke.points).all()
        assert (stroke.points >= -0.01).all()
        assert (stroke.points <= (880.01, 600.01)).all()
    # The sheet shows the ink, and as it would be painted afresh.
    pg.display.set_mode(WINDOW, pg.RESIZABLE)
    board.workspace.help = board.readings.explaining = False
    board.step()
    # Not the window: a message of the example before may stand on it.
    size = board.layout.paper[2:]
    pieces = pg.surfarray.array_red(board._paper.paint(size)).astype(int)
    board._paper._sheet = None
    afresh = pg.surfarray.array_red(board._paper.paint(size)).astype(int)
    # A joint's soft edge may differ; ink that is there, or not, is 226.
    assert np.abs(pieces - afresh).max() < 113
    assert (afresh.min() < 140) == bool(board.canvas.ink)


def test_a_picture_of_what_the_window_shows(mute_board, pg, tmp_path):
    seven(mute_board, pg)
    path = mute_board.screenshot(tmp_path / "new" / "shot.png")
    picture = cv2.imread(str(path))[..., ::-1]
    shown = pg.surfarray.array3d(mute_board.surface).swapaxes(0, 1)
    assert np.array_equal(picture, shown)


def test_the_demos_picture_shows_ten_readings(stub, monkeypatch, tmp_path):
    monkeypatch.setattr(
        "mnistcnn.board.workspace.Reader",
        lambda **_: Reader(stub.Stub),
    )
    path = demo_screenshot(tmp_path / "demo.png", seed=3)
    red = (cv2.imread(str(path))[..., ::-1] == RED).all(-1)
    left, top, across, tall = Layout.of(WINDOW).paper
    for cell in range(CELLS):
        row, column = divmod(cell, 5)
        x, y = left + column * across // 5, top + row * tall // 2
        assert red[y : y + tall // 2, x : x + across // 5].sum() > 500


# === No display, no pygame, no framework ===


def run_script(script, **environment):
    begin = time.perf_counter()
    result = subprocess.run(
        [sys.executable, "-c", script],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([*sys.path, str(HELPERS)]),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    return result, time.perf_counter() - begin


REFUSED = """
from mnistcnn.board import run_board
from mnistcnn.errors import DisplayError
import time
begin = time.perf_counter()
try:
    run_board()
except DisplayError as error:
    assert time.perf_counter() - begin < 5
    print(error)
"""


@pytest.mark.parametrize(
    ("environment", "received"),
    [
        ({}, "neither DISPLAY nor WAYLAND_DISPLAY is set"),
        ({"DISPLAY": ":987"}, "only SDL's invisible"),
        ({"SDL_VIDEODRIVER": "x11"}, "x11 not available"),
        ({"SDL_VIDEODRIVER": "nonsense"}, "nonsense not available"),
    ],
)
def test_no_display_is_said_in_one_line(environment, received):
    result, _ = run_script(REFUSED, **environment)
    assert result.returncode == 0, result.stderr
    (line,) = result.stdout.splitlines()
    if not environment:
        assert result.stderr == ""
    assert line.startswith(f"No display. Received: {received}")
    assert "Expected: a screen" in line
    assert "Do: start it on a desktop" in line


def test_the_command_line_says_it_in_one_line_and_exits_with_2():
    done = subprocess.run(
        [sys.executable, "-m", "mnistcnn", "board"],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "No display. Received: neither DISPLAY nor WAYLAND_DISPLAY" in line


TERMINATED = """
import os, signal, sys
import stub_classifier
from mnistcnn.board.app import Board
if __name__ == "__main__":
    with Board(factories=[stub_classifier.sleep] * 2) as board:
        board.step()
        print(*[reader.pid for reader in board.readers], flush=True)
        while board.step():
            board.wait()
    print("closed")
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_closes_the_board_and_leaves_no_process(tmp_path, name):
    script = tmp_path / "board.py"
    script.write_text(TERMINATED)
    process = subprocess.Popen(
        [sys.executable, script],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([*sys.path, str(HELPERS)]),
            "SDL_VIDEODRIVER": "dummy",
            "PYGAME_HIDE_SUPPORT_PROMPT": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        pids = [int(pid) for pid in process.stdout.readline().split()]
        process.send_signal(getattr(signal, name))
        process.wait(20)
    assert len(pids) == 2
    end = time.monotonic() + 5
    while any(map(alive, pids)) and time.monotonic() < end:
        time.sleep(0.01)
    assert not any(map(alive, pids))


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_without_pygame_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygame", None)
    with pytest.raises(DisplayError, match=r'pip install "mnistcnn\[board\]"'):
        run_board()


FIRST = """
import sys
import time
begin = time.process_time()
import stub_classifier
from mnistcnn.board.app import Board
assert "pygame" not in sys.modules
with Board(factories=[stub_classifier.Mapped]) as board:
    first = time.process_time() - begin
    board.step()
    board.canvas.pen_down(100, 100)
    board.canvas.pen_move(100, 200)
    board.readings.explaining = True
    while not board.readings.complete:
        board.step()
        board.wait()
    # Answers bring no framework along either.
    assert board.readers[0].maps[0].maps.shape == (1, 28, 28)
    names = ("keras", "jax", "torch", "tensorflow", "matplotlib")
    print(first, [name for name in names if name in sys.modules])
"""


def test_the_first_frame_comes_before_any_framework():
    result, _ = run_script(FIRST, SDL_VIDEODRIVER="dummy")
    assert result.returncode == 0, result.stderr
    seconds, names = result.stdout.split(" ", 1)
    assert names.strip() == "[]"
    # Of the processor, not of a clock: other tests run beside this one.
    assert float(seconds) < 2


def test_the_loop_runs_until_the_window_is_closed(stub, pg, monkeypatch):
    monkeypatch.setattr(
        "mnistcnn.board.sessions.Board",
        functools.partial(Board, factories=[stub.Stub]),
    )
    steps = []

    def step(self):
        steps.append(self)
        return len(steps) < 4

    monkeypatch.setattr(Board, "step", step)
    run_board()
    assert len(steps) == 4
    assert steps[0].readers[0].pid is None
    assert not pg.display.get_init()


# === Words ===


def test_long_lines_are_wrapped_and_cut_to_the_room_there_is(pg):
    pg.font.init()
    letters = Painter(pg)
    short = "Saved 2 digits."
    assert letters.wrap(short, 400) == [short]
    long = "Expected one thing, received another. " * 8
    lines = letters.wrap(long, 400)
    assert len(lines) == 2
    assert lines[0].startswith("Expected one thing, received")
    assert lines[1].endswith("…")
    for line in [*lines, *letters.wrap("x" * 300, 400)]:
        assert letters.render(line, RED).get_width() <= 400
    for room in (0, 3, 60, 400):
        assert letters.fit(long, RED, room).get_width() <= max(room, 12)
    assert letters.fit("2026", RED, 400, 52).get_height() > 30
    pg.quit()
