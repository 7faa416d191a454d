"""Why a better pair is not open: an exact look at what the move of one demand, by itself, does to every bound.

A demand that leaves its own pair for another changes the count of a seat by one, and that of a group of rows by the difference of its signs. The move is
possible when no hard bound is left by it. Nothing is said about moves of several demands at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

import numpy as np
import numpy.typing as npt

from matcher.explain.bounds import Bounds, Codes, Flags, Sizes, bounds_of
from matcher.problem import Answer, Problem

NEAR = 2
"""A demand that leaves one pair and takes another changes a count by no more than this."""


class By(IntFlag):
    """What stands in the way of a pair."""

    SEAT = 1
    """Its seat is full."""
    BOUND = 2
    """A row that counts pairs (pool, quota, the student's own path) would count too many."""
    CLOSED = 4
    """Nobody is at its seat, which opens only for more than one."""
    APART = 8
    """Another member of a team that is kept apart is there."""
    TEAM = 16
    """The other members of a team that goes together are not."""
    SPAN = 32
    """The place spans several periods, and the student would be there in some of them only."""
    NEEDED = 64
    """What the student would leave is at its minimum, or is held together with others or in other periods."""
    NOTHING = 128
    """The move is possible."""


def _decisive(by: int) -> By:
    """Of all that stands in the way of a pair what settles it: a full seat, whatever else; a bound before what depends on others."""
    if not by:
        return By.NOTHING
    if by & By.SEAT:
        return By.SEAT
    return By(by) & (By.BOUND | By.NEEDED) if by & By.BOUND else By(by)


DECISIVE = np.array([_decisive(by) for by in range(By.NOTHING)], dtype=np.uint8)
"""What is decisive for each sum of `By`."""


@dataclass(frozen=True, eq=False)
class Blocked:
    """Which pairs are blocked, and how.

    Attributes
    ----------
    by
        uint8, one per pair: the sum of its `By`, 0 where the move is possible.
    demand, row
        int32, int64, sorted by demand, then row: what stands in the way of a demand's wanted pairs at seats that are not full. Rows are numbered as in
        `matcher.problem.Certificate`; a seat is one that would not open, or would be left below its minimum.
    count
        int64: the count of each row in `row`.
    """

    by: npt.NDArray[np.uint8]
    demand: Codes
    row: Sizes
    count: Sizes

    def ways(self, wanted: Flags, first_pair: Sizes) -> npt.NDArray[np.uint8]:
        """Per demand the sum of what is decisive for its wanted pairs; 0 where it wants none."""
        decisive = np.where(wanted, DECISIVE[self.by], np.uint8(0))
        some = np.flatnonzero(np.diff(first_pair) > 0)
        found = np.zeros(len(first_pair) - 1, dtype=np.uint8)
        if len(some):
            found[some] = np.bitwise_or.reduceat(decisive, first_pair[some])
        return found

    @property
    def open(self) -> Flags:
        """The pairs that their demands could move to."""
        free: Flags = self.by == 0
        return free


def blocked(problem: Problem, answer: Answer, demand: Codes, wanted: Flags) -> Blocked:
    """Look at the seats, then at every hard row.

    `demand` is that of each pair, `wanted` the pairs that would be better for their demand. O(pairs + entries), and log entries for each pair of the demands
    that hold something at its minimum.
    """
    chosen = answer.pair_of_demand
    found = _Found(problem, demand, wanted)
    _seats(problem, chosen, found)
    for bounds in bounds_of(problem, chosen):
        if bounds.weight is None:
            _rows(problem, chosen, bounds, found)
    return found.done()


class _Found:
    """What was found so far. A pair at a full seat is blocked, whatever else; only of the others the rows are named."""

    def __init__(self, problem: Problem, demand: Codes, wanted: Flags) -> None:
        self.by = np.zeros(problem.pairs, dtype=np.uint8)
        self.demand, self.wanted, self.demands = demand, wanted, max(1, problem.demands)
        self.key: list[Sizes] = [np.empty(0, dtype=np.int64)]
        self.count: list[Sizes] = [np.empty(0, dtype=np.int64)]

    def add(self, way: By, pair: Codes | Sizes, row: Sizes, count: Sizes) -> None:
        """Pairs that are blocked, the row that blocks each, and its count."""
        self.by[pair] |= np.uint8(way)
        told = self.wanted[pair] & (self.by[pair] & np.uint8(By.SEAT) == 0)
        key, at = np.unique(row[told] * self.demands + self.demand[pair[told]], return_index=True)
        self.key.append(key)
        self.count.append(count[told][at])

    def done(self) -> Blocked:
        """By demand, then row, each once."""
        key, at = np.unique(np.concatenate(self.key), return_index=True)
        row, demand = np.divmod(key, self.demands)
        order = np.argsort(demand, kind="stable")
        return Blocked(self.by, demand[order].astype(np.int32), row[order], np.concatenate(self.count)[at][order])


def _seats(problem: Problem, chosen: Codes, found: _Found) -> None:
    """Seats that are full, that one alone does not open, or that the demand's leaving would take below their minimum."""
    filled = np.bincount(problem.seat[chosen[chosen >= 0]], minlength=problem.seats)
    own = np.full(problem.demands, -1, dtype=np.int32)
    own[chosen >= 0] = problem.seat[chosen[chosen >= 0]]
    elsewhere = problem.seat != own[found.demand]
    found.by[(filled >= problem.seat_upper)[problem.seat] & elsewhere] = By.SEAT
    closed = filled + 1 < problem.open_or_closed
    if closed.any():
        pair = np.flatnonzero(closed[problem.seat] & elsewhere)
        found.add(By.CLOSED, pair, problem.seat[pair].astype(np.int64), filled[problem.seat[pair]])
    left = filled - 1
    needed = (left < problem.seat_lower) | ((left > 0) & (left < problem.open_or_closed))
    if needed.any():
        pair = np.flatnonzero((own >= 0)[found.demand] & needed[own][found.demand] & elsewhere)
        seat = own[found.demand[pair]].astype(np.int64)
        found.add(By.NEEDED, pair, seat, filled[seat])


def _rows(problem: Problem, chosen: Codes, bounds: Bounds, found: _Found) -> None:
    """The pairs that a group would count too many or too few with, and those that its demand cannot leave it for."""
    near = (bounds.count + NEAR > bounds.upper) | (bounds.count - NEAR < bounds.lower)
    entry = np.flatnonzero(near[bounds.group])
    if not len(entry):
        return
    pair, group, sign = bounds.pairs[entry], bounds.group[entry], bounds.sign[entry]
    owner = found.demand[pair]
    mine = chosen[owner] == pair
    # Entries are sorted by group, then pair, and so by group, then demand: a run holds what one demand has in one group, at most one of them matched.
    run = np.cumsum((np.diff(group, prepend=-1) != 0) | (np.diff(owner, prepend=-1) != 0)) - 1
    held = np.zeros(int(run[-1]) + 1, dtype=np.int8)
    held[run[mine]] = sign[mine]
    wrong = ~bounds.within(bounds.count[group] + (sign - held[run]), group)
    found.add(_way(bounds), pair[wrong], bounds.first + group[wrong].astype(np.int64), bounds.count[group[wrong]])
    left = mine & ~bounds.within(bounds.count[group] - sign, group)
    if left.any():
        goal, stay = _ways_out(problem, group.astype(np.int64) * problem.pairs + pair, owner[left], group[left].astype(np.int64))
        found.add(By.NEEDED, goal, bounds.first + stay, bounds.count[stay])


def _way(bounds: Bounds) -> By:
    """What it means that a group of these would count too many. A team that goes together has groups of which nothing may be left over."""
    if bounds.kind == "team":
        return By.TEAM if (bounds.lower == bounds.upper).all() else By.APART
    return By.SPAN if bounds.kind == "span" else By.BOUND


def _ways_out(problem: Problem, inside: Sizes, owner: Codes, group: Sizes) -> tuple[Sizes, Sizes]:
    """All pairs of each demand that are outside its group, with the group. `inside` are the sorted keys group * pairs + pair of what is inside."""
    size = np.diff(problem.first_pair)[owner]
    at = np.repeat(np.arange(len(owner)), size)
    pair = np.arange(len(at)) + np.repeat(problem.first_pair[owner] - (np.cumsum(size) - size), size)
    key = group[at] * problem.pairs + pair
    found = np.minimum(np.searchsorted(inside, key), len(inside) - 1)
    outside = inside[found] != key
    return pair[outside], group[at[outside]]
