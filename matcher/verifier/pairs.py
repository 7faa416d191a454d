"""The eligible pairs of a round, block by block, so that memory stays bounded however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matcher.verifier.codes import Bools, Ints, spans
from matcher.verifier.eligibility import Eligibility
from matcher.verifier.pins import Pins
from matcher.verifier.travel import Travel
from matcher.verifier.view import ANY, View
from matcher.verifier.wishes import Wishes

BLOCK = 1 << 19
"""The pairs of a block, counted before the rules remove any: each costs about 150 bytes while the block is at work."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of demands and seats, sorted by demand, with the rank of each (0: none)."""

    demand: Ints
    seat: Ints
    student: Ints
    placement: Ints
    rank: Ints

    def of_demands(self) -> tuple[Ints, Ints]:
        """The demands that have a pair, and where the pairs of each begin."""
        begin = np.flatnonzero(np.diff(self.demand, prepend=-1))
        return self.demand[begin], begin


@dataclass(frozen=True, slots=True, eq=False)
class Rulebook:
    """Everything that decides about pairs, over one view of a round."""

    view: View
    wishes: Wishes
    travel: Travel
    eligibility: Eligibility
    pins: Pins

    @classmethod
    def of(cls, view: View) -> Rulebook:
        """The rules over a view."""
        travel = Travel(view)
        return cls(view, Wishes(view), travel, Eligibility(view, travel), Pins(view))


def blocks(book: Rulebook, students: Ints | None = None, size: int = BLOCK) -> Iterator[Pairs]:
    """The eligible pairs of the demands that are not pinned, for the given students (sorted codes) or for all.

    Every demand's pairs lie in one block. O(p log p) time for p covered placements, O(size) memory unless one student alone has more.
    """
    view = book.view
    chosen = np.arange(len(view.students), dtype=np.int64) if students is None else students
    ends = np.cumsum(book.wishes.sizes()[chosen] * len(view.periods))
    begin = 0
    while begin < len(chosen):
        done = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + size, side="right")))
        student, placement, rank = book.wishes.candidates(chosen[begin:end])
        keep = book.eligibility.keeps_all(student, placement)
        yield _with_seats(book, student[keep], placement[keep], rank[keep])
        begin = end


def pinned_pairs(book: Rulebook) -> Pairs:
    """The pairs of the pinned demands: those of the pinned placement, in the period of the pin or in any."""
    pins, number = book.pins, book.view.seats.number
    kept = np.flatnonzero(pins.demand >= 0)
    kept = kept[np.argsort(pins.demand[kept], kind="stable")]
    period = pins.period[kept, None]
    open_ = (number[pins.placement[kept]] >= 0) & ((period == ANY) | (period == np.arange(number.shape[1])))
    at, when = np.nonzero(open_)
    pin = kept[at]
    student, placement = pins.student[pin], pins.placement[pin]
    return Pairs(pins.demand[pin], number[placement, when], student, placement, book.wishes.judge(student, placement).rank)


def all_pairs(book: Rulebook) -> Iterator[tuple[Pairs, bool]]:
    """All eligible pairs, block by block, and whether those of the block are pinned."""
    yield pinned_pairs(book), True
    for pairs in blocks(book):
        yield pairs, False


def ranks_in(pairs: Pairs) -> list[int]:
    """The ranks that some pairs have."""
    ranks: list[int] = np.flatnonzero(np.bincount(pairs.rank)).tolist()
    return [rank for rank in ranks if rank > 0]


def ranks_of(book: Rulebook) -> frozenset[int]:
    """The ranks that the pairs of the round have. O(pairs)."""
    return frozenset(rank for pairs, _ in all_pairs(book) for rank in ranks_in(pairs))


def _later(view: View, demand: Ints, placement: Ints, period: Ints) -> Bools:
    """Which pairs would put a student without periods at a span after its first period: there is no such pair."""
    later: Bools = view.span[placement] & (view.demands.period[demand] == ANY) & (period != view.first_period[placement])
    return later


def _with_seats(book: Rulebook, student: Ints, placement: Ints, rank: Ints) -> Pairs:
    """Unfold pairs of student and placement into pairs of demand and seat, without the pinned demands."""
    view, demands, seats = book.view, book.view.demands, book.view.seats
    if len(demands.student) == len(view.students) and len(view.periods) == 1:
        demand, seat = student, seats.number[placement, 0]
    else:
        demand, owner = spans(demands.first, student)
        width = np.where(demands.period[demand] == ANY, len(view.periods), 1)
        at = np.repeat(np.arange(len(demand), dtype=np.int64), width)
        within = np.arange(len(at), dtype=np.int64) - (np.cumsum(width) - width)[at]
        demand, owner = demand[at], owner[at]
        period = np.where(demands.period[demand] == ANY, within, demands.period[demand])
        order = np.lexsort((owner, demand))
        demand, owner, period = demand[order], owner[order], period[order]
        student, placement, rank = student[owner], placement[owner], rank[owner]
        seat = seats.number[placement, period]
        seat = np.where(_later(view, demand, placement, period), -1, seat)
    keep = (seat >= 0) & ~book.pins.fixes[demand]
    if not keep.all():
        demand, seat, student, placement, rank = demand[keep], seat[keep], student[keep], placement[keep], rank[keep]
    return Pairs(demand, seat, student, placement, rank)
