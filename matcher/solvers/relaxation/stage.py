"""The linear program behind a bound: one objective over the pairs that may be worth it, priced against all others until none improves it.

Column generation (Gilmore and Gomory 1961, doi:10.1287/opre.9.6.849) over the pairs: the program is solved over some of them; its duals price all the others at
once, and those that would improve it join. When none does, the duals are the optimum's over all pairs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matcher.solvers.relaxation.leaf import DENOMINATOR, LARGEST, Case, Prices
from matcher.solvers.relaxation.model import Model, fill_steps, spans
from matcher.solvers.relaxation.program import BASIC, LOWER, Basis, Draft, Floats, Program, Relaxed, SolverFailed, Statuses, relax

WHOLE = 1e-6
"""A count that is so near to a whole number is taken as one."""

LACK = 0.5
"""What a guide may lack, in units of the lightest weight."""

HARDLY = 0.02
"""So few of the pairs are hardly any."""

MISSED = 1e-5
"""Less than this is missed by the accuracy of the solver, not by need."""

NAMES = 1 << 40
"""Names of one kind are below this."""

LENDS = 3
"""A team's first member is set against each of the others in turn: so many passes balance most teams."""

Sizes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

ALL = 60_000
"""So many pairs are taken into the program at once."""

IMPROVES = 1e-6
"""A reduced cost below minus this joins the program."""

EAGER = 3
"""So many pairs of a demand, those of the least reduced costs, may join the program at once."""


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
        float, P: the reduced cost of each pair; negative only for pairs that the case takes or leaves out.
    multiplier
        float, K: of the fixed tiers.
    pairs
        int64: the pairs in the program, a good start for a similar one.
    stand
        Where the simplex method stood, None where it is not known.
    missed
        Nothing keeps all bounds and fixed values: this is the optimum of the program that makes as little as possible of what is missed.
    """

    x: Floats
    value: float
    price: Floats
    must_price: Floats
    reduced: Floats
    multiplier: Floats
    pairs: Sizes
    stand: Stand | None = None
    missed: bool = False

    @cached_property
    def fractional(self) -> Flags:
        """bool, P: pairs that are neither taken nor left."""
        return (self.x > WHOLE) & (self.x < 1 - WHOLE)

    @cached_property
    def torn(self) -> int:
        """How many pairs are neither taken nor left."""
        return int(np.count_nonzero(self.fractional))

    def prices(self, case: Case, denominator: int = DENOMINATOR) -> Prices:
        """As whole numbers over the denominator, for the exact bound."""
        pair = np.where(case.taken, -self.reduced, 0.0)
        row, own, multiplier = (np.rint(np.clip(part * denominator, -LARGEST, LARGEST)).astype(np.int64) for part in (self.price, pair, self.multiplier))
        return Prices(row, own, multiplier, denominator)


@dataclass(frozen=True, eq=False)
class Stand:
    """A basis by names of columns and rows (int64, sorted), so that it can be taken over into a program that has others besides."""

    column: Sizes
    row: Sizes
    basis: Basis

    def within(self, column: Sizes, row: Sizes) -> Basis:
        """The basis of a program: its new columns are at their lower bounds, and what is new in its rows is basic.

        What is basic is as many as there are rows: rows fill up what columns have taken with them, and the last columns make room.
        """
        own, slack = _taken_over(self.column, self.basis.column, column, LOWER), _taken_over(self.row, self.basis.row, row, BASIC)
        more = len(row) - np.count_nonzero(own == BASIC) - np.count_nonzero(slack == BASIC)
        slack[np.flatnonzero(slack != BASIC)[: max(0, more)]] = BASIC
        own[np.flatnonzero(own == BASIC)[len(own) if more >= 0 else more :]] = LOWER
        return Basis(own, slack)


def _taken_over(known: Sizes, status: Statuses, names: Sizes, otherwise: int) -> Statuses:
    at = np.minimum(np.searchsorted(known, names), len(known) - 1)
    return np.where(known[at] == names, status[at], otherwise).astype(np.int8)


def optimum(
    model: Model,
    goal: Goal,
    case: Case,
    start: Optimum | Sizes | None = None,
    enough: Callable[[Optimum], bool] | None = None,
    *,
    until: float = math.inf,
) -> Optimum:
    """Solve a relaxation over all pairs; where the case leaves it no solution, find what must be missed (`Optimum.missed`).

    `start` are the pairs to begin with, or the optimum of a similar program; otherwise the pairs that are best for their demands. Pricing stops early where the
    duals so far are good `enough` (without a word on that: where what they lack is less than a unit of the lightest weight), or at the time `until`.

    Raises
    ------
    SolverFailed
        The solvers give up: the costs are too huge for floating point, or it is too late.
    """
    problem = model.problem
    cost = model.weighted(goal.weights)
    pairs = np.arange(problem.pairs) if problem.pairs <= ALL else _with_partners(model, np.flatnonzero(_begin(model, cost, start) | case.taken))
    stand, near = start.stand if isinstance(start, Optimum) else None, False
    grain = LACK * min(goal.weights.values(), default=0.0) if enough is None else 0.0
    result: Optimum | None = None
    while True:
        shape = _Shape(model, goal, case, pairs)
        program = shape.program(cost)
        try:
            found = relax(program, None if stand is None else stand.within(*shape.names), near=near, until=until)
        except SolverFailed:
            if result is None:
                raise
            return result
        if found.status != "optimal":
            missed = _missed(model, goal, case, replace(start, pairs=pairs) if isinstance(start, Optimum) else pairs, until)
            new = np.setdiff1d(missed.pairs, pairs)
            if missed.value > MISSED or not len(new):
                return missed
            pairs, stand = np.union1d(pairs, new), missed.stand
            continue
        result = shape.decode(found, cost, float(program.cost @ found.x))
        if enough is not None and enough(result):
            return result
        _balance(model, case, result, pairs)
        joining, lack = _joining(model, result.reduced, ~(case.out | case.taken), pairs)
        if lack <= grain:
            return result
        near = len(joining) <= HARDLY * len(pairs)
        pairs, stand = _with_partners(model, np.union1d(pairs, joining)), result.stand


def _missed(model: Model, goal: Goal, case: Case, start: Optimum | Sizes, until: float) -> Optimum:
    """What must be missed at least: every hard bound and every fixed value is elastic, and nothing else costs anything."""
    if goal.elastic:
        raise SolverFailed
    return replace(optimum(model, Goal({}, goal.fixed, elastic=1.0), case, start, until=until), missed=True)


def _joining(model: Model, reduced: Floats, inside: Flags, pairs: Sizes) -> tuple[Sizes, float]:
    """The pairs outside the program that would improve it, the best few of every demand where they are many, and what the bound lacks by all of them at most.

    O(P + joining log joining).
    """
    improves = inside & (reduced < -IMPROVES)
    improves[pairs] = False
    joining = np.flatnonzero(improves)
    order = joining[np.lexsort((reduced[joining], model.demand[joining]))]
    owner = model.demand[order]
    turn = np.arange(len(order)) - np.searchsorted(owner, owner)
    lack = float(-reduced[order[turn == 0]].sum())
    return (joining if len(joining) <= model.problem.demands else order[turn < EAGER]), lack


def _with_partners(model: Model, pairs: Sizes) -> Sizes:
    """The pairs with those that a signed row sets against them: the dual of such a row means nothing while one side is missing. O(entries)."""
    chosen = np.zeros(model.problem.pairs, dtype=np.bool_)
    chosen[pairs] = True
    row, pair, _ = model.opposed
    touched = np.zeros(model.rows, dtype=np.bool_)
    touched[row[chosen[pair]]] = True
    chosen[pair[touched[row]]] = True
    return np.flatnonzero(chosen)


def _balance(model: Model, case: Case, result: Optimum, pairs: Sizes) -> None:
    """Choose the duals of signed rows none of whose pairs is in the program, so that one side lends the other what it can spare. O(entries).

    The program knows no such row, and any dual does for it; with the wrong one, pairs join that only cost time.
    """
    row, pair, sign = model.opposed
    chosen = np.zeros(model.problem.pairs, dtype=np.bool_)
    chosen[pairs] = True
    free = (model.tier < 0) & (case.lower == 0) & (case.upper == 0)
    free[row[chosen[pair]]] = False
    mine = free[row]
    row, pair, sign = row[mine], pair[mine], sign[mine]
    for _ in range(LENDS):
        least = np.full((2, model.rows), np.inf)
        np.minimum.at(least, (np.where(sign < 0, 1, 0), row), result.reduced[pair])
        plus, minus = least
        shift = np.where((plus < 0) & (minus > 0), np.minimum(-plus, minus), np.where((minus < 0) & (plus > 0), -np.minimum(-minus, plus), 0.0))
        result.price[:] += shift
        np.add.at(result.reduced, pair, shift[row] * sign)


def _begin(model: Model, cost: Floats, start: Optimum | Sizes | None) -> Flags:
    """The pairs to begin with: given ones, or the four cheapest of every demand; and those of teams, if they are few, for they are worth nothing one by one."""
    problem = model.problem
    chosen = np.zeros(problem.pairs, dtype=np.bool_)
    if start is not None:
        chosen[start.pairs if isinstance(start, Optimum) else start] = True
    else:
        order = np.lexsort((np.arange(problem.pairs), cost, model.demand))
        turn = np.arange(problem.pairs) - np.repeat(problem.first_pair[:-1], np.diff(problem.first_pair))
        chosen[order[turn < 4]] = True  # noqa: PLR2004  # measured: the optimum takes few beyond
    if np.count_nonzero(model.bound_together) <= EAGER * problem.demands:
        chosen |= model.bound_together
    return chosen


class _Shape:
    """Where rows and columns of one program stand.

    Rows: the demands, the rows that can bind or cost, the fixed tiers. Columns: the pairs, then what rows pay, then what is missed. Each has a name that it
    also has in similar programs: its kind, then its number.
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
        self._columns: list[Sizes] = [pairs]

    @property
    def names(self) -> tuple[Sizes, Sizes]:
        """The names of the columns and of the rows."""
        rows = [np.arange(self.model.problem.demands), self.rows, np.array(self.fixed, dtype=np.int64)]
        column, row = (np.concatenate([kind * NAMES + names for kind, names in enumerate(own)]) for own in (self._columns, rows))
        return column, row

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
        # A pair is taken at most once by its demand's row: a bound of its own would take a part of the dual. One that is out stays, for the basis may hold it.
        draft.columns(cost[self.pairs], most=np.where(self.case.out[self.pairs], 0.0, np.inf), least=self.case.taken[self.pairs])
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
        self._columns.append(row if np.isinf(most) else np.arange(len(row)))  # a filled seat has a column per place
        draft.enter(self.at[row], own, sign)
        for place, fixed in zip(tier_row.tolist(), self.fixed, strict=True):
            here = np.flatnonzero((tier == fixed) & (unit != 0))
            draft.enter(np.full(len(here), place), own[here], unit[here])

    def _miss(self, draft: Draft, tier_row: Sizes) -> None:
        """Columns that let every minimum, pin and fixed tier be missed. A maximum is never in the way of nobody, but for pairs that are taken already."""
        model = self.model
        hard = self.rows[model.tier[self.rows] < 0]
        used, taken = np.zeros(model.rows, dtype=np.bool_), self.case.taken
        used[model.row[taken[model.pair]]] = True
        short, beyond = hard[self.lower[hard] > np.minimum(model.least[hard], 0)], hard[used[hard] | (self.upper[hard] < 0)]
        pinned = np.flatnonzero(model.problem.must)
        for rows, sign in (
            (np.concatenate([self.at[short], pinned, tier_row]), 1.0),
            (np.concatenate([self.at[beyond], np.unique(model.demand[taken]), tier_row]), -1.0),
        ):
            own = draft.columns(np.full(len(rows), self.goal.elastic)) + np.arange(len(rows))
            self._columns.append(np.arange(len(rows)))
            draft.enter(rows, own, sign)

    def decode(self, found: Relaxed, cost: Floats, objective: float) -> Optimum:
        """Back to pairs, rows and tiers."""
        model, problem, x, dual = self.model, self.model.problem, found.x, found.dual
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
        stand = None if found.basis is None else Stand(*self.names, found.basis)
        return Optimum(full, constant + objective, price, -dual[:d], reduced, multiplier, self.pairs, stand)
