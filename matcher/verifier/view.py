"""The round seen as numbers: students, placements, demands, seats and what they point to, as codes into sorted ids.

Written from docs/rules.md sections 1 and 2 for the verifier and the measures alone; it shares nothing with what builds the problem.
A code of -1 means "not known". All arrays are as long as the table they stand for, in its order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from matcher.round import Round, canonical_dtype
from matcher.schema import TABLES
from matcher.settings import Settings
from matcher.verifier.codes import Bools, Dates, Floats, Forest, Ints, any_of, encode, spans, tokens_of

__all__ = ["ANY", "Demands", "Seats", "View", "encode"]

ANY = -1
"""The period of a demand that may be met in any period."""


@dataclass(frozen=True, slots=True, eq=False)
class Demands:
    """The demands, sorted by student and period: `first[s]` to `first[s + 1]` are those of student s."""

    student: Ints
    period: Ints
    first: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Seats:
    """The seats, sorted by placement and period; `number[placement, period]` is a seat, or -1 where the placement has none."""

    placement: Ints
    period: Ints
    number: Ints


def _index(values: pd.Series[Any]) -> pd.Index[Any]:
    index: pd.Index[Any] = pd.Index(values)
    return index


def _spelled_out(found: Ints, lists: list[tuple[str, ...]], periods: pd.Index[Any]) -> Bools:
    """Rows x periods: the list of periods of each row (-1: none)."""
    table = np.zeros((len(lists) + 1, len(periods)), dtype=bool)  # the last row serves those without a list
    for at, tokens in enumerate(lists):
        table[at, periods.get_indexer(pd.Index(tokens, dtype="str"))] = True
    return np.asarray(table[found], dtype=bool)


@dataclass(frozen=True)
class View:
    """A round as codes. Everything is computed when it is first asked for."""

    round: Round

    @property
    def settings(self) -> Settings:
        """The settings of the round."""
        return self.round.settings

    # -- columns ---------------------------------------------------------------------------------------------------------

    @cached_property
    def _read(self) -> dict[tuple[str, str, str], Any]:
        """Columns that were asked for before, by how they were read."""
        return {}

    def _once(self, how: str, table: str, column: str, read: Callable[[], Any]) -> Any:
        key = (how, table, column)
        if key not in self._read:
            self._read[key] = read()
        return self._read[key]

    def known(self, table: str, *columns: str) -> bool:
        """Whether the table has all the columns, each with at least one cell that is not empty."""
        return all(self._once("known", table, column, partial(self._known, table, column)) for column in columns)

    def _known(self, table: str, column: str) -> bool:
        return self.round.has(table, column) and bool(self.column(table, column).notna().any())

    def column(self, table: str, column: str) -> pd.Series[Any]:
        """A column of a table, all empty where the round does not have it."""
        found: pd.Series[Any] = self._once("column", table, column, lambda: self._column(table, column))
        return found

    def _column(self, table: str, column: str) -> pd.Series[Any]:
        if self.round.has(table, column):
            return self.round.tables[table][column]
        dtype = canonical_dtype(TABLES[table], column)
        rows = len(self.round.tables[table]) if table in self.round.tables else 0
        return pd.Series(index=range(rows), dtype="float64" if dtype.startswith("int") else dtype)

    def numbers(self, table: str, column: str) -> Floats:
        """A column of numbers, NaN where empty."""
        found: Floats = self._once("numbers", table, column, lambda: self.column(table, column).to_numpy(dtype="float64", na_value=np.nan))
        return found

    def dates(self, table: str, column: str) -> Dates:
        """A column of dates in seconds, NaT where empty."""
        found: Dates = self._once("dates", table, column, lambda: self.column(table, column).to_numpy(dtype="datetime64[s]"))
        return found

    def flags(self, table: str, column: str, value: bool) -> Bools:
        """Where a column of flags is known to be the value."""
        known = self.column(table, column)
        found: Bools = self._once(f"flag {value}", table, column, lambda: (known == value).fillna(value=False).to_numpy(dtype=bool))
        return found

    def _ids(self, *sources: tuple[str, str]) -> pd.Index[Any]:
        columns = [self.column(table, column).dropna().drop_duplicates() for table, column in sources if self.round.has(table, column)]
        return _index(pd.concat(columns, ignore_index=True).drop_duplicates() if columns else pd.Series(dtype="str"))

    # -- ids -------------------------------------------------------------------------------------------------------------

    @cached_property
    def students(self) -> pd.Index[Any]:
        """The ids of the students."""
        return _index(self.column("students", "student_id"))

    @cached_property
    def placements(self) -> pd.Index[Any]:
        """The ids of the placements."""
        return _index(self.column("placements", "placement_id"))

    @cached_property
    def companies(self) -> pd.Index[Any]:
        """The ids of all companies that are described or pointed to."""
        return self._ids(("companies", "company_id"), ("placements", "company_id"), ("students", "own_company_id"))

    @cached_property
    def programmes(self) -> pd.Index[Any]:
        """The ids of all programmes that are described or pointed to."""
        return self._ids(("programmes", "programme_id"), ("students", "programme_id"), ("recognitions", "programme_id"))

    @cached_property
    def sectors(self) -> Forest:
        """All sectors that are described or pointed to, with their ancestors."""
        ids = self._ids(("sectors", "sector_id"), ("sectors", "parent_id"), ("placements", "sector_id"), ("companies", "sector_id"))
        return self._forest("sectors", "sector_id", ids)

    @cached_property
    def regions(self) -> Forest:
        """All regions that are described or pointed to, with their ancestors."""
        sources = (("regions", "region_id"), ("regions", "parent_id"), ("placements", "region_id"), ("companies", "region_id"), ("students", "region_id"))
        return self._forest("regions", "region_id", self._ids(*sources))

    def _forest(self, table: str, key: str, ids: pd.Index[Any]) -> Forest:
        parent = np.full(len(ids), -1, dtype=np.int64)
        own = encode(self.column(table, key), ids)
        parent[own] = encode(self.column(table, "parent_id"), ids)
        everyone = np.arange(len(ids), dtype=np.int64)
        nodes, ancestors, current = [everyone], [everyone], parent
        for _ in range(len(ids)):  # as deep as the forest is, and never longer, so that a circle ends too
            climbing = current >= 0
            if not climbing.any():
                break
            nodes.append(everyone[climbing])
            ancestors.append(current[climbing])
            current = np.where(climbing, parent[current], -1)
        pairs = np.unique(np.stack([np.concatenate(nodes), np.concatenate(ancestors)]), axis=1)
        return Forest(ids, pairs[0], pairs[1])

    # -- where students and placements point -----------------------------------------------------------------------------

    @cached_property
    def programme(self) -> Ints:
        """The programme of each student."""
        return encode(self.column("students", "programme_id"), self.programmes)

    @cached_property
    def programme_row(self) -> Ints:
        """The row of `programmes` that each student points to."""
        return encode(self.column("students", "programme_id"), pd.Index(self.column("programmes", "programme_id")))

    @cached_property
    def student_region(self) -> Ints:
        """The region of each student."""
        return encode(self.column("students", "region_id"), self.regions.ids)

    @cached_property
    def company(self) -> Ints:
        """The company of each placement."""
        return encode(self.column("placements", "company_id"), self.companies)

    @cached_property
    def company_row(self) -> Ints:
        """The row of `companies` that each placement points to."""
        return encode(self.column("placements", "company_id"), pd.Index(self.column("companies", "company_id")))

    @cached_property
    def sector(self) -> Ints:
        """The sector of each placement: its own, else that of its company."""
        return self._own_or_company("sector_id", self.sectors.ids)

    @cached_property
    def region(self) -> Ints:
        """The region of each placement: its own, else that of its company."""
        return self._own_or_company("region_id", self.regions.ids)

    def _own_or_company(self, column: str, ids: pd.Index[Any]) -> Ints:
        own = encode(self.column("placements", column), ids)
        company = np.append(encode(self.column("companies", column), ids), -1)
        return np.where(own >= 0, own, company[self.company_row])

    def of_programme(self, own: str, programme: str) -> pd.Series[Any]:
        """A column of the students, and where a cell is empty the column of the student's programme."""
        column = self.column("students", own)
        if not self.known("programmes", programme):
            return column
        theirs = self.column("programmes", programme).array.take(self.programme_row, allow_fill=True)
        return column.where(column.notna(), pd.Series(theirs, index=column.index))

    # -- periods, demands, seats -----------------------------------------------------------------------------------------

    @cached_property
    def _asked(self) -> tuple[Ints, list[tuple[str, ...]]]:
        """The different lists of periods that students ask for, each sorted, and for each student the one it has (-1: none)."""
        found, cells = pd.factorize(self.column("students", "periods"))
        return found.astype(np.int64), [tuple(sorted(tokens_of(cell) or ())) for cell in cells]

    @cached_property
    def _offered(self) -> tuple[Ints, list[tuple[str, ...]]]:
        """The different lists of periods that placements name, each sorted, and for each placement the one it has (-1: none)."""
        found, cells = pd.factorize(self.column("placements", "period_id"))
        return found.astype(np.int64), [tuple(sorted(tokens_of(cell) or ())) for cell in cells]

    @cached_property
    def periods(self) -> pd.Index[Any]:
        """The periods of the round, sorted; one empty text where it names none."""
        _, lists = self._asked
        named = {period for asked in lists for period in asked} | {period for offered in self._offered[1] for period in offered}
        return pd.Index(sorted(named) or [""], dtype="str")

    @cached_property
    def demands(self) -> Demands:
        """One demand per student, or one for each period the student asks for."""
        found, lists = self._asked
        position = {period: code for code, period in enumerate(self.periods)}
        wanted = [[position[period] for period in asked] or [ANY] for asked in [*lists, ()]]  # the last serves those who ask for none
        first = np.cumsum([0, *(len(codes) for codes in wanted)])
        choice = np.where(found >= 0, found, len(lists))
        at, student = spans(first, choice)
        period = np.array([code for codes in wanted for code in codes], dtype=np.int64)[at]
        return Demands(student, period, np.searchsorted(student, np.arange(len(choice) + 1)))

    @cached_property
    def named_periods(self) -> Bools:
        """Placements x periods: the periods that each placement names."""
        found, lists = self._offered
        return _spelled_out(found, lists, self.periods)

    @cached_property
    def asked_periods(self) -> Bools:
        """Students x periods: the periods that each student asks for; none for a student without periods."""
        found, lists = self._asked
        return _spelled_out(found, lists, self.periods)

    @cached_property
    def span(self) -> Bools:
        """Which placements are taken in several periods or in none."""
        return np.asarray(self.named_periods.sum(axis=1) > 1)

    @cached_property
    def first_period(self) -> Ints:
        """The first period that each placement names, ANY where it names none."""
        return np.where(any_of(self.named_periods), self.named_periods.argmax(axis=1), ANY)

    @cached_property
    def seats(self) -> Seats:
        """A seat per placement in its period, or in every period where it names none."""
        open_in = self.named_periods | (self.first_period == ANY)[:, None]
        placement, period = np.nonzero(open_in)
        number = np.full(open_in.shape, -1, dtype=np.int64)
        number[open_in] = np.arange(len(placement))
        return Seats(placement.astype(np.int64), period.astype(np.int64), number)

    @cached_property
    def mentor_capacity(self) -> Floats:
        """What the mentors of each placement can carry, NaN where it is not known or the rule is off."""
        if not self.settings.mentor_capacity:
            return np.full(len(self.placements), np.nan)
        return np.floor(self.numbers("placements", "mentors") * self.numbers("placements", "students_per_mentor"))

    @cached_property
    def capacity(self) -> Ints:
        """The usable capacity of each placement, in each of its periods."""
        return np.fmin(self.numbers("placements", "capacity"), self.mentor_capacity).astype(np.int64)

    @cached_property
    def minimum(self) -> Ints:
        """`capacity_min` of each placement, 0 where empty."""
        return np.nan_to_num(self.numbers("placements", "capacity_min")).astype(np.int64)

    @cached_property
    def must_open(self) -> Bools:
        """Which placements must open."""
        return self.flags("placements", "must_open", value=True)

    @cached_property
    def mandatory(self) -> Bools:
        """Which students are mandatory."""
        return self.flags("students", "mandatory", value=True)

    @cached_property
    def shortage(self) -> Bools:
        """Which students have a programme that is marked as a shortage one."""
        return np.append(self.flags("programmes", "shortage", value=True), False)[self.programme_row]

    @cached_property
    def previous(self) -> tuple[Ints, Ints]:
        """The rows of `previous` as codes of students and placements."""
        student = encode(self.column("previous", "student_id"), self.students)
        placement = encode(self.column("previous", "placement_id"), self.placements)
        there = (student >= 0) & (placement >= 0)
        return student[there], placement[there]

    def key(self, owner: Ints, placement: Ints) -> Ints:
        """One number for a student or demand and a placement, in the order of both."""
        return owner * len(self.placements) + placement

    # -- labels ----------------------------------------------------------------------------------------------------------

    def seat_label(self, seat: int) -> tuple[str, str]:
        """The placement and period of a seat."""
        return str(self.placements[self.seats.placement[seat]]), str(self.periods[self.seats.period[seat]])
