"""Checks of quotas and reserves: the bounds, what repeats a quota, where it costs, and whether the rows of a reserve agree (docs/rules.md section 5)."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

import numpy as np
import pandas as pd

from matcher.errors import Fix, Issue
from matcher.intake import names
from matcher.intake.checks_filters import check_filters
from matcher.intake.typed import Typed
from matcher.schema import TABLES
from matcher.settings import is_soft

STUDENT = "student"
SIDES = {"placement": "placements", "student": "students"}
"""What may stand before the name of a column, and the table that it says."""


def check_quotas(typed: Typed) -> Iterator[Issue]:
    """Judge every quota and every reserve. Values of filters that are only spelled otherwise are put right in the typed table."""
    if typed.has("quotas"):
        yield from _bounds(typed)
        yield from check_filters(typed, "quotas")
        yield from _per(typed)
        yield from _tiers(typed)
    if typed.has("reserves"):
        yield from check_filters(typed, "reserves")
        yield from _reserves(typed)


def _bounds(typed: Typed) -> Iterator[Issue]:
    place = typed.places["quotas"]
    low, high = typed.column("quotas", "min").to_numpy(), typed.column("quotas", "max").to_numpy()
    for at in np.flatnonzero(low > high).tolist():
        yield place.issue("quota_bounds", at, "min", f"{low[at]:g}", params=(("max", f"{high[at]:g}"),))
    for at in np.flatnonzero(np.isnan(low) & np.isnan(high)).tolist():
        yield place.issue("quota_without_bounds", at, "min", severity="warning")


def _per(typed: Typed) -> Iterator[Issue]:
    """Names in `per` that are no columns, and minimums that no path of a student can be held to."""
    place, low = typed.places["quotas"], typed.column("quotas", "min").to_numpy()
    for at, text in enumerate(typed.column("quotas", "per").tolist()):
        if not isinstance(text, str):
            continue
        listed = list(dict.fromkeys(text.split("|")))
        for name in listed:
            if name not in (STUDENT, "none") and not _is_column(typed, name):
                close = _closest(typed, name)
                fix = Fix("|".join(close if each == name else each for each in listed)) if close else None
                yield place.issue("per_column", at, "per", text, fix=fix, params=(("name", name),))
        if STUDENT in listed and len(listed) > 1 and not np.isnan(low[at]):
            yield place.issue("quota_min_per", at, "min", f"{low[at]:g}", params=(("per", text),))


def _is_column(typed: Typed, name: str) -> bool:
    """Whether students or placements have the column, or the format knows it there; a prefix says which of the two."""
    prefix, dot, plain = name.partition(".")
    if dot and prefix in SIDES:
        return _has(typed, SIDES[prefix], plain)
    return any(_has(typed, side, name) for side in SIDES.values())


def _has(typed: Typed, side: str, column: str) -> bool:
    return TABLES[side].column(column) is not None or (side in typed.frames and column in typed.frames[side])


def _closest(typed: Typed, name: str) -> str | None:
    """The column that a name probably means: by its title in a language, or by a slip of the pen."""
    known = [names.vocabulary(side) for side in SIDES.values()]
    titled = [words.column(name) for words in sorted(known, key=lambda words: not words.is_exact(name))]
    columns = [STUDENT, *(column.name for side in SIDES.values() for column in TABLES[side].columns)]
    columns += [str(column) for side in SIDES.values() if side in typed.frames for column in typed.frames[side].columns]
    return next((column for column in titled if column), None) or next(iter(get_close_matches(name, columns, n=1, cutoff=0.8)), None)


def _tiers(typed: Typed) -> Iterator[Issue]:
    """Soft quotas that cost nothing, because the policy does not have their tier."""
    place, settings = typed.places["quotas"], typed.settings
    soft = typed.column("quotas", "hard").fillna(value=True).to_numpy(dtype=np.bool_)
    tiers = typed.column("quotas", "tier").fillna("soft").tolist()
    for at in np.flatnonzero(~soft).tolist():
        tier = str(tiers[at])
        if not is_soft(tier) or (tier not in settings.tiers and tier not in settings.tier_weights):
            known = dict.fromkeys(each for each in (*settings.tiers, *settings.tier_weights) if is_soft(each))
            yield place.issue("quota_tier", at, "tier", tier, severity="warning", params=(("known", ", ".join(known)),))


def _reserves(typed: Typed) -> Iterator[Issue]:
    """A reserve without seats, and later rows of a reserve that say something else than its first row, which alone counts."""
    frame, place = typed.frames["reserves"], typed.places["reserves"]
    ids = frame["reserve_id"].to_numpy(dtype=object)
    order = np.lexsort((frame["order"].to_numpy(), frame["reserve_id"].astype("str").fillna("").to_numpy(dtype=object)))
    first: dict[str, int] = {}
    for at in order.tolist():
        if not isinstance(ids[at], str):
            continue
        lead = first.setdefault(ids[at], at)
        if lead == at and np.isnan(typed.column("reserves", "seats").iloc[at]):
            yield place.issue("reserve_without_seats", at, "seats", params=(("reserve", ids[at]),))
        for column in ("placements", "seats", "weight") if lead != at else ():
            here, there = (typed.column("reserves", column).iloc[row] for row in (at, lead))
            if not pd.isna(here) and here != there:  # an empty cell repeats the first
                said = (("reserve", ids[at]), ("other", place.row(lead)))
                yield place.issue("reserve_differs", at, column, here, severity="warning", params=said)
