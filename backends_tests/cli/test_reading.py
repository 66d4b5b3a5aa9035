"""`mnistcnn predict`: files, folders, patterns, pipes; one after the other."""

import io
import json
import sys

import cv2
import numpy as np
import pytest

from mnistcnn import cli
from mnistcnn.cli import reading
from mnistcnn.errors import DataError
from mnistcnn.pictures import decode_image

pytestmark = pytest.mark.core


@pytest.fixture
def predict(tmp_path, monkeypatch, capsys):
    """Calls it in a folder with 1.png, 0.png and bad.png."""
    one, zero = (np.full((90, 70), 245, np.uint8) for _ in range(2))
    cv2.line(one, (36, 15), (33, 75), 30, 6)
    cv2.ellipse(zero, (35, 45), (18, 30), 0, 0, 360, 30, 6)
    cv2.imwrite(str(tmp_path / "1.png"), one)
    cv2.imwrite(str(tmp_path / "0.png"), zero)
    (tmp_path / "bad.png").write_bytes(b"%PDF-1.7")
    (tmp_path / "notes.txt").write_text("no picture")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KERAS_BACKEND", raising=False)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["mnistcnn", "predict", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code or 0, *capsys.readouterr()

    return call


def test_a_bad_file_is_one_line_and_the_others_are_read(predict):
    code, out, err = predict("bad.png", "1.png", "none.png", "0.png", "--json")
    assert code == 1
    assert [answer["text"] for answer in json.loads(out)] == ["1", "0"]
    first, second = err.splitlines()
    assert first.startswith("bad.png is PDF.")
    assert second.startswith("none.png cannot be opened")


def test_a_folder_and_a_pattern(predict):
    code, out, err = predict(".", "--json")
    assert code == 1 and err.count("\n") == 1
    assert [a["image"] for a in json.loads(out)] == ["0.png", "1.png"]
    code, out, err = predict("[01].png")
    assert code == 0 and not err
    assert [line[:8] for line in out.splitlines()] == ["0.png: 0", "1.png: 1"]
    code, out, err = predict("*.gif")
    assert code == 1 and not out and err.startswith("*.gif cannot be opened")


def test_a_name_with_a_star_is_a_name(predict, tmp_path):
    (tmp_path / "1.png").rename(tmp_path / "[1].png")
    assert predict("[1].png")[1].startswith("[1].png: 1")


def test_an_empty_folder_is_one_line(predict, tmp_path):
    (tmp_path / "empty").mkdir()
    code, out, err = predict("empty")
    assert code == 1 and not out and err.count("\n") == 1
    assert err.startswith("empty is a folder without images. Expected")


def test_an_empty_name_is_not_this_folder(predict):
    code, out, err = predict("1.png", "")
    assert code == 2 and not out and err.count("\n") == 1
    assert 'Argument 3 is "". Expected' in err


def test_a_pipe(predict, tmp_path, monkeypatch):
    pipe = io.TextIOWrapper(io.BytesIO((tmp_path / "1.png").read_bytes()))
    monkeypatch.setattr(sys, "stdin", pipe)
    code, out, _ = predict("-")
    assert code == 0 and out.startswith("-: 1 (")


def test_a_closed_pipe_is_one_line(predict, tmp_path, monkeypatch):
    """So is a folder in its place; with its output closed it reads on."""
    monkeypatch.setattr(sys, "stdin", None)
    code, _, err = predict("-", "1.png")
    assert code == 1 and err.startswith("Standard input is closed. Expected")
    monkeypatch.setattr(sys, "stdout", None)
    assert predict("1.png", "--json")[::2] == (0, "")
    monkeypatch.undo()


def test_a_stream_that_cannot_be_read_is_one_line():
    class Folder(io.BytesIO):
        def read(self, *_):
            raise IsADirectoryError(21, "Is a directory")

    with pytest.raises(DataError, match=r"cannot be read \(Is a directory\)"):
        decode_image(Folder(), "Standard input")


def test_nothing_but_errors_is_json_still(predict):
    code, out, _ = predict("bad.png", "--json")
    assert code == 1 and json.loads(out) == []


def test_an_answer_comes_before_the_next_file_is_read(predict, monkeypatch):
    """Not all pictures at once: an end in the second leaves the first."""
    read = reading._read_picture

    def end(path):
        if path.name == "0.png":
            raise KeyboardInterrupt
        return read(path)

    monkeypatch.setattr(reading, "_read_picture", end)
    code, out, _ = predict("1.png", "0.png")
    assert code == 130 and out.startswith("1.png: 1 (")
