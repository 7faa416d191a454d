"""Everything that can go wrong, as a tree.

    MatcherError                 anything a person can mend; the shells turn it into a sentence and an exit code
    |-- InputError               the round cannot be used: carries every `Issue` at once (exit 2, HTTP 422)
    |-- UnreadableFile           no table could be read from the file (exit 2, HTTP 400, 413 or 415)
    |-- Unsupported              the round is sound, but no engine here can carry a structure in it (exit 2, HTTP 422)
    |-- VerificationFailed       the verifier found a violation in an answer that was about to be handed out (exit 1)
    `-- EngineFailed             a solver died or broke its contract (exit 5)

Infeasible, time limit and cancelled are results, not exceptions (see `matcher.result`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from matcher.words import say

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Fix:
    """A proposed correction of one cell (or, with `drop`, of a whole row)."""

    value: str = ""
    safe: bool = False
    drop: bool = False


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem in the input: where it stands, what is wrong, what to do.

    `code` names a sentence in `words/issues.toml` (key `CODE`, and `CODE.do` for what to do); `params` fill it. `row` is the
    row number as the person sees it in the file (the header is row 1); None where the problem belongs to no single row.
    An error stops the round, a warning does not, a note only informs.
    """

    code: str
    table: str
    severity: Severity = "error"
    row: int | None = None
    column: str | None = None
    value: str | None = None
    params: tuple[tuple[str, object], ...] = ()
    fix: Fix | None = None

    def message(self, language: str = "en") -> str:
        """What is wrong, as one sentence."""
        return say(self.code, language, **self._words())

    def todo(self, language: str = "en") -> str:
        """What the person can do about it, as one sentence."""
        return say(f"{self.code}.do", language, **self._words())

    def _words(self) -> dict[str, object]:
        place = {"table": self.table, "row": self.row, "column": self.column, "value": self.value}
        return {**place, "fix": self.fix.value if self.fix else "", **dict(self.params)}


class MatcherError(Exception):
    """Base of all errors that have a sentence for a person."""

    exit_code = 2

    def sentence(self, language: str = "en") -> str:
        """The error as a sentence in the language."""
        del language
        return str(self)


class CodedError(MatcherError):
    """An error whose sentence stands in the catalogue under `code`."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(say(code, "en", **params))
        self.code = code
        self.params = params

    def sentence(self, language: str = "en") -> str:
        """Fill the catalogue's sentence."""
        return say(self.code, language, **self.params)


class UnreadableFile(CodedError):
    """No table could be read: wrong type, empty, too large, broken. `status` is the fitting HTTP status."""

    def __init__(self, code: str, *, status: int = 400, **params: object) -> None:
        super().__init__(code, **params)
        self.status = status


class Unsupported(CodedError):
    """The round holds a structure that no engine here carries; the sentence names the table and the row."""


class EngineFailed(CodedError):
    """A solver ended without keeping its contract."""

    exit_code = 5


@dataclass(eq=False)
class InputError(MatcherError):
    """The round cannot be used; `issues` lists every reason, errors first."""

    issues: Sequence[Issue] = field(default_factory=tuple)

    def __str__(self) -> str:
        return self.sentence()

    def sentence(self, language: str = "en") -> str:
        """Count the errors and quote the first."""
        errors = [issue for issue in self.issues if issue.severity == "error"]
        return say("input.summary", language, errors=len(errors), first=errors[0].message(language) if errors else "")


class VerificationFailed(MatcherError):
    """The verifier found violations in an answer that was about to be handed out."""

    exit_code = 1

    def __init__(self, violations: Sequence[str]) -> None:
        super().__init__("\n".join(violations))
        self.violations = tuple(violations)
