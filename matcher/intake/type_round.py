"""All tables of a raw round, typed: first the ids that tables define, then everything else, in the light of those ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from matcher.errors import Fix, Issue
from matcher.intake import spelling
from matcher.intake.columns import as_text
from matcher.intake.enterprise_numbers import with_zeros
from matcher.intake.findings import Locator
from matcher.intake.raw import RawRound, RawTable
from matcher.intake.references import TARGETS, type_placements, type_reference, type_reference_list, type_targets
from matcher.intake.typed import Typed, known_of, missing_column
from matcher.intake.typing_cells import clean_text, empty_cells, type_column
from matcher.schema import TABLES, Column, Table
from matcher.settings import Settings

_UNKNOWN = ("reference_unknown", "reference_near")

DEFINING = ("students", "placements", "programmes", "companies", "sectors", "regions", "pools")
"""Tables whose ids other tables name."""


def type_round(raw: RawRound, settings: Settings, tell: Callable[[float], None] = lambda _: None) -> tuple[Typed, list[Issue]]:
    """Type every table that was read. Required columns that were not there are filled with missing cells. `tell` hears the fraction that is done."""
    cells = max(1, sum(table.frame.size for table in raw.tables.values()))
    done = 0

    def one_more(column: pd.Series) -> None:
        nonlocal done
        done += len(column)
        tell(done / cells)

    typed = Typed(settings)
    issues: list[Issue] = []
    keys: dict[str, pd.Series] = {}
    for name in DEFINING:
        key = TABLES[name].key[0]
        if name in raw.tables and key in raw.tables[name].frame:
            frame = raw.tables[name].frame
            keys[name], found = clean_text(as_text(frame[key]), Column(key, "id"), Locator.of(name, frame))
            issues += found
            if name == "companies":
                keys[name], found = with_zeros(keys[name], key, Locator.of(name, frame))
                issues += found
            names = as_text(frame["name"]) if "name" in frame else None
            typed.known[name] = known_of(name, pd.DataFrame({key: keys[name]} if names is None else {key: keys[name], "name": names}))
    for name in (name for name in TABLES if name in raw.tables):
        found = _type_table(raw, raw.tables[name], keys.get(name), typed, one_more)
        issues += _without_the_gone(found, typed) if name == "previous" else found
    issues += spelling.unify(typed)
    return typed, issues


def _type_table(raw: RawRound, table: RawTable, key: pd.Series | None, typed: Typed, one_more: Callable[[pd.Series], None]) -> list[Issue]:
    """Type one table into `typed`; `one_more` hears of every column before its turn."""
    shape, frame, place = TABLES[table.name], table.frame, Locator.of(table.name, table.frame)
    typed.places[table.name] = place
    columns: dict[str, pd.Series] = {}
    issues: list[Issue] = []
    found: list[Issue]
    for name in frame.columns:
        column = shape.column(name)
        cells = frame[name]
        one_more(cells)
        if column is None:
            columns[name] = as_text(cells)
            continue
        if key is not None and name == shape.key[0]:
            columns[name], found = key, []
        elif column.refers in typed.known:
            columns[name], found = _refer(cells, column, place, typed)
        elif (table.name, name) == ("preferences", "target_id"):
            continue
        else:
            columns[name], found = type_column(cells, column, place, partial(spelling.vocabulary, raw, table.name, name))
        issues += found + (empty_cells(columns[name], column, place, found) if column.required else [])
    if table.name == "preferences" and "target_id" in frame:
        issues += _type_targets(frame, shape, place, columns, typed)
    columns |= {column.name: missing_column(table.name, column.name, frame.index) for column in shape.columns if column.required and column.name not in columns}
    order = [name for name in frame.columns if name in columns]
    order += [name for name in columns if name not in frame]
    typed.frames[table.name] = pd.DataFrame({name: columns[name] for name in order}, index=frame.index, copy=False)
    return issues


def _without_the_gone(issues: list[Issue], typed: Typed) -> list[Issue]:
    """An earlier matching may name students and placements of then: such rows are left out, with a warning."""
    gone = [issue.row for issue in issues if issue.code in _UNKNOWN and issue.row is not None]
    if gone:
        typed.keep("previous", ~np.isin(typed.places["previous"].rows, gone))
    return [replace(issue, code="previous_gone", severity="warning", fix=Fix(safe=True, drop=True)) if issue.code in _UNKNOWN else issue for issue in issues]


def _refer(cells: pd.Series, column: Column, place: Locator, typed: Typed) -> tuple[pd.Series, list[Issue]]:
    known = typed.known[str(column.refers)]
    if column.kind == "tokens":
        return type_reference_list(cells, column, place, known)
    texts, rows, issues = type_reference(cells, column, place, known)
    typed.remember(place.table, column.name, known.table, rows)
    return texts, issues


def _type_targets(frame: pd.DataFrame, shape: Table, place: Locator, columns: dict[str, pd.Series], typed: Typed) -> list[Issue]:
    """Targets of wishes need their types first."""
    column = shape.column("target_id")
    if column is None:
        return []
    known = {table: typed.known[table] for table in TARGETS.values() if table in typed.known}
    if "target_type" in columns or "placements" not in known:
        columns["target_id"], issues = type_targets(frame["target_id"], columns.get("target_type"), column, place, known)
        return issues
    texts, rows, issues = type_placements(frame["target_id"], column, place, known)
    columns["target_id"] = texts
    typed.remember("preferences", "target_id", "placements", rows)
    return issues
