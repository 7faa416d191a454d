"""What the leaves of a proof by cases prove: a number that the tier of no matching in the case goes below (docs/proof.md, "Proofs by cases").

With the denominator D of a leaf, its multipliers M and its prices Y (whole numbers), every matching of the case that has the values v in the tiers before k has
D v_k at least

    sum over demands of min(0, D c_k + sum of M_j c_j + sum of s Y over the rows of a pair)
    + sum over rows of the least of D penalty_k(x) + sum of M_j penalty_j(x) - Y x
    + D c_0,k + sum of M_j (c_0,j - v_j)

Sums are exact: 64 bits where they provably hold the numbers, Python's integers where they do not. All leaves are evaluated block by block in one pass over the
pairs, because finding the pairs takes longer than pricing them: O(L p) time for L leaves and p pairs, memory for one block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.progress import OnProgress, Progress, silent
from matcher.verifier.cases import Trees
from matcher.verifier.codes import Ints
from matcher.verifier.costs import Costs
from matcher.verifier.exact import Exact, fits, largest, total
from matcher.verifier.families import Bounds, Entries, Family, Singles
from matcher.verifier.fill import even_fill, even_fill_best
from matcher.verifier.pairs import Pairs, Rulebook, all_pairs, ranks_in


@dataclass(frozen=True, slots=True)
class Proven:
    """What the trees prove: for each tier the least whole number of its leaves, None where it has no tree.

    `impossible` are the tiers in which no case has a matching at all; `ranks` are those that a pair has.
    """

    bounds: tuple[int | None, ...]
    impossible: tuple[int, ...]
    ranks: frozenset[int]


def prove(
    book: Rulebook, families: Mapping[str, tuple[Family, ...]], costs: Costs, trees: Trees, value: Sequence[int], on_progress: OnProgress = silent
) -> Proven:
    """The bounds of all tiers; `value` is what the matching at hand costs in each."""
    table = _Table(families, trees)
    leaves = [_Leaf(table, trees, costs, number) for number in range(len(trees.leaf))]
    ranks: set[int] = set()
    for pairs, pinned in all_pairs(book):
        if not len(pairs.demand):
            continue
        ranks.update(ranks_in(pairs))
        block = _Block(table, costs, pairs, pinned=pinned)
        for leaf in leaves:
            leaf.add(block)
            if not pinned:
                on_progress(Progress("verify", 0.5 + 0.5 * int(pairs.student[-1] + 1) / len(book.view.students)))
    cases: list[list[int | None]] = [[] for _ in costs.names]
    for leaf in leaves:
        cases[leaf.tier].append(leaf.bound(costs, value))
    possible = [[least for least in found if least is not None] for found in cases]
    impossible = tuple(tier for tier, found in enumerate(cases) if found and not possible[tier])
    return Proven(tuple(min(found, default=None) for found in possible), impossible, frozenset(ranks))


class _Table:
    """The rows that the proof names, and those that count unnamed, of all families one after the other."""

    def __init__(self, families: Mapping[str, tuple[Family, ...]], trees: Trees) -> None:
        self.families = [family for group in families.values() for family in group]
        named = [trees.named.key[trees.named.family == number] for number in range(len(self.families))]
        self.wanted = [np.union1d(family.standing(), keys) for family, keys in zip(self.families, named, strict=True)]
        self.start = np.cumsum([0, *(len(keys) for keys in self.wanted)])
        self.bounds = Bounds.joined([family.bounds(keys) for family, keys in zip(self.families, self.wanted, strict=True)])
        self.of_named = np.zeros(len(trees.named.key), dtype=np.int64)
        for number, keys in enumerate(self.wanted):
            here = np.flatnonzero(trees.named.family == number)
            self.of_named[here] = self.start[number] + np.searchsorted(keys, trees.named.key[here])
        self.single = np.zeros(len(self), dtype=bool)
        for number, family in enumerate(self.families):
            self.single[self.start[number] : self.start[number + 1]] = isinstance(family, Singles)
        self.soft = np.flatnonzero(self.bounds.weight > 0)
        self.reach = np.zeros(len(self), dtype=np.int64)

    def __len__(self) -> int:
        return int(self.start[-1])

    def entries(self, pairs: Pairs) -> list[Entries]:
        """Where the pairs of a block count, family by family; and count the demands that each row can reach."""
        found = []
        for family, keys, start in zip(self.families, self.wanted, self.start, strict=False):
            if len(keys):
                part = family.entries(pairs, keys)
                reached = np.sort(pairs.demand[part.at] * len(keys) + part.row)
                once = np.diff(reached, prepend=-1) > 0
                self.reach[start : start + len(keys)] += np.bincount(reached[once] % len(keys), minlength=len(keys))
                found.append(Entries(part.at, part.row + start, part.sign))
        return [part for part in found if len(part.at)]


class _Block:
    """Pairs with their costs in every tier, and the rows in which they count; the entries of a part that belong to one pair begin at its `first`."""

    def __init__(self, table: _Table, costs: Costs, pairs: Pairs, *, pinned: bool) -> None:
        self.pinned = pinned
        self.costs = np.stack([costs.of(name, pairs, pinned) for name in costs.names])
        self.largest = [largest(column) for column in self.costs]
        _, self.begin = pairs.of_demands()
        self.parts = table.entries(pairs)
        self.singles = [part for part in self.parts if table.single[part.row[0]]]
        self.first = [np.flatnonzero(np.diff(part.at, prepend=-1)) for part in self.parts]
        self.most = sum(int(np.diff(first, append=len(part.at)).max()) for part, first in zip(self.parts, self.first, strict=True))

    def spread(self, prices: Exact, cost: Exact) -> None:
        """Add the prices of its rows to the cost of each pair."""
        for part, first in zip(self.parts, self.first, strict=True):
            cost[part.at[first]] += np.add.reduceat(prices[part.row] * part.sign, first)


class _Leaf:
    """One case on its way through the blocks."""

    def __init__(self, table: _Table, trees: Trees, costs: Costs, number: int) -> None:
        self.table = table
        self.tier = int(trees.tier[number])
        self.denominator = int(trees.denominator[number])
        self.factors = {tier: int(factor) for tier, factor in enumerate(trees.multipliers[number].tolist()) if factor} | {self.tier: self.denominator}
        priced = trees.priced(number)
        self.row, self.price = table.of_named[trees.price_row[priced]], trees.price[priced]
        self.height = largest(self.price)
        self.splits = [(int(table.of_named[row]), low, high) for row, low, high in trees.splits(number)]
        self.closed = np.array(sorted({row for row, _, high in self.splits if high <= 0 and table.single[row]}), dtype=np.int64)
        self.shares: dict[str, int] = {}
        for tier, factor in self.factors.items():
            for name, weight in costs.shares(costs.names[tier]).items():
                self.shares[name] = self.shares.get(name, 0) + factor * weight
        self.sum: int | None = 0

    def add(self, block: _Block) -> None:
        """Add what the demands of a block pay at least; None from the demand on that has no pair left though it is pinned."""
        if self.sum is None:
            return
        reach = sum(abs(factor) * block.largest[tier] for tier, factor in self.factors.items()) + self.height * block.most
        exact = fits(reach + 1)
        prices: Exact = np.zeros(len(self.table), dtype=exact)
        prices[self.row] = self.price
        cost: Exact = np.zeros(block.costs.shape[1], dtype=exact)
        for tier, factor in self.factors.items():
            cost += block.costs[tier].astype(exact, copy=False) * factor
        if len(self.row):
            block.spread(prices, cost)
        nowhere = reach + 1  # dearer than every pair
        if len(self.closed):
            for part in block.singles:
                cost[part.at[np.isin(part.row, self.closed)]] = nowhere
        least = np.minimum.reduceat(cost, block.begin)
        if not block.pinned:
            least = np.minimum(least, 0)
        elif (least == nowhere).any():
            self.sum = None
            return
        self.sum += total(least)

    def bound(self, costs: Costs, value: Sequence[int]) -> int | None:
        """The least whole value that a matching of the case may have in the tier; None where the case has no matching."""
        rows = self._rows()
        if self.sum is None or rows is None:
            return None
        fixed = sum(factor * (costs.constant[tier] - (value[tier] if tier != self.tier else 0)) for tier, factor in self.factors.items())
        return -(-(self.sum + rows + fixed) // self.denominator)

    def _rows(self) -> int | None:
        """What the rows add at least, over the numbers that the case leaves them; None where it leaves a row none."""
        bounds = self.table.bounds
        low, high = bounds.lower.copy(), np.minimum(bounds.upper, self.table.reach)
        for row, least, most in self.splits:
            low[row], high[row] = max(low[row], least), min(high[row], most)
        low = np.where((bounds.closed_below > 0) & (low >= 1), np.maximum(low, bounds.closed_below), low)
        high = np.where(high < bounds.closed_below, np.minimum(high, 0), high)
        if (low > high).any():
            return None
        price = np.zeros(len(low), dtype=np.int64)
        price[self.row] = self.price
        fills = (bounds.capacity > 0) & (self.shares.get("balance", 0) != 0)
        soft, penalty = self._penalties()
        hard = (price != 0) & ~fills
        hard[soft] = False
        return (
            self._hard(price, low, high, np.flatnonzero(hard))
            + self._soft(price, low, high, soft, penalty)
            + self._fill(price, low, high, np.flatnonzero(fills))
        )

    def _penalties(self) -> tuple[Ints, npt.NDArray[np.object_]]:
        """The rows that pay in the tiers of the leaf, and what each pays per unit outside its soft bounds, scaled."""
        bounds, at = self.table.bounds, self.table.soft
        share = np.array([self.shares.get(name, 0) for name in bounds.tier[at]], dtype=object)
        paying = np.flatnonzero(share != 0)
        return at[paying], np.asarray(share[paying] * bounds.weight[at[paying]], dtype=object)

    def _hard(self, price: Ints, low: Ints, high: Ints, at: Ints) -> int:
        """Rows without a penalty: minus price times the most they may count where the price is positive, else times the least."""
        price, count = price[at], np.where(price > 0, high, low)[at]
        return -total(price.astype(fits(largest(price) * largest(count))) * count)

    def _soft(self, price: Ints, low: Ints, high: Ints, at: Ints, penalty: npt.NDArray[np.object_]) -> int:
        """Rows with a penalty: the least over its corners. With a negative share the penalty is concave, and the ends are enough."""
        low, high, below, above = low[at], high[at], self.table.bounds.below[at], self.table.bounds.above[at]
        own, options = price[at].astype(object), []
        for count in (low, high, np.clip(below, low, high), np.clip(above, low, high)):
            off = np.maximum(below - count, 0) + count - np.minimum(count, above)
            options.append(penalty * off - own * count)
        return total(np.minimum.reduce(options))

    def _fill(self, price: Ints, low: Ints, high: Ints, at: Ints) -> int:
        """Seats under the tier `balance`: the least over all numbers of their even fill, which grows ever faster, less the price of each pair."""
        if not len(at):
            return 0
        share, capacity = self.shares["balance"], self.table.bounds.capacity[at]
        price, low, high = price[at], low[at], high[at]
        options = [low, high] if share < 0 else [even_fill_best(capacity, price, share, low, high)]
        return total(np.minimum.reduce([share * even_fill(capacity, count).astype(object) - price.astype(object) * count for count in options]))
