"""Pins: pairs that the office fixed beforehand, and confirmed rows of `previous`, which act as pins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from matcher.errors import InputError, Issue
from matcher.rules.capacity import Demands, Seats
from matcher.rules.eligibility import Eligibility
from matcher.rules.facts import Codes, Facts, encode
from matcher.rules.pairs import Counts, expand
from matcher.rules.rule import Words


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
    rows = pd.concat([frame for frame in pinned if len(frame)] or [pinned[0]], ignore_index=True)
    s, p = encode(rows["student_id"], facts.student_index), encode(rows["placement_id"], facts.placement_index)
    at, demand = _demands(seats, demands, s, p)
    found = list(_problems(eligibility, at, demand, s, p))
    issues = [_issue(code, rows.iloc[row], more) for row, _, code, more in sorted(found, key=lambda problem: problem[:2])]
    first = pd.DataFrame({"demand": demand, "placement": p[at]}).drop_duplicates("demand").sort_values("demand")
    pins = Pins(first["demand"].to_numpy(dtype=np.int32), first["placement"].to_numpy(dtype=np.int32))
    issues += _over_capacity(facts, seats, demands, pins)
    if issues:
        raise InputError(issues=issues)
    return pins


def _problems(eligibility: Eligibility, at: Counts, demand: Codes, s: Codes, p: Codes) -> Iterator[tuple[int, int, str, Words]]:
    """What is wrong with which row: its position, the order among the problems of one row, the code, and what fills the sentence."""
    sound = np.unique(at)
    for row in np.setdiff1d(np.arange(len(s)), sound).tolist():
        yield row, 0, "pin_period", {}
    order = np.argsort(demand, kind="stable")
    again = (demand[order[1:]] == demand[order[:-1]]) & (p[at[order[1:]]] != p[at[order[:-1]]])
    for row in np.unique(at[order[1:]][again]).tolist():
        yield row, 0, "pin_twice", {}
    for number, (rule, broken) in enumerate(eligibility.breaches(s[sound], p[sound]) if len(sound) else ()):
        for row in sound[broken].tolist():
            yield row, number + 1, "pin_breaks_rule", {"rule": rule.name}


def _rows(facts: Facts, table: str, column: str, value: str | bool) -> pd.DataFrame:
    frame = facts.round.table(table)
    wanted = (frame[column] == value).fillna(value=False).to_numpy(dtype=np.bool_) if column in frame else np.zeros(len(frame), dtype=np.bool_)
    return frame.loc[wanted, ["student_id", "placement_id"]].assign(table=table, row=frame.index[wanted])


def _demands(seats: Seats, demands: Demands, s: Codes, p: Codes) -> tuple[Counts, Codes]:
    """The demands that the pins fix, as positions of pins and demands.

    A student's only demand; else the one in the placement's period, or the first of the placement's that the student has; at a span all of its periods.
    """
    known = np.flatnonzero((s >= 0) & (p >= 0))
    at, demand, _ = expand(seats, demands, s[known], p[known])
    first = np.ones(len(at), dtype=np.bool_)
    first[1:] = at[1:] != at[:-1]
    fixed = first | seats.span[p[known[at]]]
    return known[at[fixed]], demand[fixed].astype(np.int32)


def _over_capacity(facts: Facts, seats: Seats, demands: Demands, pins: Pins) -> list[Issue]:
    """Placements with more pins than seats. A demand in any period may take any seat, so it is counted against all periods together."""
    capacity = np.add.reduceat(seats.upper, seats.first[:-1]) if len(seats.upper) else seats.upper
    total = np.bincount(pins.placement, minlength=len(capacity))
    issues = [("pin_over_capacity", int(p), int(total[p]), int(capacity[p])) for p in np.flatnonzero(total > capacity)]
    fixed = demands.period[pins.demand]
    fixed = np.where((fixed < 0) & seats.span[pins.placement], seats.period[seats.first[pins.placement]], fixed)
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


def _issue(code: str, row: pd.Series, more: Words) -> Issue:
    words: Words = {"student": str(row["student_id"]), "placement": str(row["placement_id"]), **more}
    return Issue(code, row["table"], row=int(row["row"]), column="placement_id", value=str(row["placement_id"]), params=tuple(words.items()))
