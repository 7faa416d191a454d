"""Everything beyond the seats that bounds a matching, in one shape: a row of the problem is a family with a single group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.problem import Problem

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Sizes = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Bounds:
    """The rows of one origin and how far a matching uses them.

    Attributes
    ----------
    kind
        That of the row or family.
    first
        The number of its first group, counted as in `matcher.problem.Certificate`: the seats, the rows, the groups of each family.
    pairs, group, sign, lower, upper, weight, tier
        As in `matcher.problem.Family`.
    count
        int64 per group: the matched pairs that it counts, with their signs.
    """

    kind: str
    first: int
    pairs: Codes
    group: Codes
    sign: npt.NDArray[np.int8]
    lower: Sizes
    upper: Sizes
    weight: int | None
    tier: int
    count: Sizes

    def within(self, count: Sizes, group: Codes | Sizes) -> Flags:
        """Whether such counts are inside the bounds of these groups."""
        inside: Flags = (count >= self.lower[group]) & (count <= self.upper[group])
        return inside

    def paid(self, count: Sizes, group: Codes | Sizes) -> Sizes:
        """What such counts cost in a soft row."""
        beyond = np.maximum(self.lower[group] - count, 0) + np.maximum(count - self.upper[group], 0)
        cost: Sizes = (self.weight or 0) * beyond
        return cost


def bounds_of(problem: Problem, chosen: Codes) -> Iterator[Bounds]:
    """Rows and families one after the other, counted for the pair that each demand has (-1: none). O(pairs + entries)."""
    matched = np.zeros(problem.pairs, dtype=np.bool_)
    matched[chosen[chosen >= 0]] = True
    first = problem.seats
    for row in problem.rows:
        count = np.array([np.count_nonzero(matched[row.pairs])])
        group, sign = np.broadcast_to(np.int32(0), len(row.pairs)), np.broadcast_to(np.int8(1), len(row.pairs))
        yield Bounds(row.kind, first, row.pairs, group, sign, np.array([row.lower]), np.array([row.upper]), row.weight, row.tier, count)
        first += 1
    for family in problem.families:
        held = matched[family.pairs]
        count = np.bincount(family.group[held], weights=family.sign[held], minlength=family.groups).astype(np.int64)
        parts = family.pairs, family.group, family.sign, family.lower, family.upper
        yield Bounds(family.kind, first, *parts, family.weight, family.tier, count)
        first += family.groups
