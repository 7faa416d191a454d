"""OR-Tools' MathOpt, spoken to in its own messages.

Its Python classes hold an object per column and build a dictionary per answer; for the thousands of similar programs of a proof that takes longer than solving
them. So arrays are written into the messages and read from them, by the call that these classes make themselves (ortools 9.15).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from ortools.math_opt import model_parameters_pb2, model_pb2, result_pb2, sparse_containers_pb2
    from ortools.math_opt.python import mathopt

    from matcher.solvers.relaxation.program import Basis, Program

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def solved(
    program: Program, integer: Flags, solver: mathopt.SolverType, params: mathopt.SolveParameters, basis: Basis | None
) -> result_pb2.SolveResultProto | None:
    """What the solver says; None where it breaks off, as HiGHS may with huge costs, and GLOP with a basis that is none."""
    from ortools.math_opt import callback_pb2
    from ortools.math_opt.core.python import solver as core
    from ortools.math_opt.python.init_arguments import StreamableSolverInitArguments
    from pybind11_abseil.status import StatusNotOk

    given = _model(program, integer), solver.value, StreamableSolverInitArguments().to_proto(), params.to_proto(), _beginning(basis)
    try:
        return core.solve(*given, None, callback_pb2.CallbackRegistrationProto(), None, None)
    except (StatusNotOk, RuntimeError):
        return None


def values(found: sparse_containers_pb2.SparseDoubleVectorProto, size: int) -> Floats:
    """A sparse vector of an answer by column or by row: what it leaves out is 0."""
    dense = np.zeros(size)
    dense[np.array(found.ids, dtype=np.int64)] = found.values
    return dense


def _beginning(basis: Basis | None) -> model_parameters_pb2.ModelSolveParametersProto:
    """Where the solver begins."""
    from ortools.math_opt import model_parameters_pb2

    message = model_parameters_pb2.ModelSolveParametersProto()
    message.variable_values_filter.skip_zero_values = message.dual_values_filter.skip_zero_values = True
    message.reduced_costs_filter.filter_by_ids = True  # none of them
    if basis is not None:
        for part, own in ((message.initial_basis.variable_status, basis.column), (message.initial_basis.constraint_status, basis.row)):
            part.ids.extend(range(len(own)))
            part.values.extend(own.tolist())
    return message


def _model(program: Program, integer: Flags) -> model_pb2.ModelProto:
    """The program, its entries sorted by row, then column."""
    from ortools.math_opt import model_pb2

    message = model_pb2.ModelProto()
    variables, rows, matrix = message.variables, message.linear_constraints, message.linear_constraint_matrix
    variables.ids.extend(range(program.columns))
    variables.lower_bounds.extend(program.least.tolist())
    variables.upper_bounds.extend(program.most.tolist())
    variables.integers.extend(integer.tolist())
    rows.ids.extend(range(len(program.lower)))
    rows.lower_bounds.extend(program.lower.tolist())
    rows.upper_bounds.extend(program.upper.tolist())
    costly = np.flatnonzero(program.cost)
    message.objective.linear_coefficients.ids.extend(costly.tolist())
    message.objective.linear_coefficients.values.extend(program.cost[costly].tolist())
    order = np.lexsort((program.column, program.row))
    matrix.row_ids.extend(program.row[order].tolist())
    matrix.column_ids.extend(program.column[order].tolist())
    matrix.coefficients.extend(program.value[order].tolist())
    return message
