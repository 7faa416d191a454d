"""Our own engines on a compiled problem: as it is routed, or one of them by name.

The one place that knows how an engine is chosen and called (matcher/solvers/route.py).
"""

from __future__ import annotations

import importlib
import pickle
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np

from benchmarks.fresh import Wrong
from benchmarks.registry import OWN
from matcher.problem import Problem
from matcher.solvers import route
from matcher.solvers.route import Plan

IN_PLACE = "in place of"
"""In the name of an engine: another one was asked first, and could not answer after all."""

NEEDS = {"flow": "ortools.graph.python.min_cost_flow"}
"""The library behind an engine, numba where none is named; loading it is timed apart."""


@dataclass(frozen=True)
class Own:
    """Seconds, the optimum, and the engine that ran.

    Attributes
    ----------
    plan
        Choosing the engine, with what it finds out about the structure.
    load
        Importing the library behind the engine.
    warm
        The first solve, of a tiny round of the same case: compiling, or reading what was compiled before.
    build, solve
        `Answer.seconds`: what the engine needs to set up its own form of the problem, and its own time.
    profile
        How many got their first rank, their second ...
    """

    plan: float
    load: float
    warm: float
    build: float
    solve: float
    placed: int
    rank: int
    engine: str
    profile: list[int]


def engines() -> tuple[str, ...]:
    """The names of the engines that can be asked for: those for rounds that nest, as these cases do."""
    return tuple(name for name in get_args(route.Engine) if name != "relaxation")


def planned(problem: Problem, engine: str = OWN) -> Plan:
    """The router's plan; with the name of an engine that engine's, or the flow's where it cannot carry the problem.

    Raises
    ------
    Wrong
        There is no engine of that name.
    """
    forced: Any = None if engine == OWN else engine
    if forced not in {None, *engines()}:
        raise Wrong(f"no engine is called {engine}: {', '.join(engines())}")
    return route.plan(problem, forced)


def load(file: Path) -> tuple[Problem, Any]:
    """A compiled problem, and the rank of each of its pairs."""
    with file.open("rb") as stream:
        problem, pair_rank = pickle.load(stream)
    return problem, pair_rank


def solve(folder: Path, engine: str) -> Own | None:
    """Solve what benchmarks.cohort left in a folder; None where the engine asked for does not carry it.

    Raises
    ------
    Wrong
        The answer is not the optimum, or another engine had to give it.
    """
    problem, pair_rank = load(folder / "problem.pickle")
    started = time.perf_counter()
    plan = planned(problem, engine)
    if engine not in {OWN, plan.engine}:
        return None
    begun = time.perf_counter()
    importlib.import_module(NEEDS.get(plan.engine, "numba"))
    loaded = time.perf_counter()
    warm, _ = load(folder / "warm.pickle")
    route.run(warm, planned(warm, plan.engine), 0)
    warmed = time.perf_counter()
    answer = route.run(problem, plan, 0)
    if answer.outcome != "solved" or answer.reason != "optimal":
        raise Wrong(f"{answer.engine} says {answer.outcome}, {answer.reason}")
    if IN_PLACE in answer.engine:
        raise Wrong(answer.engine)
    chosen = answer.pair_of_demand[answer.pair_of_demand >= 0]
    ranks = np.asarray(pair_rank)[chosen]
    seconds = begun - started, loaded - begun, warmed - loaded, answer.seconds["start"], answer.seconds["solve"]
    return Own(*seconds, len(chosen), int(ranks.sum()), answer.engine, np.bincount(ranks)[1:].tolist())
