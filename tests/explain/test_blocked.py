"""What stands in the way of a better pair, found with arrays over all pairs, is what one finds pair by pair."""

from __future__ import annotations

import numpy as np

from matcher.explain.blocked import blocked
from matcher.problem import Answer, Problem
from matcher.solvers import route
from tests.solvers.problems import random_problem, solve


def one_by_one(problem: Problem, answer: Answer, wanted: np.ndarray) -> tuple[list[tuple[bool, bool, bool]], set[tuple[int, int]]]:
    """(by_seat, by_row, needed) of each pair, and (demand, row) for the rows in the way, by the definitions alone."""
    chosen = answer.pair_of_demand.tolist()
    demand = problem.demand_of_pair().tolist()
    filled = [sum(1 for pair in chosen if pair >= 0 and problem.seat[pair] == seat) for seat in range(problem.seats)]
    flags, names = [], set()
    for pair in range(problem.pairs):
        own = chosen[demand[pair]]
        elsewhere = own < 0 or problem.seat[own] != problem.seat[pair]
        by_seat = bool(elsewhere and filled[problem.seat[pair]] >= problem.seat_upper[problem.seat[pair]])
        by_row, needed = False, False
        if own >= 0 and elsewhere:
            left = problem.seat[own]
            needed = bool(problem.seat_lower[left] > 0 and filled[left] <= problem.seat_lower[left])
        for number, row in enumerate(problem.rows):
            members = set(row.pairs.tolist())
            count = sum(1 for other in chosen if other in members)
            if row.weight is not None:
                continue
            too_many = pair in members and own not in members and count >= row.upper
            too_few = pair not in members and own in members and own >= 0 and count <= row.lower and row.lower > 0
            by_row, needed = by_row or too_many, needed or too_few
            if (too_many or too_few) and wanted[pair] and not by_seat:
                names.add((demand[pair], number))
        flags.append((by_seat, by_row and not by_seat, needed and not by_seat))
    return flags, names


def test_blocked_pairs_are_those_that_the_definitions_name() -> None:
    compared, at_a_bound = 0, 0
    for seed in range(300):
        problem = random_problem(seed)
        plan = route.plan(problem)
        if isinstance(plan, route.Refusal):
            continue
        answer = solve(problem, plan)
        if answer.outcome != "solved":
            continue
        wanted = np.random.default_rng(seed).random(problem.pairs) < 0.7
        found = blocked(problem, answer, problem.demand_of_pair(), wanted)
        flags, names = one_by_one(problem, answer, wanted)
        assert list(zip(found.by_seat.tolist(), found.by_row.tolist(), found.needed.tolist(), strict=True)) == flags, seed
        assert list(zip(found.demand.tolist(), found.row.tolist(), strict=True)) == sorted(names), seed
        for number, row in enumerate(problem.rows):
            assert found.used[number] == np.isin(answer.pair_of_demand, row.pairs).sum()
        compared += 1
        at_a_bound += bool(names)
    assert compared > 150
    assert at_a_bound > 8
