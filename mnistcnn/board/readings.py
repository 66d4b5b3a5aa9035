"""The readings: the digits on the board, and each network's predictions.

The strokes are compared here; the first network decides which of them form one
digit, by classifying each group that could be one. Its predictions are cached
as long as the strokes exist, so only new groups are classified.
"""

import time
from collections.abc import Sequence

import numpy as np

from mnistcnn.board.digits import Digit, Key, Prediction
from mnistcnn.board.drafts import Draft, compare_strokes
from mnistcnn.board.reader import Reader
from mnistcnn.board.service import Answer
from mnistcnn.ink import Canvas, Stroke

MAX_STROKES = 400  # with more, comparing all pairs would freeze the window
# Comparing many strokes takes a while. While the pen draws, it may take this
# share of the time, and never so long that a frame would be missed.
LIVE_SHARE = 0.2
LIVE_SECONDS = 0.008


class Readings:
    """The digits of a canvas, which are read while they are drawn.

    A reader is asked only when there is something new to read.
    """

    def __init__(self, canvas: Canvas, readers: Sequence[Reader]):
        self.digits: list[Digit] = []
        self.explaining = False  # whether explanations are wanted
        # The place on the drawing where the pointer rests, if any.
        self.spot: tuple[float, float] | None = None
        self._canvas = canvas
        self._readers = tuple(readers)
        self._revision = canvas.revision
        self._asked: list[tuple] = [(0, [], None)] * len(self._readers)
        self._draft: Draft | None = None  # until the network has read it
        self._shown: Draft | None = None  # the draft of these digits
        # The first network's predictions for groups of strokes.
        self._said: dict[Key, Prediction] = {}
        self._explained: list[tuple | None] = [None] * len(self._readers)
        self._cost = 0.0  # seconds of the last comparison of strokes
        self._due = 0.0  # when the next one may be done with the pen down

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
        """The digit for panels and label keys: pointed at, or latest."""
        return self.pointed or self.latest

    @property
    def pending(self) -> bool:
        """Whether an answer that would be shown is pending."""
        return any(
            reader.state == "ready" and reader.busy for reader in self._readers
        )

    @property
    def complete(self) -> bool:
        """Whether all ink has been read, and explained if wanted."""
        if self._canvas.revision != self._revision or self._draft:
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
        """Processes answers, and requests readings of new ink."""
        for network, reader in enumerate(self._readers):
            answer = reader.poll()
            if answer is not None:
                self._take(network, answer)
        if self._canvas.revision != self._revision and self._has_time():
            self._revision = self._canvas.revision
            start = time.perf_counter()
            self._compare()
            now = time.perf_counter()
            self._cost = now - start
            self._due = now + self._cost / LIVE_SHARE
        self._settle()
        for network, reader in enumerate(self._readers):
            self._ask(network, reader)

    def find_digits(self, ink: Sequence[Stroke]) -> list[Digit]:
        """Finds the digits of other strokes, by the cached predictions."""
        draft = compare_strokes(ink, self._shown.images if self._shown else {})
        network = self._readers[0].network
        return draft.choose(self._said, network, (), len(self._readers))

    def _has_time(self):
        if not (self._canvas.drawing or self._canvas.erasing):
            return True
        return self._cost < LIVE_SECONDS and time.perf_counter() >= self._due

    def _compare(self):
        """Finds out which groups of strokes may be digits."""
        ink = () if self.crowded else tuple(self._canvas.ink)
        if not ink:
            self.digits, self._draft, self._said = [], None, {}
            return
        known = self._shown.images if self._shown else {}
        self._draft = draft = compare_strokes(ink, known)
        said = self._said
        self._said = {key: said[key] for key in draft.images if key in said}

    def _settle(self):
        """Chooses the digits once the first network has answered.

        If it cannot, their shapes decide.
        """
        draft, reader = self._draft, self._readers[0]
        if draft is None:
            return
        read = all(key in self._said for key in draft.images)
        if not read and (reader.state == "ready" or draft is self._shown):
            # The rest follows soon; digits whose ink is gone disappear at once.
            self.digits = draft.keep(self.digits)
            return
        if read or reader.state in ("refused", "off"):
            self._draft = None
        self._shown = draft
        self.digits = draft.choose(
            self._said, reader.network, self.digits, len(self._readers)
        )

    def _ask(self, network: int, reader: Reader):
        if network == 0 and self._draft:
            self._ask_first(self._draft, reader)
            return
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
        """Lists the wanted explanation, and a fuller one that also does."""
        # That takes a while, so not while the pen draws.
        weigh = not (self._canvas.drawing or self._canvas.erasing)
        return (shown.key, weigh), (shown.key, True)

    def _ask_first(self, draft: Draft, reader: Reader):
        """Requests the first network's predictions for new groups."""
        keys = [key for key in draft.images if key not in self._said]
        # A running request is not replaced: otherwise a moving pen would never
        # get an answer.
        halted = reader.state == "ready" and reader.busy
        if halted or (keys, None) == self._asked[0][1:]:
            return
        images = np.stack([draft.images[key] for key in keys])
        self._asked[0] = (reader.ask(images), keys, None)

    def _take(self, network: int, answer: Answer):
        number, keys, _ = self._asked[network]
        if answer.request != number:
            return
        # Ink that was undone and comes back is requested again.
        self._asked[network] = (number, [], None)
        rows = zip(answer.probabilities, answer.labels, strict=True)
        said = {
            key: Prediction(label, float(np.max(row)), row, answer.seconds, key)
            for key, (row, label) in zip(keys, rows, strict=True)
        }
        if network == 0:
            self._said |= said
            return
        self.digits = [d.say(network, said.get(d.key)) for d in self.digits]
