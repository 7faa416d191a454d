"""CSV and TSV files, as spreadsheets, databases and people write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd

from matcher.errors import UnreadableFile
from matcher.intake import limits, names
from matcher.intake.arrow import arrow, arrow_csv
from matcher.intake.decode import plain_text
from matcher.intake.delimiters import Layout, layout_of
from matcher.intake.sheet import Remark, Rows, Sheet, capped
from matcher.intake.texts import as_column, cleaned, missing_column, text_column

_GUARDED = r"^'('*[=+\-@\t\r])"
"""An apostrophe that `matcher.intake.write` (or somebody else) set before a cell, lest a spreadsheet takes it for a formula."""

BLOCK_BYTES = 1 << 23
"""So much is read at a time, so that a long read can be stopped between two blocks; a longer line is read the slow way."""

Records = list[tuple[int, list[str]]]


def read_csv(data: bytes, name: str, source: str, tell: Callable[[float], None] = lambda _: None) -> Sheet | None:
    """Read a text of cells; None where it holds none. O(bytes).

    `tell` hears the fraction that was read, after every block of lines.

    Rows are counted as a text editor counts lines, except that a cell with line breaks in it does not add to them (a note says so).

    Raises
    ------
    UnreadableFile
        415: no text. 413: too many columns. 400: a single cell as large as a file.
    """
    text, remarks = plain_text(data, name)
    stem = PurePath(name).stem
    layout = layout_of(text, name, names.table_of(stem)[0])
    if layout is None:
        return None
    if layout.titled:
        remarks.append(Remark("reading.title_rows", "note", params=(("count", layout.titled),)))
    columns, rows, noticed = _fast(text, layout, tell) or _slow(text, layout, name)
    columns, rows = _without_empty_rows(columns, rows)
    return Sheet(stem, source, layout.headers, columns, rows, (*remarks, *noticed), layout.skipped + 1)


def _fast(text: bytes, layout: Layout, tell: Callable[[float], None] = lambda _: None) -> tuple[tuple[pd.Series, ...], Rows, list[Remark]] | None:
    """Read with Arrow; None where a row does not fit the header, or where rows are not lines, so that row numbers would be wrong."""
    (pa, _), csv_reader = arrow(), arrow_csv()

    body = text.rstrip(b"\r\n ")
    if not layout.plain or _has_empty_lines(body) or not layout.headers:
        return None
    if body.count(b"\n") + (0 if b"\n" in body else body.count(b"\r")) <= layout.skipped:
        return tuple(missing_column(0) for _ in layout.headers), np.zeros(0, dtype=np.int64), []
    labels = [str(position) for position in range(len(layout.headers))]
    try:
        lines_in_blocks = csv_reader.open_csv(
            pa.BufferReader(body),
            read_options=csv_reader.ReadOptions(skip_rows=layout.skipped + 1, column_names=labels, block_size=BLOCK_BYTES),
            parse_options=csv_reader.ParseOptions(delimiter=layout.delimiter, newlines_in_values=b'"' in body),
            convert_options=csv_reader.ConvertOptions(column_types=dict.fromkeys(labels, pa.large_string()), strings_can_be_null=True, null_values=[""]),
        )
        blocks = []
        for block in lines_in_blocks:
            blocks.append(block)
            tell(min(1.0, len(blocks) * BLOCK_BYTES / len(body)))
        table = pa.Table.from_batches(blocks, lines_in_blocks.schema)
    except pa.ArrowInvalid:
        return None
    lines = body.count(b"\n") if b"\n" in body else body.count(b"\r")
    if table.num_rows != lines - layout.skipped:
        return None
    columns = tuple(_unguarded(cleaned(column)) if b"'" in body else cleaned(column) for column in table.columns)
    return columns, np.arange(table.num_rows, dtype=np.int64) + layout.skipped + 2, []


def _has_empty_lines(body: bytes) -> bool:
    """Whether there may be empty lines, or more than one kind of line end. Where every line ends alike, the number of rows tells of empty ones later."""
    carriage = body.count(b"\r")
    if not carriage:
        return body.startswith(b"\n")
    mixed = b"\n" in body and carriage != body.count(b"\r\n")
    return mixed or body.startswith((b"\n", b"\r")) or any(blank in body for blank in (b"\n\n", b"\n\r", b"\r\r"))


def _slow(text: bytes, layout: Layout, name: str) -> tuple[tuple[pd.Series, ...], Rows, list[Remark]]:
    """Read record by record, for files that are not laid out evenly."""
    records, remarks = _records(text.decode("utf-8"), layout.delimiter, name)
    records = records[layout.skipped + 1 :]
    remarks += _ragged(records, layout)
    span = len(layout.headers)
    columns = tuple(_unguarded(text_column(cells[at] if at < len(cells) else None for _, cells in records)) for at in range(span))
    return columns, np.array([row for row, _ in records], dtype=np.int64), remarks


def _records(text: str, delimiter: str, name: str) -> tuple[Records, list[Remark]]:
    """All records with their row numbers."""
    records: Records = []
    try:
        records.extend(enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1))
    except csv.Error as broken:
        raise UnreadableFile("reading.csv_broken", name=name, row=len(records) + 1) from broken
    swallowed = _swallowed(records, delimiter)
    if swallowed is None:
        return records, [Remark("reading.records", "note")] if _broken_lines(records) else []
    # A quotation mark that was never closed took further rows into its cell: read on without quotation marks from there.
    row = records[swallowed][0]
    rest = _after(text, delimiter, swallowed)
    tail = enumerate(([cell.strip('"') for cell in record] for record in csv.reader(rest, delimiter=delimiter, quoting=csv.QUOTE_NONE)), start=row)
    return [*records[:swallowed], *tail], [Remark("reading.quote", "error", row)]


def _broken_lines(records: Records) -> bool:
    return any("\n" in cell or "\r" in cell for _, cells in records for cell in cells)


def _swallowed(records: Records, delimiter: str) -> int | None:
    """The first record with a cell that holds a line with as many cells as the header has."""
    width = max((len(cells) for _, cells in records[: limits.HEADER_ROWS]), default=0)
    for at, (_, cells) in enumerate(records):
        for cell in cells:
            if ("\n" in cell or "\r" in cell) and width > 1 and any(line.count(delimiter) == width - 1 for line in cell.splitlines()[1:]):
                return at
    return None


def _after(text: str, delimiter: str, records: int) -> Iterator[str]:
    """The lines of a text behind so many records."""
    lines = iter(io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=delimiter)
    for _ in range(records):
        next(reader)
    return lines


def _ragged(records: Records, layout: Layout) -> list[Remark]:
    """What is to be said of rows that are longer or shorter than the header."""
    span = len(layout.headers)
    remarks = [
        Remark("reading.row_too_long", "error", row, params=(("columns", span), ("extra", extra)))  # never the cells: they may hold names
        for row, cells in records
        if len(cells) > span and (extra := sum(bool(cell.strip()) for cell in cells[span:]))
    ]
    short = [row for row, cells in records if len(cells) < span and any(cell.strip() for cell in cells)]
    if short:
        remarks.append(Remark("reading.rows_short", "note", params=(("count", len(short)), ("first", short[0]))))
    return capped(remarks, limits.REMARKS)


def _unguarded(cells: pd.Series) -> pd.Series:
    """The cells without an apostrophe before the sign of a formula."""
    pa, pc = arrow()

    array: Any = pa.array(cells)
    if not pc.any(pc.starts_with(array, "'")).as_py():
        return cells
    return as_column(pc.replace_substring_regex(array, _GUARDED, r"\1"))


def _without_empty_rows(columns: Sequence[pd.Series], rows: Rows) -> tuple[tuple[pd.Series, ...], Rows]:
    """Leave out rows without any cell (spreadsheets write them below a table)."""
    if not columns or not columns[0].isna().any():
        return tuple(columns), rows
    filled = np.zeros(len(rows), dtype=np.bool_)
    for column in columns:
        filled |= column.notna().to_numpy()
    if filled.all():
        return tuple(columns), rows
    return tuple(column[filled].reset_index(drop=True) for column in columns), rows[filled]
