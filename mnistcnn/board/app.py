"""The drawing board: pygame's events in, pixels out."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from mnistcnn.board.controls import eraser_radius, find_action
from mnistcnn.board.frames import Frames
from mnistcnn.board.layout import Layout, find_size, fit_scale
from mnistcnn.board.paper import Paper
from mnistcnn.board.pointer import LEFT, Pointer
from mnistcnn.board.reader import Reader, await_readers, close_readers
from mnistcnn.board.readings import Readings
from mnistcnn.board.scene import compose
from mnistcnn.board.view import View
from mnistcnn.board.window import open_window, toggle_full_screen
from mnistcnn.board.workspace import Workspace
from mnistcnn.errors import ConfigError
from mnistcnn.ink import Canvas

TITLE = "mnistcnn: draw a digit"
MAX_NETS = 2


def run_board(
    *artifacts: str | None,
    out: str | Path = Path("drawings"),
    scale: float | None = None,
    filters: bool = False,
    trust: bool = False,
) -> None:
    """Opens the board and stay until it is closed.

    Args:
        artifacts: paths of `.keras` files, two at most, None for the one in
            the package; none is as if that had been given.
        out: folder for what `S` saves.
        scale: of the window; None for one that suits the screen.
        filters: whether feature maps are shown from the start.
        trust: open them unchecked, see `DigitClassifier.from_artifact`.

    Raises:
        ConfigError: there are more than two artifacts.
        DisplayError: there is no screen, or no pygame.

    Example:
        >>> run_board("digits.keras")  # doctest: +SKIP
    """
    with Board(*artifacts, out=out, scale=scale, trust=trust) as board:
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
        trust: as for `run_board`.

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
        trust: bool = False,
    ):
        artifacts = artifacts or (None,)
        if len(artifacts) > MAX_NETS:
            raise ConfigError(
                f"{len(artifacts)} artifacts were given. Expected one, or "
                f"{MAX_NETS} to be compared: leave some out."
            )
        titles = _find_titles(artifacts)
        self.readers = [
            Reader(artifact=artifact, title=title, trust=trust)
            for artifact, title in zip(artifacts, titles, strict=True)
        ]
        if factories:
            self.readers = [Reader(factory) for factory in factories]
        self._pygame = open_window(lambda s: self._find_size(s, scale), TITLE)
        self._size = self.surface.get_size()
        rng = np.random.default_rng(seed)
        self.workspace = Workspace(self._pygame, self.readers, out, rng)
        self._frames = Frames(self._pygame)
        self._paper = Paper(self._pygame, self.canvas)
        self._view = View(self._pygame)
        self._last = time.perf_counter()
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
    def canvas(self) -> Canvas:
        """What is drawn."""
        return self.workspace.canvas

    @property
    def readings(self) -> Readings:
        """What is read."""
        return self.workspace.readings

    @property
    def pointer(self) -> Pointer:
        """The pen in the hand."""
        return self.workspace.pointer

    @property
    def layout(self) -> Layout:
        """Where things are in the window as it is now."""
        maps = self.readings.explaining
        size = self.surface.get_size()
        return Layout.of(size, len(self.readers), maps=maps)

    def step(self) -> bool:
        """Takes in what happened, and show it.

        Returns:
            Whether the board is still open.
        """
        for event in self._frames.take_events():
            self.handle(event)
        if self._open:
            now = time.perf_counter()
            self.workspace.go_on(now - self._last)
            self._last = now
            self._paint()
        return self._open

    def handle(self, event) -> None:
        """Takes in one pygame event."""
        pygame = self._pygame
        if event.type in (pygame.QUIT, pygame.WINDOWCLOSE):
            self._open = False
        elif event.type in (pygame.WINDOWEXPOSED, pygame.WINDOWRESTORED):
            # What was in front of the window may have taken its pixels.
            self._painted = None
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
                self.workspace.stop_demo()
            self.pointer.handle(event, self.layout, self.surface.get_size())
            if self.canvas.drawing or self.canvas.erasing:
                self.workspace.notice = None

    def wait(self) -> None:
        """Sleeps until the next frame is due, or an answer is there."""
        pen = self.canvas.drawing or self.canvas.erasing
        awaited = self.readings.pending and not pen
        self._frames.wait(
            (lambda seconds: await_readers(self.readers, seconds))
            if awaited
            else None
        )

    def screenshot(self, path: str | Path) -> Path:
        """Saves what the window shows as a PNG.

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
        """Closes the window and end the readers' processes."""
        self._open = False
        close_readers(self.readers)
        self.workspace.saver.close()
        self._pygame.quit()

    def _find_size(self, screen, scale):
        nets = len(self.readers)
        return find_size(nets, scale or fit_scale(nets, screen))

    def _find_press(self, event):
        """Returns where a button or a finger was put down, or None."""
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
        if action == "full_screen":
            self._toggle_full_screen()
        elif action == "leave":
            self._leave()
        elif action is not None:
            self.workspace.act(action)

    def _toggle_full_screen(self):
        if not self._fills_screen():
            self._size = self.surface.get_size()
        toggle_full_screen(self._pygame, self._size)
        self._painted = None

    def _fills_screen(self):
        return bool(self.surface.get_flags() & self._pygame.FULLSCREEN)

    def _leave(self):
        if self.workspace.help:
            self.workspace.help = False
        elif self._fills_screen():
            self._toggle_full_screen()
        else:
            self._open = False

    def _paint(self):
        layout = self.layout
        scene = compose(
            self.readings,
            self.readers,
            self.workspace.notice,
            help=self.workspace.help,
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


def _find_titles(artifacts):
    """Tells files of one name apart by their folders: two runs' best.keras."""
    stems = [artifact and Path(artifact).stem for artifact in artifacts]
    if None in stems or len(set(stems)) == len(stems):
        return [None] * len(stems)
    paths = [Path(artifact).resolve() for artifact in artifacts]
    return [f"{path.parent.name}/{path.stem}" for path in paths]
