"""What each pair adds to each tier (docs/rules.md section 7), always as a cost to be made small."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.rules.capacity import Demands, Seats
from matcher.rules.facts import Facts, encode
from matcher.rules.pairs import Pairs, expand
from matcher.rules.travel import travel_of


def costs_of(facts: Facts, seats: Seats, demands: Demands, pairs: Pairs) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """K x P costs to be made small, and the constant of each tier."""
    tiers = facts.round.settings.tiers
    cost = np.zeros((len(tiers), len(pairs.demand)), dtype=np.int32)
    constant = np.zeros(len(tiers), dtype=np.int64)
    for k, tier in enumerate(tiers):
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
        elif tier == "travel":
            cost[k] = travel_of(facts).burden(demands.student[pairs.demand], seats.placement[pairs.seat])
        elif tier == "moves":
            cost[k], constant[k] = _moves(facts, seats, demands, pairs)
    return cost, constant


def _moves(facts: Facts, seats: Seats, demands: Demands, pairs: Pairs) -> tuple[npt.NDArray[np.int32], int]:
    """-1 for each pair that keeps the placement of `previous`; the constant counts the demands that are in `previous`."""
    rows = facts.round.table("previous")
    s, p = encode(rows["student_id"], facts.student_index), encode(rows["placement_id"], facts.placement_index)
    known = (s >= 0) & (p >= 0)
    _, demand, seat = expand(seats, demands, s[known], p[known])
    width = max(1, len(seats.placement))
    kept = np.isin(pairs.demand.astype(np.int64) * width + pairs.seat, demand * width + seat)
    return -kept.astype(np.int32), len(np.unique(demand))
