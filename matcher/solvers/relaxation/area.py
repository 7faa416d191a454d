"""Neighbourhoods: demands near given places, by the reduced costs on the way, with all that rules tie to them."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.solvers.relaxation.model import Codes, Flags, Model, Sizes
from matcher.solvers.relaxation.program import Floats

JITTER = 0.3
"""Distances vary at random by so much, so that no two neighbourhoods are the same."""


@dataclass(frozen=True, eq=False)
class Area:
    """Where neighbourhoods grow.

    Attributes
    ----------
    model
        The rows.
    reduced
        float, P: the length of a step over a pair.
    near
        int64, sorted: the pairs that steps may take.
    """

    model: Model
    reduced: Floats
    near: Sizes

    def around(self, seeds: Sizes, chosen: Codes, taken: Flags, size: int, random: np.random.Generator) -> Sizes:
        """Demands with some `size` near pairs around places (demands, then rows), none of the taken ones; distances as in Dijkstra (1959).

        From a demand one steps over its near pairs to the demands that hold the same seats, and to those that are tied to it. O(size x pairs of a seat).
        """
        return _Growth(self, chosen, taken, random).grown(seeds, size)

    @cached_property
    def first(self) -> Sizes:
        """The near pairs of demand d are first[d] to first[d + 1]."""
        return np.searchsorted(self.model.demand[self.near], np.arange(self.model.problem.demands + 1))

    @cached_property
    def is_near(self) -> Flags:
        """bool, P."""
        flags = np.zeros(self.model.problem.pairs, dtype=np.bool_)
        flags[self.near] = True
        return flags

    @cached_property
    def by_seat(self) -> tuple[Sizes, Sizes]:
        """The near pairs sorted by seat, and where those of each begin."""
        seat = self.model.problem.seat[self.near]
        order = np.argsort(seat, kind="stable")
        return self.near[order], np.searchsorted(seat[order], np.arange(self.model.problem.seats + 1))

    @cached_property
    def tied(self) -> tuple[Sizes, Sizes, Sizes]:
        """The cluster of each demand, the demands sorted by cluster, and where each begins."""
        root = clusters(self.model)
        order = np.argsort(root, kind="stable")
        return root, order, np.searchsorted(root[order], np.arange(self.model.problem.demands + 1))


class _Growth:
    """One neighbourhood on its way."""

    def __init__(self, area: Area, chosen: Codes, taken: Flags, random: np.random.Generator) -> None:
        self.area, self.random, self.taken = area, random, taken
        problem = area.model.problem
        placed = np.flatnonzero(chosen >= 0)
        seat = problem.seat[chosen[placed]]
        order = np.argsort(seat, kind="stable")
        self.holder, self.holder_first = placed[order], np.searchsorted(seat[order], np.arange(problem.seats + 1))
        self.inside = taken.copy()
        self.seen = np.zeros(problem.seats, dtype=np.bool_)
        self.waiting: list[tuple[float, int]] = []

    def grown(self, seeds: Sizes, size: int) -> Sizes:
        """Take the nearest demand, and all that is tied to it, until there are enough."""
        area, problem = self.area, self.area.model.problem
        for place in seeds.tolist():
            self._plant(place, size)
        root, members, first = area.tied
        found = 0
        while found < size:
            if not self.waiting:
                rest = np.flatnonzero(~self.inside)
                if not len(rest):
                    break
                self._reach(int(self.random.choice(rest)), 0.0)
            distance, demand = heapq.heappop(self.waiting)
            if self.inside[demand]:
                continue
            for own in members[first[root[demand]] : first[root[demand] + 1]].tolist():
                self.inside[own] = True
                found += int(area.first[own + 1] - area.first[own])
                for pair in area.near[area.first[own] : area.first[own + 1]].tolist():
                    self._enter(int(problem.seat[pair]), distance + max(0.0, float(area.reduced[pair])))
        return np.flatnonzero(self.inside & ~self.taken)

    def _plant(self, place: int, size: int) -> None:
        """Start at a demand, at a seat (who holds it, and who would like to), or at another row (who has a near pair in it)."""
        area, model = self.area, self.area.model
        demands, seats = model.problem.demands, model.problem.seats
        if place < demands:
            self._reach(place, 0.0)
            return
        row = place - demands
        if row < seats:
            self._enter(row, 0.0)
            near, begin = area.by_seat
            pairs = near[begin[row] : begin[row + 1]]
        else:
            own = model.pair[model.first[row] : model.first[row + 1]]
            pairs = self.random.permutation(own[area.is_near[own]])[:size]
        for pair in self._untaken(pairs):
            self._reach(int(model.demand[pair]), float(area.reduced[pair]))

    def _untaken(self, pairs: Sizes) -> Iterator[int]:
        return (pair for pair in pairs.tolist() if not self.inside[self.area.model.demand[pair]])

    def _reach(self, demand: int, distance: float) -> None:
        heapq.heappush(self.waiting, (distance + JITTER * self.random.random(), demand))

    def _enter(self, seat: int, distance: float) -> None:
        """Reach those who hold the seat and could go elsewhere."""
        if self.seen[seat]:
            return
        self.seen[seat] = True
        for demand in self.holder[self.holder_first[seat] : self.holder_first[seat + 1]].tolist():
            if not self.inside[demand] and self.area.first[demand + 1] - self.area.first[demand] > 1:
                self._reach(demand, distance)


def clusters(model: Model) -> Sizes:
    """int64, D: the smallest demand that each is tied to by families of rows. O(entries x depth)."""
    root = np.arange(model.problem.demands, dtype=np.int64)
    start = model.problem.seats + len(model.problem.rows)
    begin = model.first[start]
    if begin == len(model.pair):
        return root
    owner = model.demand[model.pair[begin:]]
    group = model.row[begin:] - start
    while True:
        least = np.full(model.rows - start, model.problem.demands, dtype=np.int64)
        np.minimum.at(least, group, root[owner])
        new = root.copy()
        np.minimum.at(new, owner, least[group])
        new = new[new]
        if (new == root).all():
            return root
        root = new
