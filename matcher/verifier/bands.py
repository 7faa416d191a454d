"""Teams as rows: for every other member as many pairs as for the first, key by key; or at most one of them at a seat (docs/rules.md section 6).

There is a row for every period, key and member, so none is made until a proof names it. Where teams hold over whole paths, all periods are one, the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from matcher.verifier.codes import Ints, encode, spans
from matcher.verifier.families import Bounds, Entries, nothing, of_students, seat_of, split_left
from matcher.verifier.members import APART, Members, asks, members_of, over_paths
from matcher.verifier.pairs import Pairs
from matcher.verifier.view import View


@dataclass(frozen=True)
class Bands:
    """A row for each member but the first, period and key, zero; the key is made of the member's place in the table, the period and the team's key."""

    view: View

    @cached_property
    def members(self) -> Members:
        """The members of all teams."""
        return members_of(self.view)

    @cached_property
    def _keys(self) -> dict[str, Ints]:
        """What must agree, by kind of team: the placement, its company or its region; a placement of unknown company or region is a key of its own."""
        view = self.view
        alone = np.arange(len(view.placements), dtype=np.int64)
        company = np.where(view.company >= 0, view.company + len(alone), alone)
        region = np.where(view.region >= 0, view.region + len(alone), alone)
        return {"same_placement": alone, "same_company": company, "same_region": region}

    @property
    def _width(self) -> int:
        return len(self.view.placements) + max(len(self.view.companies), len(self.view.regions.ids))

    def find(self, name: pd.Series[Any], part: pd.Series[Any]) -> Ints:
        """By team, period, other member and key."""
        view, members = self.view, self.members
        team = encode(name, members.teams)
        period, rest = split_left(part, 1)
        when = np.where(period == "", 0, -1) if over_paths(view) else encode(period, view.periods)
        found = np.full(len(name), -1, dtype=np.int64)
        for at in np.flatnonzero((team >= 0) & (when >= 0) & rest.notna().to_numpy()):  # the rows that a proof names
            found[at] = self._find(int(team[at]), int(when[at]), str(rest.iloc[at]))
        return found

    def _find(self, team: int, period: int, rest: str) -> int:
        """The row of one name `member|key`; ids may hold bars, so every member of the team is tried."""
        view, members = self.view, self.members
        kind = str(members.kind[team])
        there = np.arange(members.first[team], members.first[team + 1])
        there = there[asks(view, members.student[there], np.full(len(there), period))] if kind != APART else there[:0]
        for member in there[1:]:
            other = str(view.students[members.student[member]])
            if rest.startswith(f"{other}|"):
                key = self._key(kind, rest[len(other) + 1 :])
                if key >= 0:
                    return int((member * len(view.periods) + period) * self._width + key)
        return -1

    def _key(self, kind: str, text: str) -> int:
        view = self.view
        ids = {"same_company": view.companies, "same_region": view.regions.ids}.get(kind)
        shared = -1 if ids is None else int(ids.get_indexer(pd.Index([text], dtype="str"))[0])
        if shared >= 0:
            return shared + len(view.placements)
        placement = int(view.placements.get_indexer(pd.Index([text], dtype="str"))[0])
        return placement if placement >= 0 and self._keys[kind][placement] == placement else -1

    def standing(self) -> Ints:
        """None: nothing else is asked of them than to be equal."""
        return nothing()

    def entries(self, pairs: Pairs, wanted: Ints) -> Entries:
        """The pairs of the first member in the period, and those of the other with a minus."""
        view, members = self.view, self.members
        owner, key = np.divmod(wanted, self._width)
        member, period = np.divmod(owner, len(view.periods))
        first = self._first(member, period)
        student = np.concatenate([first, members.student[member]])
        order = np.argsort(student, kind="stable")
        test, at = of_students(pairs, student[order])
        row, sign = order[test] % len(wanted), np.where(order[test] < len(wanted), 1, -1)
        kinds = np.asarray(members.kind, dtype=object)[members.team[member]]
        counts = np.zeros(len(at), dtype=bool)
        for kind, codes in self._keys.items():
            counts |= (kinds[row] == kind) & (codes[pairs.placement[at]] == key[row])
        if not over_paths(view):
            counts &= view.seats.period[pairs.seat[at]] == period[row]
        return Entries(at[counts], row[counts], sign[counts])

    def _first(self, member: Ints, period: Ints) -> Ints:
        """The student who is the first of each member's team in the period."""
        members = self.members
        other, owner = spans(members.first, members.team[member])
        counted = np.flatnonzero(asks(self.view, members.student[other], period[owner]))
        begin = counted[np.flatnonzero(np.diff(owner[counted], prepend=-1))]
        return members.student[other[begin]]

    def bounds(self, wanted: Ints) -> Bounds:
        """Zero."""
        return Bounds.hard(np.zeros_like(wanted), np.zeros_like(wanted))


@dataclass(frozen=True)
class Apart:
    """The members of a team at one seat: at most one. The key is made of team and seat."""

    view: View

    @cached_property
    def members(self) -> Members:
        """The members of all teams."""
        return members_of(self.view)

    def find(self, name: pd.Series[Any], part: pd.Series[Any]) -> Ints:
        """By team, period and placement."""
        team = encode(name, self.members.teams)
        period, placement = split_left(part, 1)
        seat = seat_of(self.view, placement, period)
        apart = np.append(np.asarray(self.members.kind == APART, dtype=bool), False)
        return np.where(apart[team] & (seat >= 0), team * len(self.view.seats.placement) + seat, -1)

    def standing(self) -> Ints:
        """None: these rows have no minimum."""
        return nothing()

    def entries(self, pairs: Pairs, wanted: Ints) -> Entries:
        """Each member's pair at the seat."""
        team, seat = np.divmod(wanted, len(self.view.seats.placement))
        member, owner = spans(self.members.first, team)
        order = np.argsort(self.members.student[member], kind="stable")
        test, at = of_students(pairs, self.members.student[member][order])
        row = owner[order[test]]
        counts = np.flatnonzero(pairs.seat[at] == seat[row])
        return Entries(at[counts], row[counts], np.ones(len(counts), dtype=np.int64))

    def bounds(self, wanted: Ints) -> Bounds:
        """At most one."""
        return Bounds.hard(np.zeros_like(wanted), np.ones_like(wanted))
