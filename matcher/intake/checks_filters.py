"""Filters of quotas and reserves: their terms, their values, and whom they cover (docs/rules.md section 5)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from matcher.errors import Fix, Issue
from matcher.intake.checks_wishes import place_of
from matcher.intake.columns import Flags, distinct
from matcher.intake.findings import Reading
from matcher.intake.known import Known
from matcher.intake.typed import Typed
from matcher.intake.typing_cells import written
from matcher.schema import TABLES

POINTS_TO = {"students": ("programmes", "programme_id"), "placements": ("companies", "company_id")}
TREES = {"sector_id": "sectors", "region_id": "regions"}
Terms = list[tuple[str, list[str]]]


def check_filters(typed: Typed, table: str) -> Iterator[Issue]:
    """Judge every filter of a table. Values that are only spelled otherwise are put right in the typed table."""
    for side in ("students", "placements"):
        if side in typed.frames and side in typed.frames[table]:
            yield from _filters(typed, table, side)


def _filters(typed: Typed, table: str, side: str) -> Iterator[Issue]:
    frame, place = typed.frames[table], typed.places[table]
    cells = frame[side].to_numpy(dtype=object, copy=True)
    people = Members(typed, side)
    for at, text in enumerate(cells.tolist()):
        if not isinstance(text, str):
            continue
        try:
            terms = terms_of(text)
        except ValueError as broken:
            yield place.issue("filter_syntax", at, side, text, params=(("term", str(broken)),))
            continue
        unknown = [column for column, _ in terms if not people.has(column)]
        for column in unknown:
            yield place.issue("filter_column", at, side, text, params=(("name", column),))
        if unknown:
            continue
        readings = {(column, value): people.recognise(column, value) for column, values in terms for value in values}
        better = {pair: str(reading.value) for pair, reading in readings.items() if reading.value is not None}
        cells[at] = _joined(terms, better) if any(reading.code for reading in readings.values() if reading.value is not None) else text
        for (column, value), reading in readings.items():
            if reading.code and reading.severity != "note":
                fix = reading.fix and Fix(_joined(terms, {**better, (column, value): reading.fix.value}), safe=reading.fix.safe)
                params = (*reading.params, ("name", column), ("value", value), ("fix", reading.fix.value if reading.fix else ""))
                yield place.issue(reading.code, at, side, text, severity=reading.severity, fix=fix, params=params)
        covered = people.covered(terms_of(str(cells[at])))
        if not covered.any() and all(reading.severity == "note" for reading in readings.values()):
            yield place.issue("quota_nobody", at, side, text, severity="warning")
    frame[side] = pd.Series(cells, index=frame.index, dtype="str")


def terms_of(text: str) -> Terms:
    """The terms of a filter: column and values. Raises ValueError, with the term, where one is not `column=value`."""
    terms = []
    for term in (part.strip() for part in text.split(";") if part.strip()):
        column, sign, right = (part.strip() for part in term.partition("="))
        values = [value.strip() for value in right.split("|") if value.strip()]
        if not sign or not column or not values:
            raise ValueError(term)
        terms.append((column, values))
    return terms


def _joined(terms: Terms, better: dict[tuple[str, str], str]) -> str:
    return "; ".join(f"{column}={'|'.join(better.get((column, value), value) for value in values)}" for column, values in terms)


class Members:
    """The students or placements of a round, as filters see them."""

    def __init__(self, typed: Typed, side: str) -> None:
        self._typed = typed
        self._side = side
        self._pointed, self._key = POINTS_TO[side]
        self._cells: dict[str, tuple[np.ndarray, list[list[str]]]] = {}
        self._known: dict[str, Known] = {}

    def has(self, column: str) -> bool:
        """Whether the column is there, or is one of the format, which counts as empty."""
        tables = (self._side, self._pointed)
        return any(TABLES[table].column(column) or (table in self._typed.frames and column in self._typed.frames[table]) for table in tables)

    def recognise(self, column: str, value: str) -> Reading:
        """Understand a value: an id of the table that the column names, else one of the tokens that stand in the column."""
        known = self._typed.known.get(self._table_of(column))
        if known is not None:
            reading = Reading(value) if value in known else known.recognise(value, required=True)
            return reading if reading.value is not None else Reading(None, "filter_unknown_id", "error", reading.fix, reading.params)
        if column not in self._known:
            tokens = sorted({token for tokens in self._tokens(column)[1] for token in tokens})
            self._known[column] = Known(column, pd.Series(tokens, dtype="str"))
        there = self._known[column]
        reading = Reading(value) if value in there else there.recognise(value, required=True)
        return reading if reading.value is not None else Reading(None, "filter_value", "warning", reading.fix, reading.params)

    def _table_of(self, column: str) -> str:
        """The table whose ids stand in a column; empty where it holds no ids."""
        for table in (self._side, self._pointed):
            shape = TABLES[table].column(column)
            if shape is not None:
                return table if column == TABLES[table].key[0] else shape.refers or ""
        return ""

    def covered(self, terms: Terms) -> Flags:
        """Which rows every term holds for."""
        flags = np.ones(len(self._typed.frames[self._side]), dtype=np.bool_)
        for column, values in terms:
            codes, tokens = self._tokens(column)
            wanted = set(self._with_descendants(column, values))
            flags &= np.array([not wanted.isdisjoint(each) for each in tokens] + [False], dtype=np.bool_)[codes]
        return flags

    def _tokens(self, column: str) -> tuple[np.ndarray, list[list[str]]]:
        if column not in self._cells:
            codes, found = distinct(self._column(column))
            self._cells[column] = codes, [str(text).split("|") for text in found]
        return self._cells[column]

    def _column(self, column: str) -> pd.Series:
        """The column as text: the row's own, else that of the row it points to."""
        typed, frame = self._typed, self._typed.frames[self._side]
        if self._side == "placements" and column in TREES and TREES[column] in typed.known:
            ids = np.append(typed.frames[TREES[column]][column].to_numpy(dtype=object), np.nan)
            return pd.Series(ids[place_of(typed, column, TREES[column])], dtype="str")
        if column in frame or self._pointed not in typed.frames:
            return _as_filter_text(typed.column(self._side, column))
        rows = typed.codes(self._side, self._key, self._pointed)
        theirs = _as_filter_text(typed.column(self._pointed, column)).to_numpy(dtype=object)
        return pd.Series(np.append(theirs, np.nan)[rows], dtype="str")

    def _with_descendants(self, column: str, values: list[str]) -> list[str]:
        """The values, and in a tree everything below them."""
        if column not in TREES or TREES[column] not in self._typed.known:
            return values
        table = TREES[column]
        wanted = np.append(self._typed.frames[table][column].isin(values).to_numpy(), False)
        if "parent_id" in self._typed.frames[table]:
            parent = self._typed.codes(table, "parent_id", table)
            while True:
                more = wanted[:-1] | wanted[parent]
                if (more == wanted[:-1]).all():
                    break
                wanted[:-1] = more
        return [*values, *self._typed.frames[table][column][wanted[:-1]]]


def _as_filter_text(cells: pd.Series) -> pd.Series:
    """Cells as a person writes them in a filter: true or false, 12 or 1.5, 2027-02-08."""
    if cells.dtype == "boolean":
        return cells.map({True: "true", False: "false"}, na_action="ignore").astype("str")
    if cells.dtype.kind in "fiu":
        return cells.map(lambda number: written(float(number)), na_action="ignore").astype("str")
    return cells.dt.strftime("%Y-%m-%d").astype("str") if cells.dtype.kind == "M" else cells
