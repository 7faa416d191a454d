"""Weak duality: what no matching of the round can beat, from prices alone (docs/proof.md).

For any prices y, the value of every matching that keeps the rules is at least

    c_0  +  sum over demands of lexmin(0, c_p + sum of s y over the rows of p)  +  sum over rows of the least of penalty(x) - y x

compared tier by tier, like words in a dictionary. Least tuples under that order add up, which is all that the argument needs.
Costs are scaled by the prices' denominator. The sums are exact: where they could leave 64 bits, Python's integers take over (slower, same code).

Demands are folded block by block: O((p + entries) K) time after the blocks themselves, but for a sort of the entries of rows other than seats, and memory for
one block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from matcher.progress import OnProgress, Progress, silent
from matcher.verifier.codes import Bools, Ints
from matcher.verifier.costs import Costs
from matcher.verifier.exact import Exact, fits, largest, total
from matcher.verifier.families import Seats
from matcher.verifier.fill import FULL, even_fill, even_fill_best
from matcher.verifier.pairs import Pairs, Rulebook, all_pairs, ranks_in
from matcher.verifier.prices import Priced, Prices


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


def least_value(book: Rulebook, costs: Costs, prices: Prices, on_progress: OnProgress = silent) -> Bound:
    """The bound that the prices prove."""
    groups = [rows for rows in map(_rows, prices.rows) if len(rows.key)]
    sums = [fixed * prices.denominator for fixed in costs.constant]
    ranks: set[int] = set()
    for pairs, pinned in all_pairs(book):
        if len(pairs.demand):
            ranks.update(ranks_in(pairs))
            sums = _plus(sums, _demands(costs, prices.denominator, pairs, [rows.charges(pairs) for rows in groups], pinned=pinned))
            if not pinned:
                on_progress(Progress("verify", 0.5 + 0.5 * int(pairs.student[-1] + 1) / len(book.view.students)))
    for rows in groups:
        sums = _plus(sums, rows.least(costs, prices.denominator))
    return Bound(tuple(sums), prices.denominator, any(rows.contradiction for rows in groups), frozenset(ranks))


@dataclass(frozen=True, slots=True, eq=False)
class _Charges:
    """Where the prices of some rows fall among the pairs of a block.

    Attributes
    ----------
    price
        K x R: of the rows.
    row
        The row of each entry.
    spread
        The pairs that count in any, where the entries of each begin, and how each entry counts; None where every pair has one entry, which counts once.
    height
        A number that the prices of no pair exceed together (absolute).
    """

    price: Ints
    row: Ints
    spread: tuple[Ints, Ints, Ints] | None
    height: int

    def add(self, tier: int, cost: Exact) -> None:
        """Add to the cost of each pair the prices of its rows in a tier."""
        price = self.price[tier]
        if not price.any():
            return
        charged: Exact = price.astype(cost.dtype, copy=False)[self.row]
        if self.spread is None:
            cost += charged
        else:
            at, first, sign = self.spread
            cost[at] += np.add.reduceat(charged * sign, first)


class _Rows:
    """The rows of a family that have a price, a minimum or a penalty, on their way through the blocks; `reach` counts the demands with a pair in each."""

    def __init__(self, priced: Priced, standing: Ints) -> None:
        self.family = priced.family
        self.key = np.union1d(standing, priced.key)
        self.price = np.zeros((priced.price.shape[1], len(self.key)), dtype=np.int64)
        self.price[:, np.searchsorted(self.key, priced.key)] = priced.price.T
        self.height = largest(self.price)
        self.bounds = self.family.bounds(self.key)
        self.reach = np.zeros(len(self.key), dtype=np.int64)

    def charges(self, pairs: Pairs) -> _Charges:
        """Where the prices fall among the pairs of a block, whose demands are counted."""
        found = self.family.entries(pairs, self.key)
        reached = np.sort(pairs.demand[found.at] * len(self.key) + found.row)
        once = np.diff(reached, prepend=-1) > 0
        self.reach += np.bincount(reached[once] % len(self.key), minlength=len(self.key))
        first = np.flatnonzero(np.diff(found.at, prepend=-1))
        most = int(np.diff(first, append=len(found.at)).max(initial=0))
        return _Charges(self.price, found.row, (found.at[first], first, found.sign), self.height * most)

    @property
    def high(self) -> Ints:
        """The most that each row can count: no matching counts more than its demands."""
        return np.minimum(self.bounds.upper, self.reach)

    @property
    def contradiction(self) -> bool:
        """Whether a row asks for more pairs than it can hold."""
        return bool((self.bounds.lower > self.high).any())

    def least(self, costs: Costs, denominator: int) -> list[int]:
        """What the rows add at least: each the lexicographic minimum of penalty less price, over the ends of its bounds and the corners of its penalty."""
        bounds, low, high = self.bounds, self.bounds.lower, self.high
        penalties, fill = self._penalties(costs, denominator), _fill(costs, denominator) if self.bounds.capacity.any() else None
        counts = [low, high]
        counts += [np.clip(corner, low, high) for corner in (bounds.below, bounds.above)] if penalties else []
        counts += self._filled(*fill) if fill else []
        most = max(1, *(largest(count) for count in counts))
        dearest = sum(abs(factor) for *_, factor in penalties) * largest(bounds.weight) * max(most, largest(bounds.below))
        exact = fits(self.height * most + dearest + (abs(fill[1]) * FULL * most if fill else 0))
        options: list[Exact] = []
        for count in counts:
            option: Exact = self.price.astype(exact) * -count
            outside = np.maximum(bounds.below - count, 0) + count - np.minimum(count, bounds.above)
            for tier, at, factor in penalties:
                option[tier, at] += bounds.weight[at].astype(exact) * outside[at] * factor
            if fill:
                option[fill[0]] += even_fill(bounds.capacity, count).astype(exact) * fill[1]
            options.append(option)
        return [total(tier) for tier in reduce(_lesser, options)]

    def _penalties(self, costs: Costs, denominator: int) -> list[tuple[int, Ints, int]]:
        """The rows that pay in each tier, and how often their weight counts there, scaled."""
        soft, found = self.bounds.weight > 0, []
        for tier, name in enumerate(costs.names):
            for part, share in costs.shares(name).items():
                at = np.flatnonzero(soft & (self.bounds.tier == part))
                if share and len(at):
                    found.append((tier, at, share * denominator))
        return found

    def _filled(self, tier: int, share: int) -> list[Ints]:
        """The numbers among which even fill less the price of each pair is least.

        Where the prices of the earlier tiers do not decide, the tier's own do: the best numbers lie from where its next pair first costs the price to where it
        costs more, and the later tiers choose among the two.
        """
        price, low, high = self.price[tier].astype(object), self.bounds.lower, np.maximum(self.bounds.lower, self.high)
        return [even_fill_best(self.bounds.capacity, own, share, low, high) for own in (price, (price // share + 1) * share)]


class _Seats(_Rows):
    """The seats: every pair counts in exactly one, so all are kept, and a pair finds its own without a search."""

    def charges(self, pairs: Pairs) -> _Charges:
        """Each pair pays the price of its seat; a demand has one pair there at most."""
        self.reach += np.bincount(pairs.seat, minlength=len(self.key))
        return _Charges(self.price, pairs.seat, None, self.height)


def _rows(priced: Priced) -> _Rows:
    """The rows of a family that a bound must look at."""
    family = priced.family
    return _Seats(priced, np.arange(len(family.rows.seat_upper))) if isinstance(family, Seats) else _Rows(priced, family.standing())


def _demands(costs: Costs, denominator: int, pairs: Pairs, charges: Sequence[_Charges], *, pinned: bool) -> list[int]:
    """The lexicographic minima of the demands in a block, summed; a pinned demand may not stay unmatched.

    Tier by tier: the least of each demand's pairs that were least in all tiers before (and of zero, while staying unmatched is among them).
    """
    nowhere = max(1, costs.largest) * denominator + sum(part.height for part in charges) + 1  # dearer than every pair
    exact = fits(nowhere)
    demand, begin = pairs.of_demands()
    sizes = np.diff(begin, append=len(pairs.demand))
    least_so_far: Bools | None = None
    stays = np.full(len(demand), not pinned)
    totals = []
    for tier, name in enumerate(costs.names):
        price: Exact = costs.of(name, pairs, pinned).astype(exact) * denominator
        for part in charges:
            part.add(tier, price)
        if least_so_far is not None:
            price = np.where(least_so_far, price, nowhere)
        least = np.minimum.reduceat(price, begin)
        least = np.where(stays, np.minimum(least, 0), least)
        totals.append(total(least))
        least_so_far = (price == np.repeat(least, sizes)).astype(bool)
        stays &= (least == 0).astype(bool)
    return totals


def _fill(costs: Costs, denominator: int) -> tuple[int, int] | None:
    """The tier in which even fill counts, and how much, scaled; None where it counts in none."""
    shares = ((tier, costs.shares(name).get("balance", 0) * denominator) for tier, name in enumerate(costs.names))
    return next((found for found in shares if found[1]), None)


def _lesser(one: Exact, other: Exact) -> Exact:
    """Column by column the lexicographically smaller one."""
    more = one - other
    first = (more != 0).argmax(axis=0)
    lesser: Exact = np.where(more[first, np.arange(more.shape[1])] > 0, other, one)
    return lesser


def _plus(one: Sequence[int], other: Sequence[int]) -> list[int]:
    return [left + right for left, right in zip(one, other, strict=True)]
