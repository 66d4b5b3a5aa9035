"""Many handwritten characters in a few flat arrays, and operations on them.

A data set of pen strokes has a hundred thousand small arrays; in flat ones,
choosing, bending and pairing all of them are a few operations of NumPy.
"""

import dataclasses
import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclasses.dataclass(frozen=True)
class StrokeSource:
    """Where pen strokes come from, and whom to attribute them to.

    Args:
        name: of the collection, or of the file.
        digest: the sha256 of its contents, `StrokeSet.digest`.
        characters: how many were there.
        writers: how many people wrote them.
        attribution: whom the licence requires to be named; `""` if unknown.
        licence: its name; `""` if unknown.
    """

    name: str
    digest: str
    characters: int
    writers: int
    attribution: str = ""
    licence: str = ""


@dataclasses.dataclass(frozen=True, eq=False)
class StrokeSet:
    """Characters as pen strokes, with what they are and who wrote them.

    Args:
        points: `(p, 2)` float32, x right and y down, any units; one stroke
            after the other.
        stroke_start: `(s + 1,)` int64, where each stroke begins in `points`,
            and `p`.
        sample_start: `(n + 1,)` int64, where each character begins in the
            strokes, and `s`.
        labels: `(n,)` of strings, one character each.
        writers: `(n,)` of strings.
        sources: where they are from.

    Example:
        >>> points = np.array([[0, 0], [0, 9], [5, 5], [9, 5]], np.float32)
        >>> plus = StrokeSet(points, np.array([0, 2, 4]), np.array([0, 2]),
        ...                  np.array(["+"]), np.array(["me"]))
        >>> len(plus), [len(stroke) for stroke in plus.strokes(0)]
        (1, [2, 2])
    """

    points: npt.NDArray[np.float32]
    stroke_start: npt.NDArray[np.int64]
    sample_start: npt.NDArray[np.int64]
    labels: npt.NDArray[np.str_]
    writers: npt.NDArray[np.str_]
    sources: tuple[StrokeSource, ...] = ()

    @classmethod
    def of(
        cls,
        characters: Sequence[Sequence[npt.NDArray[Any]]],
        labels: Sequence[str],
        writers: Sequence[str],
    ) -> "StrokeSet":
        """Makes one of characters that are lists of strokes.

        Args:
            characters: `n`, each of strokes `(m, 2)`, x right and y down.
            labels: `n` texts of one character.
            writers: `n` texts.

        Example:
            >>> bar = np.array([[0, 0], [9, 0]])
            >>> StrokeSet.of([[bar, bar + 4]], ["="], ["me"]).point_start
            array([0, 4])
        """
        strokes = [stroke for drawn in characters for stroke in drawn]
        return cls(
            np.concatenate(strokes).astype(np.float32),
            _offsets([len(stroke) for stroke in strokes]),
            _offsets([len(drawn) for drawn in characters]),
            np.array(labels, np.str_),
            np.array(writers, np.str_),
        )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def point_start(self) -> npt.NDArray[np.int64]:
        """`(n + 1,)`: where each character begins in `points`."""
        return self.stroke_start[self.sample_start]

    @property
    def digest(self) -> str:
        """The sha256 of all that it holds."""
        sha = hashlib.sha256()
        for array in (self.points, self.stroke_start, self.sample_start):
            sha.update(np.ascontiguousarray(array).data)
        for texts in (self.labels, self.writers):
            sha.update("\n".join(texts.tolist()).encode())
        return sha.hexdigest()

    def strokes(self, index: int) -> list[npt.NDArray[np.float32]]:
        """The strokes of one character, each `(m, 2)`."""
        numbers = range(self.sample_start[index], self.sample_start[index + 1])
        start = self.stroke_start
        return [self.points[start[j] : start[j + 1]] for j in numbers]

    def take(self, chosen: npt.NDArray[Any] | slice) -> "StrokeSet":
        """Returns some of the characters, perhaps several times.

        Args:
            chosen: indices, a mask `(n,)`, or a slice.
        """
        chosen = np.arange(len(self))[chosen]
        counts = np.diff(self.sample_start)[chosen]
        strokes = _ranges(self.sample_start[chosen], counts)
        lengths = np.diff(self.stroke_start)[strokes]
        points = _ranges(self.stroke_start[strokes], lengths)
        return StrokeSet(
            self.points[points],
            _offsets(lengths),
            _offsets(counts),
            self.labels[chosen],
            self.writers[chosen],
            self.sources,
        )

    def split_writers(
        self, every: int, place: int
    ) -> tuple["StrokeSet", "StrokeSet"]:
        """Splits the set by writers: every n-th of them, in order of name.

        Args:
            every: one of so many writers is chosen.
            place: which one of them, counted from 0.

        Returns:
            The others, and the chosen writers' characters.
        """
        names = np.unique(self.writers)
        held = np.isin(self.writers, names[place::every])
        return self.take(~held), self.take(held)

    def map_points(self, linear: npt.NDArray[Any]) -> "StrokeSet":
        """Maps each character by a linear map of its own.

        Args:
            linear: `(n, 2, 2)`; each multiplies a column of x and y from the
                left.
        """
        each = np.repeat(linear, np.diff(self.point_start), axis=0)
        x, y = self.points.T
        points = each[:, :, 0] * x[:, None] + each[:, :, 1] * y[:, None]
        return dataclasses.replace(self, points=points.astype(np.float32))

    def boxes(self) -> npt.NDArray[np.float32]:
        """`(n, 2, 2)`: the lowest and the highest x and y of each character."""
        start = self.point_start[:-1]
        low = np.minimum.reduceat(self.points, start)
        return np.stack([low, np.maximum.reduceat(self.points, start)], axis=1)


def concatenate(*parts: StrokeSet) -> StrokeSet:
    """Concatenates sets."""
    lengths = [np.diff(part.stroke_start) for part in parts]
    counts = [np.diff(part.sample_start) for part in parts]
    return StrokeSet(
        np.concatenate([part.points for part in parts]),
        _offsets(np.concatenate(lengths)),
        _offsets(np.concatenate(counts)),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.writers for part in parts]),
        tuple(dict.fromkeys(v for part in parts for v in part.sources)),
    )


def _offsets(lengths: npt.ArrayLike) -> npt.NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])


def _ranges(starts: Any, lengths: Any) -> npt.NDArray[np.int64]:
    """Concatenates the ranges of given starts and lengths."""
    before = _offsets(lengths)
    return np.repeat(starts - before[:-1], lengths) + np.arange(before[-1])
