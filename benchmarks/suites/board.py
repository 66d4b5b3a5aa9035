"""The board: how fast it starts, how evenly it runs, how fast it reads.

On the screen that `DISPLAY` names, if there is one, otherwise on SDL's dummy
driver, which computes every frame and shows none; the case says which.
"""

import itertools
import os
import subprocess
import sys
import time
from contextlib import nullcontext

from formats.records import Record
from suites.drawing_hand import (
    LOADING_SECONDS,
    MOTION_SECONDS,
    Hand,
    Opened,
    busy_core,
    is_named,
    rest,
    scribble,
    turn,
    wait_until_loaded,
)

VERSION = 1
REPEATS = 3
WARMUP = 0
SECONDS, QUICK_SECONDS = 5.0, 3.0  # of drawing with a loaded network
PEN_UPS, QUICK_PEN_UPS = 50, 20
STROKES = 10_000

# Runs the command line, records when the first frame is shown, and exits. The
# clock is the machine's, so that the parent's start time can be subtracted.
_START = """
import sys, time
from mnistcnn.board import sessions
class Board(sessions.Board):
    def _paint(self):
        super()._paint()
        shown = time.clock_gettime(time.CLOCK_MONOTONIC)
        loaded = {"keras", "jax", "torch", "tensorflow"} & set(sys.modules)
        sys.stdout.write(f"{shown} {len(loaded)}\\n")
        sys.stdout.flush()
        self._pygame.quit()
        sys.exit(0)
sessions.Board = Board
from mnistcnn.cli import main
sys.argv[1:] = ["board"]
main()
"""


def plan(quick: bool) -> list[dict]:
    """Plans the measurements, with the window's scale where it matters."""
    return [
        {"what": "start"},
        {"what": "frames", "scale": 1},
        {"what": "frames", "scale": 2},
        {"what": "label"},
        {"what": "label", "beside": "a busy core"},
        {"what": "quit"},
        {"what": "memory"},
    ]


def measure(job: dict) -> tuple[list[Record], dict]:
    """Measures one of them."""
    if not os.environ.get("DISPLAY"):
        os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    driver = os.environ.get("SDL_VIDEODRIVER") or "x11"
    measures = {
        "start": _measure_start,
        "frames": _measure_frames,
        "label": _measure_label,
        "quit": _measure_quit,
        "memory": _measure_memory,
    }
    found = measures[job["what"]](job)
    records = [
        Record({**case, "driver": driver}, metric, value)
        for case, metric, value in found
    ]
    pen_ups = QUICK_PEN_UPS if job["quick"] else PEN_UPS
    return records, {"hand_seconds": MOTION_SECONDS, "pen_ups": pen_ups}


def _measure_start(job):
    begin = time.clock_gettime(time.CLOCK_MONOTONIC)
    # -P: the installed package, not the one in the current folder.
    done = subprocess.run(
        [sys.executable, "-P", "-c", _START],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    shown, frameworks = done.stdout.split()[-2:]
    if frameworks != "0":
        raise ValueError("a framework was imported before the first frame")
    yield {"what": "first_frame"}, "seconds", float(shown) - begin
    nowhere = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
    }
    begin = time.perf_counter()
    command = [sys.executable, "-P", "-m", "mnistcnn", "board"]
    done = subprocess.run(command, env=nowhere, capture_output=True, text=True)
    seconds = time.perf_counter() - begin
    if done.returncode != 2 or len(done.stderr.splitlines()) != 1:
        raise ValueError(f"no display gave {done.returncode}: {done.stderr}")
    yield {"what": "no_display"}, "seconds", seconds


def _measure_frames(job):
    scale = job["scale"]
    seconds = QUICK_SECONDS if job["quick"] else SECONDS
    flips = []
    with Opened(scale, flips) as board, Hand(board, draws=True):
        wait_until_loaded(board)
        loaded = len(flips)
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            turn(board, end + LOADING_SECONDS)
    phases = {"loading": flips[:loaded], "predicting": flips[loaded:]}
    for phase, times in phases.items():
        case = {"what": "frame_interval", "while": phase, "scale": scale}
        between = [b - a for a, b in itertools.pairwise(times)]
        yield from _summarize(case, between)


def _measure_label(job):
    import numpy as np

    rng = np.random.default_rng(0)
    flips, times = [], []
    beside = {key: job[key] for key in job.keys() & {"beside"}}
    with busy_core() if beside else nullcontext(), Opened(1, flips) as board:
        wait_until_loaded(board)
        for number in range(QUICK_PEN_UPS if job["quick"] else PEN_UPS):
            if number % 6 == 0:
                board.canvas.clear()
            with Hand(board, draws=False, place=number % 6) as hand:
                # At a random moment within a frame, as by a real hand.
                hand.pause = float(rng.uniform(0, 1 / 60))
                end = time.perf_counter() + LOADING_SECONDS
                while not is_named(board, hand):
                    turn(board, end)
                times.append(flips[-1] - hand.lifted)
            rest(board, 0.05)
    yield from _summarize({"what": "pen_up_to_label"} | beside, times)


def _measure_quit(job):
    from mnistcnn.board.app import Board

    board = Board()
    pids = [reader.pid for reader in board.readers]
    rest(board, 0.5)
    if any(reader.state != "loading" for reader in board.readers):
        raise ValueError("the network was loaded before the board was closed")
    begin = time.perf_counter()
    board.close()
    seconds = time.perf_counter() - begin
    for pid in pids:
        try:
            os.kill(pid or 0, 0)
        except ProcessLookupError:
            continue
        raise ValueError(f"process {pid} is left behind")
    yield {"what": "quit_while_loading"}, "seconds", seconds


def _measure_memory(job):
    from mnistcnn.board.app import Board
    from mnistcnn.board.reader import Reader

    Reader.start = lambda self: None
    with Board() as board:
        scribble(board, 500)  # one-time costs are not measured
        board.canvas.__init__()
        board.step()
        before = _resident_bytes()
        scribble(board, STROKES)
        if len(board.canvas.ink) != STROKES:
            raise ValueError("strokes were lost")
        yield {"what": "memory_growth"}, "bytes", _resident_bytes() - before


def _resident_bytes():
    with open("/proc/self/statm", encoding="ascii") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _summarize(case, seconds):
    import numpy as np

    p50, p95, p99 = np.percentile(seconds, (50, 95, 99)) * 1e6
    yield case, "microseconds", p50
    yield case, "p95_microseconds", p95
    yield case, "p99_microseconds", p99
    yield case, "max_microseconds", max(seconds) * 1e6
