"""A sandbox: a process gives up the rights that loading does not need.

`enclose` limits memory and time, and on Linux the system calls to those that
computing needs: no sockets, no other programs or processes, no writing of
files. It cannot be undone, and applies to all code that runs afterwards.

Written by hand: the packages for it on PyPI need a system library (libseccomp),
or rights that a user does not have.
"""

import ctypes
import os
import platform
import struct
import sys

MEMORY_BYTES = 3 << 29
SECONDS = 60
FILES = 256

# System calls that computing needs, with their numbers on the two
# architectures. All others fail with EPERM.
_MACHINES = {
    # name: audit number, seccomp(2), the calls
    "x86_64": (0xC000003E, 317, (
        0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 32, 33, 35, 39, 60, 63, 72, 73, 79, 89,
        96, 97, 98, 99, 102, 104, 107, 108, 110, 131, 140, 143, 145, 146, 147,
        158, 186, 202, 204, 217, 218, 219, 228, 229, 230, 231, 232, 233, 239,
        262, 267, 269, 270, 271, 273, 274, 281, 290, 291, 292, 293, 295, 309,
        318, 324, 332, 334, 439,
    )),
    "aarch64": (0xC00000B7, 277, (
        17, 19, 20, 21, 22, 23, 24, 25, 32, 48, 57, 59, 61, 62, 63, 64, 65,
        66, 67, 68, 69, 73, 78, 79, 80, 93, 94, 96, 98, 99, 100, 101, 113,
        114, 115, 120, 121, 123, 124, 125, 126, 128, 132, 134, 135, 139, 141,
        160, 163, 165, 168, 169, 172, 173, 174, 175, 176, 177, 178, 179, 214,
        215, 216, 222, 226, 227, 232, 233, 236, 278, 283, 291, 293, 439,
    )),
}  # fmt: skip
# Calls that are allowed for some arguments: name to the two numbers.
_CHECKED = {
    "open": (2, None),
    "openat": (257, 56),
    "clone": (56, 220),
    "tgkill": (234, 131),
    "prlimit64": (302, 261),
    "clone3": (435, 435),
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_THREAD = 0x10000
_EPERM, _ENOSYS = 1, 38
# Instructions of a BPF filter (linux/bpf_common.h) and its results (seccomp.h).
_LOAD, _EQUAL, _ANY_BIT, _ANSWER = 0x20, 0x15, 0x45, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16


def enclose() -> list[str]:
    """Limits this process, irrevocably.

    Returns:
        What could not be limited here, in words: `"memory"`, `"time"`,
        `"files and network"`.
    """
    missing = _limit()
    if not _filter_calls():
        missing.append("files and network")
    return missing


def _limit() -> list[str]:
    """Limits memory, time and files, as far as the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return ["memory", "time"]

    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + SECONDS
    limits = {
        "RLIMIT_CPU": seconds,
        "RLIMIT_NOFILE": FILES,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
    }
    missing = []
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = int(file.read().split()[0])
        limits["RLIMIT_AS"] = pages * resource.getpagesize() + MEMORY_BYTES
    except OSError:
        # macOS accepts the limit but does not enforce it.
        missing.append("memory")
    for name, value in limits.items():
        kind = getattr(resource, name)
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(kind, (value, value))
    return missing


def _filter_calls() -> bool:
    """Allows only listed system calls (seccomp); returns whether it could."""
    found = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or found is None or sys.maxsize < 2**32:
        return False
    audit, seccomp, _ = found
    program = _write_filter(platform.machine(), audit)
    code = b"".join(struct.pack("<HBBI", *line) for line in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    libc = ctypes.CDLL(None, use_errno=True)
    filter_ = struct.pack("@HP", len(program), ctypes.addressof(buffer))
    # The kernel requires "no new privileges" before a filter.
    if libc.prctl(38, 1, 0, 0, 0):
        return False
    # 1: set a filter; 1: for all threads, including the framework's.
    return libc.syscall(seccomp, 1, 1, filter_) == 0


def _write_filter(machine: str, audit: int) -> list[tuple[int, int, int, int]]:
    """Writes the filter: `(instruction, jump if true, if false, constant)`."""
    _, _, allowed = _MACHINES[machine]
    index = list(_MACHINES).index(machine)
    numbers = {
        name: pair[index]
        for name, pair in _CHECKED.items()
        if pair[index] is not None
    }
    fail, allow = (_ANSWER, 0, 0, _FAIL | _EPERM), (_ANSWER, 0, 0, _ALLOW)
    # The index of the argument that is checked, for forbidden flags or a
    # required value.
    arguments = {"open": 1, "openat": 2, "clone": 0, "tgkill": 0}
    checks: list[tuple[int, int, int, int]] = []
    for name, number in numbers.items():
        if name == "clone3":
            # A filter cannot see its flags; ENOSYS makes callers use clone.
            checks += [
                (_EQUAL, 0, 1, number),
                (_ANSWER, 0, 0, _FAIL | _ENOSYS),
            ]
            continue
        place = _ARGUMENTS + 8 * arguments.get(name, 0)
        test = {
            "open": (_ANY_BIT, 1, 0, _WRITING),
            "openat": (_ANY_BIT, 1, 0, _WRITING),
            "clone": (_ANY_BIT, 0, 1, _THREAD),
            "tgkill": (_EQUAL, 0, 1, os.getpid()),
            "prlimit64": (_EQUAL, 0, 1, 0),
        }[name]
        checks += [
            (_EQUAL, 0, 4, number),
            (_LOAD, 0, 0, place),
            test,
            allow,
            fail,
        ]
    lines = [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 1, 0, audit),
        fail,
        (_LOAD, 0, 0, _NUMBER),
        *checks,
    ]
    # A match jumps to the last instruction, over the remaining ones.
    for left, number in zip(
        range(len(allowed), 0, -1), sorted(allowed), strict=True
    ):
        lines.append((_EQUAL, left, 0, number))
    return [*lines, fail, allow]
