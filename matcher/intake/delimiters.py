"""Which sign stands between the cells of a CSV file, and in which line its headers stand."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from matcher.intake import limits, names
from matcher.intake.sheet import find_header, trimmed
from matcher.intake.texts import clean

DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile(r"""["']?sep=([,;|:\t~^!#$%&*+/])["']?[;,]*\r?\n?""", re.IGNORECASE)
"""The first line by which Excel is told the delimiter."""
_SAMPLE = 2**18
_RECORDS = 60


@dataclass(frozen=True, slots=True)
class Layout:
    """How a CSV file is laid out.

    Attributes
    ----------
    delimiter
        The sign between cells.
    skipped
        Records above the header.
    titled
        How many of those hold something.
    headers
        As they stand, cleaned.
    plain
        Whether every record up to the header is one line, so that lines can be counted instead of records.
    """

    delimiter: str
    skipped: int
    titled: int
    headers: tuple[str, ...]
    plain: bool


def layout_of(text: bytes, name: str, table: str | None) -> Layout | None:
    """Find delimiter and header; None where the file holds no cell.

    The delimiter is the one under which one of the first ten rows names most columns; then the one that gives most rows the same number of cells; then the
    one that gives most cells.

    Raises
    ------
    UnreadableFile
        413: the header has too many columns.
    """
    sample = text[:_SAMPLE].decode("utf-8", "ignore")
    lines = io.StringIO(sample, newline="").readlines()
    if len(text) > _SAMPLE and len(lines) > 1:
        lines.pop()
    forced = _SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    found: list[tuple[tuple[int, float, int], int, str, list[list[str]]]] = []
    for sign in (forced[1],) if forced else DELIMITERS:
        records = _records(lines, sign)
        judged = _judged(records, table, 1 if forced else 0)
        if judged is not None:
            found.append((*judged, sign, records))
    if not found:
        return None
    _, head, delimiter, records = max(found, key=lambda candidate: candidate[0])
    headers = trimmed([clean(cell) for cell in records[head]], name)
    above = records[1 if forced else 0 : head]
    plain = not any("\n" in cell or "\r" in cell for record in records[: head + 1] for cell in record)
    return Layout(delimiter, head, sum(any(map(clean, record)) for record in above), headers, plain)


def _records(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    records: list[list[str]] = []
    try:
        for record in csv.reader(lines, delimiter=delimiter):
            records.append(record)
            if len(records) == _RECORDS:
                break
    except csv.Error:
        pass  # a cell longer than any cell can be: what was read before it must do
    return records


def _judged(records: Sequence[Sequence[str]], table: str | None, start: int) -> tuple[tuple[int, float, int], int] | None:
    """Matches of the best header, share of rows as long as most and that length; and the header's position."""
    top = [[clean(cell) for cell in record] for record in records[: start + limits.HEADER_ROWS]]
    scores = [0 if at < start else names.matches(row, table) for at, row in enumerate(top)]
    head = find_header(scores, [at >= start and any(row) for at, row in enumerate(top)])
    if head is None:
        return None
    if len(records[head]) == 1:
        return (scores[head], 0.0, 1), head
    lengths = Counter(len(record) for record in records[head:] if record)
    length, times = lengths.most_common(1)[0]
    return (scores[head], times / lengths.total(), length), head
