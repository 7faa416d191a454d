"""Seats: the usable capacity of placements, and in which periods they have it (docs/rules.md section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.rules.facts import Codes, Facts, Flags, listed

Sizes = npt.NDArray[np.int64]


def usable_capacity(facts: Facts) -> Sizes:
    """Capacity per placement, limited by its mentors where the rule `mentor_capacity` is on and both cells are known."""
    capacity = facts.placements["capacity"].to_numpy(dtype=np.int64)
    mentors, ratio = facts.placement("mentors"), facts.placement("students_per_mentor")
    if not facts.round.settings.mentor_capacity or mentors is None or ratio is None:
        return capacity
    limit = np.floor(mentors.to_numpy() * ratio.to_numpy())
    return np.where(np.isnan(limit), capacity, np.minimum(capacity, np.nan_to_num(limit))).astype(np.int64)


@dataclass(frozen=True)
class Seats:
    """Seats (placement in a period), sorted by placement, then period, and the demands for them.

    Attributes
    ----------
    periods
        Sorted ids; [""] where the round names none.
    placement, period
        int32 per seat.
    first
        int64, placements + 1: the seats of placement p are first[p] to first[p + 1].
    lower, upper, open_or_closed
        int64 per seat, as in `matcher.problem.Problem`.
    span
        bool per placement: it names several periods, and is taken in all of them or in none.
    """

    periods: pd.Index
    placement: Codes
    period: Codes
    first: Sizes
    lower: Sizes
    upper: Sizes
    open_or_closed: Sizes
    span: Flags

    def serves(self, period: Codes, seat: Codes | Sizes) -> Flags:
        """Whether a demand for a period (-1: any) may use a seat: one of that period; for a demand in any period a span counts in its first period only."""
        placement = self.placement[seat]
        later = self.span[placement] & (seat > self.first[placement])
        return np.where(period < 0, ~later, period == self.period[seat])


@dataclass(frozen=True)
class Demands:
    """What is asked for: a placement for a student in a period (-1: any), sorted by student, then period."""

    student: Codes
    period: Codes
    first: Sizes


def periods_of(facts: Facts) -> pd.Index:
    """All periods that the round names, sorted."""
    asked, offered = facts.student("periods"), facts.placement("period_id")
    cells = [cells for cells in (asked, offered) if cells is not None]
    found = {token for each in cells for cell in each.dropna().unique() for token in str(cell).split("|")}
    found -= {"none", ""}
    return pd.Index(sorted(found) or [""], dtype="str")


def seats_of(facts: Facts, periods: pd.Index) -> Seats:
    """A seat for every placement in every period it has places in: its own periods, or all of them where it names none."""
    m = len(facts.placements)
    own = named_periods(facts, "placement", periods)
    count = np.bincount(own[0], minlength=m)
    silent = np.flatnonzero(count == 0)
    key = np.concatenate([own[0] * len(periods) + own[1], (silent[:, None] * len(periods) + np.arange(len(periods))).ravel()])
    key.sort()
    placement = (key // len(periods)).astype(np.int32)
    period = (key % len(periods)).astype(np.int32)
    first = np.concatenate(([0], np.cumsum(np.where(count == 0, len(periods), count))))
    minimum = facts.placement("capacity_min")
    low = np.zeros(m, dtype=np.int64) if minimum is None else minimum.fillna(0).to_numpy(dtype=np.int64)
    must = facts.placement("must_open")
    opened = np.zeros(m, dtype=np.bool_) if must is None else must.fillna(value=False).to_numpy(dtype=np.bool_)
    # "At least one or nobody" holds by itself, so only minimums above one are open-or-closed.
    either = np.where(~opened & (low > 1), low, 0)
    bounds = np.where(opened, low, 0)[placement], usable_capacity(facts)[placement], either[placement]
    return Seats(periods, placement, period, first, *bounds, count > 1)


def named_periods(facts: Facts, side: Literal["student", "placement"], periods: pd.Index) -> tuple[Sizes, Sizes]:
    """The periods that students ask for, or that placements name: distinct rows and their periods, sorted. `none` names no period."""
    cells = facts.student("periods") if side == "student" else facts.placement("period_id")
    if cells is None:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    row, period = listed(cells, periods)
    key = np.unique(row[period >= 0] * len(periods) + period[period >= 0])
    return key // len(periods), key % len(periods)


def demands_of(facts: Facts, periods: pd.Index) -> Demands:
    """One demand per student, or one for each of the student's periods."""
    n = len(facts.students)
    if facts.student("periods") is None:
        return Demands(np.arange(n, dtype=np.int32), np.full(n, -1, dtype=np.int32), np.arange(n + 1))
    asking, period = named_periods(facts, "student", periods)
    silent = np.flatnonzero(np.bincount(asking, minlength=n) == 0)
    everyone = np.concatenate([asking, silent])
    order = np.argsort(everyone, kind="stable")
    student = everyone[order].astype(np.int32)
    wanted = np.concatenate([period, np.full(len(silent), -1)])[order].astype(np.int32)
    return Demands(student, wanted, np.searchsorted(student, np.arange(n + 1)))
