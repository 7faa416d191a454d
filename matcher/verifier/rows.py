"""The rows: every bound on a number of matched pairs (docs/rules.md section 5), and how full a matching makes them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.verifier.codes import Bools, Floats, Ints, spans, tokens_of
from matcher.verifier.filters import placements_inside, students_inside
from matcher.verifier.view import View

_BITS = 31
"""As many quotas are read as one number at a time: numbers of classes and these words multiply within 64 bits."""


@dataclass(frozen=True, slots=True, eq=False)
class Quotas:
    """The quotas in force.

    Attributes
    ----------
    ids
        Their names.
    students, placements
        Quotas x students and quotas x placements: who is inside.
    lower, upper
        The bounds; `upper` is infinite where there is none.
    hard
        Whether the bounds bind; else each pair outside them costs `weight` in the soft tier `tier`.
    per
        The columns whose values make the groups; none for a quota that is one row.
    """

    ids: pd.Index[Any]
    students: Bools
    placements: Bools
    lower: Ints
    upper: Floats
    hard: Bools
    weight: Ints
    tier: npt.NDArray[np.object_]
    per: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The quotas by what students and placements have in common: `first[c]` to `first[c + 1]` of `quota` are those that count the pairs of cell c.

    Students that are inside the same quotas are one class, placements likewise, and a cell is a class of students and one of placements.
    """

    student_class: Ints
    placement_class: Ints
    width: int
    first: Ints
    quota: Ints

    @classmethod
    def crossing(cls, inside_students: Bools, inside_placements: Bools) -> Cells:
        """Of the tables quotas x students and quotas x placements: O(quotas x (students + placements) + members of the cells)."""
        students, student_class = classes(inside_students)
        placements, placement_class = classes(inside_placements)
        width = len(placements)
        inside = [np.flatnonzero(np.outer(students[:, quota], placements[:, quota])) for quota in range(len(inside_students))]
        cell = np.concatenate([np.zeros(0, dtype=np.int64), *inside])
        quota = np.repeat(np.arange(len(inside), dtype=np.int64), [len(cells) for cells in inside])
        order = np.argsort(cell, kind="stable")
        return cls(student_class, placement_class, width, np.searchsorted(cell[order], np.arange(len(students) * width + 1)), quota[order])

    def of(self, student: Ints, placement: Ints) -> Ints:
        """The cell of each pair."""
        return self.student_class[student] * self.width + self.placement_class[placement]


def classes(inside: Bools) -> tuple[Ints, Ints]:
    """The different columns of a quotas x members table, as rows of 0 and 1, and the one each member has."""
    if len(inside) == 0:
        return np.zeros((1, 0), dtype=np.int64), np.zeros(inside.shape[1], dtype=np.int64)
    code = np.zeros(inside.shape[1], dtype=np.int64)
    for start in range(0, len(inside), _BITS):
        bits = np.left_shift(1, np.arange(len(inside[start : start + _BITS])))
        word = pd.factorize(bits @ inside[start : start + _BITS])[0]
        code = pd.factorize(code * (int(word.max(initial=0)) + 1) + word)[0].astype(np.int64)
    at = np.flatnonzero(~pd.Series(code).duplicated())  # codes are numbered as they appear
    return inside[:, at].T.astype(np.int64), code


@dataclass(frozen=True)
class Rows:
    """The rows of a round: seats, pools, quotas."""

    view: View

    @cached_property
    def seat_upper(self) -> Ints:
        """The usable capacity of each seat."""
        return self.view.capacity[self.view.seats.placement]

    @cached_property
    def seat_lower(self) -> Ints:
        """The least number of each seat that must open, else 0."""
        return np.where(self.view.must_open, self.view.minimum, 0)[self.view.seats.placement]

    @cached_property
    def seat_open_or_closed(self) -> Ints:
        """The number below which a seat stays closed; 0 where it may hold any number."""
        view = self.view
        return np.where(~view.must_open & (view.minimum > 1), view.minimum, 0)[view.seats.placement]

    @cached_property
    def pool_ids(self) -> pd.Index[Any]:
        """The names of the pools."""
        ids: pd.Index[Any] = pd.Index(self.view.column("pools", "pool_id"))
        return ids

    @cached_property
    def pool_upper(self) -> Ints:
        """The capacity of each pool."""
        return self.view.numbers("pools", "capacity").astype(np.int64)

    @cached_property
    def _pools(self) -> tuple[Ints, Ints]:
        """Sorted rows (placement, pool): the pools of each placement."""
        found, cells = pd.factorize(self.view.column("placements", "pool_id"))
        lists = [self.pool_ids.get_indexer(pd.Index(tokens_of(cell) or (), dtype="str")) for cell in cells]
        width = max(1, len(self.pool_ids))
        pieces = [np.add.outer(np.flatnonzero(found == cell) * width, codes[codes >= 0]).ravel() for cell, codes in enumerate(lists)]
        keys = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *pieces]))
        return keys // width, keys % width

    @cached_property
    def pool_first(self) -> Ints:
        """Where the pools of each placement begin in `pool_member`."""
        return np.searchsorted(self._pools[0], np.arange(len(self.view.placements) + 1))

    @property
    def pool_member(self) -> Ints:
        """The pools of the placements, one placement after the other."""
        return self._pools[1]

    @cached_property
    def quotas(self) -> Quotas:
        """The quotas in force that are one row each."""
        return self._of(self.used[~self.grouped[self.used]])

    @cached_property
    def group_quotas(self) -> Quotas:
        """The quotas in force that are a row for each group."""
        return self._of(self.used[self.grouped[self.used]])

    @cached_property
    def grouped(self) -> Bools:
        """Which quotas have groups."""
        return np.array([bool(tokens_of(cell)) for cell in self.view.column("quotas", "per")], dtype=bool)

    @cached_property
    def used(self) -> Ints:
        """The quotas whose dates include the start of the round."""
        view = self.view
        start = np.datetime64(view.settings.start_date or "NaT", "s")
        outside = (view.dates("quotas", "valid_from") > start) | (view.dates("quotas", "valid_to") < start)
        return np.flatnonzero(~outside)

    def _of(self, used: Ints) -> Quotas:
        view = self.view
        students = [students_inside(view, text) for text in view.column("quotas", "students").iloc[used]]
        placements = [placements_inside(view, text) for text in view.column("quotas", "placements").iloc[used]]
        upper, weight = view.numbers("quotas", "max")[used], view.numbers("quotas", "weight")[used]
        return Quotas(
            pd.Index(view.column("quotas", "quota_id"))[used],
            np.array(students, dtype=bool).reshape(len(used), len(view.students)),
            np.array(placements, dtype=bool).reshape(len(used), len(view.placements)),
            np.nan_to_num(view.numbers("quotas", "min")[used]).astype(np.int64),
            np.where(np.isnan(upper), np.inf, upper),
            ~view.flags("quotas", "hard", value=False)[used],
            np.where(np.isnan(weight), 1, weight).astype(np.int64),
            view.column("quotas", "tier").iloc[used].fillna("soft").to_numpy(dtype=object),
            tuple(tokens_of(cell) or () for cell in view.column("quotas", "per").iloc[used]),
        )

    @cached_property
    def quota_cells(self) -> Cells:
        """The quotas by what students and placements have in common."""
        return Cells.crossing(self.quotas.students, self.quotas.placements)

    def seat_loads(self, seat: Ints) -> Ints:
        """How many of the matched pairs use each seat."""
        return np.bincount(seat, minlength=len(self.seat_upper)).astype(np.int64)

    def pool_loads(self, placement: Ints) -> Ints:
        """How many of the matched pairs use each pool."""
        at, _ = spans(self.pool_first, placement)
        return np.bincount(self.pool_member[at], minlength=len(self.pool_ids)).astype(np.int64)

    def quota_loads(self, student: Ints, placement: Ints) -> Ints:
        """How many of the matched pairs are inside each quota."""
        quotas = self.quotas
        return np.array([np.count_nonzero(s[student] & p[placement]) for s, p in zip(quotas.students, quotas.placements, strict=True)], dtype=np.int64)
