"""One reason for every demand, found by looking at the answer, never guessed (sentences in words/reasons.toml).

A pair that would have been better for a student is *blocked* when its seat is full, when a hard row that the student's own pair does not
count in is at its maximum, or when a row or seat that the student would leave is at its minimum. If every better pair is blocked, that is
the reason; if one is not, the move is possible and, in an optimal answer, makes an earlier tier worse.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.compile import Compiled
from matcher.problem import Answer, Row
from matcher.words import say

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

ROWS_NAMED = 4
"""How many shared bounds a sentence names at most."""


@dataclass(frozen=True, eq=False)
class Reasons:
    """Per demand: a code, and its sentence in the round's language."""

    code: npt.NDArray[np.object_]
    sentence: npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class _Blocks:
    """Which pairs are blocked and how; `names` lists the shared bounds in the way, per demand."""

    by_seat: Flags
    by_row: Flags
    needed: Flags
    names: dict[int, list[str]]


def reasons(compiled: Compiled, answer: Answer, language: str) -> Reasons:
    """Explain an answer with outcome `solved`. O(pairs + rows x pairs), and a sentence per distinct reason."""
    problem, book = compiled.problem, compiled.codebook
    d = problem.demands
    demand = problem.demand_of_pair()
    chosen = answer.pair_of_demand
    placed = chosen >= 0
    rank = np.zeros(d, dtype=np.int32)
    rank[placed] = book.pair_rank[chosen[placed]]
    wanted = np.where(placed[demand], (book.pair_rank > 0) & (book.pair_rank < rank[demand]), True)
    blocks = _blocked(compiled, answer, demand, wanted)
    open_pair = wanted & ~blocks.by_seat & ~blocks.by_row & ~blocks.needed
    has = {name: _any(flags & wanted, demand, d) for name, flags in (("row", blocks.by_row), ("needed", blocks.needed), ("open", open_pair))}
    better = _distinct_placements(compiled, demand, wanted)
    optimal = answer.reason == "optimal"
    code = np.full(d, "placed_full", dtype=object)
    code[placed & has["row"]] = "placed_bound"
    code[placed & has["needed"]] = "placed_needed"
    code[placed & (rank > compiled.wishes.largest[book.demand_student])] = "placed_unlisted"
    code[placed & has["open"]] = "placed_cost"
    code[placed & (better == 0)] = "placed_best"
    if not optimal:
        code[placed & (better > 0)] = "placed_early"
    code[placed & (rank == 1)] = "placed_first"
    code[placed & (rank == 0)] = "placed_open"
    code[problem.must & placed] = "pinned"
    code[~placed] = "full"
    code[~placed & has["row"]] = "full_shared"
    code[~placed & has["open"]] = "not_worth"
    if not optimal:
        code[~placed] = "stopped_early"
    without = ~placed & (np.diff(problem.first_pair) == 0)
    causes = _causes(compiled, without, code)
    tier = _first_worse(compiled, chosen, demand, open_pair, np.isin(code, ("placed_cost", "not_worth")))
    return Reasons(code, _sentences(code, rank, better, tier, blocks.names, causes, language))


def _any(flags: Flags, demand: Codes, demands: int) -> Flags:
    found = np.zeros(demands, dtype=np.bool_)
    found[demand[flags]] = True
    return found


def _distinct_placements(compiled: Compiled, demand: Codes, wanted: Flags) -> npt.NDArray[np.int64]:
    """How many different placements the wanted pairs of each demand are at."""
    book = compiled.codebook
    if len(book.periods) == 1:
        return np.bincount(demand[wanted], minlength=compiled.problem.demands)
    key = np.unique(demand[wanted].astype(np.int64) * len(book.placements) + book.seat_placement[compiled.problem.seat[wanted]])
    return np.bincount(key // len(book.placements), minlength=compiled.problem.demands)


def _blocked(compiled: Compiled, answer: Answer, demand: Codes, wanted: Flags) -> _Blocks:
    """Look at seats, then at the hard rows that are at a bound."""
    problem = compiled.problem
    chosen = answer.pair_of_demand
    pairs = chosen[chosen >= 0]
    filled = np.bincount(problem.seat[pairs], minlength=problem.seats)
    own = np.full(problem.demands, -1, dtype=np.int32)
    own[chosen >= 0] = problem.seat[pairs]
    elsewhere = problem.seat != own[demand]
    by_seat = (filled >= problem.seat_upper)[problem.seat] & elsewhere
    at_minimum = (problem.seat_lower > 0) & (filled <= problem.seat_lower)
    needed = np.zeros(problem.pairs, dtype=np.bool_)
    if at_minimum.any():
        needed = (own[demand] >= 0) & at_minimum[own[demand]] & elsewhere
    by_row = np.zeros(problem.pairs, dtype=np.bool_)
    names: dict[int, list[str]] = {}
    matched = np.zeros(problem.pairs, dtype=np.bool_)
    matched[pairs] = True
    for row in problem.rows:
        count = int(np.count_nonzero(matched[row.pairs]))
        if row.weight is not None or (count < row.upper and count > row.lower):
            continue
        inside = np.zeros(problem.pairs, dtype=np.bool_)
        inside[row.pairs] = True
        mine = np.zeros(problem.demands, dtype=np.bool_)
        mine[demand[row.pairs[matched[row.pairs]]]] = True
        stopped = inside & ~mine[demand] & (count >= row.upper)
        missed = ~inside & mine[demand] & (count <= row.lower) & (row.lower > 0)
        by_row |= stopped
        needed |= missed
        for who in np.unique(demand[(stopped | missed) & wanted & ~by_seat]).tolist():
            names.setdefault(who, []).append(_name(compiled, row, count))
    return _Blocks(by_seat, by_row & ~by_seat, needed & ~by_seat, names)


def _name(compiled: Compiled, row: Row, count: int) -> str:
    """A bound as people know it: its id, and how far it is used."""
    ids = compiled.codebook.pools if row.kind == "pool" else compiled.codebook.quotas
    bound = row.upper if count >= row.upper else row.lower
    return f"{ids[row.code]} ({count}/{bound})"


def _causes(compiled: Compiled, without: Flags, code: npt.NDArray[np.object_]) -> dict[int, tuple[int, Counter[str]]]:
    """For demands without any eligible pair: how many candidates there were, and which rules took them; sets their code."""
    book = compiled.codebook
    found: dict[int, tuple[int, Counter[str]]] = {}
    if not without.any():
        return found
    n = len(book.students)
    asked = np.zeros(n, dtype=np.bool_)
    asked[book.demand_student[without]] = True
    candidates = np.zeros(n, dtype=np.int64)
    removed = {rule.name: np.zeros(n, dtype=np.int64) for rule in compiled.eligibility.rules if compiled.eligibility.settings.strength(rule.name) == "hard"}
    for block in compiled.wishes.only(asked).blocks(n):
        candidates += np.bincount(block.s, minlength=n)
        for rule in compiled.eligibility.rules:
            if rule.name in removed:
                removed[rule.name] += np.bincount(block.s[rule.judge(block.s, block.p)[0]], minlength=n)
    code[without] = "none_eligible"
    code[without & (candidates[book.demand_student] == 0)] = "none_listed"
    code[without & compiled.wishes.skipped[book.demand_student]] = "no_wishes"
    for who in np.flatnonzero(code == "none_eligible").tolist():
        s = int(book.demand_student[who])
        counts = Counter({name: int(count[s]) for name, count in removed.items() if count[s]})
        if not counts:  # every candidate is open to the student, but in another period
            code[who] = "none_listed"
        found[who] = int(candidates[s]), counts
    return found


def _first_worse(compiled: Compiled, chosen: Codes, demand: Codes, open_pair: Flags, asked: Flags) -> dict[int, str]:
    """For demands whose better pair is open: the first tier that the move would make worse.

    The move changes the pair's own costs and, through soft quotas, the tier `soft`; where no pair cost before the gain is worse, it must be those.
    """
    problem = compiled.problem
    found: dict[int, str] = {}
    for pair in np.flatnonzero(open_pair & asked[demand]).tolist():
        who = int(demand[pair])
        if who in found:
            continue
        own = problem.cost[:, chosen[who]] if chosen[who] >= 0 else np.zeros(len(problem.tiers), dtype=np.int32)
        change = problem.cost[:, pair] - own
        first = next((k for k, step in enumerate(change.tolist()) if step), None)
        found[who] = problem.tiers[first] if first is not None and change[first] > 0 else "soft"
    return found


def _sentences(
    code: npt.NDArray[np.object_],
    rank: Codes,
    better: npt.NDArray[np.int64],
    tier: dict[int, str],
    names: dict[int, list[str]],
    causes: dict[int, tuple[int, Counter[str]]],
    language: str,
) -> npt.NDArray[np.object_]:
    """Fill the sentences, once per distinct (code, rank, count); those with names one by one."""
    kinds, kind = np.unique(code.astype(str), return_inverse=True)
    own_words = np.isin(code, ("placed_cost", "not_worth", "placed_bound", "placed_needed", "full_shared", "none_eligible"))
    key = np.stack([kind, rank.astype(np.int64), better], axis=1)
    distinct, at = np.unique(key[~own_words], axis=0, return_inverse=True)
    texts = [say(f"reason.{kinds[k]}", language, rank=r, better=b, eligible=b) for k, r, b in distinct.tolist()]
    found = np.empty(len(code), dtype=object)
    found[~own_words] = np.array(texts, dtype=object)[at.ravel()] if texts else []
    for who in np.flatnonzero(own_words).tolist():
        candidates, counts = causes.get(who, (0, Counter()))
        found[who] = say(
            f"reason.{code[who]}",
            language,
            rank=int(rank[who]),
            better=int(better[who]),
            eligible=int(better[who]),
            rows=_listed(names.get(who, [])),
            tier=say(f"tier.{tier.get(who, 'soft')}", language),
            candidates=candidates,
            rules=", ".join(f"{say(f'rule.{rule}.short', language)} ({count})" for rule, count in counts.most_common()),
        )
    return found


def _listed(names: list[str]) -> str:
    return ", ".join(names[:ROWS_NAMED]) + (", ..." if len(names) > ROWS_NAMED else "")


def matches_frame(compiled: Compiled, answer: Answer, language: str) -> pd.DataFrame:
    """The table of `matcher.result.Result.matches`, sorted by student and period."""
    problem, book = compiled.problem, compiled.codebook
    chosen = answer.pair_of_demand
    placed = chosen >= 0
    seat = np.where(placed, problem.seat[np.maximum(chosen, 0)], 0) if problem.pairs else np.zeros(problem.demands, dtype=np.int32)
    rank = np.where(placed, book.pair_rank[np.maximum(chosen, 0)], 0) if problem.pairs else np.zeros(problem.demands, dtype=np.int32)
    found = reasons(compiled, answer, language)
    period = np.where(book.demand_period >= 0, book.demand_period, np.where(placed, book.seat_period[seat], -1) if len(book.seat_period) else -1)
    named = np.append(book.periods, "").astype(object)[period]
    return pd.DataFrame(
        {
            "student_id": pd.Series(book.students[book.demand_student], dtype="str"),
            "placement_id": pd.Series(
                np.append(book.placements, "")[np.where(placed, book.seat_placement[seat], -1)] if len(book.seat_placement) else "", dtype="str"
            ).where(placed),
            "period_id": pd.Series(named, dtype="str").where(named != ""),
            "rank": pd.Series(rank, dtype="Int64").where(rank > 0),
            "status": pd.Series(np.where(placed, np.where(problem.must, "pinned", "placed"), "unplaced"), dtype="str"),
            "reason": pd.Series(found.code, dtype="str"),
            "sentence": pd.Series(found.sentence, dtype="str"),
        }
    )
