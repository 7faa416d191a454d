"""Wishes: which placements a student asked for, at which rank, and which the student refused (docs/rules.md section 2).

A line for a company, sector or region stands for many pairs, and so does the unspoken last line of a round with `unlisted = "last"`. Pairs are
therefore made block by block, for a range of students at a time, so that memory stays bounded whatever the wishes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.rules.facts import Codes, Facts, encode, spelled_out
from matcher.rules.refusals import contains
from matcher.schema import NO

BLOCK_PAIRS = 1 << 18
"""About how many pairs a block may hold: what the rules look at of so many fits the processor's cache, and a job can be stopped between two blocks."""

TARGETS = ("placement", "company", "sector", "region", "any")
UNRANKED = 0
"""The rank of a pair whose student has no wishes."""

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Candidates:
    """Candidate pairs of a block, sorted by student, then placement; rank 0 where the student has no wishes."""

    s: Codes
    p: Codes
    rank: Codes


@dataclass(frozen=True)
class Groups:
    """Which placements a target covers: those of group g are member[first[g]:first[g + 1]]."""

    first: Counts
    member: Codes

    @classmethod
    def of(cls, group: Codes, placement: Codes, size: int) -> Groups:
        """Collect (group, placement) incidences; unknown groups (-1) fall away."""
        known = group >= 0
        order = np.lexsort((placement[known], group[known]))
        return cls(np.concatenate(([0], np.cumsum(np.bincount(group[known], minlength=size)))), placement[known][order].astype(np.int32))


@dataclass(frozen=True)
class Wishes:
    """All lines, sorted by student, each with a range of covered placements in `member`.

    Attributes
    ----------
    student, rank
        int32 per line; rank NO (0) refuses, and a line of a student without wishes that stands for "every placement" has rank UNRANKED and `open`.
    first, count
        int32 per line: its placements are member[first:first + count].
    is_open
        Lines that the round's policy adds, not the student.
    largest
        int32 per student: the largest rank given (0: no wishes).
    skipped
        Students left out because they gave no wishes.
    """

    placements: int
    student: Codes
    rank: Codes
    first: Codes
    count: Codes
    is_open: npt.NDArray[np.bool_]
    member: Codes
    largest: Codes
    skipped: npt.NDArray[np.bool_]

    def only(self, wanted: npt.NDArray[np.bool_]) -> Wishes:
        """The lines of the wanted students alone."""
        keep = wanted[self.student]
        return replace(self, student=self.student[keep], rank=self.rank[keep], first=self.first[keep], count=self.count[keep], is_open=self.is_open[keep])

    def opened(self, students: Counts, rank: Codes, first: int, count: int) -> Wishes:
        """The wishes with a line more for each of the students: all the `count` placements from `first` on, at a rank."""
        order = np.argsort(np.concatenate([self.student, students]), kind="stable")

        def joined(own: Codes, more: Counts | Codes | int) -> Codes:
            return np.concatenate([own, np.broadcast_to(more, len(students)).astype(np.int32)])[order]

        is_open = np.concatenate([self.is_open, np.ones(len(students), dtype=np.bool_)])[order]
        own = replace(self, student=joined(self.student, students), rank=joined(self.rank, rank), is_open=is_open)
        return replace(own, first=joined(self.first, first), count=joined(self.count, count))

    def blocks(self, students: int) -> Iterator[Candidates]:
        """All candidate pairs, in blocks of whole students of about BLOCK_PAIRS pairs each."""
        for start, stop in self.ranges(students):
            yield self.between(start, stop)

    def ranges(self, students: int) -> Iterator[tuple[int, int]]:
        """Ranges of students with about BLOCK_PAIRS pairs each."""
        load = np.cumsum(np.bincount(self.student, weights=self.count, minlength=students))
        start = 0
        while start < students:
            done = load[start - 1] if start else 0.0
            stop = max(start + 1, int(np.searchsorted(load, done + BLOCK_PAIRS, side="right")))
            yield start, stop
            start = stop

    def lines(self, start: int, stop: int) -> slice:
        """The lines of the students with start <= code < stop."""
        return slice(*np.searchsorted(self.student, np.array([start, stop], dtype=np.int32)))  # of the same type, or all lines would be copied

    def between(self, start: int, stop: int) -> Candidates:
        """Candidate pairs of the students with start <= code < stop."""
        lines = self.lines(start, stop)
        key, rank = self.ranked(lines)
        refused = np.unique(self._pairs(lines, ~self.is_open[lines] & (self.rank[lines] == NO))[0])
        if len(refused):
            keep = ~contains(refused, key)
            key, rank = key[keep], rank[keep]
        s = (key // self.placements).astype(np.int32)
        return Candidates(s, (key - s.astype(np.int64) * self.placements).astype(np.int32), rank)

    def rank_of(self, s: Codes, p: Codes) -> Codes:
        """Best rank of given pairs (pins), whoever refused them; 0 where no line covers the placement. Looks at all pairs of their students."""
        found = np.zeros(len(s), dtype=np.int32)
        asked = np.zeros(len(self.largest), dtype=np.bool_)
        asked[s] = True
        lines = self.only(asked)
        wanted = s.astype(np.int64) * self.placements + p
        for start, stop in lines.ranges(len(asked)):
            key, rank = lines.ranked(lines.lines(start, stop))
            inside = np.flatnonzero((s >= start) & (s < stop))
            if len(key) and len(inside):
                at = np.minimum(np.searchsorted(key, wanted[inside]), len(key) - 1)
                found[inside] = np.where(key[at] == wanted[inside], rank[at], 0)
        return found

    def ranked(self, lines: slice) -> tuple[Counts, Codes]:
        """Distinct keys that the ranked lines cover, in order, each with its best rank."""
        return _best(*self._pairs(lines, self.is_open[lines] | (self.rank[lines] != NO)))

    def _pairs(self, lines: slice, wanted: npt.NDArray[np.bool_]) -> tuple[Counts, Codes]:
        """Keys (student * placements + placement) and ranks of the wanted lines, a key for every placement covered."""
        count = self.count[lines][wanted]
        placement = self.member[spelled_out(self.first[lines][wanted], count)]
        key = np.repeat(self.student[lines][wanted].astype(np.int64) * self.placements, count) + placement
        return key, np.repeat(self.rank[lines][wanted], count)


def _best(key: Counts, rank: Codes) -> tuple[Counts, Codes]:
    """Distinct keys in order, each with its smallest rank. One sort of key * base + rank."""
    base = int(rank.max(initial=0)) + 1
    packed = np.sort(key * base + rank)
    key, rank = packed // base, (packed % base).astype(np.int32)
    first = np.ones(len(key), dtype=np.bool_)
    first[1:] = key[1:] != key[:-1]
    return key[first], rank[first]


def ancestors(table: pd.DataFrame, column: str) -> tuple[pd.Index, Codes, Codes]:
    """Index of ids, and the incidences (ancestor-or-self, self) of a tree given by `parent_id`; a cycle is cut after a full turn."""
    index = pd.Index(table[column])
    own = np.arange(len(index), dtype=np.int32)
    above, below = [own], [own]
    if "parent_id" in table:
        parent = np.append(encode(table["parent_id"], index), -1).astype(np.int32)
        current = parent[own]
        while (current >= 0).any() and len(above) <= len(index):
            above.append(current)
            below.append(own)
            current = parent[current]
    up, down = np.concatenate(above), np.concatenate(below)
    pairs = np.unique(np.stack([up[up >= 0], down[up >= 0]], axis=1), axis=0)
    return index, pairs[:, 0].astype(np.int32), pairs[:, 1].astype(np.int32)


def tree_groups(facts: Facts, table: str, column: str) -> tuple[pd.Index, Groups]:
    """For each sector (region): the placements in it or in a descendant. A value without a row of its own stands alone."""
    cells = facts.placement(column)
    m = len(facts.placements)
    own = pd.Series(np.nan, index=range(m), dtype="str") if cells is None else cells
    frame = facts.round.table(table)
    loose = own[~own.isin(frame[column])].dropna().unique()
    extra = pd.DataFrame({column: pd.Series(loose, dtype="str")})
    index, up, down = ancestors(pd.concat([frame, extra], ignore_index=True), column)
    at = encode(own, index)
    placed = Groups.of(at, np.arange(m, dtype=np.int32), len(index))
    count = np.diff(placed.first)[down]
    member = placed.member[spelled_out(placed.first[down], count)]
    return index, Groups.of(np.repeat(up, count), member, len(index))


def wishes_of(facts: Facts, tick: Callable[[], None] = lambda: None) -> Wishes:
    """Encode the table `preferences` and add the lines that the round's policy implies; `tick` is called between pieces of work."""
    rows = facts.round.table("preferences")
    settings = facts.round.settings
    n, m = len(facts.students), len(facts.placements)
    student = encode(rows["student_id"], facts.student_index)
    tick()
    rank = rows["rank"].to_numpy(dtype=np.int32)
    kind = encode(rows["target_type"].fillna("placement"), pd.Index(TARGETS)) if "target_type" in rows else None
    first, count, member = _ranges(facts, rows, kind)
    tick()
    largest = _largest(student, rank, n)
    without = largest == 0
    kept = _in_order(student, count)
    if kept is not None:
        student, rank, first, count = student[kept], rank[kept], first[kept], count[kept]
    everyone = np.concatenate([member, np.arange(m, dtype=np.int32)])
    skipped = without & (settings.no_wishes == "skip")
    wishes = Wishes(max(1, m), student, rank, first, count, np.zeros(len(student), dtype=np.bool_), everyone, largest, skipped)
    tick()
    implied = np.flatnonzero(without) if settings.no_wishes == "any" else np.empty(0, dtype=np.int64)
    if settings.unlisted == "last":
        implied = np.concatenate([implied, np.flatnonzero(~without)])
    return wishes.opened(implied, np.where(without, UNRANKED, largest + 1)[implied], len(member), m) if len(implied) else wishes


def _largest(student: Codes, rank: Codes, students: int) -> Codes:
    """The largest rank that each student gives."""
    largest = np.zeros(students, dtype=np.int32)
    known = student >= 0
    if known.all():
        np.maximum.at(largest, student, rank)
    else:
        np.maximum.at(largest, student[known], rank[known])
    return largest


def _in_order(student: Codes, count: Codes) -> npt.NDArray[np.int64] | None:
    """The lines of known students that cover something, in order of the students; None where all lines stand so already."""
    kept = np.flatnonzero((student >= 0) & (count > 0))
    held = student if len(kept) == len(student) else student[kept]
    if bool((held[1:] >= held[:-1]).all()):
        return None if held is student else kept
    return kept[np.argsort(held, kind="stable")]


def _ranges(facts: Facts, rows: pd.DataFrame, kind: Codes | None) -> tuple[Codes, Codes, Codes]:
    """Where in one list of placements the targets of each line stand; `kind` None where all lines name placements."""
    m = len(facts.placements)
    alone = np.arange(m, dtype=np.int32)
    if kind is None:
        target = encode(rows["target_id"], facts.placement_index)
        return np.maximum(target, 0), (target >= 0).astype(np.int32), alone
    targets = {0: (facts.placement_index, Groups(np.arange(m + 1), alone))}
    if (kind == TARGETS.index("company")).any():
        targets[1] = (facts.companies, Groups.of(facts.company_of_placement, alone, len(facts.companies)))
    if (kind == TARGETS.index("sector")).any():
        targets[2] = tree_groups(facts, "sectors", "sector_id")
    if (kind == TARGETS.index("region")).any():
        targets[3] = tree_groups(facts, "regions", "region_id")
    first, count = np.zeros(len(rows), dtype=np.int32), np.zeros(len(rows), dtype=np.int32)
    members: list[Codes] = []
    base = 0
    for code, (index, groups) in targets.items():
        if not len(index):
            continue
        lines = np.flatnonzero(kind == code)
        target = encode(rows["target_id"].iloc[lines], index)
        ok = target >= 0
        begin = groups.first[np.maximum(target, 0)]
        first[lines] = np.where(ok, begin + base, 0)
        count[lines] = np.where(ok, groups.first[np.maximum(target, 0) + 1] - begin, 0)
        members.append(groups.member)
        base += len(groups.member)
    every = kind == TARGETS.index("any")
    first[every], count[every] = base, m
    members.append(alone)
    return first, count, np.concatenate(members)
