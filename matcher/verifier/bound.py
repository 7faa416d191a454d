"""Weak duality: what no matching of the round can beat, from prices alone (docs/proof.md).

For any prices y, the value of every matching that keeps the rules is at least

    c_0  +  sum over demands of lexmin(0, c_p + sum of y over the rows of p)  +  sum over rows of the least of penalty(x) - y x

compared tier by tier, like words in a dictionary. Least tuples under that order add up, which is all that the argument needs.
Costs are scaled by the prices' denominator. The sums are exact: where they could leave 64 bits, Python's integers take over (slower, same code).

Demands are folded block by block: O(p K) time after the blocks themselves, and memory for one block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.progress import OnProgress, Progress, silent
from matcher.verifier.codes import Bools, Ints, spans
from matcher.verifier.costs import Costs
from matcher.verifier.exact import SAFE, Exact
from matcher.verifier.fill import even_fill, even_fill_best
from matcher.verifier.pairs import Pairs, Rulebook, all_pairs, ranks_in
from matcher.verifier.prices import Prices
from matcher.verifier.rows import Rows, classes


@dataclass(frozen=True, slots=True)
class Bound:
    """A tuple of fractions, `numerators[k] / denominator`, that the cost tuple of no matching comes before.

    With `contradiction` a hard row asks for more pairs than it may hold: no matching keeps the rules at all. `ranks` are those that a pair has.
    """

    numerators: tuple[int, ...]
    denominator: int
    contradiction: bool = False
    ranks: frozenset[int] = frozenset()

    def beats(self, value: tuple[int, ...]) -> bool:
        """Whether the value comes before the bound: then its matching does not keep the rules."""
        return self.contradiction or self.numerators > tuple(cost * self.denominator for cost in value)

    def against(self, value: tuple[int, ...]) -> tuple[int | None, ...]:
        """The bound of each tier given that the tiers before it have their values: whole numbers, rounded up; None behind the first that differs."""
        bounds: list[int | None] = []
        tied = True
        for numerator, cost in zip(self.numerators, value, strict=True):
            bounds.append(-(-numerator // self.denominator) if tied else None)
            tied = tied and numerator == cost * self.denominator
        return tuple(bounds)


def least_value(book: Rulebook, rows: Rows, costs: Costs, prices: Prices, on_progress: OnProgress = silent) -> Bound:
    """The bound that the prices prove."""
    ledger = _Ledger(book, rows, costs, prices)
    total = [fixed * prices.denominator for fixed in costs.constant]
    for pairs, pinned in all_pairs(book):
        if len(pairs.demand):
            total = [sum_ + least for sum_, least in zip(total, ledger.demands(pairs, pinned=pinned), strict=True)]
            ledger.count(pairs)
            if not pinned:
                on_progress(Progress("verify", 0.5 + 0.5 * int(pairs.student[-1] + 1) / len(book.view.students)))
    for part in (ledger.seats(), ledger.pools(), ledger.quotas()):
        total = [sum_ + more for sum_, more in zip(total, part, strict=True)]
    return Bound(tuple(total), prices.denominator, ledger.contradiction(), frozenset(ledger.ranks))


class _Ledger:
    """The parts of the sum, each for one kind of payer."""

    def __init__(self, book: Rulebook, rows: Rows, costs: Costs, prices: Prices) -> None:
        self.book, self.rows, self.costs, self.prices = book, rows, costs, prices
        demands = len(book.view.demands.student)
        heights = [int(np.abs(table.astype(object)).max(initial=0)) for table in (prices.seat, prices.pool)]
        pools = int(np.diff(rows.pool_first).max(initial=0))
        per_pair = costs.largest * prices.denominator + heights[0] + pools * heights[1] + sum(abs(int(price)) for price in prices.quota.ravel())
        per_row = heights[0] * int(rows.seat_upper.sum(initial=0) + rows.seat_lower.sum(initial=0))
        self.exact: type = np.int64 if per_pair * (demands + 1) < SAFE and per_row < SAFE else object
        self.ranks: set[int] = set()
        self.nowhere = per_pair + 1  # dearer than every pair
        self.seat_reach, self.pool_reach, self.quota_reach = (np.zeros(len(table), dtype=np.int64) for table in (prices.seat, prices.pool, prices.quota))
        self.seat_total = prices.seat.astype(self.exact)
        at, seat = spans(rows.pool_first, book.view.seats.placement)
        np.add.at(self.seat_total, seat, prices.pool.astype(self.exact)[rows.pool_member[at]])
        self.priced = np.flatnonzero(prices.quota.any(axis=1))
        student_class, self.of_student = classes(rows.quotas.students[self.priced])
        placement_class, self.of_placement = classes(rows.quotas.placements[self.priced])
        quota = prices.quota[self.priced].astype(self.exact)
        self.quota_total = [(student_class * quota[:, tier]) @ placement_class.T for tier in range(len(costs.names))]

    def demands(self, pairs: Pairs, *, pinned: bool) -> list[int]:
        """The lexicographic minima of the demands in a block, summed; a pinned demand may not stay unmatched.

        Tier by tier: the least of each demand's pairs that were least in all tiers before (and of zero, while staying unmatched is among them).
        """
        demand, begin = pairs.of_demands()
        sizes = np.diff(begin, append=len(pairs.demand))
        least_so_far: Bools | None = None
        stays = np.full(len(demand), not pinned)
        totals = []
        for tier, name in enumerate(self.costs.names):
            price = self._price(tier, name, pairs, pinned=pinned)
            if least_so_far is not None:
                price = np.where(least_so_far, price, self.nowhere)
            least = np.minimum.reduceat(price, begin)
            least = np.where(stays, np.minimum(least, 0), least)
            totals.append(int(least.sum()))
            least_so_far = (price == np.repeat(least, sizes)).astype(bool)
            stays &= (least == 0).astype(bool)
        return totals

    def _price(self, tier: int, name: str, pairs: Pairs, *, pinned: bool) -> Exact:
        """The cost of each pair in a tier, scaled, and the prices of its rows."""
        price: Exact = self.costs.of(name, pairs, pinned).astype(self.exact) * self.prices.denominator + self.seat_total[pairs.seat, tier]
        if len(self.priced):
            price = price + self.quota_total[tier][self.of_student[pairs.student], self.of_placement[pairs.placement]]
        return price

    def count(self, pairs: Pairs) -> None:
        """Count, for each row whose least value depends on it, the demands in a block that have a pair in it (no matching counts more), and note the ranks."""
        self.ranks.update(ranks_in(pairs))
        self.seat_reach += np.bincount(pairs.seat, minlength=len(self.seat_reach))
        if self.prices.pool.any():
            at, pair = spans(self.rows.pool_first, pairs.placement)
            keys = np.unique(pairs.demand[pair] * len(self.pool_reach) + self.rows.pool_member[at])
            self.pool_reach += np.bincount(keys % len(self.pool_reach), minlength=len(self.pool_reach))
        quotas = self.rows.quotas
        demand, begin = pairs.of_demands()
        student = self.book.view.demands.student[demand]
        for quota in np.flatnonzero(~quotas.hard | (quotas.lower > 0) | _positive(self.prices.quota)):
            inside = np.logical_or.reduceat(quotas.placements[quota][pairs.placement], begin)
            self.quota_reach[quota] += np.count_nonzero(inside & quotas.students[quota][student])

    def seats(self) -> list[int]:
        """The seats: minus price times the most they can hold where the price is positive, else times the minimum; with even fill see `_filled`."""
        shares = [self.costs.shares(name).get("balance", 0) for name in self.costs.names]
        if any(shares):
            return self._filled(shares)
        return _hard(self.prices.seat.astype(self.exact), self.rows.seat_lower, np.minimum(self.rows.seat_upper, self.seat_reach))

    def _filled(self, shares: list[int]) -> list[int]:
        """The seats under the tier `balance`: the lexicographic minimum of even fill less the price of each pair, seat by seat.

        Where the prices of the earlier tiers do not decide, the tier's own do: the best numbers lie from where its next pair first costs the price to where it
        costs more, and the later tiers choose among the two.
        """
        tier = next(tier for tier, share in enumerate(shares) if share)
        share = shares[tier] * self.prices.denominator
        capacity, low, high = self.rows.seat_upper, self.rows.seat_lower, np.minimum(self.rows.seat_upper, self.seat_reach)
        price = self.prices.seat.astype(object)
        next_dearer = (price[:, tier] // share + 1) * share
        counts = [low, high, *(even_fill_best(capacity, own, share, low, np.maximum(low, high)) for own in (price[:, tier], next_dearer))]
        options = [-price * count[:, None] for count in counts]
        for option, count in zip(options, counts, strict=True):
            option[:, tier] += share * even_fill(capacity, count).astype(object)
        least = [min(seat) for seat in zip(*(map(tuple, option) for option in options), strict=True)]
        return [sum(column) for column in zip(*least, strict=True)] if least else [0] * len(shares)

    def pools(self) -> list[int]:
        """The pools, in Python's integers: they are few."""
        return _hard(self.prices.pool.astype(object), np.zeros_like(self.pool_reach), np.minimum(self.rows.pool_upper, self.pool_reach))

    def quotas(self) -> list[int]:
        """The quotas: the hard ones like seats, the soft ones at the best of their corners."""
        quotas = self.rows.quotas
        totals = [0] * len(self.costs.names)
        for quota in range(len(quotas.ids)):
            price = [int(part) for part in self.prices.quota[quota]]
            most = int(self.quota_reach[quota])
            lower, upper = int(quotas.lower[quota]), int(min(quotas.upper[quota], most))
            if quotas.hard[quota]:
                corners, weight = [upper if price > [0] * len(price) else lower], 0
            else:
                corners, weight = [0, min(lower, most), upper, most], int(quotas.weight[quota]) * self.prices.denominator
            soft = str(quotas.tier[quota])
            options = [self._pays(price, x, soft, weight * (max(lower - x, 0) + max(x - upper, 0))) for x in corners]
            totals = [total + part for total, part in zip(totals, min(options), strict=True)]
        return totals

    def contradiction(self) -> bool:
        """Whether a hard row asks for more pairs than it can hold."""
        quotas = self.rows.quotas
        short = quotas.hard & (quotas.lower > np.minimum(quotas.upper, self.quota_reach))
        return bool((self.rows.seat_lower > np.minimum(self.rows.seat_upper, self.seat_reach)).any() or short.any())

    def _pays(self, price: list[int], count: int, soft: str, penalty: int) -> list[int]:
        shares = [self.costs.shares(name).get(soft, 0) for name in self.costs.names]
        return [penalty * share - part * count for share, part in zip(shares, price, strict=True)]


def _hard(price: Exact, lower: Ints, upper: Ints) -> list[int]:
    count = np.where(_positive(price), upper, lower)
    return [int(-(column * count).sum()) for column in price.T]


def _positive(price: Exact) -> Bools:
    """Which rows of prices are lexicographically positive."""
    if price.shape[0] == 0:
        return np.zeros(0, dtype=bool)
    first = (price != 0).argmax(axis=1)
    leading: Exact = price[np.arange(len(price)), first]
    return np.asarray(leading > 0, dtype=bool)
