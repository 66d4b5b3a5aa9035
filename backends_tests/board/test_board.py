import math
import os
import time

import numpy as np
import pytest
from board_hand import down, ink, move, press, send, seven, until_ready, up

from mnistcnn.board import style
from mnistcnn.board.app import Board
from mnistcnn.board.demo import CELLS, PAUSE, SECONDS, free_cell
from mnistcnn.board.readings import MAX_STROKES
from mnistcnn.board.sessions import await_readings
from mnistcnn.errors import DisplayError
from mnistcnn.ink import PEN
from mnistcnn.pictures import strokes_to_image

pytestmark = pytest.mark.core
RED = style.NETWORKS[0]


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
    await_readings(board, 20)
    found = [s.number for d in board.readings.digits for s in d.strokes]
    assert len(set(found)) == MAX_STROKES


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
    assert free_cell(mute_board.canvas.ink) is None
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
