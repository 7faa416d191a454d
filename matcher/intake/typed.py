"""The typed tables while they are being checked: cells may still be missing that a sound round must have."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.intake.columns import Codes, Flags, distinct
from matcher.intake.findings import Locator
from matcher.intake.known import Known
from matcher.round import canonical_dtype
from matcher.schema import TABLES
from matcher.settings import Settings

NOT_READ = -1
"""Stands for a rank that could not be read, while a round is checked."""


@dataclass(slots=True, eq=False)
class Typed:
    """All tables of a raw round, typed; positions of references are computed once.

    Attributes
    ----------
    frames
        Typed tables; every required column is there.
    places
        Where the rows of each table stand, by position.
    known
        The ids of each table that others refer to.
    """

    settings: Settings
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    places: dict[str, Locator] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    _codes: dict[tuple[str, str, str], Codes] = field(default_factory=dict)
    _distinct: dict[tuple[str, str], tuple[Codes, npt.NDArray[np.object_]]] = field(default_factory=dict)

    def has(self, table: str, *columns: str) -> bool:
        """Whether the table was there with a row, and in it the columns."""
        frame = self.frames.get(table)
        return frame is not None and not frame.empty and all(column in frame for column in columns)

    def column(self, table: str, column: str) -> pd.Series:
        """The column, or one of missing cells where the table lacks it."""
        frame = self.frames[table]
        return frame[column] if column in frame else missing_column(table, column, frame.index)

    def codes(self, table: str, column: str, of: str) -> Codes:
        """The row of table `of` (by position) that each cell names; -1 where the cell is empty or names none."""
        key = (table, column, of)
        if key not in self._codes:
            cells = self.column(table, column)
            self._codes[key] = self.known[of].positions(cells) if of in self.known else np.full(len(cells), -1, dtype=np.int32)
        return self._codes[key]

    def distinct(self, table: str, column: str) -> tuple[Codes, npt.NDArray[np.object_]]:
        """Each cell's number among the distinct texts of the column (-1: missing), and those texts."""
        key = (table, column)
        if key not in self._distinct:
            frame = self.frames[table]
            nowhere = np.full(len(frame), -1, dtype=np.int32), np.empty(0, dtype=object)
            self._distinct[key] = distinct(frame[column]) if column in frame else nowhere
        return self._distinct[key]

    def remember(self, table: str, column: str, of: str, codes: Codes) -> None:
        """Keep positions that are known already."""
        self._codes[table, column, of] = codes

    def keep(self, table: str, kept: Flags) -> None:
        """Leave rows out of a table."""
        self.frames[table] = self.frames[table][kept]
        self.places[table] = self.places[table].take(kept)
        if table in self.known:
            self.known[table] = known_of(table, self.frames[table])
        self._distinct = {key: found for key, found in self._distinct.items() if key[0] != table}
        self._codes = {key: codes for key, codes in self._codes.items() if table not in (key[0], key[2])}


def known_of(table: str, frame: pd.DataFrame) -> Known:
    """The ids that a typed table defines."""
    return Known(table, frame[TABLES[table].key[0]], frame.get("name"))


def missing_column(table: str, column: str, index: pd.Index) -> pd.Series:
    """A column of cells that are not known."""
    shape = TABLES[table].column(column)
    if shape is not None and shape.kind == "rank":
        return pd.Series(NOT_READ, index=index, dtype="int32")
    dtype = canonical_dtype(TABLES[table], column)
    return pd.Series(index=index, dtype="float64" if dtype == "int64" else dtype)
