"""The tiers of a problem: in which order they are taken, and what is blended into which (docs/rules.md section 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from matcher.errors import InputError, Issue, Unsupported
from matcher.settings import BLEND, PROFILES, WORST_FIRST, Settings, blend_fault

SIZES = ("placed_mandatory", "placed")
"""The tiers that count who is placed: a rank-maximal matching settles the ranks before them."""

DECIMALS = 4
"""The most decimals of a weight in a blend."""

LARGEST = int(np.iinfo(np.int32).max)
"""The largest cost of a pair, and the largest weight of a penalty, that a problem can hold."""


def ordered(settings: Settings) -> tuple[str, ...]:
    """The tiers in the order in which they are taken, each once.

    That is the order of `[policy] tiers`, but with the blend put in, and with `rank_maximal` the tier `rank` before the sizes.

    Raises
    ------
    InputError
        The weights make no blend with these tiers.
    """
    fault = blend_fault(settings)
    if fault is not None:
        raise InputError(issues=[Issue(fault, "round.toml", column="policy.weights", params=(("measure", settings.rank_measure),))])
    tiers = list(dict.fromkeys(settings.tiers))
    behind = [at for at, tier in enumerate(tiers) if tier in SIZES]
    if settings.rank_measure == "rank_maximal" and "rank" in tiers and behind and behind[0] < tiers.index("rank"):
        tiers.remove("rank")
        tiers.insert(behind[0], "rank")
    if settings.tier_weights and BLEND not in tiers:
        tiers.insert(next(at for at, tier in enumerate(tiers) if tier in settings.tier_weights), BLEND)
    return tuple(tier for tier in tiers if tier not in settings.tier_weights)


def spelled(settings: Settings, rank: npt.NDArray[np.int32]) -> tuple[str, ...]:
    """The tiers of the problem: with a profile measure `rank` becomes a digit `rank:k` for every rank k that a pair has (`rank:1` where none has one).

    The most important digit comes first: the first choices, or for `generous` the worst rank. O(pairs).
    """
    tiers = ordered(settings)
    if settings.rank_measure not in PROFILES or "rank" not in tiers:
        return tiers
    ranks = [int(k) for k in np.flatnonzero(np.bincount(rank)[1:]) + 1] or [1]
    digits = [f"rank:{k}" for k in (reversed(ranks) if settings.rank_measure in WORST_FIRST else ranks)]
    at = tiers.index("rank")
    return (*tiers[:at], *digits, *tiers[at + 1 :])


def factors(settings: Settings) -> Mapping[str, int]:
    """What a unit of each blended tier costs, in units of the last decimal that any of the weights has.

    >>> dict(factors(Settings(tier_weights={"rank": 1.0, "travel": 0.25})))
    {'rank': 100, 'travel': 25}
    """
    written = {tier: f"{weight:.{DECIMALS}f}" for tier, weight in settings.tier_weights.items()}
    decimals = max((len(text.rstrip("0").partition(".")[2]) for text in written.values()), default=0)
    return MappingProxyType({tier: int(text.replace(".", "")) // 10 ** (DECIMALS - decimals) for tier, text in written.items()})


@dataclass(frozen=True)
class Policy:
    """Where the tiers of the policy stand in the problem.

    Attributes
    ----------
    tiers
        The K tiers of the problem, spelled out.
    blended
        Tier -> its factor in the tier `blend`.
    """

    tiers: tuple[str, ...]
    blended: Mapping[str, int]

    @classmethod
    def of(cls, settings: Settings, rank: npt.NDArray[np.int32]) -> Policy:
        """The policy of a round whose eligible pairs have these ranks."""
        return cls(spelled(settings, rank), factors(settings))

    def penalty(self, tier: str, weight: int) -> tuple[int, int]:
        """The position of the tier in which a penalty of the tier costs (itself or the blend; -1: none), and what a unit of it costs there.

        Raises
        ------
        Unsupported
            It costs more than a problem can hold.
        """
        carrier = BLEND if tier in self.blended else tier
        cost = self.blended.get(tier, 1) * weight
        if carrier not in self.tiers or not cost:
            return -1, 0
        if cost > LARGEST:
            raise too_large(tier, cost)
        return self.tiers.index(carrier), cost


def too_large(tier: str, cost: int) -> Unsupported:
    """The refusal of a cost that does not fit."""
    return Unsupported("unsupported.cost", tier=tier, cost=cost, largest=LARGEST)
