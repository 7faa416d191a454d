"""Wishes that stand side by side (Voorkeur 1, Voorkeur 2, ...), laid under each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from matcher.errors import Issue
from matcher.intake import names
from matcher.intake.arrow import arrow
from matcher.intake.raw import RawTable
from matcher.intake.texts import as_column, cleaned


def unfold_wishes(tables: Mapping[str, RawTable]) -> tuple[dict[str, RawTable], list[Issue]]:
    """Move numbered wish columns of students, or of preferences, into rows of preferences. O(students x wishes).

    The row number of the student repeats for each wish; `rank` is the number in the header; empty cells give no row; several places in one cell (`A|B`) are
    a tie. Columns are only taken for wishes where the table has no wishes in rows already.
    """
    found = dict(tables)
    issues: list[Issue] = []
    for name in names.WIDE:
        table = found.get(name)
        columns = _wish_columns(table) if table is not None else {}
        if table is None or not columns:
            continue
        if name == "preferences" and "target_id" in table.frame:
            issues += [Issue("reading.column_unknown", name, "note", column=column, value=column) for column in columns]
            continue
        plain = table.frame.drop(columns=list(columns))
        if not any(table.frame[column].notna().any() for column in columns):
            found[name] = replace(table, frame=plain)
            continue
        if "student_id" not in table.frame:
            continue  # the missing column is reported by those who check
        if name == "students":
            found[name] = replace(table, frame=plain, headers={key: value for key, value in table.headers.items() if key not in columns})
            if "preferences" in found and not found["preferences"].frame.empty:
                issues.append(Issue("reading.wishes_twice", "students", value=", ".join(columns), params=(("source", found["preferences"].source),)))
                continue
        found["preferences"] = _unfold(table, columns)
        issues.append(Issue("reading.wide", name, "note", value=", ".join(columns), params=(("count", len(found["preferences"].frame)),)))
    return found, issues


def _wish_columns(table: RawTable) -> dict[str, int]:
    """Column -> number of the wish, in the order of the numbers; columns of the format are none."""
    known = {column for column in table.frame.columns if names.vocabulary(table.name).column(table.headers.get(column, column)) == column}
    numbers = {column: number for column in table.frame.columns if column not in known and (number := names.wish_number(table.headers.get(column, column)))}
    return dict(sorted(numbers.items(), key=lambda item: item[1]))


def _unfold(table: RawTable, columns: Mapping[str, int]) -> RawTable:
    pa, _ = arrow()

    frame = table.frame
    height, width = len(frame), len(columns)
    cells = pa.chunked_array([pa.array(_as_texts(frame[column]), type=pa.large_string()) for column in columns], type=pa.large_string())
    # Cells were joined column by column; the rows of preferences go student by student.
    order = np.arange(height * width).reshape(width, height).T.ravel()
    order = order[~np.asarray(cells.is_null().to_numpy(zero_copy_only=False) if isinstance(cells, pa.Array) else cells.is_null().to_numpy())[order]]
    student, rank = order % max(height, 1), np.array(list(columns.values()), dtype=np.int64)[order // max(height, 1)]
    wishes, counts = _divided(cells.take(pa.array(order)))
    student, rank = np.repeat(student, counts), np.repeat(rank, counts)
    long = pd.DataFrame(
        {
            "student_id": frame["student_id"].take(student).array,
            "rank": rank,
            "target_type": pd.Series("placement", index=range(len(student)), dtype="str").array,
            "target_id": wishes.array,
        },
        index=pd.Index(frame.index.to_numpy()[student]),
        copy=False,
    )
    written = [table.headers.get(column, column) for column in columns]
    headers = {"target_id": written[0] if width == 1 else f"{written[0]} ... {written[-1]}"}
    if "student_id" in table.headers:
        headers["student_id"] = table.headers["student_id"]
    return RawTable("preferences", long, table.source, headers)


def _as_texts(cells: pd.Series) -> Sequence[Any] | pd.Series:
    if cells.dtype == "str":
        return cells
    from matcher.intake.columns import as_text

    return as_text(cells)


def _divided(cells: Any) -> tuple[pd.Series, np.ndarray]:
    """The places in each cell, and how many each cell names."""
    _, pc = arrow()

    several = pc.any(pc.match_substring(cells, "|")).as_py()
    if not several:
        return as_column(cells), np.ones(len(cells), dtype=np.int64)
    parts = pc.split_pattern(cells, "|")
    counts = np.asarray(pc.list_value_length(parts).to_numpy(), dtype=np.int64)
    places = cleaned(pc.list_flatten(parts))
    kept = places.notna().to_numpy()
    owner = np.repeat(np.arange(len(counts)), counts)
    return places[kept].reset_index(drop=True), np.bincount(owner[kept], minlength=len(counts))
