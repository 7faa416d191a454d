"""Pins: pairs that the office fixed beforehand, and confirmed rows of `previous`, which act as pins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from matcher.errors import InputError, Issue
from matcher.rules.capacity import Demands, Seats
from matcher.rules.eligibility import Eligibility
from matcher.rules.facts import Codes, Facts, encode


@dataclass(frozen=True)
class Pins:
    """One pinned demand and its placement per entry, sorted by demand."""

    demand: Codes
    placement: Codes


def pins_of(facts: Facts, seats: Seats, demands: Demands, eligibility: Eligibility) -> Pins:
    """Resolve pins to demands.

    Raises
    ------
    InputError
        Lists every pin that breaks a hard rule, has no demand to go to, contradicts another pin, or exceeds the usable capacity.
    """
    pinned = [_rows(facts, "pins", "kind", "pin"), _rows(facts, "previous", "confirmed", value=True)]
    rows = pd.concat([frame for frame in pinned if len(frame)] or [pinned[0]])
    s, p = encode(rows["student_id"], facts.student_index), encode(rows["placement_id"], facts.placement_index)
    issues: list[Issue] = []
    demand = np.full(len(rows), -1, dtype=np.int32)
    taken: dict[int, int] = {}
    for i, (student, placement, table, row) in enumerate(zip(s, p, rows["table"], rows["row"], strict=True)):
        where: dict[str, object] = {"student": str(rows["student_id"].iloc[i]), "placement": str(rows["placement_id"].iloc[i])}
        found = _demand(seats, demands, int(student), int(placement))
        if found is None:
            issues.append(_issue("pin_period", table, row, where))
            continue
        if taken.get(found, placement) != placement:
            issues.append(_issue("pin_twice", table, row, where))
        taken[found] = int(placement)
        demand[i] = found
        issues += [_issue("pin_breaks_rule", table, row, {**where, "rule": rule.name}) for rule in eligibility.broken_by(int(student), int(placement))]
    held = pd.DataFrame({"demand": demand, "placement": p}).query("demand >= 0").drop_duplicates("demand").sort_values("demand")
    pins = Pins(held["demand"].to_numpy(dtype=np.int32), held["placement"].to_numpy(dtype=np.int32))
    issues += _over_capacity(facts, seats, demands, pins)
    if issues:
        raise InputError(issues=issues)
    return pins


def _rows(facts: Facts, table: str, column: str, value: str | bool) -> pd.DataFrame:
    frame = facts.round.table(table)
    wanted = (frame[column] == value).fillna(value=False).to_numpy(dtype=np.bool_) if column in frame else np.zeros(len(frame), dtype=np.bool_)
    return frame.loc[wanted, ["student_id", "placement_id"]].assign(table=table, row=frame.index[wanted])


def _demand(seats: Seats, demands: Demands, student: int, placement: int) -> int | None:
    """The demand that a pin fixes: the only one; else the one in the placement's period, or the first of the placement's that the student has."""
    asked = range(int(demands.first[student]), int(demands.first[student + 1]))
    offered = set(seats.period[seats.first[placement] : seats.first[placement + 1]].tolist())
    return next((d for d in asked if demands.period[d] < 0 or int(demands.period[d]) in offered), None)


def _over_capacity(facts: Facts, seats: Seats, demands: Demands, pins: Pins) -> list[Issue]:
    """Placements with more pins than seats. A demand in any period may take any seat, so it is counted against all periods together."""
    capacity = np.add.reduceat(seats.upper, seats.first[:-1]) if len(seats.upper) else seats.upper
    total = np.bincount(pins.placement, minlength=len(capacity))
    issues = [("pin_over_capacity", int(p), int(total[p]), int(capacity[p])) for p in np.flatnonzero(total > capacity)]
    fixed = demands.period[pins.demand]
    width = len(seats.periods)
    key = pins.placement[fixed >= 0].astype(np.int64) * width + fixed[fixed >= 0]
    per_seat = np.bincount(np.searchsorted(seats.placement.astype(np.int64) * width + seats.period, key), minlength=len(seats.upper))
    over = np.unique(seats.placement[per_seat > seats.upper])
    issues += [("pin_over_capacity", int(p), int(total[p]), int(capacity[p])) for p in over if total[p] <= capacity[p]]
    ids = facts.placement_index
    return [
        Issue(code, "pins", params=(("placement", str(ids[p])), ("pins", n), ("capacity", c)), value=str(ids[p]), column="placement_id")
        for code, p, n, c in issues
    ]


def _issue(code: str, table: str, row: int, params: dict[str, object]) -> Issue:
    return Issue(code, table, row=int(row), column="placement_id", value=str(params["placement"]), params=tuple(params.items()))
