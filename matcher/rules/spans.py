"""Placements that span several periods: the rule `span`, and the rows that keep a student there in all periods or in none (docs/rules.md section 1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.rules.capacity import Demands, Seats, named_periods, periods_of
from matcher.rules.facts import Codes, Facts, Flags, fanned
from matcher.rules.families import Grouped, Made, family
from matcher.rules.pairs import Pairs
from matcher.rules.refusals import contains
from matcher.rules.rule import Rule, Words


@dataclass(frozen=True)
class Span:
    """Broken where a placement spans several periods and the student asks for periods, but not for all of these.

    Attributes
    ----------
    asks
        bool per student: names periods.
    wanted
        Sorted keys student * periods + period.
    first, period
        The periods of placement p are period[first[p]:first[p + 1]]; empty where it spans none.
    """

    asks: Flags
    wanted: np.ndarray
    first: np.ndarray
    period: np.ndarray
    periods: tuple[str, ...]
    name: str = "span"

    def judge(self, s: Codes, p: Codes) -> tuple[Flags, Flags]:
        """Look each period of the spans up among those that the student asks for; such a list is never unknown."""
        broken = np.zeros(len(s), dtype=np.bool_)
        pair, at = fanned(self.first[p], np.diff(self.first)[p])
        missing = ~contains(self.wanted, s[pair].astype(np.int64) * len(self.periods) + self.period[at])
        broken[pair[missing]] = True
        return broken & self.asks[s], np.zeros(len(s), dtype=np.bool_)

    def because(self, s: int, p: int) -> Words:
        """Name the periods that the placement takes, and those that the student does not ask for."""
        spanned = self.period[self.first[p] : self.first[p + 1]]
        missing = spanned[~contains(self.wanted, s * len(self.periods) + spanned)]
        return {name: ", ".join(self.periods[period] for period in some) for name, some in (("spanned", spanned), ("missing", missing))}


def span(facts: Facts) -> Rule | None:
    """The student asks for all periods of the placement, or for none in particular."""
    periods = periods_of(facts)
    placement, period = named_periods(facts, "placement", periods)
    count = np.bincount(placement, minlength=len(facts.placements))
    if not (count > 1).any():
        return None
    spans = count[placement] > 1
    first = np.concatenate(([0], np.cumsum(np.where(count > 1, count, 0))))
    student, asked = named_periods(facts, "student", periods)
    asks = np.bincount(student, minlength=len(facts.students)) > 0
    return Span(asks, student * len(periods) + asked, first, period[spans], tuple(map(str, periods)))


def span_family(facts: Facts, seats: Seats, demands: Demands, pairs: Pairs) -> list[Made]:
    """For every student, span and later period of it: the pair in the first period minus the pair in the later one is 0. O(pairs of spans x periods)."""
    inside = np.flatnonzero(seats.span[seats.placement[pairs.seat]] & (demands.period[pairs.demand] >= 0))
    opening = pairs.seat[inside] == seats.first[seats.placement[pairs.seat[inside]]]
    early, late = inside[opening], inside[~opening]
    # The pair in the first period stands against each later seat of its placement.
    placement = seats.placement[pairs.seat[early]]
    at, later = fanned(seats.first[placement] + 1, np.diff(seats.first)[placement] - 1)
    pair = np.concatenate([early[at], late])
    seat = np.concatenate([later, pairs.seat[late]])
    sign = np.repeat(np.array([1, -1], dtype=np.int8), [len(at), len(late)])
    entries = Grouped.of(pair, (demands.student[pairs.demand[pair]], seats.placement[seat], seats.period[seat]), sign)
    words = (facts.student_ids, facts.placement_ids, seats.periods.to_numpy(dtype=object))
    return family("span", entries, words, (0, 0), pairs.demand)
