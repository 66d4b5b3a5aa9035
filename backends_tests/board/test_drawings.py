import csv
import os
from concurrent import futures

import cv2
import filelock
import numpy as np
import pytest
from board_hand import down, move, press, send, seven

from mnistcnn.board.app import Board
from mnistcnn.board.digits import Digit
from mnistcnn.board.drawings import Drawings
from mnistcnn.board.saver import Saver
from mnistcnn.board.sessions import await_readings
from mnistcnn.board.table import COLUMNS
from mnistcnn.ink import PEN, Stroke

pytestmark = pytest.mark.core

HEAD = ",".join(COLUMNS) + "\n"


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
        (HEAD + f"{'x' * 131_073},7,,,,,\n", "field larger than field limit"),
        (HEAD.encode() + b"x,\xff\xfe,,,,,\n", "can't decode byte 0xff"),
        (HEAD + 'x,"7"8,,,,,\n', "',' expected after '\"'"),
        ("\x1b[2J\x9b\x00\n", r"begins with \x1b[2J\x9b\x00. Expected"),
    ],
)
def test_a_table_of_something_else_is_left_alone(
    mute_board, pg, tmp_path, text, said
):
    data = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "digits.csv").write_bytes(data)
    seven(mute_board, pg)
    press(mute_board, pg, "s")
    assert mute_board.step()
    message, warning = mute_board.workspace.notice
    assert warning and said in message
    assert (tmp_path / "digits.csv").read_bytes() == data
    assert not list(tmp_path.glob("*/digit*"))
    # What is drawn is still there, and can be saved elsewhere.
    mute_board.workspace.saver = Saver(tmp_path / "other")
    press(mute_board, pg, "s")
    assert len(table(tmp_path / "other")) == 1


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "nul"])
def test_what_is_no_file_is_neither_waited_for_nor_replaced(
    mute_board, pg, tmp_path, kind
):
    place = tmp_path / "digits.csv"
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    elif kind == "device":
        place.symlink_to("/dev/zero")
    else:
        mute_board.workspace.saver = Saver("a\0b")
    seven(mute_board, pg)
    press(mute_board, pg, "s")
    assert mute_board.step()
    message, warning = mute_board.workspace.notice
    assert warning and message.startswith("Cannot save the digits in ")
    assert mute_board.readings.digits


def test_two_boards_on_one_folder_lose_no_row(tmp_path):
    image = np.zeros((28, 28), np.uint8)

    def save(board):
        for number in range(8):
            points = np.ones((2, 2), np.float32)
            stroke = Stroke.of(8 * board + number, points, PEN)
            digit = Digit((stroke,), stroke.box, image, (None,), "7")
            saved = boards[board].save([digit], network="", shape=(9, 9))
            assert saved.new == 1

    boards = [Drawings(tmp_path) for _ in range(3)]
    with futures.ThreadPoolExecutor(3) as pool:
        list(pool.map(save, range(3)))
    rows = table(tmp_path)
    assert len(rows) == len({row["file"] for row in rows}) == 24
    assert all((tmp_path / row["file"]).is_file() for row in rows)


def test_a_board_that_waits_too_long_says_so(
    mute_board, pg, tmp_path, monkeypatch
):
    monkeypatch.setattr("mnistcnn.board.table.LOCK_SECONDS", 0)
    seven(mute_board, pg)
    with filelock.FileLock(tmp_path / ".lock"):
        press(mute_board, pg, "s")
    message, warning = mute_board.workspace.notice
    assert warning and "another board has been saving there" in message
    press(mute_board, pg, "s")
    assert len(table(tmp_path)) == 1


def test_modes_and_links_are_respected(mute_board, pg, tmp_path):
    before = os.umask(0o077)
    try:
        seven(mute_board, pg)
        press(mute_board, pg, "s")
    finally:
        os.umask(before)
    for path in tmp_path.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    kept = tmp_path / "kept.csv"
    (tmp_path / "digits.csv").rename(kept)
    kept.chmod(0o640)
    (tmp_path / "digits.csv").symlink_to(kept)
    seven(mute_board, pg, 500)
    press(mute_board, pg, "s")
    assert (tmp_path / "digits.csv").is_symlink()
    assert kept.stat().st_mode & 0o777 == 0o640
    assert len(table(tmp_path)) == 2


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
