"""From raw tables to a sound Round, with everything that was noticed on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from matcher.errors import Issue
from matcher.intake.checks import check_presence, check_sound, check_tables
from matcher.intake.raw import RawRound
from matcher.intake.settings_file import SOURCE, parse
from matcher.intake.type_round import type_round
from matcher.intake.typed import Typed
from matcher.progress import OnProgress, Progress, silent, within
from matcher.round import Round, canonical_dtype
from matcher.schema import TABLES
from matcher.settings import Settings


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """A round that was checked: the Round (None where an error stands in its way), all issues in the order of the tables, and what was read."""

    round: Round | None
    issues: tuple[Issue, ...]
    raw: RawRound

    @property
    def errors(self) -> tuple[Issue, ...]:
        """The issues that stop the round."""
        return tuple(issue for issue in self.issues if issue.severity == "error")


def check_raw(raw: RawRound, *, on_progress: OnProgress = silent) -> Checked:
    """Type and check a raw round. O(cells); never raises for what a person may write.

    Every problem is reported at once, sorted by table, row and column.
    """
    on_progress(Progress("check", 0.0))
    settings, issues = parse(raw.settings) if raw.settings is not None else (Settings(), ())
    found = [*raw.issues, *issues, *check_presence(raw)]
    typed, noticed = type_round(raw, settings, within(on_progress, "check", 0.0, 0.5))
    found += noticed
    found += check_tables(typed, within(on_progress, "check", 0.5, 0.9))
    round_ = None
    if not any(issue.severity == "error" for issue in found):
        found += check_sound(typed)
        round_ = _sound(typed, raw)
    on_progress(Progress("check", 1.0))
    return Checked(round_, tuple(_in_order(_as_headed(found, raw))), raw)


def _sound(typed: Typed, raw: RawRound) -> Round:
    """The Round: every column in its canonical dtype."""
    tables = {}
    for name, frame in typed.frames.items():
        dtypes = {column: canonical_dtype(TABLES[name], str(column)) for column in frame.columns}
        tables[name] = frame.astype({column: dtype for column, dtype in dtypes.items() if frame[column].dtype != dtype})
    return Round(tables, typed.settings, {name: table.source for name, table in raw.tables.items()})


def _in_order(issues: Iterable[Issue]) -> list[Issue]:
    """By table in the order of the format (settings first), row, column; what belongs to no row comes first."""
    tables = {name: number for number, name in enumerate((SOURCE, *TABLES))}
    columns = {(name, column.name): number for name, table in TABLES.items() for number, column in enumerate(table.columns)}
    last = len(columns)

    def place(issue: Issue) -> tuple[int, int, int, str, str]:
        column = issue.column or ""
        return tables.get(issue.table, last), issue.row or 0, columns.get((issue.table, column), last if column else -1), column, issue.code

    return sorted(issues, key=place)


def _as_headed(issues: Iterable[Issue], raw: RawRound) -> Iterable[Issue]:
    """Let the sentences name columns by the headers that the person wrote."""
    other = {
        (name, column): header for name, table in raw.tables.items() for column, header in table.headers.items() if header != column and column in table.frame
    }
    if not other:
        return issues
    return (
        replace(issue, params=(*issue.params, ("column", other[issue.table, issue.column]))) if (issue.table, issue.column or "") in other else issue  # type: ignore[index]  # a column that is in other is no None
        for issue in issues
    )
