"""The check after each solve is real: whatever is wrong in what the kernel hands over, the engine does not hand it on, and the flow answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from matcher.bound import value
from matcher.problem import Answer, Problem
from matcher.solvers import route
from matcher.solvers.forest import engine
from tests.solvers.forest.counted import Found, after_kernel
from tests.solvers.middling import middling
from tests.solvers.problems import Shape, planned, problems, row, seat_problem, solve
from tests.solvers.referee import assert_proven, proves_infeasible

Fault = Callable[[Found, np.random.Generator], Found | None]


def a_potential_too_high(found: Found, rng: np.random.Generator) -> Found | None:
    return found[0], _moved(found[1], rng, 1)


def a_potential_too_low(found: Found, rng: np.random.Generator) -> Found | None:
    return found[0], _moved(found[1], rng, -1)


def _moved(phi: np.ndarray, rng: np.random.Generator, by: int) -> np.ndarray:
    changed = phi.copy()
    changed[rng.integers(len(phi))] += by
    return changed


def all_potentials_zero(found: Found, rng: np.random.Generator) -> Found | None:
    return found[0], np.zeros_like(found[1])


def two_swapped(found: Found, rng: np.random.Generator) -> Found | None:
    """Two who are served hold the entries of each other."""
    served = rng.permutation(np.flatnonzero(found[0] >= 0))[:2]
    if len(served) < 2:
        return None
    held = found[0].copy()
    held[served] = held[served[::-1]]
    return held, found[1]


def one_dropped(found: Found, rng: np.random.Generator) -> Found | None:
    served = np.flatnonzero(found[0] >= 0)
    if not len(served):
        return None
    held = found[0].copy()
    held[rng.choice(served)] = -1
    return held, found[1]


def nobody(found: Found, rng: np.random.Generator) -> Found | None:
    return np.full_like(found[0], -1), found[1]


FAULTS: tuple[Fault, ...] = (a_potential_too_high, a_potential_too_low, all_potentials_zero, two_swapped, one_dropped, nobody)


def breaking(patch: pytest.MonkeyPatch, fault: Fault, seed: int) -> Counter[bool]:
    """From now on the kernel's answers have the fault; counts the calls in which it could be made."""
    made: Counter[bool] = Counter()
    rng = np.random.default_rng(seed)

    def broken(found: Found, *arguments: Any) -> Found:
        worse = fault(found, rng) if len(found[1]) else None
        made[worse is not None] += 1
        return found if worse is None else worse

    after_kernel(patch, broken)
    return made


def assert_true_or_nothing(problem: Problem, answer: Answer, best: Answer, seed: int) -> None:
    """What leaves the engine may differ from what the kernel found, but it is right and proven."""
    assert answer.outcome == best.outcome, seed
    assert_proven(problem, answer, seed)
    if best.outcome == "solved":
        assert value(problem, answer.pair_of_demand) == value(problem, best.pair_of_demand), seed


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_of_the_kernel_leaves_the_engine(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some faults are harmless (a price may be changed within limits); the others end in NotProven, never in an answer that is wrong or unproven."""
    caught = 0
    for seed, problem, plan in problems(40_000, 250, Shape(rows=4, wild=0), "forest"):
        best = solve(problem, plan)
        with monkeypatch.context() as patch:
            breaking(patch, fault, seed)
            try:
                answer = engine.solve(problem, plan.nesting)
            except engine.NotProven:
                caught += 1
                continue
        assert_true_or_nothing(problem, answer, best, seed)
    assert caught > 40


@pytest.mark.parametrize("fault", FAULTS)
def test_the_flow_answers_instead_and_says_so(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced = 0
    for seed in range(1000, 1012):
        problem = middling(seed, 100)
        best = solve(problem, "flow")
        with monkeypatch.context() as patch:
            breaking(patch, fault, seed)
            answer = route.run(problem, planned(problem, "forest"), 0)
        assert_true_or_nothing(problem, answer, best, seed)
        replaced += answer.engine.startswith("flow (") and answer.engine.endswith(", in place of the forest (NotProven)")
    assert replaced > 4


def test_costs_too_large_for_the_forest_go_to_the_flow_and_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "pack", lambda *_: None)
    problem = seat_problem([[0, 1], [0]], [1, 1])
    with pytest.raises(engine.NotCarried):
        engine.solve(problem, planned(problem, "forest").nesting)
    answer = route.run(problem, planned(problem, "forest"), 0)
    assert answer.engine.endswith(", in place of the forest (NotCarried)")
    assert_proven(problem, answer, 0)


def test_a_pinned_student_who_is_lost_makes_no_round_infeasible(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody who must be placed is not, the prices have to show that it is impossible."""
    problem = seat_problem([[0, 1], [0, 1]], [1, 1], must=[0])
    plan = planned(problem, "forest")
    breaking(monkeypatch, lambda found, _: (np.concatenate(([-1], found[0][1:])).astype(found[0].dtype), found[1]), 0)
    with pytest.raises(engine.NotProven):
        engine.solve(problem, plan.nesting)
    assert route.run(problem, plan, 0).outcome == "solved"


def test_a_minimum_that_is_missed_needs_its_proof_too(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = seat_problem([[0, 1], [0, 1]], [1, 1], tiers=("rank",), cost=[[1, 2, 1, 2]], rows=[row([1, 3], lower=1)])
    plan = planned(problem, "forest")
    breaking(monkeypatch, nobody, 0)
    with pytest.raises(engine.NotProven):
        engine.solve(problem, plan.nesting)


def test_a_true_proof_of_infeasibility_is_taken() -> None:
    problem = seat_problem([[0], [0, 1]], [1, 1], must=[0, 1], rows=[row([2], upper=0)])
    assert proves_infeasible(problem, solve(problem, "forest"))
