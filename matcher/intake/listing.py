"""The list of problems for whoever shows it: counted in a sentence, or as one JSON document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from matcher.errors import Issue
from matcher.intake.corrected import Fixed
from matcher.intake.findings import by_kind
from matcher.words import say


def summary(issues: Iterable[Issue], language: str = "en") -> str:
    """How many errors, warnings and notes, and whether the round can be used."""
    counts = Counter(issue.severity for issue in issues)
    code = "input.stopped" if counts["error"] else "input.sound"
    return say(code, language, errors=counts["error"], warnings=counts["warning"], notes=counts["note"])


def as_document(issues: Sequence[Issue], language: str = "en", fixed: Fixed | None = None) -> dict[str, Any]:
    """All issues, the kinds they are of, and (where fixes were applied) what was changed and where it went, ready for JSON."""
    counts = Counter(issue.severity for issue in issues)
    document: dict[str, Any] = {
        "usable": not counts["error"],
        "errors": counts["error"],
        "warnings": counts["warning"],
        "notes": counts["note"],
        "kinds": [{"code": kind.code, "severity": kind.severity, "count": kind.count} for kind in by_kind(issues)],
        "issues": [issue_document(issue, language) for issue in issues],
    }
    if fixed is not None:
        document["folder"] = str(fixed.folder)
        document["changes"] = [asdict(change) for change in fixed.changes]
    return document


def issue_document(issue: Issue, language: str = "en") -> dict[str, Any]:
    """One issue, ready for JSON."""
    fix = None if issue.fix is None else {"value": None if issue.fix.drop else issue.fix.value, "drop": issue.fix.drop, "safe": issue.fix.safe}
    place = {"table": issue.table, "row": issue.row, "column": issue.column, "value": issue.value}
    return {"code": issue.code, "severity": issue.severity, **place, "message": issue.message(language), "todo": issue.todo(language), "fix": fix}
