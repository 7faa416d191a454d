"""From text to typed columns: a vectorised path for cells that are written plainly, and a reading for each distinct cell that is not.

Everything is judged once per *distinct* text, so a column with a hundred thousand cells in doubt costs no more than its few spellings; columns that
come typed (Parquet) are only looked at for bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import Issue
from matcher.intake.cells import dates, numbers, tokens, words
from matcher.intake.columns import Codes, any_match, as_text, distinct, has_stray_blanks, positions, tidy
from matcher.intake.findings import UNKNOWN, Locator, Reading, understood
from matcher.intake.typed import NOT_READ
from matcher.schema import Column

Readings = Mapping[int, Sequence[Reading]]
Vocabulary = Callable[[], set[str]]


def type_column(cells: pd.Series, column: Column, place: Locator, vocabulary: Vocabulary = set) -> tuple[pd.Series, list[Issue]]:
    """Type one column (references are looked up elsewhere). Cells that cannot be read are missing in the answer, and reported.

    `vocabulary` gives the tokens that are known in a column of token lists; it is only called when a separator is in doubt.
    """
    reader = _READERS.get(column.kind)
    if reader is not None:
        return reader(cells, column, place)
    texts = as_text(cells)
    if column.kind == "tokens":
        return _tokens(texts, column, place, vocabulary)
    return (texts, []) if column.kind == "filter" else clean_text(texts, column, place)


def empty_cells(typed: pd.Series, column: Column, place: Locator, found: Sequence[Issue]) -> list[Issue]:
    """An error for each required cell that is missing although nothing was found to be wrong with it: it was empty."""
    missing = np.flatnonzero(typed == NOT_READ if column.kind == "rank" else typed.isna())
    if not len(missing):
        return []
    told = {issue.row for issue in found if issue.severity == "error"}
    return [place.issue("empty_required", at, column.name) for at in missing.tolist() if place.row(at) not in told]


def clean_text(texts: pd.Series, column: Column, place: Locator) -> tuple[pd.Series, list[Issue]]:
    """Texts and ids without stray blanks; ids that a spreadsheet took for numbers (`1024.0`) lose the point."""
    is_id = column.kind == "id"
    if not has_stray_blanks(texts) and not (is_id and any_match(texts, r"^\d+\.0+$")):
        return texts, []
    codes, found = distinct(texts)
    readings: dict[int, list[Reading]] = {}
    values = found.copy()
    for number, text in enumerate(found):
        word = tidy(text)
        whole, point, zeros = word.partition(".")
        decimal = is_id and bool(point) and whole.isdecimal() and not zeros.strip("0")
        values[number] = (whole if decimal else word) or UNKNOWN
        if values[number] != text:
            readings[number] = [understood(values[number], "id_decimal" if decimal else "blanks_removed" if is_id else "")]
    return _from_distinct(values, codes, texts.index), report(place, column.name, codes, found, readings)


def report(place: Locator, column: str, codes: Codes, texts: npt.NDArray[np.object_], readings: Readings) -> list[Issue]:
    """Issues of a column: one note for each code of cells that were understood, one issue for each cell that was assumed or refused."""
    flagged = np.zeros(len(texts) + 1, dtype=np.bool_)
    flagged[[number for number, several in readings.items() if any(reading.code for reading in several)]] = True
    at = np.flatnonzero(flagged[codes])
    if not len(at):
        return []
    of_at = codes[at]
    issues = []
    noted: dict[str, list[int]] = {}
    for number in np.unique(of_at).tolist():
        for reading in readings[number]:
            if reading.code and reading.severity == "note":
                noted.setdefault(reading.code, []).append(number)
    for code, several in noted.items():
        where = np.isin(of_at, several)
        example = int(of_at[where][0])
        read = next(reading.value for reading in readings[example] if reading.code == code)
        issues.append(place.counted(code, at[where], column, texts[example], read=written(read)))
    for position, number in zip(at.tolist(), of_at.tolist(), strict=True):
        issues += [
            place.issue(reading.code, position, column, texts[number], severity=reading.severity, fix=reading.fix, params=reading.params)
            for reading in readings[number]
            if reading.code and reading.severity != "note"
        ]
    return issues


def written(value: object) -> str:
    """A typed value as the format writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.10g}"
    if isinstance(value, np.datetime64):
        return "" if np.isnat(value) else str(value.astype("datetime64[D]"))
    return str(value)


def _from_distinct(values: npt.NDArray[np.object_], codes: Codes, index: pd.Index) -> pd.Series:
    """A text column from its distinct values; number -1 is missing."""
    return pd.Series(np.append(values, UNKNOWN).astype(object)[codes], index=index, dtype="str")


def _number(cells: pd.Series, column: Column, place: Locator) -> tuple[pd.Series, list[Issue]]:
    if cells.dtype.kind in "iuf":
        typed = cells.to_numpy(dtype=np.float64, na_value=UNKNOWN)
        if not numbers.out_of_bounds(typed, column).any():
            return pd.Series(typed, index=cells.index, copy=False), []
    codes, found = distinct(as_text(cells))
    values = numbers.plain(found)
    doubtful = np.flatnonzero(np.isnan(values) | numbers.out_of_bounds(values, column) | numbers.grouped(found, values, column))
    style = numbers.style_of(found, values, column) if len(doubtful) else numbers.NumberStyle()
    readings = {number: [numbers.read(str(found[number]), column, style)] for number in doubtful.tolist()}
    values[doubtful] = np.array([_value(readings[number], UNKNOWN) for number in doubtful.tolist()], dtype=np.float64)
    return pd.Series(np.append(values, UNKNOWN)[codes], index=cells.index), report(place, column.name, codes, found, readings)


def _value(readings: Sequence[Reading], missing: object) -> object:
    value = readings[0].value
    return missing if value is None else value


def _date(cells: pd.Series, column: Column, place: Locator) -> tuple[pd.Series, list[Issue]]:
    if cells.dtype.kind == "M":
        naive = cells.dt.tz_localize(None) if getattr(cells.dtype, "tz", None) is not None else cells
        days = naive.to_numpy().astype("datetime64[D]").astype("datetime64[s]")
        strange = np.flatnonzero(dates.unusual(days))
        codes = np.full(len(cells), -1, dtype=np.int32)
        codes[strange] = np.arange(len(strange))
        found = np.array([written(day) for day in days[strange]], dtype=object)
        readings = {number: [Reading(day, "date_far", "warning")] for number, day in enumerate(days[strange])}
        return pd.Series(days, index=cells.index, copy=False), report(place, column.name, codes, found, readings)
    codes, found = distinct(as_text(cells))
    values = dates.plain(found)
    doubtful = np.flatnonzero(np.isnat(values))
    order = dates.order_of(found[doubtful])
    readings = {int(number): [dates.read(str(found[number]), order)] for number in doubtful}
    values[doubtful] = np.array([_value(readings[number], dates.NAT) for number in doubtful.tolist()], dtype="datetime64[s]")
    for number in np.flatnonzero(dates.unusual(values)).tolist():
        readings[number] = [Reading(values[number], "date_far", "warning")]
    return pd.Series(np.append(values, dates.NAT)[codes], index=cells.index), report(place, column.name, codes, found, readings)


def _flag(cells: pd.Series, column: Column, place: Locator) -> tuple[pd.Series, list[Issue]]:
    if cells.dtype.kind == "b":
        return cells.astype("boolean"), []
    codes, found = distinct(as_text(cells))
    readings = {number: [words.read_flag(str(text))] for number, text in enumerate(found)}
    value = np.array([readings[number][0].value is True for number in readings] + [False], dtype=np.bool_)
    unknown = np.array([readings[number][0].value not in (True, False) for number in readings] + [True], dtype=np.bool_)
    typed = pd.arrays.BooleanArray(value[codes], unknown[codes])
    return pd.Series(typed, index=cells.index), report(place, column.name, codes, found, readings)


def _rank(cells: pd.Series, column: Column, place: Locator) -> tuple[pd.Series, list[Issue]]:
    if cells.dtype.kind in "iu" and len(cells) and not cells.isna().any() and column.low is not None and column.high is not None:
        values = cells.to_numpy()
        if values.min() >= column.low and values.max() <= column.high:
            return cells.astype("int32"), []
    codes, found = distinct(as_text(cells))
    readings = {number: [words.read_rank(str(text), column)] for number, text in enumerate(found)}
    ranks = np.array([_value(readings[number], NOT_READ) for number in readings] + [NOT_READ], dtype=np.int32)
    return pd.Series(ranks[codes], index=cells.index), report(place, column.name, codes, found, readings)


def _choice(cells: pd.Series, column: Column, place: Locator) -> tuple[pd.Series, list[Issue]]:
    texts = as_text(cells)
    if not ((positions(texts, pd.Series(column.choices, dtype="str")) < 0) & texts.notna()).any():
        return texts, []
    codes, found = distinct(texts)
    readings = {number: [words.read_choice(str(text), column, place.table)] for number, text in enumerate(found)}
    values = np.array([_value(readings[number], UNKNOWN) for number in readings], dtype=object)
    return _from_distinct(values, codes, texts.index), report(place, column.name, codes, found, readings)


def _tokens(texts: pd.Series, column: Column, place: Locator, vocabulary: Vocabulary) -> tuple[pd.Series, list[Issue]]:
    codes, found = distinct(texts)
    odd = [number for number, text in enumerate(found) if not tokens.is_plain(text)]
    if not odd:
        return texts, []
    known = vocabulary()
    readings = {number: [tokens.read(str(found[number]), known)] for number in odd}
    values = found.copy()
    for number in odd:
        values[number] = _value(readings[number], UNKNOWN)
    return _from_distinct(values, codes, texts.index), report(place, column.name, codes, found, readings)


_READERS: Mapping[str, Callable[[pd.Series, Column, Locator], tuple[pd.Series, list[Issue]]]] = {
    "count": _number,
    "number": _number,
    "date": _date,
    "flag": _flag,
    "rank": _rank,
    "choice": _choice,
}
