"""How families of rows are made: entries that share their keys form a group, and groups that can never bind are left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.problem import Family, FamilyKind, GroupNames
from matcher.rules.facts import Codes, Flags, Ids

Sizes = npt.NDArray[np.int64]
Made = tuple[Family, GroupNames]
"""A family and the names of its rows."""

NO_BOUND = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Grouped:
    """Entries in groups, sorted by keys, then pair: independent of any order in the files.

    Attributes
    ----------
    pairs, sign, group
        int32, int8, int32 per entry.
    codes
        int32, keys x groups: what the entries of a group share.
    """

    pairs: Codes
    sign: npt.NDArray[np.int8]
    group: Codes
    codes: Codes

    @classmethod
    def of(cls, pairs: Codes | Sizes, keys: tuple[Codes | Sizes, ...], sign: npt.NDArray[np.int8] | None = None) -> Grouped:
        """Sort entries by their keys, the first key first. O(entries log entries) for each key."""
        order = np.lexsort((pairs, *reversed(keys)))
        sorted_keys = [key[order].astype(np.int32) for key in keys]
        starts = np.zeros(len(order), dtype=np.bool_)
        starts[:1] = True
        for key in sorted_keys:
            starts[1:] |= key[1:] != key[:-1]
        codes = np.array([key[starts] for key in sorted_keys], dtype=np.int32).reshape(len(keys), -1)
        signs = np.ones(len(order), dtype=np.int8) if sign is None else sign[order]
        return cls(pairs[order].astype(np.int32), signs, (np.cumsum(starts) - 1).astype(np.int32), codes)

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return int(self.codes.shape[1])

    def edges(self) -> Sizes:
        """Group g holds the entries edges[g] to edges[g + 1]."""
        return np.searchsorted(self.group, np.arange(self.groups + 1))

    def binding(self, demand: Codes, lower: Sizes, upper: Sizes) -> Flags:
        """The groups whose count can leave its bounds. `demand` is that of each pair of the problem: each is matched once."""
        owner = demand[self.pairs]
        fresh = np.ones(len(owner), dtype=np.bool_)
        fresh[1:] = (owner[1:] != owner[:-1]) | (self.group[1:] != self.group[:-1]) | (self.sign[1:] != self.sign[:-1])
        most = np.bincount(self.group[fresh & (self.sign > 0)], minlength=self.groups)
        least = np.bincount(self.group[fresh & (self.sign < 0)], minlength=self.groups)
        kept: Flags = (upper < most) | (lower > -least)
        return kept

    def renamed(self, *codes: Codes) -> Grouped:
        """The same groups with other codes, one array of them for each part of a name."""
        return Grouped(self.pairs, self.sign, self.group, np.array(codes, dtype=np.int32).reshape(len(codes), self.groups))

    def only(self, groups: Flags) -> Grouped:
        """Some of the groups, numbered anew."""
        entries = groups[self.group]
        number = (np.cumsum(groups) - 1).astype(np.int32)
        return Grouped(self.pairs[entries], self.sign[entries], number[self.group[entries]], self.codes[:, groups])


@dataclass(frozen=True)
class Penalty:
    """What a soft family costs: the position of its tier, and the cost of a unit."""

    tier: int
    weight: int


def family(
    kind: FamilyKind,
    entries: Grouped,
    words: tuple[Ids, ...],
    bounds: tuple[Sizes | int, Sizes | int],
    demand: Codes,
    *,
    code: int = 0,
    pays: Penalty | None = None,
) -> list[Made]:
    """A family of the groups that can bind, and their names: none or one.

    `words` are the texts of each key, `bounds` the lower and upper ones of each group (or of all), `demand` that of each pair of the problem.
    """
    lower, upper = (np.broadcast_to(np.asarray(bound, dtype=np.int64), entries.groups) for bound in bounds)
    kept = entries.binding(demand, lower, upper)
    if not kept.any():
        return []
    entries = entries.only(kept)
    tier, weight = (-1, None) if pays is None else (pays.tier, pays.weight)
    made = Family(kind, code, entries.pairs, entries.group, entries.sign, lower[kept], upper[kept], weight, tier)
    return [(made, GroupNames(kind, words, entries.codes))]
