"""Teams: students who are placed together, or apart (docs/rules.md section 6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from matcher.problem import Team
from matcher.rules.capacity import Demands, Seats
from matcher.rules.facts import Codes, Facts, Ids, encode, fanned
from matcher.rules.families import Grouped, Made, Sizes, family
from matcher.rules.pairs import Pairs

KINDS = ("same_placement", "same_company", "same_region", "apart")
APART = KINDS.index("apart")


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
