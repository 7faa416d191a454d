"""Dates as people write them: Belgian order, Excel's serial numbers, two-digit years, months in words, swapped days and months."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.intake.cells.words import is_unknown, meanings
from matcher.intake.columns import Flags, tidy
from matcher.intake.findings import Reading, assumed, refused, understood

Order = Literal["dmy", "mdy"]
Days = npt.NDArray[np.datetime64]

NAT = np.datetime64("NaT", "s")
EARLIEST, LATEST = np.datetime64("1990-01-01", "s"), np.datetime64("2100-01-01", "s")
_EXCEL_ZERO = dt.date(1899, 12, 30)
_EXCEL_DAYS = range(32_000, 74_000)  # 1987 to 2102: outside, a number is not meant as a date

_MIDNIGHT = re.compile(r"[T ]0{1,2}:00(?::00(?:\.0+)?)?(?:Z|\+00:00)?$")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_PACKED = re.compile(r"(20\d\d)(\d\d)(\d\d)")
_BELGIAN = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})")
_NAMED = re.compile(r"(?:\w+\s+)?(\d{1,2})(?:e|er|st|nd|rd|th|ste|de)?[\s.-]+([a-zéûôà]+)\.?[\s.,-]+(\d{4}|\d{2})", re.IGNORECASE)
_NUMBER = re.compile(r"(\d{5})(?:\.0+)?")


def plain(texts: npt.NDArray[np.object_]) -> Days:
    """ISO dates; NaT where a text is none."""
    parsed = pd.to_datetime(pd.Series(texts, dtype="str"), format="%Y-%m-%d", errors="coerce", exact=True)
    return parsed.to_numpy().astype("datetime64[s]")


def unusual(values: Days) -> Flags:
    """Dates outside 1990 to 2100: readable, but hardly meant."""
    return (values < EARLIEST) | (values >= LATEST)


def order_of(texts: npt.NDArray[np.object_]) -> Order | None:
    """Whether the column writes the day or the month first; None where some dates say one thing and some the other.

    Belgium writes the day first, so only months above twelve in the second place speak against it.
    """
    found = [match for text in texts if (match := _BELGIAN.fullmatch(_bare(str(text))))]
    day_first = sum(int(match[1]) > 12 >= int(match[2]) for match in found)  # noqa: PLR2004 - months
    month_first = sum(int(match[2]) > 12 >= int(match[1]) for match in found)  # noqa: PLR2004 - months
    if month_first and not day_first:
        return "mdy" if month_first == len(found) else None
    return "dmy"


def read(text: str, order: Order | None) -> Reading:
    """Understand one date that is not written as ISO 8601."""
    words = _bare(text)
    if is_unknown(words):
        return understood(NAT, "unknown_word")
    for pattern, reader in ((_ISO, _iso), (_PACKED, _iso), (_NUMBER, _serial), (_NAMED, _named)):
        if found := pattern.fullmatch(words):
            return reader(found)
    if found := _BELGIAN.fullmatch(words):
        return _belgian(found, order)
    return refused("date_unreadable")


def _bare(text: str) -> str:
    return _MIDNIGHT.sub("", tidy(text))


def _day(year: int, month: int, day: int) -> np.datetime64 | None:
    try:
        return np.datetime64(dt.date(year, month, day), "s")
    except ValueError:
        return None


def _iso(found: re.Match[str]) -> Reading:
    year, month, day = (int(part) for part in found.groups())
    if (value := _day(year, month, day)) is not None:
        return understood(value, "" if "-" in found[0] else "date_order_read")
    if (swapped := _day(year, day, month)) is not None:
        return assumed(swapped, "date_swapped", _iso_text(swapped))
    return refused("date_impossible")


def _serial(found: re.Match[str]) -> Reading:
    number = int(found[1])
    if number not in _EXCEL_DAYS:
        return refused("date_unreadable")
    value = np.datetime64(_EXCEL_ZERO + dt.timedelta(days=number), "s")
    return assumed(value, "excel_serial", _iso_text(value))


def _named(found: re.Match[str]) -> Reading:
    month = meanings("months").get(found[2].casefold())
    if month is None:
        return refused("date_unreadable")
    value = _day(_year(found[3]), int(month), int(found[1]))
    return refused("date_impossible") if value is None else _with_century(value, found[3], "date_words")


def _belgian(found: re.Match[str], order: Order | None) -> Reading:
    year, first, second = _year(found[3]), int(found[1]), int(found[2])
    day_first, month_first = _day(year, second, first), _day(year, first, second)
    if day_first is None and month_first is None:
        return refused("date_impossible")
    if day_first is None or (order == "mdy" and month_first is not None):
        value = month_first
        # A column that writes the month first throughout is a habit; a single such cell is a slip.
        return understood(value, "date_order_read") if order == "mdy" else assumed(value, "date_swapped", _iso_text(value))
    if order is None and month_first is not None and month_first != day_first:
        return refused("date_order_unclear", _iso_text(day_first))
    return _with_century(day_first, found[3], "date_order_read")


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)  # noqa: PLR2004 - two digits


def _with_century(value: np.datetime64, year: str, code: str) -> Reading:
    return assumed(value, "two_digit_year", _iso_text(value)) if len(year) == 2 else understood(value, code)  # noqa: PLR2004 - two digits


def _iso_text(value: np.datetime64 | None) -> str:
    return "" if value is None else str(value.astype("datetime64[D]"))
