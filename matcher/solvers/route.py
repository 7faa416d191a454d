"""Which engine carries a problem: what nests goes to the flow or the forest, everything else to the relaxation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from matcher.problem import Answer, Problem, Row
from matcher.solvers import flow
from matcher.solvers.components import parts_of, together
from matcher.solvers.nesting import SEAT_SIDE, Crossing, Nesting, nest

LARGE = 300_000
"""Pairs from which the forest wins, its loading included (docs/benchmarks.md, "Where the forest begins")."""

Engine = Literal["flow", "forest", "relaxation"]


@dataclass(frozen=True)
class Budget:
    """When an engine that could go on stops by itself: after so many seconds (None: never), and where no tier's gap is larger than this."""

    seconds: float | None = None
    gap: float = 0.0


@dataclass(frozen=True, eq=False)
class Plan:
    """The engine that will carry the problem, with what was found out about it: `nesting` where the rows nest."""

    engine: Engine
    nesting: Nesting | None


def plan(problem: Problem, engine: Engine | None = None) -> Plan:
    """Look at the structure and choose; `engine` forces one, as far as it can carry the problem."""
    asked = np.bincount(problem.seat, minlength=problem.seats)
    torn = (problem.open_or_closed > 0) & (asked > 0)
    if engine == "relaxation" or problem.families or problem.fill_tier >= 0 or torn.any() or not all(_flows(problem, row) for row in problem.rows):
        return Plan("relaxation", None)
    nesting = nest(problem)
    if isinstance(nesting, Crossing):
        return Plan("relaxation", None)
    wanted = engine or ("forest" if problem.pairs >= LARGE else "flow")
    return Plan(wanted if forest_carries(problem, nesting) else "flow", nesting)


def _flows(problem: Problem, row: Row) -> bool:
    """Whether the flow prices the row right: it is hard, or soft in the tier `soft`."""
    return row.weight is None or (row.tier >= 0 and problem.tiers[row.tier] == "soft")


def forest_carries(problem: Problem, nesting: Nesting) -> bool:
    """Rows on the side of the seats only, and none that asks for more than it allows."""
    return all(side == SEAT_SIDE for side in nesting.side) and not flow.contradiction(problem)


def run(
    problem: Problem,
    chosen: Plan,
    seed: int,
    on_stage: flow.OnStage | None = None,
    report: npt.NDArray[np.int64] | None = None,
    budget: Budget = Budget(),
) -> Answer:
    """Solve with the chosen engine, in this process; `report` as for `forest.engine.solve`.

    Where the forest cannot answer after all, the flow does, and the name of the engine says so.
    """
    if chosen.nesting is None:
        from matcher.solvers.relaxation import engine as relaxation

        return relaxation.solve(problem, seed, on_stage, seconds=budget.seconds, gap=budget.gap)
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
