"""Edges that were refused, written down at the node they lead to."""

from __future__ import annotations

from typing import Any

from matcher.solvers.forest.compiled import bare, piece
from matcher.solvers.forest.edges import demand_of, entry_of, gate
from matcher.solvers.forest.state import FILLED, HOLDING, SPARE, USED, Forest, Graph, Matching, Notes, Sizes


@bare
def noted(e: Any, q: Any, g: Graph, m: Matching, f: Forest, n: Notes) -> Any:
    """Of an edge that was listed at node q: its item, its group, its gain, and whether it is still there and marked (otherwise only the group is right)."""
    if e < g.lists:
        group = e >> g.log
        w = m.rows[e]
        if w & g.mask != 2 * q + 1:
            return 0, group, 0, False
        x = m.node_of[group]
        return x, group, w >> g.bits, x != q
    if e < g.tails:
        group = e >> g.log
        d = group - g.slots
        # These are the demand's own until it holds a slot.
        there = f.state[d] != HOLDING
        return g.nodes + d, group, (g.entry[entry_of(e, g)] >> g.bits) + g.base[d] if there else 0, there
    if e < g.gates:
        j = e - g.tails
        d = demand_of(g.first, j)
        w = g.entry[j]
        if f.state[d] != HOLDING:
            return g.nodes + d, g.slots + d, (w >> g.bits) + g.base[d], w & 1 == 1
        s = m.seat[d]
        own = g.first[d] + m.chosen[s]
        if j == own:
            g.entry[j] = w & ~1
        return m.node_of[s], s, (w >> g.bits) - (g.entry[own] >> g.bits), w & 1 == 1 and j != own
    x, _, gain, there = gate(e - g.gates, g, m)
    n.gate_listed[e - g.gates] &= there
    return x, g.ends + x, gain, n.gate_listed[e - g.gates]


@bare
def unmark(e: Any, g: Graph, m: Matching, n: Notes) -> None:
    """The edge is not listed any more."""
    if e < g.lists:
        m.rows[e] &= ~1
    elif e < g.gates:
        g.entry[entry_of(e, g)] &= ~1
    else:
        n.gate_listed[e - g.gates] = False


@piece
def _cell(e: Any, n: Notes, box: Sizes) -> Any:
    """A cell for edge e, and nothing behind it."""
    at = box[SPARE]
    if at >= 0:
        box[SPARE] = n.cell[at, 1]
    else:
        at = box[FILLED]
        box[FILLED] += 1
    box[USED] += 1
    n.cell[at, 0], n.cell[at, 1] = e, -1
    return at


@piece
def note(e: Any, q: Any, n: Notes, box: Sizes) -> None:
    """Write edge e, which is tight, down at node q."""
    at = _cell(e, n, box)
    if n.oldest[q] < 0:
        n.oldest[q] = at
    else:
        n.cell[n.newest[q], 1] = at
    n.newest[q] = at


@piece
def note_far(e: Any, q: Any, n: Notes, box: Sizes) -> None:
    """Write edge e, which has slack, down at node q."""
    at = _cell(e, n, box)
    n.cell[at, 1] = n.far[q]
    n.far[q] = at


@piece
def any_noted(q: Any, n: Notes) -> Any:
    """Whether some edge is written down at node q."""
    return n.oldest[q] >= 0 or n.far[q] >= 0


@bare
def pop(q: Any, n: Notes, box: Sizes) -> Any:
    """An edge that is written down at node q, which is so no longer: the tight ones first."""
    at = n.oldest[q]
    if at >= 0:
        n.oldest[q] = n.cell[at, 1]
    else:
        at = n.far[q]
        n.far[q] = n.cell[at, 1]
    drop(at, n, box)
    return n.cell[at, 0]


@bare
def drop(at: Any, n: Notes, box: Sizes) -> None:
    """Give the cell of a note back."""
    n.cell[at, 1] = box[SPARE]
    box[SPARE] = at
    box[USED] -= 1
