"""Linear and mixed-integer programs as arrays, solved through OR-Tools' MathOpt: HiGHS for large ones and for whole numbers, GLOP for small ones."""

from __future__ import annotations

import datetime as dt
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from matcher.solvers.relaxation.messages import solved, values

if TYPE_CHECKING:
    from ortools.math_opt import result_pb2

Floats = npt.NDArray[np.float64]
Sizes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Statuses = npt.NDArray[np.int8]

PATIENCE, PATIENCE_EACH = 10_000, 50
"""Iterations granted to a linear program, and to each of its rows and columns: with huge costs a simplex method may go round in circles for ever."""

SMALL = 4000
"""Columns up to which a simplex method is quicker than a barrier."""

WARM = 40_000
"""Columns up to which a simplex method that begins at a similar program's optimum is quicker than a barrier; at the optimum of nearly the same it always is."""

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


def relax(program: Program, basis: Basis | None = None, *, near: bool = False, until: float = math.inf) -> Relaxed:
    """Solve the linear program, from a basis of one like it where there is one.

    With `near` hardly a column is new since that basis. `until` is when to give up, as `time.perf_counter` counts.

    Raises
    ------
    SolverFailed
        Neither of the two solvers gives an optimum in time, nor says that there is none.
    """
    from ortools.math_opt.python import mathopt

    barrier, simplex = (mathopt.SolverType.HIGHS, mathopt.LPAlgorithm.BARRIER), (mathopt.SolverType.GLOP, None)
    warm = basis is not None and (near or program.columns <= WARM)
    fractional = np.zeros(program.columns, dtype=np.bool_)
    for solver, algorithm in (simplex, barrier) if warm or program.columns <= SMALL else (barrier, simplex):
        left = until - time.perf_counter()
        if left <= 0:
            break
        params = mathopt.SolveParameters(
            lp_algorithm=algorithm,
            iteration_limit=PATIENCE + PATIENCE_EACH * (program.columns + len(program.lower)),
            time_limit=None if left == math.inf else dt.timedelta(seconds=left),
        )
        result = solved(program, fractional, solver, params, basis if warm and solver == mathopt.SolverType.GLOP else None)
        if result is None:
            continue
        reason = mathopt.TerminationReason(result.termination.reason)
        if reason == mathopt.TerminationReason.OPTIMAL:
            return _relaxed(program, result)
        if reason in {mathopt.TerminationReason.INFEASIBLE, mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED}:
            none = np.empty(0)
            return Relaxed("infeasible", none, none)
    raise SolverFailed


def _relaxed(program: Program, result: result_pb2.SolveResultProto) -> Relaxed:
    """The optimum as arrays."""
    best = result.solutions[0]
    x, dual = values(best.primal_solution.variable_values, program.columns), values(best.dual_solution.dual_values, len(program.lower))
    if not best.HasField("basis"):
        return Relaxed("optimal", x, dual)
    own = (best.basis.variable_status, best.basis.constraint_status)
    return Relaxed("optimal", x, dual, Basis(*(np.array(part.values, dtype=np.int8) for part in own)))


def whole(program: Program, integer: Flags, *, nodes: int, gap: float, seconds: float) -> Floats | None:
    """The best solution with whole columns found within so many nodes; None if there is none.

    Nodes are counted, so the answer does not depend on the machine; `seconds` is a net below that. A solution within `gap` of the bound is good enough.
    """
    from ortools.math_opt.python import mathopt

    params = mathopt.SolveParameters(
        node_limit=nodes, absolute_gap_tolerance=gap, relative_gap_tolerance=0.0, time_limit=dt.timedelta(seconds=seconds), random_seed=1
    )
    result = solved(program, integer, mathopt.SolverType.HIGHS, params, None)
    if result is None or not result.solutions or not result.solutions[0].HasField("primal_solution"):
        return None
    best = result.solutions[0].primal_solution
    return values(best.variable_values, program.columns) if mathopt.SolutionStatus(best.feasibility_status) == mathopt.SolutionStatus.FEASIBLE else None
