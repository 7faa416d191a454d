"""Linear and mixed-integer programs as arrays, solved through OR-Tools' MathOpt: HiGHS for large ones and for whole numbers, GLOP for small ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from ortools.math_opt.python import mathopt

Floats = npt.NDArray[np.float64]
Sizes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

PATIENCE, PATIENCE_EACH = 10_000, 50
"""Iterations granted to a linear program, and to each of its rows and columns: with huge costs a simplex method may go round in circles for ever."""

SMALL = 4000
"""Columns up to which a simplex method is quicker than a barrier."""


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

    def columns(self, cost: npt.ArrayLike, *, most: float = np.inf, least: npt.ArrayLike = 0.0, whole: bool = False) -> int:
        """Columns with these costs and bounds."""
        price = np.asarray(cost, dtype=np.float64)
        low = np.broadcast_to(np.asarray(least, dtype=np.float64), price.shape)
        self._columns.append((price, low, np.full(len(price), most), whole))
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
class Relaxed:
    """An optimum of the linear program: x by columns, the dual of each row and the reduced cost of each column; `status` is `optimal` or `infeasible`."""

    status: str
    x: Floats
    dual: Floats
    reduced: Floats


class SolverFailed(Exception):
    """The solver broke off without saying what of the program is wrong."""


def relax(program: Program) -> Relaxed:
    """Solve the linear program.

    Raises
    ------
    SolverFailed
        Neither of the two solvers gives an optimum, nor says that there is none.
    """
    from ortools.math_opt.python import mathopt

    tries: list[tuple[mathopt.SolverType, mathopt.LPAlgorithm | None]] = [
        (mathopt.SolverType.HIGHS, mathopt.LPAlgorithm.BARRIER),
        (mathopt.SolverType.GLOP, None),
    ]
    for solver, algorithm in reversed(tries) if program.columns <= SMALL else tries:
        model = _model(program, None)
        params = mathopt.SolveParameters(lp_algorithm=algorithm, iteration_limit=PATIENCE + PATIENCE_EACH * (program.columns + len(program.lower)))
        result = _solved(model, solver, params)
        if result is None:
            continue
        reason = result.termination.reason
        if reason == mathopt.TerminationReason.OPTIMAL:
            columns, rows = list(model.variables()), list(model.linear_constraints())
            return Relaxed(
                "optimal",
                *(np.array(part, dtype=np.float64) for part in (result.variable_values(columns), result.dual_values(rows), result.reduced_costs(columns))),
            )
        if reason in {mathopt.TerminationReason.INFEASIBLE, mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED}:
            none = np.empty(0)
            return Relaxed("infeasible", none, none, none)
    raise SolverFailed


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
    return np.array(result.variable_values(list(model.variables())), dtype=np.float64)


def _solved(model: mathopt.Model, solver: mathopt.SolverType, params: mathopt.SolveParameters) -> mathopt.SolveResult | None:
    """What the solver says; None where it breaks off, as HiGHS may with huge costs (MathOpt 9.15 then stumbles over the error that it wants to raise)."""
    from ortools.math_opt.python import mathopt

    try:
        return mathopt.solve(model, solver, params=params)
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
