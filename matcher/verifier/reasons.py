"""The reasons that can be checked from the matching alone: nobody is told that all was full while an eligible placement had a seat that could be used.

full                                     every eligible pair is at a seat that holds all it may
full_shared                              the same, or at a pool, in a hard quota or in a row of the student's own path that holds all it may
none_eligible, none_listed, no_wishes    there is no eligible pair
placed_first                             the rank is 1
"""

from __future__ import annotations

import numpy as np

from matcher.verifier.codes import Bools, Ints, spans
from matcher.verifier.keeping import blocked
from matcher.verifier.matching import Matching, demand_label
from matcher.verifier.pairs import Pairs, Rulebook, blocks
from matcher.verifier.rows import Rows
from matcher.verifier.tiers import Tiers
from matcher.verifier.violations import Findings

FULL, SHARED = "full", "full_shared"
NONE = ("none_eligible", "none_listed", "no_wishes")


def check_reasons(book: Rulebook, scale: Tiers, matching: Matching, matched: Pairs, findings: Findings) -> None:
    """The reasons of `matching` hold. O(p log p) for the p candidate pairs of the unplaced students."""
    view = book.view
    first = matching.reason.eq("placed_first").to_numpy(dtype=bool) & (matching.rank != 1)
    for at in np.flatnonzero(first):
        findings.add("reason_first", **demand_label(view, int(matching.demand[at])))
    told = {word: _told(view.demands.student, matching, words) for word, words in ((FULL, (FULL,)), (SHARED, (SHARED,)), ("none", NONE))}
    asked = told[FULL] | told[SHARED] | told["none"]
    has_pair = np.zeros_like(asked)
    for pairs in blocks(book, np.unique(view.demands.student[asked])):
        seat_full, row_full = _stopped(scale.rows, matched, pairs)
        row_full |= blocked(scale.families, matched, pairs)
        has_pair[pairs.demand] = True
        usable = (told[FULL][pairs.demand] & ~seat_full) | (told[SHARED][pairs.demand] & ~seat_full & ~row_full) | told["none"][pairs.demand]
        candidates = np.flatnonzero(usable)
        for pair in candidates[np.unique(pairs.demand[candidates], return_index=True)[1]]:  # one example for each demand
            label = demand_label(view, int(pairs.demand[pair]))
            findings.add("reason_none" if told["none"][pairs.demand[pair]] else "reason_full", placement=view.placements[pairs.placement[pair]], **label)
    for demand in np.flatnonzero((told[FULL] | told[SHARED]) & ~has_pair):
        findings.add("reason_full_none", **demand_label(view, int(demand)))


def _told(demands: Ints, matching: Matching, words: tuple[str, ...]) -> Bools:
    """Which demands are unplaced for one of the reasons."""
    told = np.zeros(len(demands), dtype=bool)
    told[matching.demand[matching.empty & matching.reason.isin(words).to_numpy(dtype=bool)]] = True
    return told


def _stopped(rows: Rows, matched: Pairs, pairs: Pairs) -> tuple[Bools, Bools]:
    """Which pairs cannot be added to the matching because their seat, or a pool or a hard quota, holds all it may."""
    full_seat = rows.seat_loads(matched.seat) >= rows.seat_upper
    full_pool = rows.pool_loads(matched.placement) >= rows.pool_upper
    at, pair = spans(rows.pool_first, pairs.placement)
    shared = np.zeros(len(pairs.seat), dtype=bool)
    shared[pair[full_pool[rows.pool_member[at]]]] = True
    quotas = rows.quotas
    full = quotas.hard & (rows.quota_loads(matched.student, matched.placement) >= quotas.upper)
    for quota in np.flatnonzero(full):
        shared |= quotas.students[quota][pairs.student] & quotas.placements[quota][pairs.placement]
    return full_seat[pairs.seat], shared
