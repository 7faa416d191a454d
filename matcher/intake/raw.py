"""What was read, before anything is understood: cells as they stand, with the row they stood in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from matcher.errors import Issue


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """One table as it was read.

    Attributes
    ----------
    name
        One of `matcher.schema.TABLES`.
    frame
        Columns by canonical name (a column outside the format keeps its own). Cells are text (`str` dtype, missing: NaN, blanks stripped), except where
        the file itself is typed (Parquet, JSON numbers). The index holds row numbers as the person sees them (the header is row 1).
    source
        For messages: "students.csv", "round.xlsx, sheet Studenten".
    headers
        Canonical column name -> the header as it was written.
    """

    name: str
    frame: pd.DataFrame
    source: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class RawRound:
    """All tables that were read, the text of `round.toml` (None: there was none), and what was noticed while reading."""

    tables: Mapping[str, RawTable]
    settings: str | None = None
    issues: tuple[Issue, ...] = ()
