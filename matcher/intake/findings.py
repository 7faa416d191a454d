"""Where a problem stands, and how a cell was understood: what all checks hand out.

One rule decides about the severity of a cell that is not written as the format asks:

    understood   another way of writing the same value (`1,5`, `ja`, `auto`)      a note for the whole column; the value is taken
    assumed      only one reading makes sense, but a person should know of it     a warning with a safe fix; the value is taken
    refused      no reading, or more than one                                     an error, perhaps with a proposal that a person must confirm

So every safe fix writes down what the round already holds. The exceptions are rows: a row that repeats another is left out (a warning, safe);
a wish for a placement that is not there stops the round (an error), and only an explicit fix drops it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import Fix, Issue, Severity

Params = tuple[tuple[str, object], ...]
UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class Reading:
    """How one cell was understood: its value (None: not at all), and the code of what is to be said of it."""

    value: object = None
    code: str = ""
    severity: Severity = "note"
    fix: Fix | None = None
    params: Params = ()


def understood(value: object, code: str = "") -> Reading:
    """Another way of writing the same value; with a code it is counted in a note for the column."""
    return Reading(value, code)


def assumed(value: object, code: str, written: str, **params: object) -> Reading:
    """The only reading that makes sense; `written` is how the format writes it."""
    return Reading(value, code, "warning", Fix(written, safe=True), tuple(params.items()))


def refused(code: str, proposal: str | None = None, **params: object) -> Reading:
    """No reading, or more than one; a proposal is only applied when a person agrees."""
    return Reading(None, code, "error", None if proposal is None else Fix(proposal), tuple(params.items()))


@dataclass(frozen=True, slots=True, eq=False)
class Locator:
    """Names the places of one table: row numbers as the person sees them, by position.

    Where several rows share a number (wishes that stood side by side), an issue also carries the position in the table as it was read, as the
    parameter `at`.
    """

    table: str
    rows: pd.Index
    positions: npt.NDArray[np.int64] | None = None

    @classmethod
    def of(cls, table: str, frame: pd.DataFrame) -> Locator:
        """The locator of a table as it was read."""
        return cls(table, frame.index, None if frame.index.is_unique else np.arange(len(frame)))

    def take(self, kept: npt.NDArray[np.bool_]) -> Locator:
        """The locator of some of the rows."""
        return Locator(self.table, self.rows[kept], None if self.positions is None else self.positions[kept])

    def row(self, at: int) -> int:
        """The row number of a position."""
        return int(self.rows[at])

    def issue(
        self,
        code: str,
        at: int | None = None,
        column: str | None = None,
        value: object = None,
        *,
        severity: Severity = "error",
        fix: Fix | None = None,
        params: Params = (),
    ) -> Issue:
        """An issue about one row (or, without a position, about the table)."""
        if at is None:
            return Issue(code, self.table, severity, None, column, _shown(value), params, fix)
        if self.positions is not None:
            params = (*params, ("at", int(self.positions[at])))
        return Issue(code, self.table, severity, int(self.rows[at]), column, _shown(value), params, fix)

    def counted(self, code: str, at: npt.NDArray[np.intp], column: str | None = None, value: object = None, **params: object) -> Issue:
        """One note for many rows: how many, and the first of them."""
        first = int(at[0])
        return Issue(code, self.table, "note", None, column, _shown(value), (("count", len(at)), ("first", self.row(first)), *params.items()))


def _shown(value: object) -> str | None:
    """A cell's value for a person; None where it is empty."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    return str(value)


@dataclass(frozen=True, slots=True)
class Kind:
    """All issues of one code: how many cells or rows, and the first of them."""

    code: str
    severity: Severity
    count: int
    example: Issue


_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}


def by_kind(issues: Iterable[Issue]) -> list[Kind]:
    """The issues grouped by severity and code, errors first, then the most frequent. A note that stands for many cells counts them all."""
    groups: dict[tuple[Severity, str], tuple[int, Issue]] = {}
    for issue in issues:
        key = (issue.severity, issue.code)
        count, first = groups.get(key, (0, issue))
        groups[key] = (count + (_stands_for(issue) if issue.severity == "note" else 1), first)
    kinds = [Kind(code, severity, count, first) for (severity, code), (count, first) in groups.items()]
    return sorted(kinds, key=lambda kind: (_ORDER[kind.severity], -kind.count, kind.code))


def _stands_for(issue: Issue) -> int:
    count = dict(issue.params).get("count", 1)
    return count if isinstance(count, int) else 1
