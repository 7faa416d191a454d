"""Families of rows: one small interface for every kind of bound that a proof may price or split (docs/proof.md, "Names of rows").

A family numbers its rows by *keys*, whole numbers that need not be dense, so that a family with a row for every student costs nothing until a proof names
some of them. Rows that a bound must look at unnamed, because they have a minimum or a penalty, are `standing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.verifier.codes import Bools, Ints, encode, spans
from matcher.verifier.pairs import Pairs
from matcher.verifier.rows import Rows
from matcher.verifier.view import View

UNBOUNDED = int(np.iinfo(np.int64).max)
"""The upper bound of a row without one."""

DENSE = 1 << 24
"""Keys below this are looked up in a table, larger ones by binary search."""

Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Which pairs of a block count in which rows: pair `at` (ascending) counts `sign` in row `row`, a position among the keys asked for."""

    at: Ints
    row: Ints
    sign: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """What rows may count, and what they cost; one value per row.

    Attributes
    ----------
    lower, upper
        The bounds that no matching leaves; `upper` is UNBOUNDED where there is none.
    closed_below
        A row that counts anything counts at least so many; 0 where any number will do.
    below, above, weight, tier
        Each pair short of `below` or beyond `above` costs `weight` in the soft tier of that name; weight 0 where there is no penalty.
    capacity
        The usable capacity of a seat, over which the tier `balance` fills it; 0 for other rows.
    """

    lower: Ints
    upper: Ints
    closed_below: Ints
    below: Ints
    above: Ints
    weight: Ints
    tier: Texts
    capacity: Ints

    @classmethod
    def hard(cls, lower: Ints, upper: Ints, closed_below: Ints | None = None, capacity: Ints | None = None) -> Bounds:
        """Rows whose bounds bind."""
        zero = np.zeros_like(lower)
        return cls(lower, upper, _or(closed_below, zero), zero, upper, zero, _texts("", zero), _or(capacity, zero))

    @classmethod
    def soft(cls, below: Ints, above: Ints, weight: Ints, tier: Texts) -> Bounds:
        """Rows that may count any number, at a price."""
        zero = np.zeros_like(below)
        return cls(zero, np.full_like(below, UNBOUNDED), zero, below, above, weight, tier, zero)

    @classmethod
    def chosen(cls, is_hard: Bools, lower: Ints, upper: Ints, weight: Ints, tier: Texts) -> Bounds:
        """Rows of either sort."""
        left, right = cls.hard(lower, upper), cls.soft(lower, upper, weight, tier)
        return cls(*(np.where(is_hard, getattr(left, part.name), getattr(right, part.name)) for part in fields(cls)))

    @classmethod
    def joined(cls, parts: Sequence[Bounds]) -> Bounds:
        """The rows of several families, one after the other."""
        return cls(*(np.concatenate([getattr(bounds, part.name) for bounds in parts]) for part in fields(cls)))


class Family(Protocol):
    """The rows of one kind."""

    def find(self, name: pd.Series[Any], part: pd.Series[Any]) -> Ints:
        """The key of the row that each id and part name, -1 where there is none."""
        ...

    def standing(self) -> Ints:
        """The sorted keys of the rows that count unnamed: they have a minimum or a penalty."""
        ...

    def entries(self, pairs: Pairs, wanted: Ints) -> Entries:
        """Where the pairs of a block count among the rows of the wanted keys (sorted)."""
        ...

    def bounds(self, wanted: Ints) -> Bounds:
        """The bounds and penalties of the rows of the wanted keys."""
        ...


def _texts(word: str, like: Ints) -> Texts:
    return np.full(len(like), word, dtype=object)


def _or(part: Ints | None, instead: Ints) -> Ints:
    return instead if part is None else part


def located(keys: Ints, wanted: Ints) -> Ints:
    """The position of each key among the wanted ones (sorted), -1 where it is not there."""
    if len(wanted) == 0 or len(keys) == 0:
        return np.full(len(keys), -1, dtype=np.int64)
    if wanted[-1] < DENSE and keys.max() < DENSE:
        place = np.full(int(max(wanted[-1], keys.max())) + 1, -1, dtype=np.int64)
        place[wanted] = np.arange(len(wanted))
        return place[keys]
    position = np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)
    return np.where(wanted[position] == keys, position, -1)


def among(at: Ints, keys: Ints, wanted: Ints, sign: Ints | None = None) -> Entries:
    """The entries of pairs whose keys are wanted."""
    row = located(keys, wanted)
    kept = row >= 0
    signs = np.ones(len(row), dtype=np.int64) if sign is None else sign
    return Entries(at, row, signs) if kept.all() else Entries(at[kept], row[kept], signs[kept])


@dataclass(frozen=True)
class Seats:
    """The seats, by number; `fills` says that the policy has the tier `balance`, whose penalties are theirs."""

    rows: Rows
    fills: bool

    def find(self, name: pd.Series[Any], part: pd.Series[Any]) -> Ints:
        """By placement and period."""
        return seat_of(self.rows.view, name, part)

    def standing(self) -> Ints:
        """Those with a minimum, or all."""
        return np.flatnonzero((self.rows.seat_lower > 0) | self.fills)

    def entries(self, pairs: Pairs, wanted: Ints) -> Entries:
        """Each pair counts in its seat."""
        return among(np.arange(len(pairs.seat)), pairs.seat, wanted)

    def bounds(self, wanted: Ints) -> Bounds:
        """Up to the usable capacity."""
        upper = self.rows.seat_upper[wanted]
        capacity = upper if self.fills else np.zeros_like(upper)
        return Bounds.hard(self.rows.seat_lower[wanted], upper, self.rows.seat_open_or_closed[wanted], capacity)


@dataclass(frozen=True)
class Pools:
    """The pools, by number."""

    rows: Rows

    def find(self, name: pd.Series[Any], part: pd.Series[Any]) -> Ints:
        """By pool."""
        return np.where(part == "", encode(name, self.rows.pool_ids), -1)

    def standing(self) -> Ints:
        """None: a pool has no minimum."""
        return nothing()

    def entries(self, pairs: Pairs, wanted: Ints) -> Entries:
        """Each pair counts in every pool of its placement."""
        pool, at = spans(self.rows.pool_first, pairs.placement)
        return among(at, self.rows.pool_member[pool], wanted)

    def bounds(self, wanted: Ints) -> Bounds:
        """Up to the capacity."""
        upper = self.rows.pool_upper[wanted]
        return Bounds.hard(np.zeros_like(upper), upper)


@dataclass(frozen=True)
class Quotas:
    """The quotas that are one row each, by number."""

    rows: Rows

    def find(self, name: pd.Series[Any], part: pd.Series[Any]) -> Ints:
        """By quota."""
        return np.where(part == "", encode(name, self.rows.quotas.ids), -1)

    def standing(self) -> Ints:
        """Those with a minimum or a penalty."""
        quotas = self.rows.quotas
        return np.flatnonzero(~quotas.hard | (quotas.lower > 0))

    def entries(self, pairs: Pairs, wanted: Ints) -> Entries:
        """Each pair counts in every quota that has its student and its placement inside: one look per pair, at a cell of the alike."""
        cells = self.rows.quota_cells
        member, at = spans(cells.first, cells.of(pairs.student, pairs.placement))
        return among(at, cells.quota[member], wanted)

    def bounds(self, wanted: Ints) -> Bounds:
        """Hard or soft, as the quota says."""
        quotas = self.rows.quotas
        upper = np.where(np.isinf(quotas.upper), 0, quotas.upper).astype(np.int64)
        above = np.where(np.isinf(quotas.upper), UNBOUNDED, upper)
        return Bounds.chosen(quotas.hard[wanted], quotas.lower[wanted], above[wanted], quotas.weight[wanted], quotas.tier[wanted])


@dataclass(frozen=True)
class Singles:
    """The pairs, each a row of its own; the key is made of student and seat."""

    view: View

    def find(self, name: pd.Series[Any], part: pd.Series[Any]) -> Ints:
        """By student, placement and period."""
        student = encode(name, self.view.students)
        seat = seat_of(self.view, *split_right(part, 1))
        return np.where((student >= 0) & (seat >= 0), student * len(self.view.seats.placement) + seat, -1)

    def standing(self) -> Ints:
        """None."""
        return nothing()

    def entries(self, pairs: Pairs, wanted: Ints) -> Entries:
        """Each pair counts in its own row."""
        width = len(self.view.seats.placement)
        asked = np.zeros(len(self.view.students), dtype=bool)
        asked[wanted // max(1, width)] = True
        at = np.flatnonzero(asked[pairs.student])
        return among(at, pairs.student[at] * width + pairs.seat[at], wanted)

    def bounds(self, wanted: Ints) -> Bounds:
        """There or not."""
        return Bounds.hard(np.zeros_like(wanted), np.ones_like(wanted))


def nothing() -> Ints:
    """No keys."""
    return np.zeros(0, dtype=np.int64)


def of_students(pairs: Pairs, students: Ints) -> tuple[Ints, Ints]:
    """Each pair with each of some sorted students that is its own: positions among those and among the pairs, the latter ascending."""
    first = np.searchsorted(students, np.arange(int(pairs.student.max(initial=0)) + 2))
    return spans(first, pairs.student)


def seat_of(view: View, placement: pd.Series[Any], period: pd.Series[Any]) -> Ints:
    """The seat of each placement and period, -1 where there is none."""
    where, when = encode(placement, view.placements), encode(period, view.periods)
    if not view.seats.number.size:
        return np.full(len(where), -1, dtype=np.int64)
    return np.where((where >= 0) & (when >= 0), view.seats.number[where, when], -1)


def split_left(part: pd.Series[Any], times: int) -> list[pd.Series[Any]]:
    """Texts that were joined by bars taken apart from the left, where only the last text may hold a bar itself; missing ones are NaN."""
    return _pieces(part.str.split("|", n=times, expand=True), times) if times else [part]


def split_right(part: pd.Series[Any], times: int) -> list[pd.Series[Any]]:
    """Texts that were joined by bars taken apart from the right, where only the first text may hold a bar itself; missing ones are NaN."""
    return _pieces(part.str.rsplit("|", n=times, expand=True), times) if times else [part]


def _pieces(table: pd.DataFrame, times: int) -> list[pd.Series[Any]]:
    whole = table.reindex(columns=range(times + 1))
    return [whole[column] for column in whole]
