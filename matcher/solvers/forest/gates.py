"""The nodes of a nested problem and their gates: how many units may pass from each node to the next larger one, and at what price.

Node v < S is seat v, node S + i is row i of the nesting; there are N nodes, and the sink is N. A gate is a convex function of the units that
pass it, written as pieces of rising slope: hard bounds cost nothing, and a soft row costs in the tier `soft` only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matcher.problem import Problem
from matcher.solvers.nesting import Nesting

Sizes = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Gates:
    """Pieces of all gates, and what of them is allowed.

    Attributes
    ----------
    parent
        int32 per node.
    node, start, size, slope
        int64 per piece: units start+1 to start+size of the node's gate cost `slope` each in the tier `soft`.
    lower, upper
        int64 per node: the units that must and may pass.
    """

    parent: Codes
    node: Sizes
    start: Sizes
    size: Sizes
    slope: Sizes
    lower: Sizes
    upper: Sizes

    @property
    def nodes(self) -> int:
        """N."""
        return len(self.parent)

    def allowed(self) -> Gates:
        """The pieces between 0 and the upper bound, cut at the lower bound, by node and start: the first `lower` units are pieces of their own."""
        end = np.minimum(self.start + self.size, self.upper[self.node])
        cut = np.clip(self.lower[self.node], self.start, np.maximum(end, self.start))
        start, size = np.concatenate([self.start, cut]), np.concatenate([cut - self.start, end - cut])
        used = np.flatnonzero(size > 0)
        node, slope = np.tile(self.node, 2)[used], np.tile(self.slope, 2)[used]
        order = np.lexsort((start[used], node))
        return replace(self, node=node[order], start=start[used][order], size=size[used][order], slope=slope[order])

    def forced(self) -> npt.NDArray[np.bool_]:
        """Per piece: it lies below the lower bound (of pieces that `allowed` has cut)."""
        return self.start < self.lower[self.node]

    def first_piece(self) -> Sizes:
        """int64, N+1: the pieces of node v are first_piece[v] to first_piece[v+1] (of pieces sorted by node)."""
        return np.concatenate(([0], np.cumsum(np.bincount(self.node, minlength=self.nodes)))).astype(np.int64)

    def depth(self) -> Sizes:
        """How many nodes lie above each node, the sink included."""
        up = np.append(self.parent, self.nodes)
        depth, at = np.zeros(self.nodes, dtype=np.int64), np.arange(self.nodes)
        while (at < self.nodes).any():
            depth += at < self.nodes
            at = up[at]
        return depth

    def passing(self, units: Sizes) -> Sizes:
        """Units through each gate, from the units that start at each node. O(nodes x depth)."""
        total, depth = units.copy(), self.depth()
        for level in range(int(depth.max(initial=0)), 1, -1):
            nodes = np.flatnonzero(depth == level)
            np.add.at(total, self.parent[nodes], total[nodes])
        return total


def gates_of(problem: Problem, nesting: Nesting) -> Gates:
    """The gates of a problem whose rows all lie on the side of the seats."""
    seats = problem.seats
    lower = np.concatenate([problem.seat_lower, np.zeros(len(nesting.rows), dtype=np.int64)])
    upper = np.concatenate([np.maximum(problem.seat_upper, 0), np.zeros(len(nesting.rows), dtype=np.int64)])
    node, start, size, slope = [np.arange(seats)], [np.zeros(seats)], [upper[:seats]], [np.zeros(seats)]
    for i, index in enumerate(nesting.rows):
        row, most = problem.rows[index], nesting.size[i]
        if row.weight is None:
            # A minimum above what there is keeps its full width: the room that stays empty is what proves it out of reach.
            lower[seats + i], upper[seats + i] = row.lower, max(0, min(most, row.upper), row.lower)
            points, slopes = [0, int(upper[seats + i])], [0]
        else:
            upper[seats + i] = most
            points = sorted({0, most, *(min(most, max(0, point)) for point in (row.lower, row.upper))})
            slopes = [(-row.weight if a < row.lower else 0) + (row.weight if a >= row.upper else 0) for a in points[:-1]]
        node.append(np.full(len(slopes), seats + i))
        start.append(np.array(points[: len(slopes)]))
        size.append(np.diff(np.array(points)))
        slope.append(np.array(slopes))
    whole = [np.concatenate(part).astype(np.int64) for part in (node, start, size, slope)]
    return Gates(nesting.parent[: seats + len(nesting.rows)], whole[0], whole[1], whole[2], whole[3], lower, upper)
