"""Opens every hostile artifact of the tests, and measures the refusal.

The files are those that the tests make: they are run with a `refuse` that
keeps the bytes. Each is then opened in a fork of its own of a process that
has imported the package and no framework.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2] / "backends_tests"
FILES = ("test_container.py", "test_config.py", "test_weights.py")
MAX_SECONDS = 0.05
MAX_BYTES = 64 << 20

CHILD = """
import json, os, sys, time
import numpy, h5py
from mnistcnn import inspect_artifact
from mnistcnn.errors import ArtifactError

def memory(name):
    for line in open("/proc/self/status"):
        if line.startswith(name):
            return int(line.split()[1]) * 1024

def refuse(path):
    try:
        inspect_artifact(path)
        return "accepted"
    except ArtifactError as error:
        if len(str(error)) > 200 or not str(error).isprintable():
            return "not one short line"
        return error.code
    except BaseException as error:
        return type(error).__name__

def look(path):
    # Forgets the highest use so far: what is measured is this file's.
    with open("/proc/self/clear_refs", "w") as stream:
        stream.write("5")
    before = memory("VmRSS")
    code = refuse(path)
    growth = memory("VmHWM") - before
    seconds = []
    # Thrice: other processes' turns are not this file's time.
    for _ in range(3):
        start = time.perf_counter()
        refuse(path)
        seconds.append(time.perf_counter() - start)
    frameworks = {"keras", "jax", "torch", "tensorflow"} & set(sys.modules)
    print(json.dumps([os.path.basename(path), code, min(seconds), growth,
                      sorted(frameworks)]), flush=True)

# Reading the good one first: what the package loads late is loaded.
inspect_artifact()
for path in sys.argv[1:]:
    child = os.fork()
    if not child:
        look(path)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        print(json.dumps([os.path.basename(path), f"died {status}", 0, 0, []]),
              flush=True)
"""


def prove(*, seed: int, quick: bool) -> dict:
    """Opens every hostile file: its code, 50 ms, 64 MiB, no framework."""
    del seed  # The files are what they are.
    with tempfile.TemporaryDirectory() as folder:
        codes = _collect(Path(folder))
        if quick:
            codes = dict(list(codes.items())[:20])
        paths = [str(Path(folder) / name) for name in codes]
        done = subprocess.run(
            [sys.executable, "-c", CHILD, *paths],
            capture_output=True,
            text=True,
            check=True,
        )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    faults = [
        f"{name}: {code}, expected {codes[name]}"
        for name, code, *_ in rows
        if code != codes[name]
    ]
    found = {
        "files": len(rows),
        "codes": len(set(codes.values())),
        "refused_with_their_code": len(rows) - len(faults),
        "longest_of_best_of_three_seconds": max(row[2] for row in rows),
        "most_bytes": max(row[3] for row in rows),
        "with_a_framework": sum(bool(row[4]) for row in rows),
    }
    passed = (
        not faults
        and len(rows) == len(codes)
        and found["longest_of_best_of_three_seconds"] <= MAX_SECONDS
        and found["most_bytes"] <= MAX_BYTES
        and not found["with_a_framework"]
    )
    return {"passed": passed, "faults": faults[:5], **found}


def _collect(folder: Path) -> dict[str, str]:
    """Writes the tests' files into a folder; names to expected codes."""
    sys.path.insert(0, str(TESTS / "helpers"))
    import artifact_fixtures

    codes: dict[str, str] = {}
    seen = set()

    def keep(data: bytes, code: str, text: str) -> None:
        if data not in seen:
            seen.add(data)
            name = f"{len(codes):03}.keras"
            (folder / name).write_bytes(data)
            codes[name] = code

    artifact_fixtures.refuse = keep
    stdout = os.dup(1)
    # pytest's report is not ours.
    with open(os.devnull, "w") as silence:
        os.dup2(silence.fileno(), 1)
        options = ["-q", "-m", "core", "-p", "no:cacheprovider"]
        paths = [str(TESTS / "artifact" / name) for name in FILES]
        code = pytest.main([*options, "-k", "refused", *paths])
    os.dup2(stdout, 1)
    if code or len(codes) < 50:
        raise RuntimeError(f"the tests gave {len(codes)} files, {code!r}")
    return codes
