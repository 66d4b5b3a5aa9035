import logging
import shutil

import cv2
import numpy as np
import pytest

from mnistcnn.data import load_data
from mnistcnn.data.drawings import TABLE, is_drawings
from mnistcnn.errors import DataError

pytestmark = pytest.mark.core

PER_CLASS = 6


def picture(number: int) -> np.ndarray:
    rng = np.random.default_rng(number)
    return rng.integers(0, 256, (28, 28), dtype=np.uint8)


def save_png(path, image) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    return path.name


def save_table(folder, rows, head="file,label,probability"):
    lines = [head, *(",".join(map(str, row)) for row in rows)]
    (folder / TABLE).write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def rows():
    return [(f"a/{n}.png", "37"[n % 2], f"0.{n}") for n in range(2 * PER_CLASS)]


@pytest.fixture
def folder(tmp_path, rows):
    """Twelve drawings, of 3 and 7 in turn."""
    folder = tmp_path / "my drawings"
    for number, row in enumerate(rows):
        save_png(folder / row[0], picture(number))
    save_table(folder, rows)
    return folder


def test_a_folder_of_drawings_is_a_data_set(folder):
    assert is_drawings(folder)
    data = load_data(str(folder))
    assert data.name == "drawings in my drawings"
    assert data.classes == tuple("0123456789")
    assert not data.generated
    # Of each class the fifth: the drawings 8 and 9.
    np.testing.assert_array_equal(data.x_test, [picture(8), picture(9)])
    assert data.y_test.tolist() == [3, 7]
    train = [picture(n) for n in (0, 1, 2, 3, 4, 5, 6, 7, 10, 11)]
    np.testing.assert_array_equal(data.x_train, train)
    assert data.y_train.tolist() == [3, 7] * 5
    assert data.x_train.dtype == data.y_train.dtype == np.uint8
    assert data.about == (
        "12 drawings; of each class every fifth, in the order of digits.csv, "
        "is for the test"
    )
    assert load_data(str(folder), limit=3).x_train.shape == (3, 28, 28)


def test_labels_that_nobody_corrected_are_counted(folder, rows):
    sources = ["net", "person", "net", *["person"] * 9]
    rows = [(*row[:2], s) for row, s in zip(rows, sources, strict=True)]
    save_table(folder, rows, "file,label,source")
    about = load_data(str(folder)).about
    assert about.endswith("is for the test; 2 labels were given by a network")


def test_the_split_stays_when_more_is_drawn(folder, rows):
    before = load_data(str(folder))
    for number in range(12, 30):
        rows.append((f"b/{number}.png", "3", ""))
        save_png(folder / rows[-1][0], picture(number))
    save_table(folder, rows)
    after = load_data(str(folder))
    for image in before.x_test:
        assert (after.x_test == image).all(axis=(1, 2)).any()
    assert len(after.x_test) == 24 // 5 + 1


def test_a_picture_saved_twice_counts_once_with_its_last_label(folder, rows):
    shutil.copy(folder / "a/0.png", folder / "again.png")
    save_table(folder, [*rows, ("again.png", 5, ""), (*rows[1][:1], 5, "")])
    data = load_data(str(folder))
    assert len(data.x_train) + len(data.x_test) == 12
    labels = dict(zip(map(bytes, data.x_train), data.y_train, strict=True))
    assert labels[picture(0).tobytes()] == 5
    assert labels[picture(1).tobytes()] == 5


def test_other_labels_are_other_classes(folder, rows):
    rows = [(name, {"3": "Ж", "7": "A"}[label]) for name, label, _ in rows]
    save_table(folder, rows, "file,label")
    data = load_data(str(folder))
    assert data.classes == ("A", "Ж")
    assert data.y_test.tolist() == [1, 0]
    among = load_data(str(folder), classes=("B", "Ж", "A"))
    assert among.classes == ("B", "Ж", "A")
    assert among.y_test.tolist() == [1, 2]
    with pytest.raises(DataError, match=r"has the class 'A'. Expected classes"):
        load_data(str(folder), classes=("B", "Ж"))


def test_what_nobody_labelled_is_left_out(folder, rows, caplog):
    rows[10] = (rows[10][0], "?", "")
    rows[11] = (rows[11][0], " ", "")
    save_table(folder, rows)
    with caplog.at_level(logging.WARNING):
        data = load_data(str(folder))
    assert len(data.x_train) == 8
    assert "2 drawings without a label are left out" in caplog.text


def test_a_table_of_a_spreadsheet_is_read(folder, rows):
    text = (folder / TABLE).read_text()
    # With a byte-order mark, quotes and Windows' line ends, blank at the end.
    text = text.replace("a/0.png", '"a/0.png"').replace("\n", "\r\n")
    (folder / TABLE).write_bytes(b"\xef\xbb\xbf" + text.encode() + b"\r\n")
    assert len(load_data(str(folder)).x_train) == 10


# === What is refused ===


def refused(folder, text):
    with pytest.raises(DataError, match=text) as caught:
        load_data(str(folder))
    assert str(caught.value).isprintable(), "one line"


def test_too_few_drawings_are_refused(folder, rows):
    save_table(folder, rows[:8])
    refused(folder, "8 labelled images, fewer than 5 of every class.*add more")
    save_table(folder, [])
    refused(folder, "0 labelled images")


def test_drawings_of_one_class_that_is_no_digit_are_refused(folder, rows):
    save_table(folder, [(name, "x", "") for name, _, _ in rows])
    refused(folder, "has drawings of 1 classes. Expected 2 to 256")


@pytest.mark.parametrize(
    "name",
    [
        "../outside.png",
        "a/../../outside.png",
        "/etc/hostname",
        "a\\0.png",
        "link.png",
        "",
        "a\0b.png",
    ],
)
def test_a_name_that_leads_outside_is_refused(name, folder, rows):
    outside = folder.parent / "outside.png"
    save_png(outside, picture(99))
    (folder / "link.png").symlink_to(outside)
    save_table(folder, [*rows, (name, 1, "")])
    refused(folder, "row 14 names .*(inside the folder|cannot be read)")


def test_missing_pictures_are_refused(folder, rows):
    (folder / "a/4.png").unlink()
    refused(folder, "row 6 names 'a/4.png', which cannot be read .*put it back")
    (folder / "a/4.png").mkdir()
    refused(folder, "row 6 names 'a/4.png', which cannot be read")


def as_png(image) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()


BAD_PICTURES = {
    "empty": b"",
    "html": b"<html>",
    "larger": as_png(np.zeros((29, 28), np.uint8)),
    "colour": as_png(np.zeros((28, 28, 3), np.uint8)),
    "deep": as_png(np.zeros((28, 28), np.uint16)),
    "cut": as_png(picture(1))[:200],
    "bomb": as_png(picture(1))[:16] + b"\xff" * 8 + as_png(picture(1))[24:],
    "long": as_png(picture(1)) + bytes(1 << 16),
    "jpeg": cv2.imencode(".jpg", picture(1))[1].tobytes(),
}


@pytest.mark.parametrize("kind", BAD_PICTURES)
def test_what_is_no_small_grey_png_is_refused(kind, folder):
    (folder / "a/3.png").write_bytes(BAD_PICTURES[kind])
    text = "row 5: a/3.png is no grey 28x28 PNG. Expected one as"
    if kind == "long":
        text = r"row 5 names 'a/3.png', .*\(Has more than 65,536 bytes\)"
    refused(folder, text)


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (b"", r"begins with \[\]. Expected a head with the columns file and"),
        (b"name,label\n", r"begins with \['name', 'label'\]"),
        (b"file,label,label\n", "Expected a head"),
        (b"file,label\na/0.png\n", "row 2 has 1 cells. Expected 2"),
        (b"file,label\na/0.png,3,3\n", "row 2 has 3 cells"),
        (b"\xff\xfe\x00", "UnicodeDecodeError.*Expected a CSV in UTF-8"),
        (b'file,label\n"a', "cannot be read .Error"),
        (b"file,label\na/0.png," + b"9" * 41, "row 2 has the label '999"),
        (b"file,label\na/0.png,\x1b[31m", r"row 2 has the label '\\x1b"),
        (b"file,label\n" + b"a," * 80_000, "cannot|cells"),
    ],
)
def test_a_table_that_is_none_is_refused(table, text, folder):
    (folder / TABLE).write_bytes(table)
    refused(folder, text)


def test_budgets_hold(folder, rows, monkeypatch):
    from mnistcnn.data import drawings as drawingfiles

    monkeypatch.setattr(drawingfiles, "MAX_ROWS", 11)
    refused(folder, "has 12 rows. Expected at most 11")
    monkeypatch.setattr(drawingfiles, "MAX_TABLE_BYTES", 100)
    refused(folder, "more than 100 bytes")


def test_what_the_board_saves_is_read(tmp_path):
    from mnistcnn.board.digits import Digit, Prediction
    from mnistcnn.board.drawings import Drawings
    from mnistcnn.ink import Stroke

    def draw(number):
        points = np.array([[10, 10], [20 + number, 30]], np.float32)
        seen = Prediction("7", 0.9, np.zeros(10, np.float32), 0.01, ())
        return Digit(
            strokes=(Stroke(number, points, 4.0, (10, 10, 30, 30)),),
            box=(10, 10, 30, 30),
            image=picture(number),
            predictions=(seen,),
            # A person corrected the odd ones.
            given="1" if number % 2 else None,
        )

    drawings = Drawings(tmp_path / "drawn")
    drawings.save(list(map(draw, range(6))), network="net", shape=(60, 60))
    drawings.save(list(map(draw, range(12))), network="net", shape=(60, 60))
    data = load_data(str(tmp_path / "drawn"))
    assert len(data.x_train) == 10 and data.y_test.tolist() == [7, 1]
    np.testing.assert_array_equal(data.x_test, [picture(8), picture(9)])
    assert "12 drawings" in data.about
    assert data.about.endswith("6 labels were given by a network")
