"""Settings that do not stand in a `round.toml`, as the text of one: from a settings sheet, or from a JSON document."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from matcher.errors import Issue
from matcher.intake import names
from matcher.intake.setting_values import to_toml
from matcher.intake.sheet import Sheet

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_NUMBER = re.compile(r"[+-]?\d{1,19}")
_DECIMAL = re.compile(r"[+-]?\d+[.,]\d+(?:[eE][+-]?\d+)?|[+-]?\d+[eE][+-]?\d+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TEXTS = {("round", "id"), ("round", "name")}
_LISTS = {("policy", "tiers"), ("own_company", "allowed")}
_WORDS = {"true": True, "false": False, "waar": True, "onwaar": False, "vrai": True, "faux": False}


def toml_text(settings: Mapping[str, object]) -> str:
    """A nested mapping as TOML: sections for the mappings at the top, inline tables below them. Values that are None are left out."""
    lines: list[str] = []
    for key, value in settings.items():
        if not isinstance(value, Mapping) and value is not None:
            lines.append(f"{_key(key)} = {_value(value)}")
    for key, value in settings.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{_key(key)}]", *(f"{_key(name)} = {_value(each)}" for name, each in value.items() if each is not None)]
    return "\n".join(lines).lstrip("\n") + "\n"


def settings_of(sheet: Sheet) -> tuple[str, list[Issue]]:
    """A sheet with the columns section, key and value (or only the last two, with keys like `policy.seed`) as TOML. Rows without a value are left out."""
    at = names.setting_columns(sheet.headers)
    if not {"key", "value"} <= at.keys():
        return "", [Issue("reading.settings_sheet", "round.toml", params=(("source", sheet.source),))]
    found: dict[str, object] = {}
    issues: list[Issue] = []
    columns = {name: sheet.columns[position].tolist() for name, position in at.items()}
    section = ""
    for row, (key, value) in enumerate(zip(columns["key"], columns["value"], strict=True)):
        if "section" in columns and isinstance(columns["section"][row], str):
            section = columns["section"][row]
        if not isinstance(key, str) or not isinstance(value, str):
            continue
        path = [part.strip() for part in f"{section}.{key}".split(".") if part.strip()]
        if not _put(found, path, _understood(path, value)):
            issues.append(Issue("reading.setting_twice", "round.toml", row=int(sheet.rows[row]), column=".".join(path), value=value))
    return toml_text(found), issues


def _put(tree: dict[str, object], path: Sequence[str], value: object) -> bool:
    """Set a value in a tree of mappings; False where something stands there already."""
    for name in path[:-1]:
        below = tree.setdefault(name, {})
        if not isinstance(below, dict):
            return False
        tree = below
    if path[-1] in tree:
        return False
    tree[path[-1]] = value
    return True


def _understood(path: Sequence[str], text: str) -> object:
    """A cell of the settings sheet as the value it stands for."""
    place = (path[0], path[-1])
    if place in _TEXTS:
        return text
    if place in _LISTS:
        return [part for part in (part.strip().strip("\"'") for part in re.split(r"[|,;]", text.strip("[]"))) if part]
    return _plain(text)


def _plain(text: str) -> object:
    """A truth, a number or a date, if that is what the text is."""
    if text.casefold() in _WORDS:
        return _WORDS[text.casefold()]
    if _NUMBER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text.replace(",", "."))
    try:
        return dt.date.fromisoformat(text) if _DATE.fullmatch(text) else text
    except ValueError:
        return text


def _key(name: object) -> str:
    text = str(name)
    return text if _BARE.fullmatch(text) else _string(text)


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(each)}" for name, each in value.items() if each is not None) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(item) for item in value if item is not None) + "]"
    return to_toml(value) if isinstance(value, (bool, int, float, dt.date)) else _string(str(value))


def _string(text: str) -> str:
    """A text without halves of surrogate pairs, which JSON can write and TOML cannot."""
    return to_toml(text.encode("utf-8", "replace").decode())
