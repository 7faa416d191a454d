"""A Problem as one system of rows over its pairs, in the numbering of a certificate: seats, rows, groups of families (docs/proof.md).

Every bound of the round is `lower <= sum of sign x over its pairs <= upper` here, or, for a soft row, a penalty outside these bounds. Two things are more than
that: an open-or-closed seat, whose count is nothing or at least its minimum, and even fill, a rising price for each further pair of a seat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matcher.problem import Family, Problem, Row

Sizes = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

NEVER = np.iinfo(np.int32).max
"""An upper bound that no count reaches."""


@dataclass(frozen=True, eq=False)
class Model:
    """Rows over pairs, by row and by pair.

    Attributes
    ----------
    problem
        What it was made from.
    first, pair, sign
        The entries of row r are first[r] to first[r+1]: int64 R+1, int32 N, int8 N.
    lower, upper
        int64, R: bounds that no count can leave anyway are the least and the most it can be.
    weight, tier
        int64, R: what a unit outside the bounds costs, and in which tier; tier -1 for a hard row.
    minimum
        int64, R: an open-or-closed seat holds nobody or at least so many; 0 elsewhere.
    least, most
        int64, R: no matching counts fewer or more, whatever its bounds.
    """

    problem: Problem
    first: Sizes
    pair: Codes
    sign: npt.NDArray[np.int8]
    lower: Sizes
    upper: Sizes
    weight: Sizes
    tier: Sizes
    minimum: Sizes
    least: Sizes
    most: Sizes

    @property
    def rows(self) -> int:
        """R, the number of rows."""
        return len(self.lower)

    @cached_property
    def demand(self) -> Codes:
        """int32, P: the demand of each pair."""
        return self.problem.demand_of_pair()

    @cached_property
    def row(self) -> Codes:
        """int32, N: the row of each entry."""
        return np.repeat(np.arange(self.rows, dtype=np.int32), np.diff(self.first))

    @cached_property
    def by_pair(self) -> tuple[Sizes, Codes, npt.NDArray[np.int8]]:
        """The entries the other way round: where those of each pair begin, their rows, their signs."""
        order = np.argsort(self.pair, kind="stable")
        first = np.concatenate(([0], np.cumsum(np.bincount(self.pair, minlength=self.problem.pairs))))
        return first, self.row[order], self.sign[order]

    @cached_property
    def binding(self) -> Flags:
        """bool, R: rows that some choice of pairs would break."""
        return (self.lower > self.least) | (self.upper < self.most) | (self.minimum > 1)

    def weighted(self, weights: Mapping[int, float]) -> Floats:
        """float, P: what each pair costs, with a weight per tier. O(K P)."""
        total = np.zeros(self.problem.pairs)
        for tier, weight in weights.items():
            total += weight * self.problem.cost[tier]
        return total

    @cached_property
    def signed(self) -> Flags:
        """bool, R: rows that set pairs against others."""
        flags = np.zeros(self.rows, dtype=np.bool_)
        flags[self.row[self.sign < 0]] = True
        return flags

    @cached_property
    def opposed(self) -> tuple[Codes, Codes, npt.NDArray[np.int8]]:
        """The entries of signed rows: row, pair, sign."""
        mine = self.signed[self.row]
        return self.row[mine], self.pair[mine], self.sign[mine]

    @cached_property
    def bound_together(self) -> Flags:
        """bool, P: pairs of signed rows."""
        flags = np.zeros(self.problem.pairs, dtype=np.bool_)
        flags[self.opposed[1]] = True
        return flags

    def counts(self, chosen: Codes) -> Sizes:
        """int64, R: what each row counts in a matching, given as its pairs."""
        first, row, sign = self.by_pair
        at = spans(first[chosen], first[chosen + 1])
        counts: Sizes = np.bincount(row[at], weights=sign[at], minlength=self.rows).astype(np.int64)
        return counts

    def value(self, chosen: Codes) -> tuple[int, ...]:
        """The cost tuple of a matching, with the pairs that its hard rows miss or exceed in front: 0 where it keeps all rules."""
        problem = self.problem
        counts = self.counts(chosen)
        outside = np.maximum(self.lower - counts, 0) + np.maximum(counts - self.upper, 0)
        torn = (counts > 0) & (counts < self.minimum)
        broken = int(outside[self.tier < 0].sum()) + int((self.minimum - counts)[torn].sum())
        held = np.zeros(problem.demands, dtype=np.bool_)
        held[self.demand[chosen]] = True
        broken += int(np.count_nonzero(problem.must & ~held))
        total = problem.constant + problem.cost[:, chosen].sum(axis=1, dtype=np.int64)
        soft = np.flatnonzero((self.tier >= 0) & (outside > 0))
        np.add.at(total, self.tier[soft], self.weight[soft] * outside[soft])
        if problem.fill_tier >= 0:
            total[problem.fill_tier] += sum(
                int(fill_steps(c, problem.fill_weight)[:n].sum()) for c, n in zip(problem.seat_upper.tolist(), counts.tolist(), strict=False) if n
            )
        return (broken, *(int(x) for x in total))


def fill_steps(capacity: int, weight: int) -> Sizes:
    """What the first, second, ... pair of a seat costs where seats are to be filled evenly."""
    steps: Sizes = weight * (100 * np.arange(1, capacity + 1, dtype=np.int64) // max(1, capacity))
    return steps


def spans(begin: Sizes, end: Sizes) -> Sizes:
    """All positions from begin[i] up to end[i], one span after the other."""
    size = end - begin
    positions: Sizes = np.arange(int(size.sum()), dtype=np.int64) + np.repeat(begin - (np.cumsum(size) - size), size)
    return positions


def model_of(problem: Problem) -> Model:
    """All rows of a problem. O(entries log entries)."""
    demand = problem.demand_of_pair()
    seats = _Block(
        np.bincount(problem.seat, minlength=problem.seats),
        np.argsort(problem.seat, kind="stable").astype(np.int32),
        np.ones(problem.pairs, dtype=np.int8),
        problem.seat_lower,
        problem.seat_upper,
    )
    blocks = [seats, *(_of_row(row) for row in problem.rows), *(_of_family(family) for family in problem.families)]
    origins: list[Row | Family] = [*problem.rows, *problem.families]
    priced: list[Row | Family | None] = [None, *(origin if origin.weight is not None else None for origin in origins)]
    size, pair, sign, lower, upper = (np.concatenate([getattr(block, name) for block in blocks]) for name in ("size", "pair", "sign", "lower", "upper"))
    weight = np.concatenate([np.full(len(block.size), 0 if soft is None else soft.weight, dtype=np.int64) for block, soft in zip(blocks, priced, strict=True)])
    tier = np.concatenate([np.full(len(block.size), -1 if soft is None else soft.tier, dtype=np.int64) for block, soft in zip(blocks, priced, strict=True)])
    mute = np.concatenate(
        [np.full(len(block.size), soft is not None and (soft.tier < 0 or not soft.weight)) for block, soft in zip(blocks, priced, strict=True)]
    )
    tier[mute] = -1
    first = np.concatenate(([0], np.cumsum(size)))
    row = np.repeat(np.arange(len(size)), size)
    least, most = (_reach(row, pair, demand, sign, way, len(size), problem.demands) for way in (-1, 1))
    minimum = np.zeros(len(size), dtype=np.int64)
    minimum[: problem.seats] = problem.open_or_closed
    lower, upper = np.where(mute, least, lower), np.where(mute, most, np.minimum(upper, np.where(tier < 0, most, NEVER)))
    return Model(problem, first, pair, sign, lower, upper, weight, tier, minimum, least, most)


@dataclass(frozen=True, eq=False)
class _Block:
    """The rows of one origin: how many entries each has, the entries, the bounds."""

    size: Sizes
    pair: Codes
    sign: npt.NDArray[np.int8]
    lower: Sizes
    upper: Sizes


def _of_row(row: Row) -> _Block:
    return _Block(np.array([len(row.pairs)]), row.pairs, np.ones(len(row.pairs), dtype=np.int8), np.array([row.lower]), np.array([min(row.upper, NEVER)]))


def _of_family(family: Family) -> _Block:
    size = np.bincount(family.group, minlength=family.groups)
    return _Block(size, family.pairs, family.sign, family.lower.astype(np.int64), np.minimum(family.upper, NEVER).astype(np.int64))


def _reach(row: Sizes, pair: Codes, demand: Codes, sign: npt.NDArray[np.int8], way: int, rows: int, demands: int) -> Sizes:
    """The count of each row if every demand took the pair that moves it furthest one way."""
    there = sign == way
    key = np.unique(row[there] * max(1, demands) + demand[pair[there]])
    reach: Sizes = way * np.bincount(key // max(1, demands), minlength=rows).astype(np.int64)
    return reach
