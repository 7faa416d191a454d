"""The bound is a bound for any prices, good or bad (docs/proof.md), so no engine can claim more than there is."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.bound import bound
from matcher.problem import Answer
from tests.solvers.enumeration import contradictory, enumerate_matchings
from tests.solvers.problems import random_problem


@pytest.mark.parametrize("start", range(0, 300, 100))
def test_no_prices_at_all_can_lift_the_bound_above_the_optimum(start: int) -> None:
    """Weak duality: whatever the prices, the bound lies at or below every matching."""
    for seed in range(start, start + 100):
        problem = random_problem(seed + 30_000)
        values = enumerate_matchings(problem)
        if values is None or contradictory(problem):
            continue
        rng = np.random.default_rng(seed)
        shape = (problem.seats, len(problem.tiers)), (len(problem.rows), len(problem.tiers))
        for spread in (1, 4, 60):
            prices = [rng.integers(-spread, spread + 1, s) for s in shape]
            nobody = np.full(problem.demands, -1, dtype=np.int32)
            answer = Answer("solved", "optimal", nobody, problem.tiers, prices[0], prices[1], "made up", {})
            assert bound(problem, answer) <= min(tuple(map(int, v)) for v in values), (seed, spread)
