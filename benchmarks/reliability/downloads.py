"""Kills a download at fifty byte offsets."""

import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import numpy as np

BODY = bytes(range(256)) * 4000
KILLS = 50

CHILD = """
import sys, time
from pathlib import Path
from typing import cast
from mnistcnn.data.download import download_file

def verify(path):
    print("verifying", flush=True)
    time.sleep(60)

download_file(sys.argv[1], Path(sys.argv[2]), verify=verify, max_bytes=1 << 21,
         timeout=60)
"""


class Server(ThreadingHTTPServer):
    """Says when it has sent its part of the body, and waits to be done."""

    def __init__(self, sent: int):
        super().__init__(("127.0.0.1", 0), Handler)
        self.sent = sent
        self.reached, self.done = threading.Event(), threading.Event()


class Handler(BaseHTTPRequestHandler):
    """Sends as many bytes as the server says, then nothing."""

    def do_GET(self):
        """Sends the header and a part of the body."""
        server = cast(Server, self.server)
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY[: server.sent])
        self.wfile.flush()
        server.reached.set()
        server.done.wait(60)

    def log_message(self, format, *_):
        """Says nothing."""


def prove(*, seed: int, quick: bool) -> dict:
    """Kills at fifty offsets, the last the whole: no file of the final name."""
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
    # Each had begun to write, or the kill proves nothing.
    passed = (
        found["files_under_the_final_name"] == 0
        and found["part_files"] == kills
    )
    return {"passed": passed, "faults": [], **found}


def _kill_at(offset: int, folder: Path) -> None:
    server = Server(offset)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/mnist.npz"
    path = folder / "mnist.npz"
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, url, str(path)], stdout=subprocess.PIPE
    ) as child:
        server.reached.wait(60)
        if offset == len(BODY):
            next(iter(child.stdout or ()))
        # What was sent is on its way through the socket.
        time.sleep(0.05)
        child.kill()
    server.done.set()
    server.shutdown()
    server.server_close()
    thread.join()
