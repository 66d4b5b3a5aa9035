"""The recommendation: one sentence that follows from the numbers."""

from collections.abc import Sequence

from formats.quantities import write_quantity
from mnistcnn import units
from mnistcnn.report import join_words, qualify
from pages.comparability import find_warnings
from pages.rankings import AT_BATCH, TRAINED, Ranking, list_rankings
from pages.series import DTYPE, Series
from pages.speedups import Speedup, list_speedups


def recommend(series: Sequence[Series]) -> str:
    """Says in one sentence which backend to use for what.

    Args:
        series: of `series.group_results`.

    Returns:
        The winners, how the engine compares with `fit` and with the best
        native loops, and how far all this can be trusted. The numbers behind
        it are in the page's tables.
    """
    rankings = list_rankings(series)
    if len(series) < 2:
        said = [f"{one.name}: {_write(one)}" for one in rankings]
        parts = [f"nothing to choose from: only {series[0].label} was run"]
        parts += [", ".join(said)] if said else []
    else:
        parts = _advise([one for one in rankings if len(one.entries) > 1])
    parts.append(_judge_engine(list_speedups(series)))
    sentence = "; ".join(part for part in parts if part) + "."
    return qualify(sentence, find_warnings(series))


def _advise(rankings: Sequence[Ranking]) -> list[str]:
    """Says who wins what: one part of the sentence."""
    if not rankings:
        return ["which is fastest is not known: nothing was run on two of them"]
    found: dict[tuple[str, ...], list[Ranking]] = {}
    for ranking in rankings:
        # The order of indistinguishable ones is noise.
        who = sorted(entry[0].label for entry in ranking.winners)
        found.setdefault(tuple(who), []).append(ranking)
    advice = [
        f"{join_words(who, 'or')} for {join_words(_name(won, rankings))}"
        for who, won in found.items()
    ]
    return [f"take {', '.join(advice)}"]


def _name(won: Sequence[Ranking], rankings: Sequence[Ranking]) -> list[str]:
    """Names the questions, with the batch sizes of training combined."""
    trained = [one for one in won if one.metric == TRAINED]
    names = [one.name for one in won if one.metric != TRAINED]
    if not trained:
        return names
    if len(trained) == sum(one.metric == TRAINED for one in rankings):
        return ["training", *names]
    sizes = [one.name.removeprefix(AT_BATCH) for one in trained]
    return [f"{AT_BATCH}{join_words(sizes)}", *names]


def _judge_engine(speedups: Sequence[Speedup]) -> str:
    """Says how the engines compare with `fit` and the best native loops."""
    baselines = {
        "fit": "Keras' fit",
        "tuned": "fit as it is fastest",
        "best": "the best native loops",
    }
    # Only float32, since the baselines compute in it.
    speedups = [speedup for speedup in speedups if speedup.dtype == DTYPE]
    parts = [
        f"{_range(found)} that of {name}"
        for baseline, name in baselines.items()
        if (found := [one for one in speedups if one.baseline == baseline])
    ]
    return f"the engine's speed is {join_words(parts)}" if parts else ""


def _range(speedups: Sequence[Speedup]) -> str:
    factors = sorted(one.factor.median for one in speedups if one.factor)
    ends = [units.ratio(factor) for factor in factors[:1] + factors[-1:]]
    if not ends or ends[0] == ends[-1]:
        return ends[0] if ends else units.DASH
    return f"{ends[0].rstrip('×')} to {ends[-1]}"


def _write(ranking: Ranking) -> str:
    text = write_quantity(ranking.metric, ranking.entries[0][1].median)
    return f"{text} an epoch" if ranking.metric == TRAINED else text
