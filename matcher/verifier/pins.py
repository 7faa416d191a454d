"""Pins: the pairs that are fixed, by a row of `pins` or by a confirmed row of `previous` (docs/rules.md section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.verifier.codes import Bools, Ints, encode
from matcher.verifier.view import ANY, View


@dataclass(frozen=True)
class Pins:
    """The pinned pairs of a round, sorted by student, placement and period, each once.

    A demand is -1 where the placement has no seats in a period that the student asks for: such a pin cannot be kept.
    """

    view: View

    @cached_property
    def _pairs(self) -> tuple[Ints, Ints, Ints]:
        view = self.view
        pin = (view.column("pins", "kind") == "pin").to_numpy(dtype=bool)
        confirmed = view.flags("previous", "confirmed", value=True)
        student = np.concatenate([encode(view.column(t, "student_id")[rows], view.students) for t, rows in (("pins", pin), ("previous", confirmed))])
        placement = np.concatenate([encode(view.column(t, "placement_id")[rows], view.placements) for t, rows in (("pins", pin), ("previous", confirmed))])
        there = (student >= 0) & (placement >= 0)
        keys = np.unique(view.key(student[there], placement[there]))
        width = max(1, len(view.placements))
        student, placement = keys // width, keys % width
        asks = view.demands.period[view.demands.first[student]] != ANY
        spread = view.named_periods[placement] & (view.span[placement] & asks)[:, None]  # a span is pinned in each of its periods
        single = np.where(view.first_period[placement] == ANY, view.demands.period[view.demands.first[student]], view.first_period[placement])
        at, period = np.nonzero(spread)
        alone = np.flatnonzero(~spread.any(axis=1))
        at, period = np.concatenate([at, alone]), np.concatenate([period, single[alone]])
        order = np.lexsort((period, at))
        return student[at[order]], placement[at[order]], period[order]

    @property
    def student(self) -> Ints:
        """The student of each pinned pair."""
        return self._pairs[0]

    @property
    def placement(self) -> Ints:
        """The placement of each pinned pair."""
        return self._pairs[1]

    @property
    def period(self) -> Ints:
        """The period of each pin: the placement's own; else the first one the student asks for; else any."""
        return self._pairs[2]

    @cached_property
    def demand(self) -> Ints:
        """The demand that each pin fills."""
        return demand_of(self.view, self.student, self.period)

    @cached_property
    def fixes(self) -> Bools:
        """Which demands are fixed by a pin."""
        fixed = np.zeros(len(self.view.demands.student), dtype=bool)
        fixed[self.demand[self.demand >= 0]] = True
        return fixed

    def hold(self, demand: Ints, placement: Ints) -> Bools:
        """Which matched pairs are pinned."""
        return np.isin(self.view.key(demand, placement), self.view.key(self.demand, self.placement)[self.demand >= 0])


def demand_of(view: View, student: Ints, period: Ints) -> Ints:
    """The demand of each student that a period can meet, -1 where there is none (or no such student). O(n log demands)."""
    demands, width = view.demands, len(view.periods) + 1
    keys = demands.student * width + demands.period + 1  # sorted, as demands are; a demand for any period has the first key of its student
    if len(keys) == 0:
        return np.full(len(student), -1, dtype=np.int64)
    wanted = student * width + period + 1
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    exact = np.where(keys[at] == wanted, at, -1)
    first = demands.first[np.maximum(student, 0)]
    return np.where(student < 0, -1, np.where(demands.period[first] == ANY, first, exact))
