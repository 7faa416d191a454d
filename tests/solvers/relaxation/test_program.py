"""Linear and mixed-integer programs: optima with their duals, and programs without any."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from ortools.math_opt.python import mathopt

from matcher.solvers.relaxation import program as module
from matcher.solvers.relaxation.program import Basis, Program, SolverFailed, relax, whole

ENDLESS = np.inf


def program(cost: list[float], rows: list[list[float]], lower: list[float], upper: list[float], most: float = 1.0) -> Program:
    """A program from a matrix written out."""
    matrix = np.array(rows, dtype=np.float64)
    row, column = np.nonzero(matrix)
    n = len(cost)
    ends = (np.array(part, dtype=np.float64) for part in (lower, upper))
    return Program(np.array(cost, dtype=np.float64), np.zeros(n), np.full(n, most), row[::-1], column[::-1], matrix[row, column][::-1], *ends)


TRIANGLE = program([-1, -1, -1], [[1, 1, 0], [0, 1, 1], [1, 0, 1]], [-ENDLESS] * 3, [1] * 3)


@pytest.mark.parametrize("small", [0, 4000], ids=["barrier", "simplex"])
def test_an_optimum_comes_with_the_duals_that_prove_it(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SMALL", small)
    found = relax(TRIANGLE)
    assert found.status == "optimal"
    assert found.x == pytest.approx([0.5] * 3)
    assert found.dual == pytest.approx([-0.5] * 3)


def test_a_basis_of_a_similar_program_is_where_the_simplex_method_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told so, and finds the optimum from the basis of the same program, of one with another cost, and from scratch where that is none."""
    asked, solve = [], module.solved
    monkeypatch.setattr(module, "solved", lambda *given: asked.append((given[2], given[4])) or solve(*given))
    monkeypatch.setattr(module, "SMALL", 0)
    own, other = (relax(one).basis for one in (TRIANGLE, replace(TRIANGLE, cost=np.array([-1.0, -3.0, -1.0]))))
    assert own is not None
    assert other is not None
    assert [solver for solver, _ in asked] == [mathopt.SolverType.HIGHS] * 2
    nonsense = Basis(np.full(3, module.LOWER, dtype=np.int8), np.full(3, module.LOWER, dtype=np.int8))
    for basis, solvers in ((own, 1), (other, 1), (nonsense, 2)):
        asked.clear()
        assert relax(TRIANGLE, basis).x == pytest.approx([0.5] * 3)
        assert [solver for solver, _ in asked] == [mathopt.SolverType.GLOP, mathopt.SolverType.HIGHS][:solvers]
        assert asked[0][1] is not None


@pytest.mark.parametrize("small", [0, 4000], ids=["barrier", "simplex"])
def test_a_program_without_solutions_is_infeasible(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SMALL", small)
    assert relax(program([1, 1], [[1, 1], [1, 0]], [3, 0], [ENDLESS, 1])).status == "infeasible"


def test_two_solvers_that_give_up_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = SimpleNamespace(termination=SimpleNamespace(reason=mathopt.TerminationReason.NUMERICAL_ERROR.value))
    monkeypatch.setattr(module, "solved", lambda *_: failed)
    with pytest.raises(SolverFailed):
        relax(TRIANGLE)


def test_a_whole_optimum_is_that_of_trying_everything() -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        rows = rng.integers(-2, 4, (3, 5)).astype(np.float64)
        drawn = program(rng.integers(-5, 6, 5).tolist(), rows.tolist(), [-ENDLESS] * 3, rng.integers(0, 5, 3).tolist())
        x = whole(drawn, np.ones(5, dtype=np.bool_), nodes=1000, gap=0.0, seconds=60.0)
        assert x is not None
        assert (rows @ x <= drawn.upper + 1e-6).all()
        tries = (np.array(t) for t in itertools.product((0, 1), repeat=5))
        assert drawn.cost @ x == pytest.approx(min(drawn.cost @ t for t in tries if (rows @ t <= drawn.upper).all()))


def test_halves_are_not_whole() -> None:
    integer = np.ones(3, dtype=np.bool_)
    one = whole(TRIANGLE, integer, nodes=1000, gap=0.0, seconds=60.0)
    assert one is not None
    assert TRIANGLE.cost @ one == pytest.approx(-1)
    assert whole(replace(TRIANGLE, lower=np.ones(3)), integer, nodes=1000, gap=0.0, seconds=60.0) is None
