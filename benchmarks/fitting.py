"""Fits the reader's prior on numbers of training writers, and prints it.

`python benchmarks/fitting.py [ARTIFACT ...] [--strokes FILE ...]
[--numbers N]`: the weights of `mnistcnn/reading/prior.py` that make the true
paths through the lattices of such numbers likeliest (a conditional random
field: Lafferty, McCallum and Pereira, 2001). Held-out writers are not used.
It needs SciPy, which the extra `sklearn` installs.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from composed_numbers.lattice_examples import Example
from composed_numbers.mixture import make_examples
from composed_numbers.path_likelihood import Case, Paths
from mnistcnn.reading.inklooks import choose_looks
from mnistcnn.reading.prior import FEATURES, describe_signs
from running.commands import add_strokes, errors_in_one_line, make_parser

# The penalty of a squared weight, in units of its feature's spread: weights of
# features that are rare stay near 0, whichever examples were drawn.
DECAY = 5e-3
SLOPE = 1e-5  # the maximum gradient at the end
STEPS = 2000  # at most


def main() -> None:
    """Reads the command line; errors are a few lines and an exit code."""
    parser = make_parser(__doc__)
    parser.add_argument("artifacts", nargs="*", type=Path)
    add_strokes(parser)
    parser.add_argument("--numbers", type=int, default=9000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with errors_in_one_line():
        rng = np.random.default_rng(options.seed)
        examples = make_examples(options.strokes, options.numbers, rng)
        cases = look(examples, options.artifacts or [None])
        weights = fit(cases)
        print(f"WEIGHTS = {{  # {len(cases)} lattices")
        for name, pair in zip(FEATURES, weights.T, strict=True):
            print(f'    "{name}": ({pair[0]:.2f}, {pair[1]:.2f}),')
        print("}")


def look(
    examples: Sequence[Example], artifacts: Sequence[Path | None]
) -> list[Case]:
    """Runs networks on examples.

    Args:
        examples: lattices.
        artifacts: of the networks; None is the one that ships.
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
            names = classifier.classes_
            chosen = choose_looks(rows, example.places, names)
            looks = list(zip(example.images[chosen], rows[chosen], strict=True))
            seen = describe_signs(example.lattice.shapes, looks, names)
            cases.append(Case(example.lattice, seen, example.truth))
    return cases


def fit(cases: Sequence[Case]) -> np.ndarray:
    """Fits the weights, to convergence: the likelihood has a single maximum.

    Args:
        cases: lattices whose true path is known.

    Returns:
        `(2, features)`, for digits and for non-digits.
    """
    from scipy.optimize import minimize

    scale = np.concatenate([case.seen for case in cases]).std(0) + 1e-6
    scale[0] = 1.0
    paths = Paths([case._replace(seen=case.seen / scale) for case in cases])

    def cost(flat):
        weights = flat.reshape(2, -1)
        likelihood, slope = paths.differentiate(weights)
        return (
            DECAY / 2 * float((weights**2).sum()) - likelihood,
            (DECAY * weights - slope).ravel(),
        )

    found = minimize(
        cost,
        np.zeros(2 * len(scale)),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": STEPS, "gtol": SLOPE, "ftol": 0, "maxcor": 30},
    )
    print(f"# {found.nit} steps: {-found.fun:.4f}; {found.message}")
    return found.x.reshape(2, -1) / scale


if __name__ == "__main__":
    main()
