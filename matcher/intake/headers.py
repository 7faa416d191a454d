"""From a sheet to a raw table: which column of the format each header means."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from matcher.errors import Issue
from matcher.intake import names
from matcher.intake.raw import RawTable
from matcher.intake.sheet import Rows, Sheet
from matcher.intake.sheet_xml import column_letters

_CLOSE = 0.8
"""How alike (difflib's ratio) an unknown header must be to one that is known before it is suggested."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What became of the column at one position: its name in the table (None: left out), and whether the header named it without a doubt."""

    name: str | None
    known: bool = False
    exact: bool = False


def understand(sheet: Sheet, table: str) -> tuple[RawTable, list[Issue]]:
    """Name the columns of a sheet, and say what was not plain.

    A header that is not the format's own gives a note; a column that is not known keeps its header; two headers for one column are an error.
    """
    places = _places(sheet, table)
    issues = list(_issues(sheet, table, places))
    columns = {place.name: sheet.columns[position].array for position, place in places.items() if place.name is not None}
    frame = pd.DataFrame(columns, index=_row_index(sheet.rows), copy=False)
    headers = {place.name: sheet.headers[position] for position, place in places.items() if place.name is not None}
    return RawTable(table, frame, sheet.source, headers), issues


def _row_index(rows: Rows) -> pd.Index:
    """Row numbers as an index; those that follow each other, as nearly always, take no memory."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and bool((rows[1:] > rows[:-1]).all()):
        return pd.RangeIndex(int(rows[0]), int(rows[-1]) + 1)
    return pd.Index(rows)


def _places(sheet: Sheet, table: str) -> Mapping[int, _Place]:
    """Position -> what the column is, for all columns that have a header or a cell."""
    words = names.vocabulary(table)
    found: dict[int, _Place] = {}
    doubtful: dict[int, tuple[str, str]] = {}
    for position, header in enumerate(sheet.headers):
        column = words.column(header)
        either = words.may_mean(header)
        if column is not None:
            found[position] = _Place(column, known=True, exact=words.is_exact(header))
        elif either is not None:
            doubtful[position] = either
        elif header or sheet.columns[position].notna().any():
            found[position] = _Place(header or None)
    for position, pair in doubtful.items():
        free = [column for column in pair if all(place.name != column for place in found.values())]
        found[position] = _Place(free[0], known=True) if len(free) == 1 else _Place(sheet.headers[position])
    return _distinct(sheet, dict(sorted(found.items())))


def _distinct(sheet: Sheet, places: Mapping[int, _Place]) -> Mapping[int, _Place]:
    """Give each name to one column: to the one whose header is the format's own, else to the first; the others keep their headers."""
    owners: dict[str, int] = {}
    for position, place in sorted(places.items(), key=lambda item: (not item[1].exact, not item[1].known, _empty(sheet, item[0]), item[0])):
        if place.name is not None:
            owners.setdefault(place.name, position)
    taken = set(owners)
    settled: dict[int, _Place] = {}
    for position, place in places.items():
        if place.name is None or owners[place.name] == position:
            settled[position] = place
        elif not _empty(sheet, position):
            name = _unused(sheet.headers[position], taken)
            taken.add(name)
            settled[position] = _Place(name)
    return settled


def _empty(sheet: Sheet, position: int) -> bool:
    return not sheet.columns[position].notna().any()


def _unused(header: str, taken: set[str]) -> str:
    number = 2
    while (name := header if number == 2 and header not in taken else f"{header} ({number})") in taken:  # noqa: PLR2004 - the second of that name
        number += 1
    return name


def _issues(sheet: Sheet, table: str, places: Mapping[int, _Place]) -> Iterator[Issue]:
    words = names.vocabulary(table)
    by_name = {place.name: position for position, place in places.items()}
    for position, place in places.items():
        header = sheet.headers[position]
        column = words.column(header)
        if place.name is None:
            yield Issue("reading.no_header", table, "warning", params=(("letters", column_letters(position + 1)), ("source", sheet.source)))
        elif place.known:
            if not place.exact:
                yield Issue("reading.renamed", table, "note", column=place.name, value=header, params=(("name", place.name),))
        elif column is not None and column in by_name:
            strict = words.is_exact(header) or not places[by_name[column]].exact
            code, severity = ("reading.column_twice", "error") if strict else ("reading.column_other", "warning")
            told = (("name", column), ("other", sheet.headers[by_name[column]]))
            yield Issue(code, table, severity, column=place.name, value=header, params=told)  # type: ignore[arg-type]  # one of two severities
        elif place.name != header:
            yield Issue("reading.header_twice", table, "warning", column=place.name, value=header, params=(("name", place.name),))
        elif table not in names.WIDE or names.wish_number(header) is None:
            yield _unknown(header, table, by_name)
    yield from _of_remarks(sheet, table, places)


def _unknown(header: str, table: str, present: Mapping[str | None, int]) -> Issue:
    """A column that the format does not know; with a suggestion where it resembles one that is not there yet."""
    words = names.vocabulary(table)
    if words.may_mean(header):
        return Issue("reading.column_doubtful", table, "warning", column=header, value=header, params=(("names", ", ".join(words.may_mean(header) or ())),))
    known = {**words.loose, **words.exact}
    free = [name for name, column in known.items() if column not in present]
    close = difflib.get_close_matches(names.fold(header)[:100], free, n=1, cutoff=_CLOSE)
    if close:
        return Issue("reading.column_close", table, "warning", column=header, value=header, params=(("name", known[close[0]]),))
    return Issue("reading.column_unknown", table, "note", column=header, value=header)


def _of_remarks(sheet: Sheet, table: str, places: Mapping[int, _Place]) -> Iterator[Issue]:
    """The remarks about cells and rows, with the names of the columns; those about columns that were left out are dropped with them."""
    for remark in sheet.remarks:
        place = places.get(remark.position) if remark.position is not None else None
        if remark.position is not None and (place is None or place.name is None):
            continue
        column = place.name if place is not None else None
        yield Issue(remark.code, table, remark.severity, remark.row, column, remark.value, (*remark.params, ("source", sheet.source)))
