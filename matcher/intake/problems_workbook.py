"""The workbook handed back: every table as it came, with coloured cells, and in front the list of problems."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from matcher.errors import Issue, Severity, Unsupported
from matcher.intake.columns import as_text
from matcher.intake.findings import by_kind
from matcher.intake.fixes import Change, positions_of
from matcher.intake.raw import RawRound, RawTable
from matcher.intake.titles import titles
from matcher.schema import TABLES
from matcher.words import say

LAST_ROW = 1_048_576
"""Rows of a sheet, in every Excel since 2007."""
LINKS = 60_000
"""Excel opens no sheet with more than 65,530 links; problems beyond these name their row without one."""
COMMENTS = 20_000
"""A comment is a drawing: a sheet with a hundred thousand of them takes Excel minutes to open. Cells beyond these are coloured, and stand in the list."""
LONGEST = 32_767
"""Characters of a cell."""

_COLOURS: dict[Severity, str] = {"error": "#F4B6B6", "warning": "#FCE29A"}
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_Cell = tuple[int, int]
_Mark = tuple[Severity, str]


def write_problems_workbook(raw: RawRound, issues: Sequence[Issue], path: str | os.PathLike[str], language: str = "nl", changes: Sequence[Change] = ()) -> None:
    """Write the tables with their problems marked.

    Parameters
    ----------
    raw
        The round as it was read; headers are written as they stood, and rows where they stood if their numbers allow.
    issues
        What `check_raw` found.
    path
        The `.xlsx` file; it appears only when it is complete.
    language
        nl, en or fr.
    changes
        What `fix` changed, for a sheet of its own.

    Raises
    ------
    Unsupported
        A table has more rows than a sheet.
    """
    import xlsxwriter

    for table in raw.tables.values():
        if len(table.frame) >= LAST_ROW:
            raise Unsupported("workbook.too_long", table=table.name, rows=len(table.frame), most=LAST_ROW - 1)
    target = Path(path)
    part = target.with_name(f".{target.name}.part")
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(str(part), options) as book:
            _Writer(book, raw, issues, language).write(changes)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Sheet:
    """Where a table stands in the workbook: sheet row of each position, sheet column of each column name."""

    name: str
    rows: np.ndarray
    columns: Mapping[str, int]


class _Writer:
    """Writes the sheets one after the other; each from top to bottom, so that nothing is kept in memory."""

    def __init__(self, book: Any, raw: RawRound, issues: Sequence[Issue], language: str) -> None:
        self.book = book
        self.raw = raw
        self.issues = issues
        self.language = language
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.link = book.add_format({"font_color": "#0B5394", "underline": 1, "valign": "top"})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.marks = {severity: book.add_format({"bg_color": colour, "valign": "top"}) for severity, colour in _COLOURS.items()}
        reserved = {self.say("problems"), self.say("kinds"), self.say("changes")}
        self.sheets = dict(zip(raw.tables, _layout(raw.tables.values(), reserved), strict=True))
        self.places = self._places()
        self.comments = 0

    def say(self, word: str, **params: object) -> str:
        return say(f"workbook.{word}", self.language, **params)

    def write(self, changes: Sequence[Change]) -> None:
        """All sheets: problems, kinds, changes, then the tables in the order of the format."""
        self._problems(self.book.add_worksheet(self.say("problems")))
        self._kinds(self.book.add_worksheet(self.say("kinds")))
        if changes:
            self._changes(self.book.add_worksheet(self.say("changes")), changes)
        for name in (name for name in TABLES if name in self.raw.tables):
            self._table(self.book.add_worksheet(self.sheets[name].name), self.raw.tables[name])

    def _places(self) -> list[_Cell | None]:
        """The cell that each issue is about, in its sheet."""
        places: list[_Cell | None] = [None] * len(self.issues)
        for name, sheet in self.sheets.items():
            own = [i for i, issue in enumerate(self.issues) if issue.table == name]
            positions = positions_of(self.raw.tables[name].frame, [self.issues[i] for i in own])
            for i, position in zip(own, positions, strict=True):
                column = sheet.columns.get(self.issues[i].column or "", 0)
                if position >= 0:
                    places[i] = int(sheet.rows[position]), column
                elif self.issues[i].column in sheet.columns:
                    places[i] = 0, column
        return places

    def _problems(self, sheet: Any) -> None:
        columns = ("table", "row", "column", "value", "severity", "what", "todo", "fix", "code")
        self._header(sheet, columns, (14, 7, 20, 24, 14, 70, 50, 24, 22), len(self.issues))
        links = 0
        for n, (issue, place) in enumerate(zip(self.issues, self.places, strict=True), start=1):
            mark = self.marks.get(issue.severity, self.wrap)
            where = self.sheets[issue.table].name if issue.table in self.sheets else issue.table
            row = "" if issue.row is None else str(issue.row)
            if place is not None and links < LINKS:
                links += 1
                sheet.write_url(n, 0, f"internal:'{where}'!{_a1(place)}", self.link, string=where)
            else:
                sheet.write_string(n, 0, where, self.wrap)
            if row:
                sheet.write_number(n, 1, int(row), self.wrap)
            texts = (
                self._header_of(issue),
                issue.value or "",
                self.say(issue.severity),
                issue.message(self.language),
                issue.todo(self.language),
                self._proposal(issue),
                issue.code,
            )
            for column, text in enumerate(texts, start=2):
                sheet.write_string(n, column, text[:LONGEST], mark if column == 4 else self.wrap)  # noqa: PLR2004 - the column of the severity

    def _kinds(self, sheet: Any) -> None:
        kinds = by_kind(self.issues)
        self._header(sheet, ("severity", "count", "example", "todo", "code"), (14, 9, 80, 60, 24), len(kinds))
        for n, kind in enumerate(kinds, start=1):
            sheet.write_string(n, 0, self.say(kind.severity), self.marks.get(kind.severity, self.wrap))
            sheet.write_number(n, 1, kind.count, self.wrap)
            for column, text in enumerate((kind.example.message(self.language), kind.example.todo(self.language), kind.code), start=2):
                sheet.write_string(n, column, text[:LONGEST], self.wrap)

    def _changes(self, sheet: Any, changes: Sequence[Change]) -> None:
        self._header(sheet, ("table", "row", "column", "old", "new", "code"), (14, 7, 20, 30, 30, 24), len(changes))
        for n, change in enumerate(changes, start=1):
            sheet.write_number(n, 1, change.row, self.wrap)
            texts = {0: change.table, 2: change.column, 3: change.old, 4: self.say("drop") if change.new is None else change.new, 5: change.code}
            for column, text in texts.items():
                sheet.write_string(n, column, (text or "")[:LONGEST], self.wrap)

    def _header(self, sheet: Any, words: Sequence[str], widths: Sequence[int], rows: int) -> None:
        for column, (word, width) in enumerate(zip(words, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, self.say(word), self.head)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, rows), len(words) - 1)

    def _header_of(self, issue: Issue) -> str:
        table = self.raw.tables.get(issue.table)
        return (table.headers.get(issue.column or "", issue.column) if table else issue.column) or ""

    def _proposal(self, issue: Issue) -> str:
        if issue.fix is None:
            return ""
        text = self.say("drop") if issue.fix.drop else issue.fix.value
        return self.say("safe", fix=text) if issue.fix.safe else text

    def _table(self, sheet: Any, table: RawTable) -> None:
        layout = self.sheets[table.name]
        columns = {str(name): as_text(table.frame[name]).to_numpy(dtype=object) for name in table.frame.columns}
        marked = self._marked(table.name)
        self.comments = 0
        self._row(sheet, 0, list(titles(table).values()), marked.get(0, {}), self.head)
        for position, row in enumerate(layout.rows.tolist()):
            self._row(sheet, row, [cells[position] for cells in columns.values()], marked.get(row, {}), None)
        last = (int(layout.rows.max(initial=1)), max(0, len(columns) - 1))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, *last)
        sheet.ignore_errors({"number_stored_as_text": f"A1:{_a1(last)}"})
        sheet.set_column(0, last[1], 16)

    def _row(self, sheet: Any, row: int, cells: Sequence[object], marks: Mapping[int, _Mark], plain: Any) -> None:
        """One row, from left to right; comments with it, since rows above are written out and gone."""
        for column, cell in enumerate(cells):
            mark = marks.get(column)
            style = self.marks[mark[0]] if mark else plain
            if isinstance(cell, str):
                sheet.write_string(row, column, cell[:LONGEST], style)
            elif mark:
                sheet.write_blank(row, column, None, style)
            if mark and self.comments < COMMENTS:
                self.comments += 1
                sheet.write_comment(row, column, mark[1][:LONGEST], {"x_scale": 2.5, "y_scale": 1.2})

    def _marked(self, table: str) -> dict[int, dict[int, _Mark]]:
        """Row -> column -> the colour (that of the worst) and the comment of a cell with errors or warnings."""
        marked: dict[int, dict[int, _Mark]] = {}
        for issue, place in zip(self.issues, self.places, strict=True):
            if issue.table != table or place is None or issue.severity == "note":
                continue
            comment = f"{self.say(issue.severity)}: {issue.message(self.language)} {issue.todo(self.language)}"
            cells = marked.setdefault(place[0], {})
            severity, before = cells.get(place[1], (issue.severity, ""))
            cells[place[1]] = ("error" if "error" in (severity, issue.severity) else "warning", f"{before}\n{comment}".strip())
        return marked


def _layout(tables: Iterable[RawTable], reserved: set[str]) -> list[_Sheet]:
    """A sheet name and the place of every row and column. Rows stand where they stood, unless several share a number (or numbers run far beyond the rows)."""
    taken = {name.casefold() for name in reserved}
    sheets = []
    for table in tables:
        numbers = table.frame.index.to_numpy(dtype=np.int64)
        as_they_stood = len(numbers) > 0 and numbers[0] > 1 and bool((np.diff(numbers) > 0).all()) and numbers[-1] <= min(LAST_ROW, 2 * len(numbers) + 1000)
        rows = numbers - 1 if as_they_stood else np.arange(1, len(numbers) + 1)
        sheets.append(_Sheet(_sheet_name(table, taken), rows, {str(name): i for i, name in enumerate(table.frame.columns)}))
    return sheets


def _sheet_name(table: RawTable, taken: set[str]) -> str:
    name = _FORBIDDEN.sub(" ", table.name)[:31]
    while name.casefold() in taken:
        name = f"{name[:29]}_2"
    taken.add(name.casefold())
    return name


def _a1(cell: _Cell) -> str:
    row, column = cell
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"
