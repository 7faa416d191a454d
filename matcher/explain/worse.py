"""Which goal a possible move would harm: the first tier whose value it makes worse."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.explain.bounds import Bounds, Codes, Sizes, bounds_of
from matcher.problem import Problem


def first_worse(problem: Problem, chosen: Codes, demand: Codes, moves: npt.NDArray[np.intp]) -> Codes:
    """For demands with pairs that they could move to (`moves`, sorted): the first tier that the first of these moves would make worse, or -1.

    The move changes the pair's own costs, the penalties of soft rows and the even fill of two seats. In an optimal answer the first tier that it changes
    becomes worse. O(tiers x demands + entries of soft rows).
    """
    tier = np.full(problem.demands, -1, dtype=np.int32)
    who, first = np.unique(demand[moves], return_index=True)
    if not len(who):
        return tier
    pair, own = moves[first], chosen[who]
    change = problem.cost[:, pair].astype(np.int64) - np.where(own >= 0, problem.cost[:, own], 0)
    _add_penalties(problem, chosen, pair, own, change)
    if problem.fill_tier >= 0:
        change[problem.fill_tier] += problem.fill_weight * _fill(problem, chosen, pair, own)
    step = (change != 0).argmax(axis=0)
    worse = change[step, np.arange(len(who))] > 0
    tier[who[worse]] = step[worse]
    return tier


def _add_penalties(problem: Problem, chosen: Codes, pair: npt.NDArray[np.intp], own: Codes, change: Sizes) -> None:
    """Add to `change` (tiers x moves) what the moves from `own` (-1: nothing) to `pair` change in the penalties of soft rows."""
    if all(row.weight is None for row in problem.rows) and all(family.weight is None for family in problem.families):
        return
    move = np.full(problem.pairs, -1, dtype=np.int32)
    step = np.zeros(problem.pairs, dtype=np.int8)
    leaves = np.flatnonzero(own >= 0)
    move[own[leaves]], step[own[leaves]] = leaves, -1
    move[pair], step[pair] = np.arange(len(pair)), 1
    for bounds in bounds_of(problem, chosen):
        if bounds.weight is not None and bounds.tier >= 0:
            change[bounds.tier] += _penalties(bounds, move, step, len(pair))


def _penalties(bounds: Bounds, move: Codes, step: npt.NDArray[np.int8], moves: int) -> Sizes:
    """By how much the penalties of some rows change by each move; `move` and `step` say of each pair whether one leaves (-1) or takes (1) it."""
    entry = np.flatnonzero(step[bounds.pairs])
    key, at = np.unique(bounds.group[entry] * np.int64(moves) + move[bounds.pairs[entry]], return_inverse=True)
    shift = np.zeros(len(key), dtype=np.int64)
    np.add.at(shift, at, bounds.sign[entry] * step[bounds.pairs[entry]])
    group, who = np.divmod(key, moves)
    count = bounds.count[group]
    change = np.zeros(moves, dtype=np.int64)
    np.add.at(change, who, bounds.paid(count + shift, group) - bounds.paid(count, group))
    return change


def _fill(problem: Problem, chosen: Codes, pair: npt.NDArray[np.intp], own: Codes) -> Sizes:
    """By how much the even fill changes, in units: the seat that is taken has one pair more, the seat that is left one fewer."""
    filled = np.bincount(problem.seat[chosen[chosen >= 0]], minlength=problem.seats)
    capacity = np.maximum(problem.seat_upper, 1)
    goal, left = problem.seat[pair], problem.seat[own]
    gained = 100 * (filled[goal] + 1) // capacity[goal]
    given = np.where(own >= 0, 100 * filled[left] // capacity[left], 0)
    change: Sizes = gained - given
    return change
