"""What a sound round leaves open: students without wishes, empty cells that rules look at, and periods that only one side names."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.errors import Issue
from matcher.intake.checks_wishes import count_without_wishes
from matcher.intake.columns import exploded
from matcher.intake.typed import Typed

PAIRS = (
    ("form", "students", "form", "placements", "forms"),
    ("programme", "students", "programme_id", "placements", "programmes"),
    ("languages", "students", "languages", "placements", "languages"),
    ("checks", "students", "checks", "placements", "checks_required"),
    ("competences", "students", "competences_needed", "placements", "competences"),
    ("pattern", "students", "pattern", "placements", "pattern"),
    ("pay", "students", "min_pay", "placements", "pay_month"),
    ("dates", "students", "available_from", "placements", "from"),
)
"""Rules with the two columns they compare: an empty cell on either side leaves the pair unjudged."""


def check_gaps(typed: Typed) -> Iterator[Issue]:
    """Notes, and a warning about periods: none of this stops a round, and it only makes sense for one that is sound."""
    if typed.has("students") and "preferences" in typed.frames:
        yield from count_without_wishes(typed)
    for rule, *sides in PAIRS:
        (one, column), (other, theirs) = sides[:2], sides[2:]
        if typed.settings.strength(rule) == "off" or not (typed.has(one, column) and typed.has(other, theirs)):
            continue
        for table, name in ((one, column), (other, theirs)):
            empty = np.flatnonzero(typed.frames[table][name].isna().to_numpy())
            if len(empty):
                yield typed.places[table].counted("unknown_cells", empty, name, rule=rule, total=len(typed.frames[table]))
    if typed.has("students", "periods") and typed.has("placements"):
        yield from _periods(typed)


def _periods(typed: Typed) -> Iterator[Issue]:
    """Periods that students ask and no placement offers, and the other way round."""
    asked = exploded(typed.frames["students"]["periods"].reset_index(drop=True))
    asked = asked[asked != "none"]
    offered = typed.column("placements", "period_id").reset_index(drop=True)
    offered = offered.where(offered != "none")
    periods = exploded(offered)
    if not offered.isna().any():
        missing = asked[~asked.isin(periods)]
        for period, rows in missing.groupby(missing):
            first = typed.places["students"].row(int(rows.index[0]))
            params = (("count", len(rows)), ("first", first))
            yield Issue("period_not_offered", "students", "warning", None, "periods", str(period), params)
    if asked.empty or typed.frames["students"]["periods"].isna().any():
        return
    idle = periods[~periods.isin(asked)]
    idle = idle[~idle.index.duplicated()]
    if len(idle):
        yield typed.places["placements"].counted("period_not_asked", idle.index.to_numpy(), "period_id", str(idle.iloc[0]))
