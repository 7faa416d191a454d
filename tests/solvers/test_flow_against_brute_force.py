"""The flow engine against trying every matching: value, bound, proof of infeasibility, and what may not matter."""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import pytest

from matcher.bound import bound, value
from matcher.problem import Answer, Problem
from matcher.solvers import flow, route
from tests.solvers.problems import (
    Shape,
    arrays,
    brute_force,
    contradictory,
    enumerate_matchings,
    infeasibility,
    problems,
    random_problem,
    row,
    seat_problem,
    solve,
)

HUGE = Shape(largest_cost=2**31 - 1, pinned=0, must_open=0, rows=3)


def assert_best(problem: Problem, answer: Answer, seed: int) -> None:
    """The answer is the optimum that trying every matching finds, and its prices prove so; or they prove that there is no matching."""
    best = brute_force(problem)
    if best is None:
        assert answer.outcome == "infeasible", seed
        assert answer.reason == "proven_infeasible", seed
        assert (answer.pair_of_demand < 0).all(), seed
        assert contradictory(problem) or bound(infeasibility(problem), answer) > (0,), seed
        return
    assert (answer.outcome, answer.reason) == ("solved", "optimal"), seed
    assert value(problem, answer.pair_of_demand) == best, seed
    assert bound(problem, answer) == best, seed
    assert_chosen_pairs_are_their_own(problem, answer, seed)


def assert_chosen_pairs_are_their_own(problem: Problem, answer: Answer, seed: int) -> None:
    """Every demand has one of its own pairs or none."""
    chosen = np.flatnonzero(answer.pair_of_demand >= 0)
    assert (problem.demand_of_pair()[answer.pair_of_demand[chosen]] == chosen).all(), seed


@pytest.mark.parametrize("start", range(0, 2000, 250))
def test_value_and_bound_equal_brute_force(start: int) -> None:
    outcomes = Counter()
    for seed, problem, plan in problems(start, 250):
        answer = solve(problem, plan, seed % 3)
        assert_best(problem, answer, seed)
        outcomes[answer.outcome] += 1
    assert outcomes["solved"] > 100
    assert outcomes["infeasible"] > 25


def test_wider_problems_with_many_nested_rows() -> None:
    shape = Shape(demands=6, seats=5, rows=9, wild=0, pinned=0.03, must_open=0.05, soft=0.6)
    for seed, problem, plan in problems(50_000, 250, shape):
        assert_best(problem, solve(problem, plan), seed)


def test_an_engine_never_writes_into_its_input() -> None:
    for seed, problem, plan in problems(10_000, 100):
        before = [array.tobytes() for array in arrays(problem)]
        solve(problem, plan, seed)
        assert [array.tobytes() for array in arrays(problem)] == before, seed


def test_the_same_seed_gives_the_same_answer() -> None:
    for seed, problem, plan in problems(11_000, 100):
        one, two = solve(problem, plan, seed), solve(problem, plan, seed)
        assert (one.pair_of_demand == two.pair_of_demand).all(), seed
        assert (one.seat_prices == two.seat_prices).all(), seed
        assert (one.row_prices == two.row_prices).all(), seed


def test_the_seed_chooses_among_equals_only() -> None:
    """Twelve alike students for six alike seats: seeds differ in who, never in the value."""
    problem = seat_problem([[0, 1]] * 12, [3, 3], cost=[[-1] * 24, [1] * 24])
    answers = [solve(problem, seed=seed) for seed in range(6)]
    assert {value(problem, answer.pair_of_demand) for answer in answers} == {(-6, 6)}
    assert len({answer.pair_of_demand.tobytes() for answer in answers}) > 1


def test_names_do_not_matter() -> None:
    """Demands and seats in another order: the same value."""
    for seed, problem, plan in problems(12_000, 200):
        other = relabelled(problem, np.random.default_rng(seed))
        again = solve(other, seed=seed)
        first = solve(problem, plan)
        assert again.outcome == first.outcome, seed
        if first.outcome == "solved":
            assert value(other, again.pair_of_demand) == value(problem, first.pair_of_demand), seed


def relabelled(problem: Problem, rng: np.random.Generator) -> Problem:
    """The same problem with demands, seats and rows in another order."""
    demands, seats = rng.permutation(problem.demands), rng.permutation(problem.seats)
    new_seat = np.argsort(seats).astype(np.int32)
    order = np.concatenate([sorted(range(problem.first_pair[d], problem.first_pair[d + 1]), key=lambda p: new_seat[problem.seat[p]]) for d in demands])
    order = order.astype(np.int64)
    place = np.argsort(order).astype(np.int32)
    rows = [dataclasses.replace(r, pairs=np.sort(place[r.pairs])) for r in problem.rows]
    return dataclasses.replace(
        problem,
        first_pair=np.concatenate(([0], np.cumsum(np.diff(problem.first_pair)[demands]))),
        seat=new_seat[problem.seat[order]],
        cost=problem.cost[:, order],
        seat_lower=problem.seat_lower[seats],
        seat_upper=problem.seat_upper[seats],
        must=problem.must[demands],
        rows=tuple(rows[i] for i in rng.permutation(len(rows))),
    )


def test_one_more_seat_never_makes_it_worse() -> None:
    compared = 0
    for seed, problem, plan in problems(13_000, 200):
        first = solve(problem, plan)
        wider = dataclasses.replace(problem, seat_upper=problem.seat_upper + (np.arange(problem.seats) == seed % problem.seats))
        if first.outcome != "solved" or isinstance(route.plan(wider), route.Refusal):
            continue
        again = solve(wider)
        assert again.outcome == "solved", seed
        assert value(wider, again.pair_of_demand) <= value(problem, first.pair_of_demand), seed
        compared += 1
    assert compared > 75


def test_tiers_too_large_for_one_cost_are_solved_in_stages() -> None:
    staged = 0
    for seed, problem, plan in problems(20_000, 300, HUGE):
        stages: list[tuple[Answer, int]] = []
        assert_best(problem, route.run(problem, plan, 0, lambda *stage, stages=stages: stages.append(stage)), seed)
        for answer, settled in stages:
            assert_settled(problem, answer, settled, seed)
        staged += bool(stages)
    assert staged > 20


def assert_settled(problem: Problem, answer: Answer, settled: int, seed: int) -> None:
    """An answer that is handed over between stages is already the best in the tiers that are settled."""
    best = brute_force(problem)
    assert best is not None, seed
    assert answer.reason == "cancelled", seed
    assert value(problem, answer.pair_of_demand)[:settled] == best[:settled], seed
    assert bound(problem, answer)[:settled] == best[:settled], seed


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


def test_nobody_and_nothing() -> None:
    empty = seat_problem([], [])
    assert solve(empty).outcome == "solved"
    lonely = seat_problem([[], []], [0])
    answer = solve(lonely)
    assert (answer.outcome, list(answer.pair_of_demand)) == ("solved", [-1, -1])


def test_a_minimum_that_nobody_can_reach_is_proven_out_of_reach() -> None:
    problem = seat_problem([[0], [0, 1]], [2, 2], rows=[row([0, 1], lower=2), row([2], lower=1)])
    assert_best(problem, solve(problem), 0)
    assert solve(problem).outcome == "infeasible"


def test_two_pinned_students_for_one_seat_are_proven_impossible() -> None:
    problem = seat_problem([[0], [0]], [1], must=[0, 1])
    assert_best(problem, solve(problem), 0)
    assert solve(problem).outcome == "infeasible"
