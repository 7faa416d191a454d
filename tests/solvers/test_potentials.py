"""Prices exist for a flow exactly when it is optimal."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.problem import Problem
from matcher.solvers.flow import pack, packed_cost
from matcher.solvers.nesting import Nesting, nest
from matcher.solvers.network import Network, build
from matcher.solvers.potentials import NotOptimal, Stage, potentials, reduced_costs
from tests.solvers.enumeration import brute_force
from tests.solvers.problems import Shape, random_problem, seat_problem


def stage_of(problem: Problem) -> tuple[Stage, int]:
    nesting = nest(problem)
    assert isinstance(nesting, Nesting)
    network = build(problem, nesting)
    packing = pack(network, network.lower, network.upper, 0)
    assert packing.last == len(problem.tiers)
    return Stage(network, network.lower, network.upper, packed_cost(network, packing)), packing.far


def flow_of(network: Network, problem: Problem, chosen: np.ndarray) -> np.ndarray:
    """A matching as a flow (without rows)."""
    flow = np.zeros(len(network.tail), dtype=np.int64)
    pairs = chosen[chosen >= 0]
    flow[pairs] = 1
    idle = network.pairs + np.flatnonzero(np.isin(network.tail[network.pairs : network.pairs + network.unmatched], np.flatnonzero(chosen < 0)))
    flow[idle[idle >= 0]] = 1
    flow[network.gate] = np.bincount(problem.seat[pairs], minlength=problem.seats)
    return flow


def matchings(problem: Problem) -> list[np.ndarray]:
    """All matchings within the capacities."""
    found: list[list[int]] = [[]]
    for d in range(problem.demands):
        found = [[*so_far, p] for so_far in found for p in (-1, *range(problem.first_pair[d], problem.first_pair[d + 1]))]
    chosen = [np.array(m, dtype=np.int64) for m in found]
    return [m for m in chosen if (np.bincount(problem.seat[m[m >= 0]], minlength=problem.seats) <= problem.seat_upper).all()]


def value(problem: Problem, chosen: np.ndarray) -> tuple[int, ...]:
    return tuple(int(x) for x in problem.constant + problem.cost[:, chosen[chosen >= 0]].sum(axis=1))


def test_prices_exist_exactly_for_the_optimal_matchings() -> None:
    """Every matching of small random problems, the optimal and all the others."""
    accepted = rejected = 0
    for seed in range(120):
        problem = random_problem(seed, Shape(demands=4, seats=3, rows=0, wild=0, pinned=0, must_open=0))
        best = brute_force(problem)
        stage, far = stage_of(problem)
        for chosen in matchings(problem):
            flow = flow_of(stage.network, problem, chosen)
            if value(problem, chosen) == best:
                phi = potentials(stage, flow, far)
                reduced = reduced_costs(stage, phi)
                assert (flow[reduced > 0] == stage.lower[reduced > 0]).all(), seed
                accepted += 1
            else:
                with pytest.raises(NotOptimal):
                    potentials(stage, flow, far)
                rejected += 1
    assert accepted > 40
    assert rejected > 400


def test_the_price_of_a_seat_is_what_bringing_one_more_in_would_cost() -> None:
    """Whoever leaves seat 0 goes from rank 1 to 9 at seat 2; seat 1 is reached by sending its holder to seat 0, at 3 less."""
    problem = seat_problem([[0, 1], [0, 2]], [1, 1, 1], tiers=("rank",), cost=[[1, 4, 1, 9]], must=[0, 1])
    stage, far = stage_of(problem)
    phi = potentials(stage, np.array([0, 1, 1, 0, 1, 1, 0]), far)
    assert phi[stage.network.tail[stage.network.gate]].tolist() == [9 - 1, 9 - 1 + 1 - 4, 0]
