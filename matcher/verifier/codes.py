"""Codes instead of ids: the few operations on whole-number arrays that the verifier is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Dates = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Ids with parents: every node with itself and each of its ancestors, as parallel arrays."""

    ids: pd.Index[Any]
    node: Ints
    ancestor: Ints

    def below(self, name: object) -> Bools:
        """Which ids are the named one or a descendant of it."""
        code = self.ids.get_indexer(pd.Index([name], dtype="object"))[0]
        inside = np.zeros(len(self.ids), dtype=bool)
        if code >= 0:
            inside[self.node[self.ancestor == code]] = True
        return inside


def encode(values: pd.Series[Any], ids: pd.Index[Any]) -> Ints:
    """The position of each value among the ids, -1 where it is empty or not there. O(n + ids)."""
    if values.empty:
        return np.zeros(0, dtype=np.int64)
    found, unique = pd.factorize(values)
    positions = np.append(ids.get_indexer(pd.Index(unique)), -1)
    return cast("Ints", positions[found].astype(np.int64, copy=False))


def tokens_of(cell: object) -> tuple[str, ...] | None:
    """The tokens of one cell, in their order and each once; None where the cell is empty. `none` is the known empty list."""
    if not isinstance(cell, str):
        return None
    tokens = tuple(dict.fromkeys(token.strip() for token in cell.split("|") if token.strip()))
    if not tokens:
        return None
    return () if tokens == ("none",) else tokens


def member(keys: Ints, sorted_keys: Ints) -> Bools:
    """Which keys are among the sorted ones. O(n log m)."""
    if len(sorted_keys) == 0:
        return np.zeros(len(keys), dtype=bool)
    position = np.minimum(np.searchsorted(sorted_keys, keys), len(sorted_keys) - 1)
    return cast("Bools", sorted_keys[position] == keys)


def any_of(table: Bools) -> Bools:
    """Which rows of a table have any True."""
    return np.asarray(table.any(axis=1), dtype=bool)


def spans(first: Ints, items: Ints) -> tuple[Ints, Ints]:
    """All members of the spans `first[i]` to `first[i + 1]` of the items, one after the other, and for each the position of its item."""
    sizes = first[items + 1] - first[items]
    owner = np.repeat(np.arange(len(items), dtype=np.int64), sizes)
    offset = np.cumsum(sizes) - sizes
    within = np.arange(len(owner), dtype=np.int64) - offset[owner]
    return first[items][owner] + within, owner
