"""Who may take whom: every matched pair needs one member of staff of each kind, and pairs that the same members may take form a group.

A pair is judged by its region, programme, sector and company only, so whatever agrees in these is judged once (a *class*), and classes that the same
members may take are put together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.round import Round
from matcher.rules.facts import Codes, Facts, Flags, encode, listed
from matcher.rules.wishes import ancestors
from matcher.staff.result import KINDS


@dataclass(frozen=True, eq=False)
class Cover:
    """One rule: which members a value of a pair allows.

    Attributes
    ----------
    name
        `region`, `programme`, `sector` or `company`.
    values
        V ids.
    of_pair
        int32 per pair: the position of its value; -1 where it is not known (or nobody names it).
    may
        bool, (V + 1) x M; the last row is for -1, and all true: what is not known does not restrict.
    """

    name: str
    values: pd.Index
    of_pair: Codes
    may: Flags

    def value(self, code: int) -> str:
        """The id behind a code, for a sentence; empty where it is not known."""
        return str(self.values[code]) if code >= 0 else ""


@dataclass(frozen=True, eq=False)
class Needs:
    """N needs (a pair and a kind), C classes, G groups, M members.

    Attributes
    ----------
    pairs
        The matched pairs, sorted by student and period: `student_id`, `placement_id`, `period_id`.
    staff
        The table, sorted by id.
    covers
        The four rules.
    pair, kind, klass
        int32 per need, sorted by pair, then kind (a position in KINDS).
    code
        int64, C x 5: a class as positions in the values of the four rules, and its kind.
    group_of_class
        int32, C.
    size
        int64, G: the needs in each group.
    may
        bool, G x M.
    """

    pairs: pd.DataFrame
    staff: pd.DataFrame
    covers: tuple[Cover, ...]
    pair: Codes
    kind: Codes
    klass: Codes
    code: npt.NDArray[np.int64]
    group_of_class: Codes
    size: npt.NDArray[np.int64]
    may: Flags

    @property
    def group(self) -> Codes:
        """int32, N."""
        return self.group_of_class[self.klass]

    @property
    def kind_of_member(self) -> Codes:
        """int32, M."""
        return encode(self.staff["kind"], pd.Index(KINDS))

    @property
    def most(self) -> npt.NDArray[np.int64]:
        """int64, M: `max_students`."""
        return self.staff["max_students"].to_numpy(dtype=np.int64)


def needs_of(round_: Round, matches: pd.DataFrame) -> Needs:
    """The needs behind the matches of a result. O(N log N + C M / 8 + G M) time."""
    columns = ["student_id", "placement_id", "period_id"]
    pairs = matches.loc[matches["placement_id"].notna(), columns].sort_values(["student_id", "period_id"], ignore_index=True)
    staff = round_.table("staff").sort_values("staff_id", ignore_index=True)
    covers = _covers(Facts.of(round_), pairs, staff)
    of_member = encode(staff["kind"], pd.Index(KINDS))
    present = np.unique(of_member)
    pair = np.repeat(np.arange(len(pairs), dtype=np.int32), len(present))
    kind = np.tile(present, len(pairs)).astype(np.int32)
    code, klass = _classes([*(cover.of_pair[pair] for cover in covers), kind], [*(len(cover.may) for cover in covers), len(KINDS)])
    bits = np.packbits(of_member == np.arange(len(KINDS))[:, None], axis=1)[code[:, -1]]
    for at, cover in enumerate(covers):
        bits &= np.packbits(cover.may, axis=1)[code[:, at]]
    distinct, group = _distinct(bits)
    size = np.bincount(group[klass], minlength=len(distinct)).astype(np.int64)
    may = np.unpackbits(distinct, axis=1, count=len(staff)).astype(np.bool_)
    return Needs(pairs, staff, covers, pair, kind, klass, code, group, size, may)


def _covers(facts: Facts, pairs: pd.DataFrame, staff: pd.DataFrame) -> tuple[Cover, ...]:
    student = encode(pairs["student_id"], facts.student_index)
    placement = encode(pairs["placement_id"], facts.placement_index)

    def cells(column: pd.Series | None, at: Codes) -> pd.Series:
        return pd.Series(np.nan, index=range(len(at)), dtype="str") if column is None else column.take(at).reset_index(drop=True)

    return (
        _cover("region", cells(facts.placement("region_id"), placement), staff, facts.round.table("regions")),
        _cover("programme", cells(facts.student("programme_id"), student), staff, None),
        _cover("sector", cells(facts.placement("sector_id"), placement), staff, facts.round.table("sectors")),
        _company(cells(facts.placement("company_id"), placement), staff),
    )


def _cover(name: str, cells: pd.Series, staff: pd.DataFrame, tree: pd.DataFrame | None) -> Cover:
    """Members whose list holds the value or, in a tree, one of its ancestors; and those who have no list."""
    column = f"{name}_id"
    present = pd.DataFrame({column: pd.Series(cells.dropna().unique(), dtype="str")})
    if tree is None:
        values = pd.Index(present[column])
        up = down = np.arange(len(values), dtype=np.int32)
    else:
        loose = present[~present[column].isin(tree[column])]
        values, up, down = ancestors(pd.concat([tree, loose], ignore_index=True), column)
    may = np.ones((len(values) + 1, len(staff)), dtype=np.bool_)
    if f"{name}s" in staff:
        lists = staff[f"{name}s"]
        row, token = listed(lists, values)
        named = np.zeros((len(values), len(staff)), dtype=np.bool_)
        named[token[token >= 0], row[token >= 0]] = True
        may[:-1] = lists.isna().to_numpy()
        np.logical_or.at(may, down, named[up])
    return Cover(name, values, encode(cells, values), may)


def _company(cells: pd.Series, staff: pd.DataFrame) -> Cover:
    """All members but the assessors who come from the pair's company."""
    theirs = staff["company_id"].where(staff["kind"] == "assessor") if "company_id" in staff else pd.Series(np.nan, index=staff.index, dtype="str")
    values = pd.Index(theirs.dropna().unique()).sort_values()
    may = np.ones((len(values) + 1, len(staff)), dtype=np.bool_)
    own = encode(theirs, values)
    may[own[own >= 0], np.flatnonzero(own >= 0)] = False
    return Cover("company", values, encode(cells, values), may)


def _classes(columns: list[Codes], spans: list[int]) -> tuple[npt.NDArray[np.int64], Codes]:
    """The distinct rows of some columns of codes from -1 on, and which of them each row is."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for column, span in zip(columns, spans, strict=True):
        key = np.unique(key * (span + 1) + column + 1, return_inverse=True)[1]  # numbered anew, so that it never overflows
    _, first, klass = np.unique(key, return_index=True, return_inverse=True)
    return np.stack([column[first] for column in columns], axis=1).astype(np.int64), klass.astype(np.int32)


def _distinct(bits: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint8], Codes]:
    """The distinct rows in the order of their bytes, and which of them each row is."""
    width = bits.shape[1]
    if not len(bits) or not width:
        return bits[:0], np.zeros(len(bits), dtype=np.int32)
    rows, group = np.unique(np.ascontiguousarray(bits).view(np.dtype((np.void, width))).ravel(), return_inverse=True)
    return rows.view(np.uint8).reshape(-1, width), group.astype(np.int32)
