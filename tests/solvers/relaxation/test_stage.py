"""Column generation: the optimum over all pairs, wherever it begins, with duals that say so."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.problem import Problem
from matcher.solvers.relaxation import stage
from matcher.solvers.relaxation.leaf import Case
from matcher.solvers.relaxation.model import Model, model_of
from matcher.solvers.relaxation.stage import Goal, Optimum, optimum
from tests.solvers.middling import middling
from tests.solvers.wide import wide_problems


def models(problems: list[Problem]) -> list[Model]:
    """The models whose bounds do not contradict each other at sight."""
    found = [model_of(problem) for problem in problems]
    bounds = [Case.whole(model).tightened(model) for model in found]
    return [model for model, (lower, upper) in zip(found, bounds, strict=True) if not ((lower > upper) & (model.tier < 0)).any()]


def assert_dual(model: Model, goal: Goal, found: Optimum) -> None:
    """The reduced costs are what the prices make of the costs, and none is negative."""
    cost = sum((weight * model.problem.cost[tier].astype(float) for tier, weight in goal.weights.items()), np.zeros(model.problem.pairs))
    for tier in goal.fixed:
        cost += found.multiplier[tier] * model.problem.cost[tier]
    cost += np.bincount(model.pair, weights=found.price[model.row] * model.sign, minlength=model.problem.pairs)
    own = cost + found.must_price[model.demand]
    scale = 1e-6 * max(1.0, float(np.abs(found.price).max(initial=0)))
    assert own == pytest.approx(found.reduced, abs=10 * scale)
    assert found.reduced.min(initial=0) >= -10 * scale


@pytest.mark.parametrize("start", [400, 410])
def test_pairs_that_join_as_they_are_worth_it_give_the_optimum_over_all(start: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also from the optimum of the tier before, and where nothing keeps the bounds."""
    missed = 0
    for model in models([problem for _, problem, _ in wide_problems(start, 40)] + [middling(seed, 60) for seed in range(start, start + 4)]):
        problem = model.problem
        goals = [Goal({tier: 1.0}) for tier in range(len(problem.tiers))] + [Goal({}, elastic=1.0)]
        known = [optimum(model, goal, Case.whole(model)) for goal in goals]
        with monkeypatch.context() as patch:
            patch.setattr(stage, "ALL", 0)
            before: Optimum | np.ndarray = np.arange(0, problem.pairs, 3)
            for goal, whole in zip(goals, known, strict=True):
                found = optimum(model, goal, Case.whole(model), before)
                assert found.missed == whole.missed
                assert found.value == pytest.approx(whole.value, rel=1e-6, abs=1e-5)
                assert_dual(model, Goal({}) if found.missed else goal, found)
                before, missed = found, missed + found.missed
    assert missed > 5


def test_the_duals_of_rows_without_pairs_are_balanced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer pairs join than without: one side of a row lends the other what it can spare."""
    sizes = {}
    for balanced in (True, False):
        with monkeypatch.context() as patch:
            patch.setattr(stage, "ALL", 0)
            patch.setattr(stage, "_begin", lambda model, *_: np.arange(model.problem.pairs) < 1)
            if not balanced:
                patch.setattr(stage, "_balance", lambda *_: None)
            drawn = models([problem for _, problem, _ in wide_problems(7_000, 200) if problem.pairs])
            sizes[balanced] = sum(len(optimum(model, Goal({0: 1.0}), Case.whole(model), np.arange(1)).pairs) for model in drawn)
    assert sizes[True] < sizes[False]
