"""The bound of a case: no prices and no multipliers lift it above a matching of the case, and it is what docs/proof.md says."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from matcher.problem import Certificate, Problem
from matcher.solvers.relaxation.leaf import Case, Overflow, Prices, numerator
from matcher.solvers.relaxation.model import Model, model_of
from tests.solvers.cases import Court
from tests.solvers.enumeration import bounds_of, infeasibility, matchings
from tests.solvers.problems import seat_problem
from tests.solvers.wide import wide_problem

Splits = dict[int, tuple[float, float]]


def drawn(model: Model, rng: np.random.Generator) -> tuple[Case, Splits]:
    """A case of some rows and pairs, and the same as splits."""
    case, splits = Case.whole(model), dict[int, tuple[float, float]]()
    lower, upper, out, taken = case.lower.copy(), case.upper.copy(), case.out.copy(), case.taken.copy()
    for row in rng.permutation(np.flatnonzero(model.tier < 0))[: rng.integers(0, 3)].tolist():
        low, high = (int(x) for x in np.sort(rng.integers(-1, 4, 2)))
        splits[row] = low, high
        lower[row], upper[row] = max(lower[row], low), min(upper[row], high)
    for pair in rng.permutation(model.problem.pairs)[: rng.integers(0, 3)].tolist():
        (taken if rng.random() < 0.4 else out)[pair] = True
        splits[model.rows + pair] = (1, np.inf) if taken[pair] else (-np.inf, 0)
    return Case(lower, upper, out, taken), splits


def priced(model: Model, tier: int, case: Case, rng: np.random.Generator) -> Prices:
    """Any prices and multipliers over any denominator."""
    spread = int(rng.choice([1, 4, 60]))
    row = rng.integers(-spread, spread + 1, model.rows) * (rng.random(model.rows) < 0.6)
    pair = np.where(case.taken, rng.integers(-spread, spread + 1, model.problem.pairs), 0)
    multiplier = rng.integers(-spread, spread + 1, len(model.problem.tiers)) * (np.arange(len(model.problem.tiers)) < tier)
    return Prices(*(part.astype(np.int64) for part in (row, pair, multiplier)), int(rng.choice([1, 1, 2, 7])))


def within(problem: Problem, choices: np.ndarray, splits: Splits) -> np.ndarray:
    """Which matchings lie in a case."""
    rows, inside = bounds_of(problem), np.ones(len(choices), dtype=np.bool_)
    for row, (low, high) in splits.items():
        count = np.append(rows[row].sign, 0)[choices].sum(axis=1) if row < len(rows) else (choices == row - len(rows)).sum(axis=1)
        inside &= (count >= low) & (count <= high)
    return inside


def evaluated(problem: Problem, prices: Prices, tier: int, values: np.ndarray, splits: Splits) -> float:
    """The bound of the case as the evaluator of the tests has it."""
    own = np.concatenate([prices.row, prices.pair])
    used = np.flatnonzero(own)
    one, none = np.array([0]), np.zeros(len(used), dtype=np.int64)
    proof = Certificate(one, one - 1, one, np.array([prices.denominator]), prices.multiplier[None, :], none, used, own[used])
    return Court(problem, proof, values.tolist()).case(tier, splits)


@pytest.mark.parametrize("start", range(0, 300, 100))
def test_no_prices_at_all_beat_a_matching_of_the_case_with_the_same_earlier_values(start: int) -> None:
    seen = Counter()
    for seed in range(start, start + 100):
        problem, rng = wide_problem(seed + 90_000), np.random.default_rng(seed)
        choices, value = matchings(problem)
        if not len(value):
            continue
        model = model_of(problem)
        for _ in range(8):
            tier, values = int(rng.integers(len(problem.tiers))), value[rng.integers(len(value))]
            case, splits = drawn(model, rng)
            prices = priced(model, tier, case, rng)
            bound = numerator(model, tier, tuple(values[:tier].tolist()), case, prices)
            like = within(problem, choices, splits) & (value[:, :tier] == values[:tier]).all(axis=1)
            known = evaluated(problem, prices, tier, values, splits)
            if bound is None:
                assert not like.any(), seed
                assert known == np.inf, seed
                seen["no matching"] += 1
                continue
            bound = -(-bound // prices.denominator)
            assert bound <= known, seed
            if like.any():
                best = int(value[like, tier].min())
                assert known <= best, seed
                seen["tight"] += bound == best
                seen["bounds"] += 1
    assert seen["bounds"] > 150, seen
    assert min(seen["tight"], seen["no matching"]) > 5, seen


def test_the_question_whether_there_is_a_matching_has_no_costs() -> None:
    """Any prices of a feasible problem show at most 0."""
    asked = 0
    for seed in range(100):
        problem, rng = wide_problem(seed + 95_000), np.random.default_rng(seed)
        if not len(matchings(problem)[1]):
            continue
        model = model_of(problem)
        prices = priced(model, 0, Case.whole(model), rng)
        prices = replace(prices, row=np.where(model.tier < 0, prices.row, 0))
        bound = numerator(model, -1, (), Case.whole(model), prices)
        assert bound is not None
        assert bound <= 0, seed
        own = replace(prices, multiplier=prices.multiplier[:1] * 0)
        assert -(-bound // prices.denominator) <= evaluated(infeasibility(problem), own, 0, np.array([0]), {}), seed
        asked += 1
    assert asked > 40


@pytest.mark.parametrize("where", ["row", "multiplier", "denominator"])
def test_numbers_that_could_leave_64_bits_are_refused(where: str) -> None:
    """Also those whose products would wrap around to something small."""
    problem = seat_problem([[0, 1]] * 3, [1, 1], tiers=("placed", "rank"), cost=[[2**31 - 1] * 6, [1] * 6])
    model = model_of(problem)
    zero = Prices(np.zeros(2, dtype=np.int64), np.zeros(6, dtype=np.int64), np.zeros(2, dtype=np.int64), 1)
    huge = {
        "row": replace(zero, row=np.array([2**62, 0])),
        "multiplier": replace(zero, multiplier=np.array([2**33, 0])),
        "denominator": replace(zero, denominator=2**60),
    }[where]
    assert numerator(model, 1, (0,), Case.whole(model), zero) == 0
    with pytest.raises(Overflow):
        numerator(model, 1, (0,), Case.whole(model), huge)
