"""One solver on one case for so many seconds, alone in its process: `python -m benchmarks.crossing_alone FOLDER SOLVER SECONDS` prints JSON.

FOLDER is what `benchmarks.cohort` wrote; SOLVER is `matcher` or one of `benchmarks.registry.DIRECT`. All get the same Problem.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import ours
from benchmarks.crossing_contest import MORE_IS_BETTER
from benchmarks.crossing_model import linear
from benchmarks.crossing_peers import SOLVERS, bounds, weights
from benchmarks.fresh import Wrong
from benchmarks.registry import OWN
from matcher.bound import bound, value
from matcher.problem import Problem
from matcher.runner import run
from matcher.solvers import route

Row = dict[str, Any]


def measure(folder: Path, solver: str, seconds: float) -> Row:
    """Seconds, and value and bound of every tier (none where nothing was found); or, under `left_out`, why this solver does not take part."""
    problem, _ = ours.load(folder / "problem.pickle")
    return _own(problem, seconds) if solver == OWN else _direct(problem, solver, seconds)


def _own(problem: Problem, seconds: float) -> Row:
    """Our engine as a user's round meets it: in a child process, whose start and libraries count."""
    begun = time.perf_counter()
    plan = route.plan(problem)
    answer = run(problem, plan, seconds=seconds)
    row: Row = {"solve": time.perf_counter() - begun, "engine": answer.engine}
    if answer.outcome == "no_answer":
        return {**row, "tiers": []}
    if answer.outcome != "solved":
        raise Wrong(f"{answer.engine} says {answer.outcome}, {answer.reason}")
    values = value(problem, answer.pair_of_demand)
    proven: Sequence[int | None] = answer.bounds if answer.certificate is not None else _known(values, bound(problem, answer))
    return {**row, "tiers": _tiers(problem.tiers, values, proven)}


def _direct(problem: Problem, solver: str, seconds: float) -> Row:
    model = linear(problem)
    weight = weights(model)
    if weight is None:
        return {"left_out": "the tiers in one objective exceed the whole numbers of a double"}
    direct = SOLVERS[solver](model, weight, seconds)
    row: Row = {"build": direct.build, "solve": direct.solve, "tiers": []}
    if direct.chosen is None:
        return row
    count = np.bincount(model.row, weights=model.coefficient * direct.chosen[model.column], minlength=model.rows)
    if (count < model.lower).any() or (count > model.upper).any():
        raise Wrong(f"{solver}: what it found breaks a bound")
    values = (model.constant + model.cost @ direct.chosen).tolist()
    least = direct.least + float(np.array(weight) @ model.constant)
    return {**row, "tiers": _tiers(model.tiers, values, bounds(model, weight, values, least))}


def _known(values: Sequence[int], proven: Sequence[int]) -> list[int | None]:
    """A bound as a tuple: behind the first tier that differs it says nothing."""
    differs = next((i for i, (x, b) in enumerate(zip(values, proven, strict=True)) if x != b), len(values))
    return [b if i <= differs else None for i, b in enumerate(proven)]


def _tiers(names: Sequence[str], values: Sequence[int], proven: Sequence[int | None]) -> list[Row]:
    """Value and bound as they are told: more placed is more."""
    signs = [-1 if name in MORE_IS_BETTER else 1 for name in names]
    return [{"name": name, "value": sign * x, "bound": None if b is None else sign * b} for name, sign, x, b in zip(names, signs, values, proven, strict=True)]


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))))
