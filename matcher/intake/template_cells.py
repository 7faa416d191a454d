"""What may stand in the cells of a template: formats, drop-downs and checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from matcher.intake import names
from matcher.schema import TABLES, Column, Table
from matcher.words import say

Places = Mapping[str, str]
"""Table -> the title of its sheet."""

_FORMATS = {"count": "0", "rank": "General", "number": "General", "flag": "General", "date": "yyyy-mm-dd"}
_LISTED = 20_000
"""Ids that a drop-down offers."""
_FIRST_DAY, _LAST_DAY = dt.date(1950, 1, 1), dt.date(2100, 12, 31)
_MOST = 1_000_000


def cell_format(column: Column) -> dict[str, str]:
    """The number format of a column; ids and texts are text, so that leading zeros stay."""
    return {"num_format": _FORMATS.get(column.kind, "@")}


def choices_of(column: Column, language: str) -> list[str]:
    """The words of a drop-down."""
    return [names.choice_words(column.name, choice)[language] for choice in column.choices]


def validation(table: Table, column: Column, position: int, places: Places, language: str) -> dict[str, Any] | None:
    """The check of a column's cells, as xlsxwriter wants it; None where anything may stand."""
    rule = _list(table, column, places, language) or _bounds(column, position, language)
    if rule is None:
        return None
    return {"error_title": say("reading.template.stop_title", language), **rule}


def _list(table: Table, column: Column, places: Places, language: str) -> dict[str, Any] | None:
    """A drop-down: choices, yes or no, or the ids of another sheet (where other values only give a question, since ids may come later)."""
    if column.choices or column.kind == "flag":
        words = choices_of(column, language) or [say("reading.template.yes", language), say("reading.template.no", language)]
        return {"validate": "list", "source": words, "error_message": say("reading.template.stop_list", language)}
    if (table.name, column.name) == ("preferences", "target_id"):
        # A wish may also name a company, a sector or a region: placements are only offered.
        return {"validate": "list", "source": _ids("placements", places), "show_error": False}
    if column.kind == "id" and column.refers is not None:
        message = say("reading.template.stop_unknown", language, sheet=places[column.refers])
        return {"validate": "list", "source": _ids(column.refers, places), "error_type": "warning", "error_message": message}
    return None


def _ids(table: str, places: Places) -> str:
    """The cells below the key of a table, which is its first column."""
    assert TABLES[table].columns[0].name == TABLES[table].key[0]  # noqa: S101 - the schema lists keys first
    quoted = places[table].replace("'", "''")
    return f"='{quoted}'!$A$2:$A${_LISTED}"


def _bounds(column: Column, position: int, language: str) -> dict[str, Any] | None:
    if column.kind == "date":
        message = say("reading.template.stop_date", language)
        return {"validate": "date", "criteria": "between", "minimum": _FIRST_DAY, "maximum": _LAST_DAY, "error_message": message}
    if column.kind in ("count", "number"):
        low = -_MOST if column.low is None else column.low
        high = _MOST if column.high is None else column.high
        message = say(
            "reading.template.stop_number", language, low=f"{low:g}" if abs(low) < _MOST else int(low), high=f"{high:g}" if abs(high) < _MOST else int(high)
        )
        kind = "integer" if column.kind == "count" else "decimal"
        return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high, "error_message": message}
    if column.kind == "rank":
        cell = f"{chr(ord('A') + position)}2"
        words = ",".join(f'LOWER({cell})="{word}"' for word in ("no", "nee", "non"))
        formula = f"=OR(AND(ISNUMBER({cell}),{cell}>=1,{cell}=INT({cell})),{words})"
        return {"validate": "custom", "value": formula, "error_message": say("reading.template.stop_rank", language)}
    return None
