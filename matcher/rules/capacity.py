"""Seats: the usable capacity of placements, and in which periods they have it (docs/rules.md section 1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.rules.facts import Codes, Facts, encode, listed

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
    """

    periods: pd.Index
    placement: Codes
    period: Codes
    first: Sizes
    lower: Sizes
    upper: Sizes
    open_or_closed: Sizes


@dataclass(frozen=True)
class Demands:
    """What is asked for: a placement for a student in a period (-1: any), sorted by student, then period."""

    student: Codes
    period: Codes
    first: Sizes


def periods_of(facts: Facts) -> pd.Index:
    """All periods that the round names, sorted."""
    asked, offered = facts.student("periods"), facts.placement("period_id")
    found: set[str] = set() if offered is None else set(offered.dropna().unique())
    if asked is not None:
        found.update(token for cell in asked.dropna().unique() for token in str(cell).split("|"))
    found -= {"none", ""}
    return pd.Index(sorted(found) or [""], dtype="str")


def seats_of(facts: Facts, periods: pd.Index) -> Seats:
    """A seat for every placement in each period in which it is open."""
    m, width = len(facts.placements), len(periods)
    offered = facts.placement("period_id")
    own = np.full(m, -1, dtype=np.int32) if offered is None else encode(offered, periods)
    count = np.where(own < 0, width, 1)
    placement = np.repeat(np.arange(m, dtype=np.int32), count)
    first = np.concatenate(([0], np.cumsum(count)))
    period = np.where(own[placement] < 0, np.arange(len(placement)) - first[placement], own[placement]).astype(np.int32)
    minimum = facts.placement("capacity_min")
    low = np.zeros(m, dtype=np.int64) if minimum is None else minimum.fillna(0).to_numpy(dtype=np.int64)
    must = facts.placement("must_open")
    opened = np.zeros(m, dtype=np.bool_) if must is None else must.fillna(value=False).to_numpy(dtype=np.bool_)
    # "At least one or nobody" holds by itself, so only minimums above one are open-or-closed.
    either = np.where(~opened & (low > 1), low, 0)
    return Seats(periods, placement, period, first, np.where(opened, low, 0)[placement], usable_capacity(facts)[placement], either[placement])


def demands_of(facts: Facts, periods: pd.Index) -> Demands:
    """One demand per student, or one for each of the student's periods."""
    n = len(facts.students)
    asked = facts.student("periods")
    if asked is None:
        return Demands(np.arange(n, dtype=np.int32), np.full(n, -1, dtype=np.int32), np.arange(n + 1))
    student, period = listed(asked, periods)
    silent = np.flatnonzero(asked.isna().to_numpy())
    none = np.full(len(silent), -1, dtype=np.int32)
    key = np.unique(np.concatenate([student, silent]) * (len(periods) + 1) + np.concatenate([period, none]) + 1)
    student = key // (len(periods) + 1)
    period = key % (len(periods) + 1) - 1
    return Demands(student.astype(np.int32), period.astype(np.int32), np.searchsorted(student, np.arange(n + 1)))
