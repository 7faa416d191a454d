"""What each pair adds to each tier (docs/rules.md section 7), always as a cost to be made small.

The catalogue COSTS leads from a tier to the code that prices the pairs. Penalties of rows and the even fill of seats are no costs of pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from matcher.errors import Unsupported
from matcher.rules.capacity import Demands, Seats
from matcher.rules.facts import Codes, Facts, Flags
from matcher.rules.pairs import Pairs
from matcher.rules.policy import LARGEST, Policy, too_large
from matcher.rules.previous import Kept
from matcher.rules.sides import company_rank, lacking, short_of_people
from matcher.rules.travel import travel_of
from matcher.settings import BLEND, WORST_FIRST, Settings

Costs = npt.NDArray[np.int32]
Tick = Callable[[], None]

MOST_COSTS = 1 << 30
"""Tiers x pairs that are held at most: 4 GB."""


@dataclass(frozen=True)
class Goods:
    """The pairs of a round, and all that a tier may look at to price them; `tick` is called now and then."""

    facts: Facts
    seats: Seats
    demands: Demands
    pairs: Pairs
    kept: Kept
    tick: Tick = lambda: None

    @property
    def student(self) -> Codes:
        """The student of each pair."""
        return self.demands.student[self.pairs.demand]

    @property
    def placement(self) -> Codes:
        """The placement of each pair."""
        return self.seats.placement[self.pairs.seat]


def _counted(flags: Flags) -> Costs:
    """-1 for each pair that a tier counts."""
    return -flags.astype(np.int32)


COSTS: Mapping[str, Callable[[Goods], Costs]] = MappingProxyType(
    {
        "placed_mandatory": lambda goods: _counted(goods.facts.student_flag("mandatory")[goods.student]),
        "placed": lambda goods: _counted(np.ones(len(goods.pairs.demand), dtype=np.bool_)),
        "soft": lambda goods: goods.pairs.soft,
        "rank": lambda goods: goods.pairs.rank,
        "travel": lambda goods: travel_of(goods.facts).burden(goods.student, goods.placement, goods.tick),
        "company_rank": lambda goods: company_rank(goods.facts, goods.student, goods.placement),
        "competences": lambda goods: lacking(goods.facts, goods.student, goods.placement, goods.tick),
        "shortage": lambda goods: _counted(short_of_people(goods.facts)[goods.student]),
        "moves": lambda goods: _counted(goods.kept.pair),
    }
)


def costs_of(goods: Goods, policy: Policy) -> tuple[Costs, npt.NDArray[np.int64]]:
    """K x P costs to be made small, and the constant of each tier. O(K x P) time and memory.

    Raises
    ------
    Unsupported
        The pairs have so many different ranks that their digits would not fit in memory, or a pair costs more in a blend than 32 bits hold.
    """
    settings, pairs = goods.facts.round.settings, len(goods.pairs.demand)
    _refuse_too_many(settings, policy.tiers, pairs)
    cost = np.zeros((len(policy.tiers), pairs), dtype=np.int32)
    constant = np.zeros(len(policy.tiers), dtype=np.int64)
    for k, tier in enumerate(policy.tiers):
        goods.tick()
        if tier == BLEND:
            cost[k], constant[k] = _blended(goods, policy.blended)
        elif tier in COSTS:
            cost[k], constant[k] = COSTS[tier](goods), _paid_by_all(goods, tier)
        elif tier.startswith("rank:"):
            cost[k][goods.pairs.rank == int(tier.removeprefix("rank:"))] = 1 if settings.rank_measure in WORST_FIRST else -1
    return cost, constant


def _paid_by_all(goods: Goods, tier: str) -> int:
    """What every matching pays in a tier: the demands in `previous`, of which those that are kept are taken off again."""
    return goods.kept.demands if tier == "moves" else 0


def _blended(goods: Goods, factors: Mapping[str, int]) -> tuple[Costs, int]:
    """The weighted sum of the blended tiers, in 64 bits until it is known to fit in 32."""
    total = np.zeros(len(goods.pairs.demand), dtype=np.int64)
    for tier in (name for name in factors if name in COSTS):
        goods.tick()
        cost = COSTS[tier](goods)
        _refuse_too_large(int(np.abs(cost).max(initial=0)) * factors[tier])
        total += cost * np.int64(factors[tier])
    _refuse_too_large(int(np.abs(total).max(initial=0)))
    return total.astype(np.int32), sum(factor * _paid_by_all(goods, tier) for tier, factor in factors.items())


def _refuse_too_large(cost: int) -> None:
    if cost > LARGEST:
        raise too_large(BLEND, cost)


def _refuse_too_many(settings: Settings, tiers: tuple[str, ...], pairs: int) -> None:
    """A profile over very many ranks and pairs would not fit in memory."""
    ranks = sum(tier.startswith("rank:") for tier in tiers)
    if ranks > 1 and len(tiers) * pairs > MOST_COSTS:
        raise Unsupported("unsupported.digits", name=settings.rank_measure, ranks=ranks, pairs=pairs, gigabytes=4 * len(tiers) * pairs // 10**9)
