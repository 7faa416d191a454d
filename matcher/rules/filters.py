"""Filters of quotas and reserves: `column=value|value; column=value` over a table and the tables it points to (docs/rules.md section 5)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.errors import InputError, Issue
from matcher.rules.facts import Facts, Flags, encode
from matcher.rules.wishes import ancestors
from matcher.schema import TABLES

TREES = {"sector_id": "sectors", "region_id": "regions"}
POINTS_TO = {"students": ("programmes", "programme_id"), "placements": ("companies", "company_id")}


def terms_of(text: str) -> list[tuple[str, list[str]]]:
    """The terms of a filter: column and values. Raises ValueError where a term has no `=`."""
    terms = []
    for term in (part for part in text.split(";") if part.strip()):
        column, sign, values = term.partition("=")
        if not sign or not column.strip():
            raise ValueError(term.strip())
        terms.append((column.strip(), [value.strip() for value in values.split("|") if value.strip()]))
    return terms


def matches(facts: Facts, table: str, text: str | float, row: int, of: str = "quotas") -> Flags:
    """Which students (placements) a filter in that row of `quotas` or `reserves` covers; an empty filter covers all."""
    frame = facts.students if table == "students" else facts.placements
    covered = np.ones(len(frame), dtype=np.bool_)
    if not isinstance(text, str):
        return covered
    try:
        terms = terms_of(text)
    except ValueError as broken:
        raise InputError(issues=[Issue("filter_syntax", of, row=row, column=table, value=text, params=(("term", str(broken)),))]) from None
    for column, values in terms:
        cells = _cells(facts, table, column)
        if cells is None:
            raise InputError(issues=[Issue("filter_column", of, row=row, column=table, value=text, params=(("name", column),))])
        wanted = _with_descendants(facts, TREES[column], column, values) if column in TREES else values
        covered &= _any_token(cells, wanted)
    return covered


def _cells(facts: Facts, table: str, column: str) -> pd.Series | None:
    """The column as text, from the table itself, else from the table it points to."""
    frame = facts.students if table == "students" else facts.placements
    if column in frame:
        return as_text(frame[column])
    pointed, key = POINTS_TO[table]
    other = facts.round.table(pointed)
    if key not in frame or column not in other or other.empty:
        known = TABLES[table].column(column) or TABLES[pointed].column(column)
        return pd.Series(np.nan, index=frame.index, dtype="str") if known else None
    code = encode(frame[key], pd.Index(other[key]))
    pointed_cells: pd.Series = other[column].take(np.maximum(code, 0)).set_axis(frame.index)
    return as_text(pointed_cells.where(code >= 0))


def as_text(cells: pd.Series) -> pd.Series:
    """Cells as a person writes them in a filter, and as the name of a group holds them: true/false, 12 or 1.5, 2027-02-08."""
    if cells.dtype == "boolean":
        words: pd.Series = cells.map({True: "true", False: "false"}).astype("str")
        return words
    if cells.dtype.kind in "fiu":
        numbers: pd.Series = cells.map(lambda number: f"{number:.15g}", na_action="ignore").astype("str")
        return numbers
    if cells.dtype.kind == "M":
        days: pd.Series = cells.dt.strftime("%Y-%m-%d").astype("str")
        return days
    return cells


def _any_token(cells: pd.Series, wanted: list[str]) -> Flags:
    """Whether any token of the cell is wanted; judged once per distinct cell."""
    codes, distinct = pd.factorize(cells)
    chosen = set(wanted)
    verdict = np.array([not chosen.isdisjoint(str(cell).split("|")) for cell in distinct] + [False], dtype=np.bool_)
    return verdict[codes]


def _with_descendants(facts: Facts, table: str, column: str, values: list[str]) -> list[str]:
    """The values and everything below them in the tree."""
    index, up, down = ancestors(facts.round.table(table), column)
    wanted = np.isin(up, index.get_indexer(pd.Index(values, dtype="str")))
    return [*values, *index[np.unique(down[wanted])]]
