"""The Problem: a round as dense whole-number arrays, and the Codebook that leads back to its ids.

A Problem has D demands, P eligible pairs, S seats and K tiers. It knows no ids, so a child process can solve it without reading tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

RowKind = Literal["pool", "quota"]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A bound on the number of matched pairs in a set of pairs, beyond the seats.

    Attributes
    ----------
    kind, code
        `pool` or `quota`, and its number in the codebook.
    pairs
        int32, sorted: the pairs that count.
    lower, upper
        The hard bounds. For a soft row they are where the penalty begins.
    weight
        What each pair below `lower` or above `upper` costs in the tier `soft`; None for a hard row.
    """

    kind: RowKind
    code: int
    pairs: np.ndarray
    lower: int
    upper: int
    weight: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Team:
    """Demands that go together (or apart), and the key that must agree: int32 code per pair of the problem."""

    kind: str
    code: int
    demands: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A round in whole numbers (docs/rules.md gives the meaning, docs/proof.md the value).

    Attributes
    ----------
    tiers
        K names, most important first.
    first_pair
        int64, D+1: the pairs of demand d are first_pair[d] to first_pair[d+1].
    seat
        int32, P: the seat (placement in a period) each pair uses.
    cost
        int32, K x P: what the pair adds to each tier, to be made small (a tier where larger is better counts negatively).
    constant
        int64, K: what every matching pays.
    seat_lower, seat_upper
        int64, S: usable capacity, and the minimum of a seat that must open.
    open_or_closed
        int64, S: at least so many or nobody; 0 where there is no such rule.
    must
        bool, D: pinned demands; all their pairs are at the pinned placement, and they cannot stay unmatched.
    rows, teams
        Everything else that bounds the matching.
    """

    tiers: tuple[str, ...]
    first_pair: np.ndarray
    seat: np.ndarray
    cost: np.ndarray
    constant: np.ndarray
    seat_lower: np.ndarray
    seat_upper: np.ndarray
    open_or_closed: np.ndarray
    must: np.ndarray
    rows: tuple[Row, ...] = ()
    teams: tuple[Team, ...] = ()

    @property
    def demands(self) -> int:
        """D, the number of demands."""
        return len(self.first_pair) - 1

    @property
    def pairs(self) -> int:
        """P, the number of eligible pairs."""
        return len(self.seat)

    @property
    def seats(self) -> int:
        """S, the number of seats (placement in a period)."""
        return len(self.seat_upper)

    def demand_of_pair(self) -> np.ndarray:
        """int32, P: the demand of each pair."""
        return np.repeat(np.arange(self.demands, dtype=np.int32), np.diff(self.first_pair))


@dataclass(frozen=True, slots=True, eq=False)
class Codebook:
    """The way back from codes to ids. All arrays of ids are sorted, so that the order of rows in the files does not matter.

    Attributes
    ----------
    students, placements, periods, pools, quotas
        Ids by code (object arrays of text; `periods` is `[""]` where the round names none).
    demand_student, demand_period
        int32, D: the student, and the period asked for (-1: any).
    seat_placement, seat_period
        int32, S.
    pair_rank
        int32, P: the rank of each pair (0: none).
    """

    students: np.ndarray
    placements: np.ndarray
    periods: np.ndarray
    pools: np.ndarray
    quotas: np.ndarray
    demand_student: np.ndarray
    demand_period: np.ndarray
    seat_placement: np.ndarray
    seat_period: np.ndarray
    pair_rank: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What an engine says of a Problem.

    Attributes
    ----------
    outcome, reason
        As in `matcher.result`, as texts.
    pair_of_demand
        int32, D: the chosen pair, or -1.
    tiers
        The tiers the prices are over (`("infeasible",)` for an infeasible problem).
    seat_prices, row_prices
        int64, S x K and len(rows) x K: the proof (docs/proof.md), over `denominator`.
    engine
        Name and version.
    seconds
        `start` (loading and building) and `solve` (the engine's own time).
    """

    outcome: str
    reason: str
    pair_of_demand: np.ndarray
    tiers: tuple[str, ...]
    seat_prices: np.ndarray
    row_prices: np.ndarray
    engine: str
    seconds: dict[str, float]
    denominator: int = 1
