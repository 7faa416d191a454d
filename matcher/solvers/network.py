"""A nested problem as a flow network.

Nodes: demands 0..D-1; then the nodes of `Nesting` (seats, rows, sink), shifted by D. Every demand that has a pair supplies one unit, and
all units end in the sink: over a pair, its seat and the rows above it; or, for a demand that stays unmatched, over the demand-side rows
that hold the demand, which count how many of theirs are *not* matched.

An arc has bounds lower <= flow <= upper and a cost per tier. A soft row is several parallel arcs with rising cost (a convex penalty).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.problem import Problem, Row
from matcher.solvers.nesting import DEMAND_SIDE, Nesting

Codes = npt.NDArray[np.int32]
Sizes = npt.NDArray[np.int64]

INFEASIBLE = "infeasible"
"""The single tier of the question "how much of the minimums must be missed?"."""


@dataclass(frozen=True, eq=False)
class Network:
    """Arcs in three runs: the P pairs (arc p is pair p), the unmatched arcs, the bounded arcs of seats and rows.

    Attributes
    ----------
    tiers
        Names of the K tiers of `cost`.
    tail, head
        int32 per arc.
    lower, upper
        int64 per arc.
    cost
        int32, K x arcs.
    supply
        int64 per node.
    demands, pairs, unmatched
        D, P and the number of unmatched arcs.
    gate
        int32 per seat and then per row of the nesting: the tail node and head node of its bounded arcs are tail[gate], head[gate].
    mirrored
        bool, as `gate`: the arc counts unmatched demands, so the price changes its sign.
    plain
        bool per demand: its pairs leave the demand itself (no demand-side row lies within it).
    wanted
        Of an elastic network: the sum of the minimums that are wishes here; with the cost of a flow it counts what is missed.
    """

    tiers: tuple[str, ...]
    tail: Codes
    head: Codes
    lower: Sizes
    upper: Sizes
    cost: npt.NDArray[np.int32]
    supply: Sizes
    demands: int
    pairs: int
    unmatched: int
    gate: Codes
    mirrored: npt.NDArray[np.bool_]
    plain: npt.NDArray[np.bool_]
    wanted: int = 0

    @property
    def sink(self) -> int:
        """The node where all units end."""
        return len(self.supply) - 1


@dataclass(frozen=True)
class _Gate:
    """The parallel arcs of one seat or row: capacities, costs in the tier `soft`, and the lower bound (on a single arc only).

    `beyond` is how far the upper bound lies below zero: a demand-side row that asks for more matched demands than it has.
    """

    capacities: list[int]
    slopes: list[int]
    lower: int = 0
    beyond: int = 0


def _hard(lower: int, upper: int) -> _Gate:
    return _Gate([max(0, upper)], [0], lower, max(0, -upper))


def _convex(low: int, high: int, weight: int, size: int, *, mirrored: bool) -> _Gate:
    """Penalty weight * (below low + above high) over 0..size, as arcs of rising slope; mirrored: over size - x instead of x."""
    points = sorted({0, size, *(min(size, max(0, point)) for point in (low, high))})
    pieces = [(b - a, (-weight if a < low else 0) + (weight if a >= high else 0)) for a, b in itertools.pairwise(points)]
    if mirrored:
        pieces = [(length, -slope) for length, slope in reversed(pieces)]
    return _Gate([length for length, _ in pieces] or [0], [slope for _, slope in pieces] or [0])


def _elastic(gate: _Gate, *, mirrored: bool, size: int) -> tuple[_Gate, int]:
    """A gate that only asks how much of the row's minimum must be missed, and the constant of that count.

    The minimum is a wish: each unit towards it is worth one. Mirrored, "at least l matched" reads "at most size - l unmatched", and each unit beyond costs one.
    """
    room = sum(gate.capacities)
    if mirrored:
        return _Gate([room, size - room], [0, 1], min(gate.lower, room)), gate.beyond
    # A minimum above what there is keeps its full width: the room that stays empty is what proves it out of reach.
    return _Gate([gate.lower, max(0, room - gate.lower)], [-1, 0]), gate.lower


def build(problem: Problem, nesting: Nesting, *, elastic: bool = False) -> Network:
    """The network of a nested problem; with `elastic` the one that asks how much of the minimums must be missed.

    O(pairs + seats + rows).
    """
    d, p = problem.demands, problem.pairs
    demand = problem.demand_of_pair()
    active = np.diff(problem.first_pair) > 0
    free = np.flatnonzero(active if elastic else active & ~problem.must).astype(np.int32)
    gates = _gates(problem, nesting)
    sizes = [0] * problem.seats + list(nesting.size)
    mirrored = np.array([False] * problem.seats + [s == DEMAND_SIDE and not w for s, w in zip(nesting.side, nesting.within, strict=True)], dtype=np.bool_)
    wanted = 0
    if elastic:
        wishes = [_elastic(gate, mirrored=bool(mirrored[i]), size=sizes[i]) for i, gate in enumerate(gates)]
        gates, wanted = [gate for gate, _ in wishes], sum(constant for _, constant in wishes)
    count = np.array([len(gate.capacities) for gate in gates], dtype=np.int64)
    tail_of, head_of = _ends(problem, nesting, demand)
    tail = np.concatenate([np.where(nesting.pair_from >= 0, d + nesting.pair_from, demand), free, np.repeat(tail_of, count)]).astype(np.int32)
    head = np.concatenate([d + nesting.pair_leaf, d + nesting.unplaced[free], np.repeat(head_of, count)]).astype(np.int32)
    upper = np.concatenate([np.ones(p + len(free), dtype=np.int64), np.array([c for gate in gates for c in gate.capacities], dtype=np.int64)])
    lower = np.zeros(len(tail), dtype=np.int64)
    first = np.cumsum(count) - count + p + len(free)
    lower[first] = np.minimum([0 if elastic and not mirrored[i] else gate.lower for i, gate in enumerate(gates)], upper[first])
    slopes = np.array([s for gate in gates for s in gate.slopes], dtype=np.int32)
    tiers = (INFEASIBLE,) if elastic else problem.tiers
    cost = np.zeros((len(tiers), len(tail)), dtype=np.int32)
    if elastic:
        cost[0, p : p + len(free)] = problem.must[free]
        cost[0, p + len(free) :] = slopes
    else:
        cost[:, :p] = problem.cost
        if "soft" in tiers:
            cost[tiers.index("soft"), p + len(free) :] = slopes
    supply = np.zeros(d + len(nesting.parent), dtype=np.int64)
    supply[:d] = active
    supply[-1] = -int(active.sum())
    plain = np.ones(d, dtype=np.bool_)
    plain[demand[nesting.pair_from >= 0]] = False
    return Network(tiers, tail, head, lower, upper, cost, supply, d, p, len(free), first.astype(np.int32), mirrored, plain, wanted)


def _gates(problem: Problem, nesting: Nesting) -> list[_Gate]:
    """A gate for every seat, then for every row of the nesting."""
    seats = [_hard(int(low), int(high)) for low, high in zip(problem.seat_lower, problem.seat_upper, strict=True)]
    rows = []
    for i, index in enumerate(nesting.rows):
        row: Row = problem.rows[index]
        size = nesting.size[i]
        mirrored = nesting.side[i] == DEMAND_SIDE and not nesting.within[i]
        if row.weight is not None:
            rows.append(_convex(row.lower, row.upper, row.weight, size, mirrored=mirrored))
        elif mirrored:
            rows.append(_hard(size - min(size, row.upper), size - row.lower))
        else:
            rows.append(_hard(row.lower, min(size, row.upper)))
    return seats + rows


def _ends(problem: Problem, nesting: Nesting, demand: Codes) -> tuple[Codes, Codes]:
    """Tail and head node of each gate."""
    d = problem.demands
    nodes = np.arange(problem.seats + len(nesting.rows), dtype=np.int32)
    tail, head = d + nodes, d + nesting.parent[nodes]
    for i, index in enumerate(nesting.rows):
        node = problem.seats + i
        if nesting.side[i] == DEMAND_SIDE and nesting.within[i]:
            above = nesting.parent[node]
            owner = demand[problem.rows[index].pairs[0]]
            # Inside a demand units flow from the larger set into the smaller one.
            tail[node], head[node] = (d + above if above >= 0 else owner), d + node
    return tail.astype(np.int32), head.astype(np.int32)
