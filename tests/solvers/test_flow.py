"""The flow engine alone: a solver behind it that refuses costs, or that answers wrongly."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from matcher.solvers import flow
from tests.solvers.problems import problems, seat_problem, solve
from tests.solvers.referee import assert_best


def test_a_solver_that_refuses_the_costs_is_asked_again_with_fewer_tiers(monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = flow.min_cost_flow, []

    def timid(stage: flow.Stage, order: np.ndarray) -> np.ndarray:
        asked.append(int(np.abs(stage.cost).max(initial=0)))
        if asked[-1] > 1000:
            raise flow.Overflow
        return real(stage, order)

    monkeypatch.setattr(flow, "min_cost_flow", timid)
    for seed, problem, plan in problems(21_000, 60):
        assert_best(problem, solve(problem, plan), seed)
    assert max(asked) > 1000


def test_a_solver_that_refuses_a_single_tier_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def hopeless(stage: flow.Stage, order: np.ndarray) -> np.ndarray:
        raise flow.Overflow

    monkeypatch.setattr(flow, "min_cost_flow", hopeless)
    with pytest.raises(flow.Overflow):
        solve(seat_problem([[0]], [1]))


def test_a_solver_that_returns_a_worse_flow_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def worst(stage: flow.Stage, order: np.ndarray) -> np.ndarray:
        return real(dataclasses.replace(stage, cost=-stage.cost), order)

    real = flow.min_cost_flow
    monkeypatch.setattr(flow, "min_cost_flow", worst)
    with pytest.raises(flow.NotOptimal):
        solve(seat_problem([[0, 1]], [1, 1], tiers=("rank",), cost=[[1, 2]], must=[0]))
