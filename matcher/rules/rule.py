"""What a rule is: it judges pairs by code, and can say of one pair which value stood against which limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from matcher.rules.facts import Codes, Facts, Flags

Words = dict[str, object]


class Rule(Protocol):
    """One rule of docs/rules.md section 3, prepared for one round."""

    @property
    def name(self) -> str:
        """The name in `[rules]`, in the counts and in the sentence `rule.NAME`."""
        ...

    def judge(self, s: Codes, p: Codes) -> tuple[Flags, Flags]:
        """For pairs (s[i], p[i]): `broken`, and `unknown` (a cell is empty; never both)."""
        ...

    def because(self, s: int, p: int) -> Words:
        """What fills the sentence `rule.NAME` for one pair that breaks the rule."""
        ...


Factory = Callable[[Facts], Rule | None]
"""Builds a rule from the facts; None where the round has no columns for it."""
