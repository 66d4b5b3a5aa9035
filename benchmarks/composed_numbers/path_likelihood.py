"""The likelihood of true paths through lattices, for all of them at once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mnistcnn.reading.lattice import Lattice


class Case(NamedTuple):
    """A lattice whose true path is known, as the prior sees it.

    Args:
        lattice: of the proposed signs.
        seen: `(signs, features)`.
        truth: for each sign of the path its index, and whether it is a
            non-digit.
    """

    lattice: Lattice
    seen: npt.NDArray[np.float64]
    truth: Sequence[tuple[int, bool]]


class Paths:
    """All steps of all paths through some lattices, as one graph.

    Args:
        cases: the lattices.
    """

    def __init__(self, cases: Sequence[Case]):
        found = [_list_steps(case.lattice) for case in cases]
        states = np.cumsum([0, *(len(levels) for _, levels in found)])
        signs = np.cumsum([0, *(len(case.seen) for case in cases)])
        self.seen = np.concatenate([case.seen for case in cases])
        steps = np.concatenate(
            [
                steps + np.array([start, start, sign])
                for (steps, _), start, sign in zip(
                    found, states[:-1], signs[:-1], strict=True
                )
            ]
        )
        level = np.concatenate([levels for _, levels in found])
        self._from, self._to, self._sign = steps.T
        self._case = np.searchsorted(states, self._from, side="right") - 1
        self._starts, self._ends = states[:-1], states[1:] - 1
        self._ahead = _group(steps, 1, level)
        self._behind = _group(steps, 0, level)[::-1]
        self.true = np.zeros((2, self.seen.shape[1]))
        for case in cases:
            for place, is_other in case.truth:
                self.true[int(is_other)] += case.seen[place]

    def differentiate(
        self, weights: npt.NDArray[np.floating]
    ) -> tuple[float, npt.NDArray[np.float64]]:
        """Computes the mean log-likelihood of the true paths, and its gradient.

        Args:
            weights: `(2, features)`, for digits and for non-digits.

        Returns:
            The likelihood, and the gradient, `(2, features)`.
        """
        digit, other = weights @ self.seen.T
        either = np.logaddexp(digit, other)
        ahead = self._sum(self._ahead, self._starts, either, 0)
        behind = self._sum(self._behind, self._ends, either, 1)
        whole = ahead[self._ends]
        path = ahead[self._from] + either[self._sign] + behind[self._to]
        chance = np.bincount(
            self._sign,
            np.exp(np.minimum(path - whole[self._case], 0)),
            minlength=len(either),
        )
        share = np.exp(digit - either)
        mean = np.stack([chance * share, chance * (1 - share)]) @ self.seen
        likelihood = float((weights * self.true).sum() - whole.sum())
        return likelihood / len(whole), (self.true - mean) / len(whole)

    def _sum(self, groups, known, scores, side):
        """Sums over all paths to each state, as logarithms, level by level."""
        total = np.full(self._ends[-1] + 1, -np.inf)
        total[known] = 0.0
        for steps, first, reached in groups:
            ways = total[steps[:, side]] + scores[steps[:, 2]]
            total[reached] = np.logaddexp.reduceat(ways, first)
        return total


def _group(steps, side, level):
    """Groups steps by the level of the state at one side, and by state.

    Returns:
        For each level its steps, the index of each state's first step, and the
        states.
    """
    found = []
    order = np.lexsort((steps[:, side], level[steps[:, side]]))
    levels = level[steps[order, side]]
    for group in np.split(order, np.flatnonzero(np.diff(levels)) + 1):
        states = steps[group, side]
        first = np.flatnonzero(np.diff(states, prepend=-1))
        found.append((steps[group], first, states[first]))
    return found


def _list_steps(lattice):
    """Lists the steps of all paths: from a state, to a state, by a sign.

    Returns:
        The steps, `(n, 3)` int64; and the level of each state: how many pieces
        from the left are taken before the first gap. The last state is the end.
    """
    rank = np.empty(len(lattice.order), np.int64)
    rank[lattice.order] = np.arange(len(rank))
    begins: list[list] = [[] for _ in rank]
    for place, group in enumerate(lattice.proposals):
        ranks = [int(rank[k]) for k in group]
        mask = sum(1 << k - min(ranks) for k in ranks)
        begins[min(ranks)].append((place, mask))
    names: list[dict[int, int]] = [{} for _ in range(len(rank) + 1)]
    names[0][0] = 0
    steps, levels = [], [0]
    for first in range(len(rank)):
        for taken, state in list(names[first].items()):
            for place, mask in begins[first]:
                if taken & mask:
                    continue
                both, after = taken | mask, first
                while both & 1:
                    both, after = both >> 1, after + 1
                if both not in names[after]:
                    names[after][both] = len(levels)
                    levels.append(after)
                steps.append((state, names[after][both], place))
    # The end comes last.
    end = names[-1][0]
    renamed = np.arange(len(levels))
    renamed[end:] -= 1
    renamed[end] = len(levels) - 1
    found = np.array(steps, np.int64)
    found[:, :2] = renamed[found[:, :2]]
    return found, np.array([*levels[:end], *levels[end + 1 :], levels[end]])
