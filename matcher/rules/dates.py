"""Rules about dates: availability (`dates`), trained mentors (`mentor`), recognition per programme (`recognition`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.rules.facts import Codes, Facts, Flags, encode
from matcher.rules.rule import Rule, Words

Days = npt.NDArray[np.float64]


def iso(day: float) -> str:
    """Days since 1970 as an ISO date; empty where not known."""
    return "" if np.isnan(day) else str(np.datetime64(int(day), "D"))


@dataclass(frozen=True)
class Dates:
    """Broken where the placement starts before the student is available, or ends after."""

    available_from: Days
    available_to: Days
    start: Days
    end: Days
    name: str = "dates"

    def judge(self, s: Codes, p: Codes) -> tuple[Flags, Flags]:
        """Compare; NaN (not known) compares as false."""
        earliest, latest, start, end = self.available_from[s], self.available_to[s], self.start[p], self.end[p]
        broken = (start < earliest) | (end > latest)
        unknown = np.isnan(earliest) | np.isnan(latest) | np.isnan(start)
        return broken, unknown & ~broken

    def because(self, s: int, p: int) -> Words:
        """Name both spans."""
        return {"start": iso(self.start[p]), "end": iso(self.end[p]), "earliest": iso(self.available_from[s]), "latest": iso(self.available_to[s])}


def dates(facts: Facts) -> Rule | None:
    """The placement's dates lie within the student's availability."""
    earliest, latest = facts.student("available_from"), facts.student("available_to")
    starts, ends = facts.placement("from"), facts.placement("to")
    if (earliest is None and latest is None) or (starts is None and ends is None):
        return None
    n, m = len(facts.students), len(facts.placements)
    start, end = facts.day(starts, m), facts.day(ends, m)
    # The round's own start date says nothing about one placement, so it plays no part here.
    start, end = np.where(np.isnan(start), end, start), np.where(np.isnan(end), start, end)
    return Dates(facts.day(earliest, n), facts.day(latest, n), start, end)


@dataclass(frozen=True)
class Mentor:
    """Broken where the mentor's training is valid until a day before the end of the placement; the same for every student."""

    until: Days
    end: Days
    name: str = "mentor"

    def judge(self, s: Codes, p: Codes) -> tuple[Flags, Flags]:
        """Compare per placement, then look up."""
        del s
        return (self.until < self.end)[p], (np.isnan(self.until) | np.isnan(self.end))[p]

    def because(self, s: int, p: int) -> Words:
        """Name both dates."""
        del s
        return {"until": iso(self.until[p]), "end": iso(self.end[p])}


def mentor(facts: Facts) -> Rule | None:
    """The mentor's training lasts until the end of the placement."""
    until = facts.placement("mentor_trained_until")
    return None if until is None else Mentor(facts.day(until, len(facts.placements)), facts.end)


@dataclass(frozen=True)
class Recognition:
    """Broken where no recognition of the placement covers the programme and the dates.

    Attributes
    ----------
    programme
        Programme code per student; -1 where not known.
    listed
        Per placement: the table `recognitions` has rows for it.
    accepted
        Sorted keys placement * programmes + programme that are recognised for the whole placement.
    lapsed, until, end
        Per placement: `recognised_until` is before the end.
    """

    programme: Codes
    listed: Flags
    accepted: npt.NDArray[np.int64]
    programmes: pd.Index
    lapsed: Flags
    until: Days
    end: Days
    name: str = "recognition"

    def judge(self, s: Codes, p: Codes) -> tuple[Flags, Flags]:
        """Search the accepted keys."""
        code = self.programme[s]
        key = p.astype(np.int64) * max(1, len(self.programmes)) + np.maximum(code, 0)
        position = np.searchsorted(self.accepted, key)
        found = np.zeros(len(s), dtype=np.bool_)
        inside = position < len(self.accepted)
        found[inside] = self.accepted[position[inside]] == key[inside]
        broken = self.lapsed[p] | (self.listed[p] & (code >= 0) & ~found)
        return broken, ~broken & ((self.listed[p] & (code < 0)) | (~self.listed[p] & np.isnan(self.until[p])))

    def because(self, s: int, p: int) -> Words:
        """Name the programme and the dates."""
        code = int(self.programme[s])
        return {
            "programme": str(self.programmes[code]) if code >= 0 else "",
            "until": iso(self.until[p]),
            "end": iso(self.end[p]),
            "lapsed": bool(self.lapsed[p]),
        }


def recognition(facts: Facts) -> Rule | None:
    """The placement is recognised, for the student's programme and for as long as it lasts."""
    rows = facts.round.table("recognitions")
    until = facts.placement("recognised_until")
    if rows.empty and until is None:
        return None
    n, m = len(facts.students), len(facts.placements)
    days = facts.day(until, m)
    named = facts.student("programme_id")
    programmes = pd.Index(pd.concat([rows["programme_id"], named] if named is not None else [rows["programme_id"]]).dropna().unique()).sort_values()
    placement = encode(rows["placement_id"], facts.placement_index)
    listed = np.zeros(m, dtype=np.bool_)
    listed[placement[placement >= 0]] = True
    since = facts.day(rows.get("from"), len(rows))
    last = facts.day(rows.get("until"), len(rows))
    # An empty date is open on its side, and an unknown start or end is covered: NaN compares as false.
    covers = (placement >= 0) & ~(since > facts.start[placement]) & ~(last < facts.end[placement])
    keys = placement.astype(np.int64) * max(1, len(programmes)) + encode(rows["programme_id"], programmes)
    accepted = np.unique(keys[covers])
    programme = np.full(n, -1, dtype=np.int32) if named is None else encode(named, programmes)
    return Recognition(programme, listed, accepted, programmes, days < facts.end, days, facts.end)
