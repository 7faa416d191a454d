"""The Problem: a round as dense whole-number arrays, and the Codebook that leads back to its ids.

A Problem has D demands, P eligible pairs, S seats and K tiers. It knows no ids, so a child process can solve it without reading tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

RowKind = Literal["pool", "quota", "reserve", "moves"]
FamilyKind = Literal["quota", "path", "overlap", "span", "team"]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A bound on the number of matched pairs in a set of pairs, beyond the seats.

    Attributes
    ----------
    kind, code
        What it is, and its number in the codebook (0 for `moves`).
    pairs
        int32, sorted: the pairs that count.
    lower, upper
        The hard bounds. For a soft row they are where the penalty begins.
    weight
        What each pair below `lower` or above `upper` costs; None for a hard row.
    tier
        The tier in which a soft row costs, as a position in the problem's tiers; -1 where the policy does not have it.
    part
        The group of a repeated quota, or the level of a reserve, as docs/proof.md names it.
    """

    kind: RowKind
    code: int
    pairs: np.ndarray
    lower: int
    upper: int
    weight: int | None = None
    tier: int = -1
    part: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Many rows of one origin, one for each group: a bound that every student, or every team and place, keeps by itself.

    Attributes
    ----------
    kind, code
        As docs/proof.md names it; the number of its quota in the codebook (0 for others).
    pairs, group, sign
        int32, int32, int8, one per entry, sorted by group, then pair: a matched pair adds `sign` (1 or -1) to the count of its group, and may be in several.
    lower, upper
        int64, one per group: the hard bounds, or where the penalty begins.
    weight, tier
        As for a `Row`, the same for all groups.
    """

    kind: FamilyKind
    code: int
    pairs: np.ndarray
    group: np.ndarray
    sign: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    weight: int | None = None
    tier: int = -1

    @property
    def groups(self) -> int:
        """The number of rows."""
        return len(self.lower)


@dataclass(frozen=True, slots=True, eq=False)
class Team:
    """Demands that go together (or apart): what the rows of the family `team` are about, for the reasons."""

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
    rows, families
        Everything else that bounds the matching.
    teams
        Whom the rows of teams are about.
    fill_tier, fill_weight
        The tier in which the j-th pair of a seat of capacity c costs fill_weight x floor(100 j / c); -1: in none.
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
    families: tuple[Family, ...] = ()
    fill_tier: int = -1
    fill_weight: int = 1

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
class GroupNames:
    """The names of a family's rows (docs/proof.md, "Names of rows"), as codes: there may be millions, and few are ever asked for.

    Attributes
    ----------
    kind
        That of the family.
    words
        Object arrays of text: of the id, then of each piece of the part.
    codes
        int32, len(words) x groups: positions in them.
    """

    kind: str
    words: tuple[np.ndarray, ...]
    codes: np.ndarray

    def name(self, group: int) -> tuple[str, str, str]:
        """Kind, id and part of a row."""
        key, *pieces = (str(words[code]) for words, code in zip(self.words, self.codes[:, group], strict=True))
        return self.kind, key, "|".join(pieces)


@dataclass(frozen=True, slots=True, eq=False)
class Codebook:
    """The way back from codes to ids. Those of pools and quotas stand as in their tables, all others are sorted.

    Attributes
    ----------
    students, placements, periods, pools, quotas, reserves, teams
        Ids by code (object arrays of text; `periods` is `[""]` where the round names none).
    demand_student, demand_period
        int32, D: the student, and the period asked for (-1: any).
    seat_placement, seat_period
        int32, S.
    pair_rank
        int32, P: the rank of each pair (0: none).
    family_names
        The names of the rows of each family of the problem.
    """

    students: np.ndarray
    placements: np.ndarray
    periods: np.ndarray
    pools: np.ndarray
    quotas: np.ndarray
    reserves: np.ndarray
    teams: np.ndarray
    demand_student: np.ndarray
    demand_period: np.ndarray
    seat_placement: np.ndarray
    seat_period: np.ndarray
    pair_rank: np.ndarray
    family_names: tuple[GroupNames, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """A proof by cases (docs/proof.md) over row numbers: the seats, then the rows, then the groups of each family, then the pairs.

    Attributes
    ----------
    node_tier, node_row, node_value
        int64, N: the trees in preorder; row -1 for a leaf.
    denominator, multipliers
        int64, L and L x K.
    price_leaf, price_row, price
        int64: the prices that are not zero.
    """

    node_tier: np.ndarray
    node_row: np.ndarray
    node_value: np.ndarray
    denominator: np.ndarray
    multipliers: np.ndarray
    price_leaf: np.ndarray
    price_row: np.ndarray
    price: np.ndarray


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
    certificate
        The proof by cases, where there is one: then the prices are not used.
    bounds
        With a certificate, the bound of each tier as a cost; None where there is none.
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
    certificate: Certificate | None = None
    bounds: tuple[int | None, ...] = ()
