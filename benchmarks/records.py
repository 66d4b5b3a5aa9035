"""What one process measured, and what is made of the numbers of many."""

import dataclasses
import math
import statistics

from mnistcnn.errors import DataError

# Every metric, its unit in its name, and which way is better.
METRICS = {
    "epoch_seconds": "lower",
    "seconds": "lower",
    "microseconds": "lower",
    "p95_microseconds": "lower",
    "p99_microseconds": "lower",
    "max_microseconds": "lower",
    "images_per_second": "higher",
    "gflops_per_second": "higher",
    "bytes": "lower",
    "accuracy": "higher",
    "difference": "lower",
    "ratio": "none",
}


@dataclasses.dataclass(frozen=True)
class Record:
    """One number.

    Args:
        case: what was varied: a flat dict of strings and numbers.
        metric: a key of `METRICS`.
        value: finite.
        note: a sentence for readers, or `None`.
    """

    case: dict
    metric: str
    value: float
    note: str | None = None


def summarize(values: list[float]) -> dict:
    """The `median`, the quartiles `low` and `high`, and `n`.

    Args:
        values: one or more finite numbers.

    Raises:
        DataError: there is none, or one is NaN or infinite.

    Example:
        >>> summarize([4.0, 1.0, 2.0])
        {'median': 2.0, 'low': 1.5, 'high': 3.0, 'n': 3}
    """
    if not values or not all(math.isfinite(value) for value in values):
        raise DataError(
            f"The values are {values}. Expected one or more finite numbers: "
            "a measurement that failed has no value."
        )
    low, median, high = values[0], values[0], values[0]
    if len(values) > 1:
        low, median, high = statistics.quantiles(
            values, n=4, method="inclusive"
        )
    return {"median": median, "low": low, "high": high, "n": len(values)}


def gather(records: list[Record]) -> list[dict]:
    """Makes one measurement of all records of a case and a metric.

    Args:
        records: in the order in which they were measured.

    Returns:
        The `measurements` of a result file, in order of first appearance.

    Raises:
        DataError: a metric is unknown, or a value is not finite.
    """
    groups: dict[tuple, list[Record]] = {}
    for record in records:
        if record.metric not in METRICS:
            raise DataError(
                f'The metric is "{record.metric}". Expected one of '
                f"{', '.join(METRICS)}: add it to METRICS, if it is new."
            )
        key = (record.metric, *sorted(record.case.items()))
        groups.setdefault(key, []).append(record)
    measurements = []
    for group in groups.values():
        first = group[0]
        values = [float(record.value) for record in group]
        measurement = {
            "case": first.case,
            "metric": first.metric,
            "better": METRICS[first.metric],
            "values": values,
            **summarize(values),
        }
        if first.note is not None:
            measurement["note"] = first.note
        measurements.append(measurement)
    return measurements
