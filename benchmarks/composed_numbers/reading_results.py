"""The result file of `reading.py`: composed numbers, and single digits."""

from typing import Literal

from pydantic import NonNegativeInt, PositiveInt

from formats.result_files import (
    Commit,
    Date,
    Format,
    Model,
    ReadArtifact,
    Score,
)


class Kind(Model):
    """The scores of one kind of numbers, as strokes or as pictures."""

    name: str
    form: Literal["strokes", "picture"]
    exact: Score
    shown: Score
    lost: NonNegativeInt
    added: NonNegativeInt


class Single(Model):
    """The scores of digits alone; `reading-before.json` has no such zeros."""

    read_strokes: Score
    network: Score
    slashed_zeros: Score | None = None
    barred_zeros: Score | None = None
    dotted_zeros: Score | None = None


class ReadingResult(Model):
    """The result file of `reading.py`: one artifact on composed numbers."""

    format: Format
    date: Date
    commit: Commit
    dirty: bool
    artifact: ReadArtifact
    backend: str
    part: str
    writers: PositiveInt
    seed: NonNegativeInt
    kinds: list[Kind]
    single: Single
