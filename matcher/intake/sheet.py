"""A table as it stands in a file: cells with their rows, before anybody knows which table it is or what its columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import Severity, UnreadableFile
from matcher.intake import limits

Rows = npt.NDArray[np.int64]
Params = tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something noticed about a cell, a row, or the whole sheet; it becomes an Issue once the table and its columns have names."""

    code: str
    severity: Severity
    row: int | None = None
    position: int | None = None
    value: str | None = None
    params: Params = ()


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One sheet of a workbook, one CSV or Parquet file, or one list of a JSON document.

    Attributes
    ----------
    name
        What it is called: the file without its ending, or the sheet.
    source
        For messages: "students.csv", "round.xlsx, sheet Studenten".
    headers
        As they stand, cleaned; an empty text where a column has none.
    columns
        As many as headers, all as long as `rows`: text (`str` dtype, cleaned), or typed where the file is typed.
    rows
        Row numbers as a person sees them (the first row of a file is 1).
    header_row
        The row in which the headers stand.
    """

    name: str
    source: str
    headers: tuple[str, ...]
    columns: tuple[pd.Series, ...]
    rows: Rows
    remarks: tuple[Remark, ...] = ()
    header_row: int = 1

    def noticed(self, *remarks: Remark) -> Sheet:
        """The sheet with further remarks."""
        return replace(self, remarks=(*self.remarks, *remarks))


def trimmed(headers: Sequence[str], file: str) -> tuple[str, ...]:
    """The headers; empty ones at the end count for nothing where there are many.

    Raises
    ------
    UnreadableFile
        413: there are too many.
    """
    width = len(headers)
    while width > limits.COLUMNS and not headers[width - 1]:
        width -= 1
    if width > limits.COLUMNS:
        raise UnreadableFile("reading.columns", status=413, name=file, limit=limits.COLUMNS)
    return tuple(headers[:width])


def find_header(scores: Sequence[int], filled: Sequence[bool]) -> int | None:
    """The position of the header among the first rows: the row with most matches, the first of equals; without any match the first filled row."""
    if not any(filled):
        return None
    best = max(scores, default=0)
    return scores.index(best) if best > 0 else filled.index(True)


def capped(remarks: Sequence[Remark], most: int) -> list[Remark]:
    """At most so many remarks of each code, and one that counts the rest."""
    kept: list[Remark] = []
    counts: dict[str, int] = {}
    for remark in remarks:
        counts[remark.code] = counts.get(remark.code, 0) + 1
        if counts[remark.code] <= most:
            kept.append(remark)
    left = sum(max(0, count - most) for count in counts.values())
    return [*kept, Remark("reading.more", "error", params=(("count", left),))] if left else kept
