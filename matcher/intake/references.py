"""Cells that name rows of other tables: ids, lists of ids, and the targets of wishes.

A table that is not in the round defines no ids: then its ids are free text, and any will do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from matcher.errors import Fix, Issue
from matcher.intake.cells import tokens
from matcher.intake.columns import Codes, Flags, as_text, distinct
from matcher.intake.findings import UNKNOWN, Locator, Reading, understood
from matcher.intake.known import Known
from matcher.intake.typing_cells import clean_text, empty_cells, report
from matcher.schema import Column

TARGETS = {"placement": "placements", "company": "companies", "sector": "sectors", "region": "regions"}
"""The table that each `target_type` of a wish names."""


def type_reference(cells: pd.Series, column: Column, place: Locator, known: Known) -> tuple[pd.Series, Codes, list[Issue]]:
    """Look up a column of ids: the ids as the table writes them, the row that each names (-1: none), and what was noticed."""
    texts = as_text(cells)
    rows = known.positions(texts)
    strange = (rows < 0) & texts.notna().to_numpy()
    if not strange.any():
        return texts, rows, []
    codes, found = distinct(texts[strange])
    readings = {number: [_row_or_cell(known.recognise(str(text), required=column.required), column)] for number, text in enumerate(found)}
    texts, issues = _settle(texts, strange, codes, found, readings, column, place)
    return texts, known.positions(texts), issues


def _row_or_cell(reading: Reading, column: Column) -> Reading:
    """A row about nobody that is known (a wish of a student who left) can be dropped as a whole, if a person agrees."""
    return replace(reading, fix=Fix(drop=True)) if reading.code == "reference_unknown" and column.required else reading


def _settle(
    texts: pd.Series,
    strange: Flags,
    codes: Codes,
    found: np.ndarray,
    readings: Mapping[int, list[Reading]],
    column: Column,
    place: Locator,
) -> tuple[pd.Series, list[Issue]]:
    """Put the readings of the strange cells in place. A cell that names nothing stays missing."""
    values = np.array([UNKNOWN if reading.value is None else reading.value for (reading,) in readings.values()], dtype=object)
    cells = texts.to_numpy(dtype=object, copy=True)
    cells[strange] = values[codes]
    everywhere = np.full(len(texts), -1, dtype=np.int32)
    everywhere[strange] = codes
    return pd.Series(cells, index=texts.index, dtype="str"), report(place, column.name, everywhere, found, readings)


class _Memory:
    """Recognises tokens, each once; contains those that stand for one id."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._seen: dict[str, Reading] = {}

    def recognise(self, token: str) -> Reading:
        if token not in self._seen:
            plain = token in self.known or token == tokens.NONE
            self._seen[token] = understood(token) if plain else self.known.recognise(token, required=True)
        return self._seen[token]

    def __contains__(self, token: object) -> bool:
        return self.recognise(str(token)).value is not None


def type_reference_list(cells: pd.Series, column: Column, place: Locator, known: Known) -> tuple[pd.Series, list[Issue]]:
    """Look up a column of lists of ids, judged once per distinct list."""
    texts = as_text(cells)
    codes, found = distinct(texts)
    memory = _Memory(known)
    values = found.copy()
    readings: dict[int, list[Reading]] = {}
    for number, text in enumerate(found):
        plain = tokens.is_plain(str(text))
        if plain and all(token in known for token in str(text).split("|")):
            continue
        listing = understood(text) if plain else tokens.read(str(text), memory, any)
        readings[number] = _judge(listing, memory)
        values[number] = listing.value if isinstance(listing.value, float) else _joined(str(listing.value), memory)
    if not readings:
        return texts, []
    series = pd.Series(np.append(values, UNKNOWN).astype(object)[codes], index=texts.index, dtype="str")
    return series, report(place, column.name, codes, found, readings)


def _judge(listing: Reading, memory: _Memory) -> list[Reading]:
    """What is to be said of a list: its separators, and each token that is not an id as it stands. A fix writes the whole list."""
    if isinstance(listing.value, float):
        return [listing]
    said = [] if listing.code == "separator_doubtful" else [listing]
    for token in str(listing.value).split("|"):
        reading = memory.recognise(token)
        if not reading.code or reading.severity == "note":
            continue
        fix = reading.fix and Fix(_joined(str(listing.value), memory, {token: reading.fix.value}), safe=reading.fix.safe)
        words = (("value", token), ("fix", reading.fix.value if reading.fix else ""))
        said.append(replace(reading, fix=fix, params=(*reading.params, *words)))
    return said


def _joined(listing: str, memory: _Memory, also: Mapping[str, str] | None = None) -> str:
    """The list with every token written as the id it stands for; tokens that stand for none remain, except those named in `also`."""
    ids = [(also or {}).get(token) or memory.recognise(token).value or token for token in listing.split("|")]
    return "|".join(dict.fromkeys(str(each) for each in ids))


def type_placements(cells: pd.Series, column: Column, place: Locator, known: Mapping[str, Known]) -> tuple[pd.Series, Codes, list[Issue]]:
    """Look up what wishes name in a table without `target_type`: placements. Returns also the row that each names (-1: none)."""
    texts = as_text(cells)
    rows = known["placements"].positions(texts)
    if ((rows < 0) & texts.notna().to_numpy()).any():
        texts, issues = _type_wishes(texts, column, place, "placement", known)
        rows = known["placements"].positions(texts)
    else:
        issues = []
    return texts, rows, issues + empty_cells(texts, column, place, issues)


def type_targets(cells: pd.Series, kinds: pd.Series | None, column: Column, place: Locator, known: Mapping[str, Known]) -> tuple[pd.Series, list[Issue]]:
    """Look up what wishes name: placements, companies, sectors or regions, by the typed `target_type` of each row (missing: placement)."""
    texts = as_text(cells)
    of_kind, found = distinct(kinds) if kinds is not None else (np.full(len(texts), -1, dtype=np.int32), np.empty(0, dtype=object))
    numbers = {str(kind): number for number, kind in enumerate(found)}
    issues: list[Issue] = []
    for kind, table in TARGETS.items():
        rows = of_kind == numbers.get(kind, -2)
        if kind == "placement":
            rows |= of_kind < 0
        if not rows.any():
            continue
        if table not in known:
            some, noticed = clean_text(texts[rows], column, place.take(rows))
        else:
            some, noticed = _type_wishes(texts[rows], column, place.take(rows), kind, known)
        if some.array is not texts.array and not some.equals(texts[rows]):
            texts = texts.copy()
            texts[rows] = some.array
        issues += noticed
    named = of_kind != numbers.get("any", -2)
    return texts, issues + empty_cells(texts.where(named, "any") if not named.all() else texts, column, place, issues)


def _type_wishes(texts: pd.Series, column: Column, place: Locator, kind: str, known: Mapping[str, Known]) -> tuple[pd.Series, list[Issue]]:
    """Wishes of one kind. A wish for something unknown can be dropped, or may be meant for a company, a sector or a region."""
    table = TARGETS[kind]
    strange = (known[table].positions(texts) < 0) & texts.notna().to_numpy()
    if not strange.any():
        return texts, []
    codes, found = distinct(texts[strange])
    readings = {number: [_wish(str(text), kind, known)] for number, text in enumerate(found)}
    return _settle(texts, strange, codes, found, readings, column, place)


def _wish(text: str, kind: str, known: Mapping[str, Known]) -> Reading:
    reading = known[TARGETS[kind]].recognise(text, required=True)
    if reading.code == "reference_near":
        return replace(reading, code="wish_near")
    if reading.code != "reference_unknown":
        return reading
    others = [other for other, table in TARGETS.items() if table in known and text in known[table]]
    if others:
        return Reading(None, "wish_other_type", "error", None, (("of", TARGETS[kind]), ("kind", others[0])))
    return Reading(None, "wish_unknown", "error", Fix(safe=True, drop=True), reading.params)
