"""What the verifier says: violations with their ids, and the values and bounds it found itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from matcher.result import TierValue
from matcher.words import say


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with a result: a code (a sentence `verify.CODE` of the catalogue) and the ids and numbers that fill it."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def message(self, language: str = "en") -> str:
        """The violation as one sentence."""
        labels = {label: _with_period(self.params, name) for label, name in (("seat", "placement"), ("demand", "student"), ("crew", "team"))}
        words = {**self.params, **labels}
        return say(f"verify.{self.code}", language, **words)


@dataclass(frozen=True, slots=True)
class Verification:
    """The verifier's findings.

    Attributes
    ----------
    violations
        Everything that is wrong; empty when the result may be handed out.
    tiers
        Per tier of the round's policy the value recomputed from the matching alone, and the bound that the prices prove (None: none).
    proven_optimal
        Whether the prices prove that no matching is better in any tier.
    infeasible_proven
        Whether the prices prove that no matching keeps the rules; None where the result does not say so.
    seconds
        How long the check took.
    """

    violations: tuple[Violation, ...]
    tiers: tuple[TierValue, ...]
    proven_optimal: bool
    infeasible_proven: bool | None
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.violations


class Findings:
    """Violations as they are found, in the order of the checks."""

    def __init__(self) -> None:
        self._found: list[Violation] = []

    def add(self, code: str, **params: object) -> None:
        """Note a violation."""
        self._found.append(Violation(code, {name: _plain(value) for name, value in params.items()}))

    def all(self) -> tuple[Violation, ...]:
        """Everything found so far."""
        return tuple(self._found)

    def __len__(self) -> int:
        return len(self._found)


def _plain(value: object) -> object:
    """A value without numpy's types; a missing one as a question mark."""
    if isinstance(value, np.generic):
        value = value.item()
    return "?" if value is None or value != value else value  # noqa: PLR0124  # only NaN differs from itself


def _with_period(params: Mapping[str, object], name: str) -> str:
    """An id with its period where it has one: `P1 (T2)`."""
    period = params.get("period", "")
    return f"{params.get(name, '')} ({period})" if period else str(params.get(name, ""))
