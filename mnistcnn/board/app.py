"""The drawing board: pygame's events in, pixels out.

Controls: the left mouse button or a finger draws; N clears, Z takes back, Y
does again, S saves, D draws a digit for you, Escape quits.
"""

import functools
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mnistcnn.board.demo import (
    CELLS,
    await_readings,
    draw_by_mouse,
    free_cell,
    write_digit,
)
from mnistcnn.board.drawings import save_drawing
from mnistcnn.board.layout import WINDOW, Layout
from mnistcnn.board.paper import PEN, SIZE, Paper
from mnistcnn.board.pointer import Pointer
from mnistcnn.board.reader import Reader
from mnistcnn.board.readings import Readings
from mnistcnn.board.scene import compose
from mnistcnn.board.service import load_classifier
from mnistcnn.board.view import View
from mnistcnn.board.window import open_window
from mnistcnn.canvas import Canvas
from mnistcnn.errors import ConfigError

FRAMES = 60  # per second
TITLE = "mnistcnn: draw a digit"
LOADING = 180  # seconds that a demo waits for the net


def run_board(
    artifact: str | None = None,
    *,
    out: str | Path = Path("drawings"),
    trust: bool = False,
) -> None:
    """Open the board and stay until it is closed.

    Args:
        artifact: path of a `.keras` file, None for the one in the package.
        out: folder for what `S` saves.
        trust: open it unchecked, see `DigitClassifier.from_artifact`.

    Raises:
        DisplayError: there is no screen, or no pygame.

    Example:
        >>> run_board("digits.keras")  # doctest: +SKIP
    """
    factory = functools.partial(load_classifier, artifact, trust)
    with Board(out=out, factory=factory) as board:
        while board.step():
            board.wait()


def demo_screenshot(
    path: str | Path,
    seed: int = 0,
    artifact: str | None = None,
    *,
    trust: bool = False,
) -> Path:
    """Let the generator of handwriting draw 0 to 9, and keep a picture.

    It needs no screen: where the environment names no video driver, none is
    used.

    Args:
        path: the PNG to write.
        seed: of the handwriting.
        artifact: path of a `.keras` file, None for the one in the package.
        trust: open it unchecked, see `DigitClassifier.from_artifact`.

    Returns:
        The path.

    Raises:
        DisplayError: the net cannot be loaded or does not answer.
    """
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    rng = np.random.default_rng(seed)
    factory = functools.partial(load_classifier, artifact, trust)
    with Board(factory=factory) as board:
        for label in range(CELLS):
            draw_by_mouse(board, write_digit(label, label, rng))
        await_readings(board, LOADING)
        return board.screenshot(path)


class Board:
    """A window to draw on, its digits read as they are drawn.

    A context manager: at the end, the window and the reader's process are
    closed. Whoever runs it calls `step` for every frame.

    Args:
        artifact: path of a `.keras` file, None for the one in the package.
        out: folder for what `S` saves.
        factory: makes the classifier, see `Reader`; default: of `artifact`.
        size: the window's width and height in pixels.
        seed: of the digits that `D` draws; None: another every time.

    Raises:
        DisplayError: there is no screen, or no pygame.
    """

    def __init__(
        self,
        artifact: str | None = None,
        *,
        out: str | Path = Path("drawings"),
        factory: Callable[[], object] | None = None,
        size: tuple[int, int] = WINDOW,
        seed: int | None = None,
    ):
        self._pygame = open_window(size, TITLE)
        self.canvas = Canvas()
        self.reader = Reader(factory, artifact=artifact)
        self.readings = Readings(self.canvas, self.reader)
        self._out = Path(out)
        self._rng = np.random.default_rng(seed)
        self._clock = self._pygame.time.Clock()
        self._pointer = Pointer(self._pygame, self.canvas)
        self._paper = Paper(self._pygame, self.canvas)
        self._view = View(self._pygame)
        self._notice: tuple[str, bool] | None = None
        self._painted = None
        self._open = True
        # The window is there before the child costs anything.
        self._paint()
        self.reader.start()

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
        return Layout.of(self.surface.get_size())

    def step(self) -> bool:
        """Take in what happened, and show it.

        Returns:
            Whether the board is still open.
        """
        for event in self._pygame.event.get():
            self.handle(event)
        if self._open:
            self.readings.update()
            self._paint()
        return self._open

    def handle(self, event) -> None:
        """Take in one pygame event."""
        pygame = self._pygame
        if event.type in (pygame.QUIT, pygame.WINDOWCLOSE):
            self._open = False
        elif event.type == pygame.KEYDOWN:
            self._press(event.key)
        else:
            drawing = self.canvas.drawing
            size = self.surface.get_size()
            self._pointer.handle(event, self.layout, size)
            if self.canvas.drawing and not drawing:
                self._notice = None

    def wait(self) -> None:
        """Sleep until the next frame is due."""
        self._clock.tick(FRAMES)

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
        """Close the window and end the reader's process."""
        self._open = False
        self.reader.close()
        self._pygame.quit()

    def _press(self, key):
        pygame = self._pygame
        self._notice = None
        if key == pygame.K_ESCAPE:
            self._open = False
        elif key == pygame.K_n:
            self.canvas.clear()
        elif key == pygame.K_z:
            self.canvas.undo()
        elif key == pygame.K_y:
            self.canvas.redo()
        elif key == pygame.K_s:
            self._save()
        elif key == pygame.K_d:
            self._demonstrate()

    def _save(self):
        self.canvas.pen_up()
        self.readings.update()
        digits = self.readings.digits
        if not digits:
            self._notice = "Nothing to save: no digit on the paper.", False
            return
        try:
            files = save_drawing(digits, self._out, shape=SIZE[::-1], pen=PEN)
        except ConfigError as error:
            self._notice = str(error), True
            return
        folder = files[0].parent.resolve()
        count = len(digits)
        noun = "digit" if count == 1 else "digits"
        self._notice = f"Saved {count} {noun} and the drawing: {folder}", False

    def _demonstrate(self):
        cell = free_cell(self.canvas.groups())
        if cell is None:
            self._notice = "No free place left: N clears the paper.", False
            return
        label = int(self._rng.integers(10))
        for (x, y), *points in write_digit(label, cell, self._rng):
            self.canvas.pen_down(x, y)
            for point in points:
                self.canvas.pen_move(*point)
            self.canvas.pen_up()

    def _paint(self):
        layout = self.layout
        scene = compose(self.readings, self.reader, self._notice)
        seen = (self.surface.get_size(), self.canvas.revision, scene)
        if seen != self._painted:
            sheet = self._paper.paint(layout.paper[2:])
            self._view.paint(self.surface, layout, sheet, scene)
            self._painted = seen
            self._pygame.display.flip()
