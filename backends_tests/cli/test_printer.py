"""What the commands print: data are never markup, nor orders to a terminal."""

import io
import json
import logging
import os
import pickle
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import typer

from mnistcnn.cli import app, main, printer
from mnistcnn.errors import (
    ArtifactError,
    ConfigError,
    DataError,
    make_printable,
)

pytestmark = pytest.mark.core

# A C1 control, an override of the direction, DEL, an escape sequence, NUL,
# the half of a character that a file's name may have, and a line's end.
HOSTILE = "a\x9b2Jb\u202ec\x7fd\x1b]0;pwned\x07e\x00f\udcffg\u2028h"
MARKUP = "[/][bold]x[/bold][link=file:///etc]y :smile: \\["


@pytest.fixture
def terminal(monkeypatch):
    """Makes standard output a terminal of a width and an encoding."""

    def open_terminal(encoding="utf-8", width=80, errors="strict"):
        stream = io.TextIOWrapper(io.BytesIO(), encoding, errors)
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setenv("COLUMNS", str(width))
        return stream

    return open_terminal


def read(stream):
    stream.flush()
    return stream.buffer.getvalue().decode(stream.encoding)


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["mnistcnn", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code or 0


def assert_harmless(text):
    assert make_printable(text, keep="\n") == text


def test_hostile_characters_are_written_out():
    assert make_printable(HOSTILE) == (
        r"a\x9b2Jb\u202ec\x7fd\x1b]0;pwned\x07e\x00f\udcffg\u2028h"
    )
    assert make_printable("größe 日本 é [/]") == "größe 日本 é [/]"
    assert make_printable("a\nb", keep="\n") == "a\nb"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a https://me:pw@host/x.npz b", "a https://…@host/x.npz b"),
        ("https://token@host/x", "https://…@host/x"),
        ("mysql://me:p/w@x@host/x", "mysql://…@host/x"),
        ("mysql:/me:pw@host/x", "…@host/x"),
        ("me:pw@host", "…@host"),
        ("db?user=me&password=pw&x=1", "db?user=me&password=…&x=1"),
        ("https://host/x?access_token=pw", "https://host/x?access_token=…"),
        ("to: me@host", "to: me@host"),
        ("C:\\drawings\\7.png: no", "C:\\drawings\\7.png: no"),
        ("epochs is 0: expected 1", "epochs is 0: expected 1"),
    ],
)
def test_an_error_keeps_no_credentials(text, shown):
    assert str(DataError(text)) == shown


@pytest.mark.parametrize("kind", [ConfigError, DataError])
def test_every_error_is_one_harmless_line(kind):
    error = kind(f"{HOSTILE}\r\n  next")
    assert_harmless(str(error))
    assert "\n" not in str(error) and str(error).endswith("h next")


def test_an_artifact_error_is_one_too_and_can_be_copied():
    error = ArtifactError("truncated", HOSTILE)
    assert_harmless(str(error))
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.code) == (str(error), "truncated")


@pytest.mark.parametrize("text", [HOSTILE, MARKUP])
@pytest.mark.parametrize(
    "show",
    [
        lambda text: printer.say(text),
        lambda text: printer.say((text, "bold")),
        lambda text: printer.show_json({text: [text]}),
        lambda text: printer.print_json({text: [text]}),
        lambda text: printer.show_table((text, "n"), [(text, text)]),
        lambda text: printer.show_table((text, "n"), [(text * 9, text * 9)]),
    ],
    ids=["say", "styled", "json", "strict json", "table", "wide table"],
)
def test_nothing_printed_is_an_order_or_markup(text, show, terminal):
    stream = terminal()
    show(text)
    said = read(stream)
    assert_harmless(said)
    if text is MARKUP:
        folded = re.sub(r"[\s│┃]", "", said).replace("\\\\", "\\")
        assert re.sub(r"\s", "", MARKUP) in folded


def test_warnings_and_logs_are_harmless_lines(terminal, monkeypatch, capsys):
    def fail(*_arguments, **_options):
        warnings.warn(f"{HOSTILE}\nnext", UserWarning, stacklevel=1)
        logging.getLogger("mnistcnn.test").warning("%s", f"{HOSTILE}\nnext")
        raise RuntimeError(f"{HOSTILE} mysql://me:Tr0ub4dor@host/db")

    monkeypatch.setattr("mnistcnn.cli.app", fail)
    # As a program has them: pytest collects both.
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        show = warnings.showwarning
        monkeypatch.setattr(
            warnings,
            "showwarning",
            lambda *a, **o: sys.stderr.write(warnings.formatwarning(*a)),
        )
        last = logging.StreamHandler(sys.stderr)
        monkeypatch.setattr(logging, "lastResort", last)
        assert run(monkeypatch) == 1
        monkeypatch.setattr(warnings, "showwarning", show)
    said = capsys.readouterr().err
    assert_harmless(said)
    warned, logged, *trace = said.splitlines()
    assert warned.startswith("Warning: a") and warned.endswith("h next")
    assert logged.startswith("a") and logged.endswith("h next")
    assert trace[0].startswith("Traceback")
    assert "Tr0ub4dor@host" not in trace[-1] and "…@host/db" in trace[-1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("explore", "--data", "DATA"),
        ("evaluate", "FILE.keras", "--data", "strokes", "--json"),
        ("inspect", "FILE.keras"),
        ("predict", "FILE.png"),
        ("predict", "FILE.keras", "a.png"),
        ("compare", "FILE"),
        ("export", "FILE.keras", "--format", "FILE"),
        ("train", "--config", "FILE"),
        ("train", "--recipe", "FILE"),
        ("train", "--epochs", "FILE"),
        ("train", "--classes", "FILE,FILE", "--data", "strokes"),
        ("tune", "--space", "FILE"),
        ("board", "FILE", "FILE", "FILE"),
        ("FILE",),
        ("--FILE",),
    ],
    ids=" ".join,
)
def test_every_command_refuses_a_hostile_name_harmlessly(
    arguments, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    hostile = HOSTILE.replace("\0", "")
    template = arguments
    arguments = [word.replace("FILE", hostile) for word in template]
    # predict goes on behind a picture that it cannot read, and ends in 1.
    pictures = arguments[0] == "predict" and "FILE.png" in template
    assert run(monkeypatch, *arguments) == (1 if pictures else 2)
    said = capsys.readouterr()
    assert_harmless(said.out + said.err)
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "--config", "FILE"),
        ("compare", "FILE"),
        ("inspect", "FILE"),
    ],
    ids=" ".join,
)
def test_what_is_no_regular_file_is_not_waited_for(
    arguments, kind, tmp_path, monkeypatch, capsys
):
    place = tmp_path / "x"
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "device":
        place.symlink_to("/dev/zero")
    else:
        place.mkdir()
    arguments = [word.replace("FILE", str(place)) for word in arguments]
    assert run(monkeypatch, *arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "xpected" in line


def test_a_reader_that_has_gone_is_nothing_to_tell(tmp_path):
    # As `mnistcnn --version | true`, whose reader is gone for certain.
    end, start = os.pipe()
    os.close(end)
    done = subprocess.run(
        [sys.executable, "-m", "mnistcnn", "--version"],
        stdout=start,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(start)
    assert (done.returncode, done.stderr) == (1, "")


INTERRUPTED = """
import runpy
import sys


class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            raise KeyboardInterrupt


sys.meta_path.insert(0, Finder())
runpy.run_module("mnistcnn", run_name="__main__")
"""


def test_an_end_while_modules_are_imported_is_no_traceback():
    command = [sys.executable, "-c", INTERRUPTED]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_evaluate_says_of_which_images_a_test_set_was_made(
    monkeypatch, capsys, tmp_path
):
    path = tmp_path / "train.npz"
    x, y = np.zeros((50, 28, 28), np.uint8), np.arange(50, dtype=np.uint8) % 10
    x[:, 5:20, 9:12] = 255
    np.savez(path, x_train=x, y_train=y)
    command = ("evaluate", "--data", str(path))
    assert run(monkeypatch, *command) == 0
    assert "every 5th" in capsys.readouterr().out
    assert run(monkeypatch, *command, "--json") == 0
    assert "every 5th" in json.loads(capsys.readouterr().out)["about"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="is Linux's")
def test_output_that_cannot_be_written_is_one_line():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mnistcnn", "--version"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "Standard output, or a file: No space left" in done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "cp437"])
def test_what_a_terminal_cannot_encode_is_replaced(
    encoding, terminal, monkeypatch
):
    def show(*_arguments, **_options):
        printer.say("größe 日本 …")
        printer.show_table(("class", "日本"), [("größe", "✓"), ("日本", 2)])
        printer.show_json({"größe": "日本"})
        # As Keras writes a progress bar.
        sys.stdout.write("━━━ 日本\n")

    stream = terminal(encoding)
    monkeypatch.setattr("mnistcnn.cli.app", show)
    assert run(monkeypatch) == 0
    lines = read(stream).splitlines()
    assert lines[0].endswith(
        "?? …".encode(encoding, "replace").decode(encoding)
    )
    table = [line for line in lines if line.startswith(("|", "+"))]
    assert len(table) == 6 and len({len(line) for line in table}) == 1


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_help_is_printed_on_any_terminal(encoding, terminal, monkeypatch):
    stream = terminal(encoding)
    assert run(monkeypatch, "train", "--help") == 0
    assert "--batch-size" in read(stream)


def measure(said):
    return max(map(len, said.splitlines()))


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_table_without_room_is_laid_out_otherwise(width, terminal):
    names = [f"class {place}" for place in range(26)]
    rows = [(name, *range(1000, 1026)) for name in names]
    stream = terminal(width=width)
    printer.show_table(("true", *names), rows)
    said = read(stream)
    # Nothing is lost, whether as a table or in sentences.
    assert said.count("1025") == 26
    assert "class 25" in said
    stream = terminal(width=width)
    narrow = ("true", "right"), [(name, 1000) for name in names]
    printer.show_table(("true", *names), rows, narrow=narrow)
    assert measure(read(stream)) <= width


@pytest.mark.parametrize("width", [0, "00", ""])
@pytest.mark.parametrize("option", ["--help", "--version", "inspect"])
def test_a_terminal_of_no_width_shows_all(option, width, terminal, monkeypatch):
    stream = terminal(width=width)
    assert run(monkeypatch, option) == 0
    assert len(read(stream)) > 10


def test_sentences_are_folded_in_a_table_and_numbers_are_not(terminal):
    stream = terminal(width=60)
    rows = [("trial 1", "0.9876", "a " * 60 + "end")]
    printer.show_table(("name", "accuracy", "options"), rows)
    said = read(stream)
    assert measure(said) <= 60
    assert "0.9876" in said and "end" in said


# === Help ===


def list_commands():
    group = typer.main.get_command(app)
    return {"": group, **group.commands}


@pytest.mark.parametrize("name", list_commands())
def test_each_option_has_a_help_text_that_help_shows_whole(
    name, terminal, monkeypatch
):
    stream = terminal(width=300)
    monkeypatch.setenv("TERMINAL_WIDTH", "300")
    monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", 300)
    assert run(monkeypatch, *name.split(), "--help") == 0
    said = " ".join(read(stream).replace("│", " ").split())
    for parameter in list_commands()[name].params:
        assert parameter.help, parameter.name
        assert " ".join(parameter.help.split()) in said, parameter.name
        if isinstance(getattr(parameter, "show_default", None), str):
            assert f"[default: ({parameter.show_default})]" in said


def test_the_bare_command_shows_help_and_no_error(monkeypatch, capsys):
    assert run(monkeypatch) == 0
    said = capsys.readouterr()
    assert "Usage: mnistcnn" in said.out
    assert said.err == ""


def test_the_version(monkeypatch, capsys):
    import mnistcnn

    assert run(monkeypatch, "--version") == 0
    assert capsys.readouterr().out == f"mnistcnn {mnistcnn.__version__}\n"


def test_a_shell_completes_commands_and_options(monkeypatch, capsys):
    monkeypatch.setenv("_MNISTCNN_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "mnistcnn ex")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert run(monkeypatch) == 0
    assert capsys.readouterr().out.split() == ["explore", "export"]
    monkeypatch.setenv("COMP_WORDS", "mnistcnn train --rec")
    monkeypatch.setenv("COMP_CWORD", "2")
    assert run(monkeypatch) == 0
    assert capsys.readouterr().out.split() == ["--recipe"]
