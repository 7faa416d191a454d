"""Direct solvers of the whole model: HiGHS as a mixed integer program through OR-Tools' MathOpt, and CP-SAT.

Both get one objective that weighs the tiers so that no sum over later ones outweighs a unit of an earlier one. (Tier by tier is worse for both: the search
for the most placed, with no cost to guide it, takes all the time.)
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.crossing_model import Codes, Linear

WORKERS = 2
LARGEST = 2**53
"""Whole numbers up to here are exact as doubles."""

ROUNDING = 1e-3
"""By so much a bound in doubles may lie above the whole number that it means."""


@dataclass(frozen=True, eq=False)
class Direct:
    """What a solver has when its time is over.

    Attributes
    ----------
    build, solve
        Seconds for its own form of the model, and of its call.
    chosen
        int64, one per column; None where it found nothing.
    least
        What it proves of the weighed objective; minus infinity where nothing.
    """

    build: float
    solve: float
    chosen: Codes | None
    least: float


def weights(model: Linear) -> list[int] | None:
    """A weight for every tier, the last one's 1; None where doubles cannot hold the objective."""
    low, high = model.low, model.high
    found = [1]
    for tier in range(len(model.tiers) - 1, 0, -1):
        found.insert(0, found[0] * (high[tier] - low[tier] + 1))
    return found if sum(w * max(abs(a), abs(b)) for w, a, b in zip(found, low, high, strict=True)) < LARGEST else None


def bounds(model: Linear, weight: Sequence[int], values: Sequence[int], least: float) -> list[int | None]:
    """What a bound on the weighed objective says of each tier, given the values before it; never less than what the demands alone say. None: nothing."""
    low, high = model.low, model.high
    found: list[int | None] = []
    for tier, value in enumerate(values):
        later = sum(w * h for w, h in zip(weight[tier + 1 :], high[tier + 1 :], strict=True))
        best = low[tier] if math.isinf(least) else max(low[tier], math.ceil((least - ROUNDING - later) / weight[tier]))
        found.append(min(value, best))
        if best < value:
            break
        least -= weight[tier] * value
    return found + [None] * (len(values) - len(found))


def highs(model: Linear, weight: Sequence[int], seconds: float) -> Direct:
    """HiGHS. It takes no number of threads here, and may look at its clock late."""
    from ortools.math_opt import model_pb2
    from ortools.math_opt.python import mathopt

    begun = time.perf_counter()
    proto = model_pb2.ModelProto()
    variables, rows, matrix, objective = proto.variables, proto.linear_constraints, proto.linear_constraint_matrix, proto.objective
    variables.ids.extend(range(model.columns))
    variables.lower_bounds.extend([0.0] * model.columns)
    variables.upper_bounds.extend(model.most.astype(np.float64))
    variables.integers.extend([True] * model.columns)
    rows.ids.extend(range(model.rows))
    rows.lower_bounds.extend(model.lower.astype(np.float64))
    rows.upper_bounds.extend(model.upper.astype(np.float64))
    matrix.row_ids.extend(model.row)
    matrix.column_ids.extend(model.column)
    matrix.coefficients.extend(model.coefficient.astype(np.float64))
    cost = _weighed(model, weight)
    costly = np.flatnonzero(cost)
    objective.linear_coefficients.ids.extend(costly)
    objective.linear_coefficients.values.extend(cost[costly].astype(np.float64))
    posed = mathopt.Model.from_model_proto(proto)
    # A gap in the weighed objective of one in ten thousand would be all of the rank: whole numbers are told apart by half of one.
    limits = mathopt.SolveParameters(time_limit=dt.timedelta(seconds=seconds), relative_gap_tolerance=0.0, absolute_gap_tolerance=0.5)
    built = time.perf_counter()
    result = mathopt.solve(posed, mathopt.SolverType.HIGHS, params=limits)
    solved = time.perf_counter()
    chosen = None
    if result.has_primal_feasible_solution():
        values = result.variable_values()
        chosen = np.rint([values[variable] for variable in posed.variables()]).astype(np.int64)
    return Direct(built - begun, solved - built, chosen, float(result.best_objective_bound()))


def cp_sat(model: Linear, weight: Sequence[int], seconds: float) -> Direct:
    """CP-SAT with two workers."""
    from ortools.sat.python import cp_model

    begun = time.perf_counter()
    posed = cp_model.CpModel()
    columns = [posed.new_int_var(0, most, "") for most in model.most.tolist()]
    edges = np.searchsorted(model.row, np.arange(model.rows + 1)).tolist()
    column, coefficient = model.column.tolist(), model.coefficient.tolist()
    for lower, upper, first, last in zip(model.lower.tolist(), model.upper.tolist(), edges[:-1], edges[1:], strict=True):
        summed = cp_model.LinearExpr.weighted_sum([columns[j] for j in column[first:last]], coefficient[first:last])
        posed.add_linear_constraint(summed, lower, upper)
    posed.minimize(cp_model.LinearExpr.weighted_sum(columns, _weighed(model, weight).tolist()))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = WORKERS
    built = time.perf_counter()
    status = solver.solve(posed)
    solved = time.perf_counter()
    found = status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
    return Direct(
        built - begun,
        solved - built,
        np.array([solver.value(each) for each in columns], dtype=np.int64) if found else None,
        float(solver.best_objective_bound) if found else -math.inf,
    )


def _weighed(model: Linear, weight: Sequence[int]) -> Codes:
    cost: Codes = np.array(weight, dtype=np.int64) @ model.cost
    return cost


SOLVERS: dict[str, Callable[[Linear, Sequence[int], float], Direct]] = {"highs": highs, "cp_sat": cp_sat}
"""The calls behind `benchmarks.registry.DIRECT`."""
