"""Which engine carries a problem, and what stands in the way where none does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from matcher.problem import Answer, Problem
from matcher.solvers import flow
from matcher.solvers.components import parts_of, together
from matcher.solvers.nesting import SEAT_SIDE, Crossing, Nesting, nest

LARGE = 300_000
"""Pairs from which the forest wins, its loading included (docs/benchmarks.md, "Where the forest begins")."""

Engine = Literal["flow", "forest"]


@dataclass(frozen=True, eq=False)
class Plan:
    """The engine that will carry the problem, with what was found out about it."""

    engine: Engine
    nesting: Nesting


@dataclass(frozen=True)
class Refusal:
    """Why no engine carries the problem: `code` is a team, a seat, or a row of the problem; `other` a second row."""

    kind: Literal["team", "open_or_closed", "crossing", "crossing_seats"]
    code: int
    other: int | None = None


def plan(problem: Problem, engine: Engine | None = None) -> Plan | Refusal:
    """Look at the structure and choose; `engine` forces one, as far as it can carry the problem."""
    if problem.teams:
        return Refusal("team", problem.teams[0].code)
    asked = np.bincount(problem.seat, minlength=problem.seats)
    torn = np.flatnonzero((problem.open_or_closed > 0) & (asked > 0))
    if len(torn):
        return Refusal("open_or_closed", int(torn[0]))
    nesting = nest(problem)
    if isinstance(nesting, Crossing):
        return Refusal("crossing_seats" if nesting.other is None else "crossing", nesting.row, nesting.other)
    wanted = engine or ("forest" if problem.pairs >= LARGE else "flow")
    return Plan(wanted if forest_carries(problem, nesting) else "flow", nesting)


def forest_carries(problem: Problem, nesting: Nesting) -> bool:
    """Rows on the side of the seats only, and none that asks for more than it allows."""
    return all(side == SEAT_SIDE for side in nesting.side) and not flow.contradiction(problem)


def run(problem: Problem, chosen: Plan, seed: int, on_stage: flow.OnStage | None = None, report: npt.NDArray[np.int64] | None = None) -> Answer:
    """Solve with the chosen engine, in this process; `report` as for `forest.engine.solve`.

    Where the forest cannot answer after all, the flow does, and the name of the engine says so.
    """
    if chosen.engine == "flow":
        return _flow(problem, chosen.nesting, seed, on_stage)
    from matcher.solvers.forest import engine

    try:
        return engine.solve(problem, chosen.nesting, seed, on_stage, report)
    except (engine.NotCarried, engine.NotProven) as why:
        answer = _flow(problem, chosen.nesting, seed, on_stage)
        return replace(answer, engine=f"{answer.engine}, in place of the forest ({type(why).__name__})")


def _flow(problem: Problem, nesting: Nesting, seed: int, on_stage: flow.OnStage | None) -> Answer:
    """Solve with the flow, parts that have nothing to do with each other apart (the forest keeps them apart by itself)."""
    parts = parts_of(problem)
    if len(parts) == 1:
        return flow.solve(problem, nesting, seed, on_stage)
    answers = []
    for part in parts:
        own = nest(part.problem)
        if isinstance(own, Crossing):  # what nests as a whole nests in each of its parts
            raise TypeError(own)
        answers.append(flow.solve(part.problem, own, seed))
        if answers[-1].outcome == "infeasible":
            parts = parts[: len(answers)]
            break
    return together(problem, parts, answers)
