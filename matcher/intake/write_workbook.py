"""A round as a workbook: a sheet per table, and one for the settings."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from matcher.errors import CodedError
from matcher.intake.settings_file import dump
from matcher.round import Round
from matcher.schema import NO, TABLES

ROWS = 1_048_576
"""Rows of a sheet, in every Excel since 2007."""
LONGEST = 32_767
"""Characters of a cell."""
WIDTHS = (8, 40)
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": False}
MADE = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - what a workbook states as its date, always the same so that equal rounds give equal files
_FIRST_DAY = pd.Timestamp(1900, 3, 1)
"""Before it, Excel counts a day that never was."""


def write_workbook(round_: Round, path: Path) -> None:
    """Write a round; texts stay texts (leading zeros, leading equals signs), numbers and dates become real ones.

    Raises
    ------
    CodedError
        A table has more rows than a sheet, or a text more characters than a cell.
    """
    import xlsxwriter

    for name, frame in round_.tables.items():
        _check_size(name, frame)
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        book.set_properties({"title": round_.settings.name or "round", "created": MADE})
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name in (name for name in TABLES if name in round_.tables):
            _write_table(book.add_worksheet(name), name, round_.tables[name], bold, day)
        sheet = book.add_worksheet("settings")
        sheet.write_row(0, 0, ["section", "key", "value"], bold)
        for number, (section, key, value) in enumerate(setting_rows(tomllib.loads(dump(round_.settings))), start=1):
            sheet.write_string(number, 0, section)
            sheet.write_string(number, 1, key)
            write_cell(sheet, number, 2, value)


def setting_rows(document: Mapping[str, Any], section: str = "") -> Iterator[tuple[str, str, object]]:
    """Section, key and value of every setting; lists are joined by `|`."""
    for key, value in document.items():
        if isinstance(value, dict):
            yield from setting_rows(value, f"{section}.{key}".lstrip("."))
        else:
            yield section, key, "|".join(map(str, value)) if isinstance(value, list) else value


def write_cell(sheet: Any, row: int, column: int, value: object) -> None:
    """Write a setting: a number if that is exact, else a text."""
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, (int, float)) and _is_exact(value):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value))


def _is_exact(value: float) -> bool:
    """Whether fifteen digits say it all, which is what spreadsheets keep."""
    return float(f"{value:.15g}") == value and abs(value) < 10**15


def _check_size(name: str, frame: pd.DataFrame) -> None:
    if len(frame) >= ROWS:
        raise CodedError("reading.write_long", table=name, count=len(frame), limit=ROWS - 1)
    for column in frame.columns:
        if frame[column].dtype == "str" and frame[column].str.len().max() > LONGEST:
            raise CodedError("reading.write_cell", table=name, column=column, limit=LONGEST)


def _write_table(sheet: Any, table: str, frame: pd.DataFrame, bold: Any, day: Any) -> None:
    """Write row by row, so that nothing is kept in memory."""
    sheet.freeze_panes(1, 0)
    writers = []
    columns = []
    for position, name in enumerate(frame.columns):
        known = TABLES[table].column(str(name))
        cells = _cells(frame[name], is_rank=known is not None and known.kind == "rank")
        columns.append(cells)
        writers.append(_writer(sheet, frame[name], day))
        longest = max((len(str(cell)) for cell in cells[:200] if cell is not None), default=0)
        sheet.set_column(position, position, min(max(WIDTHS[0], len(str(name)) + 1, longest + 1), WIDTHS[1]))
    for position, name in enumerate(frame.columns):
        sheet.write_string(0, position, str(name), bold)
    for row, record in enumerate(zip(*columns, strict=True), start=1):
        for position, cell in enumerate(record):
            if cell is not None:
                writers[position](row, position, cell)


def _cells(cells: pd.Series, *, is_rank: bool) -> list[Any]:
    if is_rank:
        return ["no" if rank == NO else rank for rank in cells.tolist()]
    return [None if missing else cell for cell, missing in zip(cells.tolist(), cells.isna().tolist(), strict=True)]


def _writer(sheet: Any, cells: pd.Series, day: Any) -> Callable[[int, int, Any], object]:
    """How the cells of a column are written."""
    if cells.dtype == "str":
        return sheet.write_string  # type: ignore[no-any-return]  # xlsxwriter has no types
    if cells.dtype.kind == "M":
        return lambda row, column, value: (
            sheet.write_datetime(row, column, value.to_pydatetime(), day) if value >= _FIRST_DAY else sheet.write_string(row, column, str(value.date()))
        )
    return lambda row, column, value: write_cell(sheet, row, column, value)
