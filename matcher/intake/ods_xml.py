"""What the XML of an ODS workbook tells before it is read.

One element can stand for a million equal cells, so sheets are measured first. The reader of workbooks tells neither which cells hold errors nor which
are merged: both are found here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from matcher.errors import UnreadableFile
from matcher.intake import limits
from matcher.intake.archive import Archive
from matcher.intake.sheet_xml import OddCell

Range = tuple[tuple[int, int], tuple[int, int]]

_TABLE = re.compile(rb"<table:table(?=[\s>])")
_TAG = re.compile(rb"<(/?)table:(table-row|table-cell|covered-table-cell)(?=[\s/>])([^<>]*)>")
_SHOWN = re.compile(rb"\s*<text:p>([^<]{1,20})</text:p>")


def _counted(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"table:number-" + name + rb"""\s*=\s*["'](\d{1,9})["']""")


_ROWS, _COLUMNS, _SPANNED = _counted(b"rows-repeated"), _counted(b"columns-repeated"), _counted(b"rows-spanned")


@dataclass(slots=True)
class OdsSheet:
    """One sheet: cells in the rectangle around the filled ones, cells that hold errors, and ranges of merged cells (from 0, as the reader counts)."""

    cells: int = 0
    odd: list[OddCell] = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)


def scan_ods(archive: Archive) -> list[OdsSheet]:
    """Scan all sheets, in their order.

    Raises
    ------
    UnreadableFile
        413 where the rectangle around the filled cells of a sheet is too large, 400 where there are no sheets to be found.
    """
    try:
        xml = archive.read("content.xml")
    except KeyError:
        raise UnreadableFile("reading.broken_workbook", name=archive.name) from None
    sheets = [_scan(table) for table in _TABLE.split(xml)]
    if any(sheet.cells > limits.SHEET_CELLS for sheet in sheets):
        raise UnreadableFile("reading.sheet_size", status=413, name=archive.name, sheet="", limit=limits.SHEET_CELLS)
    return sheets[1:]


def _scan(xml: bytes) -> OdsSheet:
    sheet = OdsSheet()
    height = width = rows = cells = filled = repeat = 0
    for tag in _TAG.finditer(xml):
        closing, kind, attributes = tag[1], tag[2], tag[3]
        empty = attributes.endswith(b"/")
        if kind != b"table-row":
            if not closing:
                _notice(sheet, rows, cells, attributes, xml[tag.end() : tag.end() + 60])
                cells += _number(_COLUMNS, attributes)
                filled = filled if empty and b"value-type" not in attributes else cells
            continue
        if not closing:
            cells = filled = 0
            repeat = _number(_ROWS, attributes)
        if closing or empty:
            rows += repeat
            if filled:
                height, width = rows, max(width, filled)
        if height * width > limits.SHEET_CELLS:
            break
    sheet.cells = max(height * width, filled)
    return sheet


def _notice(sheet: OdsSheet, row: int, column: int, attributes: bytes, inside: bytes) -> None:
    """Keep a cell that holds an error, or that stands for the cells below it."""
    if b'calcext:value-type="error"' in attributes:
        shown = _SHOWN.match(inside)
        sheet.odd.append(OddCell(row + 1, column + 1, shown[1].decode("utf-8", "replace") if shown else "#?"))
    span = _number(_SPANNED, attributes)
    if span > 1:
        sheet.merged.append(((row, column), (row + span - 1, column)))


def _number(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    found = pattern.search(attributes)
    return int(found[1]) if found else 1
