"""The drawing board: pygame's events in, pixels out."""

import time
from collections.abc import Callable, Sequence
from concurrent import futures
from pathlib import Path

import numpy as np

from mnistcnn.board.controls import (
    change_brush,
    eraser_radius,
    find_action,
)
from mnistcnn.board.demo import Demo
from mnistcnn.board.drawings import Drawings
from mnistcnn.board.frames import Frames
from mnistcnn.board.layout import Layout, find_size, fit_scale
from mnistcnn.board.paper import SIZE, Paper
from mnistcnn.board.pointer import LEFT, Pointer
from mnistcnn.board.reader import Reader, await_readers, close_readers
from mnistcnn.board.readings import Readings
from mnistcnn.board.scene import compose
from mnistcnn.board.view import View
from mnistcnn.board.window import open_window, toggle_full_screen
from mnistcnn.canvas import Canvas
from mnistcnn.errors import ConfigError

TITLE = "mnistcnn: draw a digit"
MAX_NETS = 2


def run_board(
    *artifacts: str | None,
    out: str | Path = Path("drawings"),
    scale: float | None = None,
    filters: bool = False,
) -> None:
    """Open the board and stay until it is closed.

    Args:
        artifacts: paths of `.keras` files, two at most, None for the one in
            the package; none is as if that had been given.
        out: folder for what `S` saves.
        scale: of the window; None for one that suits the screen.
        filters: whether feature maps are shown from the start.

    Raises:
        ConfigError: there are more than two artifacts.
        DisplayError: there is no screen, or no pygame.

    Example:
        >>> run_board("digits.keras")  # doctest: +SKIP
    """
    with Board(*artifacts, out=out, scale=scale) as board:
        board.readings.explaining = filters
        while board.step():
            board.wait()


class Board:
    """A window to draw on, its digits read as they are drawn.

    A context manager: at the end, the window and the readers' processes are
    closed. Whoever runs it calls `step` for every frame.

    Args:
        artifacts: as for `run_board`.
        out: folder for what `S` saves.
        factories: make the classifiers, see `Reader`; default: of the
            artifacts.
        scale: pixels for a unit of the drawing; None: what suits the screen.
        seed: of the digits that `D` draws; None: another every time.

    Raises:
        ConfigError: there are more than two artifacts.
        DisplayError: there is no screen, or no pygame.
    """

    def __init__(
        self,
        *artifacts: str | None,
        out: str | Path = Path("drawings"),
        factories: Sequence[Callable[[], object]] | None = None,
        scale: float | None = 1.0,
        seed: int | None = None,
    ):
        artifacts = artifacts or (None,)
        if len(artifacts) > MAX_NETS:
            raise ConfigError(
                f"{len(artifacts)} artifacts were given. Expected one, or "
                f"{MAX_NETS} to be compared: leave some out."
            )
        self.readers = [Reader(artifact=artifact) for artifact in artifacts]
        if factories:
            self.readers = [Reader(factory) for factory in factories]
        self._pygame = open_window(lambda s: self._find_size(s, scale), TITLE)
        self._size = self.surface.get_size()
        self.canvas = Canvas()
        self.readings = Readings(self.canvas, self.readers)
        self.pointer = Pointer(self._pygame, self.canvas)
        self._drawings = Drawings(out)
        self._rng = np.random.default_rng(seed)
        self._frames = Frames(self._pygame)
        self._paper = Paper(self._pygame, self.canvas)
        self._view = View(self._pygame)
        self._notice: tuple[str, bool] | None = None
        self._help = False
        self._demo: Demo | None = None
        self._last = time.perf_counter()
        # A disk can take longer than a frame may.
        self._worker = futures.ThreadPoolExecutor(1)
        self._saving: futures.Future | None = None
        self._painted = None
        self._open = True
        # The window is there before the children cost anything.
        self._paint()
        for reader in self.readers:
            reader.start()

    def __enter__(self) -> "Board":
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def surface(self):
        """The window's surface."""
        return self._pygame.display.get_surface()

    @property
    def layout(self) -> Layout:
        """Where things are in the window as it is now."""
        maps = self.readings.explaining
        size = self.surface.get_size()
        return Layout.of(size, len(self.readers), maps=maps)

    def step(self) -> bool:
        """Take in what happened, and show it.

        Returns:
            Whether the board is still open.
        """
        for event in self._frames.take_events():
            self.handle(event)
        if self._open:
            self._go_on(time.perf_counter())
            self.readings.update()
            self._paint()
        return self._open

    def handle(self, event) -> None:
        """Take in one pygame event."""
        pygame = self._pygame
        if event.type in (pygame.QUIT, pygame.WINDOWCLOSE):
            self._open = False
        elif event.type == pygame.KEYDOWN:
            text = getattr(event, "unicode", "")
            self._act(find_action(pygame.key.name(event.key), text))
        else:
            spot = self._find_press(event)
            action = spot and self._view.find_action(spot)
            if action:
                self._act(action)
                return
            if spot:
                self._stop_demo()
            self.pointer.handle(event, self.layout, self.surface.get_size())
            if self.canvas.drawing or self.canvas.erasing:
                self._notice = None

    def wait(self) -> None:
        """Sleep until the next frame is due, or an answer is there."""
        pen = self.canvas.drawing or self.canvas.erasing
        awaited = self.readings.pending and not pen
        self._frames.wait(
            (lambda seconds: await_readers(self.readers, seconds))
            if awaited
            else None
        )

    def screenshot(self, path: str | Path) -> Path:
        """Save what the window shows as a PNG.

        Args:
            path: the file; its folder is made.

        Returns:
            The path.
        """
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._pygame.image.save(self.surface, str(path))
        return path

    def close(self) -> None:
        """Close the window and end the readers' processes."""
        self._open = False
        close_readers(self.readers)
        self._worker.shutdown()
        self._pygame.quit()

    def _find_size(self, screen, scale):
        nets = len(self.readers)
        return find_size(nets, scale or fit_scale(nets, screen))

    def _find_press(self, event):
        """Return where a button or a finger was put down, or None."""
        pygame = self._pygame
        if getattr(event, "touch", False):
            return None
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == LEFT:
            return event.pos
        if event.type == pygame.FINGERDOWN:
            width, height = self.surface.get_size()
            return event.x * width, event.y * height
        return None

    def _act(self, action):
        if action is None:
            return
        self._notice = None
        word, _, label = action.partition(" ")
        if word != "demo":
            self._stop_demo()
        if word == "label":
            self._label(label)
        elif word in ("clear", "undo", "redo"):
            getattr(self.canvas, word)()
        elif word in ("thinner", "thicker"):
            steps = 1 if word == "thicker" else -1
            self.pointer.brush = change_brush(self.pointer.brush, steps)
            self._notice = f"Brush: {self.pointer.brush:g}", False
        else:
            getattr(self, f"_do_{word}")()

    def _label(self, label):
        self.canvas.pen_up()
        self.readings.update()
        latest = self.readings.latest
        if latest is None:
            self._notice = "No digit to name: draw one first.", False
            return
        self.canvas.label([stroke.number for stroke in latest.strokes], label)

    def _do_erase(self):
        self.canvas.pen_up()
        self.pointer.eraser = not self.pointer.eraser

    def _do_filters(self):
        self.readings.explaining = not self.readings.explaining

    def _do_help(self):
        self._help = not self._help

    def _do_full_screen(self):
        if not self.surface.get_flags() & self._pygame.FULLSCREEN:
            self._size = self.surface.get_size()
        toggle_full_screen(self._pygame, self._size)

    def _do_leave(self):
        if self._help:
            self._help = False
        elif self.surface.get_flags() & self._pygame.FULLSCREEN:
            self._do_full_screen()
        else:
            self._open = False

    def _do_save(self):
        self.canvas.pen_up()
        self.readings.update()
        digits = self.readings.digits
        if not digits:
            self._notice = "Nothing to save: no digit on the paper.", False
        elif not self._saving:
            net = self.readers[0].net
            self._saving = self._worker.submit(
                self._drawings.save,
                list(digits),
                net=net.name if net else "",
                shape=SIZE[::-1],
            )

    def _do_demo(self):
        if self._demo:
            self._stop_demo()
        else:
            self._demo = Demo(self.canvas, self._rng)

    def _stop_demo(self):
        if self._demo:
            self._demo.stop()
            self._demo = None

    def _go_on(self, now):
        """Go on with what takes its time."""
        if self._demo and not self._demo.advance(now - self._last):
            self._stop_demo()
            self._notice = "No free place left: N clears the paper.", False
        self._last = now
        if self._saving and self._saving.done():
            self._notice = _say_saved(self._saving)
            self._saving = None

    def _paint(self):
        layout = self.layout
        scene = compose(
            self.readings,
            self.readers,
            self._notice,
            help=self._help,
            pointer=self._find_pointer(),
            eraser=self.pointer.eraser,
        )
        size = self.surface.get_size()
        seen = (size, layout, self.canvas.revision, scene)
        if seen != self._painted:
            sheet = self._paper.paint(layout.paper[2:])
            self._view.paint(self.surface, layout, sheet, scene)
            self._painted = seen
            self._pygame.display.flip()

    def _find_pointer(self):
        pointer = self.pointer
        if pointer.spot is None:
            return None
        width = pointer.brush
        if pointer.erases:
            width = 2 * eraser_radius(pointer.brush)
        return pointer.spot, width, pointer.erases


def _say_saved(saving):
    try:
        saved = saving.result()
    except ConfigError as error:
        return str(error), True
    done = []
    if saved.new:
        done.append(f"{saved.new} digit{'s' * (saved.new > 1)} saved")
    if saved.changed:
        done.append(f"{saved.changed} label{'s' * (saved.changed > 1)} changed")
    if not done:
        return f"All of it is saved already: {saved.table}", False
    return f"{', '.join(done)}: {saved.table}", False
