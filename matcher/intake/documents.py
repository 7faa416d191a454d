"""JSON documents: an object with the tables by name, each a list of records or an object of columns, and the settings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from matcher.errors import Issue, UnreadableFile
from matcher.intake import limits, names
from matcher.intake.decode import plain_text
from matcher.intake.settings_file import KEYS
from matcher.intake.settings_text import toml_text
from matcher.intake.sheet import Remark, Sheet, trimmed
from matcher.intake.texts import cell_texts, clean, text_column

_BIG = 2**63
_SECTIONS = {key.split(".")[0] for key in KEYS}


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """What a JSON document holds."""

    sheets: tuple[Sheet, ...]
    settings: str | None
    issues: tuple[Issue, ...]


class _TwiceError(ValueError):
    """An object with one key twice: the first value would be lost silently."""


def read_json(data: bytes, name: str) -> Document:
    """Read a document. Records are counted from 2, as they would stand in a file with a header. O(cells).

    Raises
    ------
    UnreadableFile
        400: no JSON, not an object, nested too deeply, or an object with one key twice. 415: no text.
    """
    text, _ = plain_text(data, name)
    try:
        document = json.loads(text, object_pairs_hook=_object)
    except _TwiceError as twice:
        raise UnreadableFile("reading.json_twice", name=name, key=str(twice)) from twice
    except RecursionError as deep:
        raise UnreadableFile("reading.json_deep", name=name) from deep
    except json.JSONDecodeError as broken:
        raise UnreadableFile("reading.json_broken", name=name, line=broken.lineno) from broken
    except ValueError as broken:  # a number of thousands of digits
        raise UnreadableFile("reading.json_broken", name=name, line=1) from broken
    if not isinstance(document, dict):
        raise UnreadableFile("reading.json_shape", name=name)
    sheets, issues = [], []
    settings: dict[str, object] = {}
    for key, value in document.items():
        if names.table_of(key)[0] == "settings" or key in _SECTIONS:
            settings[key] = value
            continue
        try:
            sheets.append(_sheet(key, value, name))
        except _ShapeError as wrong:
            known = names.table_of(key)[0] is not None
            issues.append(Issue("reading.json_table", key, row=wrong.row) if known else Issue("reading.left_over", key, "note", value=key))
    toml, noticed = _settings(settings)
    return Document(tuple(sheets), toml, (*issues, *noticed))


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise _TwiceError(next(key for key in keys if keys.count(key) > 1))
    return found


class _ShapeError(Exception):
    """A table that is no list of records and no object of columns."""

    def __init__(self, row: int | None = None) -> None:
        super().__init__()
        self.row = row


def _sheet(key: str, value: object, name: str) -> Sheet:
    columns = _columns_of(value)
    headers = trimmed([clean(header) for header in columns], name)
    length = max((len(cells) for cells in columns.values()), default=0)
    remarks: list[Remark] = []
    series = []
    for position, cells in enumerate(columns.values()):
        nested = [at for at, cell in enumerate(cells) if _is_nested(cell)]
        remarks += [Remark("reading.json_cell", "error", at + 2, position) for at in nested[: limits.REMARKS]]
        hidden = set(nested)
        series.append(_typed([None if at in hidden else cell for at, cell in enumerate(cells)] if hidden else cells))
    return Sheet(key, f"{name}, {key}", headers, tuple(series[: len(headers)]), np.arange(length, dtype=np.int64) + 2, tuple(remarks))


def _is_nested(cell: object) -> bool:
    """Whether a cell holds more than a value or a list of values."""
    return isinstance(cell, dict) or (isinstance(cell, list) and any(isinstance(item, (list, dict)) for item in cell))


def _columns_of(value: object) -> Mapping[str, Sequence[object]]:
    """The table as columns of equal length."""
    if isinstance(value, dict):
        columns = {key: cells for key, cells in value.items() if isinstance(cells, list)}
        if len(columns) < len(value) or len({len(cells) for cells in columns.values()}) > 1:
            raise _ShapeError
        return columns
    if not isinstance(value, list):
        raise _ShapeError
    keys: dict[str, None] = {}
    for at, record in enumerate(value):
        if not isinstance(record, dict):
            raise _ShapeError(at + 2)
        keys.update(dict.fromkeys(record))
    return {key: [record.get(key) for record in value] for key in keys}


def _typed(cells: Sequence[object]) -> pd.Series:
    """A column of numbers or of truths keeps its type; everything else is text."""
    kinds = {type(cell) for cell in cells}
    if kinds == {str}:
        return text_column(cells)  # type: ignore[arg-type]  # all are texts
    if kinds == {bool}:
        return pd.Series(list(cells), dtype="bool")
    if kinds == {int} and all(-_BIG <= cell < _BIG for cell in cells):  # type: ignore[operator]  # all are numbers
        return pd.Series(list(cells), dtype="int64")
    if kinds and kinds <= {int, float, type(None)} and float in kinds:
        return pd.Series(cells, dtype="float64")
    if kinds == {bool, type(None)}:
        return pd.Series(list(cells), dtype="boolean")
    return cell_texts(cells)


def _settings(found: Mapping[str, object]) -> tuple[str | None, list[Issue]]:
    """The settings as TOML: under `settings` (an object, or TOML text), or as sections of the document."""
    if not found:
        return None, []
    if len(found) == 1 and not set(found) & _SECTIONS:
        value = next(iter(found.values()))
        if isinstance(value, str):
            return value, []
        if isinstance(value, dict):
            return toml_text(value), []
        return None, [Issue("reading.settings_shape", "round.toml")]
    if not set(found) <= _SECTIONS:
        return None, [Issue("reading.settings_twice", "round.toml")]
    return toml_text(found), []
