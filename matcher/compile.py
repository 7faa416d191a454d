"""Round -> Problem and Codebook: the one encoder (docs/rules.md gives the meaning of every step)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import Unsupported
from matcher.problem import Codebook, Problem, Row, Team
from matcher.progress import Cancel, Cancelled, OnProgress, Progress, silent
from matcher.result import RuleCount
from matcher.round import Round
from matcher.rules import filters
from matcher.rules.capacity import Demands, Seats, demands_of, periods_of, seats_of
from matcher.rules.eligibility import Eligibility
from matcher.rules.facts import Codes, Facts, encode
from matcher.rules.pins import Pins, pins_of
from matcher.rules.travel import travel_of
from matcher.rules.wishes import Wishes, wishes_of
from matcher.settings import MECHANISMS, RANK_MEASURES, TIERS, Settings

NO_BOUND = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Compiled:
    """Everything the stages after this need: the problem, the way back, and what the rules did.

    Attributes
    ----------
    facts, seats, demands, eligibility, wishes, pins
        The encoded round, for explanations.
    rule_counts, candidate_pairs
        docs/rules.md section 3, "Counts".
    """

    problem: Problem
    codebook: Codebook
    facts: Facts
    seats: Seats
    demands: Demands
    eligibility: Eligibility
    wishes: Wishes
    pins: Pins
    rule_counts: tuple[RuleCount, ...]
    candidate_pairs: int


@dataclass(frozen=True)
class _Pairs:
    """Eligible pairs under construction, sorted by demand, then seat."""

    demand: Codes
    seat: Codes
    rank: Codes
    soft: Codes


def compile_round(round_: Round, *, on_progress: OnProgress = silent, cancel: Cancel | None = None) -> Compiled:
    """Encode a round.

    Time grows with the candidate pairs (wishes with their sectors and regions spelled out); memory holds the eligible pairs and one block.

    Raises
    ------
    InputError
        A pin breaks a hard rule or the capacity; a quota's filter names an unknown column.
    Unsupported
        The settings ask for something that no engine carries yet.
    Cancelled
        `cancel` said so.
    """
    _refuse_unsupported(round_.settings)
    facts = Facts.of(round_)
    periods = periods_of(facts)
    seats, demands = seats_of(facts, periods), demands_of(facts, periods)
    wishes, eligibility = wishes_of(facts), Eligibility.of(facts)
    pins = pins_of(facts, seats, demands, eligibility)
    tally = eligibility.tally()
    blocks: list[_Pairs] = []
    candidates = 0
    n = len(facts.students)
    for block in wishes.blocks(n):
        if cancel is not None and cancel.is_set():
            raise Cancelled
        weight = _chances(seats, demands, block.s, block.p)
        candidates += len(block.s) if weight is None else int(weight.sum())
        judged = eligibility.judge(block.s, block.p, weight, tally)
        keep = judged.eligible
        blocks.append(_spread(seats, demands, block.s[keep], block.p[keep], block.rank[keep], judged.soft[keep]))
        on_progress(Progress("compile", 0.9 * (int(block.s[-1]) + 1 if len(block.s) else n) / max(1, n)))
    pairs = _with_pins(_joined(blocks), pins, wishes, seats, demands)
    problem = _problem(facts, seats, demands, pins, pairs)
    codebook = Codebook(
        facts.students["student_id"].to_numpy(dtype=object),
        facts.placements["placement_id"].to_numpy(dtype=object),
        periods.to_numpy(dtype=object),
        facts.round.table("pools")["pool_id"].to_numpy(dtype=object),
        facts.round.table("quotas")["quota_id"].to_numpy(dtype=object),
        demands.student,
        demands.period,
        seats.placement,
        seats.period,
        pairs.rank,
    )
    on_progress(Progress("compile", 1.0))
    return Compiled(problem, codebook, facts, seats, demands, eligibility, wishes, pins, eligibility.counts(tally), candidates)


def _refuse_unsupported(settings: Settings) -> None:
    """Say at once what no engine here carries yet; nothing is silently ignored."""
    if settings.mechanism not in MECHANISMS:
        raise Unsupported("unsupported.mechanism", name=settings.mechanism, known=", ".join(MECHANISMS))
    if settings.rank_measure not in RANK_MEASURES:
        raise Unsupported("unsupported.rank_measure", name=settings.rank_measure, known=", ".join(RANK_MEASURES))
    for tier in settings.tiers:
        if tier not in TIERS:
            raise Unsupported("unsupported.tier", name=tier, known=", ".join(TIERS))


def _chances(seats: Seats, demands: Demands, s: Codes, p: Codes) -> npt.NDArray[np.int64] | None:
    """How many (demand, seat) pairs each (student, placement) stands for; None where each stands for one."""
    if len(seats.periods) == 1 and len(demands.student) == len(demands.first) - 1 and (demands.period < 0).all():
        return None
    return np.bincount(_expand(seats, demands, s, p)[0], minlength=len(s)).astype(np.int64)


def _expand(seats: Seats, demands: Demands, s: Codes, p: Codes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """All fitting (demand, seat) of each (student, placement): positions in s, demands, seats."""
    asks, offers = np.diff(demands.first)[s], np.diff(seats.first)[p]
    count = asks * offers
    at = np.repeat(np.arange(len(s)), count)
    turn = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    demand = demands.first[s][at] + turn // offers[at]
    seat = seats.first[p][at] + turn % offers[at]
    fits = (demands.period[demand] < 0) | (demands.period[demand] == seats.period[seat])
    return at[fits], demand[fits], seat[fits]


def _spread(seats: Seats, demands: Demands, s: Codes, p: Codes, rank: Codes, soft: Codes) -> _Pairs:
    """Pairs of student and placement as pairs of demand and seat."""
    if _chances(seats, demands, s[:0], p[:0]) is None:
        return _Pairs(s, p, rank, soft)
    at, demand, seat = _expand(seats, demands, s, p)
    order = np.lexsort((seat, demand))
    at = at[order]
    return _Pairs(demand[order].astype(np.int32), seat[order].astype(np.int32), rank[at], soft[at])


def _joined(blocks: list[_Pairs]) -> _Pairs:
    """Blocks come in order of students, so joining keeps the order."""
    if not blocks:
        none = np.empty(0, dtype=np.int32)
        return _Pairs(none, none, none, none)
    return _Pairs(*(np.concatenate([getattr(block, part) for block in blocks]) for part in ("demand", "seat", "rank", "soft")))


def _with_pins(pairs: _Pairs, pins: Pins, wishes: Wishes, seats: Seats, demands: Demands) -> _Pairs:
    """Replace the pairs of pinned demands by those of their pinned placement, free of soft costs."""
    if not len(pins.demand):
        return pairs
    pinned = np.zeros(len(demands.student), dtype=np.bool_)
    pinned[pins.demand] = True
    keep = ~pinned[pairs.demand]
    rank = wishes.rank_of(demands.student[pins.demand], pins.placement)
    at, demand, seat = _expand_demands(seats, demands, pins)
    merged = _Pairs(
        np.concatenate([pairs.demand[keep], demand]),
        np.concatenate([pairs.seat[keep], seat]),
        np.concatenate([pairs.rank[keep], rank[at]]),
        np.concatenate([pairs.soft[keep], np.zeros(len(at), dtype=np.int32)]),
    )
    order = np.lexsort((merged.seat, merged.demand))
    return _Pairs(merged.demand[order], merged.seat[order], merged.rank[order], merged.soft[order])


def _expand_demands(seats: Seats, demands: Demands, pins: Pins) -> tuple[npt.NDArray[np.int64], Codes, Codes]:
    """The seats of each pin's placement that fit the pinned demand."""
    offers = np.diff(seats.first)[pins.placement]
    at = np.repeat(np.arange(len(pins.demand)), offers)
    seat = seats.first[pins.placement][at] + np.arange(len(at)) - np.repeat(np.cumsum(offers) - offers, offers)
    demand = pins.demand[at]
    fits = (demands.period[demand] < 0) | (demands.period[demand] == seats.period[seat])
    return at[fits], demand[fits].astype(np.int32), seat[fits].astype(np.int32)


def _problem(facts: Facts, seats: Seats, demands: Demands, pins: Pins, pairs: _Pairs) -> Problem:
    """Costs per tier, rows and teams over the pairs."""
    d = len(demands.student)
    must = np.zeros(d, dtype=np.bool_)
    must[pins.demand] = True
    first_pair = np.concatenate(([0], np.cumsum(np.bincount(pairs.demand, minlength=d))))
    cost, constant = _costs(facts, seats, demands, pairs)
    return Problem(
        facts.round.settings.tiers,
        first_pair,
        pairs.seat,
        cost,
        constant,
        seats.lower,
        seats.upper,
        seats.open_or_closed,
        must,
        (*_pools(facts, seats, pairs), *_quotas(facts, seats, demands, pairs)),
        _teams(facts, demands),
    )


def _costs(facts: Facts, seats: Seats, demands: Demands, pairs: _Pairs) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """K x P costs to be made small, and the constant of each tier."""
    tiers = facts.round.settings.tiers
    cost = np.zeros((len(tiers), len(pairs.demand)), dtype=np.int32)
    constant = np.zeros(len(tiers), dtype=np.int64)
    for k, tier in enumerate(tiers):
        if tier == "placed":
            cost[k] = -1
        elif tier == "placed_mandatory":
            mandatory = facts.student("mandatory")
            if mandatory is not None:
                flag = mandatory.fillna(value=False).to_numpy(dtype=np.bool_)
                cost[k] = -flag[demands.student[pairs.demand]].astype(np.int32)
        elif tier == "soft":
            cost[k] = pairs.soft
        elif tier == "rank":
            cost[k] = pairs.rank
        elif tier == "travel":
            cost[k] = travel_of(facts).burden(demands.student[pairs.demand], seats.placement[pairs.seat])
        elif tier == "moves":
            cost[k], constant[k] = _moves(facts, seats, demands, pairs)
    return cost, constant


def _moves(facts: Facts, seats: Seats, demands: Demands, pairs: _Pairs) -> tuple[npt.NDArray[np.int32], int]:
    """-1 for each pair that keeps the placement of `previous`; the constant counts the demands that are in `previous`."""
    rows = facts.round.table("previous")
    s, p = encode(rows["student_id"], facts.student_index), encode(rows["placement_id"], facts.placement_index)
    known = (s >= 0) & (p >= 0)
    _, demand, seat = _expand(seats, demands, s[known], p[known])
    width = max(1, len(seats.placement))
    kept = np.isin(pairs.demand.astype(np.int64) * width + pairs.seat, demand * width + seat)
    return -kept.astype(np.int32), len(np.unique(demand))


def _pools(facts: Facts, seats: Seats, pairs: _Pairs) -> list[Row]:
    """A row for every pool: its pairs in all periods."""
    table, cells = facts.round.table("pools"), facts.placement("pool_id")
    if table.empty or cells is None:
        return []
    pool = encode(cells, pd.Index(table["pool_id"]))[seats.placement][pairs.seat]
    order = np.argsort(pool, kind="stable").astype(np.int32)
    edges = np.searchsorted(pool[order], np.arange(len(table) + 1))
    capacity = table["capacity"].to_numpy()
    return [Row("pool", i, order[edges[i] : edges[i + 1]], 0, int(capacity[i])) for i in range(len(table))]


def _quotas(facts: Facts, seats: Seats, demands: Demands, pairs: _Pairs) -> list[Row]:
    """A row for every quota that is valid at the round's start."""
    table = facts.round.table("quotas")
    start = facts.start_date
    since, until = facts.day(table.get("valid_from"), len(table)), facts.day(table.get("valid_to"), len(table))
    rows = []
    for i, record in enumerate(table.to_dict("records")):
        if since[i] > start or until[i] < start:
            continue
        tier = record.get("tier")
        if isinstance(tier, str) and tier != "soft":
            raise Unsupported("unsupported.quota_tier", row=int(table.index[i]), quota=record["quota_id"], name=tier)
        of_student = filters.matches(facts, "students", record.get("students", np.nan), int(table.index[i]))
        of_placement = filters.matches(facts, "placements", record.get("placements", np.nan), int(table.index[i]))
        covered = np.flatnonzero(of_student[demands.student[pairs.demand]] & of_placement[seats.placement[pairs.seat]])
        low, high = record.get("min", np.nan), record.get("max", np.nan)
        hard = record.get("hard", pd.NA)
        weight = record.get("weight", np.nan)
        rows.append(
            Row(
                "quota",
                i,
                covered.astype(np.int32),
                0 if pd.isna(low) else int(low),
                NO_BOUND if pd.isna(high) else int(high),
                None if pd.isna(hard) or hard else (1 if pd.isna(weight) else int(weight)),
            )
        )
    return rows


def _teams(facts: Facts, demands: Demands) -> tuple[Team, ...]:
    """The demands of each team's members."""
    table = facts.round.table("teams")
    teams = []
    for code, (_, members) in enumerate(table.groupby("team_id", sort=True)):
        s = encode(members["student_id"], facts.student_index)
        wanted = np.concatenate([np.arange(demands.first[student], demands.first[student + 1]) for student in s])
        teams.append(Team(str(members["kind"].iloc[0]), code, wanted.astype(np.int32)))
    return tuple(teams)
