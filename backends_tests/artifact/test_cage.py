"""What a process that has enclosed itself can still do."""

import os
import platform
import subprocess
import sys

import pytest

from mnistcnn.artifact import cage

pytestmark = [
    pytest.mark.core,
    pytest.mark.skipif(
        sys.platform != "linux" or platform.machine() not in cage._MACHINES,
        reason="system calls are filtered on Linux, x86_64 and aarch64",
    ),
]

CHILD = """
import errno, os, socket, subprocess, sys, threading
from mnistcnn.artifact.cage import enclose
waiting = threading.Event()
said = []

def late():
    waiting.wait()
    say("socket of an earlier thread", socket.socket)

def say(name, call):
    try:
        call()
        said.append(f"{name}: done")
    except (OSError, MemoryError) as error:
        number = getattr(error, "errno", None)
        said.append(f"{name}: {errno.errorcode.get(number, 'no memory')}")

thread = threading.Thread(target=late)
thread.start()
path, other = sys.argv[1], sys.argv[2]
said.append(f"missing: {enclose()}")
say("read", lambda: open(path).read())
say("write", lambda: open(path, "w"))
say("append", lambda: open(path, "ab"))
say("create", lambda: open(other, "x"))
say("low write", lambda: os.open(path, os.O_RDWR))
say("truncate", lambda: os.truncate(path, 0))
say("remove", lambda: os.remove(path))
say("rename", lambda: os.rename(path, other))
say("link", lambda: os.link(path, other))
say("folder", lambda: os.mkdir(other))
say("mode", lambda: os.chmod(path, 0))
say("socket", socket.socket)
say("local socket", lambda: socket.socket(socket.AF_UNIX))
say("program", lambda: subprocess.run(["true"]))
say("exec", lambda: os.execv("/bin/true", ["true"]))
say("fork", os.fork)
say("kill", lambda: os.kill(os.getppid(), 0))
say("memory", lambda: bytearray(2 << 30))
say("some memory", lambda: bytearray(64 << 20))
waiting.set()
thread.join()
again = threading.Thread(target=lambda: said.append("thread: done"))
again.start()
again.join()
print("\\n".join(said))
"""
EXPECTED = """missing: []
read: done
write: EPERM
append: EPERM
create: EPERM
low write: EPERM
truncate: EPERM
remove: EPERM
rename: EPERM
link: EPERM
folder: EPERM
mode: EPERM
socket: EPERM
local socket: EPERM
program: EPERM
exec: EPERM
fork: EPERM
kill: EPERM
memory: no memory
some memory: done
socket of an earlier thread: EPERM
thread: done
"""


def test_an_enclosed_process_computes_and_nothing_else(tmp_path):
    path = tmp_path / "kept.txt"
    path.write_text("kept")
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), str(tmp_path / "new")],
        capture_output=True,
        text=True,
    )
    assert done.stdout == EXPECTED, done.stderr
    assert path.read_text() == "kept"
    assert [p.name for p in tmp_path.iterdir()] == ["kept.txt"]


def test_a_loop_ends(tmp_path):
    code = (
        "from mnistcnn.artifact import cage; cage.SECONDS = 1; cage.enclose()\n"
        "while True: pass"
    )
    done = subprocess.run([sys.executable, "-c", code], timeout=60)
    assert done.returncode < 0


@pytest.mark.parametrize("machine", cage._MACHINES)
def test_each_call_of_the_list_jumps_to_its_answer(machine):
    audit, _, allowed = cage._MACHINES[machine]
    program = cage._write_filter(machine, audit)

    def run(number, argument=0):
        place, value = 0, 0
        while True:
            kind, then, otherwise, constant = program[place]
            place += 1
            if kind == 0x06:
                return constant
            if kind == 0x20:
                value = {0: number, 4: audit}.get(constant, argument)
            elif kind == 0x15:
                place += then if value == constant else otherwise
            else:
                place += then if value & constant else otherwise

    allow, deny = 0x7FFF0000, 0x00050001
    assert {run(number) for number in allowed} == {allow}
    index = list(cage._MACHINES).index(machine)
    numbers = {name: pair[index] for name, pair in cage._CHECKED.items()}
    assert run(numbers["openat"], os.O_RDONLY) == allow
    assert run(numbers["openat"], os.O_RDWR | os.O_CREAT) == deny
    assert run(numbers["clone"], 0x10000) == allow
    assert run(numbers["clone"]) == deny
    assert run(numbers["clone3"]) == 0x00050000 | 38
    assert run(numbers["tgkill"], os.getpid()) == allow
    assert run(numbers["tgkill"], 1) == deny
    known = {*allowed, *numbers.values()}
    others = set(range(500)) - known
    assert {run(number) for number in others} == {deny}
    # The same numbers of the machine's other calling convention.
    assert {run(number | 0x40000000) for number in allowed} == {deny}
