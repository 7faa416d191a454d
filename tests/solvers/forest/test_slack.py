"""The check in tuples against a loop in plain Python over whole tuples."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.solvers.forest.slack import face_of_pairs

Drawn = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int, np.ndarray, np.ndarray, np.ndarray]


def drawn(seed: int) -> Drawn:
    """Small numbers, so that ties in the first digits are common; a third of the pairs no longer open."""
    rng = np.random.default_rng(seed)
    demands, nodes, tiers, low = int(rng.integers(1, 5)), int(rng.integers(1, 4)), int(rng.integers(1, 4)), int(rng.integers(0, 3))
    asked = rng.integers(0, 4, demands)
    pairs = int(asked.sum())
    owner = np.repeat(np.arange(demands), asked)
    open_ = rng.random(pairs) < 0.7
    kept = np.flatnonzero(open_).astype(np.int32)
    first = np.concatenate(([0], np.cumsum(np.bincount(owner[open_], minlength=demands)))).astype(np.int64)
    chosen = np.array([rng.choice([-1, *kept[first[d] : first[d + 1]]]) for d in range(demands)], dtype=np.int32)
    cost = rng.integers(-1, 2, (low + tiers, pairs)).astype(np.int32)
    phi = rng.integers(-1, 2, (nodes, 1 + tiers))
    phi[:, 0] *= rng.random(nodes) < 0.2
    leaf = rng.integers(0, nodes, pairs).astype(np.int32)
    must = rng.random(demands) < 0.3
    if seed % 2:  # potentials that fit the costs, so that the check often holds
        best = [min((pays(p, leaf, cost, low, phi), p) for p in kept[first[d] : first[d + 1]]) if first[d] < first[d + 1] else None for d in range(demands)]
        chosen = np.array([b[1] if b is not None and b[0] < nothing(must[d], tiers) else -1 for d, b in enumerate(best)], dtype=np.int32)
    return first, kept, leaf, cost, low, phi, must, chosen


def pays(p: int, leaf: np.ndarray, cost: np.ndarray, low: int, phi: np.ndarray) -> tuple[int, ...]:
    """What a demand pays by a pair, digit by digit."""
    tiers = phi.shape[1] - 1
    return (int(phi[leaf[p], 0]), *(int(phi[leaf[p], 1 + k] + cost[low + k, p]) for k in range(tiers)))


def nothing(must: bool, tiers: int) -> tuple[int, ...]:
    """What staying unmatched costs: one miss where it is not open."""
    return (int(must), *(0,) * tiers)


def by_hand(first: np.ndarray, kept: np.ndarray, leaf: np.ndarray, cost: np.ndarray, low: int, phi: np.ndarray, must: np.ndarray, chosen: np.ndarray) -> object:
    """Whether everybody has the least; which pairs and which demands' staying unmatched are as good."""
    tight, idle, holds = [False] * len(kept), [], True
    for d in range(len(first) - 1):
        unmatched = nothing(must[d], phi.shape[1] - 1)
        own = unmatched if chosen[d] < 0 else pays(chosen[d], leaf, cost, low, phi)
        options = [pays(p, leaf, cost, low, phi) for p in kept[first[d] : first[d + 1]]]
        holds &= all(own <= option for option in options) and own <= unmatched
        for i, option in enumerate(options):
            tight[first[d] + i] = option == own
        idle.append(bool(own == unmatched and not must[d]))
    return holds, tight, idle


@pytest.mark.parametrize("start", range(0, 3000, 1000))
def test_the_kernel_says_what_the_loop_says(start: int) -> None:
    held = 0
    for seed in range(start, start + 1000):
        problem = drawn(seed)
        holds, tight, idle = face_of_pairs(*problem)
        expected = by_hand(*problem)
        assert bool(holds) == expected[0], seed
        if holds:
            assert (tight.tolist(), idle.tolist()) == expected[1:], seed
        held += bool(holds)
    assert 300 < held < 900
