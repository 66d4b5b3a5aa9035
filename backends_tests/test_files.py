import errno
import json
import os

import pytest

from mnistcnn import files
from mnistcnn.files import write_atomically, write_json

pytestmark = pytest.mark.core


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "state.bin"
    path.write_bytes(b"old")
    return path


def assert_untouched(path):
    assert path.read_bytes() == b"old"
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_file_is_replaced(path):
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_file_and_its_folders_are_made(tmp_path):
    path = tmp_path / "a" / "b" / "state.bin"
    write_atomically(str(path), b"")
    assert path.read_bytes() == b""


def test_others_may_read_the_file(path):
    write_atomically(path, b"new")
    assert path.stat().st_mode & 0o777 == 0o644


def test_the_data_is_on_disk_before_the_old_file_goes(path, monkeypatch):
    events = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(handle):
        events.append(os.path.basename(os.readlink(f"/proc/self/fd/{handle}")))
        fsync(handle)

    def note_replace(source, target):
        events.append("replace")
        replace(source, target)

    monkeypatch.setattr(files.os, "fsync", note_fsync)
    monkeypatch.setattr(files.os, "replace", note_replace)
    write_atomically(path, b"new")
    assert events[0].startswith(".state.bin.")
    assert events[1:] == ["replace", path.parent.name]


@pytest.mark.parametrize("call", ["replace", "fsync", "chmod"])
def test_a_failure_leaves_the_old_file(path, monkeypatch, call):
    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(files.os, call, fail)
    with pytest.raises(OSError, match="Input/output error, 3 bytes to write"):
        write_atomically(path, b"new")
    assert_untouched(path)


def test_an_interruption_leaves_the_old_file(path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert_untouched(path)


@pytest.mark.parametrize("room", [0, 1, 100, 4096, 50_000, 99_999])
def test_a_full_disk_leaves_the_old_file(path, room):
    resource = pytest.importorskip("resource")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, old[1]))
    try:
        with pytest.raises(OSError, match="100,000 bytes to write") as caught:
            write_atomically(path, bytes(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert caught.value.errno == errno.EFBIG
    assert caught.value.filename == str(path)
    assert_untouched(path)


def test_a_folder_of_that_name_stays(tmp_path):
    (tmp_path / "state.bin").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_atomically(tmp_path / "state.bin", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["state.bin"]


def test_json_is_strict(path):
    write_json(path, {"accuracy": 0.5, "note": None})
    assert json.loads(path.read_text()) == {"accuracy": 0.5, "note": None}
    assert path.read_text().endswith("}\n")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_json_that_is_none_leaves_the_old_file(path, value):
    with pytest.raises((ValueError, TypeError), match="JSON"):
        write_json(path, {"loss": value})
    assert_untouched(path)
