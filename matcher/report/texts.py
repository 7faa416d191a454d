"""Sentences and numbers in the language of the reader."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from matcher.result import TierValue
from matcher.settings import is_soft
from matcher.words import catalogue, say

DASH = "\u2013"
THIN_SPACE = "\u202f"
SHOWN_RANKS = 15
"""So many ranks of a profile are written side by side."""

SEPARATORS = {"nl": (".", ","), "en": (",", "."), "fr": (THIN_SPACE, ",")}


@dataclass(frozen=True, slots=True)
class Texts:
    """The catalogue and the number formats of one language."""

    language: str

    def say(self, code: str, **params: object) -> str:
        """The sentence `report.CODE`; numbers among the parameters are written as the language does."""
        return say(f"report.{code}", self.language, **{name: self.write(value) for name, value in params.items()})

    def label(self, family: str, code: str) -> str:
        """A short name for a code of a family (`rule`, `tier` ...); the code itself where there is none, for it may come from a newer program."""
        return self.say(f"{family}.{code}") if f"report.{family}.{code}" in catalogue() else code

    def tier(self, name: str) -> str:
        """The name of a goal (or of a digit of a profile, `rank:2`, or of a further soft tier, `soft:NAME`), with a capital."""
        kind, _, rest = name.partition(":")
        code = f"tier.{kind}" if not rest else "tier.soft_named" if is_soft(name) else f"tier.{kind}_digit"
        words = say(code, self.language, rank=rest, name=rest) if code in catalogue() else name
        return words[:1].upper() + words[1:]

    def gap(self, tier: TierValue) -> str:
        """How far value and bound lie apart, as a share of the value, with two digits; a dash where there is no bound."""
        if tier.gap is None:
            return DASH
        if not tier.gap:
            return self._percent(0)
        percent = 100 * tier.gap
        shown = self.number(percent, max(0, 1 - math.floor(math.log10(percent))))
        return shown + (f"{THIN_SPACE}%" if self.language == "fr" else "%")

    def write(self, value: object) -> str:
        """A cell or parameter as text: numbers grouped, nothing as an empty text."""
        if value is None or value != value:  # noqa: PLR0124  # NaN is the one value that differs from itself
            return ""
        return self.number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)

    def number(self, value: float, decimals: int | None = None) -> str:
        """1234.5 as 1.234,5 (nl), 1,234.5 (en) or 1 234,5 (fr); whole numbers without decimals."""
        if decimals is None:
            decimals = 0 if value == int(value) else 1
        thousands, point = SEPARATORS[self.language]
        plain = f"{value:,.{decimals}f}".replace("-", "\u2212")
        return plain.translate({ord(","): thousands, ord("."): point})

    def worth(self, value: int | tuple[int | None, ...]) -> str:
        """The value or bound of a goal: a number, or the counts of a profile by rank (a dash: not proven), without the zeros behind the 15th."""
        if not isinstance(value, tuple):
            return self.number(value)
        shown = [self.number(count) if count is not None else DASH for count in value[:SHOWN_RANKS]]
        return " \u00b7 ".join([*shown, "\u2026"] if any(count != 0 for count in value[SHOWN_RANKS:]) else shown)

    def share(self, part: float, whole: float) -> str:
        """Part of whole in per cent with one decimal; a dash where there is no whole. Never rounds up to 100 % or down to 0 %."""
        if not whole:
            return DASH
        shown = round(100 * part / whole, 1)
        shown = min(shown, 99.9) if part < whole else shown
        return self._percent(max(shown, 0.1) if part > 0 else shown)

    def rough_share(self, part: float, whole: float) -> str:
        """The same in whole per cents, for charts: `<1%` where it is more than nothing."""
        return f"<{self._percent(1)}" if 0 < part < 0.01 * whole else self._percent(int(100 * part / whole + 0.5) if whole else 0)

    def _percent(self, shown: float) -> str:
        return self.number(shown) + (f"{THIN_SPACE}%" if self.language == "fr" else "%")

    def listing(self, parts: Iterable[str]) -> str:
        """Names joined by commas and a last `and`."""
        *most, last = parts
        return f"{', '.join(most)} {self.say('and')} {last}" if most else last
