"""The bound of one tier in one case, in exact whole numbers (docs/proof.md, "Proofs by cases")."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.solvers.relaxation.model import Model, fill_steps

Sizes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Values = tuple[int, ...]

DENOMINATOR = 1 << 20
"""Prices are rounded to multiples of 1 / DENOMINATOR: fine enough that n roundings stay below one unit, coarse enough for sums in 64 bits."""

LARGEST = 1 << 58
"""Sums of absolute values below this are exact."""


@dataclass(frozen=True, eq=False)
class Case:
    """The bounds that hold in a case: of the rows, and the pairs that are out of it or in it for certain."""

    lower: Sizes
    upper: Sizes
    out: Flags
    taken: Flags

    @classmethod
    def whole(cls, model: Model) -> Case:
        """No split at all."""
        none = np.zeros(model.problem.pairs, dtype=np.bool_)
        return cls(model.lower, model.upper, none, none)

    def tightened(self, model: Model) -> tuple[Sizes, Sizes]:
        """The bounds with what they say of open-or-closed seats: used means at least the minimum, fewer than the minimum means unused."""
        torn = model.minimum > 0
        hard = model.tier < 0
        upper = np.where(hard, np.minimum(self.upper, model.most), self.upper)
        upper = np.where(torn & (upper < model.minimum), 0, upper)
        return np.where(torn & (self.lower >= 1), np.maximum(self.lower, model.minimum), self.lower), upper


@dataclass(frozen=True, eq=False)
class Prices:
    """Whole numbers over `denominator`: a price per row, one per taken pair (int64 R and P), and a multiplier per tier before the one at hand (int64 K)."""

    row: Sizes
    pair: Sizes
    multiplier: Sizes
    denominator: int


class Overflow(Exception):
    """The numbers are too large for exact 64-bit sums."""


def numerator(model: Model, tier: int, values: Values, case: Case, prices: Prices) -> int | None:
    """The bound of a case times the denominator; None where the case has no matching at all. O(K P + entries).

    `values` are those of the tiers before `tier`; tier -1 is the question whether there is any matching (all costs 0).

    Raises
    ------
    Overflow
        The prices are too large.
    """
    problem = model.problem
    lower, upper = case.tightened(model)
    if ((lower > upper) & (model.tier < 0)).any():
        return None
    _fits(model, tier, prices)
    price = _pair_prices(model, tier, prices)
    total = 0 if tier < 0 else prices.denominator * int(problem.constant[tier])
    total += sum(int(prices.multiplier[j]) * (int(problem.constant[j]) - values[j]) for j in range(max(0, tier)))
    total += _demands(model, price, case)
    total -= int(prices.pair[case.taken].sum())
    hard = (model.tier < 0) & (prices.row != 0)
    total -= int((prices.row * np.where(prices.row > 0, upper, lower))[hard & ~_filled(model, tier, prices)].sum())
    for row in np.flatnonzero((model.tier >= 0) & (model.tier <= tier)):
        factor = prices.denominator if model.tier[row] == tier else int(prices.multiplier[model.tier[row]])
        total += _soft(model, int(row), factor, int(prices.row[row]), int(lower[row]), int(upper[row]))
    idle = (model.tier > tier) & (prices.row != 0)
    total -= int((prices.row * np.where(prices.row > 0, model.most, model.least))[idle].sum())
    for seat in np.flatnonzero(_filled(model, tier, prices)):
        factor = prices.denominator if problem.fill_tier == tier else int(prices.multiplier[problem.fill_tier])
        counts = np.arange(int(lower[seat]), int(upper[seat]) + 1)
        steps = np.concatenate(([0], np.cumsum(fill_steps(int(problem.seat_upper[seat]), problem.fill_weight))))
        total += int((factor * steps[counts] - int(prices.row[seat]) * counts).min())
    return total


def _pair_prices(model: Model, tier: int, prices: Prices) -> Sizes:
    """What each pair costs with all prices, times the denominator."""
    problem = model.problem
    price: Sizes = np.zeros(problem.pairs, dtype=np.int64) if tier < 0 else prices.denominator * problem.cost[tier].astype(np.int64)
    for j in range(max(0, tier)):
        if prices.multiplier[j]:
            price += int(prices.multiplier[j]) * problem.cost[j].astype(np.int64)
    entries = prices.row[model.row] * model.sign
    used = entries != 0
    np.add.at(price, model.pair[used], entries[used])
    return price + prices.pair


def _demands(model: Model, price: Sizes, case: Case) -> int:
    """The sum over demands of the least that each can pay."""
    problem = model.problem
    none = np.iinfo(np.int64).max
    least = np.full(problem.demands, none, dtype=np.int64)
    counts = np.diff(problem.first_pair)
    active = counts > 0
    if active.any():
        least[active] = np.minimum.reduceat(np.where(case.out, none, price), problem.first_pair[:-1][active])
    free = ~problem.must
    return int(np.minimum(least[free], 0).sum()) + int(np.where(least == none, 0, least)[~free].sum())


def _filled(model: Model, tier: int, prices: Prices) -> Flags:
    """Seats whose even fill counts in this tier or, by a multiplier, in one before."""
    problem = model.problem
    counts = 0 <= problem.fill_tier <= tier and (problem.fill_tier == tier or prices.multiplier[problem.fill_tier] != 0)
    return np.arange(model.rows) < (problem.seats if counts else 0)


def _soft(model: Model, row: int, factor: int, price: int, lower: int, upper: int) -> int:
    """The least that a soft row adds: at a corner where the penalty is convex, anywhere where it is not."""
    least, most = int(model.least[row]), int(model.most[row])
    weight = factor * int(model.weight[row])
    corners = {min(most, max(least, x)) for x in (least, lower, upper, most)} if weight >= 0 else range(least, most + 1)
    return min(weight * (max(lower - x, 0) + max(x - upper, 0)) - price * x for x in corners)


def _fits(model: Model, tier: int, prices: Prices) -> None:
    """Raise where a sum could leave 64 bits; reckoned in floating point, which does not."""
    problem = model.problem
    factors = {j: abs(float(prices.multiplier[j])) for j in range(max(0, tier))} | ({tier: float(prices.denominator)} if tier >= 0 else {})
    entries = np.abs(prices.row.astype(np.float64))
    of_pair = np.bincount(model.pair, weights=entries[model.row], minlength=problem.pairs) + np.abs(prices.pair.astype(np.float64))
    largest = sum(factor * float(np.abs(problem.cost[j].astype(np.float64)).max(initial=0)) for j, factor in factors.items()) + float(of_pair.max(initial=0))
    rows = float((entries * np.maximum(np.abs(model.most), np.minimum(np.abs(model.upper), model.most + np.abs(model.lower)))).sum())
    fill = factors.get(problem.fill_tier, 0.0) * 100.0 * problem.fill_weight * float(problem.seat_upper.max(initial=0))
    if largest * (problem.demands + 1) + rows + fill >= LARGEST:
        raise Overflow
