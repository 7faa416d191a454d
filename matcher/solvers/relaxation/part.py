"""The program of some demands while the rest of the matching stays: what is left of each row, and every hard bound elastic at a high price."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from matcher.solvers.relaxation.model import Codes, Model, Sizes, fill_steps, spans
from matcher.solvers.relaxation.program import Draft, Floats


class Part:
    """The columns and rows of one neighbourhood.

    Parameters
    ----------
    model
        All rows.
    weights, cost
        The weight of each tier, and what each pair costs with them (float, P).
    penalty
        What a unit costs by which a hard row is missed.
    pairs, fixed
        The pairs to choose from (sorted), and those that are matched already.
    """

    def __init__(self, model: Model, weights: Mapping[int, float], cost: Floats, penalty: float, pairs: Sizes, fixed: Codes) -> None:
        self.model, self.weights, self.cost, self.penalty, self.pairs = model, weights, cost, penalty, pairs
        first, row, sign = model.by_pair
        at = spans(first[pairs], first[pairs + 1])
        self.column = np.repeat(np.arange(len(pairs)), first[pairs + 1] - first[pairs])
        self.row, self.sign = row[at].astype(np.int64), sign[at]
        touched = np.zeros(model.rows, dtype=np.bool_)
        touched[self.row] = True
        filled = (np.arange(model.rows) < model.problem.seats) & (model.problem.fill_tier in weights)
        idle = (model.tier >= 0) & ~np.isin(model.tier, list(weights))
        self.rows = np.flatnonzero(touched & (model.binding | filled) & ~idle)
        self.base = model.counts(fixed)[self.rows]

    def draft(self) -> Draft:
        """The program; its first columns are the pairs. O(entries of the pairs)."""
        model, draft = self.model, Draft()
        demands, turn = np.unique(model.demand[self.pairs], return_inverse=True)
        draft.columns(self.cost[self.pairs], most=1.0, whole=True)
        draft.enter(draft.rows(model.problem.must[demands], np.ones(len(demands))) + turn, np.arange(len(self.pairs)), 1.0)
        start = draft.rows(model.lower[self.rows] - self.base, model.upper[self.rows] - self.base)
        at = np.full(model.rows, -1, dtype=np.int64)
        at[self.rows] = start + np.arange(len(self.rows))
        inside = at[self.row] >= 0
        draft.enter(at[self.row[inside]], self.column[inside], self.sign[inside])
        over = self._slack(draft, at)
        self._open_or_closed(draft)
        if model.problem.fill_tier in self.weights:
            self._fill(draft, over)
        return draft

    def _slack(self, draft: Draft, at: Sizes) -> Sizes:
        """Columns for what rows miss or exceed; int64, one per row: the column of what it exceeds, -1 where there is none.

        A soft row has them where it can leave its bounds. A hard row needs them where nothing chosen would break it: the solver is quicker without any.
        """
        model, rows = self.model, self.rows
        entered = at[self.row] >= 0
        place, sign = at[self.row[entered]] - at[rows[0]] if len(rows) else at[:0], self.sign[entered]
        gain, loss = (np.bincount(place[sign == way], minlength=len(rows)) for way in (1, -1))
        soft, forced = model.tier[rows] >= 0, bool(model.problem.must[model.demand[self.pairs]].any())
        filled = (rows < model.problem.seats) & (model.problem.fill_tier in self.weights)
        short = np.where(soft, self.base - loss < model.lower[rows], (self.base < model.lower[rows]) | forced)
        beyond = np.where(soft, self.base + gain > model.upper[rows], (self.base > model.upper[rows]) | forced | filled)
        price = np.full(len(rows), self.penalty)
        price[soft] = [self.weights[int(t)] * int(w) for t, w in zip(model.tier[rows[soft]], model.weight[rows[soft]], strict=True)]
        over = np.full(len(rows), -1, dtype=np.int64)
        for way, needed in ((1.0, np.flatnonzero(short)), (-1.0, np.flatnonzero(beyond))):
            column = draft.columns(price[needed]) + np.arange(len(needed))
            draft.enter(at[rows[needed]], column, way)
            if way < 0:
                over[needed] = column
        return over

    def _counts(self, draft: Draft, rows: Sizes, block: int) -> None:
        """Enter the pairs of some rows into the rows of a block."""
        place = np.full(self.model.rows, -1, dtype=np.int64)
        place[self.rows[rows]] = block + np.arange(len(rows))
        inside = place[self.row] >= 0
        draft.enter(place[self.row[inside]], self.column[inside], 1.0)

    def _open_or_closed(self, draft: Draft) -> None:
        """A seat is open, and holds at least its minimum (what is missing costs the penalty), or it is closed, and holds nobody."""
        rows = np.flatnonzero(self.model.minimum[self.rows] > 0)
        if not len(rows):
            return
        minimum, most, turn = self.model.minimum[self.rows[rows]], np.maximum(self.model.upper[self.rows[rows]], 0), np.arange(len(rows))
        opened = draft.columns(np.zeros(len(rows)), most=1.0, whole=True)
        missed = draft.columns(np.full(len(rows), self.penalty))
        for bound, low, high in ((minimum, -self.base[rows], np.inf), (np.maximum(most, self.base[rows]), -np.inf, -self.base[rows])):
            block = draft.rows(low, high)
            self._counts(draft, rows, block)
            draft.enter(block + turn, opened + turn, -bound)
            if high is np.inf:
                draft.enter(block + turn, missed + turn, 1.0)

    def _fill(self, draft: Draft, over: Sizes) -> None:
        """Each further pair of a seat takes a unit of rising cost, or a place that is one too many."""
        problem = self.model.problem
        rows = np.flatnonzero(self.rows < problem.seats)
        seats, base = self.rows[rows], self.base[rows]
        left = np.maximum(self.model.upper[seats] - base, 0)
        steps = [fill_steps(int(problem.seat_upper[s]), problem.fill_weight)[b : b + n] for s, b, n in zip(seats, base, left, strict=True)]
        block = draft.rows(np.full(len(rows), -np.inf), np.zeros(len(rows)))
        self._counts(draft, rows, block)
        units = draft.columns(self.weights[problem.fill_tier] * np.concatenate([*steps, np.empty(0)]), most=1.0)
        draft.enter(block + np.repeat(np.arange(len(rows)), left), units + np.arange(int(left.sum())), -1.0)
        draft.enter(block + np.arange(len(rows)), over[rows], -1.0)
