"""Chance for the sample data: plain uniform numbers only, whose stream a seed fixes for good."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class Dice:
    """A seeded source of random choices."""

    def __init__(self, seed: int, *purpose: int) -> None:
        self._rng = np.random.default_rng([seed, *purpose])

    def uniform(self, *shape: int) -> np.ndarray:
        """Numbers in [0, 1)."""
        return self._rng.random(shape)

    def chance(self, share: float, items: int) -> np.ndarray:
        """Flags, each on with the same chance."""
        return self._rng.random(items) < share

    def order(self, items: int) -> np.ndarray:
        """0 .. items-1 in random order."""
        return np.argsort(self._rng.random(items), kind="stable")

    def some(self, items: int, count: int) -> np.ndarray:
        """Flags of exactly `count` items."""
        flags = np.zeros(items, dtype=bool)
        flags[self.order(items)[:count]] = True
        return flags

    def of(self, where: np.ndarray, count: int) -> np.ndarray:
        """Exactly `count` of the items that are flagged, in random order."""
        candidates = np.flatnonzero(where)
        return candidates[self.order(len(candidates))[:count]]

    def pick(self, weights: Sequence[float] | np.ndarray, count: int) -> np.ndarray:
        """Codes drawn by weight."""
        cumulative = np.cumsum(np.asarray(weights, dtype=float))
        return np.minimum(np.searchsorted(cumulative, self._rng.random(count) * cumulative[-1], side="right"), len(cumulative) - 1)

    def words(self, choices: dict[str, float], count: int) -> np.ndarray:
        """Words drawn by weight, as objects; the word "" stands for an empty cell."""
        names = np.array(list(choices), dtype=object)
        return names[self.pick(list(choices.values()), count)]

    def bell(self, *shape: int) -> np.ndarray:
        """Roughly normal numbers (the sum of twelve uniform ones)."""
        return self._rng.random((*shape, 12)).sum(axis=-1) - 6.0

    def gumbel(self, *shape: int) -> np.ndarray:
        """What makes a choice by largest value one by weight (Gumbel numbers)."""
        return -np.log(-np.log(np.maximum(self._rng.random(shape), 1e-12)))


def apportion(total: int, weights: Sequence[float] | np.ndarray, least: int = 0) -> np.ndarray:
    """Whole parts of `total` in proportion to the weights, each at least `least`, by largest remainder."""
    share = np.asarray(weights, dtype=float)
    rest = total - least * len(share)
    if rest < 0:
        raise ValueError(f"{total} cannot be divided into {len(share)} parts of at least {least}")
    exact = share * (rest / share.sum())
    parts = np.floor(exact).astype(int)
    parts[np.argsort(parts - exact, kind="stable")[: rest - parts.sum()]] += 1
    return parts + least
