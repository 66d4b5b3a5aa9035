"""The records of one process, and the measurements made from many."""

import dataclasses
from typing import Literal, get_args

from formats.spread import summarize
from mnistcnn.errors import DataError

# The name of a metric includes its unit.
Metric = Literal[
    "epoch_seconds",
    "seconds",
    "microseconds",
    "p95_microseconds",
    "p99_microseconds",
    "max_microseconds",
    "images_per_second",
    "gflops_per_second",
    "bytes",
    "accuracy",
    "difference",
    "ratio",
]
# Every metric, and which way is better.
METRICS: dict[str, str] = dict.fromkeys(get_args(Metric), "lower") | {
    "images_per_second": "higher",
    "gflops_per_second": "higher",
    "accuracy": "higher",
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


def gather(records: list[Record]) -> list[dict]:
    """Combines all records of one case and metric into one measurement.

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
            **dataclasses.asdict(summarize(values)),
        }
        if first.note is not None:
            measurement["note"] = first.note
        measurements.append(measurement)
    return measurements
