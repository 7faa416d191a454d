"""A Problem as one linear model in whole numbers, for solvers that know nothing else: a column per pair and per unit missed of a soft row, a row per bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.fresh import Wrong
from matcher.problem import Problem

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Linear:
    """Make the cost tuple of x small, tier by tier, with lower <= A x <= upper and 0 <= x <= most, all int64.

    Attributes
    ----------
    tiers
        K names.
    cost, constant
        K x columns, K.
    most
        One entry per column: 1 for the P pairs, which come first.
    row, column, coefficient
        The entries of A, sorted by row, then column.
    lower, upper
        One entry per row.
    low, high
        K numbers: between these the cost of a tier lies, as each demand takes one of its pairs or none.
    """

    tiers: tuple[str, ...]
    cost: Codes
    constant: Codes
    most: Codes
    row: Codes
    column: Codes
    coefficient: Codes
    lower: Codes
    upper: Codes
    low: tuple[int, ...]
    high: tuple[int, ...]

    @property
    def columns(self) -> int:
        """The number of columns."""
        return len(self.most)

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.lower)


@dataclass(frozen=True, eq=False)
class _Bounds:
    """Rows of one origin: entries as (row from 0, pair, sign), the bounds of each row, and what a unit missed costs in which tier (None: the rows are hard)."""

    row: Codes
    pair: Codes
    sign: Codes
    lower: Codes
    upper: Codes
    weight: int | None = None
    tier: int = -1


def linear(problem: Problem) -> Linear:
    """The model. O(entries of rows, log).

    Raises
    ------
    Wrong
        The problem has places that open or stay closed, or counts even fill: those are no rows.
    """
    if problem.open_or_closed.any() or problem.fill_tier >= 0:
        raise Wrong("open-or-closed places and even fill are not in this model")
    tiers = len(problem.tiers)
    cost, most = [problem.cost.astype(np.int64)], [np.ones(problem.pairs, dtype=np.int64)]
    entries, lower, upper = [], [], []
    rows, columns = 0, problem.pairs
    for part in _bounds(problem):
        count = len(part.lower)
        # No row counts more than its pairs; so unlimited rows stay within the solvers' numbers.
        size = np.bincount(part.row, minlength=count)
        entries.append((rows + part.row, part.pair, part.sign))
        lower.append(part.lower)
        upper.append(np.minimum(part.upper, size))
        if part.weight is not None:
            each = np.arange(count)
            for sign in (1, -1):
                entries.append((rows + each, columns + each, np.full(count, sign)))
                own = np.zeros((tiers, count), dtype=np.int64)
                own[part.tier] = part.weight
                cost.append(own)
                most.append(size + np.maximum(0, part.lower))
                columns += count
        rows += count
    row, column, coefficient = (np.concatenate(each).astype(np.int64) for each in zip(*entries, strict=True))
    order = np.lexsort((column, row))
    costs, limits = np.concatenate(cost, axis=1), np.concatenate(most)
    low, high = _ends(problem)
    missed = costs[:, problem.pairs :] @ limits[problem.pairs :]
    return Linear(
        problem.tiers,
        costs,
        problem.constant,
        limits,
        row[order],
        column[order],
        coefficient[order],
        np.concatenate(lower),
        np.concatenate(upper),
        tuple(low.tolist()),
        tuple((high + missed).tolist()),
    )


def _ends(problem: Problem) -> tuple[Codes, Codes]:
    """The least and the most that the pairs can cost in each tier."""
    asked = np.flatnonzero(np.diff(problem.first_pair))
    starts, idle = problem.first_pair[:-1][asked], ~problem.must[asked]
    least, most = (end.reduceat(problem.cost, starts, axis=1).astype(np.int64) for end in (np.minimum, np.maximum))
    low = np.where(idle, np.minimum(least, 0), least).sum(axis=1)
    high = np.where(idle, np.maximum(most, 0), most).sum(axis=1)
    return problem.constant + low, problem.constant + high


def _bounds(problem: Problem) -> Iterator[_Bounds]:
    """Demands, seats, rows and families; a soft row in a tier that the policy does not have costs nothing and is left out."""
    every, one = np.arange(problem.pairs), np.ones(problem.pairs, dtype=np.int64)
    yield _Bounds(problem.demand_of_pair().astype(np.int64), every, one, problem.must.astype(np.int64), np.ones(problem.demands, dtype=np.int64))
    yield _Bounds(problem.seat.astype(np.int64), every, one, problem.seat_lower, problem.seat_upper)
    for row in problem.rows:
        if row.weight is None or row.tier >= 0:
            none, size = np.zeros(len(row.pairs), dtype=np.int64), np.ones(len(row.pairs), dtype=np.int64)
            yield _Bounds(none, row.pairs.astype(np.int64), size, np.array([row.lower]), np.array([row.upper]), row.weight, row.tier)
    for family in problem.families:
        if family.weight is None or family.tier >= 0:
            sign = family.sign.astype(np.int64)
            yield _Bounds(family.group.astype(np.int64), family.pairs.astype(np.int64), sign, family.lower, family.upper, family.weight, family.tier)
