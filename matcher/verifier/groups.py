"""Quotas that are a row for each group: by columns of students and placements, or for each student (docs/rules.md section 5, "Per" and "Paths").

The groups of a quota are pairs of a *left* group (the values of the student's columns) and a *right* group (those of the placement's columns), and the key of a
row is made of both. Which groups there are is known only after a look at all pairs; it is taken where a minimum or a penalty asks for it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from matcher.verifier.codes import Bools, Ints, encode, spans, tokens_of
from matcher.verifier.families import UNBOUNDED, Bounds, Entries, among, nothing, split_left, split_right
from matcher.verifier.pairs import Pairs, Rulebook, all_pairs
from matcher.verifier.rows import Rows
from matcher.verifier.view import View

STUDENT = "student"


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """The values of one column: `first[i]` to `first[i + 1]` of `value` are those of row i, as positions among the texts."""

    texts: pd.Index[Any]
    first: Ints
    value: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """The groups of one side: `first[i]` to `first[i + 1]` of `member` are those of row i; `code[g]` holds the values of group g, a digit for each column."""

    columns: tuple[Column, ...]
    first: Ints
    member: Ints
    code: Ints

    @classmethod
    def of(cls, rows: int, columns: tuple[Column, ...]) -> Side:
        """Each row with each combination of its values."""
        owner, code = np.arange(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64)
        for column in columns:
            value, at = spans(column.first, owner)
            owner, code = owner[at], code[at] * len(column.texts) + column.value[value]
        codes, member = np.unique(code, return_inverse=True)
        return cls(columns, np.searchsorted(owner, np.arange(rows + 1)), member.astype(np.int64), codes)

    def find(self, pieces: list[pd.Series[Any]]) -> Ints:
        """The group with the given values, column by column; -1 where there is none."""
        wanted = np.zeros(len(pieces[0]) if pieces else 1, dtype=np.int64)
        known = np.ones(len(wanted), dtype=bool)
        for column, texts in zip(self.columns, pieces, strict=True):
            value = encode(texts, column.texts)
            known &= value >= 0
            wanted = wanted * len(column.texts) + value
        at = np.searchsorted(self.code, wanted)
        there = known & (at < len(self.code))
        there[there] = self.code[at[there]] == wanted[there]
        return np.where(there, at, -1)

    def values(self, group: Ints) -> list[pd.Index[Any]]:
        """The values of some groups, column by column."""
        code, values = self.code[group], []
        for column in reversed(self.columns):
            code, value = np.divmod(code, len(column.texts))
            values.append(column.texts[value])
        return values[::-1]


@dataclass(frozen=True, eq=False)
class Census:
    """Which groups there are, of all quotas that must know, by one look at all pairs."""

    book: Rulebook
    asking: list[Groups]

    @cached_property
    def keys(self) -> dict[int, Ints]:
        """The sorted keys of the groups that some eligible pair belongs to, by quota. O(pairs x quotas)."""
        found = {group.quota: nothing() for group in self.asking}
        for pairs, _ in all_pairs(self.book):
            for group in self.asking:
                found[group.quota] = np.union1d(found[group.quota], group.counted(pairs)[1])
        return found


@dataclass(frozen=True)
class Groups:
    """The rows of one quota, `quota` among the quotas with groups."""

    book: Rulebook
    rows: Rows
    quota: int
    census: Census

    @property
    def per(self) -> tuple[str, ...]:
        """The columns that make the groups."""
        return self.rows.group_quotas.per[self.quota]

    @property
    def name(self) -> str:
        """The quota's id."""
        return str(self.rows.group_quotas.ids[self.quota])

    @cached_property
    def _on_left(self) -> tuple[bool, ...]:
        """Which of the columns are the student's."""
        return tuple(_is_students(self.book.view, column) for column in self.per)

    @cached_property
    def left(self) -> Side:
        """The groups of students."""
        view = self.book.view
        columns = tuple(_students_column(view, column) for column, left in zip(self.per, self._on_left, strict=True) if left)
        return Side.of(len(view.students), columns)

    @cached_property
    def right(self) -> Side:
        """The groups of placements."""
        view = self.book.view
        columns = tuple(_placements_column(view, column) for column, left in zip(self.per, self._on_left, strict=True) if not left)
        return Side.of(len(view.placements), columns)

    @property
    def has_path(self) -> bool:
        """Whether the quota asks each student for a minimum."""
        return STUDENT in self.per and self.lowest > 0

    @property
    def lowest(self) -> int:
        """The quota's minimum."""
        return int(self.rows.group_quotas.lower[self.quota])

    @property
    def hard(self) -> bool:
        """Whether the bounds bind."""
        return bool(self.rows.group_quotas.hard[self.quota])

    @property
    def least(self) -> int:
        """The minimum of each row: none where it is the student's, for that has rows of its own."""
        return 0 if STUDENT in self.per else self.lowest

    @property
    def most(self) -> int:
        """The maximum of each row."""
        upper = float(self.rows.group_quotas.upper[self.quota])
        return UNBOUNDED if np.isinf(upper) else int(upper)

    @property
    def stands(self) -> bool:
        """Whether the rows count unnamed: they have a minimum or a penalty."""
        return self.least > 0 or (not self.hard and self.most < UNBOUNDED)

    def inside(self, pairs: Pairs) -> Bools:
        """Which pairs have both the student and the placement inside."""
        quotas = self.rows.group_quotas
        both: Bools = quotas.students[self.quota][pairs.student] & quotas.placements[self.quota][pairs.placement]
        return both

    def counted(self, pairs: Pairs) -> tuple[Ints, Ints]:
        """The pairs that belong to a group, ascending, each with the key of every group it belongs to."""
        at = np.flatnonzero(self.inside(pairs))
        left, owner = spans(self.left.first, pairs.student[at])
        at, left = at[owner], self.left.member[left]
        right, owner = spans(self.right.first, pairs.placement[at])
        return at[owner], left[owner] * len(self.right.code) + self.right.member[right]

    def find(self, name: pd.Series[Any], part: pd.Series[Any]) -> Ints:
        """By quota and the values of the columns, joined by bars; only the text of a student may hold a bar."""
        at = self.per.index(STUDENT) if STUDENT in self.per else 0
        *head, tail = split_left(part, at)
        pieces = [*head, *split_right(tail.astype("str"), len(self.per) - 1 - at)]
        left = self.left.find([piece for piece, on_left in zip(pieces, self._on_left, strict=True) if on_left])
        right = self.right.find([piece for piece, on_left in zip(pieces, self._on_left, strict=True) if not on_left])
        there = (name == self.name).to_numpy(dtype=bool) & (left >= 0) & (right >= 0)
        return np.where(there, left * len(self.right.code) + right, -1)

    def values(self, keys: Ints) -> list[pd.Index[Any]]:
        """The values of some groups, column by column, as `per` writes them."""
        left, right = np.divmod(keys, max(1, len(self.right.code)))
        values = {True: iter(self.left.values(left)), False: iter(self.right.values(right))}
        return [next(values[on_left]) for on_left in self._on_left]

    def label(self, key: int) -> str:
        """The quota and the values of a group, for people."""
        return f"{self.name} ({', '.join(str(column[0]) for column in self.values(np.array([key])))})"

    def standing(self) -> Ints:
        """The groups there are, where they have a minimum or a penalty."""
        return self.census.keys[self.quota] if self.stands else nothing()

    def entries(self, pairs: Pairs, wanted: Ints) -> Entries:
        """Each pair counts in its groups."""
        return among(*self.counted(pairs), wanted)

    def bounds(self, wanted: Ints) -> Bounds:
        """The same for every group."""
        quotas = self.rows.group_quotas
        lower, upper = np.full_like(wanted, self.least), np.full_like(wanted, self.most)
        if self.hard:
            return Bounds.hard(lower, upper)
        return Bounds.soft(lower, upper, np.full_like(wanted, quotas.weight[self.quota]), np.full(len(wanted), quotas.tier[self.quota], dtype=object))


@dataclass(frozen=True)
class Paths:
    """The rows of a minimum for each student: the pairs outside the quota's placements, which must leave room for the minimum. The key is the student."""

    group: Groups

    @property
    def owes(self) -> Bools:
        """The students of whom the minimum is asked."""
        owing: Bools = self.group.rows.group_quotas.students[self.group.quota]
        return owing

    def find(self, name: pd.Series[Any], part: pd.Series[Any]) -> Ints:
        """By quota and student."""
        student = encode(part, self.group.book.view.students)
        there = (name == self.group.name).to_numpy(dtype=bool) & (student >= 0)
        there[there] = self.owes[student[there]]
        return np.where(there, student, -1)

    def standing(self) -> Ints:
        """The rows with a penalty."""
        return nothing() if self.group.hard else np.flatnonzero(self.owes)

    def entries(self, pairs: Pairs, wanted: Ints) -> Entries:
        """Each pair of the student outside the quota's placements."""
        outside = ~self.group.rows.group_quotas.placements[self.group.quota]
        at = np.flatnonzero(outside[pairs.placement])
        return among(at, pairs.student[at], wanted)

    def bounds(self, wanted: Ints) -> Bounds:
        """At most the demands that the minimum leaves."""
        quotas, quota = self.group.rows.group_quotas, self.group.quota
        demands = np.diff(self.group.book.view.demands.first)[wanted]
        most = np.maximum(demands - self.group.lowest, 0)
        zero = np.zeros_like(most)
        if self.group.hard:
            return Bounds.hard(zero, most)
        return Bounds.soft(zero, most, np.full_like(most, quotas.weight[quota]), np.full(len(most), quotas.tier[quota], dtype=object))


def groups_of(book: Rulebook, rows: Rows) -> tuple[Groups, ...]:
    """The quotas with groups."""
    if not rows.grouped.any():
        return ()
    census = Census(book, [])
    groups = tuple(Groups(book, rows, quota, census) for quota in range(len(rows.group_quotas.ids)))
    census.asking.extend(group for group in groups if group.stands)
    return groups


def _is_students(view: View, column: str) -> bool:
    """Whether a column is the student's: said so, or only that table has it."""
    if column == STUDENT or column.startswith("student."):
        return True
    if column.startswith("placement.") or column in {"sector_id", "region_id"}:
        return False
    return not view.round.has("placements", column)


def _students_column(view: View, column: str) -> Column:
    if column == STUDENT:
        everyone = np.arange(len(view.students) + 1, dtype=np.int64)
        return Column(view.students, everyone, everyone[:-1])
    return _column(view.column("students", column.removeprefix("student.")))


def _placements_column(view: View, column: str) -> Column:
    column = column.removeprefix("placement.")
    if column in {"sector_id", "region_id"}:
        code, ids = (view.sector, view.sectors.ids) if column == "sector_id" else (view.region, view.regions.ids)
        return Column(ids, np.concatenate([[0], np.cumsum(code >= 0)]).astype(np.int64), code[code >= 0])
    return _column(view.column("placements", column))


def _column(cells: pd.Series[Any]) -> Column:
    """The values of a column as texts: token lists token by token, flags `true` and `false`, dates by ISO, numbers as short as they can be written."""
    found, values = pd.factorize(cells)
    lists = [tuple(map(str, _texts(value))) for value in values]
    texts = pd.Index(dict.fromkeys(text for tokens in lists for text in tokens), dtype="str")
    sizes = np.array([len(tokens) for tokens in lists] + [0], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    flat = texts.get_indexer(pd.Index([text for tokens in lists for text in tokens], dtype="str")).astype(np.int64)
    at, _ = spans(starts, np.where(found >= 0, found, len(lists)))
    return Column(texts, np.concatenate([[0], np.cumsum(sizes[found])]).astype(np.int64), flat[at])


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tokens_of(value) or ()
    if isinstance(value, bool | np.bool_):
        return ("true" if value else "false",)
    if isinstance(value, dt.datetime):
        return (value.date().isoformat(),)
    return (f"{int(value)}" if float(value).is_integer() else repr(float(value)),)
