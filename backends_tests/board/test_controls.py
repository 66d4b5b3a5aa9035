import numpy as np
import pytest
from board_hand import down, ink, move, press, send, seven, up

from mnistcnn.board import style
from mnistcnn.board.app import Board
from mnistcnn.board.controls import BRUSHES, CONTROLS, find_action
from mnistcnn.board.layout import find_size
from mnistcnn.board.reader import Reader
from mnistcnn.board.service import Explanation
from mnistcnn.board.sessions import await_readings
from mnistcnn.board.why import color_evidence
from mnistcnn.errors import ConfigError
from mnistcnn.ink import PEN
from mnistcnn.reading import LayerMaps

pytestmark = pytest.mark.core
WINDOW = find_size()


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


def test_ctrl_c_copies_and_c_alone_does_nothing():
    assert find_action("c", "\x03", ctrl=True) == "copy"
    assert find_action("C", "c", ctrl=True) == "copy"
    assert find_action("c", "c") is None
    assert find_action("z", "\x1a", ctrl=True) == "undo"


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
    for action, state in (("help", "help"), ("why", None)):
        rect = dict((a, r) for r, a in board._view.buttons)[action]
        send(board, pg, down(pg, *rect.center), up(pg, *rect.center))
        if state:
            assert board.workspace.help
    assert board.readings.explaining
    rect = dict((a, r) for r, a in board._view.buttons)["why"]
    x, y = rect.centerx / width, rect.centery / height
    send(board, pg, (pg.FINGERDOWN, {"x": x, "y": y, "finger_id": 1}))
    assert not board.readings.explaining
    assert board.canvas.ink == ()


def copy(board, pg):
    held = {"key": pg.K_c, "mod": pg.KMOD_LCTRL, "unicode": "\x03"}
    send(board, pg, (pg.KEYDOWN, held))
    return board.workspace.notice


def test_the_number_is_copied(board, pg, monkeypatch):
    assert copy(board, pg) == ("No number to copy: draw a digit first.", False)
    seven(board, pg, x=150)
    seven(board, pg, x=280)
    await_readings(board, 20)
    assert copy(board, pg) == ("Copied: 77", False)
    assert pg.scrap.get_text() == "77"

    def refuse(text):
        raise pg.error("no clipboard")

    monkeypatch.setattr(pg.scrap, "put_text", refuse)
    assert copy(board, pg)[1]


def test_a_digit_that_the_pointer_rests_on_is_named_and_explained(board, pg):
    seven(board, pg, x=150)
    seven(board, pg, x=400)
    await_readings(board, 20)
    first, last = board.readings.digits
    board.pointer.spot = None
    board.step()
    scene = board._painted[-1]
    assert (scene.shown, scene.pointed) == (last, None)
    plain = pg.surfarray.array3d(board.surface)
    spot = board.layout.to_window(*first.box[:2])
    send(board, pg, move(pg, *spot, buttons=(0, 0, 0)))
    scene = board._painted[-1]
    assert scene.shown is scene.pointed is board.readings.digits[0]
    assert (plain != pg.surfarray.array3d(board.surface)).any()
    press(board, pg, "3")
    assert [digit.given for digit in board.readings.digits] == ["3", None]


def test_scratching_takes_a_digit_away_and_one_undo_brings_it_back(board, pg):
    seven(board, pg, x=200)
    seven(board, pg, x=500)
    before = board.canvas.ink
    spots = [(200 + 70 * (i % 2), 195 + 20 * i) for i in range(9)]
    moves = [move(pg, x, y) for x, y in spots[1:]]
    send(board, pg, down(pg, *spots[0]), *moves, up(pg, *spots[-1]))
    assert board.canvas.ink == before[1:]
    assert "Z brings it back" in board.workspace.notice[0]
    press(board, pg, "z")
    assert board.canvas.ink == before
    # Beside the digits it is ink like any other.
    spots = [(x + 500, y) for x, y in spots]
    moves = [move(pg, x, y) for x, y in spots[1:]]
    send(board, pg, down(pg, *spots[0]), *moves, up(pg, *spots[-1]))
    assert len(board.canvas.ink) == 3


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


def test_why_is_shown_beside_the_drawing(mute_board, pg, rng):
    board = mute_board
    seven(board, pg)
    board.step()
    maps = [make_maps(rng, 32, 26, True), make_maps(rng, 16, 11, False)]
    evidence = rng.normal(size=(28, 28)).astype("f4")
    board.readers[0].why = Explanation(maps, evidence)
    board.step()
    assert board._painted[-1].reports[0].why is None
    press(board, pg, "w")
    left, top, _, down_ = board.layout.maps
    part = pg.surfarray.array3d(board.surface)[left:, top : top + down_]
    assert len(np.unique(part.reshape(-1, 3), axis=0)) > 200
    # What it is made of: ink, for and against.
    image = board.readings.digits[0].image
    warm, cold = (color_evidence(image, sign * evidence) for sign in (1, -1))
    assert ((warm == 0) == (cold == 0)).all() and (warm != cold).any()
    for size in ((1, 1), (700, 300), (3000, 200), (300, 900)):
        pg.display.set_mode(size, pg.RESIZABLE)
        assert board.step()
    board.readers[0].why = Explanation([], None)
    assert board.step()
    press(board, pg, "f")
    assert not board.readings.explaining
