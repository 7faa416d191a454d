"""What each pair adds to each tier (docs/rules.md section 7), always as a cost to be made small."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from matcher.errors import Unsupported
from matcher.rules.capacity import Demands, Seats
from matcher.rules.facts import Facts, encode
from matcher.rules.pairs import Pairs, expand
from matcher.rules.travel import travel_of
from matcher.settings import PROFILES, Settings

SIZES = ("placed_mandatory", "placed")
"""The tiers that count who is placed: a rank-maximal matching settles the ranks before them."""

MOST_COSTS = 1 << 30
"""Tiers x pairs that are held at most: 4 GB."""


def ordered(settings: Settings) -> tuple[str, ...]:
    """The tiers in the order in which they are taken: that of `[policy] tiers`, but with `rank_maximal` the tier `rank` before the sizes. Each stands once."""
    tiers = list(dict.fromkeys(settings.tiers))
    behind = [at for at, tier in enumerate(tiers) if tier in SIZES]
    if settings.rank_measure == "rank_maximal" and "rank" in tiers and behind and behind[0] < tiers.index("rank"):
        tiers.remove("rank")
        tiers.insert(behind[0], "rank")
    return tuple(tiers)


def spelled(settings: Settings, rank: npt.NDArray[np.int32]) -> tuple[str, ...]:
    """The tiers of the problem: with a profile measure `rank` becomes a digit `rank:k` for every rank k that a pair has (`rank:1` where none has one).

    The most important digit comes first: the first choices, or for `generous` the worst rank. O(pairs).
    """
    tiers = ordered(settings)
    if settings.rank_measure not in PROFILES or "rank" not in tiers:
        return tiers
    ranks = [int(k) for k in np.flatnonzero(np.bincount(rank)[1:]) + 1] or [1]
    digits = [f"rank:{k}" for k in (reversed(ranks) if settings.rank_measure == "generous" else ranks)]
    at = tiers.index("rank")
    return (*tiers[:at], *digits, *tiers[at + 1 :])


def costs_of(
    facts: Facts, seats: Seats, demands: Demands, pairs: Pairs, tick: Callable[[], None] = lambda: None
) -> tuple[tuple[str, ...], npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """The K tiers spelled out, K x P costs to be made small, and the constant of each tier. O(K x P) time and memory; `tick` is called in each tier.

    Raises
    ------
    Unsupported
        The pairs have so many different ranks that their digits would not fit in memory.
    """
    settings = facts.round.settings
    tiers = spelled(settings, pairs.rank)
    _refuse_too_many(settings, tiers, len(pairs.demand))
    cost = np.zeros((len(tiers), len(pairs.demand)), dtype=np.int32)
    constant = np.zeros(len(tiers), dtype=np.int64)
    for k, tier in enumerate(tiers):
        tick()
        if tier == "placed":
            cost[k] = -1
        elif tier == "placed_mandatory":
            mandatory = facts.student("mandatory")
            if mandatory is not None:
                flag = mandatory.fillna(value=False).to_numpy(dtype=np.bool_)
                cost[k] = -flag[demands.student[pairs.demand]].astype(np.int32)
        elif tier == "soft":
            cost[k] = pairs.soft
        elif tier == "rank":
            cost[k] = pairs.rank
        elif tier.startswith("rank:"):
            cost[k][pairs.rank == int(tier.removeprefix("rank:"))] = 1 if settings.rank_measure == "generous" else -1
        elif tier == "travel":
            cost[k] = travel_of(facts).burden(demands.student[pairs.demand], seats.placement[pairs.seat], tick)
        elif tier == "moves":
            cost[k], constant[k] = _moves(facts, seats, demands, pairs)
    return tiers, cost, constant


def _refuse_too_many(settings: Settings, tiers: tuple[str, ...], pairs: int) -> None:
    """A profile over very many ranks and pairs would not fit in memory."""
    if len(tiers) > len(settings.tiers) and len(tiers) * pairs > MOST_COSTS:
        ranks = len(tiers) - len(settings.tiers) + 1
        raise Unsupported("unsupported.digits", name=settings.rank_measure, ranks=ranks, pairs=pairs, gigabytes=4 * len(tiers) * pairs // 10**9)


def _moves(facts: Facts, seats: Seats, demands: Demands, pairs: Pairs) -> tuple[npt.NDArray[np.int32], int]:
    """-1 for each pair that keeps the placement of `previous`; the constant counts the demands that are in `previous`."""
    rows = facts.round.table("previous")
    s, p = encode(rows["student_id"], facts.student_index), encode(rows["placement_id"], facts.placement_index)
    known = (s >= 0) & (p >= 0)
    _, demand, seat = expand(seats, demands, s[known], p[known])
    width = max(1, len(seats.placement))
    kept = np.isin(pairs.demand.astype(np.int64) * width + pairs.seat, demand * width + seat)
    return -kept.astype(np.int32), len(np.unique(demand))
