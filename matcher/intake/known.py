"""The ids of a table, and every way to recognise one that is written differently: blanks, case, zeros, its name, a typing mistake."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.intake.cells.words import is_unknown, meanings
from matcher.intake.columns import Codes, fold, positions, tidy
from matcher.intake.findings import UNKNOWN, Reading, assumed, refused, understood

K = TypeVar("K")

_DECIMAL = re.compile(r"\d+\.0+")
_ZEROS = re.compile(r"\.0+$")
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_COMPARISONS = 300_000
"""How many names are compared letter by letter for one table before proposals stop: a table of a thousand names serves 300 unknown texts."""


class Known:
    """The distinct ids of one table, in the order of its rows.

    Parameters
    ----------
    table
        Its name.
    ids
        Its key column, typed; missing and repeated ids are left out.
    names
        What the ids are called, in the same rows; None where the table has no names.
    """

    def __init__(self, table: str, ids: pd.Series, names: pd.Series | None = None) -> None:
        self.table = table
        self._rows: npt.NDArray[np.int32] | None = None
        if ids.isna().any() or not ids.is_unique:
            first = (ids.notna() & ~ids.duplicated()).to_numpy()
            self._rows = np.flatnonzero(first).astype(np.int32)
            ids, names = ids[first], None if names is None else names[first]
        self.ids = ids
        self._names = names
        self._compared = 0

    def positions(self, cells: pd.Series) -> Codes:
        """The row of the table (by position) that each cell names; -1 where it names none. O(n + ids)."""
        found = positions(cells, self.ids)
        return found if self._rows is None else np.append(self._rows, np.int32(-1))[found]

    def __contains__(self, text: object) -> bool:
        return text in self._set

    def recognise(self, text: str, *, required: bool = False) -> Reading:
        """Understand a text that is not one of the ids as it stands."""
        word = tidy(text)
        if word in self._set:
            return understood(word, "blanks_removed")
        if _DECIMAL.fullmatch(word) and word.split(".")[0] in self._set:
            return understood(word.split(".")[0], "id_decimal")
        if is_unknown(word) and not required:
            return understood(UNKNOWN, "unknown_word")
        folded = fold(word)
        for found, code in (
            (self._folded.get(folded), "reference_spelling"),
            (self._without_zeros.get(_ZEROS.sub("", word).lstrip("0")), "leading_zeros_lost"),
            (self._by_name.get(folded), "reference_by_name"),
        ):
            if found:
                return assumed(found, code, found, of=self.table)
        near = self._near.find(folded) or self._alike.get(_core(word)) or self._near_name(folded)
        return refused("reference_near", near, of=self.table) if near else refused("reference_unknown", of=self.table)

    @cached_property
    def _set(self) -> frozenset[str]:
        return frozenset(self.ids)

    @cached_property
    def _folded(self) -> dict[str, str]:
        return _unique((fold(text), text) for text in self.ids)

    @cached_property
    def _without_zeros(self) -> dict[str, str]:
        return _unique((text.lstrip("0"), text) for text in self.ids if text.isdecimal())

    @cached_property
    def _named(self) -> list[tuple[str, str]]:
        if self._names is None:
            return []
        return [(name, key) for name, key in zip(self._names, self.ids, strict=True) if isinstance(name, str)]

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return _unique((fold(name), key) for name, key in self._named)

    @cached_property
    def _alike(self) -> dict[frozenset[str], str]:
        return {core: key for core, key in _unique((_core(name), key) for name, key in self._named).items() if core}

    @cached_property
    def _near(self) -> Nearby:
        return Nearby((fold(text), text) for text in self.ids)

    def _near_name(self, folded: str) -> str | None:
        """The name that resembles the text most, by difflib; stops after `_COMPARISONS` so that a hopeless column costs no minutes."""
        names = list(self._by_name)
        self._compared += len(names)
        if not names or self._compared > _COMPARISONS:
            return None
        close = difflib.get_close_matches(folded, names, n=1, cutoff=0.8)
        return self._by_name[close[0]] if close else None


class Nearby:
    """Finds texts that are one typing mistake away: a letter too many, too few, another one, or one that moved.

    Deleting at most one letter from each makes two such texts equal. One pass over all deletions of the known texts, so a look-up does not
    depend on how many there are. Another digit in the same place is no typing mistake: it is another number, or last year's.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._homes: dict[str, set[tuple[str, str]]] = {}
        for text, key in pairs:
            for shorter in _deletions(text):
                self._homes.setdefault(shorter, set()).add((text, key))

    def find(self, text: str) -> str | None:
        """The only text nearby; None for none or several, or a text too short to tell."""
        if len(text) < 3:  # noqa: PLR2004 - every text of two letters is near to many
            return None
        found = {pair for shorter in _deletions(text) for pair in self._homes.get(shorter, ()) if not _other_number(text, pair[0])}
        return found.pop()[1] if len(found) == 1 else None


def _other_number(one: str, two: str) -> bool:
    different = [a + b for a, b in zip(one, two, strict=False) if a != b]
    return len(one) == len(two) and len(different) == 1 and different[0].isdecimal()


def _deletions(text: str) -> Iterable[str]:
    yield text
    for i in range(len(text)):
        yield text[:i] + text[i + 1 :]


def _unique(pairs: Iterable[tuple[K, str]]) -> dict[K, str]:
    """Key -> id, for the keys that lead to one id only."""
    found: dict[K, str] = {}
    twice = set()
    for key, value in pairs:
        if found.setdefault(key, value) != value:
            twice.add(key)
    return {key: value for key, value in found.items() if key not in twice and key}


def _core(name: str) -> frozenset[str]:
    """The words of a name that tell it apart: without what stands in brackets, and without words such as "graduaat" and "dag"."""
    words = re.findall(r"\w+", _BRACKETS.sub(" ", tidy(name).casefold()))
    return frozenset(word for word in words if word not in meanings("fillers"))
