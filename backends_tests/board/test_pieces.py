"""Pictures on the board: opened, erased, named and saved."""

import csv
import sys

import cv2
import numpy as np
import pytest
from board_hand import ink as shown_ink
from board_hand import move, press, send

from mnistcnn.board import opener
from mnistcnn.board.drafts import compare_strokes
from mnistcnn.board.paper import SIZE
from mnistcnn.board.pieces import Piece, open_pieces, place_pieces
from mnistcnn.board.rendering import draw, strokes_to_digit
from mnistcnn.board.sessions import await_readings
from mnistcnn.errors import DataError
from mnistcnn.ink import Stroke
from mnistcnn.pictures import clean_picture, find_pieces, ink_to_image

pytestmark = pytest.mark.core


@pytest.fixture
def photo(tmp_path, rng):
    """A photo of two bars and a ring, as large as photos are not."""
    picture = np.full((300, 700), 235.0)
    cv2.line(picture, (100, 60), (90, 240), 30, 12)
    cv2.circle(picture, (300, 150), 80, 30, 12)
    cv2.line(picture, (500, 60), (520, 240), 30, 12)
    picture += rng.normal(0, 3, picture.shape)
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), np.clip(picture, 0, 255).astype(np.uint8))
    return path


def pieces_of(photo):
    pieces = open_pieces(str(photo), SIZE)
    return [
        Piece(
            n,
            p.points,
            p.width,
            p.box,
            pixels=p.pixels,
            corner=p.corner,
            unit=p.unit,
        )
        for n, p in enumerate(pieces, 1)
    ]


def until_opened(board):
    while board.workspace.opener.busy:
        board.step()
    board.step()


def test_each_digit_is_a_piece_within_the_paper(photo):
    pieces = open_pieces(str(photo), SIZE)
    assert [p.number for p in pieces] == [0, 0, 0]
    draft = compare_strokes(pieces_of(photo), {})
    found = draft.choose({}, None, (), 1)
    assert [len(digit.strokes) for digit in found] == [1, 1, 1]
    boxes = np.array([p.box for p in pieces])
    assert boxes.min() >= 50 and (boxes[:, 2:] <= np.array(SIZE) - 50).all()
    # As large as there is room for.
    assert np.ptp(boxes[:, [0, 2]]) > 0.8 * SIZE[0]


def test_what_is_read_and_saved_is_what_predict_makes_of_it(photo):
    sheet = clean_picture(cv2.imread(str(photo), cv2.IMREAD_UNCHANGED))
    regions, _ = find_pieces(sheet.ink, cut=False)
    regions.sort(key=lambda region: region.box)
    for piece, region in zip(pieces_of(photo), regions, strict=True):
        expected = ink_to_image(region.ink)
        assert np.array_equal(strokes_to_digit([piece]), expected)


def test_a_pieces_ink_is_drawn_where_it_is(photo):
    pieces = pieces_of(photo)
    for scale in (0.3, 1.0, 2.5):
        shape = (round(SIZE[1] * scale), round(SIZE[0] * scale))
        picture = draw(pieces, shape, scale)
        rows, columns = np.nonzero(picture > 127)
        found = np.array([columns.min(), rows.min()]) / scale
        wanted = np.min([piece.box[:2] for piece in pieces], axis=0)
        np.testing.assert_allclose(found, wanted, atol=2 / scale + 1)


def test_a_pen_adds_to_a_piece(photo):
    bar, *_ = pieces_of(photo)
    left, top, right, _ = bar.box
    points = np.array([[left, top], [right + 90, top]], np.float32)
    stroke = Stroke.of(9, points, 12)
    alone, both = (
        np.ptp(np.flatnonzero(strokes_to_digit(strokes).any(axis=0)))
        for strokes in ([bar], [bar, stroke])
    )
    assert both > alone + 5


def test_an_eraser_cuts_a_piece_in_two(photo):
    bar, ring, _ = pieces_of(photo)
    left, top, right, bottom = bar.box
    middle = (top + bottom) / 2
    sweep = ((left - 20, middle), (right + 20, middle))
    above, below = bar.erase(sweep, 12)
    assert above.box[3] < middle - 10 < middle + 10 < below.box[1]
    assert (above.label, above.number) == (None, 0)
    assert bar.erase(((right + 60, middle),) * 2, 12) is None
    assert bar.erase(((-500, -500),) * 2, 12) is None
    # Paper within its box is no ink.
    inside = (ring.box[0] + ring.box[2]) / 2, (ring.box[1] + ring.box[3]) / 2
    assert ring.erase((inside, inside), 12) is None
    assert bar.erase(((left, top), (right, bottom)), 500) == []


def test_a_blank_picture_has_none():
    assert place_pieces(np.zeros((40, 40), np.uint8), SIZE) == []


# === On the board ===


def test_a_picture_is_dropped_corrected_by_hand_and_saved(
    board, pg, photo, tmp_path
):
    board.canvas.pen_down(50, 50)
    board.canvas.pen_up()
    before = board.canvas.ink
    send(board, pg, (pg.DROPFILE, {"file": str(photo)}))
    until_opened(board)
    said, wrong = board.workspace.notice
    assert said.startswith("3 digits of photo.png") and not wrong
    await_readings(board, 20)
    assert len(board.readings.digits) == 3
    assert (shown_ink(board) > 0.9).sum() > 5000
    for digit, key in zip(board.readings.digits, "107", strict=True):
        spot = board.layout.to_window(*digit.box[:2])
        send(board, pg, move(pg, *spot, buttons=(0, 0, 0)))
        press(board, pg, key)
    press(board, pg, "s")
    with (tmp_path / "digits.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["label"], row["source"]) for row in rows] == [
        (label, "person") for label in "107"
    ]
    saved = cv2.imread(str(tmp_path / rows[1]["file"]), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(saved, board.readings.digits[1].image)
    drawing = cv2.imread(str(next(tmp_path.glob("*/drawing.png"))), 0)
    assert (drawing < 100).sum() > 5000
    for _ in range(4):
        press(board, pg, "z")
    assert board.canvas.ink == before


def test_what_is_no_picture_leaves_the_drawing(mute_board, pg, tmp_path):
    board = mute_board
    board.canvas.pen_down(50, 50)
    board.canvas.pen_up()
    before = board.canvas.ink
    path = tmp_path / "a.png"
    path.write_bytes(b"none")
    blank = tmp_path / "blank.png"
    cv2.imwrite(str(blank), np.full((50, 50), 250, np.uint8))
    for file, text in ((path, "no image"), (blank, "No digit was found")):
        send(board, pg, (pg.DROPFILE, {"file": str(file)}))
        until_opened(board)
        said, wrong = board.workspace.notice
        assert text in said and wrong
        assert board.canvas.ink == before
    with pytest.raises(DataError):
        open_pieces(str(path), SIZE)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("print({path!r}, end='')", "3 digits of photo.png"),
        ("pass", None),
        ("raise SystemExit(1)", "There is no dialog for files here"),
    ],
)
def test_a_picture_is_chosen_in_a_dialog(
    script, said, mute_board, pg, photo, monkeypatch
):
    monkeypatch.setattr(opener, "_DIALOG", script.format(path=str(photo)))
    assert sys.executable
    press(mute_board, pg, "o")
    until_opened(mute_board)
    notice = mute_board.workspace.notice
    assert notice is None if said is None else notice[0].startswith(said)


def test_the_dialog_goes_with_the_board(mute_board, pg, monkeypatch):
    monkeypatch.setattr(opener, "_DIALOG", "import time; time.sleep(60)")
    press(mute_board, pg, "o")
    while mute_board.workspace.opener._dialog is None:
        mute_board.step()
    process = mute_board.workspace.opener._dialog
    mute_board.close()
    assert process.poll() is not None
