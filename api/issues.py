"""Problems in the input as JSON: kept in a file without any sentence, told in the language of whoever reads them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matcher.errors import Fix, Issue

KEPT = 50_000
"""So many issues are kept in the file; the counts and the workbook have all of them."""

_PLACE = ("table", "row", "column", "value", "at")

ORDER = {"error": 0, "warning": 1, "note": 2}


def count(issues: Iterable[Issue]) -> dict[str, int]:
    """Number of issues by severity."""
    return dict.fromkeys(ORDER, 0) | Counter(issue.severity for issue in issues)


def write_issues(issues: Sequence[Issue], path: Path) -> None:
    """Keep the issues, errors first."""
    ordered = sorted(issues, key=lambda issue: ORDER[issue.severity])[:KEPT]
    path.write_text(json.dumps([_stored(issue) for issue in ordered], ensure_ascii=False, default=str), encoding="utf-8")


def read_issues(path: Path) -> list[Issue]:
    """The issues that were kept; none where there is no file."""
    return [_restored(entry) for entry in json.loads(path.read_text(encoding="utf-8"))] if path.is_file() else []


def _stored(issue: Issue) -> dict[str, Any]:
    fix = issue.fix and {"value": issue.fix.value, "safe": issue.fix.safe, "drop": issue.fix.drop}
    place = {name: getattr(issue, name) for name in ("code", "table", "severity", "row", "column", "value")}
    return {**place, "params": [list(pair) for pair in issue.params], "fix": fix}


def _restored(entry: dict[str, Any]) -> Issue:
    fix = entry["fix"] and Fix(**entry["fix"])
    return Issue(**{**entry, "params": tuple((name, value) for name, value in entry["params"]), "fix": fix})


def told(issue: Issue, language: str) -> dict[str, Any]:
    """An issue as a member of `errors`: where it stands, what is wrong (`detail`), what to do (`do`), and the proposed value (`fix`)."""
    return {
        "table": issue.table,
        "row": issue.row,
        "column": issue.column,
        "value": issue.value,
        "code": issue.code,
        "severity": issue.severity,
        "detail": issue.message(language),
        "do": issue.todo(language),
        "fix": None if issue.fix is None else {"value": issue.fix.value, "safe": issue.fix.safe, "drop": issue.fix.drop},
    }


@dataclass(frozen=True, slots=True)
class Kind:
    """The issues of one code."""

    code: str
    severity: str
    issues: list[Issue]

    @property
    def varied(self) -> bool:
        """Whether the sentences say more than place, value and proposal, so that each has to be read."""
        return len({_particulars(issue) for issue in self.issues}) > 1


def _particulars(issue: Issue) -> tuple[str, ...]:
    proposed = issue.fix.value if issue.fix else None
    return tuple(str(value) for name, value in issue.params if name not in _PLACE and value != proposed)


def heading(issue: Issue) -> str:
    """The column as the person calls it."""
    return str(dict(issue.params).get("column") or issue.column or "")


def by_kind(issues: Iterable[Issue]) -> list[Kind]:
    """The issues grouped by code: errors first, then the most frequent."""
    groups: dict[tuple[str, str], list[Issue]] = {}
    for issue in issues:
        groups.setdefault((issue.severity, issue.code), []).append(issue)
    kinds = [Kind(code, severity, members) for (severity, code), members in groups.items()]
    return sorted(kinds, key=lambda kind: (ORDER[kind.severity], -len(kind.issues), kind.code))
