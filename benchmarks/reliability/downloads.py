"""Kills a download at fifty byte offsets."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from liar import OK, Liar

BODY = bytes(range(256)) * 4000
KILLS = 50

CHILD = """
import sys, time
from pathlib import Path
from mnistcnn.data.download import download_file

def verify(path):
    print("verifying", flush=True)
    time.sleep(60)

download_file(sys.argv[1], Path(sys.argv[2]), verify=verify, max_bytes=1 << 21,
         timeout=60)
"""


def prove(*, seed: int, quick: bool) -> dict:
    """Kills at fifty offsets, one at the end: no file of the final name."""
    rng = np.random.default_rng(seed)
    kills = 4 if quick else KILLS
    offsets = [*sorted(rng.integers(0, len(BODY), kills - 1)), len(BODY)]
    found = {"kills": 0, "files_under_the_final_name": 0, "part_files": 0}
    for offset in offsets:
        with tempfile.TemporaryDirectory() as folder:
            _kill_at(int(offset), Path(folder))
            names = [path.name for path in Path(folder).iterdir()]
        found["kills"] += 1
        found["files_under_the_final_name"] += "mnist.npz" in names
        found["part_files"] += any(name.endswith(".part") for name in names)
    # Each must have begun to write, otherwise the kill proves nothing.
    passed = (
        found["files_under_the_final_name"] == 0
        and found["part_files"] == kills
    )
    return {"passed": passed, "faults": [], **found}


def _kill_at(offset: int, folder: Path) -> None:
    head = OK + b"Content-Length: %d\r\n\r\n" % len(BODY)
    server = Liar(head + BODY[:offset], b"")
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, server.url, str(folder / "mnist.npz")],
        stdout=subprocess.PIPE,
    ) as child:
        server.begun.wait(60)
        if offset == len(BODY):
            next(iter(child.stdout or ()))
        # Gives the sent bytes time to pass through the socket.
        time.sleep(0.05)
        child.kill()
    server.close()
