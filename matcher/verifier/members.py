"""Who is in which team, and how many of a team count in a period (docs/rules.md section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from matcher.verifier.codes import Bools, Ints, encode
from matcher.verifier.view import ANY, View

TOGETHER, APART = "same_placement", "apart"


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """The members of all teams, sorted by team and student id: `first[t]` to `first[t + 1]` are those of team t."""

    teams: pd.Index[Any]
    first: Ints
    team: Ints
    student: Ints
    kind: pd.Index[Any]
    """The kind of each team."""


def members_of(view: View) -> Members:
    """The table of teams."""
    frame = pd.DataFrame({column: view.column("teams", column).reset_index(drop=True) for column in ("team_id", "student_id", "kind")}, dtype="str")
    frame["code"] = encode(frame["student_id"], view.students)
    frame = frame[frame["code"] >= 0].drop_duplicates(["team_id", "student_id"]).sort_values(["team_id", "student_id"])
    teams = pd.Index(frame["team_id"].unique(), dtype="str")
    team = encode(frame["team_id"], teams)
    first = np.searchsorted(team, np.arange(len(teams) + 1))
    return Members(teams, first, team, frame["code"].to_numpy(dtype=np.int64), pd.Index(frame["kind"].iloc[first[:-1]], dtype="str"))


def asks(view: View, student: Ints, period: Ints) -> Bools:
    """Which students have a demand for the period or for any; for any at all, where teams hold over whole paths."""
    if over_paths(view):
        has_demands: Bools = np.diff(view.demands.first)[student] > 0
        return has_demands
    any_period: Bools = view.demands.period[view.demands.first[student]] == ANY
    return any_period | view.asked_periods[student, period]


def over_paths(view: View) -> bool:
    """Whether members who go together do so over all periods, and not in each."""
    return view.settings.teams == "path"


def sizes_together(view: View) -> Ints:
    """Students x periods: how many members count in the largest team of each student that goes to one placement in that period; 0 where there is none."""
    size = np.zeros((len(view.students), len(view.periods)), dtype=np.int64)
    if over_paths(view) or not view.round.has("teams"):
        return size
    members = members_of(view)
    some = np.asarray(members.kind == TOGETHER, dtype=bool)[members.team]
    student, team = members.student[some], members.team[some]
    counts = view.asked_periods[student] | (view.demands.period[view.demands.first[student]] == ANY)[:, None]
    total = np.zeros((len(members.teams), len(view.periods)), dtype=np.int64)
    np.add.at(total, team, counts)
    np.maximum.at(size, student, total[team] * counts)
    return size
