"""Checks within one table: capacities, mentors, dates, trees, programmes, companies that stand there twice, teams."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from matcher.errors import Fix, Issue
from matcher.intake.cells.tokens import NONE
from matcher.intake.columns import fold
from matcher.intake.typed import Typed
from matcher.intake.typing_cells import written
from matcher.schema import TABLES

GRADUAAT_SHARE = 0.30
"""The least share of a graduaat programme that is learned at the workplace, in the advice of the Flemish social partners (2018)."""

SPANS = (
    ("students", "available_from", "available_to"),
    ("placements", "from", "to"),
    ("recognitions", "from", "until"),
    ("quotas", "valid_from", "valid_to"),
)
_LEGAL_FORMS = re.compile(r"\b(?:nv|bv|bvba|vzw|cv|cvba|vof|comm\.?v|sa|sprl|srl|asbl|scrl|sc)\b|\b[a-z](?:\.[a-z])+\.?(?!\w)", re.IGNORECASE)


def check_places(typed: Typed) -> Iterator[Issue]:
    """Everything that one row, or the rows of one table, say against themselves."""
    if "placements" in typed.frames:
        yield from _capacity(typed)
        yield from _mentors(typed)
        yield from _spans(typed)
    for table, start, end in SPANS:
        if typed.has(table, start, end):
            yield from _reversed(typed, table, start, end)
    for table in ("sectors", "regions"):
        if typed.has(table, "parent_id"):
            yield from _cycles(typed, table)
    if typed.has("programmes", "form", "workplace_share"):
        yield from _graduaat(typed)
    if typed.has("companies", "name"):
        yield from _same_company(typed)
    if typed.has("teams"):
        yield from _teams(typed)


def _capacity(typed: Typed) -> Iterator[Issue]:
    frame, place = typed.frames["placements"], typed.places["placements"]
    capacity = frame["capacity"].to_numpy()
    none = np.flatnonzero(capacity == 0)
    if len(none):
        yield place.counted("zero_capacity", none, "capacity", 0, id=str(frame["placement_id"].iloc[none[0]]))
    least = typed.column("placements", "capacity_min").to_numpy()
    for at in np.flatnonzero((least > capacity) & (capacity > 0)).tolist():
        limit = (("capacity", f"{capacity[at]:g}"),)
        yield place.issue("minimum_above_capacity", at, "capacity_min", f"{least[at]:g}", fix=Fix(f"{capacity[at]:g}"), params=limit)


def _mentors(typed: Typed) -> Iterator[Issue]:
    """One note with the number of placements whose mentors can guide fewer students than there are places."""
    if not typed.settings.mentor_capacity or not typed.has("placements", "mentors", "students_per_mentor"):
        return
    frame = typed.frames["placements"]
    limit = np.floor(frame["mentors"].to_numpy() * frame["students_per_mentor"].to_numpy())
    capacity = frame["capacity"].to_numpy()
    short = np.flatnonzero(limit < capacity)
    if len(short):
        lost = int((capacity - limit)[short].sum())
        yield typed.places["placements"].counted("mentor_limit", short, "mentors", id=str(frame["placement_id"].iloc[short[0]]), lost=lost)


def _spans(typed: Typed) -> Iterator[Issue]:
    """Lists of periods that name one period only: either the others were forgotten, or it is no list."""
    codes, cells = typed.distinct("placements", "period_id")
    named = [[name for name in dict.fromkeys(str(cell).split("|")) if name != NONE] for cell in cells]
    single = np.array([*("|" in str(cell) and not names[1:] for cell, names in zip(cells, named, strict=True)), False], dtype=np.bool_)
    for at in np.flatnonzero(single[codes]).tolist():
        fix = Fix("|".join(named[codes[at]]) or NONE)
        yield typed.places["placements"].issue("span_of_one", at, "period_id", cells[codes[at]], severity="warning", fix=fix)


def _reversed(typed: Typed, table: str, start: str, end: str) -> Iterator[Issue]:
    """An end before its start: day and month of one date exchanged, or the two dates exchanged. A person must say which."""
    frame, place = typed.frames[table], typed.places[table]
    first, last = frame[start].to_numpy(), frame[end].to_numpy()
    for at in np.flatnonzero(first > last).tolist():
        texts = written(first[at]), written(last[at])
        swapped = _day_for_month(first[at]), _day_for_month(last[at])
        right = [swapped[0] <= last[at], first[at] <= swapped[1]]
        both = (("from", texts[0]), ("until", texts[1]))
        if right[0] != right[1]:
            column, value, better = (start, texts[0], swapped[0]) if right[0] else (end, texts[1], swapped[1])
            yield place.issue("dates_reversed", at, column, value, fix=Fix(written(better)), params=both)
        else:
            yield place.issue("dates_reversed", at, start, texts[0], fix=Fix(texts[1]), params=both)
            yield place.issue("dates_reversed", at, end, texts[1], fix=Fix(texts[0]), params=both)


def _day_for_month(date: np.datetime64) -> np.datetime64:
    """The date with day and month exchanged; not a date where that is impossible (and then compares as false)."""
    year, month, day = str(date.astype("datetime64[D]")).split("-")
    return np.datetime64(f"{year}-{day}-{month}", "s") if int(day) <= 12 and day != month else np.datetime64("NaT", "s")  # noqa: PLR2004 - months


def _cycles(typed: Typed, table: str) -> Iterator[Issue]:
    """One error for each ring of parents."""
    frame, place = typed.frames[table], typed.places[table]
    ids = [str(key) for key in frame[TABLES[table].key[0]]]
    parent = typed.codes(table, "parent_id", table)
    walked = np.full(len(parent), -1, dtype=np.int64)
    for start in range(len(parent)):
        path = []
        at = start
        while at >= 0 and walked[at] < 0:
            walked[at] = start
            path.append(at)
            at = int(parent[at])
        if at >= 0 and walked[at] == start:
            ring = [ids[node] for node in path[path.index(at) :]]
            yield place.issue("parent_cycle", at, "parent_id", ids[int(parent[at])], params=(("ring", " > ".join([*ring, ring[0]])),))


def _graduaat(typed: Typed) -> Iterator[Issue]:
    frame, place = typed.frames["programmes"], typed.places["programmes"]
    graduaat = np.array([str(form).casefold().startswith(("graduaat", "hbo5")) for form in frame["form"]], dtype=np.bool_)
    share = frame["workplace_share"].to_numpy()
    for at in np.flatnonzero(graduaat & (share < GRADUAAT_SHARE)).tolist():
        who = (("id", str(frame["programme_id"].iloc[at])), ("least", f"{GRADUAAT_SHARE:.0%}"))
        yield place.issue("graduaat_share", at, "workplace_share", f"{share[at]:g}", severity="warning", params=who)


def _same_company(typed: Typed) -> Iterator[Issue]:
    """Companies in one region whose names differ at most in case, blanks, signs and legal form: probably one company under several ids."""
    frame, place = typed.frames["companies"], typed.places["companies"]
    names = frame["name"].map(lambda name: fold(_LEGAL_FORMS.sub(" ", name)), na_action="ignore").astype("str")
    where = frame["region_id"].fillna("") if "region_id" in frame else ""
    keys = (names + "\n" + where).reset_index(drop=True)
    again = keys.notna() & keys.duplicated() & ~keys.str.startswith("\n").fillna(value=True).astype(bool)
    if not again.any():
        return
    first = {key: at for at, key in zip(keys.index[::-1], keys[::-1], strict=True)}
    ids = frame["company_id"].to_numpy(dtype=object)
    for at in np.flatnonzero(again).tolist():
        before = first[keys.iloc[at]]
        params = (("other", place.row(before)), ("same", str(ids[before])))
        yield place.issue("same_company", at, "company_id", ids[at], severity="warning", params=params)


def _teams(typed: Typed) -> Iterator[Issue]:
    frame, place = typed.frames["teams"], typed.places["teams"]
    teams = frame["team_id"].reset_index(drop=True)
    alone = teams.notna() & ~teams.duplicated(keep=False)
    for at in np.flatnonzero(alone).tolist():
        yield place.issue("team_of_one", at, "team_id", teams.iloc[at], severity="warning")
    kinds = frame["kind"].reset_index(drop=True)
    usual = kinds.groupby(teams).transform("first")
    for at in np.flatnonzero(kinds.notna() & usual.notna() & (kinds != usual)).tolist():
        yield place.issue("team_mixed", at, "kind", kinds.iloc[at], params=(("team", teams.iloc[at]), ("usual", usual.iloc[at])))
