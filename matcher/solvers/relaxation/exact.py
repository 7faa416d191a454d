"""One tier settled exactly, by CP-SAT, over the pairs that can still matter: those whose reduced cost is no more than what the bound leaves to gain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from matcher.solvers.relaxation.model import Model, fill_steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ortools.sat.python import cp_model

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

EFFORT = 20.0
"""CP-SAT's deterministic seconds: the same answer on every machine."""


@dataclass(frozen=True, eq=False)
class Settled:
    """What is known of a tier: the best matching found (None: none), and whether nothing is better."""

    chosen: Codes | None
    proven: bool


def settle(model: Model, tier: int, fixed: Mapping[int, int], allowed: Flags, hint: Codes | None, seed: int, *, seconds: float = math.inf) -> Settled:
    """The best matching in a tier (-1: any matching will do) among those whose fixed tiers have their values, over the allowed pairs.

    Parameters
    ----------
    fixed
        The value that each of some tiers must keep.
    allowed
        bool, P.
    hint
        int32, D: a matching to begin with.
    seconds
        When CP-SAT gives up, where its EFFORT is not spent before.
    """
    from ortools.sat.python import cp_model

    question = _Question(model, (*fixed, tier) if tier >= 0 else tuple(fixed), allowed)
    for t, value in fixed.items():
        question.program.add(question.total(t) == value - int(model.problem.constant[t]))
    if tier >= 0:
        question.program.minimize(question.total(tier))
    if hint is not None:
        question.hint(hint)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.max_deterministic_time = EFFORT
    if seconds < math.inf:
        solver.parameters.max_time_in_seconds = max(0.0, seconds)
    status = solver.solve(question.program)
    found = status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
    return Settled(question.chosen(solver) if found else None, status in {cp_model.OPTIMAL, cp_model.INFEASIBLE})


class _Question:
    """The model of some pairs, with the terms of the tiers that count."""

    def __init__(self, model: Model, tiers: tuple[int, ...], allowed: Flags) -> None:
        from ortools.sat.python import cp_model

        self.model, self.program = model, cp_model.CpModel()
        self.pairs = np.flatnonzero(allowed)
        self.variable = {int(pair): self.program.new_bool_var("") for pair in self.pairs}
        self.terms: dict[int, list[tuple[cp_model.IntVar, int]]] = {}
        for tier in tiers:
            cost = model.problem.cost[tier]
            self.terms[tier] = [(self.variable[int(pair)], int(cost[pair])) for pair in self.pairs if cost[pair]]
        self._demands()
        for row in range(model.rows):
            self._row(row)

    def total(self, tier: int) -> cp_model.LinearExprT:
        """What a tier costs, without its constant."""
        return sum(weight * variable for variable, weight in self.terms[tier])

    def hint(self, chosen: Codes) -> None:
        """Begin with a matching."""
        held = set(chosen[chosen >= 0].tolist())
        for pair, variable in self.variable.items():
            self.program.add_hint(variable, pair in held)

    def chosen(self, solver: cp_model.CpSolver) -> Codes:
        """The pair of each demand, -1 for none."""
        found = np.full(self.model.problem.demands, -1, dtype=np.int32)
        for pair, variable in self.variable.items():
            if solver.boolean_value(variable):
                found[self.model.demand[pair]] = pair
        return found

    def _demands(self) -> None:
        problem = self.model.problem
        first = np.searchsorted(self.pairs, problem.first_pair)
        for demand, (begin, end) in enumerate(pairwise(first.tolist())):
            mine = [self.variable[int(pair)] for pair in self.pairs[begin:end]]
            if problem.must[demand]:
                self.program.add_exactly_one(mine)
            elif len(mine) > 1:
                self.program.add_at_most_one(mine)

    def _row(self, row: int) -> None:
        """The bounds, the penalty, the open-or-closed minimum, the even fill of a row."""
        model = self.model
        entries = slice(int(model.first[row]), int(model.first[row + 1]))
        members = zip(model.pair[entries].tolist(), model.sign[entries].tolist(), strict=True)
        signed = [sign * self.variable[pair] for pair, sign in members if pair in self.variable]
        count, lower, upper = sum(signed), int(model.lower[row]), int(model.upper[row])
        if model.tier[row] >= 0:
            self._penalty(row, count)
            return
        if model.minimum[row] > 1 and signed:
            opened = self.program.new_bool_var("")
            self.program.add(count >= int(model.minimum[row])).only_enforce_if(opened)
            self.program.add(count <= 0).only_enforce_if(~opened)
        if not signed:
            if not lower <= 0 <= upper:
                self.program.add_bool_or([])  # nothing can fill it
        elif lower > model.least[row] or upper < model.most[row]:
            self.program.add_linear_constraint(count, lower, upper)
        if model.problem.fill_tier in self.terms and row < model.problem.seats and signed:
            self._fill(row, count, min(upper, len(signed)))

    def _penalty(self, row: int, count: cp_model.LinearExprT) -> None:
        """What a soft row is under or over, where that counts."""
        model, tier = self.model, int(self.model.tier[row])
        if tier not in self.terms:
            return
        lower, upper, least, most = (int(part[row]) for part in (model.lower, model.upper, model.least, model.most))
        for missing, room in ((lower - count, lower - least), (count - upper, most - upper)):
            if room > 0:
                unit = self.program.new_int_var(0, room, "")
                self.program.add(unit >= missing)
                self.terms[tier].append((unit, int(model.weight[row])))

    def _fill(self, row: int, count: cp_model.LinearExprT, most: int) -> None:
        """The units of a seat, taken in order."""
        problem = self.model.problem
        units = [self.program.new_bool_var("") for _ in range(most)]
        self.program.add(count == sum(units))
        for before, after in pairwise(units):
            self.program.add_implication(after, before)
        steps = fill_steps(int(problem.seat_upper[row]), problem.fill_weight)
        self.terms[problem.fill_tier] += [(unit, int(step)) for unit, step in zip(units, steps, strict=False)]
