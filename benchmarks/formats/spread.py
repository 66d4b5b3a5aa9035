"""A median with its quartiles, and how two of them are compared.

Interleaved repeats (A B, A B) are compared repeat by repeat: `pair`. For two
separate runs the spread of the ratio is the widest that the quartiles allow:
the low end of one over the high end of the other, and the reverse.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from formats.quantities import write_quantity
from mnistcnn import units
from mnistcnn.errors import DataError


@dataclass(frozen=True)
class Spread:
    """The result of repeating one measurement.

    Args:
        median: the middle.
        low: the 25th percentile.
        high: the 75th percentile.
        n: how many repeats.
    """

    median: float
    low: float
    high: float
    n: int

    def over(self, other: "Spread") -> "Spread | None":
        """Returns the ratio of this to another run's spread; None for zero.

        Example:
            >>> Spread(6.0, 5.0, 8.0, 5).over(Spread(3.0, 2.5, 4.0, 3))
            Spread(median=2.0, low=1.25, high=3.2, n=3)
        """
        if min(other.median, other.low) <= 0:
            return None
        return Spread(
            self.median / other.median,
            self.low / other.high,
            self.high / other.low,
            min(self.n, other.n),
        )

    def overlaps(self, other: "Spread") -> bool:
        """Whether the quartile ranges share a point."""
        return self.low <= other.high and other.low <= self.high


def pair(ours: Sequence[float], theirs: Sequence[float]) -> Spread | None:
    """Computes the spread of the ratios of paired repeats.

    A machine that slows down affects both of a pair: their ratio stays.

    Args:
        ours: the values of repeats.
        theirs: of the same repeats.

    Returns:
        The spread of `ours / theirs`; None if one is zero, or if they are not
        the same repeats.

    Example:
        >>> pair([6.0, 12.0], [3.0, 6.0])
        Spread(median=2.0, low=2.0, high=2.0, n=2)
    """
    if len(ours) != len(theirs) or min(theirs) <= 0:
        return None
    return summarize([a / b for a, b in zip(ours, theirs, strict=True)])


def summarize(values: Sequence[float]) -> Spread:
    """Computes the spread of repeats.

    Args:
        values: one or more finite numbers.

    Returns:
        Median and quartiles, with NumPy's linear interpolation.

    Raises:
        DataError: there are no values, or one is NaN or infinite.

    Example:
        >>> summarize([4.0, 1.0, 2.0, 3.0])
        Spread(median=2.5, low=1.75, high=3.25, n=4)
    """
    if not values or not all(map(math.isfinite, values)):
        raise DataError(
            f"The values are {values}. Expected one or more finite numbers: "
            "a measurement that failed has no value."
        )
    if len(values) == 1:
        return Spread(values[0], values[0], values[0], 1)
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, low, high, len(values))


def write_range(metric: str, spread: Spread) -> str:
    """Writes the quartiles, without the unit, which stands at the median.

    Args:
        metric: the metric's name, which holds the unit.
        spread: the numbers.

    Returns:
        The text.

    Example:
        >>> write_range("seconds", Spread(6.15, 6.1, 6.21, 5))
        '6.10 to 6.21'
    """
    texts = [
        write_quantity(metric, number)
        for number in (spread.median, spread.low, spread.high)
    ]
    parts = [text.split(" ") for text in texts]
    alike = {tuple(part[1:]) for part in parts}
    if len(alike) == 1 and len(parts[0]) == 2:
        texts = [part[0] for part in parts]
    elif metric == "ratio":
        texts = [text.rstrip("×") for text in texts]
    return f"{texts[1]} to {texts[2]}"


def write_spread(
    metric: str, spread: Spread | None, *, counted: bool = True
) -> str:
    """Writes a median with its quartiles and the count of repeats.

    Args:
        metric: the metric's name, which holds the unit.
        spread: the numbers, or None.
        counted: whether the count is included.

    Returns:
        The text, a dash for None.

    Example:
        >>> write_spread("seconds", Spread(6.15, 6.1, 6.21, 5))
        '6.15 s (6.10 to 6.21, n 5)'
    """
    if spread is None:
        return units.DASH
    said = [write_range(metric, spread)] if spread.n > 1 else []
    said += [f"n {spread.n}"] if counted else []
    median = write_quantity(metric, spread.median)
    return f"{median} ({', '.join(said)})" if said else median
