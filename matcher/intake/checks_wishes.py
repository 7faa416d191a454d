"""Checks of wishes against students and placements (docs/rules.md section 2)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import Issue
from matcher.intake.columns import Codes, Flags, exploded
from matcher.intake.references import TARGETS
from matcher.intake.typed import Typed


def check_wishes(typed: Typed) -> Iterator[Issue]:
    """Wishes for what offers no placement, and wishes for a company that the student has excluded."""
    if "students" not in typed.frames or "placements" not in typed.frames or "preferences" not in typed.frames:
        return
    for kind in ("company", "sector", "region"):
        yield from _cover_nothing(typed, kind)
    yield from _excluded(typed)


def of_kind(typed: Typed, kind: str) -> Flags:
    """Which wishes have that target type (empty: placement)."""
    codes, kinds = typed.distinct("preferences", "target_type")
    number = next((i for i, text in enumerate(kinds) if text == kind), -2)
    flags: Flags = codes == number
    return flags | (codes < 0) if kind == "placement" else flags


def count_without_wishes(typed: Typed) -> Iterator[Issue]:
    """One note with the number of students without a ranked line."""
    student = typed.codes("preferences", "student_id", "students")
    ranked = student[(typed.frames["preferences"]["rank"].to_numpy() > 0) & (student >= 0)]
    silent = np.flatnonzero(np.bincount(ranked, minlength=len(typed.frames["students"])) == 0)
    if len(silent):
        yield typed.places["students"].counted("students_without_wishes", silent, policy=typed.settings.no_wishes)


def _cover_nothing(typed: Typed, kind: str) -> Iterator[Issue]:
    """Wishes for a company, sector or region in which no placement lies."""
    table = TARGETS[kind]
    wishes = np.flatnonzero(of_kind(typed, kind))
    if not len(wishes) or table not in typed.known:
        return
    target = typed.known[table].positions(typed.frames["preferences"]["target_id"].iloc[wishes])
    offered = np.append(with_placements(typed, table), True)
    empty = wishes[~offered[target]]
    if len(empty):
        first = str(typed.frames["preferences"]["target_id"].iloc[empty[0]])
        yield typed.places["preferences"].counted("wishes_cover_nothing", empty, "target_id", first, kind=kind)


def with_placements(typed: Typed, table: str) -> Flags:
    """Which companies, sectors or regions have a placement in them or below them."""
    used = np.zeros(len(typed.frames[table]), dtype=np.bool_)
    column = "company_id" if table == "companies" else f"{table[:-1]}_id"
    own = place_of(typed, column, table)
    used[own[own >= 0]] = True
    if "parent_id" not in typed.frames[table]:
        return used
    parent = typed.codes(table, "parent_id", table)
    while True:
        above = parent[used & (parent >= 0)]
        if used[above].all():
            return used
        used[above] = True


def place_of(typed: Typed, column: str, table: str) -> Codes:
    """The company, sector or region of each placement; sector and region of its company where it has none of its own."""
    own = typed.codes("placements", column, table)
    if table == "companies" or "companies" not in typed.frames:
        return own
    company = typed.codes("placements", "company_id", "companies")
    theirs = np.append(typed.codes("companies", column, table), np.int32(-1))[company]
    return np.where(own < 0, theirs, own).astype(np.int32)


def _excluded(typed: Typed) -> Iterator[Issue]:
    """Ranked wishes for a placement at (or for) a company that the same student excludes."""
    if not typed.has("students", "excluded_companies") or not typed.has("placements", "company_id"):
        return
    excluded = exploded(typed.frames["students"]["excluded_companies"].reset_index(drop=True))
    if excluded.empty:
        return
    company, names = pd.factorize(typed.frames["placements"]["company_id"])
    width = len(names) + 1
    pairs = excluded.index.to_numpy() * width + pd.Index(names).get_indexer(pd.Index(excluded))
    pairs = pairs[pairs % width < len(names)]
    student = typed.codes("preferences", "student_id", "students").astype(np.int64)
    picky = np.append(np.isin(np.arange(len(typed.frames["students"])), excluded.index), False)
    lines = np.flatnonzero(picky[student] & (typed.frames["preferences"]["rank"].to_numpy() > 0))
    wanted = _company_wanted(typed, lines, np.append(company, -1), pd.Index(names))
    wrong = lines[(wanted >= 0) & np.isin(student[lines] * width + wanted, pairs)]
    frame, place = typed.frames["preferences"], typed.places["preferences"]
    for at in wrong.tolist():
        who = (("student", frame["student_id"].iloc[at]),)
        yield place.issue("wish_excluded", at, "target_id", frame["target_id"].iloc[at], severity="warning", params=who)


def _company_wanted(typed: Typed, lines: npt.NDArray[np.intp], company: npt.NDArray[np.intp], names: pd.Index) -> npt.NDArray[np.int64]:
    """The number (in `names`) of the company that a wish names, itself or by a placement; -1 for other wishes."""
    targets = typed.frames["preferences"]["target_id"].iloc[lines]
    by_placement = company[typed.known["placements"].positions(targets)]
    by_company = names.get_indexer(pd.Index(targets))
    placements, companies = of_kind(typed, "placement")[lines], of_kind(typed, "company")[lines]
    return np.where(placements, by_placement, np.where(companies, by_company, -1)).astype(np.int64)
