"""What every answer has to hold, whatever the engine behind it."""

from __future__ import annotations

import dataclasses

import numpy as np

from matcher.bound import bound, value
from matcher.problem import Answer, Problem
from tests.solvers.problems import brute_force, contradictory, infeasibility


def assert_best(problem: Problem, answer: Answer, seed: int) -> None:
    """The answer is the optimum that trying every matching finds, and its prices prove so; or they prove that there is no matching."""
    best = brute_force(problem)
    if best is None:
        assert answer.outcome == "infeasible", seed
        assert contradictory(problem) or proves_infeasible(problem, answer), seed
        return
    assert (answer.outcome, answer.reason) == ("solved", "optimal"), seed
    assert value(problem, answer.pair_of_demand) == best, seed
    assert_proven(problem, answer, seed)


def assert_proven(problem: Problem, answer: Answer, seed: int) -> None:
    """An answer that needs no comparison: its matching keeps every bound, and its prices prove that none is better (or none is at all)."""
    if answer.outcome == "infeasible":
        assert proves_infeasible(problem, answer), seed
        return
    assert (answer.outcome, answer.reason) == ("solved", "optimal"), seed
    assert keeps_bounds(problem, answer), seed
    assert bound(problem, answer) == value(problem, answer.pair_of_demand), seed


def proves_infeasible(problem: Problem, answer: Answer) -> bool:
    """Nobody is matched, and the prices show why."""
    said = (answer.outcome, answer.reason, answer.tiers) == ("infeasible", "proven_infeasible", ("infeasible",))
    return said and bool((answer.pair_of_demand < 0).all()) and bound(infeasibility(problem), answer) > (0,)


def keeps_bounds(problem: Problem, answer: Answer) -> bool:
    """Every demand has a pair of its own or none, pinned ones have one, and all hard bounds are kept."""
    own = np.flatnonzero(answer.pair_of_demand >= 0)
    pairs = answer.pair_of_demand[own]
    matched = np.zeros(problem.pairs, dtype=np.bool_)
    matched[pairs] = True
    units = np.bincount(problem.seat[pairs], minlength=problem.seats)
    rows = [(int(np.count_nonzero(matched[row.pairs])), row) for row in problem.rows if row.weight is None]
    return bool(
        (problem.demand_of_pair()[pairs] == own).all()
        and (answer.pair_of_demand[problem.must] >= 0).all()
        and ((problem.seat_lower <= units) & (units <= problem.seat_upper)).all()
        and all(row.lower <= count <= row.upper for count, row in rows)
    )


def assert_settled(problem: Problem, answer: Answer, settled: int, best: tuple[int, ...], seed: int) -> None:
    """An answer that is handed over between stages is already the best in the tiers that are settled."""
    assert answer.reason == "cancelled", seed
    assert keeps_bounds(problem, answer), seed
    assert value(problem, answer.pair_of_demand)[:settled] == best[:settled], seed
    assert bound(problem, answer)[:settled] == best[:settled], seed


def same(one: Answer, two: Answer) -> bool:
    """Whether two answers agree in their matching and in their prices."""
    return (
        one.outcome == two.outcome
        and np.array_equal(one.pair_of_demand, two.pair_of_demand)
        and np.array_equal(one.seat_prices, two.seat_prices)
        and np.array_equal(one.row_prices, two.row_prices)
    )


def relabelled(problem: Problem, rng: np.random.Generator) -> Problem:
    """The same problem with demands, seats and rows in another order."""
    demands, seats = rng.permutation(problem.demands), rng.permutation(problem.seats)
    new_seat = np.argsort(seats).astype(np.int32)
    first = problem.first_pair
    order = np.concatenate([first[d] + np.argsort(new_seat[problem.seat[first[d] : first[d + 1]]], kind="stable") for d in demands])
    order = order.astype(np.int64)
    place = np.argsort(order).astype(np.int32)
    rows = [dataclasses.replace(r, pairs=np.sort(place[r.pairs])) for r in problem.rows]
    return dataclasses.replace(
        problem,
        first_pair=np.concatenate(([0], np.cumsum(np.diff(first)[demands]))),
        seat=new_seat[problem.seat[order]],
        cost=problem.cost[:, order],
        seat_lower=problem.seat_lower[seats],
        seat_upper=problem.seat_upper[seats],
        must=problem.must[demands],
        rows=tuple(rows[i] for i in rng.permutation(len(rows))),
    )
