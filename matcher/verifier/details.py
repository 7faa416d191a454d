"""What one pair broke, as a person would write it: the value, and the limit that it met."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.verifier.eligibility import Eligibility
from matcher.verifier.view import View

UNKNOWN = "?"

Source = tuple[tuple[str, str], ...]
"""Columns as (table, column); the first whose cell is not empty counts."""

_CELLS: dict[str, tuple[Source, Source]] = {
    "form": ((("students", "form"), ("programmes", "form")), (("placements", "forms"),)),
    "programme": ((("students", "programme_id"),), (("placements", "programmes"),)),
    "recognition": ((("students", "programme_id"),), (("placements", "recognised_until"),)),
    "languages": ((("students", "languages"),), (("placements", "languages"),)),
    "checks": ((("students", "checks"),), (("placements", "checks_required"),)),
    "competences": ((("students", "competences_needed"), ("programmes", "competences_company")), (("placements", "competences"),)),
    "pattern": ((("students", "pattern"),), (("placements", "pattern"),)),
    "mentor": ((("placements", "mentor_trained_until"),), (("placements", "to"), ("placements", "from"))),
    "pay": ((("placements", "pay_month"),), (("students", "min_pay"),)),
    "span": ((("students", "periods"),), (("placements", "period_id"),)),
    "own_company": ((("students", "own_company_id"),), (("students", "status"),)),
    "excluded_company": ((("placements", "company_id"),), (("students", "excluded_companies"),)),
}


def detail(eligibility: Eligibility, rule: str, student: int, placement: int) -> dict[str, object]:
    """The value of a pair and the limit it broke, `?` where the rule has none."""
    view = eligibility.view
    row = {"students": student, "placements": placement, "programmes": int(view.programme_row[student])}
    if rule == "travel":
        return _travel(eligibility, student, placement)
    if rule == "team_size":
        members = eligibility.team_there(np.array([student]), np.array([placement]))[0]
        return {"value": int(members), "limit": int(view.capacity[placement])}
    if rule == "dates":
        value = f"{_cell(view, (('placements', 'from'), ('placements', 'to')), row)} - {_cell(view, (('placements', 'to'), ('placements', 'from')), row)}"
        return {"value": value, "limit": f"{_cell(view, (('students', 'available_from'),), row)} - {_cell(view, (('students', 'available_to'),), row)}"}
    value_of, limit_of = _CELLS.get(rule, ((), ()))
    return {"value": _cell(view, value_of, row), "limit": _cell(view, limit_of, row)}


def _travel(eligibility: Eligibility, student: int, placement: int) -> dict[str, object]:
    view, travel = eligibility.view, eligibility.travel
    s, p = np.array([student]), np.array([placement])
    minutes, limit = travel.minutes(s, p)[0], view.numbers("students", "max_minutes")[student]
    if minutes > limit:
        return {"value": f"{minutes:.0f} min", "limit": f"{limit:g} min"}
    return {"value": f"{travel.road_km(s, p)[0]:.1f} km", "limit": f"{view.numbers('students', 'max_km')[student]:g} km"}


def _cell(view: View, sources: Source, row: dict[str, int]) -> str:
    """The first cell that is not empty."""
    for table, column in sources:
        cell = view.column(table, column).iloc[row[table]] if view.known(table, column) and row[table] >= 0 else None
        if cell is None or pd.isna(cell):
            continue
        if isinstance(cell, pd.Timestamp):
            return f"{cell:%Y-%m-%d}"
        return f"{cell:g}" if isinstance(cell, float) else str(cell)
    return UNKNOWN
