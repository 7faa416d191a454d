"""Workbooks: XLSX and XLSM, ODS, and the old XLS."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import Any, TypeVar

import numpy as np

from matcher.errors import UnreadableFile
from matcher.intake import limits, names
from matcher.intake.archive import Archive
from matcher.intake.content import Content
from matcher.intake.ods_xml import scan_ods
from matcher.intake.sheet import Remark, Sheet, capped, find_header, trimmed
from matcher.intake.sheet_xml import OddCell, check_markup, check_xlsx_sheet, column_letters, sheet_parts
from matcher.intake.texts import cell_text, cell_texts, clean, missing_column
from matcher.intake.xls_child import LOCKED, TOO_LARGE

T = TypeVar("T")
Grid = list[list[Any]]

_PATIENCE = 120
"""Seconds that an XLS workbook may take; the largest there can be takes ten."""
_NOT_AVAILABLE = re.compile(r"#(N/A|N/B|N/D|NV)!?")
"""What a look-up that found nothing shows, in English, Dutch, French and German."""


def read_workbook(data: bytes, name: str, content: Content, archive: Archive | None) -> Iterator[Sheet]:
    """Read every sheet that holds something.

    Raises
    ------
    UnreadableFile
        400: broken, or with a password. 413: a sheet is too large.
    """
    if content == "xls":
        yield from _read_old(data, name)
        return
    from python_calamine import SheetTypeEnum

    if archive is not None:
        check_markup(archive)
    parts = sheet_parts(archive) if archive is not None and content == "xlsx" else {}
    scanned = scan_ods(archive) if archive is not None and content == "ods" else []
    book = _guarded(lambda: _open(data, name), name)
    pages = [page.name for page in book.sheets_metadata if page.typ == SheetTypeEnum.WorkSheet]
    if (scanned and len(scanned) != len(pages)) or (content == "xlsx" and not parts.keys() >= set(pages)):
        raise UnreadableFile("reading.broken_workbook", name=name)  # what cannot be measured is not read
    for number, sheet in enumerate(pages):
        odd = check_xlsx_sheet(archive, parts[sheet], sheet) if archive is not None and parts else []
        grid, merged = _guarded(lambda sheet=sheet: _cells(book, sheet), name)  # type: ignore[misc]  # the default binds the loop's sheet
        if scanned:
            odd, merged = scanned[number].odd, scanned[number].merged
        found = _sheet(grid, merged, odd, PurePath(name).name, sheet)
        if found is not None:
            yield found


def _read_old(data: bytes, name: str) -> Iterator[Sheet]:
    """Read an XLS workbook, in a process of its own."""
    script = Path(__file__).with_name("xls_child.py")
    try:
        call = [sys.executable, "-I", str(script), str(limits.SHEET_CELLS)]
        done = subprocess.run(call, input=data, capture_output=True, timeout=_PATIENCE, check=False)
        if done.returncode == LOCKED:
            raise UnreadableFile("reading.password", name=name)
        if done.returncode == TOO_LARGE:
            raise UnreadableFile("reading.sheet_size", status=413, name=name, sheet="", limit=limits.SHEET_CELLS)
        sheets = json.loads(done.stdout if done.returncode == 0 else b"")
    except (subprocess.SubprocessError, OSError, ValueError) as broken:
        raise UnreadableFile("reading.broken_workbook", name=name) from broken
    for sheet in sheets:
        found = _sheet(sheet["rows"], sheet["merged"], [], PurePath(name).name, sheet["name"])
        if found is not None:
            yield found.noticed(Remark("reading.old_excel", "note"))


def _open(data: bytes, name: str) -> Any:
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(data))
    except PasswordError as locked:
        raise UnreadableFile("reading.password", name=name) from locked


def _cells(book: Any, sheet: str) -> tuple[Grid, list[Any]]:
    page = book.get_sheet_by_name(sheet)
    return page.to_python(skip_empty_area=False), page.merged_cell_ranges or []


def _guarded(work: Callable[[], T], name: str) -> T:
    """Do something in the reader of workbooks, and turn whatever it makes of a damaged file into one sentence."""
    try:
        return work()
    except UnreadableFile:
        raise
    except Exception as broken:
        raise UnreadableFile("reading.broken_workbook", name=name) from broken
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":  # Rust's way to give up; it is no Exception
            raise
        raise UnreadableFile("reading.broken_workbook", name=name) from panic


def _sheet(grid: Grid, merged: Sequence[Any], odd: Sequence[OddCell], file: str, name: str) -> Sheet | None:
    """Divide the cells of a sheet into headers and columns; None where it is empty."""
    top = [[clean(cell_text(cell) or "") for cell in row] for row in grid[: limits.HEADER_ROWS]]
    table, _ = names.table_of(name)
    scores = [names.matches(row, table) for row in top]
    head = find_header(scores, [any(row) for row in top])
    if head is None:
        return None
    headers, titled = trimmed(top[head], file), sum(map(any, top[:head]))
    remarks = [Remark("reading.title_rows", "note", params=(("count", titled),))] if titled else []
    filled = _fill_merged(grid, merged, head)
    if filled:
        remarks.append(Remark("reading.merged", "note", params=(("count", filled),)))
    kept = [at for at in range(head + 1, len(grid)) if any(cell not in ("", None) for cell in grid[at])]
    width = len(headers)
    if len(top[head]) > width and any(cell not in ("", None) for at in kept for cell in grid[at][width:]):
        raise UnreadableFile("reading.columns", status=413, name=file, limit=limits.COLUMNS)
    records = zip(*(grid[at][:width] for at in kept), strict=True)
    columns = tuple(map(cell_texts, records)) if kept else tuple(missing_column(0) for _ in headers)
    remarks += capped([_odd_remark(cell) for cell in odd if cell.row > head + 1], limits.REMARKS)
    rows = np.array(kept, dtype=np.int64) + 1
    return Sheet(name, f"{file}, sheet {name}", headers, columns, rows, tuple(remarks), head + 1)


def _fill_merged(grid: Grid, merged: Sequence[Any], head: int) -> int:
    """Give every row of merged cells below the header the value of the first; returns how many cells were filled."""
    filled = 0
    for (top, left), (bottom, _) in merged:
        if top <= head or bottom == top or top >= len(grid) or left >= len(grid[top]) or grid[top][left] == "":
            continue
        for row in grid[top + 1 : bottom + 1]:
            if row[left] == "":
                row[left] = grid[top][left]
                filled += 1
    return filled


def _odd_remark(cell: OddCell) -> Remark:
    place = f"{column_letters(cell.column)}{cell.row}"
    if not cell.error:
        return Remark("reading.formula", "error", cell.row, cell.column - 1, params=(("cell", place),))
    harmless = _NOT_AVAILABLE.fullmatch(cell.error)
    return Remark("reading.error_cell", "warning" if harmless else "error", cell.row, cell.column - 1, cell.error, (("cell", place),))
