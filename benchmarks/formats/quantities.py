"""Measured numbers in readable form, in the units of their metrics."""

from mnistcnn import units


def write_quantity(metric: str, number: float | None) -> str:
    """Formats a measured number with the unit that ends its metric's name.

    Args:
        metric: a name such as "epoch_seconds" or "microseconds".
        number: 0 or more, or None.

    Returns:
        The text, a dash for None.

    Example:
        >>> write_quantity("p95_microseconds", 180.4)
        '180 µs'
        >>> write_quantity("images_per_second", 70312)
        '70,312 images/s'
    """
    if number is None:
        return units.DASH
    endings = (ending for ending in _WRITERS if metric.endswith(ending))
    return _WRITERS[next(endings, "")](number)


def _microseconds(number: float) -> str:
    if number >= 999_500:
        return units.duration(number / 1e6)
    unit, number = ("ms", number / 1e3) if number >= 999.5 else ("µs", number)
    digits = 0 if number >= 99.95 else 1 if number >= 9.995 else 2
    return f"{number:.{digits}f} {unit}"


# By suffix of the metric's name; the first match wins, the empty one is last.
_WRITERS = {
    "microseconds": _microseconds,
    "seconds": units.duration,
    "bytes": units.memory,
    "images_per_second": lambda number: f"{units.count(number)} images/s",
    "gflops_per_second": lambda number: f"{number:,.1f} GFLOP/s",
    "accuracy": units.percent,
    "difference": lambda number: f"{number:.1e}",
    "ratio": units.ratio,
    "": lambda number: f"{number:.4g}",
}
