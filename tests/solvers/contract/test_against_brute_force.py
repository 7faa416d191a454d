"""Every engine against trying every matching: value, bound, proof of infeasibility, and what may not matter."""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import pytest

from matcher.bound import value
from matcher.problem import Answer, Problem
from matcher.solvers import flow, route
from matcher.solvers.nesting import DEMAND_SIDE
from tests.solvers.enumeration import brute_force
from tests.solvers.problems import Shape, arrays, planned, problems, random_problem, row, seat_problem, solve
from tests.solvers.referee import assert_best, assert_honest, assert_settled, relabelled, same

SHAPES = {
    "usual": (0, Shape()),
    "many nested rows": (50_000, Shape(demands=6, seats=5, rows=9, wild=0, pinned=0.03, must_open=0.05, soft=0.6)),
    "few seats, many minimums": (60_000, Shape(demands=6, seats=3, rows=4, wild=0, pinned=0.3, must_open=0.3)),
    "no rows": (70_000, Shape(demands=6, seats=4, rows=0, pinned=0.05, must_open=0.05)),
    "huge costs": (80_000, Shape(rows=3, pinned=0.05, must_open=0.05, largest_cost=2**31 - 1)),
}
HUGE = Shape(largest_cost=2**31 - 1, pinned=0, must_open=0, rows=3)


EXACT: tuple[route.Engine, ...] = ("flow", "forest")
"""The engines whose arithmetic is whole throughout."""


@pytest.fixture(params=[*EXACT, "relaxation"])
def engine(request: pytest.FixtureRequest) -> route.Engine:
    """The engine under test."""
    chosen: route.Engine = request.param
    return chosen


def some(engine: route.Engine, count: int) -> int:
    """So many problems for an engine: one of the relaxation takes as long as twenty of the others."""
    return count if engine in EXACT else count // 20


@pytest.mark.parametrize("shape", SHAPES)
def test_value_and_bound_equal_brute_force(engine: route.Engine, shape: str) -> None:
    start, drawn = SHAPES[shape]
    outcomes = Counter()
    holds = assert_honest if engine == "relaxation" and shape == "huge costs" else assert_best
    for seed, problem, plan in problems(start, some(engine, 800), drawn, engine):
        answer = solve(problem, plan, seed % 3)
        holds(problem, answer, seed)
        outcomes[answer.outcome] += 1
    assert outcomes["solved"] > some(engine, 300), outcomes
    assert outcomes["infeasible"] > some(engine, 25), outcomes


def test_an_engine_never_writes_into_its_input(engine: route.Engine) -> None:
    for seed, problem, plan in problems(10_000, some(engine, 100), engine=engine):
        before = [array.tobytes() for array in arrays(problem)]
        solve(problem, plan, seed)
        assert [array.tobytes() for array in arrays(problem)] == before, seed


def test_the_same_seed_gives_the_same_answer(engine: route.Engine) -> None:
    for seed, problem, plan in problems(11_000, some(engine, 100), engine=engine):
        assert same(solve(problem, plan, seed), solve(problem, plan, seed)), seed


@pytest.mark.parametrize("engine", EXACT)
def test_the_seed_chooses_among_equals_only(engine: route.Engine) -> None:
    """Twelve alike students for six alike seats: seeds differ in who, never in the value."""
    problem = seat_problem([[0, 1]] * 12, [3, 3], cost=[[-1] * 24, [1] * 24])
    answers = [solve(problem, engine, seed) for seed in range(6)]
    assert {value(problem, answer.pair_of_demand) for answer in answers} == {(-6, 6)}
    assert len({answer.pair_of_demand.tobytes() for answer in answers}) > 1


def test_names_do_not_matter(engine: route.Engine) -> None:
    """Demands and seats in another order: the same value."""
    for seed, problem, plan in problems(12_000, some(engine, 200), engine=engine):
        other = relabelled(problem, np.random.default_rng(seed))
        again, first = solve(other, engine, seed), solve(problem, plan)
        assert again.outcome == first.outcome, seed
        if first.outcome == "solved":
            assert value(other, again.pair_of_demand) == value(problem, first.pair_of_demand), seed


def test_one_more_seat_never_makes_it_worse(engine: route.Engine) -> None:
    compared = 0
    for seed, problem, plan in problems(13_000, some(engine, 200), engine=engine):
        first = solve(problem, plan)
        wider = dataclasses.replace(problem, seat_upper=problem.seat_upper + (np.arange(problem.seats) == seed % problem.seats))
        again = route.plan(wider, engine)
        if first.outcome != "solved" or again.engine != engine:
            continue
        better = solve(wider, again)
        assert better.outcome == "solved", seed
        assert value(wider, better.pair_of_demand) <= value(problem, first.pair_of_demand), seed
        compared += 1
    assert compared > some(engine, 75)


@pytest.mark.parametrize("engine", EXACT)
def test_tiers_too_large_for_one_cost_are_solved_in_stages(engine: route.Engine) -> None:
    staged = 0
    for seed, problem, plan in problems(20_000, 300, HUGE, engine):
        stages: list[tuple[Answer, int]] = []
        assert_best(problem, route.run(problem, plan, 0, lambda *stage, stages=stages: stages.append(stage)), seed)
        best = brute_force(problem) if stages else None
        for answer, settled in stages:
            assert best is not None, seed
            assert_settled(problem, answer, settled, best, seed)
        staged += bool(stages)
    assert staged > 20


def test_nobody_and_nothing(engine: route.Engine) -> None:
    assert solve(seat_problem([], []), engine).outcome == "solved"
    assert solve(seat_problem([], [2]), engine).outcome == "solved"
    lonely = solve(seat_problem([[], []], [0]), engine)
    assert (lonely.outcome, list(lonely.pair_of_demand)) == ("solved", [-1, -1])


def test_a_seat_that_must_open_and_that_nobody_wants_is_proven_impossible(engine: route.Engine) -> None:
    problem = seat_problem([[0], []], [2, 2], lower=[0, 1])
    assert_best(problem, solve(problem, engine), 0)
    assert solve(problem, engine).outcome == "infeasible"


def test_a_minimum_that_nobody_can_reach_is_proven_out_of_reach(engine: route.Engine) -> None:
    problem = seat_problem([[0], [0, 1]], [2, 2], rows=[row([0, 1], lower=2), row([2], lower=1)])
    assert_best(problem, solve(problem, engine), 0)
    assert solve(problem, engine).outcome == "infeasible"


def test_two_pinned_students_for_one_seat_are_proven_impossible(engine: route.Engine) -> None:
    problem = seat_problem([[0], [0]], [1], must=[0, 1])
    assert_best(problem, solve(problem, engine), 0)
    assert solve(problem, engine).outcome == "infeasible"


def test_a_minimum_within_a_minimum_within_a_minimum(engine: route.Engine) -> None:
    """Nobody would take any seat, were it not for the nested minimums; the smallest of them asks for the dearest seat."""
    rows = [row([p for p in range(12) if p % 3 >= seat], lower=3 - seat, code=seat) for seat in range(3)]
    problem = seat_problem([[0, 1, 2]] * 4, [2, 2, 2], tiers=("rank",), cost=[[5, 7, 9] * 4], rows=rows)
    answer = solve(problem, engine)
    assert_best(problem, answer, 0)
    assert value(problem, answer.pair_of_demand) == (21,)


def test_the_forest_is_never_planned_for_what_it_does_not_carry() -> None:
    """Rows that cross go to the relaxation, those on the side of the demands and contradictions to the flow, also where the forest is asked for."""
    seen = Counter()
    for seed in range(14_000, 15_500):
        problem = random_problem(seed)
        plan = route.plan(problem, "forest")
        if plan.nesting is None:
            assert plan.engine == "relaxation", seed
            seen["crossing"] += 1
            continue
        why = "side" if DEMAND_SIDE in plan.nesting.side else "contradiction" if flow.contradiction(problem) else "carried"
        assert plan.engine == ("forest" if why == "carried" else "flow"), seed
        if why != "carried":
            assert_best(problem, solve(problem, plan), seed)
        seen[why] += 1
    assert min(seen[why] for why in ("side", "contradiction", "carried")) > 20, seen
    assert seen["crossing"] > 2, seen


def test_without_a_wish_for_an_engine_the_size_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    problem: Problem = seat_problem([[0, 1], [0]], [1, 1])
    chosen = []
    for large in (3, 4):
        monkeypatch.setattr(route, "LARGE", large)
        chosen.append(route.plan(problem).engine)
    assert chosen == ["forest", "flow"]
    assert planned(problem, "flow").nesting is not None
    assert planned(problem, "relaxation").nesting is None
