"""Proposed corrections, applied to the raw tables, with a list of what was changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from matcher.errors import Issue
from matcher.intake.checked import check_raw
from matcher.intake.columns import as_text
from matcher.intake.raw import RawRound, RawTable
from matcher.schema import TABLES

PASSES = 8
"""One correction may bring to light another (an id that got its zero back is then looked for by others); every pass settles at least one column."""


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that was rewritten, or one row that was dropped (`new` is None)."""

    table: str
    row: int
    column: str | None
    old: str | None
    new: str | None
    code: str


def fix(raw: RawRound, issues: Iterable[Issue], *, safe_only: bool = True) -> tuple[RawRound, list[Change]]:
    """Apply the proposed fixes, check again, and go on until none is left.

    Parameters
    ----------
    raw
        The round as it was read; it is not changed.
    issues
        What `check_raw` found in it; leave issues out to leave their cells alone in the first pass.
    safe_only
        Only fixes that have one sensible reading; otherwise all proposals. Proposals that are not safe are applied once, never again on what they made.

    Returns
    -------
    tuple
        The corrected round and every change, in the order in which they were made. Afterwards no issue has a safe fix.
    """
    wanted = [issue for issue in issues if issue.fix is not None and (issue.fix.safe or not safe_only)]
    changes: list[Change] = []
    for _ in range(PASSES):
        raw, made = apply(raw, wanted)
        changes += made
        if not made:
            break
        wanted = [issue for issue in check_raw(raw).issues if issue.fix is not None and issue.fix.safe]
    return raw, changes


def apply(raw: RawRound, issues: Sequence[Issue]) -> tuple[RawRound, list[Change]]:
    """Apply the fixes of these issues once. Of several fixes for one cell the first counts; a dropped row takes its other fixes with it."""
    tables = dict(raw.tables)
    changes: list[Change] = []
    for name in TABLES:
        own = [issue for issue in issues if issue.table == name and issue.fix is not None and issue.row is not None]
        if own and name in tables:
            tables[name], made = _apply_to(tables[name], own)
            changes += made
    settled = {(change.table, change.row, change.code) for change in changes}
    kept = tuple(issue for issue in raw.issues if issue.row is None or (issue.table, issue.row, issue.code) not in settled)
    return replace(raw, tables=tables, issues=kept), changes


def _apply_to(table: RawTable, issues: Sequence[Issue]) -> tuple[RawTable, list[Change]]:
    frame = table.frame
    at = positions_of(frame, issues)
    changes: list[Change] = []
    dropped = np.zeros(len(frame), dtype=np.bool_)
    cells: dict[str, dict[int, Issue]] = {}
    for issue, position in zip(issues, at, strict=True):
        if issue.fix is None or position < 0:
            continue
        if issue.fix.drop:
            if not dropped[position]:
                changes.append(Change(table.name, int(frame.index[position]), issue.column, issue.value, None, issue.code))
            dropped[position] = True
        elif issue.column is not None:
            cells.setdefault(issue.column, {}).setdefault(position, issue)
    columns: dict[str, pd.Series] = {}
    for column, fixes in cells.items():
        texts = as_text(frame[column]) if column in frame else pd.Series(np.nan, index=frame.index, dtype="str")
        values = texts.to_numpy(dtype=object, copy=True)
        for position, issue in fixes.items():
            new = issue.fix.value if issue.fix else ""
            old = values[position] if isinstance(values[position], str) else None
            if dropped[position] or old == (new or None):
                continue
            values[position] = new or np.nan
            changes.append(Change(table.name, int(frame.index[position]), column, old, new, issue.code))
        columns[column] = pd.Series(values, index=frame.index, dtype="str")
    if not changes:
        return table, []
    changes.sort(key=lambda change: change.row)
    return replace(table, frame=frame.assign(**columns)[~dropped]), changes


def positions_of(frame: pd.DataFrame, issues: Sequence[Issue]) -> list[int]:
    """The position of each issue's row; -1 where the table has no such row."""
    if frame.index.is_unique:
        found: list[int] = frame.index.get_indexer(pd.Index([issue.row for issue in issues])).tolist()
        return found
    marks = [dict(issue.params).get("at", -1) for issue in issues]
    return [mark if isinstance(mark, int) and mark < len(frame) else -1 for mark in marks]


def changes_frame(changes: Iterable[Change]) -> pd.DataFrame:
    """The changes as a table for a sheet or a CSV: table, row, column, old, new, code (a dropped row has no `new`)."""
    names = ["table", "row", "column", "old", "new", "code"]
    return pd.DataFrame([(c.table, c.row, c.column, c.old, c.new, c.code) for c in changes], columns=names).astype(
        {"row": "int64", **dict.fromkeys(["table", "column", "old", "new", "code"], "str")}
    )
