"""The reasons in words, and the table of matches: a sentence is filled once for each different reason, and handed out by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.compile import Compiled
from matcher.explain.bounds import Codes, Sizes
from matcher.explain.numbers import Numbers, numbered
from matcher.explain.obstacles import Obstacles
from matcher.explain.reasons import AT, CODES, Reasons, reasons
from matcher.problem import Answer
from matcher.progress import OnProgress, silent, within
from matcher.words import say

ROWS_NAMED = 4
"""How many rows a sentence names at most."""

WITH_ROWS = ("placed_bound", "placed_needed", "full_shared", "left_bound", "left_closed")
WITH_TIER = ("placed_cost", "not_worth")


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
    speaker = Speaker.of(compiled, found, language)
    tiered = np.isin(found.code, [AT[name] for name in WITH_TIER])
    teamed = found.code == AT["left_team"]
    causes, none = found.causes, found.code == AT["none_eligible"]
    lists, rows = speaker.first_rows()
    why = numbered(causes.candidates, *causes.removed.T)
    extra = np.where(tiered, found.tier + 1, 0)
    extra = np.where(none, np.append(why, 0)[causes.line] + 1, extra)
    extra = np.where(lists >= 0, np.append(rows, 0)[lists] + 1, extra)
    extra = np.where(teamed, numbered(np.maximum(found.team, 0), compiled.codebook.demand_period + 1, found.never.astype(np.int64)), extra)
    number = numbered(found.code, found.rank, found.better, extra)
    example = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    example[number] = np.arange(len(number))
    return number.astype(np.int32), [speaker.sentence(who) for who in example.tolist()]


@dataclass(frozen=True, eq=False)
class Speaker:
    """Fills the sentence of a demand.

    Attributes
    ----------
    demand, row, count
        int32, int64, int64, sorted by demand, then row: the rows that sentences name, of those that read the same the first, and their counts.
    """

    compiled: Compiled
    found: Reasons
    obstacles: Obstacles
    demand: Codes
    row: Sizes
    count: Sizes

    @classmethod
    def of(cls, compiled: Compiled, found: Reasons, language: str) -> Speaker:
        """Take what stands in the way of those whose sentences name it. O(rows in the way)."""
        obstacles, blocked = Obstacles(compiled, language), found.blocked
        kept = np.isin(found.code, [AT[name] for name in WITH_ROWS])[blocked.demand]
        demand, count = blocked.demand[kept], blocked.count[kept]
        row = obstacles.alike(blocked.row[kept], count)
        order = np.lexsort((row, demand))
        order = order[(np.diff(demand[order], prepend=-1) != 0) | (np.diff(row[order], prepend=-1) != 0)]
        return cls(compiled, found, obstacles, demand[order], row[order], count[order])

    def first_rows(self) -> tuple[Codes, Numbers]:
        """Per demand a line (-1: none), and per line a number for the rows that its sentence names."""
        first = np.flatnonzero(np.diff(self.demand, prepend=-1))
        line = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(self.demand))))
        turn = np.arange(len(self.demand)) - first[line] if len(first) else np.empty(0, dtype=np.int64)
        table = np.zeros((len(first), ROWS_NAMED + 1), dtype=np.int64)
        shown = turn <= ROWS_NAMED
        table[line[shown], turn[shown]] = np.unique(self.row, return_inverse=True)[1][shown] + 1
        table[:, ROWS_NAMED] = table[:, ROWS_NAMED] > 0  # of the fifth only that it is there matters
        lists = np.full(len(self.found.code), -1, dtype=np.int32)
        lists[self.demand[first]] = np.arange(len(first))
        return lists, numbered(*table.T)

    def sentence(self, who: int) -> str:
        """The sentence of one demand."""
        found, language = self.found, self.obstacles.language
        better = int(found.better[who])
        at = int(found.causes.line[who])
        removed = sorted(zip(found.causes.removed[at].tolist(), found.causes.rules, strict=True), key=lambda pair: -pair[0]) if at >= 0 else []
        code = CODES[found.code[who]]
        return say(
            f"reason.{code}",
            language,
            rank=int(found.rank[who]),
            better=better,
            eligible=better,
            rows=self._rows(who),
            tier=goal(self.compiled.problem.tiers[found.tier[who]], language),
            candidates=int(found.causes.candidates[at]) if at >= 0 else 0,
            rules=", ".join(f"{say(f'rule.{rule}.short', language)} ({count})" for count, rule in removed if count),
            **(self._team(who) if code == "left_team" else {}),
        )

    def _rows(self, who: int) -> str:
        """What is in a demand's way."""
        begin, end = np.searchsorted(self.demand, [who, who + 1]).tolist()
        shown = slice(begin, min(end, begin + ROWS_NAMED))
        words = [self.obstacles.words(*each) for each in zip(self.row[shown].tolist(), self.count[shown].tolist(), strict=True)]
        return "; ".join([*words, *(["..."] if end - begin > ROWS_NAMED else [])])

    def _team(self, who: int) -> dict[str, str]:
        """The team that a demand cannot be placed without, and why it is not placed together."""
        book, problem, code = self.compiled.codebook, self.compiled.problem, int(self.found.team[who])
        members = problem.teams[code].demands
        here = members if self.obstacles.over_paths else members[np.isin(book.demand_period[members], [-1, book.demand_period[who]])]
        possible = book.demand_student[members[np.diff(problem.first_pair)[members] > 0]]
        without = here[~np.isin(book.demand_student[here], possible)]
        why = "no_place" if len(without) else "no_fit" if self.found.never[who] else "alone"
        students = self.obstacles.students(without)
        return {"team": self.obstacles.team(code), "why": say(f"reason.left_team.{why}", self.obstacles.language, students=students)}


def goal(tier: str, language: str) -> str:
    """The words of a tier of the problem: a digit of a profile stands for the whole of it, further soft tiers are named."""
    kind, _, part = tier.partition(":")
    if kind == "soft" and part:
        return say("tier.soft_named", language, name=part)
    return say(f"tier.{kind}_profile" if part else f"tier.{kind}", language)
