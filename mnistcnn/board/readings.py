"""The readings: the digits on the board, and each network's predictions.

A reading belongs to the strokes that were read: where they are still a digit
by themselves it stays, and only what changed is read again.
"""

import dataclasses
import time
from collections.abc import Sequence
from multiprocessing import connection

import numpy as np

from mnistcnn.board.digits import Digit, Key, Prediction, make_key
from mnistcnn.board.reader import Reader
from mnistcnn.board.rendering import strokes_to_digit
from mnistcnn.board.service import Answer
from mnistcnn.ink import Canvas
from mnistcnn.reading import MAX_STROKES, group_ink

# Grouping many strokes takes a while. With a pen on the paper it may take
# this part of the time, and never so long that a frame would be missed.
LIVE_SHARE = 0.2
LIVE_SECONDS = 0.008


class Readings:
    """The digits of a canvas, kept read also while they are drawn.

    A reader is asked only when there is something new to read.
    """

    def __init__(self, canvas: Canvas, readers: Sequence[Reader]):
        self.digits: list[Digit] = []
        self.explaining = False  # whether it is to be said why
        # Where on the drawing the pointer rests, if it does.
        self.spot: tuple[float, float] | None = None
        self._canvas = canvas
        self._readers = tuple(readers)
        self._revision = canvas.revision
        self._asked: list[tuple] = [(0, [], None)] * len(self._readers)
        self._explained: list[tuple | None] = [None] * len(self._readers)
        self._cost = 0.0  # seconds that finding the digits took last
        self._due = 0.0  # when that may be done next, with the pen down

    @property
    def crowded(self) -> bool:
        """Whether there are too many strokes to be read as a number."""
        return len(self._canvas.ink) > MAX_STROKES

    @property
    def latest(self) -> Digit | None:
        """The digit that was drawn or changed last."""
        return max(self.digits, key=lambda digit: digit.newest, default=None)

    @property
    def pointed(self) -> Digit | None:
        """The digit that the pointer rests on."""
        if self.spot is None:
            return None
        found = [d for d in self.digits if d.is_at(*self.spot)]
        return min(found, key=lambda digit: digit.area, default=None)

    @property
    def shown(self) -> Digit | None:
        """The digit that panels show and keys name: pointed at, or latest."""
        return self.pointed or self.latest

    @property
    def pending(self) -> bool:
        """Whether an answer is awaited that would be shown."""
        return any(
            reader.state == "ready" and reader.busy for reader in self._readers
        )

    @property
    def complete(self) -> bool:
        """Whether all that is drawn has been read, and explained if wanted."""
        if self._canvas.revision != self._revision:
            return False
        shown = self.shown if self.explaining else None
        if shown:
            if any(e not in self._wishes(shown) for e in self._explained):
                return False
            if any(r.busy or r.why is None for r in self._readers):
                return False
        return all(
            digit.is_read(network)
            for digit in self.digits
            for network in range(len(self._readers))
        )

    def update(self) -> None:
        """Takes in answers, and asks where there is something new."""
        for network, reader in enumerate(self._readers):
            answer = reader.poll()
            if answer is not None:
                self._take(network, answer)
        if self._canvas.revision != self._revision and self._has_time():
            self._revision = self._canvas.revision
            start = time.perf_counter()
            self._regroup()
            now = time.perf_counter()
            self._cost = now - start
            self._due = now + self._cost / LIVE_SHARE
        for network, reader in enumerate(self._readers):
            self._ask(network, reader)

    def _has_time(self):
        if not (self._canvas.drawing or self._canvas.erasing):
            return True
        return self._cost < LIVE_SECONDS and time.perf_counter() >= self._due

    def _regroup(self):
        known = {digit.key: digit for digit in self.digits}
        # While a digit grows, what was said of its strokes is still shown.
        before = {s.number: d for d in self.digits for s in d.strokes}
        self.digits = []
        if self.crowded:
            return
        ink = self._canvas.ink
        unread = (None,) * len(self._readers)
        for group in group_ink(ink):
            strokes = tuple(ink[i] for i in group.strokes)
            same = known.get(make_key(strokes))
            if same and same.given == group.label:
                self.digits.append(same)
                continue
            old = same or next(
                filter(None, (before.get(s.number) for s in strokes)), None
            )
            predictions = old.predictions if old else unread
            image = same.image if same else strokes_to_digit(strokes)
            self.digits.append(
                Digit(strokes, group.box, image, predictions, group.label)
            )

    def _ask(self, network: int, reader: Reader):
        wanted = [digit for digit in self.digits if not digit.is_read(network)]
        explain = None
        shown = self.shown if self.explaining else None
        if shown and self._explained[network] not in self._wishes(shown):
            wanted += [] if shown in wanted else [shown]
        if shown and shown in wanted:
            explain = (wanted.index(shown), self._wishes(shown)[0][1])
        keys = [digit.key for digit in wanted]
        if not wanted or (keys, explain) == self._asked[network][1:]:
            return
        images = np.stack([digit.image for digit in wanted])
        self._asked[network] = (reader.ask(images, explain), keys, explain)
        if shown and explain:
            self._explained[network] = (shown.key, explain[1])

    def _wishes(self, shown: Digit) -> tuple[tuple[Key, bool], ...]:
        """What is to be explained, and whether weighed too; or more."""
        # That takes a while: not with the pen on the paper.
        weigh = not (self._canvas.drawing or self._canvas.erasing)
        return (shown.key, weigh), (shown.key, True)

    def _take(self, network: int, answer: Answer):
        number, keys, _ = self._asked[network]
        if answer.request != number:
            return
        # What is undone and comes back is to be asked again.
        self._asked[network] = (number, [], None)
        rows = zip(answer.probabilities, answer.labels, strict=True)
        said = {
            key: Prediction(label, float(np.max(row)), row, answer.seconds, key)
            for key, (row, label) in zip(keys, rows, strict=True)
        }
        self.digits = [
            _replace_prediction(digit, network, said[digit.key])
            if digit.key in said
            else digit
            for digit in self.digits
        ]


def _replace_prediction(
    digit: Digit, network: int, prediction: Prediction
) -> Digit:
    predictions = list(digit.predictions)
    predictions[network] = prediction
    return dataclasses.replace(digit, predictions=tuple(predictions))


def await_readers(readers: Sequence[Reader], seconds: float) -> bool:
    """Waits until a child says something; returns whether one has."""
    pipes = [reader.pipe for reader in readers if reader.pipe]
    return bool(connection.wait(pipes, seconds)) if pipes else False


def close_readers(readers: Sequence[Reader]) -> None:
    """Closes several readers in the time of one."""
    for reader in readers:
        reader.terminate()
    for reader in readers:
        reader.close()
