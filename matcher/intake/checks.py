"""All checks across tables, in the order in which their findings make sense."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from matcher.errors import Issue
from matcher.intake.checks_gaps import check_gaps
from matcher.intake.checks_pins import check_pins
from matcher.intake.checks_places import check_places
from matcher.intake.checks_quotas import check_quotas
from matcher.intake.checks_wishes import check_wishes
from matcher.intake.coordinates import check_coordinates
from matcher.intake.duplicates import leave_out_repeated_rows
from matcher.intake.enterprise_numbers import check_enterprise_numbers
from matcher.intake.raw import RawRound
from matcher.intake.typed import Typed
from matcher.schema import TABLES

CHECKS: tuple[Callable[[Typed], Iterable[Issue]], ...] = (
    check_enterprise_numbers,
    check_coordinates,
    check_places,
    check_wishes,
    check_quotas,
    check_pins,
)


def check_tables(typed: Typed, tell: Callable[[float], None] = lambda _: None) -> Iterator[Issue]:
    """Run all checks. They may put right in the typed tables what has only one reading. `tell` hears the fraction that is done."""
    yield from leave_out_repeated_rows(typed, lambda done: tell(0.7 * done))  # first: the others must not count a row twice
    for number, check in enumerate(CHECKS, start=1):
        yield from check(typed)
        tell(0.7 + 0.3 * number / len(CHECKS))


def check_sound(typed: Typed) -> Iterator[Issue]:
    """What is worth a note in a round without errors; before that, cells that could not be read would count as empty."""
    yield from check_gaps(typed)


def check_presence(raw: RawRound) -> Iterator[Issue]:
    """Tables and columns that a round cannot do without."""
    told = {(issue.table, issue.column) for issue in raw.issues if issue.severity == "error"}
    for name, shape in TABLES.items():
        if name not in raw.tables:
            if shape.required and (name, None) not in told:
                yield Issue("table_missing", name)
            continue
        frame = raw.tables[name].frame
        for column in shape.columns:
            if column.required and column.name not in frame and (name, column.name) not in told:
                yield Issue("column_missing", name, column=column.name)
        if frame.empty and name in ("students", "placements") and (name, None) not in told:
            yield Issue("table_empty", name)
