"""How the values of `round.toml` are read and written, one function per kind of value."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from matcher.settings import BLEND, SOFT_PREFIX, TIERS

Reader = Callable[[object], object]
"""Returns the value as `Settings` holds it, or raises Wrong."""


_SOFT_TIER = re.compile(rf"{SOFT_PREFIX}[\w.-]+")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_DECIMALS = 4
"""How many decimals the weight of a blended tier may have."""


class Wrong(Exception):
    """A value that cannot be used: the code of the sentence about it, and what fills the sentence."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def text(value: object) -> object:
    """Any text."""
    if not isinstance(value, str):
        raise Wrong("settings_text")
    return value


def one_of(*names: str) -> Reader:
    """One of some words."""

    def read(value: object) -> object:
        if not isinstance(value, str) or value not in names:
            raise Wrong("settings_choice", choices=", ".join(names))
        return value

    return read


def whole(low: int, high: int) -> Reader:
    """A whole number between `low` and `high`."""

    def read(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Wrong("settings_whole")
        if not low <= value <= high:
            raise Wrong("settings_bounds", low=low, high=high)
        return value

    return read


def number(low: float, high: float = math.inf, *, above: bool = False) -> Reader:
    """A finite number between `low` (with `above`: more than that) and `high`."""

    def read(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise Wrong("settings_number")
        if not low <= value <= high or (above and value == low):
            raise Wrong("settings_bounds" if math.isfinite(high) else "settings_above" if above else "settings_below", low=f"{low:g}", high=f"{high:g}")
        return float(value)

    return read


def day(value: object) -> object:
    """A date, as TOML or as text."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise Wrong("settings_date") from None
    if not isinstance(value, dt.date):
        raise Wrong("settings_date")
    return value


def list_of(reader: Reader, least: int = 0) -> Reader:
    """A list without repetitions."""

    def read(value: object) -> object:
        if not isinstance(value, list) or len(value) < least:
            raise Wrong("settings_list")
        return tuple(dict.fromkeys(reader(item) for item in value))

    return read


def tier(value: object) -> object:
    """A tier, by its name or as a further soft tier of the round's own."""
    if not isinstance(value, str) or (value not in TIERS and not _SOFT_TIER.fullmatch(value)):
        raise Wrong("settings_choice", choices=", ".join([*TIERS, f"{SOFT_PREFIX}..."]))
    return value


def weights(value: object) -> object:
    """A table of tiers and their weights in a blend: numbers, 0 or more, with few decimals; in one order."""
    if not isinstance(value, dict):
        raise Wrong("settings_table")
    if any(tier(name) == BLEND for name in value):
        raise Wrong("settings_choice", choices=", ".join([*(name for name in TIERS if name != BLEND), f"{SOFT_PREFIX}..."]))
    order = sorted(value, key=lambda name: (TIERS.index(name) if name in TIERS else len(TIERS), name))
    return MappingProxyType({name: _weight(value[name]) for name in order})


def _weight(value: object) -> float:
    weight = float(str(number(0)(value)))
    if round(weight, _DECIMALS) != weight:
        raise Wrong("settings_decimals", decimals=_DECIMALS)
    return weight


def to_toml(value: object) -> str:
    """A value as TOML writes it.

    >>> to_toml(("a", "b")), to_toml({"rank": 1.0}), to_toml(True)
    ('["a", "b"]', '{ rank = 1.0 }', 'true')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(_escaped(letter) for letter in value) + '"'
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name if _BARE.fullmatch(name) else to_toml(name)} = {to_toml(each)}" for name, each in value.items()) + " }"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(to_toml(each) for each in value) + "]"
    return value.isoformat() if isinstance(value, dt.date) else repr(value)


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    # TOML forbids control characters as they are; everything else may stand in a text.
    return f"\\u{ord(letter):04X}" if ord(letter) < 0x20 or ord(letter) == 0x7F else letter  # noqa: PLR2004 - the control characters
