"""Whether the rows of a problem nest, so that a flow can carry them.

A flow from demands to seats can also carry rows (pools, quotas) when their sets of pairs can be divided over two families, each laminar
(any two sets are disjoint or nested): the *seat side*, which holds the seats and any unions or parts of single seats, and the *demand
side*, which holds the demands and any unions or parts of single demands. The constraint matrix of two laminar families is a network matrix,
hence totally unimodular: the flow's answer is whole by itself (Edmonds 1970; Schrijver 2003, Combinatorial Optimization, section 13.4).

Sets are compared as sets of *eligible pairs*, not as filters: a quota on programme and sector nests wherever the data make it nest.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.problem import Problem, Row

Codes = npt.NDArray[np.int32]

SEAT_SIDE = 0
DEMAND_SIDE = 1


@dataclass(frozen=True, eq=False)
class Nesting:
    """Where each row hangs.

    Nodes are numbered: seats 0..S-1, row i at S + i, the sink at S + len(rows).

    Attributes
    ----------
    rows
        The rows that can bind, as indices into `problem.rows`.
    side
        SEAT_SIDE or DEMAND_SIDE per row.
    within
        Per row: it is a part of one seat (of one demand), not a union of them.
    size
        Per row: the number of demands with a pair in it.
    parent
        int32 per node: the next larger set on its side (the sink at the top). For a demand-side row within a demand: the enclosing row, or -1 for the demand.
    pair_leaf
        int32 per pair: the smallest seat-side node that holds it.
    pair_from
        int32 per pair: the smallest demand-side row within its demand that holds it, as a node; -1 for the demand itself.
    unplaced
        int32 per demand: the smallest demand-side union that holds it, as a node, else the sink: where it goes when it stays unmatched.
    """

    rows: tuple[int, ...]
    side: tuple[int, ...]
    within: tuple[bool, ...]
    size: tuple[int, ...]
    parent: Codes
    pair_leaf: Codes
    pair_from: Codes
    unplaced: Codes


@dataclass(frozen=True)
class Crossing:
    """Rows that cannot be nested: `row` crosses `other`, or (other None) crosses seats and demands alike."""

    row: int
    other: int | None


def demands_in(problem: Problem, row: Row, demand_of_pair: Codes) -> int:
    """How many demands have a pair in the row: no matching can count more."""
    marked = np.zeros(problem.demands, dtype=np.bool_)
    marked[demand_of_pair[row.pairs]] = True
    return int(np.count_nonzero(marked))


def can_bind(problem: Problem, row: Row, size: int) -> bool:
    """Whether the row can ever be felt: a maximum that demands or seats keep anyway, or no minimum, cannot."""
    seats = np.unique(problem.seat[row.pairs])
    most = min(size, int(np.minimum(problem.seat_upper[seats], size).sum()))
    return row.lower > 0 or row.upper < most


def nest(problem: Problem) -> Nesting | Crossing:
    """Divide the rows over the two sides. O(rows x (demands + seats)) to look at them, and their common pairs (`_intersections`)."""
    demand_of_pair = problem.demand_of_pair()
    sizes = [demands_in(problem, row, demand_of_pair) for row in problem.rows]
    binding = [i for i, row in enumerate(problem.rows) if can_bind(problem, row, sizes[i])]
    rows = [problem.rows[i] for i in binding]
    offers, asks = np.bincount(problem.seat, minlength=problem.seats), np.diff(problem.first_pair)
    seat_shape = [_shape(row, problem.seat, offers) for row in rows]
    demand_shape = [_shape(row, demand_of_pair, asks) for row in rows]
    allowed = [(seat is not None, demand is not None) for seat, demand in zip(seat_shape, demand_shape, strict=True)]
    for i, (seat_ok, demand_ok) in enumerate(allowed):
        if not seat_ok and not demand_ok:
            return Crossing(binding[i], None)
    common = _intersections(problem.pairs, rows)
    side = _two_sides(allowed, common, [len(row.pairs) for row in rows])
    if isinstance(side, tuple):
        return Crossing(binding[side[0]], binding[side[1]])
    within = [bool(seat_shape[i] if side[i] == SEAT_SIDE else demand_shape[i]) for i in range(len(rows))]
    return _hang(problem, demand_of_pair, rows, side, within, common, tuple(binding), tuple(sizes[i] for i in binding))


def _shape(row: Row, owner: Codes, total: npt.NDArray[np.int64]) -> bool | None:
    """How the row lies to the owners of pairs (seats or demands; `total` pairs each): False a union of whole owners, True a part of one, None neither."""
    inside = np.bincount(owner[row.pairs], minlength=len(total))
    touched = np.flatnonzero(inside)
    if len(touched) == 0:
        return False
    if (inside[touched] == total[touched]).all():
        return False
    return True if len(touched) == 1 else None


def _intersections(pairs: int, rows: list[Row]) -> list[dict[int, int]]:
    """Per row, the rows that share pairs with it, and how many (itself included).

    Refines the classes of pairs that lie in the same rows, row by row: O(t log t + c r^2) for rows of t pairs together, c classes, and at most
    r rows that hold one pair.
    """
    klass = np.zeros(pairs, dtype=np.int64)
    rows_of: list[tuple[int, ...]] = [()]
    for i, row in enumerate(rows):
        old, turn = np.unique(klass[row.pairs], return_inverse=True)
        klass[row.pairs] = len(rows_of) + turn
        rows_of += [(*rows_of[k], i) for k in old.tolist()]
    common: list[dict[int, int]] = [{} for _ in rows]
    for k, count in enumerate(np.bincount(klass, minlength=len(rows_of)).tolist()):
        for i in rows_of[k] if count else ():
            for j in rows_of[k]:
                common[i][j] = common[i].get(j, 0) + count
    return common


def _two_sides(allowed: list[tuple[bool, bool]], common: list[dict[int, int]], sizes: list[int]) -> list[int] | tuple[int, int]:
    """Colour the rows with two sides so that rows that cross lie on different ones; the pair that cannot be parted where that is impossible."""
    crosses = [[j for j, shared in sorted(common[i].items()) if shared < min(sizes[i], sizes[j])] for i in range(len(allowed))]
    side = [-1] * len(allowed)
    for start in range(len(allowed)):
        if side[start] >= 0:
            continue
        component, clash = _colour(start, crosses)
        if clash is not None:
            return clash
        first = next((flip for flip in (SEAT_SIDE, DEMAND_SIDE) if all(allowed[i][colour ^ flip] for i, colour in component.items())), None)
        if first is None:
            return _clash(component, allowed, crosses)
        for i, colour in component.items():
            side[i] = colour ^ first
    return side


def _colour(start: int, crosses: list[list[int]]) -> tuple[dict[int, int], tuple[int, int] | None]:
    """Breadth-first 2-colouring of the rows that hang together by crossing."""
    colour = {start: 0}
    queue = deque([start])
    while queue:
        i = queue.popleft()
        for j in crosses[i]:
            if j not in colour:
                colour[j] = 1 - colour[i]
                queue.append(j)
            elif colour[j] == colour[i]:
                return colour, (i, j)
    return colour, None


def _clash(component: dict[int, int], allowed: list[tuple[bool, bool]], crosses: list[list[int]]) -> tuple[int, int]:
    """Two crossing rows to name in the refusal: preferably both bound to one side."""
    for i in component:
        for j in crosses[i]:
            if allowed[i] == allowed[j] and allowed[i] != (True, True):
                return i, j
    i = next(iter(component))
    return i, next(iter(crosses[i]), i)


def _hang(
    problem: Problem,
    demand_of_pair: Codes,
    rows: list[Row],
    side: list[int],
    within: list[bool],
    common: list[dict[int, int]],
    binding: tuple[int, ...],
    sizes: tuple[int, ...],
) -> Nesting:
    """Build both forests: every row under the smallest row of its side and kind that holds it."""
    seats, sink = problem.seats, problem.seats + len(rows)
    place = [(len(row.pairs), i) for i, row in enumerate(rows)]
    parent = np.full(sink + 1, sink, dtype=np.int32)
    pair_leaf = problem.seat.copy()
    pair_from = np.full(problem.pairs, -1, dtype=np.int32)
    unplaced = np.full(problem.demands, sink, dtype=np.int32)
    for i, row in enumerate(rows):
        alike = ((j, shared) for j, shared in common[i].items() if (side[j], within[j]) == (side[i], within[i]))
        holders = [place[j] for j, shared in alike if shared == len(row.pairs) and place[j] > place[i]]
        if holders:
            parent[seats + i] = seats + min(holders)[1]
        elif within[i] and len(row.pairs):
            parent[seats + i] = problem.seat[row.pairs[0]] if side[i] == SEAT_SIDE else -1
    # From the largest set to the smallest, so that the smallest has the last word.
    for _, i in sorted(place, reverse=True):
        if side[i] == SEAT_SIDE and within[i]:
            pair_leaf[rows[i].pairs] = seats + i
        elif side[i] == SEAT_SIDE:
            parent[np.unique(problem.seat[rows[i].pairs])] = seats + i
        elif within[i]:
            pair_from[rows[i].pairs] = seats + i
        else:
            unplaced[np.unique(demand_of_pair[rows[i].pairs])] = seats + i
    return Nesting(binding, tuple(side), tuple(within), sizes, parent, pair_leaf, pair_from, unplaced)
