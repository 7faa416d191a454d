"""The rows: every bound on a number of matched pairs (docs/rules.md section 5), and how full a matching makes them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from matcher.verifier.codes import Bools, Floats, Ints, encode
from matcher.verifier.filters import placements_inside, students_inside
from matcher.verifier.view import View


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
        Whether the bounds bind; else each pair outside them costs `weight`.
    """

    ids: pd.Index[Any]
    students: Bools
    placements: Bools
    lower: Ints
    upper: Floats
    hard: Bools
    weight: Ints

    def penalty(self, loads: Ints) -> Ints:
        """What the soft quotas cost at these numbers of matched pairs, 0 for the hard ones."""
        over = np.where(loads > self.upper, loads - np.where(np.isinf(self.upper), loads, self.upper), 0).astype(np.int64)
        return np.where(self.hard, 0, self.weight * (np.maximum(self.lower - loads, 0) + over))


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
    def pool(self) -> Ints:
        """The pool of each placement, -1 for none."""
        return encode(self.view.column("placements", "pool_id"), self.pool_ids)

    @cached_property
    def quotas(self) -> Quotas:
        """The quotas whose dates include the start of the round."""
        view = self.view
        start = np.datetime64(view.settings.start_date or "NaT", "s")
        outside = (view.dates("quotas", "valid_from") > start) | (view.dates("quotas", "valid_to") < start)
        used = np.flatnonzero(~outside)
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
        )

    def seat_loads(self, seat: Ints) -> Ints:
        """How many of the matched pairs use each seat."""
        return np.bincount(seat, minlength=len(self.seat_upper)).astype(np.int64)

    def pool_loads(self, placement: Ints) -> Ints:
        """How many of the matched pairs use each pool."""
        pool = self.pool[placement]
        return np.bincount(pool[pool >= 0], minlength=len(self.pool_ids)).astype(np.int64)

    def quota_loads(self, student: Ints, placement: Ints) -> Ints:
        """How many of the matched pairs are inside each quota."""
        quotas = self.quotas
        return np.array([np.count_nonzero(s[student] & p[placement]) for s, p in zip(quotas.students, quotas.placements, strict=True)], dtype=np.int64)
