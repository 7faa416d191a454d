"""The tiers: what a pair costs in each, and what a matching is worth (docs/rules.md section 7).

Costs are to be made small, as in docs/proof.md: a tier where larger is better counts negatively. A profile is a tier for every rank: its *digits*.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np

from matcher.result import TierValue
from matcher.verifier.codes import Bools, Ints
from matcher.verifier.costs import Costs
from matcher.verifier.families import Family
from matcher.verifier.kinds import families_of, penalties
from matcher.verifier.pairs import Pairs, Rulebook
from matcher.verifier.previous import in_previous, kept
from matcher.verifier.rankings import CompanyRanks, company_ranks
from matcher.verifier.rows import Rows

HALF_WAY_ROUND = 20_100
"""Kilometres that no great circle between two places exceeds."""

LARGER_IS_BETTER = frozenset({"placed_mandatory", "placed", "shortage"})

WORST_FIRST = frozenset({"generous", "leximin"})
"""The measures of rank that look at the worst rank first: over ranks they are the same."""

BLEND = "blend"

_DIGIT = re.compile(r"rank:([1-9][0-9]{0,8})")
_SOFT = re.compile(r"soft(:.+)?", re.DOTALL)


def is_known(tier: str) -> bool:
    """Whether a tier of a policy is one whose value can be recomputed."""
    return tier in _COSTS or tier in {"balance", BLEND} or _SOFT.fullmatch(tier) is not None


@dataclass(frozen=True)
class Tiers:
    """The tiers of a round's policy."""

    book: Rulebook
    rows: Rows

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The tiers in the order in which they count, most important first."""
        wanted = self._blended(tuple(dict.fromkeys(self.book.view.settings.tiers)))
        if self.measure != "rank_maximal" or "rank" not in wanted:
            return wanted
        ahead = wanted[: wanted.index("rank")]
        moved = next((at for at, name in enumerate(ahead) if name in {"placed_mandatory", "placed"}), len(ahead))
        return (*ahead[:moved], "rank", *ahead[moved:], *wanted[len(ahead) + 1 :])

    def _blended(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """The tiers with `blend` where it stands, or instead of the first of those that it blends, and without the others."""
        blended = set(self.weights)
        if BLEND not in wanted:
            first = next((name for name in wanted if name in blended), None)
            wanted = tuple(BLEND if name == first else name for name in wanted)
        return tuple(name for name in wanted if name not in blended)

    @cached_property
    def weights(self) -> Mapping[str, int]:
        """The tiers that are blended, with their weights in units of the last decimal that any of them has."""
        given = {name: Decimal(repr(float(weight))) for name, weight in self.book.view.settings.tier_weights.items()}
        decimals = max((-int(weight.normalize().as_tuple().exponent) for weight in given.values()), default=0)
        return {name: int(weight.scaleb(max(0, decimals))) for name, weight in given.items()}

    @cached_property
    def families(self) -> Mapping[str, tuple[Family, ...]]:
        """The rows of the round by kind."""
        return families_of(self.book, self.rows, fills=any("balance" in self.shares(name) for name in self.names))

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
        """What one more student at a rank adds to its digit: `generous` and `leximin` want few, the other profiles many."""
        return 1 if self.measure in WORST_FIRST else -1

    def weightiest_first(self, ranks: Iterable[int]) -> list[int]:
        """Ranks in the order in which a profile compares them."""
        return sorted(set(ranks), reverse=self.measure in WORST_FIRST)

    def spelled(self, ranks: Iterable[int]) -> tuple[str, ...]:
        """The names with a profile spelled out into the digits of some ranks; without any rank there is the digit of the first."""
        if not self.profile:
            return self.names
        digits = [f"rank:{rank}" for rank in self.weightiest_first(ranks) or [1]]
        at = self.names.index("rank")
        return (*self.names[:at], *digits, *self.names[at + 1 :])

    def constant(self, names: Sequence[str]) -> tuple[int, ...]:
        """What every matching pays in each of the tiers spelled out: in `moves` one for each demand that is in `previous`."""
        shares = [self.shares(name).get("moves", 0) for name in names]
        return tuple(share * int(np.count_nonzero(in_previous(self.book.view))) if share else 0 for share in shares)

    def largest(self) -> int:
        """A number that no pair's cost exceeds in any tier; a blend adds them up."""
        return self._largest() * max(1, sum(self.weights.values()))

    def _largest(self) -> int:
        view, formula = self.book.view, self.book.view.settings.travel
        far = 60 * formula.detour * HALF_WAY_ROUND / min(formula.speed.values()) + max(formula.overhead.values()) + 1
        table = float(view.numbers("travel", "minutes").max(initial=0))
        weights = sum(abs(view.settings.weight(rule)) for rule in self.book.eligibility.soft)
        ranks = (self.book.wishes.lines.largest, self._company_ranks.otherwise)
        tokens = 64 * len(self.book.eligibility.needed_competences.words)
        return max(1, weights, tokens, *(int(rank.max(initial=0)) + 1 for rank in ranks), math.ceil(max(far, table)))

    def shares(self, name: str) -> Mapping[str, int]:
        """How much each tier of the policy counts in a tier spelled out."""
        return self.weights if name == BLEND else {name: 1}

    def question(self, names: tuple[str, ...]) -> Costs:
        """The tiers spelled out as a question for a proof."""
        return Costs(names, self.cost, self.constant(names), self.largest(), self.shares)

    def cost(self, name: str, pairs: Pairs, pinned: bool) -> Ints:
        """What each pair adds to a tier or digit; `pinned` pairs pay nothing for soft rules."""
        if digit := _DIGIT.fullmatch(name):
            return np.where(pairs.rank == int(digit[1]), self.sense, 0)
        total = np.zeros(len(pairs.seat), dtype=np.int64)
        for part, weight in self.shares(name).items():
            if part in _COSTS and weight:
                total += weight * _COSTS[part](self, pairs, pinned)
        return total

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
        return -kept(self.book.view, pairs).astype(np.int64)

    def company_rank(self, pairs: Pairs, pinned: bool) -> Ints:
        """The rank that the placement gives the student; not named, one more than its largest; 0 where it has no rankings."""
        del pinned
        key, rank, otherwise = self._company_ranks
        wanted = self.book.view.key(pairs.student, pairs.placement)
        at = np.minimum(np.searchsorted(key, wanted), max(0, len(key) - 1))
        other: Ints = otherwise[pairs.placement]
        if len(key) == 0:
            return other
        named: Bools = key[at] == wanted
        ranked: Ints = rank[at]
        return np.where(named, ranked, other)

    @cached_property
    def _company_ranks(self) -> CompanyRanks:
        return company_ranks(self.book.view)

    def competences(self, pairs: Pairs, pinned: bool) -> Ints:
        """The competences that the student needs and the placement does not offer."""
        del pinned
        return self.book.eligibility.missing_competences(pairs.student, pairs.placement)

    def shortage(self, pairs: Pairs, pinned: bool) -> Ints:
        """One less for every pair of a student whose programme is a shortage one."""
        del pinned
        return -self.book.view.shortage[pairs.student].astype(np.int64)

    def value(self, names: Sequence[str], placed: Pairs, is_pinned: Bools) -> tuple[int, ...]:
        """The value of a matching in each of the tiers spelled out, as costs: its constant, its pairs and the penalties of its rows."""
        total = [0] * len(names)
        for group, pinned in ((is_pinned, True), (~is_pinned, False)):
            pairs = Pairs(placed.demand[group], placed.seat[group], placed.student[group], placed.placement[group], placed.rank[group])
            for tier, name in enumerate(names):
                total[tier] += int(self.cost(name, pairs, pinned).sum())
        paid = penalties(self.families, placed)
        for tier, name in enumerate(names):
            total[tier] += sum(weight * paid.get(part, 0) for part, weight in self.shares(name).items())
        return tuple(cost + fixed for cost, fixed in zip(total, self.constant(names), strict=True))

    def reported(
        self, names: Sequence[str], costs: Sequence[int], bounds: Sequence[int | None], counts: Sequence[int], *, tierwise: bool
    ) -> tuple[TierValue, ...]:
        """Values and bounds of the tiers spelled out, as they are reported: larger is better for the sizes, and a profile is one tier.

        `counts` are the placed at rank 1, 2, ..., up to the largest rank there is; `tierwise` bounds are each given the values before it.
        """
        known = dict(zip(names, zip(costs, bounds, strict=True), strict=True))
        found = []
        for name in self.names:
            if name in known:
                cost, bound = known[name]
                sense = -1 if name in LARGER_IS_BETTER else 1
                found.append(TierValue(name, sense * cost, None if bound is None else sense * bound))
            else:
                found.append(TierValue(name, tuple(counts), self._bounds(known, counts, tierwise=tierwise)))
        return tuple(found)

    def _bounds(self, known: Mapping[str, tuple[int, int | None]], counts: Sequence[int], *, tierwise: bool) -> tuple[int | None, ...] | None:
        """The bound of a profile by rank: zero for a rank that no pair has, while all that counts more is tied or where bounds are tierwise.

        None where no digit has a bound.
        """
        limits: list[int | None] = [None] * len(counts)
        digits = [bound for name, (_, bound) in known.items() if _DIGIT.fullmatch(name)]
        if all(bound is None for bound in digits):
            return None
        tied = True
        for rank in self.weightiest_first(range(1, len(counts) + 1)):
            _, bound = known.get(f"rank:{rank}", (0, 0 if tied else None))
            limits[rank - 1] = None if bound is None else self.sense * bound
            tied = tierwise or (tied and limits[rank - 1] == counts[rank - 1])
        return tuple(limits)


_COSTS: dict[str, Callable[[Tiers, Pairs, bool], Ints]] = {
    "placed_mandatory": Tiers.placed_mandatory,
    "placed": Tiers.placed,
    "soft": Tiers.soft,
    "rank": Tiers.rank,
    "travel": Tiers.travel,
    "moves": Tiers.moves,
    "company_rank": Tiers.company_rank,
    "competences": Tiers.competences,
    "shortage": Tiers.shortage,
}


def ranks_named(names: Iterable[object]) -> list[int]:
    """The ranks whose digits are among the names of a proof's tiers."""
    found = (_DIGIT.fullmatch(str(name)) for name in names)
    return [int(digit[1]) for digit in found if digit]
