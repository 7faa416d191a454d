"""The settings of a round: what `round.toml` says, with a default for everything.

A frozen tree of values. `parse` reads a TOML document and returns the settings with every problem it met, so that a person
sees them all at once; `dump` writes them back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Literal

Strength = Literal["hard", "soft", "off"]

ELIGIBILITY_RULES = (
    "form",
    "programme",
    "recognition",
    "travel",
    "languages",
    "checks",
    "competences",
    "dates",
    "pattern",
    "insurance",
    "mentor",
    "pay",
    "own_company",
    "excluded_company",
)
"""The rules that `[rules]` may set to hard, soft or off (docs/rules.md section 3)."""

ALWAYS_HARD = ("span", "team_size", "ranking", "forbid", "wish_no", "unlisted", "no_wishes")
"""The rules that cannot be softened; with ELIGIBILITY_RULES all the ways in which a pair can be removed."""

TIERS = ("placed_mandatory", "placed", "soft", "rank", "travel", "company_rank", "competences", "shortage", "balance", "blend", "moves")
"""The tiers of docs/rules.md section 7; further soft tiers have names of their own, see `is_soft`."""

SOFT_PREFIX = "soft:"
BLEND = "blend"

LARGER_IS_BETTER = ("placed_mandatory", "placed", "shortage")
"""The tiers whose value is to be large; a blend counts them negatively."""

DEFAULT_TIERS = ("placed_mandatory", "placed", "soft", "rank", "travel")

MECHANISMS = ("optimal",)
PLANNED_MECHANISMS = ("stable", "serial_dictatorship")
PROFILES = ("greedy", "generous", "rank_maximal", "leximin")
"""The measures that compare the counts by rank, and not their sum (docs/rules.md section 7)."""

WORST_FIRST = ("generous", "leximin")
"""The profiles that are compared from the worst rank on, where fewer is better; over ranks the two are the same."""

RANK_MEASURES = ("sum", *PROFILES)
MODES = ("car", "pt", "bike", "foot")


def is_soft(tier: str) -> bool:
    """Whether soft quotas may pay in a tier: `soft`, or a further one written `soft:NAME`."""
    return tier == "soft" or (tier.startswith(SOFT_PREFIX) and len(tier) > len(SOFT_PREFIX))


def blend_fault(settings: Settings) -> str | None:
    """Why `[policy] weights` and `tiers` make no blend, as the code of its sentence; None where all is well."""
    weights = settings.tier_weights
    if "rank" in weights and settings.rank_measure in PROFILES:
        return "settings_blend_profile"
    if not weights:
        return "settings_blend_empty" if BLEND in settings.tiers else None
    return None if BLEND in settings.tiers or not weights.keys().isdisjoint(settings.tiers) else "settings_blend_nowhere"


def _plain(settings: TravelFormula | Settings) -> dict[str, object]:
    """The fields for pickling: a read-only mapping cannot be pickled, a dict can."""
    values = {each.name: getattr(settings, each.name) for each in fields(settings)}
    return {name: dict(value) if isinstance(value, MappingProxyType) else value for name, value in values.items()}


def _thaw(kind: Callable[..., object], values: dict[str, object]) -> object:
    return kind(**{name: MappingProxyType(value) if isinstance(value, dict) else value for name, value in values.items()})


@dataclass(frozen=True, slots=True)
class TravelFormula:
    """Minutes and road kilometres from coordinates (docs/rules.md section 4); speeds in km/h, overheads in minutes."""

    detour: float = 1.25
    speed: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({"car": 45.0, "pt": 25.0, "bike": 15.0, "foot": 5.0}))
    overhead: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({"car": 5.0, "pt": 10.0, "bike": 2.0, "foot": 0.0}))

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return _thaw, (type(self), _plain(self))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything `round.toml` can say. `rules` and `rule_weights` hold only what differs from hard and 1.

    `tier_weights` is `[policy] weights`, which blends tiers; `max_moves` is the most demands in `previous` that may change (None: any number).
    """

    id: str = ""
    name: str = ""
    seed: int = 0
    language: str = "nl"
    start_date: dt.date | None = None
    rules: Mapping[str, Strength] = field(default_factory=lambda: MappingProxyType({}))
    rule_weights: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    mentor_capacity: bool = True
    overlap: bool = True
    teams: Literal["period", "path"] = "period"
    unlisted: Literal["no", "last"] = "no"
    no_wishes: Literal["any", "skip"] = "any"
    unranked: Literal["last", "no"] = "last"
    own_company_allowed: tuple[str, ...] = ("working", "employee")
    mechanism: str = "optimal"
    tiers: tuple[str, ...] = DEFAULT_TIERS
    rank_measure: str = "sum"
    tier_weights: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    max_moves: int | None = None
    seconds: float | None = None
    gap: float = 0.0
    travel: TravelFormula = field(default_factory=TravelFormula)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return _thaw, (type(self), _plain(self))

    def strength(self, rule: str) -> Strength:
        """How a rule is applied: hard unless said."""
        return self.rules.get(rule, "hard")

    def weight(self, rule: str) -> int:
        """What a matched pair that breaks the soft rule costs in the tier `soft`."""
        return self.rule_weights.get(rule, 1)
