"""The pairs to begin with: those that are cheap under the prices of seats alone, which a flow finds at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from matcher.problem import Problem
from matcher.solvers import flow
from matcher.solvers.nesting import Nesting, nest
from matcher.solvers.relaxation.program import Floats

Sizes = npt.NDArray[np.int64]

EACH = 3
"""So many pairs per demand, those of the least reduced costs under the seats' prices."""

LARGEST = 2**30
"""Costs beyond this are scaled down: a start need not be exact."""


def cheap_pairs(problem: Problem, cost: Floats) -> Sizes:
    """int64, sorted: a start for column generation, from the optimum that leaves out all but the seats. The time of one flow."""
    scale = max(1.0, float(np.abs(cost).max(initial=0)) / LARGEST)
    seats = replace(
        problem,
        tiers=("start",),
        cost=np.rint(cost / scale).astype(np.int32)[None, :],
        constant=np.zeros(1, dtype=np.int64),
        seat_lower=np.zeros_like(problem.seat_lower),
        open_or_closed=np.zeros_like(problem.open_or_closed),
        must=np.zeros_like(problem.must),
        rows=(),
        families=(),
        fill_tier=-1,
    )
    nesting = nest(seats)
    if not isinstance(nesting, Nesting):
        raise TypeError(nesting)
    answer = flow.solve(seats, nesting)
    price = cost / scale + answer.seat_prices[:, 0][problem.seat]
    active = np.diff(problem.first_pair) > 0
    least = np.zeros(problem.demands)
    least[active] = np.minimum.reduceat(price, problem.first_pair[:-1][active])
    reduced = price - np.minimum(least, 0)[problem.demand_of_pair()]
    most = min(problem.pairs - 1, EACH * problem.demands)
    chosen = reduced <= np.partition(reduced, most)[most]
    chosen[answer.pair_of_demand[answer.pair_of_demand >= 0]] = True
    return np.flatnonzero(chosen)
