"""Teams: students who are placed together, or apart (docs/rules.md section 6), and the rule `team_size` on places that are too small for a team."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from matcher.problem import Team
from matcher.rules.capacity import Demands, Seats, demands_of, periods_of, seats_of
from matcher.rules.facts import Codes, Facts, Flags, Ids, encode, fanned
from matcher.rules.families import Grouped, Made, Sizes, family
from matcher.rules.pairs import Pairs, expand
from matcher.rules.rule import Rule, Words

KINDS = ("same_placement", "same_company", "same_region", "apart")
SAME_PLACEMENT, APART = KINDS.index("same_placement"), KINDS.index("apart")


def team_ids(facts: Facts) -> Ids:
    """The ids of the teams, sorted."""
    ids: Ids = np.array(sorted(facts.round.table("teams")["team_id"].unique()), dtype=object)
    return ids


def teams_of(facts: Facts, demands: Demands) -> tuple[Team, ...]:
    """The demands of each team's members, teams in order of their ids."""
    if not facts.round.has("teams"):
        return ()
    members = Members.of(facts)
    member, demand = members.demands(demands)
    team = members.team[member]
    parts = np.split(demand.astype(np.int32), np.flatnonzero(team[1:] != team[:-1]) + 1)
    return tuple(Team(KINDS[kind], code, part) for code, (kind, part) in enumerate(zip(members.kind.tolist(), parts, strict=True)))


@dataclass(frozen=True)
class Members:
    """The members of all teams, sorted by team, then student.

    Attributes
    ----------
    team, student
        int32 per member.
    kind
        int32 per team: a position in KINDS.
    """

    team: Codes
    student: Codes
    kind: Codes

    @classmethod
    def of(cls, facts: Facts) -> Members:
        """Encode the table."""
        table, index = facts.round.table("teams"), pd.Index(team_ids(facts))
        team, student = encode(table["team_id"], index), encode(table["student_id"], facts.student_index)
        kind = np.zeros(len(index), dtype=np.int32)
        kind[team] = encode(table["kind"], pd.Index(KINDS))
        order = np.lexsort((student, team))
        return cls(team[order], student[order], kind)

    def demands(self, demands: Demands) -> tuple[Sizes, Sizes]:
        """Each member (by position) with each of its demands."""
        return fanned(demands.first[self.student], np.diff(demands.first)[self.student])


@dataclass(frozen=True)
class TeamSize:
    """Broken where a team that goes to one placement has more members than the placement has seats, in every period in which the student could be there.

    Its rows say so too, but only of whole pairs: half of two members at each of two such places keeps them, which blunts the bounds of a relaxation.

    Attributes
    ----------
    line
        int32 per student: the line of who is in such a team in the tables below; -1 for everybody else.
    size, team
        int64, lines x periods: how many members of the student's largest such team count, and which team that is.
    """

    seats: Seats
    demands: Demands
    teams: Ids
    line: Codes
    size: Sizes
    team: Sizes
    name: str = "team_size"

    def judge(self, s: Codes, p: Codes) -> tuple[Flags, Flags]:
        """Compare at every seat that a member could have; teams and seats are always known. O(pairs of members x periods)."""
        broken = np.zeros(len(s), dtype=np.bool_)
        members = np.flatnonzero(self.line[s] >= 0)
        at, _, seat = expand(self.seats, self.demands, s[members], p[members])
        pair = members[at]
        broken[pair] = True
        # One seat that is large enough keeps the pair; a team of one has nobody to take along.
        size = self.size[self.line[s[pair]], self.seats.period[seat]]
        broken[pair[size <= np.maximum(self.seats.upper[seat], 1)]] = False
        return broken, np.zeros(len(s), dtype=np.bool_)

    def because(self, s: int, p: int) -> Words:
        """Name the team, and both numbers, where it comes closest to fitting."""
        _, _, seat = expand(self.seats, self.demands, np.array([s], dtype=np.int32), np.array([p], dtype=np.int32))
        line, period = self.line[s], self.seats.period[seat]
        least = int(np.argmin(self.size[line, period]))
        team, members = self.team[line, period[least]], self.size[line, period[least]]
        return {"team": str(self.teams[team]), "members": int(members), "seats": int(self.seats.upper[seat[least]])}


def team_size(facts: Facts) -> Rule | None:
    """The placement has a seat for every member of a team that goes there together. Over whole paths members may be there one after the other."""
    if not facts.round.has("teams") or facts.round.settings.teams == "path":
        return None
    members, periods = Members.of(facts), periods_of(facts)
    seats, demands = seats_of(facts, periods), demands_of(facts, periods)
    member, period = _counted(demands, members, len(periods), path=False)
    together = members.kind[members.team[member]] == SAME_PLACEMENT
    member, period = member[together], period[together]
    cell = members.team[member].astype(np.int64) * len(periods) + period
    size = np.bincount(cell)[cell]
    if not (size > 1).any():
        return None
    student = np.unique(members.student[member])
    line = np.full(len(facts.students), -1, dtype=np.int32)
    line[student] = np.arange(len(student))
    # Of somebody's teams the largest counts: it is written last.
    order = np.argsort(size, kind="stable")
    table = np.zeros((2, len(student), len(periods)), dtype=np.int64)
    table[:, line[members.student[member[order]]], period[order]] = size[order], members.team[member[order]]
    return TeamSize(seats, demands, team_ids(facts), line, *table)


def team_families(facts: Facts, seats: Seats, demands: Demands, pairs: Pairs) -> list[Made]:
    """The rows of all teams: members that are placed alike, then members that are kept apart. O(pairs of members x members of their team)."""
    if not facts.round.has("teams"):
        return []
    members = Members.of(facts)
    member, demand = members.demands(demands)
    size = np.bincount(pairs.demand, minlength=len(demands.student))
    entry, pair = fanned((np.cumsum(size) - size)[demand], size[demand])
    member = member[entry]
    apart = members.kind[members.team[member]] == APART
    return [
        *_alike(facts, seats, demands, pairs, members, member[~apart], pair[~apart]),
        *_apart(facts, seats, pairs, members, member[apart], pair[apart]),
    ]


def _apart(facts: Facts, seats: Seats, pairs: Pairs, members: Members, member: Sizes, pair: Sizes) -> list[Made]:
    """At most one member of a team at a seat."""
    seat = pairs.seat[pair]
    entries = Grouped.of(pair, (members.team[member], seats.period[seat], seats.placement[seat]))
    words = (team_ids(facts), seats.periods.to_numpy(dtype=object), facts.placement_ids)
    return family("team", entries, words, (0, 1), pairs.demand)


def _alike(facts: Facts, seats: Seats, demands: Demands, pairs: Pairs, members: Members, member: Sizes, pair: Sizes) -> list[Made]:
    """For every period, key and member but the first: pairs of the first member minus pairs of the other are 0.

    Where teams hold over the whole path, all periods are one without a name.
    """
    path = facts.round.settings.teams == "path"
    periods: Ids = np.array([""], dtype=object) if path else seats.periods.to_numpy(dtype=object)
    width = len(periods)
    seat = pairs.seat[pair]
    period = np.zeros(len(seat), dtype=np.int32) if path else seats.period[seat]
    key, keys = _keys(facts, members.kind[members.team[member]], seats.placement[seat])
    # The members that count in a period, by team, period and student: the first of each is the one that the others are held against.
    counted, when = _counted(demands, members, width, path=path)
    cell = members.team[counted].astype(np.int64) * width + when
    order = np.lexsort((counted, cell))
    cell, counted = cell[order], counted[order]
    here = members.team[member].astype(np.int64) * width + period
    start, stop = np.searchsorted(cell, here), np.searchsorted(cell, here, side="right")
    leads = member == counted[start]
    at, other = fanned(start[leads] + 1, (stop - start)[leads] - 1)
    line = np.concatenate([np.flatnonzero(leads)[at], np.flatnonzero(~leads)])
    against = np.concatenate([counted[other], member[~leads]])
    sign = np.repeat(np.array([1, -1], dtype=np.int8), [len(at), len(line) - len(at)])
    entries = Grouped.of(pair[line], (members.team[member[line]], period[line], members.student[against], key[line]), sign)
    words = (team_ids(facts), periods, facts.student_ids, keys)
    return family("team", entries, words, (0, 0), pairs.demand)


def _counted(demands: Demands, members: Members, width: int, *, path: bool) -> tuple[Sizes, Sizes]:
    """Members and the periods in which they count: those of their demands; all where they ask for any. On a path all members count, once."""
    member, demand = members.demands(demands)
    if path:
        once = np.unique(member)
        return once, np.zeros_like(once)
    period = demands.period[demand]
    at, when = fanned(np.maximum(period, 0), np.where(period < 0, width, 1))
    return member[at], when


def _keys(facts: Facts, kind: Codes, placement: Codes) -> tuple[Sizes, Ids]:
    """What must agree at each placement for a kind of team: codes, and the texts of all codes.

    A placement of unknown company or region is a key of its own.
    """
    companies, company = facts.companies, facts.company_of_placement
    cells = facts.placement("region_id")
    regions = pd.Index([], dtype="str") if cells is None else pd.Index(cells.dropna().unique()).sort_values()
    region = np.full(len(facts.placements), -1, dtype=np.int32) if cells is None else encode(cells, regions)
    key = len(companies) + len(regions) + placement.astype(np.int64)
    key = np.where((kind == KINDS.index("same_company")) & (company[placement] >= 0), company[placement], key)
    key = np.where((kind == KINDS.index("same_region")) & (region[placement] >= 0), len(companies) + region[placement], key)
    words: Ids = np.concatenate([companies.to_numpy(dtype=object), regions.to_numpy(dtype=object), facts.placement_ids])
    return key, words
