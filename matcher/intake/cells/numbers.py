"""Numbers as people write them: decimal commas, thousands, units, "2 a 3", "ca. 4", percentages, lost decimal points."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.intake.cells.words import is_unknown, words
from matcher.intake.columns import Flags, tidy
from matcher.intake.findings import UNKNOWN, Reading, assumed, refused, understood
from matcher.schema import Column

Numbers = npt.NDArray[np.float64]

BELGIUM = {"lat": (49.4, 51.6), "lon": (2.4, 6.5)}
"""A box around Belgium in degrees: where most rounds lie, and so the place to look for a lost decimal point."""

_CURLY = "\u2019"
_UNITS = re.compile(r"^(?:€|eur|euro)\s*|\s*(?:€|eur|euro|km|min|minuten|minutes|u|uur|uren|heures|hours|°)\.?$", re.IGNORECASE)
_SPACED = re.compile(r"[+-]?\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?")
_DOTTED = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_COMMAED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_ONE_GROUP = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_COMMA = re.compile(r"[+-]?\d*,\d+")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_RANGE = re.compile(r"(\d+)\s*(?:a|à|-|–|—|/|tot|t/m|tem|t\.e\.m\.|to|of|ou|or|en|et)\s*(\d+)(?:\s+\D*)?", re.IGNORECASE)  # noqa: RUF001 - dashes as Excel writes them
_ABOUT = re.compile(
    r"(?:ca\.?|circa|±|~|\+/-|ong\.?|ongeveer|environ|env\.?|about|approx\.?|[<>]=?|max\.?|maximaal|maximum|min\.?|minimaal|minimum|minstens|hoogstens|tot|"
    r"jusqu'à|au plus|au moins|up to|at most|at least)\s*:?\s*(\d+(?:[.,]\d+)?)(?:\s+\D*)?",
    re.IGNORECASE,
)
_WITH_WORDS = re.compile(r"(\d+(?:[.,]\d+)?)\s*[^\d\s][^\d]*")


_MUCH = 30
"""1.250 among 980, 1100 and 1400 is a thousand and more; among 0.5 and 2.75 it is not. In factors, 30 is half-way between 1 and 1000."""
_USUAL = 0.5
"""The share of a column's coordinates in Belgium from which a lost decimal point is looked for there."""


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """What the rest of the column tells about a doubtful cell: decimals are commas, a dot stands for thousands, coordinates lie in Belgium."""

    comma: bool = False
    dot_groups: bool = False
    belgian: bool = False


def plain(texts: npt.NDArray[np.object_]) -> Numbers:
    """The texts as numbers; NaN where they are not plainly written."""
    return pd.to_numeric(pd.Series(texts, dtype="str"), errors="coerce").to_numpy(dtype=np.float64, na_value=UNKNOWN, copy=True)


def out_of_bounds(values: Numbers, column: Column) -> Flags:
    """Numbers (NaN: none) that the column cannot hold."""
    wrong = np.isinf(values)
    if column.low is not None:
        wrong |= values < column.low
    if column.high is not None:
        wrong |= values > column.high
    if column.kind == "count":
        with np.errstate(invalid="ignore"):
            wrong |= np.isfinite(values) & (values != np.floor(values))
    return wrong


def grouped(texts: npt.NDArray[np.object_], values: Numbers, column: Column) -> Flags:
    """Numbers such as `1.250` that are plainly written, but may be thousands."""
    doubtful = np.zeros(len(texts), dtype=np.bool_)
    if _may_be_thousands(column):
        small = np.flatnonzero(np.abs(values) < 1000)  # noqa: PLR2004 - one group
        doubtful[small] = ["." in text and _ONE_GROUP.fullmatch(text) is not None for text in texts[small]]
    return doubtful


def _may_be_thousands(column: Column) -> bool:
    """Whether three digits behind a sign are doubtful: not in coordinates and shares, which are small and precise."""
    return column.kind == "count" or (column.low is not None and column.high is None)


def style_of(texts: npt.NDArray[np.object_], values: Numbers, column: Column) -> NumberStyle:
    """Look at the distinct cells of a column and their plain values (NaN: none). Only called when a cell is in doubt."""
    group = grouped(texts, values, column)
    commas = {number: str(texts[number]) for number in np.flatnonzero(np.isnan(values)).tolist() if _COMMA.fullmatch(str(texts[number]))}
    comma = bool(commas) or any("," in text and _DOTTED.fullmatch(text) for text in texts[np.isnan(values)].tolist())
    rest = values.copy()
    rest[list(commas)] = [_decimal(text) for text in commas.values()]
    rest = rest[~group & np.isfinite(rest)]
    groups = bool(group.any() and len(rest) and np.median(np.abs(rest)) >= _MUCH * np.median(np.abs(values[group])))
    low, high = BELGIUM.get(column.name, (0.0, 0.0))
    inside = (rest >= low) & (rest <= high)
    return NumberStyle(comma, groups, bool(len(rest) and inside.mean() >= _USUAL))


def read(text: str, column: Column, style: NumberStyle) -> Reading:
    """Understand one number that is not plainly written, or that the column cannot hold."""
    cell = tidy(text).replace(_CURLY, "'")
    if cell.casefold() in words("endless"):
        return refused("not_finite")
    if is_unknown(cell):
        return refused("not_a_number") if column.required else understood(UNKNOWN, "unknown_word")
    if cell.endswith("%"):
        return _percentage(cell, column)
    bare = _UNITS.sub("", cell)
    reading = _written(bare, column, style)
    if reading is None:
        return _in_words(bare)
    if reading.severity != "note":
        return reading
    return _within(float(str(reading.value)), column, style, reading.code or ("number_unit" if bare != cell else ""))


def _written(text: str, column: Column, style: NumberStyle) -> Reading | None:
    """A number in digits, whatever its signs; None where there is more than a number."""
    if _ONE_GROUP.fullmatch(text) and _may_be_thousands(column):
        return _ambiguous(text) if column.kind == "count" else _one_group(text, style)
    for pattern, group in ((_SPACED, " "), (_DOTTED, "."), (_COMMAED, ",")):
        if pattern.fullmatch(text) and not _ONE_GROUP.fullmatch(text):
            return understood(_decimal(re.sub(rf"[{group}']", "", text)), "thousands_separator")
    if _COMMA.fullmatch(text):
        return understood(_decimal(text), "decimal_comma")
    return understood(float(text)) if _PLAIN.fullmatch(text) else None


def _one_group(text: str, style: NumberStyle) -> Reading:
    """Judge `1.250` or `1,250`: a thousand and a quarter, or one and a quarter."""
    if "." in text and (style.comma or style.dot_groups):
        return understood(float(text.replace(".", "")), "thousands_separator") if style.comma else _ambiguous(text)
    if "," in text and style.dot_groups:
        return _ambiguous(text)
    return understood(_decimal(text), "decimal_comma" if "," in text else "")


def _ambiguous(text: str) -> Reading:
    return refused("thousands_or_decimal", re.sub(r"[.,]", "", text))


def _percentage(text: str, column: Column) -> Reading:
    number = re.sub(r"\s*%$", "", text)
    if not (_COMMA.fullmatch(number) or _PLAIN.fullmatch(number)):
        return _in_words(text)
    value = _decimal(number)
    return _within(value / 100 if column.high == 1 else value, column, NumberStyle(), "number_unit")


def _in_words(text: str) -> Reading:
    """More than a number: propose the careful reading."""
    if found := _RANGE.fullmatch(text):
        return refused("number_range", str(min(int(found[1]), int(found[2]))), low=int(found[1]), high=int(found[2]))
    if found := _ABOUT.fullmatch(text):
        return refused("number_about", found[1].replace(",", "."))
    if found := _WITH_WORDS.fullmatch(text):
        return refused("number_with_words", found[1].replace(",", "."))
    return refused("number_unreadable")


def _within(value: float, column: Column, style: NumberStyle, code: str) -> Reading:
    """Judge a number that was understood against what the column can hold."""
    if not math.isfinite(value):
        return refused("not_finite")
    if column.kind == "count" and value != math.floor(value) and value >= 0:
        return refused("not_whole", str(math.floor(value)))
    if column.low is not None and value < column.low:
        if column.low == 0:
            return refused("negative", f"{-value:g}" if value == math.floor(value) and column.kind == "count" else None)
        return refused("below_minimum", low=f"{column.low:g}")
    if column.high is not None and value > column.high:
        return _too_high(value, column, style)
    return understood(value, code)


def _too_high(value: float, column: Column, style: NumberStyle) -> Reading:
    if column.high == 1 and 2 <= value <= 100:  # noqa: PLR2004 - a share of 30 is 30 %
        return assumed(value / 100, "share_percent", f"{value / 100:g}")
    if column.name in BELGIUM and style.belgian:
        low, high = BELGIUM[column.name]
        shifted = value / 10 ** (math.floor(math.log10(value)) - (column.name == "lat"))
        if low <= shifted <= high:
            return assumed(shifted, "decimal_point_lost", f"{shifted:.10g}")
    return refused("above_maximum", high=f"{column.high:,.0f}".replace(",", " "))


def _decimal(text: str) -> float:
    return float(text.replace(",", "."))
