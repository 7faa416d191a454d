"""What of an earlier matching a pair keeps (docs/rules.md section 7, tier `moves`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.rules.capacity import Demands, Seats
from matcher.rules.facts import Facts, Flags, encode
from matcher.rules.pairs import Pairs, expand


@dataclass(frozen=True)
class Kept:
    """Which pairs keep a placement that `previous` names for the student, and how many demands are in `previous`."""

    pair: Flags
    demands: int


def kept_of(facts: Facts, seats: Seats, demands: Demands, pairs: Pairs) -> Kept:
    """Look the pairs up in `previous`. O((pairs + rows) log rows)."""
    rows = facts.round.table("previous")
    if rows.empty:
        return Kept(np.zeros(len(pairs.demand), dtype=np.bool_), 0)
    s, p = encode(rows["student_id"], facts.student_index), encode(rows["placement_id"], facts.placement_index)
    known = (s >= 0) & (p >= 0)
    _, demand, seat = expand(seats, demands, s[known], p[known])
    width = max(1, len(seats.placement))
    kept = np.isin(pairs.demand.astype(np.int64) * width + pairs.seat, demand * width + seat)
    return Kept(kept, len(np.unique(demand)))
