"""Decoding: the best path through a lattice of proposed signs.

A path covers each piece of ink once. Its score is the sum over its signs of
weighted features of a sign, a log-linear model (a semi-Markov conditional
random field: Sarawagi and Cohen, 2004).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

BEAM = 64  # beam width: paths kept that have come equally far


def find_path(
    order: npt.NDArray[np.int64],
    proposals: Sequence[tuple[int, ...]],
    scores: npt.NDArray[np.floating],
) -> list[int]:
    """Finds the signs that cover each piece once and score best together.

    Args:
        order: `(n,)` the pieces from left to right.
        proposals: the pieces of each sign; each piece alone is among them.
        scores: `(signs,)`.

    Returns:
        Indices of the proposals, from left to right.

    Example:
        >>> signs = [(0,), (0, 1), (1,), (2,)]
        >>> find_path(np.arange(3), signs, np.array([1, 3, 1, 1]))
        [1, 3]
    """
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    begins: list[list[tuple[int, int]]] = [[] for _ in order]
    for place, group in enumerate(proposals):
        ranks = [int(rank[k]) for k in group]
        first = min(ranks)
        mask = sum(1 << (k - first) for k in ranks)
        begins[first].append((place, mask))
    # Keyed by the first uncovered piece, and by a bit mask of those covered
    # beyond it.
    states: list[dict[int, tuple]] = [{} for _ in range(len(order) + 1)]
    states[0][0] = (0.0, None)
    for first in range(len(order)):
        here = states[first]
        if len(here) > BEAM:
            best = sorted(here, key=lambda m: -here[m][0])[:BEAM]
            here = {mask: here[mask] for mask in best}
        for taken, (score, path) in here.items():
            for place, mask in begins[first]:
                if taken & mask:
                    continue
                both, after = taken | mask, first
                while both & 1:
                    both >>= 1
                    after += 1
                new = score + float(scores[place])
                known = states[after].get(both)
                if known is None or new > known[0]:
                    states[after][both] = (new, (place, path))
        states[first] = {}
    path = states[len(order)][0][1]
    found = []
    while path is not None:
        place, path = path
        found.append(place)
    return found[::-1]
