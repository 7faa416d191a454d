"""`report.xlsx`: a sheet per reader. Texts are always texts, never formulas or links."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from matcher.errors import CodedError
from matcher.report.figures import Figures
from matcher.report.sheets import Sheet, sheets_of
from matcher.report.texts import Texts

MOST_ROWS = 1_048_575
"""Rows of a sheet below its header."""

MOST_CHARACTERS = 32_767
TOLD_ROWS = 2_000
"""After so many rows somebody may stop the writing."""

WIDEST, NARROWEST = 60, 9
FORMATS = {"text": None, "long": {"text_wrap": True}, "whole": {"num_format": "#,##0"}, "share": {"num_format": "0.0%"}, "decimal": {"num_format": "#,##0.0"}}


@dataclass(frozen=True, slots=True)
class Styles:
    """The formats of one workbook."""

    head: Any
    cells: dict[str, Any]


def write_workbook(figures: Figures, path: Path, tell: Callable[[float], None] = lambda _: None) -> None:
    """Write the workbook; about 10 s for 100,000 students, in memory that does not grow with them. `tell` hears the fraction that is done, and may raise.

    Raises
    ------
    CodedError
        A sheet would be longer than Excel can hold; nothing was written.
    """
    import xlsxwriter

    settings = figures.round.settings
    texts = Texts(settings.language)
    sheets = sheets_of(figures, texts)
    for sheet in sheets:
        if len(sheet.frame) > MOST_ROWS:
            raise CodedError("report.workbook.too_long", sheet=sheet.name, rows=len(sheet.frame), most=MOST_ROWS)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": False}
    with path.open("wb") as file, _book(xlsxwriter.Workbook(file, {**options, "tmpdir": str(path.parent)})) as book:
        book.set_properties({"title": settings.name or settings.id, "comments": figures.result.digest})
        top = {"valign": "top"}
        styles = Styles(
            book.add_format({"bold": True, "bg_color": "#1F6070", "font_color": "#FFFFFF", "valign": "top", "text_wrap": True}),
            {kind: book.add_format({**top, **(look or {})}) for kind, look in FORMATS.items()},
        )
        rows, done = max(1, sum(len(sheet.frame) for sheet in sheets)), 0
        for sheet in sheets:
            _write_sheet(book, sheet, styles, texts.say("more_short"), _rows(tell, done / rows, 1 / rows))
            done += len(sheet.frame)


@contextmanager
def _book(book: Any) -> Iterator[Any]:
    """A workbook that is put together at the end, which takes long, only where nothing went wrong before."""
    try:
        yield book
        book.close()
    except BaseException:
        book.fileclosed = True  # the library would put it together all the same
        raise


def _rows(tell: Callable[[float], None], low: float, each: float) -> Callable[[int], None]:
    """Report rows as a fraction of all rows of a workbook."""
    return lambda row: tell(low + row * each)


def _write_sheet(book: Any, sheet: Sheet, styles: Styles, cut: str, tell: Callable[[int], None]) -> None:
    page = book.add_worksheet(sheet.name)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.freeze_panes(1, sheet.fixed)
    kinds = [kind for _, kind in sheet.columns]
    for i, (head, kind) in enumerate(sheet.columns):
        page.set_column(i, i, _width(head, kind, sheet.frame.iloc[:, i]), styles.cells[kind])
    page.autofilter(0, 0, max(1, len(sheet.frame)), len(kinds) - 1)
    for i, kind in enumerate(kinds):
        if kind == "share" and len(sheet.frame):
            bar = {"type": "data_bar", "bar_color": "#9CC3CB", "bar_solid": True, "min_type": "num", "max_type": "num", "min_value": 0, "max_value": 1}
            page.conditional_format(1, i, len(sheet.frame), i, bar)
    for i, (head, _) in enumerate(sheet.columns):
        page.write_string(0, i, head, styles.head)
    _write_cells(page, sheet.frame, kinds, styles, cut, tell)


def _write_cells(page: Any, frame: pd.DataFrame, kinds: Sequence[str], styles: Styles, cut: str, tell: Callable[[int], None]) -> None:
    """Write row by row, as the constant memory of the library asks; missing cells stay empty."""
    columns = [_cells(frame.iloc[:, i], kind) for i, kind in enumerate(kinds)]
    looks = [styles.cells[kind] for kind in kinds]
    writers = [page.write_string if kind in {"text", "long"} else page.write_number for kind in kinds]
    for row, cells in enumerate(zip(*columns, strict=True), start=1):
        if row % TOLD_ROWS == 0:
            tell(row)
        for i, cell in enumerate(cells):
            if cell is None:
                continue
            if isinstance(cell, str) and len(cell) > MOST_CHARACTERS:
                writers[i](row, i, cell[: MOST_CHARACTERS - len(cut) - 1] + " " + cut, looks[i])
            else:
                writers[i](row, i, cell, looks[i])


def _cells(column: pd.Series[Any], kind: str) -> list[Any]:
    """The cells as Python values; None where missing or an empty text."""
    if kind in {"text", "long"}:
        return [cell or None for cell in column.astype("object").where(column.notna(), None)]
    return list(column.astype("object").where(column.notna(), None))


def _width(title: str, kind: str, column: pd.Series[Any]) -> float:
    """As wide as its longest text, within limits; a column of numbers as its title."""
    longest = max(len(word) for word in title.split()) + 4
    if kind in {"text", "long"} and column.notna().any():
        longest = max(longest, int(column.dropna().astype("str").str.len().quantile(0.98)) + 2)
    return min(WIDEST, max(NARROWEST, longest))
