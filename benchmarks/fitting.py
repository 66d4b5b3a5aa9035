"""Fits the reader's prior on numbers of training writers, and prints it.

`python benchmarks/fitting.py [ARTIFACT ...] [--strokes FILE ...]
[--numbers N]`: the weights of `mnistcnn/reading/prior.py` that make the true
paths through the lattices of such numbers likeliest (a conditional random
field: Lafferty, McCallum and Pereira, 2001). Held-out writers have no part.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from composed_numbers.lattice_examples import Example, make_examples
from mnistcnn.reading.prior import FEATURES, describe_signs
from running.commands import add_strokes, errors_in_one_line, make_parser

STEPS, RATE, DECAY = 120, 0.1, 2e-3


def main() -> None:
    """Reads the command line; errors are a few lines and an exit code."""
    parser = make_parser(__doc__)
    parser.add_argument("artifacts", nargs="*", type=Path)
    add_strokes(parser)
    parser.add_argument("--numbers", type=int, default=2500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with errors_in_one_line():
        rng = np.random.default_rng(options.seed)
        examples = make_examples(options.strokes, options.numbers, rng)
        weights = fit(examples, options.artifacts or [None])
        print(f"WEIGHTS = {{  # {len(examples)} lattices")
        for name, pair in zip(FEATURES, weights.T, strict=True):
            print(f'    "{name}": ({pair[0]:.2f}, {pair[1]:.2f}),')
        print("}")


def fit(
    examples: Sequence[Example], artifacts: Sequence[Path | None]
) -> np.ndarray:
    """Fits the weights by gradient ascent (Adam) on the log-likelihood.

    Args:
        examples: lattices.
        artifacts: whose networks look at them; None is the one that ships.

    Returns:
        `(2, features)`, for digits and for what is none.
    """
    from mnistcnn import DigitClassifier
    from mnistcnn.artifact import pretrained_path

    cases = []
    for artifact in artifacts:
        classifier = DigitClassifier.from_artifact(
            artifact or pretrained_path()
        )
        for example in examples:
            rows = classifier.predict_proba(example.images)
            seen = describe_signs(
                example.lattice.shapes, rows, classifier.classes_
            )
            cases.append((seen, *_list_steps(example.lattice), example.truth))
    scale = np.concatenate([case[0] for case in cases]).std(0) + 1e-6
    scale[0] = 1.0
    weights = np.zeros((2, len(scale)))
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        slope, total = np.zeros_like(weights), 0.0
        for seen, steps, states, end, truth in cases:
            gain, likelihood = _differentiate(
                seen / scale, steps, states, end, truth, weights
            )
            slope += gain
            total += likelihood
        slope = slope / len(cases) - DECAY * weights
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope**2
        size = np.sqrt(square / (1 - 0.99**step)) + 1e-8
        weights += RATE * mean / (1 - 0.9**step) / size
        if step % 50 == 0:
            print(f"# step {step}: {total / len(cases):.4f}", flush=True)
    return weights / scale


def _list_steps(lattice):
    """Lists all steps of all paths: from a state, to a state, by a sign."""
    rank = np.empty(len(lattice.order), np.int64)
    rank[lattice.order] = np.arange(len(rank))
    begins: list[list] = [[] for _ in rank]
    for place, group in enumerate(lattice.proposals):
        ranks = [int(rank[k]) for k in group]
        mask = sum(1 << k - min(ranks) for k in ranks)
        begins[min(ranks)].append((place, mask))
    names: list[dict[int, int]] = [{} for _ in range(len(rank) + 1)]
    names[0][0] = 0
    steps, states = [], 1
    for first in range(len(rank)):
        for taken, state in list(names[first].items()):
            for place, mask in begins[first]:
                if taken & mask:
                    continue
                both, after = taken | mask, first
                while both & 1:
                    both, after = both >> 1, after + 1
                if both not in names[after]:
                    names[after][both] = states
                    states += 1
                steps.append((state, names[after][both], place))
    return steps, states, names[-1][0]


def _differentiate(seen, steps, states, end, truth, weights):
    """The slope of the true path's log-likelihood, and that itself."""
    digit, other = weights @ seen.T
    either = np.logaddexp(digit, other)
    score = either.tolist()
    ahead, behind = [-math.inf] * states, [-math.inf] * states
    ahead[0] = behind[end] = 0.0
    for start, stop, place in steps:
        ahead[stop] = _add(ahead[stop], ahead[start] + score[place])
    for start, stop, place in reversed(steps):
        behind[start] = _add(behind[start], behind[stop] + score[place])
    whole = ahead[end]
    chance = np.zeros(len(score))
    for start, stop, place in steps:
        path = ahead[start] + score[place] + behind[stop] - whole
        chance[place] += math.exp(min(path, 0.0))
    share = np.exp(digit - either)
    slope = -np.stack([(chance * share) @ seen, (chance * (1 - share)) @ seen])
    likelihood = -whole
    for place, is_other in truth:
        slope[int(is_other)] += seen[place]
        likelihood += float((other if is_other else digit)[place])
    return slope, likelihood


def _add(one: float, two: float) -> float:
    """The logarithm of a sum, of logarithms."""
    high, low = max(one, two), min(one, two)
    return high + math.log1p(math.exp(low - high)) if low > -math.inf else high


if __name__ == "__main__":
    main()
