"""The regression gate: what became worse since earlier results.

A measurement is worse if its medians differ by more than a tolerance and its
quartile ranges do not overlap. One that is implausibly better is a finding as
well: it has probably stopped measuring what it claims to.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from formats.spread import write_spread
from mnistcnn import units
from mnistcnn.errors import DataError
from mnistcnn.report import list_differences, name_backend
from pages.comparability import ALIKE, ASPECTS
from suites.suite_results import Measurement, SuiteResult, read_results

TOLERANCE = 1.10  # times, sizes and rates: by 10 %
TOLERANCE_DIFFERENCE = 2.0  # parity: twice as far apart or more
DIFFERENCE_FLOOR = 1e-5  # possible by rounding alone
TOO_GOOD = 3.0
RULE = (
    f"Worse: medians differ by more than {TOLERANCE - 1:.0%} (accuracies "
    f"{100 * ALIKE:.1f} points; parity "
    f"{TOLERANCE_DIFFERENCE:g}x and above {DIFFERENCE_FLOOR:g}) and the "
    f"quartile ranges do not overlap. Too good: better by {TOO_GOOD:g}x."
)


@dataclass(frozen=True)
class Judgement:
    """The outcome of comparing new results with old ones.

    Args:
        compared: how many measurements are in both.
        regressed: one line for each that is worse.
        too_good: one line for each that is implausibly better.
        missing: one line for each that the new results lack, or that they
            measured with another version of the suite.
        warnings: reasons to distrust the comparison.
    """

    compared: int
    regressed: tuple[str, ...]
    too_good: tuple[str, ...]
    missing: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is worse, and nothing too good to be true."""
        return not self.regressed and not self.too_good

    @property
    def summary(self) -> str:
        """Counts the findings, in one line."""
        return (
            f"{units.count(self.compared)} compared: {len(self.regressed)} "
            f"regressed, {len(self.too_good)} too good to be true, "
            f"{len(self.missing)} missing."
        )


def judge(new: Iterable[str | Path], old: Iterable[str | Path]) -> Judgement:
    """Compares new results with old ones.

    Args:
        new: result files of the benchmarks, or folders with some.
        old: the same, of the state that must not get worse.

    Returns:
        The findings.

    Raises:
        DataError: a result is missing or invalid, or one side has two results
            of one suite on one backend.
    """
    sides = read_results(new), read_results(old)
    # If one side has several machines, results are matched by machine;
    # otherwise different machines are compared, with a warning.
    several = any(
        len(set(map(_key, side.values()))) < len(side) for side in sides
    )
    news, olds = (_index(side, several) for side in sides)
    regressed, too_good, missing = [], [], []
    compared = 0
    for key, old_result in olds.items():
        new_result = news.get(key)
        name = " ".join([key[0], name_backend(key[1]), *key[2:]])
        if new_result is None:
            missing.append(f"missing: all of {name}")
            continue
        if new_result.version != old_result.version:
            versions = f"{old_result.version} before, {new_result.version} now"
            missing.append(f"not compared: {name}, of version {versions}")
            continue
        latest = {some.key: some for some in new_result.measurements}
        for before in old_result.measurements:
            after = latest.get(before.key)
            metric = before.metric.replace("_", " ")
            what = f"{name}, {before.title}, {metric}"
            if after is None:
                missing.append(f"missing: {what}")
                continue
            compared += 1
            finding = _judge_one(before, after)
            if finding:
                line = f"{finding}: {what}: {_write(before, after)}"
                (too_good if finding == "too good" else regressed).append(line)
    return Judgement(
        compared,
        tuple(regressed),
        tuple(too_good),
        tuple(missing),
        tuple(_warn(list(news.values()), list(olds.values()))),
    )


def _key(result: SuiteResult, several: bool = False) -> tuple[str, ...]:
    key = (result.suite, result.backend)
    if not several:
        return key
    place = result.environment
    cores = f"{units.plain(place.cores)} cores"
    return (*key, f"on {place.processor}, {cores}, {place.device.name}")


def _index(
    results: Mapping[Path, SuiteResult], several: bool
) -> dict[tuple[str, ...], SuiteResult]:
    found: dict[tuple[str, ...], Path] = {}
    for file, result in results.items():
        key = _key(result, several)
        if key in found:
            raise DataError(
                f"Expected one result of the suite {result.suite} on "
                f"{result.backend} and one machine. Received: {found[key]} "
                f"and {file}. Give one of them, and --against before each "
                "path of old results."
            )
        found[key] = file
    return {key: results[file] for key, file in found.items()}


def _judge_one(old: Measurement, new: Measurement) -> str:
    """Classifies a finding in a word or two, or "" for none."""
    if old.better == "none" or old.spread.overlaps(new.spread):
        return ""
    before, after = old.spread.median, new.spread.median
    if old.metric == "accuracy":
        if before - after > ALIKE:
            return "less accurate"
        good = 1 - before > TOO_GOOD * (1 - after) and after > before
        return "too good" if good else ""
    if old.metric == "difference":
        limit = max(TOLERANCE_DIFFERENCE * before, DIFFERENCE_FLOOR)
        return "further apart" if after > limit else ""
    if old.better == "higher":
        before, after = after, before
    if after > TOLERANCE * before:
        return "bigger" if old.metric == "bytes" else "slower"
    return "too good" if before > TOO_GOOD * after else ""


def _write(old: Measurement, new: Measurement) -> str:
    before = write_spread(old.metric, old.spread)
    after = write_spread(new.metric, new.spread)
    factor = new.spread.over(old.spread)
    if factor is None or old.metric == "accuracy":
        return f"{before} before, {after} now"
    return f"{before} before, {after} now ({units.ratio(factor.median)})"


def _warn(new: Sequence[SuiteResult], old: Sequence[SuiteResult]) -> list[str]:
    """Finds reasons why the two sides are hard to compare."""
    sides = [("old", old), ("new", new)]
    warnings = list_differences(sides, ASPECTS)
    for side, results in sides:
        quick = [f"{r.suite} {r.backend}" for r in results if r.quick]
        if quick:
            warnings.append(f"Quick form in {side}: {', '.join(quick)}.")
    return warnings
