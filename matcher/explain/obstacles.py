"""What stands in somebody's way, in words: one entry of the catalogue for each kind of row, without what only tells whose row it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.compile import Compiled
from matcher.explain.bounds import Sizes
from matcher.explain.numbers import numbered
from matcher.problem import GroupNames
from matcher.words import say

MEMBERS_NAMED = 6
"""So many members of a team a sentence names at most."""

UNCOUNTED = ("overlap", "span", "team")
"""Kinds of families whose counts say nothing to people."""


@dataclass(frozen=True, eq=False)
class Obstacles:
    """The words for rows, by their numbers as in `matcher.problem.Certificate`."""

    compiled: Compiled
    language: str

    @cached_property
    def ends(self) -> Sizes:
        """Where the numbers of the seats, the rows and each family end."""
        problem = self.compiled.problem
        return np.cumsum([problem.seats, len(problem.rows), *(family.groups for family in problem.families)])

    def alike(self, row: Sizes, count: Sizes) -> Sizes:
        """For each row with its count the smallest number of a row that reads the same. O(rows), times the columns of a name."""
        problem, book, ends = self.compiled.problem, self.compiled.codebook, self.ends
        part = np.searchsorted(ends, row, side="right")
        local = row.copy()
        for at, (family, names) in enumerate(zip(problem.families, book.family_names, strict=True)):
            here = np.flatnonzero(part == at + 2)
            group = row[here] - ends[at + 1]
            columns = [names.codes[column][group] for column in self._shown(names)]
            if family.kind not in UNCOUNTED:
                columns += [count[here], _limit(count[here], family.lower[group], family.upper[group])]
            local[here] = numbered(*columns)
        number = numbered(part, local)
        least = np.full(int(number.max(initial=-1)) + 1, np.iinfo(np.int64).max)
        np.minimum.at(least, number, row)
        return least[number]

    def words(self, row: int, count: int) -> str:
        """One row as people know it, and how far it is used."""
        part = int(np.searchsorted(self.ends, row, side="right"))
        if part == 0:
            return self._seat(row, count)
        number = row - int(self.ends[part - 1])
        return self._row(number, count) if part == 1 else self._group(part - 2, number, count)

    def _shown(self, names: GroupNames) -> list[int]:
        """The pieces of a name that are told: not the student, and of a team or a span only which it is."""
        book = self.compiled.codebook
        told = [column for column, words in enumerate(names.words) if words is not book.students]
        return told[:1] if names.kind in {"team", "span"} else told

    def _seat(self, seat: int, count: int) -> str:
        problem, book = self.compiled.problem, self.compiled.codebook
        name, period = str(book.placements[book.seat_placement[seat]]), str(book.periods[book.seat_period[seat]])
        least = int(max(problem.seat_lower[seat], problem.open_or_closed[seat]))
        return say(f"obstacle.{'needed' if count else 'closed'}", self.language, name=f"{name} ({period})" if period else name, least=least, count=count)

    def _row(self, number: int, count: int) -> str:
        book, row = self.compiled.codebook, self.compiled.problem.rows[number]
        ids = {"pool": book.pools, "quota": book.quotas}.get(row.kind)
        name = "" if ids is None else _named(str(ids[row.code]), row.part.split("|") if row.part else [])
        return say(f"obstacle.{row.kind}", self.language, name=name, count=count, limit=int(_limit(count, row.lower, row.upper)))

    def _group(self, at: int, group: int, count: int) -> str:
        family, names = self.compiled.problem.families[at], self.compiled.codebook.family_names[at]
        first, *more = (str(names.words[column][names.codes[column, group]]) for column in self._shown(names))
        if family.kind == "team":
            return self.team(int(names.codes[0, group]))
        if family.kind == "span":
            return say("obstacle.span", self.language, name=first, periods=", ".join(self._periods(int(names.codes[1, group]))))
        if family.kind == "overlap":
            period, later = more
            return say("obstacle.overlap", self.language, name=first, period=period, later=later)
        limit = int(_limit(count, family.lower[group], family.upper[group]))
        return say(f"obstacle.{'path' if family.kind == 'path' else 'own'}", self.language, name=_named(first, more), count=count, limit=limit)

    def _periods(self, placement: int) -> list[str]:
        """The periods that a placement names."""
        seats = self.compiled.seats
        return [str(seats.periods[period]) for period in seats.period[seats.first[placement] : seats.first[placement + 1]]]

    def team(self, code: int) -> str:
        """A team, how it goes together or apart, and its members."""
        team = self.compiled.problem.teams[code]
        name = str(self.compiled.codebook.teams[code])
        kind = f"obstacle.{team.kind}.path" if self.over_paths and team.kind != "apart" else f"obstacle.{team.kind}"
        return say(kind, self.language, name=name, members=self.students(team.demands))

    @property
    def over_paths(self) -> bool:
        """Whether teams go together over all periods, and not in each."""
        return self.compiled.facts.round.settings.teams == "path"

    def students(self, demands: np.ndarray) -> str:
        """The students of some demands, the first few by name."""
        book = self.compiled.codebook
        ids = [str(book.students[code]) for code in np.unique(book.demand_student[demands])[: MEMBERS_NAMED + 1]]
        return ", ".join([*ids[:MEMBERS_NAMED], *(["..."] if len(ids) > MEMBERS_NAMED else [])])


def _limit(count: Sizes | int, lower: Sizes | int, upper: Sizes | int) -> Sizes:
    """The bound that a count has reached."""
    reached: Sizes = np.where(np.asarray(count) >= upper, upper, lower)
    return reached


def _named(name: str, group: list[str]) -> str:
    """A quota, and which of its groups."""
    return f"{name} ({', '.join(group)})" if group else name
