"""The rows of a round with what a matching makes of them: quotas, whole and by group; the levels of reserves; and what the names in a proof stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np
import pandas as pd

from matcher.measures import Measures
from matcher.verifier.codes import Ints
from matcher.verifier.families import UNBOUNDED, Family
from matcher.verifier.groups import Groups, Paths
from matcher.verifier.kinds import families_of, loads_of
from matcher.verifier.pairs import Rulebook, all_pairs
from matcher.verifier.reserves import Reserves

QUOTA_COLUMNS = ("quota_id", "kind", "group", "activity", "min", "max", "hard", "weight", "tier", "violation")


@dataclass(frozen=True, slots=True)
class Bound:
    """What a row may count: from `least` to `most` (None: no limit), or nothing at all where that is below `closed_below`."""

    least: int
    most: int | None
    closed_below: int = 0


@dataclass(frozen=True)
class RoundRows:
    """The rows of the round of a matching, each table computed when it is first asked for."""

    measures: Measures

    @cached_property
    def _book(self) -> Rulebook:
        return Rulebook.of(self.measures.view)

    @cached_property
    def families(self) -> Mapping[str, tuple[Family, ...]]:
        """Every family of rows, by the kind that a proof calls it."""
        return families_of(self._book, self.measures.rows, fills=False)

    def find(self, kind: str, name: pd.Series[Any], part: pd.Series[Any]) -> tuple[Ints, Ints]:
        """The family of each named row, counted over those of its kind, and its key there; -1 where there is none."""
        family, key = np.full(len(name), -1, dtype=np.int64), np.full(len(name), -1, dtype=np.int64)
        for number, one in enumerate(self.families.get(kind, ())):
            here = np.flatnonzero(family < 0)
            if len(here):
                found = one.find(name.iloc[here].reset_index(drop=True), part.iloc[here].reset_index(drop=True))
                key[here], family[here] = found, np.where(found >= 0, number, -1)
        return family, key

    def bound(self, kind: str, name: str, part: str) -> Bound | None:
        """The bounds of one named row; None where the round has no such row, or one that only costs something."""
        (family,), (key,) = (values.tolist() for values in self.find(kind, pd.Series([name], dtype="str"), pd.Series([part], dtype="str")))
        if family < 0:
            return None
        bounds = self.families[kind][family].bounds(np.array([key], dtype=np.int64))
        if bounds.weight[0]:
            return None
        most = int(bounds.upper[0])
        return Bound(int(bounds.lower[0]), None if most == UNBOUNDED else most, int(bounds.closed_below[0]))

    def out_of_reach(self) -> list[tuple[str, str, Bound, int]]:
        """The rows that ask for more pairs than there can be, with nothing else in the way: kind, name, bounds, and how many demands have a pair there.

        A proof need not name them: they contradict the round by themselves. O(pairs) for each kind with minimums.
        """
        found = []
        for kind in ("quota", "seat", "moves"):
            for family in self.families[kind]:
                keys = family.standing()
                bounds = family.bounds(keys)
                owing = np.flatnonzero(bounds.lower > 0)
                reach = self._reach(family, keys[owing]) if len(owing) else owing
                for at, most in zip(owing.tolist(), np.minimum(reach, bounds.upper[owing]).tolist(), strict=True):
                    if bounds.lower[at] > most:
                        upper = int(bounds.upper[at])
                        bound = Bound(int(bounds.lower[at]), None if upper == UNBOUNDED else upper)
                        found.append((kind, self._name(kind, family, int(keys[at])), bound, most))
        return found

    def _reach(self, family: Family, keys: Ints) -> Ints:
        """How many demands have an eligible pair in each row."""
        reach = np.zeros(len(keys), dtype=np.int64)
        for pairs, _ in all_pairs(self._book):
            part = family.entries(pairs, keys)
            once = np.unique(pairs.demand[part.at] * max(1, len(keys)) + part.row)
            reach += np.bincount(once % max(1, len(keys)), minlength=len(keys))
        return reach

    def _name(self, kind: str, family: Family, key: int) -> str:
        if isinstance(family, Groups):
            return family.label(key)
        if kind == "seat":
            view = self.measures.view
            period = str(view.periods[view.seats.period[key]])
            name = str(view.placements[view.seats.placement[key]])
            return f"{name} ({period})" if period else name
        return str(self.measures.rows.quotas.ids[key]) if kind == "quota" else ""

    @cached_property
    def quotas(self) -> pd.DataFrame:
        """One row per quota in force, and for a quota with `per` one for each group that has a minimum, a penalty or a matched pair.

        Columns: QUOTA_COLUMNS. `kind` is `quota`, or `path` for a minimum per student: then `activity` counts the student's pairs *outside* the places
        asked for, and `max` is how many may be. `group` is missing for a whole quota, else the values of its columns separated by commas. The index is
        the place of the row: kind, family and key. O(matched pairs) for each quota, and O(pairs) where a group must be known to exist.
        """
        frames = [self._whole(), *(self._grouped(kind, number, family) for kind, number, family in self._families_of_groups())]
        place = pd.Index(self.measures.view.column("quotas", "quota_id"))
        found = pd.concat(frames)
        return found.iloc[np.argsort(place.get_indexer(pd.Index(found["quota_id"])), kind="stable")]

    def _families_of_groups(self) -> list[tuple[str, int, Groups | Paths]]:
        return [(kind, n, family) for kind in ("quota", "path") for n, family in enumerate(self.families[kind]) if isinstance(family, Groups | Paths)]

    def _whole(self) -> pd.DataFrame:
        frame, tiers = self.measures.quotas, self.measures.rows.quotas.tier
        frame = frame.assign(kind="quota", group=pd.Series(dtype="str"), tier=pd.Series(tiers, dtype="str").mask(frame["hard"]))
        index = pd.MultiIndex.from_arrays([["quota"] * len(frame), np.zeros(len(frame), dtype=np.int64), np.arange(len(frame))])
        return _typed(frame[list(QUOTA_COLUMNS)].set_axis(index))

    def _grouped(self, kind: str, number: int, family: Groups | Paths) -> pd.DataFrame:
        """The rows of one quota with groups, or of its minimum per student."""
        group = family if isinstance(family, Groups) else family.group
        if isinstance(family, Groups):
            keys = np.union1d(family.standing(), family.counted(self.measures.pairs)[1])
            names = reduce(lambda left, right: left + ", " + right, group.values(keys))
        else:
            keys = np.flatnonzero(family.owes)
            names = self.measures.view.students[keys]
        bounds, activity = family.bounds(keys), loads_of(family, self.measures.pairs, keys)
        least, most = (bounds.lower, bounds.upper) if group.hard else (bounds.below, bounds.above)
        violation = np.maximum(least - activity, 0) + np.where(most == UNBOUNDED, 0, np.maximum(activity - most, 0))
        columns = {"group": names, "activity": activity, "min": least, "max": pd.array(most, dtype="Int64"), "violation": violation}
        constant = {"quota_id": group.name, "kind": kind, "hard": group.hard, "tier": None if group.hard else group.rows.group_quotas.tier[group.quota]}
        frame = pd.DataFrame({**columns, "max": pd.Series(columns["max"]).mask(most == UNBOUNDED)})
        frame = frame.assign(**constant, weight=group.rows.group_quotas.weight[group.quota])
        return _typed(frame[list(QUOTA_COLUMNS)].set_axis(pd.MultiIndex.from_arrays([[kind] * len(keys), np.full(len(keys), number), keys])))

    @cached_property
    def reserves(self) -> pd.DataFrame:
        """One row per level of each reserve: `reserve_id`, `level` (from 1), `seats`, and `used`, the pairs that students of its groups so far have there."""
        family = Reserves(self.measures.view)
        levels = family.levels
        named = levels.names.str.rsplit(" ", n=1)
        used = loads_of(family, self.measures.pairs, family.standing())
        columns = {"reserve_id": [name for name, _ in named], "level": [int(level) for _, level in named], "seats": levels.seats, "used": used}
        return pd.DataFrame(columns).astype({"reserve_id": "str", "level": "int64"})


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    texts = dict.fromkeys(("quota_id", "kind", "group", "tier"), "str")
    whole = dict.fromkeys(("activity", "min", "weight", "violation"), "int64")
    return frame.astype({**texts, **whole, "max": "Int64", "hard": "bool"})
