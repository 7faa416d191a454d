"""Parts that share nothing are found, and solved apart they give the optimum of the whole."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.bound import bound, value
from matcher.problem import Problem
from matcher.solvers import components, flow, route
from matcher.solvers.components import labels_of, parts_of, together
from matcher.solvers.nesting import Nesting, nest
from tests.solvers.enumeration import infeasibility
from tests.solvers.problems import random_problem, row, seat_problem


def flow_apart(problem: Problem, parcel: int) -> tuple[int, object]:
    """How many parts, and the answer of all together."""
    parts = parts_of(problem, parcel)
    answers = []
    for part in parts:
        own = nest(part.problem)
        assert isinstance(own, Nesting)
        answers.append(flow.solve(part.problem, own))
    return len(parts), together(problem, parts, answers)


def grouped(seed: int) -> Problem:
    """Three groups of two seats; demands wish, and rows bind, within a group only."""
    rng = np.random.default_rng(seed)
    wishes = [sorted(int(s) for s in 2 * rng.integers(3) + rng.choice(2, rng.integers(0, 3), replace=False)) for _ in range(7)]
    seat = np.array([s for w in wishes for s in w], dtype=np.int32)
    rows = []
    for k in range(3):
        pairs = np.flatnonzero(seat // 2 == k)
        if len(pairs) and rng.random() < 0.7:
            low = int(rng.integers(0, 3))
            rows.append(row(pairs.tolist(), low, low + int(rng.integers(0, 2)), 2 if rng.random() < 0.5 else None, code=k))
    cost = [[-1] * len(seat), [0] * len(seat), rng.integers(0, 4, len(seat)).tolist()]
    lower = [int(x) for x in rng.random(6) < 0.1]
    capacity = [max(low, int(c)) for low, c in zip(lower, rng.integers(0, 3, 6), strict=True)]
    return seat_problem(wishes, capacity, tiers=("placed", "soft", "rank"), cost=cost, rows=rows, lower=lower)


def test_seats_are_joined_by_demands_and_by_rows() -> None:
    problem = seat_problem([[0, 1], [2], [3, 4], [5]], [1] * 7, rows=[row([2, 5], upper=1)])
    assert labels_of(problem).tolist() == [0, 0, 2, 3, 3, 2, 6]


@pytest.mark.parametrize("parcel", [1, 2, 3])
def test_apart_equals_whole(parcel: int) -> None:
    many = outcomes = 0
    for seed in range(300):
        problem = random_problem(seed) if seed % 3 == 0 else grouped(seed)
        plan = route.plan(problem)
        if plan.nesting is None or flow.contradiction(problem):
            continue
        whole = flow.solve(problem, plan.nesting)
        parts, apart = flow_apart(problem, parcel)
        many += parts > 1
        assert apart.outcome == whole.outcome, seed
        if whole.outcome == "infeasible":
            outcomes += 1
            assert bound(infeasibility(problem), apart) > (0,), seed
        else:
            assert value(problem, apart.pair_of_demand) == value(problem, whole.pair_of_demand) == bound(problem, apart), seed
    assert many > 20
    assert outcomes > 10


def test_the_router_solves_parts_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = seat_problem([[0, 1], [0, 1], [2, 3], [2, 3]], [1] * 4)
    sizes = []
    solve = flow.solve
    monkeypatch.setattr(route, "parts_of", lambda whole: components.parts_of(whole, 2))
    monkeypatch.setattr(flow, "solve", lambda part, *rest: sizes.append(part.pairs) or solve(part, *rest))
    answer = route.run(problem, route.plan(problem), 0)
    assert sizes == [4, 4]
    assert value(problem, answer.pair_of_demand) == bound(problem, answer) == (-4, 6)


def test_one_part_is_the_problem_itself() -> None:
    problem = seat_problem([[0, 1], [1, 2]], [1] * 3)
    assert parts_of(problem, 1)[0].problem is problem
    assert np.array_equal(parts_of(problem, 1)[0].pairs, np.arange(4))
