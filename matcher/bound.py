"""The value of an answer and the bound that its prices prove, over the problem's own arrays (docs/proof.md).

This is the engine's claim; `matcher.verify` recomputes both from the round and shares none of this.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from matcher.problem import Answer, Problem, Row

Sizes = npt.NDArray[np.int64]
Tuple = tuple[int, ...]


def value(problem: Problem, pair_of_demand: npt.NDArray[np.int32]) -> Tuple:
    """Cost tuple of a matching: constant, pairs, the penalties of soft rows and families, and even fill. O(pairs x soft rows)."""
    chosen = pair_of_demand[pair_of_demand >= 0]
    total = problem.constant + problem.cost[:, chosen].sum(axis=1, dtype=np.int64)
    matched = np.zeros(problem.pairs, dtype=np.bool_)
    matched[chosen] = True
    for row in problem.rows:
        if row.weight is not None and row.tier >= 0:
            total[row.tier] += penalty(row, int(np.count_nonzero(matched[row.pairs])))
    for family in problem.families:
        if family.weight is not None and family.tier >= 0:
            counts = np.bincount(family.group, weights=family.sign * matched[family.pairs], minlength=family.groups).astype(np.int64)
            total[family.tier] += family.weight * int((np.maximum(family.lower - counts, 0) + np.maximum(counts - family.upper, 0)).sum())
    if problem.fill_tier >= 0:
        used = np.bincount(problem.seat[chosen], minlength=problem.seats)
        turn = np.arange(int(used.sum())) - np.repeat(np.cumsum(used) - used, used) + 1
        total[problem.fill_tier] += problem.fill_weight * int((100 * turn // np.repeat(np.maximum(problem.seat_upper, 1), used)).sum())
    return tuple(int(x) for x in total)


def penalty(row: Row, count: int) -> int:
    """What a soft row costs at a count; a hard row costs nothing."""
    return 0 if row.weight is None else row.weight * (max(0, row.lower - count) + max(0, count - row.upper))


def bound(problem: Problem, answer: Answer, tick: Callable[[], None] = lambda: None) -> Tuple:
    """The tuple that no matching beats, by weak duality from the answer's prices. O(tiers x pairs) time, O(pairs) memory; `tick` is called in each tier."""
    total = [fixed + part for fixed, part in zip(problem.constant.tolist(), _demand_parts(problem, answer, tick), strict=True)]
    capacity = np.where(_positive(answer.seat_prices), problem.seat_upper, problem.seat_lower)
    total = [t - int(x) for t, x in zip(total, (answer.seat_prices * capacity[:, None]).sum(axis=0), strict=True)]
    demand = problem.demand_of_pair()
    for row, price in zip(problem.rows, answer.row_prices, strict=True):
        size = len(np.unique(demand[row.pairs]))
        least = _row_part(row, tuple(int(x) for x in price), size)
        total = [a + b for a, b in zip(total, least, strict=True)]
    return tuple(total)


def _positive(prices: Sizes) -> npt.NDArray[np.bool_]:
    """Whether each price tuple is lexicographically positive."""
    filled = np.hstack([prices, np.zeros((len(prices), 1), dtype=np.int64)])
    first = (filled != 0).argmax(axis=1)
    result: npt.NDArray[np.bool_] = filled[np.arange(len(filled)), first] > 0
    return result


def _price(problem: Problem, answer: Answer, tier: int) -> Sizes:
    """What each pair costs in a tier with the prices of its seat and its rows."""
    price: Sizes = problem.cost[tier] + answer.seat_prices[:, tier][problem.seat]
    for row, own in zip(problem.rows, answer.row_prices[:, tier], strict=True):
        if own:
            price[row.pairs] += own
    return price


def _demand_parts(problem: Problem, answer: Answer, tick: Callable[[], None]) -> list[int]:
    """Sum over demands of the lexicographic minimum over their pairs, and of staying unmatched where that is allowed."""
    counts = np.diff(problem.first_pair)
    active = np.flatnonzero(counts > 0)
    if not len(active):
        return [0] * len(problem.tiers)
    starts = problem.first_pair[:-1][active]
    tied = np.ones(problem.pairs, dtype=np.bool_)
    idle = ~problem.must[active]
    none = np.iinfo(np.int64).max
    parts = []
    for tier in range(len(problem.tiers)):
        tick()
        price = _price(problem, answer, tier)
        least = np.minimum.reduceat(np.where(tied, price, none), starts)
        least = np.where(idle, np.minimum(least, 0), least)
        parts.append(int(least.sum()))
        tied &= price == np.repeat(least, counts[active])
        idle &= least == 0
    return parts


def _row_part(row: Row, price: Tuple, size: int) -> Tuple:
    """The least that a row can add: minus its price at the better bound, or the best breakpoint of a soft row."""
    zero = (0,) * len(price)
    if row.weight is None:
        count = min(row.upper, size) if price > zero else row.lower
        return tuple(-y * count for y in price)
    points = {min(size, max(0, point)) for point in (0, row.lower, row.upper, size)}
    return min(tuple(-y * x + (penalty(row, x) if k == row.tier else 0) for k, y in enumerate(price)) for x in points)
