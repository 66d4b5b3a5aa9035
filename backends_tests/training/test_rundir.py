"""A run's folder: one run at a time, and room for it."""

import errno
import os
import subprocess
import sys
import time

import pytest

from mnistcnn.errors import ConfigError
from mnistcnn.training import check_path, rundir
from mnistcnn.training.rundir import MIN_FREE_BYTES, RunDirectory

pytestmark = pytest.mark.core

HOLDER = """
import sys
from mnistcnn.training.rundir import RunDirectory
with RunDirectory(sys.argv[1]):
    print("locked", flush=True)
    sys.stdin.read()
"""


def begin(path):
    """What a run that was killed at once leaves."""
    with RunDirectory(path) as run:
        run.state.parent.mkdir()
        run.state.write_bytes(b"state")
        run.config.write_text("{}")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run"


@pytest.fixture
def holder(path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"locked\n"
        yield process
        process.stdin.close()


def refuse(path, text, *, resume=False):
    for look in (check_path, RunDirectory):
        with pytest.raises(ConfigError, match=text) as caught:
            look(path, resume=resume)
        assert str(caught.value).isprintable()


@pytest.mark.parametrize("resume", [False, True])
def test_a_folder_in_use_is_refused_and_its_holder_named(path, holder, resume):
    (path / "last").mkdir()
    (path / "last" / "state.npz").write_bytes(b"state")
    start = time.monotonic()
    text = f"run is in use by process {holder.pid}. Expected a folder of"
    refuse(path, text, resume=resume)
    assert time.monotonic() - start < 1


def test_whoever_died_holds_nothing(path, holder):
    holder.kill()
    holder.wait()
    begin(path)
    check_path(path, resume=True)


def test_looking_writes_nothing(path):
    check_path(path, resume=False)
    assert not path.exists()


def test_a_new_run_needs_a_new_folder(path):
    begin(path)
    refuse(path, "already holds a run")
    with RunDirectory(path, resume=True):
        pass


@pytest.mark.parametrize(
    "name",
    [
        *("best.keras", "history.csv", "metrics.json", "report.html"),
        *("last/state.npz", "steps/1-training.keras", "steps/2-training.csv"),
        "figures/samples.png",
    ],
)
def test_what_no_run_wrote_is_not_replaced(path, name):
    theirs = path / name
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    text = f"run already holds {name}, which a run would replace. Expected a "
    refuse(path, text.replace("/", "."))
    assert [each for each in path.rglob("*") if each.is_file()] == [theirs]


def test_other_files_in_a_folder_do_no_harm(path):
    for name in ("notes.txt", "figures/mine.png", "steps/mine.keras"):
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text("mine")
    with RunDirectory(path):
        pass


def test_a_run_that_was_killed_at_once_may_begin_again(path):
    begin(path)
    (path / "config.json").unlink()
    with RunDirectory(path):
        pass


def test_only_a_run_can_be_resumed(path):
    refuse(path, "holds no run to resume", resume=True)


def test_what_a_kill_left_is_removed(path):
    begin(path)
    left = [".room.tmp", ".best.keras.x1.tmp", "last/.state.npz.x2.tmp"]
    for name in left:
        (path / name).write_bytes(b"half")
    with RunDirectory(path, resume=True):
        pass
    assert not list(path.rglob("*.tmp"))
    assert (path / "last" / "state.npz").read_bytes() == b"state"


def test_a_file_in_the_way_is_said(path):
    path.write_text("in the way")
    refuse(path, "run cannot be written .*run is no folder.. Expected")
    refuse(path / "deep", "deep cannot be written .*is no folder")


def test_a_read_only_folder_is_said(path, monkeypatch):
    # Mode bits do not stop root, who runs tests in containers.
    monkeypatch.setattr(rundir.os, "access", lambda *_: False)
    refuse(path, "is read-only.. Expected a folder with room for a run")


def test_a_full_disk_is_said(path, monkeypatch):
    usage = type("usage", (), {"free": MIN_FREE_BYTES - 1})
    monkeypatch.setattr(rundir.shutil, "disk_usage", lambda _: usage)
    refuse(path, "4,194,303 bytes are free.. Expected .* 4,194,304 bytes")


def test_a_quota_is_found_by_trying(path):
    # What a disk says is free is more than one may have.
    resource = pytest.importorskip("resource")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    check_path(path, resume=False)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIN_FREE_BYTES // 2, old[1]))
    try:
        with pytest.raises(ConfigError, match="cannot be written .File too"):
            RunDirectory(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert not list(path.rglob("*.tmp"))
    begin(path)


def test_another_fault_of_the_disk_is_said(path, monkeypatch):
    def fail(*_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(rundir, "write_atomically", fail)
    with pytest.raises(ConfigError, match="Read-only file system"):
        RunDirectory(path)


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of Unix")
@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_a_lock_that_is_no_file_is_refused(path, kind, resume, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("whole")
    path.mkdir()
    lock = path / ".lock"
    if kind == "link":
        lock.symlink_to(victim)
    elif kind == "pipe":
        os.mkfifo(lock)
    else:
        lock.mkdir()
    start = time.monotonic()
    refuse(path, ".lock in it is no regular file", resume=resume)
    assert time.monotonic() - start < 5
    assert victim.read_text() == "whole"


@pytest.mark.skipif(os.name != "posix", reason="pipes of Unix")
def test_a_holder_that_is_no_number_is_not_said(path, holder):
    (path / ".holder").write_text("\x1b]0;you are owned")
    refuse(path, "in use by process unknown")
    (path / ".holder").unlink()
    os.mkfifo(path / ".holder")
    refuse(path, "in use by process unknown")
