"""What the XML of a spreadsheet tells before it is read: how large it is, and which cells hold no value that can be read.

The reader of workbooks hands out a full rectangle of cells, so one cell in the last corner of a sheet costs as much as all of them: the rectangle is
measured here. It hands out empty cells for errors (#REF!) and for formulas whose result was not stored: those are found here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree as ET
from xml.parsers import expat

from matcher.errors import UnreadableFile
from matcher.intake import limits
from matcher.intake.archive import Archive

_P = rb"(?:\w+:)?"
_FILLED = re.compile(rb"<" + _P + rb"c(?=[\s>])[^<>]*(?<!/)>")
_USUAL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^<>]*(?<!/)>')
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")
_ANY_REFERENCE = re.compile(rb"\sr\s*=")
_ROW = re.compile(rb"<" + _P + rb"row(?=[\s>/])(?:[^<>]*?\sr\s*=\s*[\"'](\d{1,7})[\"'])?")
_CELL = re.compile(rb"<" + _P + rb"c(?=[\s>])")
_EQUATION = rb"<" + _P + rb"f(?:\s[^<>]*)?(?:(?<=/)>|>[^<]*</" + _P + rb"f>)\s*"
_ERROR = re.compile(rb"<" + _P + rb"c(?=\s)([^<>]*\st=[\"']e[\"'][^<>]*)>\s*(?:" + _EQUATION + rb")?<" + _P + rb"v>([^<]*)<")
_FORMULA = re.compile(
    rb"<" + _P + rb"c(?=[\s>])([^<>]*)(?<!/)>\s*" + _EQUATION + rb"(<" + _P + rb"v\s*/>|<" + _P + rb"v>\s*</" + _P + rb"v>)?\s*</" + _P + rb"c>"
)
_TEXT_RESULT = re.compile(rb"\st=[\"']str[\"']")
_SMALL_PART = 2**24


@dataclass(frozen=True, slots=True)
class OddCell:
    """A cell that holds no readable value: row and column from 1, and the error it shows (empty: a formula without a stored result)."""

    row: int
    column: int
    error: str


def check_markup(archive: Archive) -> None:
    """Make sure that all XML in a workbook is well-formed and defines no entities: what is not can keep the reader of workbooks going for ever.

    Raises
    ------
    UnreadableFile
        400 where it is not.
    """
    for name in archive.names():
        if not name.lower().endswith((".xml", ".rels")):
            continue
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = _refuse_doctype
        try:
            for piece in archive.pieces(name):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, LookupError) as broken:
            raise UnreadableFile("reading.broken_workbook", name=archive.name) from broken


def _refuse_doctype(*_: object) -> None:
    raise ValueError("a document type, which workbooks never have")


def sheet_parts(archive: Archive) -> Mapping[str, str]:
    """Sheet name -> the member of an XLSX archive that holds it."""
    targets = {
        element.get("Id", ""): element.get("Target", "")
        for element in _elements(archive, "xl/_rels/workbook.xml.rels")
        if _local(element.tag) == "Relationship"
    }
    found = {}
    for element in _elements(archive, "xl/workbook.xml"):
        if _local(element.tag) == "sheet":
            key = next((value for name, value in element.attrib.items() if _local(name) == "id"), "")
            target = targets.get(key, "")
            found[element.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def check_xlsx_sheet(archive: Archive, part: str, sheet: str) -> list[OddCell]:
    """Measure one sheet of an XLSX workbook and list its odd cells.

    Raises
    ------
    UnreadableFile
        413 where the rectangle around its filled cells is too large.
    """
    try:
        xml = archive.read(part)
    except KeyError:
        return []
    rows, columns = _extent(xml, archive.name)
    if rows * columns > limits.SHEET_CELLS:
        raise UnreadableFile("reading.sheet_size", status=413, name=archive.name, sheet=sheet, limit=limits.SHEET_CELLS)
    return list(_odd_cells(xml))


def _extent(xml: bytes, name: str) -> tuple[int, int]:
    """Rows and columns from the first cell of a sheet to its last filled one; cells without a reference are counted from the left."""
    usual = _USUAL.findall(xml)
    filled = _FILLED.findall(xml)
    if len(usual) == len(filled):
        rows, columns = {row for _, row in usual}, {letters for letters, _ in usual}
        return max(map(int, rows), default=0), max(map(_column, columns), default=0)
    return _unusual_extent(xml, filled, name)


def _unusual_extent(xml: bytes, filled: list[bytes], name: str) -> tuple[int, int]:
    """The same for XML that no common program writes: other quotation marks, attributes in another order, or none."""
    places = [place for cell in filled if (place := _REFERENCE.search(cell))]
    rows = max((int(place[2]) for place in places), default=0)
    columns = max((_column(letters) for letters in {place[1] for place in places}), default=0)
    if len(places) == len(filled):
        return rows, columns
    if any(_ANY_REFERENCE.search(cell) and not _REFERENCE.search(cell) for cell in filled):
        raise UnreadableFile("reading.broken_workbook", name=name)
    starts = [row.start() for row in _ROW.finditer(xml)]
    numbered = max((int(number) for number in _ROW.findall(xml) if number), default=0)
    widest = max((len(_CELL.findall(xml, start, end)) for start, end in pairwise([*starts, len(xml)])), default=0)
    return max(rows, numbered) + len(starts), max(columns, widest)


def _odd_cells(xml: bytes) -> Iterator[OddCell]:
    for cell in _ERROR.finditer(xml) if b't="e"' in xml or b"t='e'" in xml else ():
        place = _REFERENCE.search(cell[1])
        if place:
            yield OddCell(int(place[2]), _column(place[1]), cell[2].decode("utf-8", "replace"))
    for cell in _FORMULA.finditer(xml) if b"<f" in xml or b":f" in xml else ():
        place = _REFERENCE.search(cell[1])
        # A formula that answers with an empty text stores that as a text, in an empty element.
        if place and not (cell[2] and _TEXT_RESULT.search(cell[1])):
            yield OddCell(int(place[2]), _column(place[1]), "")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """The name of a column from 1: A, B ... Z, AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _elements(archive: Archive, part: str) -> Iterator[ET.Element]:
    """The elements of a small member, which was found to be well-formed; none where it is missing."""
    try:
        xml = archive.read(part)
    except KeyError:
        return
    if len(xml) <= _SMALL_PART:
        yield from ET.fromstring(xml).iter()  # noqa: S314 - no entities can be defined without a declaration, which `check_markup` refuses


def _local(name: str) -> str:
    return name.rpartition("}")[2]
