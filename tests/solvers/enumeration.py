"""The optimum of a small Problem by trying every matching, read from docs/rules.md and docs/proof.md alone."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from matcher.problem import Problem

NO_BOUND = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Bound:
    """One row as a certificate numbers it: what each pair adds to its count (P), and what the count may be or costs.

    `tier` is None for a hard row, -1 where a soft one costs nothing; `minimum` is that of an open-or-closed seat, `capacity` that of a seat.
    """

    sign: np.ndarray
    lower: int
    upper: int
    weight: int = 0
    tier: int | None = None
    minimum: int = 0
    capacity: int | None = None

    @property
    def hard(self) -> bool:
        """Whether the count must lie within the bounds."""
        return self.tier is None

    def penalty(self, count: int) -> int:
        """What a soft row costs at a count."""
        return self.weight * (max(0, self.lower - count) + max(0, count - self.upper))


def bounds_of(problem: Problem) -> list[Bound]:
    """The seats, the rows, the groups of each family."""
    found = []
    for seat in range(problem.seats):
        minimum, capacity = int(problem.open_or_closed[seat]), int(problem.seat_upper[seat])
        found.append(Bound((problem.seat == seat).astype(np.int64), int(problem.seat_lower[seat]), capacity, minimum=minimum, capacity=capacity))
    for row in problem.rows:
        sign = np.zeros(problem.pairs, dtype=np.int64)
        sign[row.pairs] = 1
        found.append(_bound(sign, row.lower, row.upper, row.weight, row.tier))
    for family in problem.families:
        for group in range(family.groups):
            sign = np.zeros(problem.pairs, dtype=np.int64)
            mine = family.group == group
            sign[family.pairs[mine]] = family.sign[mine]
            found.append(_bound(sign, int(family.lower[group]), int(family.upper[group]), family.weight, family.tier))
    return found


def _bound(sign: np.ndarray, lower: int, upper: int, weight: int | None, tier: int) -> Bound:
    return Bound(sign, lower, upper) if weight is None else Bound(sign, lower, upper, weight, tier)


def fill(capacity: int, count: int) -> int:
    """What even fill costs at so many pairs of a seat (docs/rules.md, `balance`)."""
    return sum(100 * j // capacity for j in range(1, count + 1))


def matchings(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """All matchings that keep the bounds, one per line: the pair of each demand (P: none), and the cost tuple. O(product of the demands' options)."""
    options = [[*range(problem.first_pair[d], problem.first_pair[d + 1]), *([] if problem.must[d] else [problem.pairs])] for d in range(problem.demands)]
    choices = np.array(list(itertools.product(*options)), dtype=np.int64).reshape(-1, problem.demands)
    # The line behind the pairs stands for "unmatched": it costs nothing and counts nowhere.
    padded = np.vstack([problem.cost.T.astype(np.int64), np.zeros((1, len(problem.tiers)), dtype=np.int64)])
    value = problem.constant + padded[choices].sum(axis=1)
    kept = np.ones(len(choices), dtype=np.bool_)
    for bound in bounds_of(problem):
        count = np.append(bound.sign, 0)[choices].sum(axis=1)
        if bound.hard:
            kept &= (count >= bound.lower) & (count <= bound.upper) & ((count == 0) | (count >= bound.minimum))
        elif bound.tier is not None and bound.tier >= 0:
            value[:, bound.tier] += bound.weight * (np.maximum(0, bound.lower - count) + np.maximum(0, count - bound.upper))
        if problem.fill_tier >= 0 and bound.capacity is not None:
            costs = np.array([problem.fill_weight * fill(max(1, bound.capacity), n) for n in range(int(count.max(initial=0)) + 1)], dtype=np.int64)
            value[:, problem.fill_tier] += costs[count] if len(count) else 0
    return choices[kept], value[kept]


def enumerate_matchings(problem: Problem) -> np.ndarray | None:
    """The cost tuples of all matchings that keep the bounds, one per line; None where there is none."""
    _, value = matchings(problem)
    return value if len(value) else None


def brute_force(problem: Problem) -> tuple[int, ...] | None:
    """The least cost tuple over all matchings that keep the bounds, or None where there is none."""
    found = enumerate_matchings(problem)
    if found is None:
        return None
    best = found[np.lexsort(found.T[::-1])[0]] if found.shape[1] else found[0]
    return tuple(int(x) for x in best)


def infeasibility(problem: Problem) -> Problem:
    """The question behind a proof of infeasibility (docs/proof.md): no costs, no penalties, one tier."""
    rows = tuple(row if row.weight is None else replace(row, lower=0, upper=NO_BOUND, weight=None) for row in problem.rows)
    free = {"weight": None, "tier": -1}
    families = tuple(
        family if family.weight is None else replace(family, lower=np.full(family.groups, -problem.pairs), upper=np.full(family.groups, NO_BOUND), **free)  # type: ignore[arg-type]  # the fields above
        for family in problem.families
    )
    cost, constant = np.zeros((1, problem.pairs), dtype=np.int32), np.zeros(1, dtype=np.int64)
    return replace(problem, tiers=("infeasible",), cost=cost, constant=constant, rows=rows, families=families, fill_tier=-1)


def contradictory(problem: Problem) -> bool:
    """Whether some row asks for more than it allows."""
    return any(bound.hard and bound.lower > bound.upper for bound in bounds_of(problem))


def counts(problem: Problem, pair_of_demand: np.ndarray) -> Iterator[tuple[int, Bound]]:
    """What each row counts in a matching."""
    chosen = pair_of_demand[pair_of_demand >= 0]
    return ((int(bound.sign[chosen].sum()), bound) for bound in bounds_of(problem))
