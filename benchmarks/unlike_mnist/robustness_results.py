"""The result file of `robustness.py`: readings and rejections."""

import statistics
from typing import Annotated, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from formats.result_faults import agree, require
from formats.result_files import (
    Commit,
    Date,
    Machine,
    Model,
    ReadArtifact,
    Score,
    Share,
)

FORMAT = 3


class CleanScore(Score):
    """The score of MNIST's test images as they are."""

    calibration_error: Share
    refused: Share
    shown: Share | None = None  # since format 3


class Named(Model):
    """Something that has a name."""

    name: str


class NamedScore(Score, Named):  # in this order the name comes first
    """The score of a digit, or of a writer."""


class Confusion(Model):
    """How often a digit was read as another, or in pieces (null)."""

    label: str
    read: str | None
    n: PositiveInt


class WholeScores(Model):
    """The network's scores of whole drawings of digits."""

    accuracy: Score
    shown: Score
    refused: Share
    calibration_error: Share


class StrokeScores(Model):
    """The scores of digits as `read_strokes` reads them."""

    accuracy: Score
    shown: Score
    refused: Share
    pieces: Share
    calibration_error: Share | None = None  # of format 2
    by_digit: list[NamedScore]
    by_writer: list[NamedScore]
    confusions: list[Confusion]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        for key in ("by_digit", "by_writer"):
            parts: list[NamedScore] = getattr(self, key)
            n = sum(part.n for part in parts)
            require(n == self.accuracy.n, key, n, self.accuracy.n)
            right = sum(part.accuracy * part.n for part in parts)
            same = agree(right / n, self.accuracy.accuracy)
            require(same, key, right / n, self.accuracy.accuracy)
        return self


class Strokes(Model):
    """The pen strokes that were read."""

    name: str
    sha256: str
    writers: str


class Rejections(Model):
    """How many drawings of non-digits were rejected."""

    refused: NonNegativeInt
    n: PositiveInt

    @property
    def share(self) -> float:
        """The share that was rejected."""
        return self.refused / self.n


class Collection(Model):
    """What the test writers of a collection wrote."""

    digest: str
    writers: PositiveInt
    digits: WholeScores
    read: StrokeScores
    rejected: dict[str, Rejections]


class HandwritingResult(Model):
    """The result file of `handwriting.py`: one artifact on pen strokes."""

    format: Annotated[int, Field(ge=2, le=2)]
    date: Date
    commit: Commit
    dirty: bool
    artifact: ReadArtifact
    backend: str
    collections: Annotated[dict[str, Collection], Field(min_length=1)]


class ArtifactScores(Model):
    """The scores of one artifact."""

    name: str
    recipe: str | None
    seed: int | None
    weights_sha256: str | None
    parameters: int
    clean: CleanScore
    mean: Share
    corrupted: Annotated[dict[str, Score], Field(min_length=1)]
    nondigits: Annotated[dict[str, Rejections], Field(min_length=1)]
    strokes: StrokeScores | None = None  # of format 2
    handwriting: dict[str, Collection] | None = None

    @property
    def rejections(self) -> Rejections:
        """How many non-digits were rejected, of all kinds."""
        kinds = self.nondigits.values()
        refused, n = sum(k.refused for k in kinds), sum(k.n for k in kinds)
        return Rejections(refused=refused, n=n)

    @model_validator(mode="after")
    def _follows(self) -> Self:
        scores = self.corrupted.values()
        mean = statistics.fmean(score.accuracy for score in scores)
        require(agree(self.mean, mean), "mean", self.mean, mean)
        return self


class Images(Model):
    """The test images that were scored."""

    name: str
    digest: str
    note: str | None
    n: PositiveInt
    seed: int
    images_sha256: dict[str, str]


class RobustnessResult(Model):
    """Artifacts on one data set, its corruptions, strokes and non-digits."""

    format: Annotated[int, Field(ge=2, le=FORMAT)]
    date: Date
    commit: Commit
    dirty: bool
    environment: Machine
    data: Images
    artifacts: Annotated[list[ArtifactScores], Field(min_length=1)]
    strokes: Strokes | None = None  # of format 2
