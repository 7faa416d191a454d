"""Enterprise numbers (KBO/BCE) that lost their leading zero in a spreadsheet.

The number has ten digits; the last two are 97 minus the rest of the first eight divided by 97. Numbers given out before 2023 begin with 0, which a
spreadsheet drops when it takes the cell for a number.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from matcher.errors import Issue
from matcher.intake.columns import distinct
from matcher.intake.findings import Locator, Reading, assumed
from matcher.intake.typed import Typed
from matcher.intake.typing_cells import report

COLUMNS = ("company_id", "enterprise_number", "kbo", "kbo_number", "ondernemingsnummer", "kbo_nummer", "bce", "numero_entreprise", "vat_number", "btw_nummer")
_DIGITS = 10


def is_enterprise_number(text: str) -> bool:
    """Whether ten digits carry a right check number.

    >>> is_enterprise_number("0403170701"), is_enterprise_number("0403170702")
    (True, False)
    """
    return len(text) == _DIGITS and text.isdecimal() and 97 - int(text[:8]) % 97 == int(text[8:])


def with_zeros(cells: pd.Series, column: str, place: Locator) -> tuple[pd.Series, list[Issue]]:
    """Put the zero back in front of numbers of nine digits that are right with it, in a column where most are enterprise numbers."""
    codes, found = distinct(cells)
    short = [number for number, text in enumerate(found) if len(text) == _DIGITS - 1 and is_enterprise_number(f"0{text}")]
    right = len(short) + sum(is_enterprise_number(str(text)) for text in found)
    # One number in 97 is right by chance.
    if not short or right < max(3, len(found) / 2):
        return cells, []
    readings: dict[int, list[Reading]] = {number: [assumed(f"0{found[number]}", "kbo_zero_lost", f"0{found[number]}")] for number in short}
    values = np.append(found, np.nan).astype(object)
    values[short] = [f"0{found[number]}" for number in short]
    return pd.Series(values[codes], index=cells.index, dtype="str"), report(place, column, codes, found, readings)


def check_enterprise_numbers(typed: Typed) -> Iterator[Issue]:
    """Look at all columns of enterprise numbers but those that name companies of the round, which were settled when the companies were read."""
    for table in ("companies", "placements", "students"):
        frame = typed.frames.get(table)
        for column in COLUMNS:
            if frame is None or column not in frame or (column == "company_id" and "companies" in typed.frames):
                continue
            frame[column], issues = with_zeros(frame[column], column, typed.places[table])
            yield from issues
