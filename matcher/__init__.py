"""Pair students with workplace placements: proven best, independently verified, with a reason for everybody.

>>> import matcher
>>> round_ = matcher.read("sample_data/small")
>>> result = matcher.solve(round_)
>>> result.outcome
<Outcome.SOLVED: 'solved'>

The names below load on first use, so that `import matcher` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matcher.errors import EngineFailed, InputError, Issue, MatcherError, UnreadableFile, Unsupported
    from matcher.explain.student import explain_student
    from matcher.intake import check, read
    from matcher.rerun.points import Frontier, frontier
    from matcher.result import Cases, Outcome, Proof, Reason, Result, TierValue
    from matcher.round import Round
    from matcher.settings import Settings
    from matcher.solving import solve
    from matcher.staff.assigning import assign_staff
    from matcher.staff.result import StaffResult
    from matcher.verifier import verify

__version__ = "0.1.0"

_HOME = {
    "Cases": "result",
    "EngineFailed": "errors",
    "InputError": "errors",
    "Frontier": "rerun.points",
    "Issue": "errors",
    "MatcherError": "errors",
    "Outcome": "result",
    "Proof": "result",
    "Reason": "result",
    "Result": "result",
    "Round": "round",
    "Settings": "settings",
    "TierValue": "result",
    "StaffResult": "staff.result",
    "UnreadableFile": "errors",
    "Unsupported": "errors",
    "assign_staff": "staff.assigning",
    "check": "intake",
    "explain_student": "explain.student",
    "frontier": "rerun.points",
    "read": "intake",
    "solve": "solving",
    "verify": "verifier",
}

__all__ = [
    "Cases",
    "EngineFailed",
    "Frontier",
    "InputError",
    "Issue",
    "MatcherError",
    "Outcome",
    "Proof",
    "Reason",
    "Result",
    "Round",
    "Settings",
    "StaffResult",
    "TierValue",
    "UnreadableFile",
    "Unsupported",
    "assign_staff",
    "check",
    "explain_student",
    "frontier",
    "read",
    "solve",
    "verify",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(f"matcher.{_HOME[name]}"), name)
    raise AttributeError(f"module 'matcher' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
