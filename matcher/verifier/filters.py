"""Filters: `column=value|value; column=value` over students or placements and the rows they point to (docs/rules.md section 5)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from matcher.schema import TABLES
from matcher.verifier.codes import Bools, Ints, tokens_of
from matcher.verifier.view import View


@dataclass(frozen=True, slots=True)
class Term:
    """One term: the column, and the values of which the cell must be one."""

    column: str
    wanted: tuple[str, ...]


def parse(text: object) -> tuple[Term, ...]:
    """The terms of a filter; none for an empty one. A term without `=` names no column, and so never holds."""
    if not isinstance(text, str):
        return ()
    terms = []
    for part in text.split(";"):
        if part.strip():
            column, _, values = part.partition("=")
            terms.append(Term(column.strip(), tuple(value.strip() for value in values.split("|") if value.strip())))
    return tuple(terms)


def students_inside(view: View, text: object) -> Bools:
    """Which students a filter holds for; their programme's columns count as theirs."""
    inside = np.ones(len(view.students), dtype=bool)
    for term in parse(text):
        if term.column == "region_id":
            inside &= _inside_forest(view, "region_id", view.student_region, term)
        else:
            inside &= _holds(view, ("students", None), ("programmes", view.programme_row), term)
    return inside


def placements_inside(view: View, text: object) -> Bools:
    """Which placements a filter holds for; their company's columns count as theirs."""
    inside = np.ones(len(view.placements), dtype=bool)
    for term in parse(text):
        if term.column in {"sector_id", "region_id"}:
            inside &= _inside_forest(view, term.column, view.sector if term.column == "sector_id" else view.region, term)
        else:
            inside &= _holds(view, ("placements", None), ("companies", view.company_row), term)
    return inside


def _inside_forest(view: View, column: str, code: Ints, term: Term) -> Bools:
    """Whether each code is one of the values or a descendant of one."""
    forest = view.sectors if column == "sector_id" else view.regions
    below = np.zeros(len(forest.ids) + 1, dtype=bool)  # the last place serves the code -1
    for value in term.wanted:
        below[:-1] |= forest.below(value)
    return below[code]


def _holds(view: View, own: tuple[str, None], pointed: tuple[str, Ints], term: Term) -> Bools:
    """Whether the cell of each row, in its own table if the column is there and else in the one it points to, is one of the values."""
    table, row = own[0], np.arange(len(view.students if own[0] == "students" else view.placements))
    if not view.round.has(table, term.column):
        table, row = pointed
    if not view.round.has(table, term.column):
        return np.zeros(len(row), dtype=bool)
    found, cells = pd.factorize(view.round.tables[table][term.column])
    kind = column.kind if (column := TABLES[table].column(term.column)) else "text"
    fits = np.array([_fits(cell, kind, term.wanted) for cell in cells] + [False])
    return np.append(fits[found], False)[row]


def _fits(cell: Any, kind: str, values: tuple[str, ...]) -> bool:
    """Whether a cell that is not empty is one of the values: by date, number or flag where it is one, else token by token."""
    if kind == "flag":
        return ("true" if cell else "false") in values
    if kind == "date":
        return any(_date(value) == pd.Timestamp(cell).date() for value in values)
    if kind in {"count", "number"}:
        return any(_number(value) == float(cell) for value in values)
    return any(token in values for token in tokens_of(cell) or ())


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
