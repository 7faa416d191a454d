"""All rules of a round together: which candidate pairs remain, what a soft rule costs, and what each rule removed.

The catalogue RULES leads from a rule's name to the code that builds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from matcher.result import RuleCount
from matcher.rules import conditions, dates, refusals, spans, teams, tokens, travel
from matcher.rules.facts import Codes, Facts, Flags
from matcher.rules.rule import Factory, Rule
from matcher.settings import Settings

RULES: Mapping[str, Factory] = MappingProxyType(
    {
        "form": tokens.form,
        "programme": tokens.programme,
        "recognition": dates.recognition,
        "travel": travel.travel,
        "languages": tokens.languages,
        "checks": tokens.checks,
        "competences": tokens.competences,
        "dates": dates.dates,
        "pattern": tokens.pattern,
        "insurance": conditions.insurance,
        "mentor": dates.mentor,
        "pay": conditions.pay,
        "own_company": conditions.own_company,
        "excluded_company": conditions.excluded_company,
        "ranking": refusals.ranking,
        "forbid": refusals.forbid,
        "span": spans.span,
        "team_size": teams.team_size,
    }
)


@dataclass(frozen=True)
class Judgement:
    """What the rules say of a block of pairs: which stay, and what each costs in the tier `soft`."""

    eligible: Flags
    soft: Codes


@dataclass(frozen=True)
class Tally:
    """Running counts of candidate pairs per rule, in the order of the rules."""

    removed: npt.NDArray[np.int64]
    only: npt.NDArray[np.int64]
    unknown: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Eligibility:
    """The rules that are on in this round and have columns to look at."""

    rules: tuple[Rule, ...]
    settings: Settings

    @classmethod
    def of(cls, facts: Facts) -> Eligibility:
        """Prepare the rules for a round."""
        settings = facts.round.settings
        on = [factory(facts) for name, factory in RULES.items() if settings.strength(name) != "off"]
        return cls(tuple(rule for rule in on if rule is not None), settings)

    def tally(self) -> Tally:
        """Empty counts."""
        zeros = np.zeros((3, len(self.rules)), dtype=np.int64)
        return Tally(*zeros)

    def judge(self, s: Codes, p: Codes, weight: npt.NDArray[np.int64] | None = None, tally: Tally | None = None) -> Judgement:
        """Judge pairs; add to the tally, each pair counted `weight` times (1 where not given)."""
        breaches = np.zeros(len(s), dtype=np.uint8)
        soft = np.zeros(len(s), dtype=np.int32)
        hard: list[tuple[int, Flags]] = []
        for i, rule in enumerate(self.rules):
            broken, unknown = rule.judge(s, p)
            if tally is not None:
                tally.removed[i] += _total(broken, weight)
                tally.unknown[i] += _total(unknown, weight)
            if self.settings.strength(rule.name) == "soft":
                soft += np.where(broken, np.int32(self.settings.weight(rule.name)), np.int32(0))
            else:
                breaches += broken
                hard.append((i, broken))
        if tally is not None:
            for i, broken in hard:
                tally.only[i] += _total(broken & (breaches == 1), weight)
        return Judgement(breaches == 0, soft)

    def breaches(self, s: Codes, p: Codes) -> list[tuple[Rule, Flags]]:
        """Every hard rule, and which of the pairs break it."""
        return [(rule, rule.judge(s, p)[0]) for rule in self.rules if self.settings.strength(rule.name) == "hard"]

    def broken_by(self, s: int, p: int) -> list[Rule]:
        """The hard rules that one pair breaks."""
        one_s, one_p = np.array([s], dtype=np.int32), np.array([p], dtype=np.int32)
        return [rule for rule, broken in self.breaches(one_s, one_p) if broken[0]]

    def counts(self, tally: Tally) -> tuple[RuleCount, ...]:
        """The tally in words: a rule that is soft removes nothing, but is broken by so many."""
        return tuple(
            RuleCount(rule.name, self.settings.strength(rule.name), int(tally.removed[i]), int(tally.only[i]), int(tally.unknown[i]))
            for i, rule in enumerate(self.rules)
        )


def _total(flags: Flags, weight: npt.NDArray[np.int64] | None) -> int:
    return int(np.count_nonzero(flags)) if weight is None else int(weight[flags].sum())
