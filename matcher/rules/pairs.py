"""Pairs of a student and a placement as pairs of a demand and a seat, pins included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from matcher.rules.capacity import Demands, Seats
from matcher.rules.facts import Codes, spelled_out
from matcher.rules.wishes import Wishes

if TYPE_CHECKING:
    from matcher.rules.pins import Pins

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Eligible pairs, sorted by demand, then seat; rank 0 where there is none, `soft` what broken soft rules cost."""

    demand: Codes
    seat: Codes
    rank: Codes
    soft: Codes


def _one_each(seats: Seats, demands: Demands) -> bool:
    """Whether every (student, placement) stands for exactly one (demand, seat): a single period, and nobody asks for it by name."""
    return len(seats.periods) == 1 and len(demands.student) == len(demands.first) - 1 and bool((demands.period < 0).all())


def chances(seats: Seats, demands: Demands, s: Codes, p: Codes) -> Counts | None:
    """How many (demand, seat) pairs each (student, placement) stands for; None where each stands for one."""
    if _one_each(seats, demands):
        return None
    return np.bincount(expand(seats, demands, s, p)[0], minlength=len(s)).astype(np.int64)


def expand(seats: Seats, demands: Demands, s: Codes, p: Codes) -> tuple[Counts, Counts, Counts]:
    """All fitting (demand, seat) of each (student, placement): positions in s, demands, seats."""
    asks, offers = np.diff(demands.first)[s], np.diff(seats.first)[p]
    count = asks * offers
    at = np.repeat(np.arange(len(s)), count)
    turn = spelled_out(np.zeros_like(count), count)
    demand = demands.first[s][at] + turn // offers[at]
    seat = seats.first[p][at] + turn % offers[at]
    fits = seats.serves(demands.period[demand], seat)
    return at[fits], demand[fits], seat[fits]


def spread(seats: Seats, demands: Demands, s: Codes, p: Codes, rank: Codes, soft: Codes) -> Pairs:
    """Pairs of student and placement as pairs of demand and seat."""
    if _one_each(seats, demands):
        return Pairs(s, p, rank, soft)
    at, demand, seat = expand(seats, demands, s, p)
    order = np.lexsort((seat, demand))
    at = at[order]
    return Pairs(demand[order].astype(np.int32), seat[order].astype(np.int32), rank[at], soft[at])


def joined(blocks: list[Pairs]) -> Pairs:
    """Blocks come in order of students, so joining keeps the order."""
    if not blocks:
        none = np.empty(0, dtype=np.int32)
        return Pairs(none, none, none, none)
    return Pairs(*(np.concatenate([getattr(block, part) for block in blocks]) for part in ("demand", "seat", "rank", "soft")))


def with_pins(pairs: Pairs, pins: Pins, wishes: Wishes, seats: Seats, demands: Demands) -> Pairs:
    """Replace the pairs of pinned demands by those of their pinned placement, free of soft costs."""
    if not len(pins.demand):
        return pairs
    pinned = np.zeros(len(demands.student), dtype=np.bool_)
    pinned[pins.demand] = True
    keep = ~pinned[pairs.demand]
    rank = wishes.rank_of(demands.student[pins.demand], pins.placement)
    at, demand, seat = _seats_of_pins(seats, demands, pins)
    merged = Pairs(
        np.concatenate([pairs.demand[keep], demand]),
        np.concatenate([pairs.seat[keep], seat]),
        np.concatenate([pairs.rank[keep], rank[at]]),
        np.concatenate([pairs.soft[keep], np.zeros(len(at), dtype=np.int32)]),
    )
    order = np.lexsort((merged.seat, merged.demand))
    return Pairs(merged.demand[order], merged.seat[order], merged.rank[order], merged.soft[order])


def _seats_of_pins(seats: Seats, demands: Demands, pins: Pins) -> tuple[Counts, Codes, Codes]:
    """The seats of each pin's placement that fit the pinned demand."""
    offers = np.diff(seats.first)[pins.placement]
    at = np.repeat(np.arange(len(pins.demand)), offers)
    seat = spelled_out(seats.first[pins.placement], offers)
    demand = pins.demand[at]
    fits = seats.serves(demands.period[demand], seat)
    return at[fits], demand[fits].astype(np.int32), seat[fits].astype(np.int32)
