"""Reserved seats, level by level, and the budget of moves: rows that are few, each over many pairs (docs/rules.md section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from matcher.verifier.codes import Bools, Ints, encode, spans
from matcher.verifier.families import UNBOUNDED, Bounds, Entries, among
from matcher.verifier.filters import placements_inside, students_inside
from matcher.verifier.pairs import Pairs
from matcher.verifier.previous import in_previous, kept
from matcher.verifier.rows import Cells
from matcher.verifier.view import View


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """The levels of all reserves: the names (reserve, a blank, level), who is among the first groups, where, how many seats, and what a seat less costs."""

    names: pd.Index[Any]
    cells: Cells
    seats: Ints
    weight: Ints


@dataclass(frozen=True)
class Reserves:
    """A soft row for each level of each reserve, by number."""

    view: View

    @cached_property
    def levels(self) -> Levels:
        """The levels, sorted by reserve and order."""
        view = self.view
        columns = {column: view.column("reserves", column).reset_index(drop=True) for column in ("reserve_id", "order", "students")}
        frame = pd.DataFrame(columns).sort_values(["reserve_id", "order", "students"])
        where, seats, weight = view.column("reserves", "placements"), view.numbers("reserves", "seats"), view.numbers("reserves", "weight")
        names: list[str] = []
        students: list[Bools] = []
        placements: list[Bools] = []
        heads: list[int] = []
        for name, group in frame.groupby("reserve_id", sort=True):
            head, inside = int(group.index[0]), np.zeros(len(view.students), dtype=bool)
            there = placements_inside(view, where.iloc[head])
            for level, text in enumerate(group["students"], start=1):
                inside = inside | students_inside(view, text)
                names.append(f"{name} {level}")
                students.append(inside)
                placements.append(there)
                heads.append(head)
        cells = Cells.crossing(
            np.array(students, dtype=bool).reshape(len(names), len(view.students)), np.array(placements, dtype=bool).reshape(len(names), len(view.placements))
        )
        head_of = np.array(heads, dtype=np.int64)
        costs = weight[head_of]
        return Levels(pd.Index(names, dtype="str"), cells, np.nan_to_num(seats[head_of]).astype(np.int64), np.where(np.isnan(costs), 1, costs).astype(np.int64))

    def find(self, name: pd.Series[Any], part: pd.Series[Any]) -> Ints:
        """By reserve and level."""
        return encode(name + " " + part, self.levels.names)

    def standing(self) -> Ints:
        """All of them."""
        return np.arange(len(self.levels.names), dtype=np.int64)

    def entries(self, pairs: Pairs, wanted: Ints) -> Entries:
        """Each pair at a placement of the reserve counts in the level of its student's group, and in all later ones."""
        cells = self.levels.cells
        member, at = spans(cells.first, cells.of(pairs.student, pairs.placement))
        return among(at, cells.quota[member], wanted)

    def bounds(self, wanted: Ints) -> Bounds:
        """A penalty for each seat short."""
        seats = self.levels.seats[wanted]
        return Bounds.soft(seats, np.full_like(seats, UNBOUNDED), self.levels.weight[wanted], np.full(len(seats), "soft", dtype=object))


@dataclass(frozen=True)
class Moves:
    """The one row of the pairs that keep to the earlier matching: at least as many as the budget of moves leaves."""

    view: View

    @cached_property
    def least(self) -> int:
        """The demands in `previous` less those that may move."""
        return max(0, int(np.count_nonzero(in_previous(self.view))) - int(self.view.settings.max_moves or 0))

    def find(self, name: pd.Series[Any], part: pd.Series[Any]) -> Ints:
        """By no name at all."""
        return np.where((name == "") & (part == ""), 0, -1)

    def standing(self) -> Ints:
        """The row."""
        return np.zeros(1, dtype=np.int64)

    def entries(self, pairs: Pairs, wanted: Ints) -> Entries:
        """Each pair that `previous` names counts."""
        at = np.flatnonzero(kept(self.view, pairs))
        return among(at, np.zeros_like(at), wanted)

    def bounds(self, wanted: Ints) -> Bounds:
        """At least the least."""
        return Bounds.hard(np.full_like(wanted, self.least), np.full_like(wanted, UNBOUNDED))
