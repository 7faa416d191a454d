"""What a proof by cases proves, in plain Python with whole numbers of any size, from docs/proof.md, "Proofs by cases", alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from matcher.problem import Certificate, Problem
from tests.solvers.enumeration import Bound, bounds_of, fill

Proven = int | float | None
"""A bound: a whole number, infinite where no case has a matching, None without a tree."""


def proven(problem: Problem, certificate: Certificate, value: Sequence[int]) -> tuple[Proven, ...]:
    """The bound of each tier; `value` is what the matching at hand costs."""
    court = Court(problem, certificate, value)
    bounds: list[Proven] = [None] * len(problem.tiers)
    while court.node < len(certificate.node_tier):
        tier = int(certificate.node_tier[court.node])
        assert bounds[tier] is None, "a tier has one tree"
        assert all(bound is None for bound in bounds[tier:]), "tiers rise"
        bounds[tier] = court.tree(tier, {})
    assert court.leaf == len(certificate.denominator), "every leaf is used"
    return tuple(bounds)


@dataclass(eq=False)
class Court:
    """Reads the nodes in their order; the bounds of the splits on the way are handed down by row number."""

    problem: Problem
    certificate: Certificate
    value: Sequence[int]
    node: int = 0
    leaf: int = 0

    def __post_init__(self) -> None:
        one = np.identity(self.problem.pairs, dtype=np.int64)
        self.bounds = [*bounds_of(self.problem), *(Bound(one[pair], 0, 1) for pair in range(self.problem.pairs))]
        self.first_single = len(self.bounds) - self.problem.pairs
        self.demand = self.problem.demand_of_pair()

    def tree(self, tier: int, splits: dict[int, tuple[float, float]]) -> int | float:
        """The least bound of the leaves below the next node."""
        at = self.node
        self.node += 1
        row, value = int(self.certificate.node_row[at]), int(self.certificate.node_value[at])
        assert int(self.certificate.node_tier[at]) == tier
        if row < 0:
            return self.case(tier, splits)
        low, high = splits.get(row, (-inf, inf))
        return min(self.tree(tier, {**splits, row: (low, min(high, value))}), self.tree(tier, {**splits, row: (max(low, value + 1), high)}))

    def case(self, tier: int, splits: dict[int, tuple[float, float]]) -> int | float:
        """The bound of one leaf."""
        problem, leaf = self.problem, self.leaf
        self.leaf += 1
        denominator = int(self.certificate.denominator[leaf])
        assert denominator >= 1
        factor = {j: int(self.certificate.multipliers[leaf, j]) for j in range(tier)} | {tier: denominator}
        mine = np.flatnonzero(self.certificate.price_leaf == leaf)
        price = dict(zip(self.certificate.price_row[mine].tolist(), self.certificate.price[mine].tolist(), strict=True))
        total = sum(m * (int(problem.constant[j]) - (int(self.value[j]) if j < tier else 0)) for j, m in factor.items())
        cost = [sum(m * int(problem.cost[j, p]) for j, m in factor.items()) for p in range(problem.pairs)]
        out = set()
        for row, bound in enumerate(self.bounds):
            low, high = self.range(bound, *splits.get(row, (-inf, inf)))
            if low > high:
                return inf
            if row >= self.first_single and high == 0:
                out.add(row - self.first_single)
            if row < self.first_single or price.get(row):
                total += self.least(bound, factor, price.get(row, 0), low, high)
            if price.get(row):
                for p in np.flatnonzero(bound.sign).tolist():
                    cost[p] += price[row] * int(bound.sign[p])
        for demand in range(problem.demands):
            choices: list[float] = [cost[p] for p in range(problem.first_pair[demand], problem.first_pair[demand + 1]) if p not in out]
            least = min(choices if problem.must[demand] else [*choices, 0], default=inf)
            if least == inf:
                return inf
            total += int(least)
        return -(-total // denominator)

    def range(self, bound: Bound, low: float, high: float) -> tuple[int, int]:
        """What a row may count in the case."""
        reached = [self.demand[bound.sign == way] for way in (-1, 1)]
        least, most = -len(set(reached[0].tolist())), len(set(reached[1].tolist()))
        low, high = max(low, least, bound.lower if bound.hard else least), min(high, most, bound.upper if bound.hard else most)
        if bound.minimum:
            low, high = max(low, bound.minimum) if low >= 1 else low, 0 if high < bound.minimum else high
        return int(low), int(high)

    def least(self, bound: Bound, factor: dict[int, int], price: int, low: int, high: int) -> int:
        """The least that a row adds, over all it may count."""
        share = 0 if bound.hard or bound.tier is None else factor.get(bound.tier, 0)
        even = factor.get(self.problem.fill_tier, 0) * self.problem.fill_weight if bound.capacity is not None else 0
        if not share and not even:
            return -price * (high if price > 0 else low)
        return min(share * bound.penalty(x) + even * fill(bound.capacity or 1, x) - price * x for x in range(low, high + 1))
