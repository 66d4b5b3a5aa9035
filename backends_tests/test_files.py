import errno
import json
import os
import socket
import stat

import pytest

from mnistcnn import files
from mnistcnn.files import (
    find_kind,
    make_folder,
    open_regular,
    read_regular,
    write_atomically,
    write_json,
)

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


@pytest.mark.parametrize(
    ("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o007, 0o660)]
)
def test_a_new_file_has_the_mode_that_the_umask_gives(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "state.bin", b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "state.bin").stat().st_mode) == mode


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_a_file_keeps_its_mode(path, mode):
    path.chmod(mode)
    write_atomically(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_and_its_target_is_written(tmp_path, there):
    target = tmp_path / "elsewhere" / "state.bin"
    target.parent.mkdir()
    if there:
        target.write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to("elsewhere/state.bin")
    write_atomically(link, b"new")
    assert link.is_symlink() and target.read_bytes() == b"new"
    assert [p.name for p in target.parent.iterdir()] == ["state.bin"]


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


def test_json_is_strict(path):
    write_json(path, {"accuracy": 0.5, "note": None})
    assert json.loads(path.read_text()) == {"accuracy": 0.5, "note": None}
    assert path.read_text().endswith("}\n")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_json_that_is_none_leaves_the_old_file(path, value):
    with pytest.raises((ValueError, TypeError), match="JSON"):
        write_json(path, {"loss": value})
    assert_untouched(path)


@pytest.fixture(params=["folder", "pipe", "socket", "device", "link"])
def other(request, tmp_path, monkeypatch):
    """A path that no regular file has, and what it is."""
    path = tmp_path / "other"
    if request.param == "folder":
        path.mkdir()
    elif request.param == "pipe":
        os.mkfifo(path)
    elif request.param == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            # A socket's path has 107 characters at most.
            monkeypatch.chdir(tmp_path)
            server.bind(path.name)
    else:
        path.symlink_to("/dev/zero")
        if request.param == "device":
            return "/dev/zero", "device"
        return path, "device"
    return path, request.param


def test_only_regular_files_are_opened_read_or_replaced(other):
    path, kind = other
    assert find_kind(path) == kind
    refused = pytest.raises(OSError, match=f"Is a {kind}, not a regular file")
    for call in (
        open_regular,
        lambda path: read_regular(path, max_bytes=10),
        lambda path: write_atomically(path, b"new"),
    ):
        with refused as caught:
            call(path)
        assert caught.value.filename == str(path)
    assert find_kind(path) == kind


def test_a_folder_is_made_where_nothing_else_is(tmp_path, other):
    path, kind = other
    if kind == "folder":
        assert make_folder(path) == path
    else:
        with pytest.raises(NotADirectoryError, match=f"Is a {kind}, not a"):
            make_folder(path)
    assert make_folder(tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize("call", [find_kind, open_regular, make_folder])
@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_a_name_that_no_file_can_have_is_an_oserror(tmp_path, call, name):
    with pytest.raises(OSError):
        call(str(tmp_path / name))
    with pytest.raises(OSError):
        write_atomically(str(tmp_path / name), b"")


def test_a_pipe_that_takes_the_name_is_not_waited_for(path, monkeypatch):
    real = files.find_kind

    def swap(name):
        kind = real(name)
        os.unlink(name)
        os.mkfifo(name)
        return kind

    monkeypatch.setattr(files, "find_kind", swap)
    with pytest.raises(OSError, match="Is a pipe, not a regular file"):
        open_regular(path)


@pytest.mark.parametrize("link", [False, True])
def test_a_file_is_read_up_to_its_bound(tmp_path, path, link):
    if link:
        (tmp_path / "link").symlink_to(path)
        path = tmp_path / "link"
    assert read_regular(path, max_bytes=3) == b"old"
    with pytest.raises(OSError, match="Has more than 2 bytes"):
        read_regular(path, max_bytes=2)


def test_a_file_that_hides_its_size_is_bounded_too():
    # Of 0 bytes, as it says.
    with pytest.raises(OSError, match="Has more than 5 bytes"):
        read_regular("/proc/self/status", max_bytes=5)


def test_a_read_that_fails_names_the_file():
    # Regular, and its first page is not mapped.
    with pytest.raises(OSError) as caught:
        read_regular("/proc/self/mem", max_bytes=5)
    assert caught.value.filename == "/proc/self/mem"
