"""The rule `overlap`: no student is in two places on the same days (docs/rules.md section 5, "Paths")."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.rules.capacity import Demands, Seats
from matcher.rules.facts import Codes, Facts, Flags, fanned
from matcher.rules.families import Grouped, Made, Sizes, family
from matcher.rules.pairs import Pairs
from matcher.rules.tokens import TokenSets, token_sets

BLOCK = 1 << 20
"""About how many combinations of two pairs are looked at at a time."""


@dataclass(frozen=True)
class Calendar:
    """When placements take place: days since 1970 (NaN: not known), and their patterns (None: none known)."""

    start: npt.NDArray[np.float64]
    end: npt.NDArray[np.float64]
    pattern: TokenSets | None

    def meet(self, p: Codes, q: Codes) -> Flags:
        """Whether two placements, each from p and q, are different and share a day and, where both are known, a token of their patterns."""
        both: Flags = (p != q) & (self.start[p] <= self.end[q]) & (self.start[q] <= self.end[p])
        if self.pattern is not None:
            common = (self.pattern.bits[p] & self.pattern.bits[q]).any(axis=1)
            both &= common | ~self.pattern.known[p] | ~self.pattern.known[q]
        return both


def overlap_family(facts: Facts, seats: Seats, demands: Demands, pairs: Pairs, tick: Callable[[], None] = lambda: None) -> list[Made]:
    """For every pair and later period: the pair, and all pairs of the student in that period that it excludes, are together at most 1.

    O(pairs of a student squared), in memory for a block and for what excludes each other. Pairs whose days nothing in the later period shares are left out
    before.
    """
    starts, ends = facts.placement("from"), facts.placement("to")
    if not facts.round.settings.overlap or starts is None or ends is None or len(demands.student) == len(facts.students):
        return []
    m = len(facts.placements)
    start, end = facts.day(starts, m), facts.day(ends, m)
    dated = ~(np.isnan(start) | np.isnan(end))
    pattern = facts.placement("pattern")
    calendar = Calendar(np.where(dated, start, np.nan), np.where(dated, end, np.nan), None if pattern is None else token_sets(pattern)[0])
    first, later = _near(calendar, seats, demands, pairs)
    size = np.bincount(pairs.demand, minlength=len(demands.student))
    begin = np.cumsum(size) - size
    found: list[tuple[Sizes, Sizes, Sizes]] = [(first[:0], first[:0], later[:0])]
    done = np.cumsum(size[later])
    edges = np.searchsorted(done, np.arange(0, done[-1] if len(done) else 0, BLOCK))
    for lo, hi in zip(edges, np.append(edges[1:], len(later)), strict=False):
        tick()
        some, target = first[lo:hi], later[lo:hi]
        at, other = fanned(begin[target], size[target])
        excluded = calendar.meet(seats.placement[pairs.seat[some[at]]], seats.placement[pairs.seat[other]])
        found.append((some[at[excluded]], other[excluded], target[at[excluded]]))
    one, two, target = (np.concatenate(part) for part in zip(*found, strict=True))
    # Each group holds the pair itself once, and all that it excludes.
    own, at = np.divmod(np.unique(one * len(demands.period) + target), len(demands.period))
    entries = Grouped.of(np.concatenate([own, two]), (np.concatenate([own, one]), np.concatenate([at, target])))
    lead, late = entries.codes
    seat = pairs.seat[lead]
    entries = entries.renamed(demands.student[pairs.demand[lead]], seats.placement[seat], seats.period[seat], demands.period[late])
    periods = seats.periods.to_numpy(dtype=object)
    return family("overlap", entries, (facts.student_ids, facts.placement_ids, periods, periods), (0, 1), pairs.demand)


def _near(calendar: Calendar, seats: Seats, demands: Demands, pairs: Pairs) -> tuple[Sizes, Sizes]:
    """Pairs and later demands of the same student in whose period some placement takes place on their days."""
    width = len(seats.periods)
    earliest, latest = np.full(width, np.inf), np.full(width, -np.inf)
    np.fmin.at(earliest, seats.period, calendar.start[seats.placement])
    np.fmax.at(latest, seats.period, calendar.end[seats.placement])
    last = demands.first[1:][demands.student] - 1
    at, later = fanned(pairs.demand.astype(np.int64) + 1, (last - np.arange(len(last)))[pairs.demand])
    placement, period = seats.placement[pairs.seat[at]], demands.period[later]
    near = (calendar.start[placement] <= latest[period]) & (earliest[period] <= calendar.end[placement])
    return at[near], later[near]
