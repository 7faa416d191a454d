"""One reason for every demand, found by looking at the answer, never guessed (sentences in words/reasons.toml; `told.py` fills them).

A pair that would have been better for a student is *blocked* when the move to it alone, with everybody else where they are, breaks something (`blocked.py`). If
every better pair is blocked, that is the reason; if one is not, the move is possible and, in an optimal answer, makes an earlier tier worse or changes nothing
in any. Of an answer that is not proven optimal nothing of the kind is said.

Everything is an array over demands or pairs: a round of a million students makes no object for any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.compile import Compiled
from matcher.explain.blocked import Blocked, By, blocked
from matcher.explain.bounds import Codes, Flags
from matcher.explain.teams import families_together, never_together
from matcher.explain.worse import first_worse
from matcher.problem import Answer
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
    "left_closed",
    "left_bound",
    "left_team",
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
    team
        int32: position in the problem's teams of the one that it cannot be placed without; -1: none.
    never
        bool: that team cannot be placed together in any matching.
    blocked, causes
        What stands in the way of its better pairs; why it has none.
    """

    code: npt.NDArray[np.int8]
    rank: Codes
    better: npt.NDArray[np.int64]
    tier: Codes
    team: Codes
    never: Flags
    blocked: Blocked
    causes: Causes


def reasons(compiled: Compiled, answer: Answer, on_progress: OnProgress = silent) -> Reasons:
    """Explain an answer with outcome `solved`. O(pairs + entries of the rows), and log entries for what is told."""
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
    ways = found.ways(wanted, problem.first_pair)
    tell(0.5)

    def has(way: By) -> Flags:
        flags: Flags = (ways & np.uint8(way)) != 0
        return flags

    better = _distinct_placements(compiled, demand, wanted)
    tell(0.7)
    code = np.full(problem.demands, AT["placed_full"], dtype=np.int8)
    code[placed & has(By.BOUND | By.CLOSED | By.APART | By.TEAM | By.SPAN)] = AT["placed_bound"]
    code[placed & has(By.NEEDED)] = AT["placed_needed"]
    code[placed & (rank > compiled.wishes.largest[book.demand_student])] = AT["placed_unlisted"]
    code[placed & has(By.NOTHING)] = AT["placed_cost"]
    code[placed & (better == 0)] = AT["placed_best"]
    if answer.reason != "optimal":
        code[placed & (better > 0)] = AT["placed_early"]
    code[placed & (rank == 1)] = AT["placed_first"]
    code[placed & (rank == 0)] = AT["placed_open"]
    code[problem.must & placed] = AT["pinned"]
    code[~placed] = AT["full"]
    code[~placed & has(By.BOUND)] = AT["full_shared"]
    code[~placed & has(By.APART | By.SPAN)] = AT["left_bound"]
    code[~placed & has(By.CLOSED)] = AT["left_closed"]
    code[~placed & has(By.TEAM)] = AT["left_team"]
    code[~placed & has(By.NOTHING)] = AT["not_worth"]
    if answer.reason != "optimal":
        code[~placed] = AT["stopped_early"]
    team = never_together(problem, book, demand)
    never = ~placed & (team >= 0)
    code[never] = AT["left_team"]
    team[~never] = _teams_in_the_way(compiled, found)[~never]
    causes = _causes(compiled, ~placed & (np.diff(problem.first_pair) == 0), code, on_progress)
    moves = np.flatnonzero(wanted & found.open & ((code == AT["placed_cost"]) | (code == AT["not_worth"]))[demand])
    tier = first_worse(problem, chosen, demand, moves)
    even = tier < 0
    code[even & (code == AT["placed_cost"])] = AT["placed_even"]
    code[even & (code == AT["not_worth"])] = AT["left_even"]
    return Reasons(code, rank, better, tier, team, never, found, causes)


def _teams_in_the_way(compiled: Compiled, found: Blocked) -> Codes:
    """Per demand a team that goes together and stands in the way of a better pair; -1: none."""
    team = np.full(compiled.problem.demands, -1, dtype=np.int32)
    for first, family, names in families_together(compiled.problem, compiled.codebook):
        here = (found.row >= first) & (found.row < first + family.groups)
        team[found.demand[here]] = names.codes[0, found.row[here] - first]
    return team


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
