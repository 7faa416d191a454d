"""Which engine carries a problem, and what stands in the way where none does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from matcher.problem import Answer, Problem
from matcher.solvers import flow
from matcher.solvers.nesting import Crossing, Nesting, nest


@dataclass(frozen=True, eq=False)
class Plan:
    """The engine that will carry the problem, with what it found out about it."""

    engine: Literal["flow"]
    nesting: Nesting


@dataclass(frozen=True)
class Refusal:
    """Why no engine carries the problem: `code` is a team, a seat, or a row of the problem; `other` a second row."""

    kind: Literal["team", "open_or_closed", "crossing", "crossing_seats"]
    code: int
    other: int | None = None


def plan(problem: Problem) -> Plan | Refusal:
    """Look at the structure and choose."""
    if problem.teams:
        return Refusal("team", problem.teams[0].code)
    asked = np.bincount(problem.seat, minlength=problem.seats)
    torn = np.flatnonzero((problem.open_or_closed > 0) & (asked > 0))
    if len(torn):
        return Refusal("open_or_closed", int(torn[0]))
    nesting = nest(problem)
    if isinstance(nesting, Crossing):
        return Refusal("crossing_seats" if nesting.other is None else "crossing", nesting.row, nesting.other)
    return Plan("flow", nesting)


def run(problem: Problem, chosen: Plan, seed: int, on_stage: flow.OnStage | None = None) -> Answer:
    """Solve with the chosen engine, in this process."""
    return flow.solve(problem, chosen.nesting, seed, on_stage)
