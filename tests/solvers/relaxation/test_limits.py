"""The engine as a whole when it is short of time, told to stop, content with a gap, or fails to close one."""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import pytest

from matcher import runner
from matcher.bound import value
from matcher.problem import Answer, Problem
from matcher.progress import Progress
from matcher.solvers import route
from matcher.solvers.relaxation import engine, tree
from matcher.solvers.relaxation.exact import Settled
from matcher.solvers.route import Budget
from tests.solvers.enumeration import brute_force
from tests.solvers.middling import middling
from tests.solvers.problems import row, solve
from tests.solvers.referee import assert_honest, keeps_bounds, shown
from tests.solvers.relaxation.test_tree import triangles
from tests.solvers.test_child import After
from tests.solvers.wide import WIDE, wide_problems


def honest(problem: Problem, answer: Answer) -> bool:
    """Whether an answer stands: a matching that keeps every bound, with bounds that its own proof shows and its value does not beat."""
    if answer.outcome == "no_answer":
        return bool((answer.pair_of_demand < 0).all())
    own = value(problem, answer.pair_of_demand)
    return keeps_bounds(problem, answer) and all(least is None or least <= mine for least, mine in zip(shown(problem, answer), own, strict=True))


@pytest.mark.parametrize("seconds", [0.0, 0.01])
def test_a_tiny_budget_still_gives_an_honest_answer(seconds: float) -> None:
    outcomes = Counter()
    for seed, problem, plan in wide_problems(96_000, 30):
        answer = route.run(problem, plan, seed, budget=Budget(seconds))
        outcomes[answer.outcome] += 1
        if answer.outcome == "solved":
            assert_honest(problem, answer, seed)
        elif answer.outcome == "infeasible":
            assert brute_force(problem) is None, seed
    assert outcomes["solved"] > 8, outcomes


def test_a_budget_ends_the_search_of_a_larger_problem_with_what_it_has() -> None:
    for seed in range(4):
        problem = middling(seed, 150)
        answer = route.run(problem, route.plan(problem, "relaxation"), seed, budget=Budget(0.05))
        if answer.outcome != "infeasible":
            assert honest(problem, answer), seed


def test_a_gap_that_is_small_enough_is_not_worked_at() -> None:
    """The relaxation shows one and a half of three where one is possible: a gap of a half of it, once it is rounded."""
    problem = triangles(2)
    closed, open_ = (route.run(problem, route.plan(problem), 0, budget=Budget(None, gap)) for gap in (0.0, 0.5))
    assert (closed.reason, closed.bounds[0]) == ("optimal", -2)
    assert (open_.reason, open_.bounds[0]) == ("gap_reached", -3)
    assert value(problem, open_.pair_of_demand)[0] == -2
    assert honest(problem, open_)


def test_effort_that_runs_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "grow", lambda *given: (tree.bound_of(given[3], given[4]), None))
    answer = solve(triangles(2), "relaxation")
    assert (answer.outcome, answer.reason) == ("solved", "not_closed")
    assert answer.bounds[0] == -3
    assert honest(triangles(2), answer)


def test_a_question_that_is_not_settled_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of three demands that exclude each other must be placed: halves can, and without cases or an exact solver nobody knows that no matching can."""
    plain = triangles(1)
    impossible = dataclasses.replace(plain, rows=(*plain.rows, row([0, 1, 2], 2, 2, code=3)))
    excluded = dataclasses.replace(plain, rows=(*plain.rows, row([0, 1, 2], 1, 1, code=3)))
    assert [solve(problem, "relaxation").outcome for problem in (impossible, excluded)] == ["infeasible", "solved"]
    halves = dataclasses.replace(plain, rows=(*plain.rows, row([0, 1], 1, code=3), row([1, 2], 1, code=4), row([0, 2], 1, code=5)))
    assert solve(halves, "relaxation").outcome == "infeasible"
    monkeypatch.setattr(engine, "settle", lambda *_, **__: Settled(None, False))
    monkeypatch.setattr(engine, "NODES", 0)
    answer = solve(halves, "relaxation")
    assert (answer.outcome, answer.reason) == ("no_answer", "not_closed")
    assert honest(halves, answer)


@pytest.mark.parametrize("looks", [0, 3, 40])
def test_a_cancel_leaves_an_honest_answer(looks: int) -> None:
    """Stopped before the child is up, while it works, or not at all: the runner knows."""
    problem = middling(3, 100)
    answer = runner.run(problem, route.plan(problem, "relaxation"), cancel=After(looks))
    assert answer.reason in {"cancelled", "optimal", "not_closed"}
    assert honest(problem, answer)


def test_the_child_answers_as_the_engine_does_and_tells_of_the_tiers() -> None:
    heard: list[Progress] = []
    for _, problem, plan in wide_problems(96_500, 3, dataclasses.replace(WIDE, pinned=0, must_open=0)):
        answer, here = runner.run(problem, plan, seed=3, on_progress=heard.append), solve(problem, plan, 3)
        assert (answer.outcome, answer.reason, answer.engine, answer.bounds) == (here.outcome, here.reason, here.engine, here.bounds)
        assert np.array_equal(answer.pair_of_demand, here.pair_of_demand)
        if answer.outcome == "solved":
            assert shown(problem, answer) == shown(problem, here)
    assert heard[-1].fraction == 1.0
