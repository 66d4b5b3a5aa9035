"""Conclusions from several runs, and reasons against them.

Conclusions follow only from the numbers: an order of speed, whether the
accuracies differ by more than their intervals, and how much may be noise.
"""

from collections.abc import Callable, Sequence

from mnistcnn import units
from mnistcnn.report.groups import Group, list_aspects, read_at
from mnistcnn.report.labels import (
    SHARED_VERSIONS,
    join_words,
    list_differences,
    qualify,
)


def find_warnings(groups: Sequence[Group]) -> list[str]:
    """Finds reasons why the groups cannot be compared fairly.

    Returns:
        One sentence per reason, none if only backend and seed differ.
    """
    names: dict[str, Callable] = {}
    for group in groups:
        names |= list_aspects(group.runs[0])
    names.pop("versions", None)
    for name in SHARED_VERSIONS:
        names[f"{name} version"] = read_at("environment", "versions", name)
    names["seeds"] = read_at("config", "seed")
    members = [(group.label, group.runs) for group in groups]
    warnings = list_differences(members, names)
    for group in groups:
        if any(run["data"]["generated"] for run in group.runs):
            name = group.runs[0]["data"]["name"]
            warnings.append(f"{group.label} did not see MNIST: {name}.")
        untested = len(group.runs) - len(group.tests)
        if untested:
            warnings.append(
                f"{group.label}: {untested} of {len(group.runs)} runs stopped "
                "before the test."
            )
    return warnings


def conclude(groups: Sequence[Group]) -> str:
    """Summarizes the numbers in one sentence.

    Returns:
        Which is fastest and by how much, whether the accuracies differ by more
        than their intervals, and what is unknown.
    """
    if len(groups) < 2:
        runs = len(groups[0].runs)
        speed = (
            f"a steady epoch takes {units.duration(groups[0].epoch)} on "
            f"{groups[0].label}"
        )
        known = "one run" if runs == 1 else f"the mean of {runs} runs"
        accuracy = units.percent(groups[0].accuracy)
        return (
            f"Nothing to compare with: {speed}, test accuracy {accuracy} "
            f"({known})."
        )
    parts = [
        _judge_speed(groups),
        _judge_accuracy(groups),
        _judge_noise(groups),
    ]
    sentence = "; ".join(part for part in parts if part) + "."
    return qualify(sentence, find_warnings(groups))


def _judge_speed(groups: Sequence[Group]) -> str:
    timed = [group for group in groups if group.epoch]
    if len(timed) < 2:
        return "which is fastest is not known, for there are no steady epochs"
    first, rest = timed[0], timed[1:]
    taken = units.duration(first.epoch)
    equal = [group for group in timed if units.duration(group.epoch) == taken]
    against = [
        f"{units.duration(group.epoch)} on {group.label} "
        f"({units.ratio(group.time_over(first))})"
        for group in rest
        if group not in equal
    ]
    who = join_words(group.label for group in equal)
    said = "are equally fast" if len(equal) > 1 else "is fastest"
    sentence = f"{who} {said}: {taken} per epoch"
    return f"{sentence}, against {join_words(against)}" if against else sentence


def _judge_accuracy(groups: Sequence[Group]) -> str:
    tested = [group for group in groups if group.tests]
    if len(tested) < 2:
        return ""
    tested.sort(key=lambda group: group.accuracy or 0, reverse=True)
    best, worst = tested[0], tested[-1]
    apart = []
    for low in reversed(tested):
        above = [group for group in tested if group.is_above(low)]
        if above:
            apart.append(
                f"{_score(low)} below {join_words(map(_score, above))}"
            )
    if apart:
        return (
            "the accuracies differ by more than their intervals: "
            + join_words(apart)
        )
    return (
        f"the accuracies ({units.percent(worst.accuracy)} to "
        f"{units.percent(best.accuracy)}) do not differ by more than their "
        "intervals"
    )


def _judge_noise(groups: Sequence[Group]) -> str:
    timed = [group for group in groups if group.epoch]
    single = [group.label for group in timed if len(group.epochs) == 1]
    if single:
        who = "each" if len(single) == len(timed) else join_words(single)
        return f"{who} ran once, so how noisy the machine was is not known"
    if len(timed) < 2:
        return ""
    first, second = timed[:2]
    if max(first.epochs) < min(second.epochs):
        return f"every run of {first.label} was faster than any other"
    return (
        f"runs of {first.label} and {second.label} overlap in time, so their "
        "order may be noise"
    )


def _score(group: Group) -> str:
    return f"{group.label} ({units.percent(group.accuracy)})"
