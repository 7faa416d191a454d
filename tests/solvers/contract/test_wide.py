"""The relaxation against trying every matching, on problems with all that only it carries."""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import pytest

from matcher.bound import bound, value
from matcher.problem import Answer, Problem
from matcher.solvers import route
from tests.solvers.enumeration import brute_force
from tests.solvers.middling import middling
from tests.solvers.problems import arrays, solve
from tests.solvers.referee import assert_best, assert_proven, assert_settled, relabelled, same, shown
from tests.solvers.wide import WIDE, wide_problem, wide_problems

SHAPES = {
    "usual": (0, 100, WIDE),
    "more rows": (50_000, 50, dataclasses.replace(WIDE, demands=6, rows=5)),
    "must be kept": (60_000, 50, dataclasses.replace(WIDE, pinned=0.3, must_open=0.3, soft=0.1)),
    "large costs": (70_000, 30, dataclasses.replace(WIDE, largest_cost=100_000)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_value_outcome_and_bound_equal_brute_force(shape: str) -> None:
    start, count, drawn = SHAPES[shape]
    outcomes = Counter()
    for seed, problem, plan in wide_problems(start, count, drawn):
        answer = solve(problem, plan, seed % 3)
        assert_best(problem, answer, seed)
        outcomes[answer.outcome] += 1
    assert outcomes["solved"] >= count // 4, outcomes
    assert outcomes["infeasible"] >= count // 5, outcomes


def test_the_random_problems_hold_everything_that_only_the_relaxation_carries() -> None:
    seen = Counter()
    for seed in range(100):
        problem = wide_problem(seed)
        seen.update({family.kind for family in problem.families})
        seen["fill"] += problem.fill_tier >= 0
        seen["open or closed"] += bool((problem.open_or_closed > 1).any())
        seen["pinned"] += bool(problem.must.any())
        seen["soft tiers"] += len({row.tier for row in problem.rows if row.weight}) > 1
        seen["crossing"] += route.plan(dataclasses.replace(problem, families=(), fill_tier=-1, open_or_closed=problem.open_or_closed * 0)).nesting is None
    assert len(seen) == 9
    assert min(seen.values()) > 5, seen


def test_the_input_is_unchanged_and_the_same_seed_gives_the_same_answer() -> None:
    for seed, problem, plan in wide_problems(10_000, 20):
        before = [array.tobytes() for array in arrays(problem)]
        assert same(solve(problem, plan, seed), solve(problem, plan, seed)), seed
        assert [array.tobytes() for array in arrays(problem)] == before, seed


def test_names_and_seeds_do_not_matter() -> None:
    """Demands, seats, rows and groups in another order, and another seed: the same value."""
    for seed, problem, plan in wide_problems(11_000, 40):
        other = relabelled(problem, np.random.default_rng(seed))
        first, again = solve(problem, plan, 0), solve(other, "relaxation", seed)
        assert again.outcome == first.outcome, seed
        if first.outcome == "solved":
            assert value(other, again.pair_of_demand) == value(problem, first.pair_of_demand), seed


def test_one_more_seat_never_makes_it_worse() -> None:
    """An open-or-closed seat may stay as it is, and even fill is cheaper in a wider one."""
    compared = 0
    for seed, problem, plan in wide_problems(12_000, 40):
        first = solve(problem, plan)
        if first.outcome != "solved":
            continue
        wider = dataclasses.replace(problem, seat_upper=problem.seat_upper + (np.arange(problem.seats) == seed % problem.seats))
        better = solve(wider, "relaxation")
        assert better.outcome == "solved", seed
        assert value(wider, better.pair_of_demand) <= value(problem, first.pair_of_demand), seed
        compared += 1
    assert compared > 10


def test_what_is_handed_over_between_tiers_holds() -> None:
    heard = 0
    for seed, problem, plan in wide_problems(13_000, 40):
        stages: list[tuple[Answer, int]] = []
        route.run(problem, plan, 0, lambda *stage, stages=stages: stages.append(stage))
        best = brute_force(problem) if stages else None
        for answer, settled in stages:
            assert best is not None, seed
            assert_settled(problem, answer, settled, best, seed)
        heard += len(stages)
    assert heard > 20


@pytest.mark.parametrize("start", [0, 10])
def test_the_relaxation_equals_the_flow_where_both_carry_a_problem(start: int) -> None:
    for seed in range(start, start + 10):
        problem = middling(seed, 20 + 10 * (seed % 10))
        one, two = solve(problem, route.plan(problem, "flow")), solve(problem, "relaxation")
        assert agree(problem, one, two), seed


def agree(problem: Problem, flow: Answer, answer: Answer) -> bool:
    """Whether the relaxation finds the value of the flow and proves it, or, with huge costs, shows no more than is true."""
    if flow.outcome == "infeasible":
        return answer.outcome == "infeasible"
    best, own, least = bound(problem, flow), value(problem, answer.pair_of_demand), shown(problem, answer)
    if answer.reason == "not_closed":
        return own >= best and all(claimed is None or claimed <= known for claimed, known in zip(least, own, strict=True))
    assert_proven(problem, answer, 0)
    return own == best
