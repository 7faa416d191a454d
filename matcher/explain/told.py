"""The reasons in words, and the table of matches: a sentence is filled once for each different reason, and handed out by number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.compile import Compiled
from matcher.explain.blocked import Codes
from matcher.explain.reasons import AT, CODES, Reasons, reasons
from matcher.problem import Answer
from matcher.progress import OnProgress, silent, within
from matcher.words import say

ROWS_NAMED = 4
"""How many shared bounds a sentence names at most."""

WITH_ROWS = ("placed_bound", "placed_needed", "full_shared")
WITH_TIER = ("placed_cost", "not_worth")
ROOM = 2**62

Numbers = npt.NDArray[np.int64]


def matches_frame(compiled: Compiled, answer: Answer, language: str, on_progress: OnProgress = silent) -> pd.DataFrame:
    """The table of `matcher.result.Result.matches`, sorted by student and period."""
    problem, book = compiled.problem, compiled.codebook
    chosen = answer.pair_of_demand
    placed = chosen >= 0
    found = reasons(compiled, answer, on_progress)
    tell = within(on_progress, "explain", 0.5, 0.8)
    number, texts = sentences(compiled, found, language)
    tell(0.5)
    seat = np.full(problem.demands, -1, dtype=np.int32)
    seat[placed] = problem.seat[chosen[placed]]
    period = np.where(book.demand_period >= 0, book.demand_period, np.append(book.seat_period, -1)[seat])
    unnamed = np.append(book.periods == "", True)
    columns = {
        "student_id": compiled.facts.students["student_id"].array.take(book.demand_student),
        "placement_id": _named(book.placements, np.append(book.seat_placement, -1)[seat]),
        "period_id": _named(book.periods, np.where(unnamed[period], -1, period)),
        "rank": pd.arrays.IntegerArray(found.rank.astype(np.int64), found.rank == 0),
        "status": _named(("unplaced", "placed", "pinned"), np.where(placed, np.where(problem.must, 2, 1), 0)),
        "reason": _named(CODES, found.code),
        "sentence": _named(texts, number),
    }
    tell(1.0)
    return pd.DataFrame(columns, copy=False)


def _named(names: Sequence[str] | npt.NDArray[np.object_], code: npt.NDArray[np.integer]) -> pd.api.extensions.ExtensionArray:
    """A text column from codes; -1 is missing."""
    texts = pd.array(np.asarray(names, dtype=object), dtype="str")
    return texts.take(code.astype(np.int64), allow_fill=True)


def sentences(compiled: Compiled, found: Reasons, language: str) -> tuple[Codes, list[str]]:
    """The number of each demand's sentence, and the sentences."""
    named = np.isin(found.code, [AT[name] for name in WITH_ROWS])
    tiered = np.isin(found.code, [AT[name] for name in WITH_TIER])
    causes, none = found.causes, found.code == AT["none_eligible"]
    lists, rows = _first_rows(found, named)
    why = _numbered(causes.candidates, *causes.removed.T)
    extra = np.where(tiered, found.tier + 1, 0)
    extra = np.where(none, np.append(why, 0)[causes.line] + 1, extra)
    extra = np.where(named, np.append(rows, 0)[lists] + 1, extra)
    number = _numbered(found.code, found.rank, found.better, extra)
    example = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    example[number] = np.arange(len(number))
    return number.astype(np.int32), [_sentence(compiled, found, who, language) for who in example.tolist()]


def _numbered(*columns: npt.NDArray[np.integer]) -> Numbers:
    """A number for each row, the same for rows that agree in all columns; the numbers are 0, 1, 2, ..."""
    number = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        span = int(column.max(initial=0)) + 1
        if (int(number.max(initial=0)) + 1) * span >= ROOM:
            number = pd.factorize(number)[0].astype(np.int64)
        number = number * span + column
    return pd.factorize(number)[0].astype(np.int64)


def _first_rows(found: Reasons, named: npt.NDArray[np.bool_]) -> tuple[Codes, Numbers]:
    """Per demand a line (-1: none), and per line a number for the rows that its sentence names."""
    blocked = found.blocked
    kept = named[blocked.demand]
    demand, row = blocked.demand[kept], blocked.row[kept]
    first = np.flatnonzero(np.diff(demand, prepend=-1))
    line = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(demand))))
    turn = np.arange(len(demand)) - first[line] if len(first) else np.empty(0, dtype=np.int64)
    table = np.zeros((len(first), ROWS_NAMED + 1), dtype=np.int64)
    shown = turn <= ROWS_NAMED
    table[line[shown], turn[shown]] = row[shown] + 1
    table[:, ROWS_NAMED] = table[:, ROWS_NAMED] > 0  # of the fifth only that it is there matters
    lists = np.full(len(found.code), -1, dtype=np.int32)
    lists[demand[first]] = np.arange(len(first))
    return lists, _numbered(*table.T)


def _sentence(compiled: Compiled, found: Reasons, who: int, language: str) -> str:
    """The sentence of one demand."""
    tiers = compiled.problem.tiers
    tier, _, digit = tiers[found.tier[who]].partition(":")
    better = int(found.better[who])
    at = int(found.causes.line[who])
    removed = sorted(zip(found.causes.removed[at].tolist(), found.causes.rules, strict=True), key=lambda pair: -pair[0]) if at >= 0 else []
    return say(
        f"reason.{CODES[found.code[who]]}",
        language,
        rank=int(found.rank[who]),
        better=better,
        eligible=better,
        rows=_rows(compiled, found, who),
        tier=say(f"tier.{tier}_profile" if digit else f"tier.{tier}", language),
        candidates=int(found.causes.candidates[at]) if at >= 0 else 0,
        rules=", ".join(f"{say(f'rule.{rule}.short', language)} ({count})" for count, rule in removed if count),
    )


def _rows(compiled: Compiled, found: Reasons, who: int) -> str:
    """The shared bounds in a demand's way, as people know them: their ids, and how far each is used."""
    blocked, book = found.blocked, compiled.codebook
    begin, end = np.searchsorted(blocked.demand, [who, who + 1])
    words = []
    for number in blocked.row[begin : min(end, begin + ROWS_NAMED)].tolist():
        row, count = compiled.problem.rows[number], int(blocked.used[number])
        ids = book.pools if row.kind == "pool" else book.quotas
        words.append(f"{ids[row.code]} ({count}/{row.upper if count >= row.upper else row.lower})")
    return ", ".join(words) + (", ..." if end - begin > ROWS_NAMED else "")
