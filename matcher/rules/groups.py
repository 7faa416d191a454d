"""The groups of a quota with `per`: pairs that agree in some columns of students and placements (docs/rules.md section 5, "Per")."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from matcher.errors import InputError, Issue
from matcher.rules.facts import Codes, Facts, Ids, fanned, listed
from matcher.rules.families import Grouped, Sizes
from matcher.rules.filters import as_text
from matcher.schema import TABLES

STUDENT = "student"
"""The group of a student by itself."""

SIDES = {"placement": "placements", "student": "students"}
"""What may stand before the name of a column, and the table that it says; placements first."""

EMPTY = ("none", "")


@dataclass(frozen=True)
class Column:
    """The tokens of each student or placement in one column of `per`.

    Attributes
    ----------
    of_students
        Whose column it is.
    first, code
        Row i has the tokens code[first[i]:first[i + 1]], positions in `words`.
    """

    of_students: bool
    first: Sizes
    code: Codes
    words: Ids


def columns_of(facts: Facts, per: str, row: int) -> tuple[Column, ...]:
    """The columns that `per` names, in the order written.

    Raises
    ------
    InputError
        A name is no column of students or placements.
    """
    return tuple(_column(facts, name, row) for name in names_of(per))


def names_of(per: object) -> tuple[str, ...]:
    """The names in a cell of `per`, each once."""
    return tuple(dict.fromkeys(name for name in str(per).split("|") if name not in EMPTY)) if isinstance(per, str) else ()


def grouped(columns: tuple[Column, ...], pairs: Sizes, student: Codes, placement: Codes) -> Grouped:
    """Divide pairs, with the student and the placement of each, over the groups of their values; a pair with several tokens is in the group of each.

    O(entries log entries).
    """
    at = np.arange(len(pairs))
    keys: list[Codes] = []
    for column in columns:
        rows = (student if column.of_students else placement)[at]
        entry, number = fanned(column.first[rows], np.diff(column.first)[rows])
        at, keys = at[entry], [*(key[entry] for key in keys), column.code[number]]
    return Grouped.of(pairs[at], tuple(keys))


def _column(facts: Facts, name: str, row: int) -> Column:
    if name == STUDENT:
        n = len(facts.students)
        return Column(True, np.arange(n + 1), np.arange(n, dtype=np.int32), facts.student_ids)
    side, plain = _side(facts, name)
    if side is None:
        raise InputError(issues=[Issue("per_column", "quotas", row=row, column="per", value=name, params=(("name", name),))])
    frame = facts.students if side == "students" else facts.placements
    cells = as_text(frame[plain]) if plain in frame else pd.Series(np.nan, index=frame.index, dtype="str")
    index = pd.Index(sorted({token for cell in cells.dropna().unique() for token in cell.split("|")} - set(EMPTY)), dtype="str")
    at, code = listed(cells, index)
    key = np.unique(at[code >= 0] * max(1, len(index)) + code[code >= 0])
    first = np.searchsorted(key, np.arange(len(frame) + 1) * max(1, len(index)))
    return Column(side == "students", first, (key % max(1, len(index))).astype(np.int32), index.to_numpy(dtype=object))


def _side(facts: Facts, name: str) -> tuple[str | None, str]:
    """The table whose column a name is (None: neither), and the column.

    A prefix says which; else placements come before students, and what the round has before what only the format knows.
    """
    prefix, dot, plain = name.partition(".")
    prefixed = dot and prefix in SIDES
    column = plain if prefixed else name
    sides = (SIDES[prefix],) if prefixed else tuple(SIDES.values())
    there = [side for side in sides if column in (facts.students if side == "students" else facts.placements)]
    known = [side for side in sides if TABLES[side].column(column) is not None]
    return next(iter(there + known), None), column
