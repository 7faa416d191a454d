"""The tiers: what a pair costs in each, and what a matching is worth (docs/rules.md section 7).

Costs are to be made small, as in docs/proof.md: a tier where larger is better counts negatively.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.verifier.codes import Bools, Ints, member
from matcher.verifier.pairs import Pairs, Rulebook
from matcher.verifier.rows import Rows

HALF_WAY_ROUND = 20_100
"""Kilometres that no great circle between two places exceeds."""

LARGER_IS_BETTER = frozenset({"placed_mandatory", "placed"})


@dataclass(frozen=True)
class Tiers:
    """The tiers of a round's policy."""

    book: Rulebook
    rows: Rows

    @property
    def names(self) -> tuple[str, ...]:
        """The tiers, most important first."""
        return self.book.view.settings.tiers

    @cached_property
    def _previous(self) -> Ints:
        """Sorted keys of the pairs that `previous` names."""
        return np.unique(self.book.view.key(*self.book.view.previous))

    def constant(self) -> tuple[int, ...]:
        """What every matching pays: in the tier `moves` one for each demand that is in `previous`."""
        return tuple(int(self._in_previous().sum()) if name == "moves" else 0 for name in self.names)

    def _in_previous(self) -> Bools:
        """Which demands have a row in `previous` whose placement has seats in their period."""
        view = self.book.view
        student, placement = view.previous
        width = len(view.periods)
        asked = view.demands.period
        seen = np.zeros((len(view.students), width + 1), dtype=bool)  # the last column serves the demands for any period
        seen[student, width] = True
        opens = view.seats.number[placement] >= 0
        np.logical_or.at(seen, (np.repeat(student, width), np.tile(np.arange(width), len(student))), opens.ravel())
        return seen[view.demands.student, np.where(asked < 0, width, asked)]

    def largest(self) -> int:
        """A number that no pair's cost exceeds in any tier."""
        view, formula = self.book.view, self.book.view.settings.travel
        far = 60 * formula.detour * HALF_WAY_ROUND / min(formula.speed.values()) + max(formula.overhead.values()) + 1
        table = float(view.numbers("travel", "minutes").max(initial=0))
        weights = sum(abs(view.settings.weight(rule)) for rule in self.book.eligibility.soft)
        return max(1, weights, int(self.book.wishes.lines.largest.max(initial=0)) + 1, math.ceil(max(far, table)))

    def cost(self, name: str, pairs: Pairs, pinned: bool) -> Ints:
        """What each pair adds to a tier; `pinned` pairs pay nothing for soft rules."""
        return _COSTS[name](self, pairs, pinned)

    def placed_mandatory(self, pairs: Pairs, pinned: bool) -> Ints:
        """One less for every pair of a mandatory student."""
        del pinned
        return -self.book.view.mandatory[pairs.student].astype(np.int64)

    def placed(self, pairs: Pairs, pinned: bool) -> Ints:
        """One less for every pair."""
        del pinned
        return np.full(len(pairs.student), -1, dtype=np.int64)

    def soft(self, pairs: Pairs, pinned: bool) -> Ints:
        """The weights of the soft rules that the pair breaks."""
        return np.zeros(len(pairs.student), dtype=np.int64) if pinned else self.book.eligibility.penalty(pairs.student, pairs.placement)

    def rank(self, pairs: Pairs, pinned: bool) -> Ints:
        """The rank, 0 for none."""
        del pinned
        return pairs.rank

    def travel(self, pairs: Pairs, pinned: bool) -> Ints:
        """The whole minutes of the trip, less the days at a distance."""
        del pinned
        return self.book.travel.burden(pairs.student, pairs.placement)

    def moves(self, pairs: Pairs, pinned: bool) -> Ints:
        """One less for every pair that `previous` names."""
        del pinned
        return -member(self.book.view.key(pairs.student, pairs.placement), self._previous).astype(np.int64)

    def value(self, placed: Pairs, is_pinned: Bools) -> tuple[int, ...]:
        """The value of a matching in every tier, as costs: its constant, its pairs and the penalties of the soft quotas."""
        total = [0] * len(self.names)
        for group, pinned in ((is_pinned, True), (~is_pinned, False)):
            pairs = Pairs(placed.demand[group], placed.seat[group], placed.student[group], placed.placement[group], placed.rank[group])
            for tier, name in enumerate(self.names):
                total[tier] += int(self.cost(name, pairs, pinned).sum())
        if "soft" in self.names:
            loads = self.rows.quota_loads(placed.student, placed.placement)
            total[self.names.index("soft")] += int(self.rows.quotas.penalty(loads).sum())
        return tuple(cost + fixed for cost, fixed in zip(total, self.constant(), strict=True))


_COSTS: dict[str, Callable[[Tiers, Pairs, bool], Ints]] = {
    "placed_mandatory": Tiers.placed_mandatory,
    "placed": Tiers.placed,
    "soft": Tiers.soft,
    "rank": Tiers.rank,
    "travel": Tiers.travel,
    "moves": Tiers.moves,
}


def reported(name: str, cost: int) -> int:
    """A cost in the sense in which the tier is reported."""
    return -cost if name in LARGER_IS_BETTER else cost
