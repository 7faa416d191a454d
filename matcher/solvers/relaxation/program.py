"""Linear and mixed-integer programs as arrays, solved through OR-Tools' MathOpt: HiGHS for large ones and for whole numbers, GLOP for small ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ortools.math_opt.python import mathopt

Floats = npt.NDArray[np.float64]
Sizes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Statuses = npt.NDArray[np.int8]

PATIENCE, PATIENCE_EACH = 10_000, 50
"""Iterations granted to a linear program, and to each of its rows and columns: with huge costs a simplex method may go round in circles for ever."""

SMALL = 4000
"""Columns up to which a simplex method is quicker than a barrier."""

WARM = 100_000
"""Columns up to which a simplex method that begins near the optimum is quicker than a barrier."""

LOWER, BASIC = 2, 5
"""Statuses in a basis, as MathOpt numbers them: 1 free, 2 at the lower bound, 3 at the upper bound, 4 fixed, 5 basic."""


@dataclass(frozen=True, eq=False)
class Program:
    """Minimise `cost` x, with `lower <= A x <= upper` by rows and `least <= x <= most` by columns.

    The entries of A are three arrays in any order, without repetitions: row, column, value.
    """

    cost: Floats
    least: Floats
    most: Floats
    row: Sizes
    column: Sizes
    value: Floats
    lower: Floats
    upper: Floats

    @property
    def columns(self) -> int:
        """The number of columns."""
        return len(self.cost)


class Draft:
    """A program on its way: rows and columns come in blocks, and each block says at which number it begins."""

    def __init__(self) -> None:
        self._rows: list[tuple[Floats, Floats]] = []
        self._columns: list[tuple[Floats, Floats, Floats, bool]] = []
        self._entries: list[tuple[Sizes, Sizes, Floats]] = []
        self.height = self.width = 0

    def rows(self, lower: npt.ArrayLike, upper: npt.ArrayLike) -> int:
        """Rows with these bounds."""
        low, high = (np.asarray(bound, dtype=np.float64) for bound in np.broadcast_arrays(lower, upper))
        self._rows.append((low, high))
        self.height += len(low)
        return self.height - len(low)

    def columns(self, cost: npt.ArrayLike, *, most: npt.ArrayLike = np.inf, least: npt.ArrayLike = 0.0, whole: bool = False) -> int:
        """Columns with these costs and bounds."""
        price = np.asarray(cost, dtype=np.float64)
        low, high = (np.broadcast_to(np.asarray(bound, dtype=np.float64), price.shape) for bound in (least, most))
        self._columns.append((price, low, high, whole))
        self.width += len(price)
        return self.width - len(price)

    def enter(self, row: Sizes, column: Sizes, value: npt.ArrayLike) -> None:
        """Entries of the matrix."""
        self._entries.append((row, column, np.broadcast_to(np.asarray(value, dtype=np.float64), row.shape)))

    def program(self) -> Program:
        """The program of all blocks."""
        cost, least, most = (np.concatenate([block[part] for block in self._columns]) for part in range(3))
        row, column, value = (np.concatenate([block[part] for block in self._entries]) for part in range(3))
        lower, upper = (np.concatenate([block[part] for block in self._rows]) for part in range(2))
        return Program(cost, least, most, row, column, value, lower, upper)

    def integer(self) -> Flags:
        """Which columns are to be whole."""
        return np.concatenate([np.full(len(cost), whole) for cost, _, _, whole in self._columns])


@dataclass(frozen=True, eq=False)
class Basis:
    """Where a simplex method stands: a status per column and per row (int8)."""

    column: Statuses
    row: Statuses


@dataclass(frozen=True, eq=False)
class Relaxed:
    """An optimum of the linear program: x by columns, the dual of each row, and its basis; `status` is `optimal` or `infeasible`."""

    status: str
    x: Floats
    dual: Floats
    basis: Basis | None = None


class SolverFailed(Exception):
    """The solver broke off without saying what of the program is wrong."""


def relax(program: Program, basis: Basis | None = None) -> Relaxed:
    """Solve the linear program, from a basis of one like it where there is one.

    Raises
    ------
    SolverFailed
        Neither of the two solvers gives an optimum, nor says that there is none.
    """
    from ortools.math_opt.python import mathopt

    barrier, simplex = (mathopt.SolverType.HIGHS, mathopt.LPAlgorithm.BARRIER), (mathopt.SolverType.GLOP, None)
    warm = basis is not None and program.columns <= WARM
    for solver, algorithm in (simplex, barrier) if warm or program.columns <= SMALL else (barrier, simplex):
        model = _model(program, None)
        params = mathopt.SolveParameters(lp_algorithm=algorithm, iteration_limit=PATIENCE + PATIENCE_EACH * (program.columns + len(program.lower)))
        result = _solved(model, solver, params, basis if warm and solver == mathopt.SolverType.GLOP else None)
        if result is None:
            continue
        reason = result.termination.reason
        if reason == mathopt.TerminationReason.OPTIMAL:
            return _relaxed(program, result)
        if reason in {mathopt.TerminationReason.INFEASIBLE, mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED}:
            none = np.empty(0)
            return Relaxed("infeasible", none, none)
    raise SolverFailed


def _relaxed(program: Program, result: mathopt.SolveResult) -> Relaxed:
    """The optimum as arrays."""
    solution = result.solutions[0]
    x, dual = _values(solution.primal_solution.variable_values, program.columns), _values(solution.dual_solution.dual_values, len(program.lower))
    return Relaxed("optimal", x, dual, None if solution.basis is None else _basis(solution.basis))


def _values(found: Mapping[Any, float], size: int) -> Floats:
    """The values that a result gives, which leaves out zeros, by column or by row."""
    values = np.zeros(size)
    values[np.fromiter((key.id for key in found), dtype=np.int64, count=len(found))] = np.fromiter(found.values(), dtype=np.float64, count=len(found))
    return values


def _basis(basis: mathopt.Basis) -> Basis:
    """The statuses of all columns and rows, which a basis has in their order."""
    from ortools.math_opt.python import mathopt

    number = {status: status.value for status in mathopt.BasisStatus}
    own = (basis.variable_status, basis.constraint_status)
    return Basis(*(np.fromiter((number[status] for status in part.values()), dtype=np.int8, count=len(part)) for part in own))


def whole(program: Program, integer: Flags, *, nodes: int, gap: float, seconds: float) -> Floats | None:
    """The best solution with whole columns found within so many nodes; None if there is none.

    Nodes are counted, so the answer does not depend on the machine; `seconds` is a net below that. A solution within `gap` of the bound is good enough.
    """
    from ortools.math_opt.python import mathopt

    model = _model(program, integer)
    params = mathopt.SolveParameters(
        node_limit=nodes, absolute_gap_tolerance=gap, relative_gap_tolerance=0.0, time_limit=dt.timedelta(seconds=seconds), random_seed=1
    )
    result = _solved(model, mathopt.SolverType.HIGHS, params)
    if result is None or not result.has_primal_feasible_solution():
        return None
    return _values(result.solutions[0].primal_solution.variable_values, program.columns)


def _solved(model: mathopt.Model, solver: mathopt.SolverType, params: mathopt.SolveParameters, basis: Basis | None = None) -> mathopt.SolveResult | None:
    """What the solver says; None where it breaks off, as HiGHS may with huge costs (MathOpt 9.15 then stumbles over the error that it wants to raise)."""
    from ortools.math_opt.python import mathopt

    begin = mathopt.ModelSolveParameters(
        variable_values_filter=mathopt.VariableFilter(skip_zero_values=True),
        dual_values_filter=mathopt.LinearConstraintFilter(skip_zero_values=True),
        reduced_costs_filter=mathopt.VariableFilter(filtered_items=()),
    )
    if basis is not None:
        names = {status.value: status for status in mathopt.BasisStatus}
        begin.initial_basis = mathopt.Basis(
            variable_status={variable: names[int(status)] for variable, status in zip(model.variables(), basis.column, strict=True)},
            constraint_status={row: names[int(status)] for row, status in zip(model.linear_constraints(), basis.row, strict=True)},
        )
    try:
        return mathopt.solve(model, solver, params=params, model_params=begin)
    except (AttributeError, RuntimeError):
        return None


def _model(program: Program, integer: Flags | None) -> mathopt.Model:
    """The program as MathOpt takes it: filled from arrays, the entries sorted by row, then column."""
    from ortools.math_opt import model_pb2
    from ortools.math_opt.python import mathopt

    proto = model_pb2.ModelProto()
    n, m = program.columns, len(program.lower)
    variables, rows, matrix = proto.variables, proto.linear_constraints, proto.linear_constraint_matrix
    variables.ids.extend(range(n))
    variables.lower_bounds.extend(program.least.tolist())
    variables.upper_bounds.extend(program.most.tolist())
    variables.integers.extend((np.zeros(n, dtype=np.bool_) if integer is None else integer).tolist())
    rows.ids.extend(range(m))
    rows.lower_bounds.extend(program.lower.tolist())
    rows.upper_bounds.extend(program.upper.tolist())
    costly = np.flatnonzero(program.cost)
    proto.objective.linear_coefficients.ids.extend(costly.tolist())
    proto.objective.linear_coefficients.values.extend(program.cost[costly].tolist())
    order = np.lexsort((program.column, program.row))
    matrix.row_ids.extend(program.row[order].tolist())
    matrix.column_ids.extend(program.column[order].tolist())
    matrix.coefficients.extend(program.value[order].tolist())
    return mathopt.Model.from_model_proto(proto)
