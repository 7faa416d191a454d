"""Why a better pair is not open: its seat is full, a shared bound that the student does not count in is reached, or the student is needed elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.problem import Answer, Problem, Row

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Blocked:
    """Which pairs are blocked, and how.

    Attributes
    ----------
    by_seat, by_row, needed
        bool, one per pair: the seat is full; else a row is at its maximum; else a seat or row that the student would leave is at its minimum.
    demand, row
        int32, sorted by demand, then row: the rows (by position) that stand in the way of a demand's wanted pairs at seats that are not full.
    used
        int64, one per row: how many matched pairs it counts.
    """

    by_seat: Flags
    by_row: Flags
    needed: Flags
    demand: Codes
    row: Codes
    used: npt.NDArray[np.int64]


def blocked(problem: Problem, answer: Answer, demand: Codes, wanted: Flags) -> Blocked:
    """Look at seats, then at the hard rows that are at a bound.

    `demand` is that of each pair, `wanted` the pairs that would be better for their demand. O(pairs + sum of the rows' pairs).
    """
    chosen = answer.pair_of_demand
    pairs = chosen[chosen >= 0]
    filled = np.bincount(problem.seat[pairs], minlength=problem.seats)
    own = np.full(problem.demands, -1, dtype=np.int32)
    own[chosen >= 0] = problem.seat[pairs]
    elsewhere = problem.seat != own[demand]
    by_seat = (filled >= problem.seat_upper)[problem.seat] & elsewhere
    needed = np.zeros(problem.pairs, dtype=np.bool_)
    at_minimum = (problem.seat_lower > 0) & (filled <= problem.seat_lower)
    if at_minimum.any():
        needed = (own[demand] >= 0) & at_minimum[own[demand]] & elsewhere
    by_row = np.zeros(problem.pairs, dtype=np.bool_)
    search = _Search(problem, chosen, demand)
    found: list[tuple[Codes, int]] = []
    used = np.zeros(len(problem.rows), dtype=np.int64)
    for number, row in enumerate(problem.rows):
        used[number], stopped, missed = search.of(row)
        by_row[stopped] = True
        needed[missed] = True
        both = np.concatenate([stopped, missed])
        who = np.unique(demand[both[wanted[both] & ~by_seat[both]]])
        found.append((who, number))
    who = np.concatenate([np.empty(0, dtype=np.int32), *(some for some, _ in found)])
    rows = np.repeat(np.arange(len(found), dtype=np.int32), [len(some) for some, _ in found])
    order = np.argsort(who, kind="stable")
    return Blocked(by_seat, by_row & ~by_seat, needed & ~by_seat, who[order], rows[order], used)


class _Search:
    """Finds, row by row, the pairs that a row at a bound stops; what it marks for one row it wipes for the next."""

    def __init__(self, problem: Problem, chosen: Codes, demand: Codes) -> None:
        self.problem, self.demand = problem, demand
        self.matched = np.zeros(problem.pairs if problem.rows else 0, dtype=np.bool_)
        self.inside = np.zeros_like(self.matched)
        self.mine = np.zeros(problem.demands, dtype=np.bool_)
        if problem.rows:
            self.matched[chosen[chosen >= 0]] = True

    def of(self, row: Row) -> tuple[int, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """How many matched pairs the row counts, the pairs it would count too many, and those for which it would count too few."""
        none = np.empty(0, dtype=np.int64)
        held = row.pairs[self.matched[row.pairs]]
        count = len(held)
        full, least = count >= row.upper, row.lower > 0 and count <= row.lower
        if row.weight is not None or not (full or least):
            return count, none, none
        members = np.unique(self.demand[held])
        self.mine[members] = True
        stopped = row.pairs[~self.mine[self.demand[row.pairs]]].astype(np.int64) if full else none
        missed = none
        if least:
            size = np.diff(self.problem.first_pair)[members]
            first = np.repeat(self.problem.first_pair[members] - (np.cumsum(size) - size), size)
            theirs = np.arange(len(first)) + first
            self.inside[row.pairs] = True
            missed = theirs[~self.inside[theirs]]
            self.inside[row.pairs] = False
        self.mine[members] = False
        return count, stopped, missed
