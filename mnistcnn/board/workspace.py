"""The workspace: canvas, tools and readers, and the actions on them."""

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from types import ModuleType

import numpy as np

from mnistcnn.board.controls import change_brush
from mnistcnn.board.demo import Demo
from mnistcnn.board.opener import Opener
from mnistcnn.board.pointer import Pointer
from mnistcnn.board.reader import Reader
from mnistcnn.board.readings import Readings
from mnistcnn.board.saver import Saver
from mnistcnn.board.scene import write_number
from mnistcnn.board.window import copy_text
from mnistcnn.errors import ConfigError
from mnistcnn.ink import Canvas, find_scratched, is_scratch

MAX_NETWORKS = 2


class Workspace:
    """The canvas with its tools and its readings.

    `notice` is the result of the last action and whether it is an error, None
    if there is none; `help` is whether the help is to be shown.

    Args:
        pygame: the pygame module.
        readers: of the digits.
        out: folder for saved drawings.
        seed: of the demo's digits; None: different every time.
    """

    def __init__(
        self,
        pygame: ModuleType,
        readers: Sequence[Reader],
        out: str | Path,
        seed: int | None,
    ):
        self.canvas: Canvas = Canvas()
        self.readings: Readings = Readings(self.canvas, readers)
        self.pointer: Pointer = Pointer(pygame, self.canvas)
        self.saver: Saver = Saver(out)
        self.opener: Opener = Opener()
        self.notice: tuple[str, bool] | None = None
        self.help: bool = False
        self._pygame = pygame
        self._readers = readers
        self._rng = np.random.default_rng(seed)
        self._demo: Demo | None = None

    def act(self, action: str) -> None:
        """Does an action of `mnistcnn.board.controls`, except the window's."""
        self.notice = None
        word, _, label = action.partition(" ")
        if word != "demo":
            self.stop_demo()
        if word == "label":
            self._label(label)
        elif word in ("clear", "undo", "redo"):
            getattr(self.canvas, word)()
        elif word in ("thinner", "thicker"):
            steps = 1 if word == "thicker" else -1
            self.pointer.brush = change_brush(self.pointer.brush, steps)
            self.notice = f"Brush: {self.pointer.brush:g}", False
        elif word == "erase":
            self.canvas.pen_up()
            self.pointer.eraser = not self.pointer.eraser
        elif word == "why":
            self.readings.explaining = not self.readings.explaining
        elif word == "open":
            self.opener.choose()
        elif word == "copy":
            self._copy()
        elif word == "help":
            self.help = not self.help
        elif word == "save":
            self._save()
        elif word == "demo":
            demo = None if self._demo else Demo(self.canvas, self._rng)
            self.stop_demo()
            self._demo = demo

    def advance(self, seconds: float) -> None:
        """Advances demo, saving and reading by some seconds."""
        if self._demo and not self._demo.advance(seconds):
            self.stop_demo()
            self.notice = "No free place left: N clears the paper.", False
        pieces, said = self.opener.poll()
        if pieces is not None:
            # The drawing is cleared, and one undo brings it back.
            self.canvas.replace(pieces)
        self.notice = said or self.saver.poll() or self.notice
        drawing = self.canvas.drawing or self.canvas.erasing
        self.readings.spot = None if drawing else self.pointer.spot
        self.readings.update()

    def finish_stroke(self) -> None:
        """Removes the digits that the last stroke scratches out, if any."""
        *before, last = self.canvas.ink
        if not before or not is_scratch(last.points):
            return
        digits = [d.strokes for d in self.readings.find_digits(before)]
        paths = [[stroke.points for stroke in digit] for digit in digits]
        found = find_scratched(last.points, paths, last.width)
        if found:
            gone = {stroke.number for i in found for stroke in digits[i]}
            # The scratch itself is removed from the history.
            self.canvas.undo()
            self.canvas.replace(s for s in before if s.number not in gone)
            self.notice = "Scratched out; Z brings it back.", False

    def close(self) -> None:
        """Waits until all is saved, and stops opening pictures."""
        self.opener.close()
        self.saver.close()

    def stop_demo(self) -> None:
        """Ends the demo, if it is on."""
        if self._demo:
            self._demo.stop()
            self._demo = None

    def _label(self, label: str):
        self.canvas.pen_up()
        self.readings.update()
        named = self.readings.shown
        if named is None:
            self.notice = "No digit to name: draw one first.", False
            return
        self.canvas.label([stroke.number for stroke in named.strokes], label)

    def _copy(self):
        text = "\n".join(write_number(self.readings, 0, self._readers[0]))
        if not text:
            self.notice = "No number to copy: draw a digit first.", False
        elif copy_text(self._pygame, text):
            self.notice = f"Copied: {text}", False
        else:
            self.notice = "The number cannot be copied: no clipboard.", True

    def _save(self):
        self.canvas.pen_up()
        self.readings.update()
        if not self.readings.digits:
            self.notice = "Nothing to save: no digit on the paper.", False
            return
        network = self._readers[0].network
        self.saver.save(self.readings.digits, network.name if network else "")


def make_readers(artifacts: Sequence[str | None], trust: bool) -> list[Reader]:
    """Makes a reader for each artifact, without starting it.

    Two files of the same name (two runs' `best.keras`) are distinguished by
    their folders.

    Args:
        artifacts: paths of `.keras` files, None for the one in the package.
        trust: open them unchecked, see `DigitClassifier.from_artifact`.

    Raises:
        ConfigError: there are too many.
    """
    if len(artifacts) > MAX_NETWORKS:
        raise ConfigError(
            f"{len(artifacts)} artifacts were given. Expected one, or "
            f"{MAX_NETWORKS} to be compared: leave some out."
        )
    paths = [Path(artifact).resolve() for artifact in artifacts if artifact]
    alike = len({path.stem for path in paths}) < len(paths) == len(artifacts)
    titles = [f"{path.parent.name}/{path.stem}" for path in paths if alike]
    return [
        Reader(artifact=artifact, trust=trust, title=title)
        for artifact, title in zip_longest(artifacts, titles)
    ]
