"""The drawing board: pygame's events in, pixels out."""

import functools
import io
import time
from collections.abc import Sequence
from pathlib import Path

from mnistcnn.board.controls import find_key_action
from mnistcnn.board.layout import Layout, find_size, fit_scale
from mnistcnn.board.paper import Paper
from mnistcnn.board.pointer import Pointer
from mnistcnn.board.reader import Reader
from mnistcnn.board.readers import await_readers, close_readers
from mnistcnn.board.readings import Readings
from mnistcnn.board.scene import compose
from mnistcnn.board.service import Factory
from mnistcnn.board.view import View
from mnistcnn.board.window import (
    Event,
    Frames,
    Surface,
    fills_screen,
    open_window,
    toggle_full_screen,
)
from mnistcnn.board.workspace import Workspace, make_readers
from mnistcnn.files import write_atomically
from mnistcnn.ink import Canvas

TITLE = "mnistcnn: draw a digit"


class Board:
    """A window to draw on, its digits read as they are drawn.

    A context manager that closes the window and the readers' processes at the
    end. The caller calls `step` for every frame. `canvas` is the drawing,
    `readings` are its digits, `pointer` is the pen.

    Args:
        artifacts: as for `run_board`.
        out: folder for drawings that `S` saves.
        factories: make the classifiers, see `Reader`; default: from the
            artifacts.
        scale: pixels per unit of the drawing; None: fitted to the screen.
        seed: of the digits that `D` draws; None: different every time.
        trust: as for `run_board`.

    Raises:
        ConfigError: there are more than two artifacts.
        DisplayError: there is no screen, or no pygame.
    """

    def __init__(
        self,
        *artifacts: str | None,
        out: str | Path = Path("drawings"),
        factories: Sequence[Factory] | None = None,
        scale: float | None = 1.0,
        seed: int | None = None,
        trust: bool = False,
    ):
        self.readers: list[Reader]
        if factories:
            self.readers = [Reader(factory) for factory in factories]
        else:
            self.readers = make_readers(artifacts or (None,), trust)
        n = len(self.readers)
        self._pygame = pygame = open_window(
            lambda screen: find_size(n, scale or fit_scale(n, screen)), TITLE
        )
        self._size = self.surface.get_size()
        self.workspace: Workspace = Workspace(pygame, self.readers, out, seed)
        self.canvas: Canvas = self.workspace.canvas
        self.readings: Readings = self.workspace.readings
        self.pointer: Pointer = self.workspace.pointer
        self._frames = Frames(pygame)
        self._paper = Paper(pygame, self.canvas)
        self._view = View(pygame)
        self._last = time.perf_counter()
        self._painted = None
        self._open = True
        # The window opens before the child processes start.
        self._paint()
        for reader in self.readers:
            reader.start()

    def __enter__(self) -> "Board":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def surface(self) -> Surface:
        """The window's surface."""
        return self._pygame.display.get_surface()

    @property
    def layout(self) -> Layout:
        """The layout for the window's current size."""
        maps = self.readings.explaining
        size = self.surface.get_size()
        return Layout.of(size, len(self.readers), maps=maps)

    def step(self) -> bool:
        """Handles all events, and shows the result.

        Returns:
            Whether the board is still open.
        """
        for event in self._frames.take_events():
            self.handle(event)
        if self._open:
            now = time.perf_counter()
            self.workspace.advance(now - self._last)
            self._last = now
            self._paint()
        return self._open

    def handle(self, event: Event) -> None:
        """Handles one pygame event."""
        pygame = self._pygame
        size = self.surface.get_size()
        if event.type in (pygame.QUIT, pygame.WINDOWCLOSE):
            self._open = False
        elif event.type in (pygame.WINDOWEXPOSED, pygame.WINDOWRESTORED):
            # A window in front may have overwritten the pixels.
            self._painted = None
        elif event.type == pygame.DROPFILE:
            self.workspace.stop_demo()
            self.workspace.opener.open(event.file)
        elif event.type == pygame.KEYDOWN:
            self._act(find_key_action(pygame, event))
        else:
            spot = self.pointer.find_press(event, size)
            action = spot and self._view.find_action(spot)
            if action:
                self._act(action)
                return
            if spot:
                self.workspace.stop_demo()
            drawing = self.canvas.drawing
            self.pointer.handle(event, self.layout, size)
            if self.canvas.drawing or self.canvas.erasing:
                self.workspace.notice = None
            elif drawing:
                self.workspace.finish_stroke()

    def wait(self) -> None:
        """Sleeps until the next frame is due, or an answer has arrived."""
        pen = self.canvas.drawing or self.canvas.erasing
        awaited = self.readings.pending and not pen
        answer = functools.partial(await_readers, self.readers)
        self._frames.wait(answer if awaited else None)

    def screenshot(self, path: str | Path) -> Path:
        """Saves the window's contents as a PNG; returns its path."""
        picture = io.BytesIO()
        self._pygame.image.save(self.surface, picture, "board.png")
        write_atomically(path, picture.getvalue())
        return Path(path)

    def close(self) -> None:
        """Closes the window and ends the readers' processes."""
        self._open = False
        close_readers(self.readers)
        self.workspace.close()
        self._pygame.quit()

    def _act(self, action: str | None):
        full = fills_screen(self._pygame)
        if action == "leave" and self.workspace.help:
            self.workspace.help = False
        elif action == "full_screen" or (action == "leave" and full):
            if not full:
                self._size = self.surface.get_size()
            toggle_full_screen(self._pygame, self._size)
            self._painted = None
        elif action == "leave":
            self._open = False
        elif action is not None:
            self.workspace.act(action)

    def _paint(self):
        layout, size = self.layout, self.surface.get_size()
        scene = compose(
            self.readings,
            self.readers,
            self.workspace.notice,
            help=self.workspace.help,
            pointer=self.pointer.mark,
            eraser=self.pointer.eraser,
        )
        seen = (size, layout, self.canvas.revision, scene)
        if seen != self._painted:
            sheet = self._paper.paint(layout.paper[2:])
            self._view.paint(self.surface, layout, sheet, scene)
            self._painted = seen
            self._pygame.display.flip()
