"""Rows over the periods of one student: places that overlap, and places taken in several periods or in none (docs/rules.md sections 1 and 5).

There is a row for every pair and later period, so none is made until a proof names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from matcher.verifier.codes import Bools, Ints, any_of, encode, tokens_of
from matcher.verifier.families import Bounds, Entries, nothing, of_students, seat_of, split_right
from matcher.verifier.pairs import Pairs
from matcher.verifier.tokens import TokenSets, shares_none, token_sets
from matcher.verifier.view import View


@dataclass(frozen=True)
class Overlaps:
    """A pair, and all pairs of its student in one later period that it excludes: at most one. The key is made of student, seat and later period."""

    view: View

    @cached_property
    def _patterns(self) -> tuple[TokenSets, TokenSets]:
        pattern = (self.view.column("placements", "pattern"), tokens_of)
        return token_sets(pattern, pattern)

    def exclude(self, left: Ints, right: Ints) -> Bools:
        """Which placements of the same student in two periods share days, and perhaps hours."""
        since, until = self.view.dates("placements", "from"), self.view.dates("placements", "to")
        both: Bools = (since[left] <= until[right]) & (since[right] <= until[left])  # a comparison with an unknown date is False
        both &= left != right
        return both & ~shares_none(*self._patterns, left, right)

    def find(self, name: pd.Series[Any], part: pd.Series[Any]) -> Ints:
        """By student, placement, period and later period."""
        view = self.view
        student = encode(name, view.students)
        placement, period, later = split_right(part, 2)
        seat, after = seat_of(view, placement, period), encode(later, view.periods)
        there = (student >= 0) & (seat >= 0)
        there[there] = after[there] > view.seats.period[seat[there]]
        return np.where(there, (student * len(view.seats.placement) + seat) * len(view.periods) + after, -1)

    def standing(self) -> Ints:
        """None: these rows have no minimum."""
        return nothing()

    def entries(self, pairs: Pairs, wanted: Ints) -> Entries:
        """The pair itself, and those of its student in the later period that it excludes."""
        view = self.view
        owner, later = np.divmod(wanted, len(view.periods))
        student, seat = np.divmod(owner, len(view.seats.placement))
        row, at = of_students(pairs, student)
        other = (view.seats.period[pairs.seat[at]] == later[row]) & self.exclude(view.seats.placement[seat[row]], pairs.placement[at])
        counts = np.flatnonzero((pairs.seat[at] == seat[row]) | other)
        return Entries(at[counts], row[counts], np.ones(len(counts), dtype=np.int64))

    def bounds(self, wanted: Ints) -> Bounds:
        """At most one."""
        return Bounds.hard(np.zeros_like(wanted), np.ones_like(wanted))


@dataclass(frozen=True)
class Spans:
    """A student's pair at a span in its first period less that in a later one: zero. The key is made of student, placement and later period."""

    view: View

    def find(self, name: pd.Series[Any], part: pd.Series[Any]) -> Ints:
        """By student, placement and later period."""
        view = self.view
        placement, later = split_right(part, 1)
        student, where, after = encode(name, view.students), encode(placement, view.placements), encode(later, view.periods)
        there = (student >= 0) & (where >= 0) & (after >= 0)
        s, p, t = student[there], where[there], after[there]
        misses = any_of(view.named_periods[p] & ~view.asked_periods[s])
        there[there] = view.span[p] & ~misses & view.named_periods[p, t] & (t != view.first_period[p])
        return np.where(there, (student * len(view.placements) + where) * len(view.periods) + after, -1)

    def standing(self) -> Ints:
        """None: nothing else is asked of them than to be equal."""
        return nothing()

    def entries(self, pairs: Pairs, wanted: Ints) -> Entries:
        """The pair in the first period, and the one in the later period with a minus."""
        view = self.view
        owner, later = np.divmod(wanted, len(view.periods))
        student, placement = np.divmod(owner, len(view.placements))
        row, at = of_students(pairs, student)
        here, period = placement[row] == pairs.placement[at], view.seats.period[pairs.seat[at]]
        sign = here * ((period == view.first_period[placement[row]]).astype(np.int64) - (period == later[row]))
        counts = np.flatnonzero(sign)
        return Entries(at[counts], row[counts], sign[counts])

    def bounds(self, wanted: Ints) -> Bounds:
        """Zero."""
        return Bounds.hard(np.zeros_like(wanted), np.zeros_like(wanted))
