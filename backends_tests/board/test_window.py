import functools
import gc
import itertools
import os
import signal
import subprocess
import sys
import time
import tracemalloc
import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest
from board_hand import (
    await_ends,
    down,
    event,
    ink,
    move,
    press,
    send,
    seven,
    sheet,
    up,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnistcnn.board import style
from mnistcnn.board.app import Board
from mnistcnn.board.demo import CELLS, write_digit
from mnistcnn.board.layout import Layout, find_size, fit_scale
from mnistcnn.board.reader import Reader
from mnistcnn.board.sessions import demo_screenshot, draw_by_mouse, run_board
from mnistcnn.board.window import Frames
from mnistcnn.errors import ConfigError, DisplayError

pytestmark = pytest.mark.core
HELPERS = Path(__file__).parents[1] / "helpers"
# 10,000 with --hypothesis-profile=thorough.
SEQUENCES = max(settings().max_examples, 100)
RESIZES = 1000
RED = style.NETWORKS[0]
WINDOW = find_size()


def test_frames_come_while_the_net_sleeps(stub, pg):
    with Board(factories=[stub.sleep]) as board:
        times = []
        for step in range(60):
            begin = time.perf_counter()
            send(board, pg, down(pg, 100 + step, 300), up(pg, 100 + step, 300))
            times.append(time.perf_counter() - begin)
    # A machine that tests in parallel is no stopwatch.
    assert sorted(times)[-5] < 0.5


@pytest.fixture
def frames(mute_board, pg):
    """A clock whose next frame is a long time away."""
    pg.event.clear()
    frames = Frames(pg)
    frames._due = time.perf_counter() + 60
    return frames


def test_a_button_or_a_key_is_taken_in_before_the_frame_is_due(frames, pg):
    kinds = [pg.MOUSEMOTION, pg.MOUSEMOTION, pg.MOUSEBUTTONUP, pg.MOUSEMOTION]
    for kind in kinds:
        pg.event.post(pg.event.Event(kind))
    frames.wait(None)
    # In their order, and none lost.
    assert [event.type for event in frames.take_events()] == kinds
    assert frames.take_events() == []


def test_an_answer_is_shown_before_the_frame_is_due(frames):
    asked = []
    frames.wait(lambda seconds: asked.append(seconds) or True)
    assert 59 < asked[0] <= 61
    # The next frame is due a frame from now, not from a minute.
    assert frames._due <= time.perf_counter()


def test_motions_wait_until_the_frame_is_due(mute_board, pg):
    pg.event.clear()
    frames = Frames(pg)
    for _ in range(20):
        pg.event.post(pg.event.Event(pg.MOUSEMOTION))
    begin = time.perf_counter()
    frames.wait(None)
    assert time.perf_counter() - begin > 0.9 / 60
    assert len(frames.take_events()) == 20


# === The window ===


def test_resizes_keep_ink_and_never_fail(mute_board, pg):
    seven(mute_board, pg)
    before = mute_board.canvas.ink
    image = mute_board.readings.digits[0].image
    rng = np.random.default_rng(0)
    sizes = [(1, 1), (1, 900), (3000, 1), (3840, 2160), (0, 280), (0, 0)]
    # As many small ones as large ones, from a pixel to 4K.
    shares = rng.random((RESIZES, 2))
    sizes += (np.array([3840.0, 2160.0]) ** shares).astype(int).tolist()
    for size in sizes:
        with warnings.catch_warnings():
            # pygame-ce says that it takes the whole screen for (0, n).
            warnings.simplefilter("ignore", RuntimeWarning)
            pg.display.set_mode(size, pg.RESIZABLE)
        mute_board.step()
        assert mute_board.canvas.ink is before
    pg.display.set_mode(WINDOW, pg.RESIZABLE)
    mute_board.step()
    assert ink(mute_board).max() > 0.9
    assert np.array_equal(mute_board.readings.digits[0].image, image)


def test_many_strokes_and_motions_cost_little_memory(mute_board, pg):
    board = mute_board
    # What is made once, for any drawing, does not count.
    scribble(board, pg, 200)
    tracemalloc.start()
    scribble(board, pg, 400)
    gc.collect()  # when garbage is collected is chance
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(board.canvas.ink) == 600
    # A 25th of what the benchmark does, and of what it may cost.
    assert used < 11 * 2**20 / 25


def scribble(board, pg, strokes):
    for number in range(strokes):
        x, y = 40 + number % 800, 100 + number % 500
        board.handle(event(pg, *down(pg, x, y)))
        for step in range(1, 21):
            board.handle(event(pg, *move(pg, x + step % 7, y + step)))
        board.handle(event(pg, *up(pg, x, y)))
    board.step()


def test_a_window_without_a_pixel_is_painted(mute_board, pg, monkeypatch):
    seven(mute_board, pg)
    for size in ((0, 0), (0, 50), (50, 0)):
        window = pg.Surface(size)
        monkeypatch.setattr(Board, "surface", window)
        assert mute_board.step()


def test_an_uncovered_window_is_painted_again(mute_board, pg):
    seven(mute_board, pg)
    shown = sheet(mute_board).copy()
    for name in ("WINDOWEXPOSED", "WINDOWRESTORED"):
        mute_board.surface.fill((0, 0, 0))
        send(mute_board, pg, (getattr(pg, name), {}))
        assert np.array_equal(sheet(mute_board), shown)


def test_the_same_hand_draws_the_same_in_any_window(mute_board, pg):
    images = []
    for size in (WINDOW, (1900, 1200)):
        pg.display.set_mode(size, pg.RESIZABLE)
        press(mute_board, pg, "n")
        strokes = write_digit(5, 3, np.random.default_rng(1))
        draw_by_mouse(mute_board, strokes)
        images.append(mute_board.readings.digits[0].image.astype(int))
    # A window's pixels are whole, so the points differ by half of one.
    assert np.abs(images[0] - images[1]).mean() < 4


def test_layouts_map_there_and_back():
    for size in ((0, 0), (5, 5), (640, 480), WINDOW, (3840, 2160)):
        layout = Layout.of(size)
        assert all(side > 0 for side in layout.paper[2:])
    layout = Layout.of((1900, 1300))
    assert layout.scale > 1
    for point in ((0, 0), (440, 300), (870, 590)):
        back = layout.to_drawing(*layout.to_window(*point))
        assert np.allclose(back, point, atol=1)
    assert layout.to_drawing(1899, 600) is None
    assert Layout.of((300, 500)).panels == ()
    assert len(Layout.of(WINDOW, 2).panels) == 2
    assert Layout.of(WINDOW).maps is None
    # Nothing lies over anything else, or outside.
    for size in (WINDOW, (1400, 700), (900, 900), find_size(2, 2.0)):
        for networks in (1, 2):
            layout = Layout.of(size, networks, maps=True)
            parts = [layout.paper, *layout.panels, layout.maps]
            for one, two in itertools.pairwise(parts):
                assert one[0] + one[2] <= two[0]
            assert parts[-1][0] + parts[-1][2] <= size[0]


def test_a_window_and_its_words_suit_the_screen():
    assert fit_scale(1, (1920, 1080)) == 1.0
    assert fit_scale(1, (3840, 2160)) == 2.0
    assert 0.6 <= fit_scale(1, (1366, 768)) < 1
    assert 0.6 <= fit_scale(2, (1, 1)) < 1
    for scale in (1.0, 2.0):
        layout = Layout.of(find_size(2, scale), 2)
        assert (layout.unit, layout.scale) == (scale, scale)


keys = st.sampled_from([*"nzydsefh[]x073", "f11"])
spot = st.tuples(st.integers(-200, 1400), st.integers(-200, 1000))
buttons = st.sampled_from([(0, 0, 0), (1, 0, 0), (0, 0, 1), (1, 0, 1)])
happening = st.one_of(
    st.tuples(st.just("down"), spot, st.integers(1, 3)),
    st.tuples(st.just("move"), spot, buttons),
    st.tuples(st.just("up"), spot, st.integers(1, 3)),
    st.tuples(st.just("key"), keys),
    st.tuples(st.just("wheel"), st.integers(-3, 3)),
    st.tuples(
        st.sampled_from(["FINGERDOWN", "FINGERMOTION", "FINGERUP"]),
        spot,
        st.integers(1, 2),
    ),
    st.tuples(
        st.just("window"),
        st.sampled_from(["WINDOWLEAVE", "WINDOWFOCUSLOST", "WINDOWENTER"]),
    ),
    st.tuples(st.just("size"), spot),
)


@settings(
    max_examples=SEQUENCES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(happenings=st.lists(happening, max_size=25))
def test_any_events_in_any_order_are_survived(mute_board, pg, happenings):
    board, kinds = mute_board, {"down": down, "move": move, "up": up}
    press(board, pg, "n")
    for name, *rest in happenings:
        if name in kinds:
            send(board, pg, kinds[name](pg, *rest[0], rest[1]))
        elif name == "key":
            press(board, pg, rest[0])
        elif name == "wheel":
            send(board, pg, (pg.MOUSEWHEEL, {"x": 0, "y": rest[0]}))
        elif name == "window":
            send(board, pg, (getattr(pg, rest[0]), {}))
        elif name == "size":
            size = tuple(max(side, 1) for side in rest[0])
            pg.display.set_mode(size, pg.RESIZABLE)
            board.step()
        else:
            x, y = rest[0][0] / 1160, rest[0][1] / 768
            content = {"x": x, "y": y, "finger_id": rest[1]}
            send(board, pg, (getattr(pg, name), content))
    board.workspace.stop_demo()
    board.canvas.pen_up()
    for stroke in board.canvas.ink:
        assert np.isfinite(stroke.points).all()
        assert (stroke.points >= -0.01).all()
        assert (stroke.points <= (880.01, 600.01)).all()
    # The sheet shows the ink, and as it would be painted afresh.
    pg.display.set_mode(WINDOW, pg.RESIZABLE)
    board.workspace.help = board.readings.explaining = False
    board.step()
    # Not the window: a message of the example before may stand on it.
    size = board.layout.paper[2:]
    pieces = pg.surfarray.array_red(board._paper.paint(size)).astype(int)
    board._paper._sheet = None
    afresh = pg.surfarray.array_red(board._paper.paint(size)).astype(int)
    # A joint's soft edge may differ; ink that is there, or not, is 226.
    assert np.abs(pieces - afresh).max() < 113
    assert (afresh.min() < 140) == bool(board.canvas.ink)


def test_a_picture_of_what_the_window_shows(mute_board, pg, tmp_path):
    seven(mute_board, pg)
    path = mute_board.screenshot(tmp_path / "new" / "shot.png")
    picture = cv2.imread(str(path))[..., ::-1]
    shown = pg.surfarray.array3d(mute_board.surface).swapaxes(0, 1)
    assert np.array_equal(picture, shown)


def test_the_demos_picture_shows_ten_readings(stub, monkeypatch, tmp_path):
    monkeypatch.setattr(
        "mnistcnn.board.workspace.Reader",
        lambda **_: Reader(stub.Stub),
    )
    path = demo_screenshot(tmp_path / "demo.png", seed=3)
    red = (cv2.imread(str(path))[..., ::-1] == RED).all(-1)
    left, top, across, tall = Layout.of(WINDOW).paper
    for cell in range(CELLS):
        row, column = divmod(cell, 5)
        x, y = left + column * across // 5, top + row * tall // 2
        assert red[y : y + tall // 2, x : x + across // 5].sum() > 500


@pytest.mark.parametrize("name", ["a.keras", "a.jpg", "a", "net.png"])
def test_no_network_is_replaced_by_a_picture(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"kept")
    with pytest.raises(ConfigError, match="for the screenshot. Expected"):
        demo_screenshot(path, str(tmp_path / "net.png"))
    assert path.read_bytes() == b"kept"


# === No display, no pygame, no framework ===


def run_script(script, **environment):
    begin = time.perf_counter()
    result = subprocess.run(
        [sys.executable, "-c", script],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([*sys.path, str(HELPERS)]),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    return result, time.perf_counter() - begin


REFUSED = """
from mnistcnn.board import run_board
from mnistcnn.errors import DisplayError
import time
begin = time.perf_counter()
try:
    run_board()
except DisplayError as error:
    assert time.perf_counter() - begin < 5
    print(error)
"""


@pytest.mark.parametrize(
    ("environment", "received"),
    [
        ({}, "neither DISPLAY nor WAYLAND_DISPLAY is set"),
        ({"DISPLAY": ":987"}, "only SDL's invisible"),
        ({"SDL_VIDEODRIVER": "x11"}, "x11 not available"),
        ({"SDL_VIDEODRIVER": "nonsense"}, "nonsense not available"),
    ],
)
def test_no_display_is_said_in_one_line(environment, received):
    result, _ = run_script(REFUSED, **environment)
    assert result.returncode == 0, result.stderr
    (line,) = result.stdout.splitlines()
    if not environment:
        assert result.stderr == ""
    assert line.startswith(f"No display. Received: {received}")
    assert "Expected: a screen" in line
    assert "Do: start it on a desktop" in line


def test_the_command_line_says_it_in_one_line_and_exits_with_2():
    done = subprocess.run(
        [sys.executable, "-m", "mnistcnn", "board"],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "No display. Received: neither DISPLAY nor WAYLAND_DISPLAY" in line


TERMINATED = """
import os, signal, sys
import stub_classifier
from mnistcnn.board.app import Board
if __name__ == "__main__":
    with Board(factories=[stub_classifier.sleep] * 2) as board:
        board.step()
        print(*[reader.pid for reader in board.readers], flush=True)
        while board.step():
            board.wait()
    print("closed")
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_closes_the_board_and_leaves_no_process(tmp_path, name):
    script = tmp_path / "board.py"
    script.write_text(TERMINATED)
    process = subprocess.Popen(
        [sys.executable, script],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([*sys.path, str(HELPERS)]),
            "SDL_VIDEODRIVER": "dummy",
            "PYGAME_HIDE_SUPPORT_PROMPT": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        pids = [int(pid) for pid in process.stdout.readline().split()]
        process.send_signal(getattr(signal, name))
        process.wait(20)
    assert len(pids) == 2
    await_ends(*pids)


def test_without_pygame_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygame", None)
    with pytest.raises(DisplayError, match=r'pip install "mnistcnn\[board\]"'):
        run_board()


FIRST = """
import sys
import time
begin = time.process_time()
import stub_classifier
from mnistcnn.board.app import Board
assert "pygame" not in sys.modules
with Board(factories=[stub_classifier.Mapped]) as board:
    first = time.process_time() - begin
    board.step()
    board.canvas.pen_down(100, 100)
    board.canvas.pen_move(100, 200)
    board.readings.explaining = True
    while not board.readings.complete:
        board.step()
        board.wait()
    # Answers bring no framework along either.
    assert board.readers[0].why.maps[0].maps.shape == (1, 28, 28)
    names = ("keras", "jax", "torch", "tensorflow", "matplotlib")
    print(first, [name for name in names if name in sys.modules])
"""


def test_the_first_frame_comes_before_any_framework():
    result, _ = run_script(FIRST, SDL_VIDEODRIVER="dummy")
    assert result.returncode == 0, result.stderr
    seconds, names = result.stdout.split(" ", 1)
    assert names.strip() == "[]"
    # Of the processor, not of a clock: other tests run beside this one.
    assert float(seconds) < 2


def test_the_loop_runs_until_the_window_is_closed(stub, pg, monkeypatch):
    monkeypatch.setattr(
        "mnistcnn.board.sessions.Board",
        functools.partial(Board, factories=[stub.Stub]),
    )
    steps = []

    def step(self):
        steps.append(self)
        return len(steps) < 4

    monkeypatch.setattr(Board, "step", step)
    run_board()
    assert len(steps) == 4
    assert steps[0].readers[0].pid is None
    assert not pg.display.get_init()
