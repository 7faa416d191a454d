"""The matches of a result as codes: one row per demand, each checked on its own before anything is counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from matcher.verifier.codes import Bools, Ints, encode
from matcher.verifier.pairs import Pairs, Rulebook
from matcher.verifier.pins import demand_of
from matcher.verifier.stored import COLUMNS
from matcher.verifier.view import View
from matcher.verifier.violations import Findings
from matcher.verifier.wishes import Opinion


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """The rows of the matches that name an existing demand.

    Attributes
    ----------
    demand
        The demand of each row.
    placement, seat
        -1 where the row has no placement, or none that exists.
    rank
        The rank the row states (0: none).
    empty
        Whether the row states no placement.
    status, reason
        Texts, missing where empty.
    """

    demand: Ints
    student: Ints
    placement: Ints
    seat: Ints
    rank: Ints
    empty: Bools
    status: pd.Series
    reason: pd.Series


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """The matched pairs with the ranks that the wishes give them, what the wishes say of each, and which are pinned; `row` is their row in the matching."""

    row: Ints
    pairs: Pairs
    pinned: Bools
    opinion: Opinion

    @classmethod
    def of(cls, book: Rulebook, matching: Matching) -> Placed:
        """The rows of a matching that use a seat."""
        row = np.flatnonzero(matching.seat >= 0)
        student, placement, demand, seat = matching.student[row], matching.placement[row], matching.demand[row], matching.seat[row]
        pinned = book.pins.hold(demand, placement)
        opinion = book.wishes.judge(student, placement)
        return cls(row, Pairs(demand, seat, student, placement, opinion.rank), pinned, opinion)


def read_matching(view: View, matches: pd.DataFrame, findings: Findings) -> Matching | None:
    """The matches as codes, with a violation for everything that names nothing or comes twice; None where columns are missing."""
    missing = [column for column in COLUMNS if column not in matches.columns]
    if missing:
        findings.add("columns_missing", columns=", ".join(missing))
        return None
    texts = {column: _text(matches[column]) for column in COLUMNS if column != "rank"}
    student = encode(texts["student_id"], view.students)
    placement = encode(texts["placement_id"], view.placements)
    period = encode(texts["period_id"].fillna(""), view.periods) if _periodless(view) else encode(texts["period_id"], view.periods)
    empty = texts["placement_id"].isna().to_numpy()
    for at in np.flatnonzero(student < 0):
        findings.add("unknown_student", student=texts["student_id"].iloc[at])
    for at in np.flatnonzero((placement < 0) & ~empty):
        findings.add("unknown_placement", student=texts["student_id"].iloc[at], placement=texts["placement_id"].iloc[at])
    for at in np.flatnonzero((period < 0) & texts["period_id"].notna().to_numpy()):
        findings.add("unknown_period", student=texts["student_id"].iloc[at], period=texts["period_id"].iloc[at])
    demand = demand_of(view, student, period)
    _check_demands(view, demand, student, period, findings)
    kept = demand >= 0
    seat = np.where((placement >= 0) & (period >= 0), view.seats.number[placement, period], -1) if len(view.placements) else np.full(len(student), -1)
    _check_seats(view, np.flatnonzero(kept & (placement >= 0) & (seat < 0)), student, placement, period, findings)
    rank = _ranks(matches["rank"], texts["student_id"], findings)
    status, reason = texts["status"][kept], texts["reason"][kept]
    return Matching(demand[kept], student[kept], placement[kept], seat[kept], rank[kept], empty[kept], status, reason)


def _periodless(view: View) -> bool:
    return list(view.periods) == [""]


def _text(column: pd.Series) -> pd.Series:
    """A column as text, with empty texts missing, on a plain index."""
    text = column.reset_index(drop=True).astype("str")
    return text.mask(text == "")


def _ranks(column: pd.Series, student: pd.Series, findings: Findings) -> Ints:
    """The stated ranks, 0 for none, -1 with a violation where it is no whole number."""
    column = column.reset_index(drop=True)
    number = pd.to_numeric(column, errors="coerce").astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    empty = (column.isna() | (column.astype("str") == "")).fillna(value=True).to_numpy(dtype=bool)
    whole = np.isfinite(number) & (np.floor(number) == number) & (number >= 0) & (number < 2**53)
    for at in np.flatnonzero(~empty & ~whole):
        findings.add("rank_not_whole", student=student.iloc[at], value=str(column.iloc[at]))
    return np.where(empty, 0, np.where(whole, np.where(whole, number, 0), -1)).astype(np.int64)


def _check_demands(view: View, demand: Ints, student: Ints, period: Ints, findings: Findings) -> None:
    """Every demand has one row, and every row a demand."""
    for at in np.flatnonzero((demand < 0) & (student >= 0)):
        name = view.periods[period[at]] if period[at] >= 0 else ""
        findings.add("period_not_asked", student=view.students[student[at]], period=name)
    times = np.bincount(demand[demand >= 0], minlength=len(view.demands.student))
    for code, wrong in (("demand_twice", times > 1), ("demand_missing", times == 0)):
        for at in np.flatnonzero(wrong):
            findings.add(code, times=int(times[at]), **demand_label(view, int(at)))


def _check_seats(view: View, rows: Ints, student: Ints, placement: Ints, period: Ints, findings: Findings) -> None:
    for at in rows:
        name = str(view.periods[period[at]]) if period[at] >= 0 else ""
        findings.add("no_seats", student=view.students[student[at]], placement=view.placements[placement[at]], period=name)


def demand_label(view: View, demand: int) -> dict[str, object]:
    """The student of a demand, and the period it asks for (empty for any)."""
    period = view.demands.period[demand]
    return {"student": view.students[view.demands.student[demand]], "period": view.periods[period] if period >= 0 else ""}
