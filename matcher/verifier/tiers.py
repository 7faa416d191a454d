"""The tiers: what a pair costs in each, and what a matching is worth (docs/rules.md section 7).

Costs are to be made small, as in docs/proof.md: a tier where larger is better counts negatively. A profile is a tier for every rank: its *digits*.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.result import TierValue
from matcher.verifier.codes import Bools, Ints, member
from matcher.verifier.pairs import Pairs, Rulebook
from matcher.verifier.rows import Rows

HALF_WAY_ROUND = 20_100
"""Kilometres that no great circle between two places exceeds."""

LARGER_IS_BETTER = frozenset({"placed_mandatory", "placed"})

_DIGIT = re.compile(r"rank:([1-9][0-9]{0,8})")


@dataclass(frozen=True)
class Tiers:
    """The tiers of a round's policy."""

    book: Rulebook
    rows: Rows

    @property
    def names(self) -> tuple[str, ...]:
        """The tiers in the order in which they count, most important first."""
        wanted = tuple(dict.fromkeys(self.book.view.settings.tiers))
        if self.measure != "rank_maximal" or "rank" not in wanted:
            return wanted
        ahead = wanted[: wanted.index("rank")]
        moved = next((at for at, name in enumerate(ahead) if name in LARGER_IS_BETTER), len(ahead))
        return (*ahead[:moved], "rank", *ahead[moved:], *wanted[len(ahead) + 1 :])

    @property
    def measure(self) -> str:
        """How ranks count."""
        return self.book.view.settings.rank_measure

    @property
    def profile(self) -> bool:
        """Whether the tier `rank` is a profile."""
        return self.measure != "sum" and "rank" in self.names

    @property
    def sense(self) -> int:
        """What one more student at a rank adds to its digit: `generous` wants few, the other profiles many."""
        return 1 if self.measure == "generous" else -1

    def weightiest_first(self, ranks: Iterable[int]) -> list[int]:
        """Ranks in the order in which a profile compares them."""
        return sorted(set(ranks), reverse=self.measure == "generous")

    def spelled(self, ranks: Iterable[int]) -> tuple[str, ...]:
        """The names with a profile spelled out into the digits of some ranks; without any rank there is the digit of the first."""
        if not self.profile:
            return self.names
        digits = [f"rank:{rank}" for rank in self.weightiest_first(ranks) or [1]]
        at = self.names.index("rank")
        return (*self.names[:at], *digits, *self.names[at + 1 :])

    @cached_property
    def _previous(self) -> Ints:
        """Sorted keys of the pairs that `previous` names."""
        return np.unique(self.book.view.key(*self.book.view.previous))

    def constant(self, names: Sequence[str]) -> tuple[int, ...]:
        """What every matching pays in each of the tiers spelled out: in `moves` one for each demand that is in `previous`."""
        return tuple(int(self._in_previous().sum()) if name == "moves" else 0 for name in names)

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
        """What each pair adds to a tier or digit; `pinned` pairs pay nothing for soft rules."""
        digit = _DIGIT.fullmatch(name)
        return _COSTS[name](self, pairs, pinned) if digit is None else self.sense * (pairs.rank == int(digit[1])).astype(np.int64)

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

    def value(self, names: Sequence[str], placed: Pairs, is_pinned: Bools) -> tuple[int, ...]:
        """The value of a matching in each of the tiers spelled out, as costs: its constant, its pairs and the penalties of the soft quotas."""
        total = [0] * len(names)
        for group, pinned in ((is_pinned, True), (~is_pinned, False)):
            pairs = Pairs(placed.demand[group], placed.seat[group], placed.student[group], placed.placement[group], placed.rank[group])
            for tier, name in enumerate(names):
                total[tier] += int(self.cost(name, pairs, pinned).sum())
        if "soft" in names:
            loads = self.rows.quota_loads(placed.student, placed.placement)
            total[names.index("soft")] += int(self.rows.quotas.penalty(loads).sum())
        return tuple(cost + fixed for cost, fixed in zip(total, self.constant(names), strict=True))

    def reported(self, names: Sequence[str], costs: Sequence[int], bounds: Sequence[int | None], counts: Sequence[int]) -> tuple[TierValue, ...]:
        """Values and bounds of the tiers spelled out, as they are reported: larger is better for the sizes, and a profile is one tier.

        `counts` are the placed at rank 1, 2, ..., up to the largest rank there is.
        """
        known = dict(zip(names, zip(costs, bounds, strict=True), strict=True))
        found = []
        for name in self.names:
            if name in known:
                cost, bound = known[name]
                sense = -1 if name in LARGER_IS_BETTER else 1
                found.append(TierValue(name, sense * cost, None if bound is None else sense * bound))
            else:
                found.append(TierValue(name, tuple(counts), self._bounds(known, counts)))
        return tuple(found)

    def _bounds(self, known: dict[str, tuple[int, int | None]], counts: Sequence[int]) -> tuple[int | None, ...] | None:
        """The bound of a profile by rank: zero for a rank that no pair has, while all that counts more is tied; None where no digit has a bound."""
        limits: list[int | None] = [None] * len(counts)
        digits = [bound for name, (_, bound) in known.items() if _DIGIT.fullmatch(name)]
        tied = digits[0] is not None
        for rank in self.weightiest_first(range(1, len(counts) + 1)):
            _, bound = known.get(f"rank:{rank}", (0, 0 if tied else None))
            limits[rank - 1] = None if bound is None else self.sense * bound
            tied = tied and limits[rank - 1] == counts[rank - 1]
        return tuple(limits) if digits[0] is not None else None


_COSTS: dict[str, Callable[[Tiers, Pairs, bool], Ints]] = {
    "placed_mandatory": Tiers.placed_mandatory,
    "placed": Tiers.placed,
    "soft": Tiers.soft,
    "rank": Tiers.rank,
    "travel": Tiers.travel,
    "moves": Tiers.moves,
}


def ranks_named(names: Iterable[object]) -> list[int]:
    """The ranks whose digits are among the names of a proof's tiers."""
    found = (_DIGIT.fullmatch(str(name)) for name in names)
    return [int(digit[1]) for digit in found if digit]
