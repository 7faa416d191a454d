"""One reason for every demand, found by looking at the answer, never guessed (sentences in words/reasons.toml; `told.py` fills them).

A pair that would have been better for a student is *blocked* when its seat is full, when a hard row that the student's own pair does not
count in is at its maximum, or when a row or seat that the student would leave is at its minimum. If every better pair is blocked, that is
the reason; if one is not, the move is possible and, in an optimal answer, makes an earlier tier worse or changes nothing in any.

Everything is an array over demands or pairs: a round of a million students makes no object for any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.compile import Compiled
from matcher.explain.blocked import Blocked, Codes, Flags, blocked
from matcher.problem import Answer, Problem
from matcher.progress import OnProgress, silent, within

CODES = (
    "pinned",
    "placed_first",
    "placed_full",
    "placed_bound",
    "placed_needed",
    "placed_unlisted",
    "placed_cost",
    "placed_even",
    "placed_best",
    "placed_early",
    "placed_open",
    "full",
    "full_shared",
    "not_worth",
    "left_even",
    "stopped_early",
    "none_eligible",
    "none_listed",
    "no_wishes",
)
"""The closed list of reasons; a demand's reason is a position in it."""

AT: Mapping[str, int] = {name: number for number, name in enumerate(CODES)}


@dataclass(frozen=True, eq=False)
class Causes:
    """Why the demands that have no eligible pair have none.

    Attributes
    ----------
    line
        int32, one per demand: its line in the other arrays, -1 for demands that have a pair.
    candidates
        int64: how many placements the wishes left.
    removed
        int64, lines x rules: how many of those each hard rule (`rules`, by name) took.
    """

    line: Codes
    candidates: npt.NDArray[np.int64]
    removed: npt.NDArray[np.int64]
    rules: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Reasons:
    """Per demand: its reason, and what fills its sentence.

    Attributes
    ----------
    code
        int8: position in CODES.
    rank
        int32: the rank of what it got, 0 for none.
    better
        int64: how many placements would have been better.
    tier
        int32: position in the problem's tiers of the first tier that a move to an open pair makes worse; -1: none.
    blocked, causes
        What stands in the way of its better pairs; why it has none.
    """

    code: npt.NDArray[np.int8]
    rank: Codes
    better: npt.NDArray[np.int64]
    tier: Codes
    blocked: Blocked
    causes: Causes


def reasons(compiled: Compiled, answer: Answer, on_progress: OnProgress = silent) -> Reasons:
    """Explain an answer with outcome `solved`. O(pairs + sum of the rows' pairs)."""
    problem, book = compiled.problem, compiled.codebook
    tell = within(on_progress, "explain", 0.0, 0.5)
    demand = problem.demand_of_pair()
    chosen = answer.pair_of_demand
    placed = chosen >= 0
    rank = np.zeros(problem.demands, dtype=np.int32)
    rank[placed] = book.pair_rank[chosen[placed]]
    wanted = ~placed[demand] | ((book.pair_rank > 0) & (book.pair_rank < rank[demand]))
    tell(0.2)
    found = blocked(problem, answer, demand, wanted)
    open_pair = wanted & ~found.by_seat & ~found.by_row & ~found.needed
    tell(0.5)
    has = {name: _any(flags & wanted, demand, problem.demands) for name, flags in (("row", found.by_row), ("needed", found.needed), ("open", open_pair))}
    better = _distinct_placements(compiled, demand, wanted)
    tell(0.7)
    code = np.full(problem.demands, AT["placed_full"], dtype=np.int8)
    code[placed & has["row"]] = AT["placed_bound"]
    code[placed & has["needed"]] = AT["placed_needed"]
    code[placed & (rank > compiled.wishes.largest[book.demand_student])] = AT["placed_unlisted"]
    code[placed & has["open"]] = AT["placed_cost"]
    code[placed & (better == 0)] = AT["placed_best"]
    if answer.reason != "optimal":
        code[placed & (better > 0)] = AT["placed_early"]
    code[placed & (rank == 1)] = AT["placed_first"]
    code[placed & (rank == 0)] = AT["placed_open"]
    code[problem.must & placed] = AT["pinned"]
    code[~placed] = AT["full"]
    code[~placed & has["row"]] = AT["full_shared"]
    code[~placed & has["open"]] = AT["not_worth"]
    if answer.reason != "optimal":
        code[~placed] = AT["stopped_early"]
    causes = _causes(compiled, ~placed & (np.diff(problem.first_pair) == 0), code, on_progress)
    moves = np.flatnonzero(open_pair & ((code == AT["placed_cost"]) | (code == AT["not_worth"]))[demand])
    tier = _first_worse(problem, chosen, demand, moves)
    even = tier < 0
    code[even & (code == AT["placed_cost"])] = AT["placed_even"]
    code[even & (code == AT["not_worth"])] = AT["left_even"]
    return Reasons(code, rank, better, tier, found, causes)


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


def _causes(compiled: Compiled, without: Flags, code: npt.NDArray[np.int8], on_progress: OnProgress) -> Causes:
    """For demands without any eligible pair: how many candidates there were, and which rules took them; sets their code."""
    student = compiled.codebook.demand_student
    asked = np.zeros(len(compiled.wishes.largest), dtype=np.bool_)
    asked[student[without]] = True
    line = np.where(asked, np.cumsum(asked) - 1, -1)
    lines = int(asked.sum())
    rules = [rule for rule in compiled.eligibility.rules if compiled.eligibility.settings.strength(rule.name) == "hard"]
    candidates = np.zeros(lines, dtype=np.int64)
    removed = np.zeros((lines, len(rules)), dtype=np.int64)
    tell = within(on_progress, "explain", 0.4, 0.5)
    for block in compiled.wishes.only(asked).blocks(len(asked)) if lines else ():
        candidates += np.bincount(line[block.s], minlength=lines)
        for number, rule in enumerate(rules):
            removed[:, number] += np.bincount(line[block.s[rule.judge(block.s, block.p)[0]]], minlength=lines)
        tell(float(block.s[-1] + 1) / len(asked) if len(block.s) else 0.0)
    at = np.where(without, line[student], -1).astype(np.int32)
    had = np.append(candidates > 0, False)[at]
    broke = np.append(removed.any(axis=1), False)[at]
    code[without] = AT["none_eligible"]
    # Candidates that break no rule are open to the student, but in another period.
    code[without & ~(had & broke)] = AT["none_listed"]
    code[without & compiled.wishes.skipped[student]] = AT["no_wishes"]
    return Causes(at, candidates, removed, tuple(rule.name for rule in rules))


def _first_worse(problem: Problem, chosen: Codes, demand: Codes, moves: npt.NDArray[np.intp]) -> Codes:
    """For demands with pairs that they could move to (`moves`, sorted): the first tier that the first of these moves would make worse, or -1.

    The move changes the pair's own costs and, through soft quotas, the tier `soft`. In an optimal answer the first tier that it changes becomes worse.
    """
    tier = np.full(problem.demands, -1, dtype=np.int32)
    who, first = np.unique(demand[moves], return_index=True)
    pair, own = moves[first], chosen[who]
    if not len(who):
        return tier
    change = problem.cost[:, pair].astype(np.int64) - np.where(own >= 0, problem.cost[:, own], 0)
    if "soft" in problem.tiers:
        change[problem.tiers.index("soft")] += _penalties(problem, chosen, pair, own)
    step = (change != 0).argmax(axis=0)
    worse = change[step, np.arange(len(who))] > 0
    tier[who[worse]] = step[worse]
    return tier


def _penalties(problem: Problem, chosen: Codes, pair: npt.NDArray[np.intp], own: Codes) -> npt.NDArray[np.int64]:
    """By how much the penalties of the soft rows change when a demand leaves its own pair (-1: none) for another."""
    change = np.zeros(len(pair), dtype=np.int64)
    for row in problem.rows:
        if row.weight is None:
            continue
        inside = np.zeros(problem.pairs + 1, dtype=np.bool_)  # the last stands for no pair
        inside[row.pairs] = True
        count = np.count_nonzero(inside[chosen])
        counts = count + np.stack([np.zeros_like(change), inside[pair].astype(np.int64) - inside[own]])
        before, after = row.weight * (np.maximum(row.lower - counts, 0) + np.maximum(counts - row.upper, 0))
        change += after - before
    return change
