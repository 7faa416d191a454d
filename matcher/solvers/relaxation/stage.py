"""The linear program behind a bound: one objective over the pairs that may be worth it, priced against all others until none improves it.

Column generation (Gilmore and Gomory 1961, doi:10.1287/opre.9.6.849) over the pairs: the program is solved over some of them; its duals price all the others at
once, and those that would improve it join. When none does, the duals are the optimum's over all pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from matcher.solvers.relaxation.leaf import DENOMINATOR, LARGEST, Case, Prices
from matcher.solvers.relaxation.model import Model, fill_steps, spans
from matcher.solvers.relaxation.program import Draft, Floats, Program, relax

Sizes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

ALL = 60_000
"""So many pairs are taken into the program at once."""

IMPROVES = 1e-6
"""A reduced cost below minus this joins the program."""

EAGER = 3
"""So many pairs per demand, those of the least reduced costs, are looked at in a pricing round; what is in the program only leaves it in the first."""


@dataclass(frozen=True)
class Goal:
    """What is to be made small: a weight per tier, with the values that other tiers must keep.

    `elastic` lets every hard bound, pin and fixed value be missed, at this price per unit.
    """

    weights: dict[int, float]
    fixed: dict[int, int] = field(default_factory=dict)
    elastic: float = 0.0


@dataclass(frozen=True, eq=False)
class Optimum:
    """The optimum of a relaxation over all pairs.

    Attributes
    ----------
    x
        float, P.
    value
        Of the objective, constants included.
    price
        float, R: the dual of each row with its sign turned, as docs/proof.md has it.
    must_price
        float, D: the dual of each demand, its sign turned: what being matched at all costs it.
    reduced
        float, P: the reduced cost of each pair; negative only for taken pairs.
    multiplier
        float, K: of the fixed tiers.
    pairs
        int64: the pairs of the least reduced costs, a good start for a similar program.
    """

    x: Floats
    value: float
    price: Floats
    must_price: Floats
    reduced: Floats
    multiplier: Floats
    pairs: Sizes

    def prices(self, case: Case, denominator: int = DENOMINATOR) -> Prices:
        """As whole numbers over the denominator, for the exact bound."""
        pair = np.where(case.taken, -self.reduced, 0.0)
        row, own, multiplier = (np.rint(np.clip(part * denominator, -LARGEST, LARGEST)).astype(np.int64) for part in (self.price, pair, self.multiplier))
        return Prices(row, own, multiplier, denominator)


def optimum(model: Model, goal: Goal, case: Case, start: Sizes | None = None, enough: Callable[[Optimum], bool] | None = None) -> Optimum | None:
    """Solve a relaxation over all pairs; None where the case leaves it no solution.

    `start` are the pairs to begin with; otherwise those that are best for their demands. Pricing stops early where the duals so far are good `enough`.
    """
    problem = model.problem
    cost = np.zeros(problem.pairs)
    for tier, weight in goal.weights.items():
        cost += weight * problem.cost[tier]
    inside = ~case.out
    few = problem.pairs <= ALL
    pairs = np.flatnonzero(inside) if few else np.flatnonzero(_begin(model, cost, start) & inside | case.taken)
    first = True
    while True:
        shape = _Shape(model, goal, case, pairs)
        program = shape.program(cost)
        found = relax(program)
        if found.status != "optimal":
            if len(pairs) == np.count_nonzero(inside):
                return None
            pairs = np.flatnonzero(inside)  # the pairs left out may be those that keep a bound
            continue
        result = shape.decode(found.x, found.dual, cost, float(program.cost @ found.x))
        if enough is not None and enough(result):
            return result
        joining = inside & (result.reduced < -IMPROVES) & ~case.taken
        joining[pairs] = False
        if not joining.any():
            return result
        most = min(problem.pairs - 1, EAGER * problem.demands)
        keep = result.reduced <= np.partition(result.reduced, most)[most]
        keep[pairs] |= not first
        pairs = np.flatnonzero(inside & (keep | case.taken))
        first = False


def _begin(model: Model, cost: Floats, start: Sizes | None) -> Flags:
    """The pairs to begin with: given ones, and the four cheapest of every demand."""
    problem = model.problem
    chosen = np.zeros(problem.pairs, dtype=np.bool_)
    if start is not None:
        chosen[start] = True
        return chosen
    order = np.lexsort((np.arange(problem.pairs), cost, model.demand))
    turn = np.arange(problem.pairs) - np.repeat(problem.first_pair[:-1], np.diff(problem.first_pair))
    chosen[order[turn < 4]] = True  # noqa: PLR2004  # measured: the optimum takes few beyond
    return chosen


class _Shape:
    """Where rows and columns of one program stand.

    Rows: the demands, the rows that can bind or cost, the fixed tiers. Columns: the pairs, then what rows pay, then what is missed.
    """

    def __init__(self, model: Model, goal: Goal, case: Case, pairs: Sizes) -> None:
        self.model, self.goal, self.case, self.pairs = model, goal, case, pairs
        problem = model.problem
        self.lower, self.upper = case.tightened(model)
        tiers = {*goal.weights, *goal.fixed}
        self.fixed = sorted(goal.fixed)
        self.soft = np.flatnonzero((model.tier >= 0) & np.isin(model.tier, sorted(tiers)))
        self.filled = np.flatnonzero(problem.seat_upper > 0) if problem.fill_tier in tiers else np.empty(0, dtype=np.int64)
        used = (model.tier < 0) & ((self.lower > model.least) | (self.upper < model.most))
        used[self.soft] = True
        used[self.filled] = True
        self.rows = np.flatnonzero(used)
        self.at = np.full(model.rows, -1, dtype=np.int64)
        self.at[self.rows] = problem.demands + np.arange(len(self.rows))

    def program(self, cost: Floats) -> Program:
        """The program for the costs of all pairs."""
        model, problem, goal = self.model, self.model.problem, self.goal
        draft = Draft()
        draft.rows(problem.must, np.ones(problem.demands))
        low, high = self.lower[self.rows].astype(np.float64), self.upper[self.rows].astype(np.float64)
        filled = np.isin(self.rows, self.filled)
        draft.rows(np.where(filled, 0.0, low), np.where(filled, 0.0, high))  # a filled seat is as full as its units say
        values = np.array([goal.fixed[tier] - int(problem.constant[tier]) for tier in self.fixed], dtype=np.float64)
        tier_row = draft.rows(values, values) + np.arange(len(self.fixed))
        # A pair is taken at most once by its demand's row: a bound of its own would take a part of the dual.
        draft.columns(cost[self.pairs], least=self.case.taken[self.pairs])
        draft.enter(model.demand[self.pairs].astype(np.int64), np.arange(len(self.pairs)), 1.0)
        place = np.full(problem.pairs, -1, dtype=np.int64)
        place[self.pairs] = np.arange(len(self.pairs))
        inside = (self.at[model.row] >= 0) & (place[model.pair] >= 0)
        draft.enter(self.at[model.row[inside]], place[model.pair[inside]], model.sign[inside])
        for row, tier in zip(tier_row.tolist(), self.fixed, strict=True):
            own = problem.cost[tier][self.pairs]
            used = np.flatnonzero(own)
            draft.enter(np.full(len(used), row), used, own[used])
        for sign in (1.0, -1.0):
            self._pay(draft, tier_row, self.soft, sign, model.tier[self.soft], model.weight[self.soft])
        if len(self.filled):
            capacity = self.upper[self.filled]
            steps = [fill_steps(int(problem.seat_upper[seat]), problem.fill_weight)[:units] for seat, units in zip(self.filled, capacity, strict=True)]
            seat, turn = np.repeat(self.filled, capacity), spans(np.zeros_like(capacity), capacity)
            needed = turn < np.repeat(self.lower[self.filled], capacity)
            self._pay(draft, tier_row, seat, -1.0, np.full(len(seat), problem.fill_tier), np.concatenate(steps), most=1.0, least=needed)
        if goal.elastic:
            self._miss(draft, tier_row)
        return draft.program()

    def _pay(
        self, draft: Draft, tier_row: Sizes, row: Sizes, sign: float, tier: Sizes, unit: Sizes, *, most: float = np.inf, least: Flags | float = 0.0
    ) -> None:
        """Columns that move rows by `sign` and cost `unit` in a tier."""
        weight = np.array([self.goal.weights.get(int(t), 0.0) for t in tier])
        own = draft.columns(weight * unit, most=most, least=least) + np.arange(len(row))
        draft.enter(self.at[row], own, sign)
        for place, fixed in zip(tier_row.tolist(), self.fixed, strict=True):
            here = np.flatnonzero((tier == fixed) & (unit != 0))
            draft.enter(np.full(len(here), place), own[here], unit[here])

    def _miss(self, draft: Draft, tier_row: Sizes) -> None:
        """Columns that let every hard row, pin and fixed tier be missed; a filled seat may only be over-full."""
        hard = self.at[self.rows[self.model.tier[self.rows] < 0]]
        pinned, taken = np.flatnonzero(self.model.problem.must), np.unique(self.model.demand[self.case.taken])
        for rows, sign in ((np.concatenate([hard, pinned, tier_row]), 1.0), (np.concatenate([hard, taken, tier_row]), -1.0)):
            own = draft.columns(np.full(len(rows), self.goal.elastic)) + np.arange(len(rows))
            draft.enter(rows, own, sign)

    def decode(self, x: Floats, dual: Floats, cost: Floats, objective: float) -> Optimum:
        """Back to pairs, rows and tiers."""
        model, problem = self.model, self.model.problem
        d, r = problem.demands, len(self.rows)
        full = np.zeros(problem.pairs)
        full[self.pairs] = x[: len(self.pairs)]
        price = np.zeros(model.rows)
        price[self.rows] = -dual[d : d + r]
        multiplier = np.zeros(len(problem.tiers))
        reduced = cost - dual[:d][model.demand]
        for i, tier in enumerate(self.fixed):
            multiplier[tier] = -dual[d + r + i]
            reduced = reduced + multiplier[tier] * problem.cost[tier]
        reduced = reduced + np.bincount(model.pair, weights=price[model.row] * model.sign, minlength=problem.pairs)
        constant = sum(weight * int(problem.constant[tier]) for tier, weight in self.goal.weights.items())
        return Optimum(full, constant + objective, price, -dual[:d], reduced, multiplier, self.pairs)
