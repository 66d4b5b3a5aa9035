"""How quickly files are refused, and with how much memory.

`python refusals.py DOOR FILE...` imports the package but no framework, opens
each file in a separate fork of that process, and prints a line of JSON for
each.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mnistcnn import inspect_artifact
from mnistcnn.data import generate, load_data
from mnistcnn.errors import ArtifactError, MnistcnnError
from mnistcnn.pictures import read_image

MAX_SECONDS = 0.05
MAX_BYTES = 64 << 20
DOORS: dict[str, Callable] = {
    "artifact": inspect_artifact,
    "image": read_image,
    "data": load_data,
}


def measure_refusals(door: str, paths: Sequence[Path]) -> list[dict]:
    """Opens files with one of our functions.

    Args:
        door: a key of `DOORS`.
        paths: of the files.

    Returns:
        For each its `name`; its `code`, that of an `ArtifactError`, otherwise
        the error's class, or what went wrong; `seconds`, the best of three;
        `bytes` of memory it took; and the `frameworks` that were imported.
    """
    command = [sys.executable, __file__, door, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def summarize(rows: Sequence[dict]) -> dict:
    """Makes the figures of a proof: the maximum over all files."""
    return {
        "files": len(rows),
        "longest_of_best_of_three_seconds": max(row["seconds"] for row in rows),
        "most_bytes": max(row["bytes"] for row in rows),
        "with_a_framework": sum(bool(row["frameworks"]) for row in rows),
    }


def is_quick(found: dict) -> bool:
    """Whether a summary is within 50 ms and 64 MiB, without a framework."""
    return (
        found["longest_of_best_of_three_seconds"] <= MAX_SECONDS
        and found["most_bytes"] <= MAX_BYTES
        and not found["with_a_framework"]
    )


def main() -> None:
    """Opens what the command line names, each file in a fork."""
    open_file = DOORS[sys.argv[1]]
    # Loads what the package imports lazily.
    inspect_artifact()
    generate(limit=1)
    for path in sys.argv[2:]:
        sys.stdout.flush()
        child = os.fork()
        if not child:
            print(json.dumps(_look(open_file, path)), flush=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            row = {"code": f"died {status}", "seconds": 0, "bytes": 0}
            name = {"name": Path(path).name, "frameworks": []}
            print(json.dumps(row | name), flush=True)


def _look(open_file: Callable, path: str) -> dict:
    # Resets the peak, so that only this file's memory is measured.
    Path("/proc/self/clear_refs").write_text("5")
    before = _memory("VmRSS")
    code = _refuse(open_file, path)
    growth = _memory("VmHWM") - before
    seconds = []
    # The best of three, to exclude time that other processes took.
    for _ in range(3):
        start = time.perf_counter()
        _refuse(open_file, path)
        seconds.append(time.perf_counter() - start)
    frameworks = {"keras", "jax", "torch", "tensorflow"} & set(sys.modules)
    return {
        "name": Path(path).name,
        "code": code,
        "seconds": min(seconds),
        "bytes": growth,
        "frameworks": sorted(frameworks),
    }


def _refuse(open_file: Callable, path: str) -> str:
    try:
        open_file(path)
    except MnistcnnError as error:
        if len(str(error)) > 300 or not str(error).isprintable():
            return "not one short line"
        own = isinstance(error, ArtifactError)
        return error.code if own else type(error).__name__
    except BaseException as error:
        return type(error).__name__
    return "accepted"


def _memory(name: str) -> int:
    text = Path("/proc/self/status").read_text()
    line = next(row for row in text.splitlines() if row.startswith(name))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
