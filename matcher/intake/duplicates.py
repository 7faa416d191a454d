"""Rows that name the same thing twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import Fix, Issue
from matcher.intake.columns import distinct
from matcher.intake.typed import NOT_READ, Typed
from matcher.schema import NO, TABLES, Table

Keys = npt.NDArray[np.int64]
Positions = npt.NDArray[np.intp]
BLOCK_ROWS = 1 << 18
_DROP = Fix(safe=True, drop=True)


def leave_out_repeated_rows(typed: Typed, tell: Callable[[float], None] = lambda _: None) -> Iterator[Issue]:
    """Report rows whose key was there before, and leave those out of the typed tables that add nothing. `tell` hears the fraction that is done.

    The first row of a key stays. A later one without a cell that differs from the first (an empty cell does not differ) is left out with a warning; any
    other is an error that names both rows.
    """
    rows, done = max(1, sum(map(len, typed.frames.values()))), 0
    for name in list(typed.frames):
        tell(done / rows)
        frame, shape = typed.frames[name], TABLES[name]
        keys = _wish_keys(typed) if name == "preferences" else _keys(frame, shape)
        later, first = _repeated(keys, partial(_tell_part, tell, done / rows, len(keys) / rows))
        done += len(keys)
        if not len(later):
            continue
        issues, spare = _wishes(typed, later, first, keys) if name == "preferences" else _rows(typed, name, later, first)
        yield from issues
        if len(spare):
            kept = np.ones(len(frame), dtype=np.bool_)
            kept[spare] = False
            typed.keep(name, kept)


def _tell_part(tell: Callable[[float], None], low: float, width: float, fraction: float) -> None:
    tell(low + width * fraction)


def _repeated(keys: Keys, tell: Callable[[float], None]) -> tuple[Positions, Positions]:
    """Positions of rows whose key was there before, and for each the position of the first such row. A negative key is none. O(n log BLOCK_ROWS)."""
    found = []
    for rows in _portions(keys, tell):
        ordered = np.sort(keys[rows])
        twice = ordered[1:][(ordered[1:] == ordered[:-1]) & (ordered[1:] >= 0)]
        if len(twice):
            at = np.flatnonzero(np.isin(keys[rows], twice))
            found.append(at + rows.start if isinstance(rows, slice) else rows[at])
    if not found:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    twice = np.sort(np.concatenate(found))
    _, first, which = np.unique(keys[twice], return_index=True, return_inverse=True)
    first_of = twice[first[which]]
    later = first_of != twice
    return twice[later], first_of[later]


def _portions(keys: Keys, tell: Callable[[float], None]) -> Iterator[slice | Positions]:
    """The rows in portions that no key is divided over: some 100,000 at a time, which are sorted fast, and between which a job can be stopped."""
    portions = -(-len(keys) // BLOCK_ROWS)
    if portions <= 1:
        yield slice(0, len(keys))
        return
    ranges = _ranges(keys)
    if ranges is not None:
        for begin, end in itertools.pairwise(ranges):
            yield slice(begin, end)
            tell(end / len(keys))
        return
    portion = (keys % portions).astype(np.int16 if portions < np.iinfo(np.int16).max else np.int32)
    for number in range(portions):
        yield np.flatnonzero(portion == number)
        tell((number + 1) / portions)


def _ranges(keys: Keys) -> list[int] | None:
    """Where to cut a table that is grouped, as wishes are by student: at rows that no earlier key exceeds. None where there are too few such rows."""
    highest = np.maximum.accumulate(keys)
    low = np.flip(np.minimum.accumulate(np.flip(keys)))
    cuts = np.flatnonzero(low[1:] > highest[:-1]) + 1
    wanted = np.searchsorted(cuts, np.arange(BLOCK_ROWS, len(keys), BLOCK_ROWS))
    ranges = [0, *np.unique(cuts[wanted[wanted < len(cuts)]]).tolist(), len(keys)]
    return ranges if max(np.diff(ranges)) <= 2 * BLOCK_ROWS else None


def _keys(frame: pd.DataFrame, shape: Table) -> Keys:
    """One number per row for the cells of the key together; -1 where a required one is missing."""
    keys = np.zeros(len(frame), dtype=np.int64)
    missing = np.zeros(len(frame), dtype=np.bool_)
    for name in shape.key:
        column = shape.column(name)
        if name not in frame or column is None:
            continue
        codes = distinct(frame[name])[0] if frame[name].dtype == "str" else pd.factorize(frame[name])[0]
        if column.required:
            missing |= codes < 0
        keys = keys * (int(codes.max(initial=-1)) + 2) + codes + 1
    return np.where(missing, -1, keys)


def _rows(typed: Typed, table: str, later: Positions, first: Positions) -> tuple[list[Issue], Positions]:
    """Compare repeated rows with the first of their key, column by column."""
    frame, place, key = typed.frames[table], typed.places[table], TABLES[table].key
    new = np.zeros((len(later), len(frame.columns)), dtype=np.bool_)
    for i, name in enumerate(frame.columns):
        ours, theirs = frame[name].iloc[later].reset_index(drop=True), frame[name].iloc[first].reset_index(drop=True)
        # A cell adds something where it is known and the first row holds something else, or nothing.
        new[:, i] = (ours.notna() & (theirs.isna() | (ours != theirs).fillna(value=True).astype(bool))).to_numpy()
    columns = np.array(frame.columns, dtype=object)
    adds = np.asarray(new.any(axis=1))
    values = frame[[name for name in key if name in frame]].iloc[later].astype("str").fillna("").agg(", ".join, axis=1).tolist()
    issues = []
    for i, (at, before) in enumerate(zip(later.tolist(), first.tolist(), strict=True)):
        where: tuple[tuple[str, object], ...] = (("other", place.row(before)),)
        if not adds[i]:
            issues.append(place.issue("duplicate_row", at, key[0], values[i], severity="warning", fix=_DROP, params=where))
            continue
        differ = columns[new[i]].tolist()
        code = "student_twice" if table == "students" and "institution_id" in differ else "duplicate_key"
        issues.append(place.issue(code, at, key[0], values[i], params=(*where, ("columns", ", ".join(differ)))))
    return issues, later[~adds]


def _wish_keys(typed: Typed) -> Keys:
    """One number per wish for student, kind and target together; -1 where one is missing. The longest table, so without factorising all ranks."""
    student = typed.codes("preferences", "student_id", "students").astype(np.int64)
    if "target_type" not in typed.frames["preferences"]:
        target = typed.codes("preferences", "target_id", "placements")
        if (target >= 0).all():
            return np.where(student < 0, -1, student * (len(typed.frames["placements"]) + 1) + target)
    target, targets = typed.distinct("preferences", "target_id")
    kind, kinds = typed.distinct("preferences", "target_type")
    placement = next((number for number, text in enumerate(kinds) if text == "placement"), len(kinds))
    keys = (student * (len(kinds) + 1) + np.where(kind < 0, placement, kind)) * (len(targets) + 1) + target
    return np.where((student < 0) | (target < 0), -1, keys)


def _wishes(typed: Typed, later: Positions, first: Positions, keys: Keys) -> tuple[list[Issue], Positions]:
    """A wish that stands twice: with the same rank it is left out; with another one the better rank counts, and `no` beats all (docs/rules.md section 2)."""
    frame, place = typed.frames["preferences"], typed.places["preferences"]
    ranks, targets, students = frame["rank"].to_numpy(), frame["target_id"].to_numpy(dtype=object), frame["student_id"].to_numpy(dtype=object)
    together = np.union1d(later, first)
    refused = set(keys[together][ranks[together] == NO].tolist())
    seen = {(int(keys[at]), int(ranks[at])): int(at) for at in np.unique(first)}
    issues, spare = [], []
    for at, before in zip(later.tolist(), first.tolist(), strict=True):
        same = seen.setdefault((int(keys[at]), int(ranks[at])), at)
        if NOT_READ in (ranks[at], ranks[before]):
            continue
        words: tuple[tuple[str, object], ...] = (("other", place.row(before if same == at else same)), ("student", students[at]))
        # Which of two ranks was meant is for the student to say: the worse line still counts in the student's largest rank.
        code, fix = "wish_twice", Fix(drop=True)
        if same != at:
            spare.append(at)
            code, fix = "duplicate_row", _DROP
        elif int(keys[at]) in refused:
            code = "wish_and_no"
        issues.append(place.issue(code, at, "target_id", targets[at], severity="warning", fix=fix, params=words))
    return issues, np.array(spare, dtype=np.intp)
