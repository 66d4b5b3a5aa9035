"""`mnistcnn predict`: files, folders, patterns, pipes; one after the other."""

import io
import json
import os
import sys
from pathlib import Path

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


@pytest.mark.parametrize("name", ["a" * 300, "a/" * 2500, "*" + "a" * 300])
def test_a_name_that_is_too_long_is_one_short_line(predict, name):
    code, out, err = predict(f"{name}.png", "1.png")
    assert code == 1 and out.startswith("1.png: 1") and err.count("\n") == 1
    assert "cannot be opened (" in err and len(err) < 300


@pytest.mark.parametrize("scheme", ["https", "ftp"])
def test_a_url_is_called_one(predict, scheme):
    code, out, err = predict(f"{scheme}://me:word@host.org/a/b.png", "1.png")
    assert code == 1 and out.startswith("1.png: 1") and err.count("\n") == 1
    assert err.startswith(f"{scheme}://…@host.org/a/b.png is a URL. Expected")
    assert "download it first" in err


def test_a_pattern_names_files_and_no_folders(predict, tmp_path):
    below = tmp_path / "all" / "deep" / "er[1]"
    below.mkdir(parents=True)
    (tmp_path / "1.png").rename(tmp_path / "all" / "1.png")
    (tmp_path / "0.png").rename(below / "0.png")
    code, out, err = predict("all/*")
    assert (code, err) == (0, "") and "1.png: 1" in out
    for pattern in ("all/**", "**/all/**/**", "all/**/[01].png", "**/[01].*"):
        code, out, err = predict(pattern, "--json")
        assert (code, err) == (0, ""), pattern
        found = [Path(answer["image"]) for answer in json.loads(out)]
        assert found == [Path("all/1.png"), Path("all/deep/er[1]/0.png")]
    code, out, err = predict("all/deep/*")
    assert code == 1 and not out and "* cannot be opened" in err


@pytest.mark.skipif(os.name != "posix", reason="links of Unix")
def test_a_pattern_does_not_go_round_in_a_loop(predict, tmp_path):
    (tmp_path / "all").mkdir()
    (tmp_path / "1.png").rename(tmp_path / "all" / "1.png")
    (tmp_path / "all" / "again").symlink_to(tmp_path / "all")
    code, out, err = predict("all/**")
    assert (code, err) == (0, "") and out.count("\n") == 1


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
