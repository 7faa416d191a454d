"""Teams: members that go together, in each period or over their whole paths, or apart (docs/rules.md section 6)."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from matcher.verifier.codes import Ints, encode, spans
from matcher.verifier.members import APART, over_paths
from matcher.verifier.pairs import Pairs
from matcher.verifier.view import ANY, View
from matcher.verifier.violations import Findings


def check_teams(view: View, pairs: Pairs, findings: Findings) -> None:
    """Every team keeps together, or apart, in every period.

    The members that count in a period are those with a demand for it, or for any period.
    """
    if not view.round.has("teams"):
        return
    members = _members(view, pairs)
    if over_paths(view):
        _check_paths(members[members["kind"] != APART], findings)
        members = members[members["kind"] == APART]
    for (team, kind, period), group in members.groupby(["team", "kind", "period"], sort=True):
        there = group[group["placement"] >= 0]
        names = sorted(group["student"])
        words = {"team": team, "period": view.periods[int(str(period))], "students": ", ".join(names)}
        if kind == APART:
            for placement in there["placement"][there["placement"].duplicated()].unique():
                findings.add("team_not_apart", placement=view.placements[placement], **words)
        elif 0 < len(there) < len(group):
            findings.add("team_split", placed=len(there), members=len(group), **words)
        elif len(there["key"].unique()) > 1:
            places = sorted(str(view.placements[placement]) for placement in there["placement"].unique())
            findings.add(f"team_{kind}", placements=", ".join(places), **words)


def _check_paths(members: pd.DataFrame, findings: Findings) -> None:
    """Every member has as many pairs with a key as the first, over all periods."""
    for team, group in members.groupby("team", sort=True):
        names = sorted(group["student"].unique())
        placed = group[group["placement"] >= 0].drop_duplicates(["student", "period"])
        held = {name: Counter(keys) for name, keys in placed.groupby("student")["key"]}
        for other in names[1:]:
            if held.get(other, Counter()) != held.get(names[0], Counter()):
                findings.add("team_paths", team=team, student=other, first=names[0])


def _members(view: View, pairs: Pairs) -> pd.DataFrame:
    """One row per member and period it may be placed in: the placement it has there (-1: none), and the key that its team compares."""
    kind = view.column("teams", "kind").reset_index(drop=True)
    team = view.column("teams", "team_id").reset_index(drop=True)
    student = encode(view.column("teams", "student_id"), view.students)
    known = np.flatnonzero(student >= 0)
    demand, owner = spans(view.demands.first, student[known])
    row = known[owner]
    asked = view.demands.period[demand]
    width = len(view.periods)
    unfolded = np.repeat(np.arange(len(row)), np.where(asked == ANY, width, 1))
    first = np.flatnonzero(np.diff(unfolded, prepend=-1))
    within = np.arange(len(unfolded)) - np.repeat(first, np.diff(first, append=len(unfolded)))
    period = np.where(asked[unfolded] == ANY, within, asked[unfolded])
    got = np.full((len(view.demands.student), width), -1, dtype=np.int64)
    got[pairs.demand, view.seats.period[pairs.seat]] = pairs.placement
    placement = got[demand[unfolded], period]
    row = row[unfolded]
    frame = pd.DataFrame({"team": team.iloc[row].to_numpy(), "kind": kind.iloc[row].to_numpy(), "period": period, "placement": placement})
    frame["student"] = view.students.to_numpy()[student[row]].astype(str)
    frame["key"] = _keys(view, frame["kind"].to_numpy(), placement)
    return frame


def _keys(view: View, kind: np.ndarray, placement: Ints) -> Ints:
    """What must agree: the placement, its company or its region; a placement of unknown company or region only agrees with itself."""
    alone = -2 - placement
    company = np.where(view.company[placement] >= 0, view.company[placement], alone)
    region = np.where(view.region[placement] >= 0, view.region[placement], alone)
    return np.where(kind == "same_company", company, np.where(kind == "same_region", region, placement))
