"""Everything the forest keeps, in five groups of arrays; all are made here, before the compiled loops run.

*Edges* have numbers: 0..lists-1 are *rows*, copies of the cheapest pairs of whoever holds a slot, beside the slot, so that a search reads
memory in order; lists..tails-1 are as many pairs of each demand while it holds none; tails..gates-1 are the pairs beyond, of whoever; gates+v
is the gate of node v upwards, gates+nodes+v the same gate downwards. An entry of a row is `gain << bits | node << 1 | listed`; all other
pairs are read, and marked as listed, in the demand's own list. Where everything fits, entries, rows and potentials have 32 bits instead of
64, and a row of sixteen is one line of the cache.

*Items* are nodes 0..nodes-1, then demands. What an item can look along are its *ends*: its slots (slots + d for a demand without one)
and the gates at it (ends + code). Nodes hang on *groups* of edges: an end that is a slot, or all gates at node v (ends + v).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.solvers.forest.entries import Entries
from matcher.solvers.forest.memory import side_by_side, some
from matcher.solvers.forest.radix import AT_ONCE, BUCKETS, IDLE

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]
Sizes = npt.NDArray[np.int64]

SPARE, FILLED, USED, EVENT, LOOSE, PATH, STEPS, ROOM, WORK = range(9)
"""Counters in `box`: the first spare note, the first never used, notes in use, ways walked, how many stand in the three buffers, room to
the sink, and ends looked along."""

WAITING, ROOT, HOLDING = range(3)
"""What a demand does: it has no slot and its least pair costs more than the level; it is the root of a tree; it holds a slot."""

MANY = 32
"""Nodes with more ends than this keep lists of those that changed; it is cheaper to run over all ends of the others."""

UNLINKED = -2
"""An end that is in no list; -1 is the last of a list."""


class Graph(NamedTuple):
    """What does not change.

    Attributes
    ----------
    first, entry, base
        Demand d owns entries first[d] to first[d+1], sorted: (cost - base[d]) << bits | node << 1 (`mask`: the bits below the cost); see entries.py.
        The last bit is used up: it tells that the pair is listed while it has no place in a row.
    width, log, pad, long
        Entries copied into a row, 1 << log; an entry of the node `nodes`, whose potential is out of reach; whether some demand has more entries than a row.
    lowest
        The least potential there is.
    parent, child_first, child
        The nodes above (`nodes` itself: the sink) and below.
    gate_first, gate_size, gate_slope
        Pieces of each gate, of rising slope.
    direct, room
        Nodes right under the sink, without children and with one piece of slope zero at most; how many places these have.
    many
        Nodes with more than MANY ends.
    slot_first, nodes, slots, lists, tails, gates, ends
        The slots of node v, and where the numbers begin.
    idle, most, limit
        What staying unmatched costs; more edges than any item has; how many ends to look along before giving up.
    """

    first: Sizes
    entry: Sizes
    base: Sizes
    bits: Any
    width: Any
    log: Any
    mask: Any
    pad: Any
    lowest: Any
    long: Any
    parent: Codes
    child_first: Sizes
    child: Codes
    gate_first: Sizes
    gate_size: Sizes
    gate_slope: Sizes
    direct: Flags
    room: Codes
    many: Flags
    slot_first: Codes
    nodes: Any
    slots: Any
    lists: Any
    tails: Any
    gates: Any
    ends: Any
    idle: Any
    most: Any
    limit: Any


class Matching(NamedTuple):
    """Who holds what.

    Attributes
    ----------
    rows
        The copies.
    holder, chosen, node_of, taken
        Per slot its demand, which of that one's entries it is (from 0), and its node; per node the slots in use.
    seat
        Per demand the slot it holds, if some demand has more entries than a row.
    cur, used
        Per node how far its gate is filled: the piece of the next unit, and the units in it.
    """

    rows: Sizes
    holder: Codes
    chosen: Codes
    node_of: Codes
    taken: Codes
    seat: Codes
    cur: Sizes
    used: Sizes


class Forest(NamedTuple):
    """The trees.

    Attributes
    ----------
    val
        Per node twice phi, or, in the forest, twice (phi - level) plus 1; behind the last node a potential out of reach, for `pad`.
    via, up
        The edge and the item that a node hangs on.
    head, right, left
        What hangs on each group.
    busy, busy_right, busy_left
        The slots of a node on which something hangs.
    state, born
        Per demand WAITING, ROOT or HOLDING; per item the level at which it entered the forest, or, for a node that is away, left it.
    loose, safe, buffer, path, steps
        Scratch, while trees are mended.
    """

    val: Sizes
    via: Codes
    up: Codes
    head: Codes
    right: Codes
    left: Codes
    busy: Codes
    busy_right: Codes
    busy_left: Codes
    state: npt.NDArray[np.int8]
    born: Sizes
    loose: Flags
    safe: Sizes
    buffer: Codes
    path: Codes
    steps: Codes


class Notes(NamedTuple):
    """Edges that were refused, as two lists per node: cells of (edge, next). A listed edge is marked where it stands, or here if it is a gate.

    Attributes
    ----------
    oldest, newest
        Edges that were tight, the oldest first.
    far
        Edges that were not. The slack of an edge within the forest never falls, so no tree can hang on these while the node stays.
    """

    oldest: Codes
    newest: Codes
    far: Codes
    gate_listed: Flags
    cell: Codes


class Queue(NamedTuple):
    """Which item is due when (radix.py).

    Attributes
    ----------
    due
        Per end of an item in the forest, the level at which it has to be looked along; of a slot whose node is away, what it was, or AT_ONCE;
        of a slot that nobody ever held, AT_ONCE.
    next_due
        Per item in the forest: no end outside its list `changed` is due earlier.
    changed, link
        Per node the first of its ends that changed, and per end the next one.
    """

    key: Sizes
    where: npt.NDArray[np.int8]
    after: Codes
    before: Codes
    bucket: Codes
    line: Sizes
    due: Sizes
    next_due: Sizes
    changed: Codes
    link: Codes


class State(NamedTuple):
    """All of it."""

    graph: Graph
    matching: Matching
    forest: Forest
    notes: Notes
    queue: Queue
    box: Sizes


def state_of(
    entries: Entries,
    tree: tuple[Codes, Sizes, Codes],
    gate: tuple[Sizes, Sizes, Sizes],
    phi: Sizes,
    direct: Flags,
    room: Codes,
    slot_first: Codes,
    idle: int,
    limit: int = 2**62,
    cells: int | None = None,
) -> State:
    """Nobody matched, nothing grown; `phi` is the cost of each node's first unit through all gates above. Most arrays take memory only where they are used.

    Rows and potentials get the type of the entries: all that can be reached has to fit (`narrow` in entries.py). The entries are used up.
    """
    first, entry, bits, width = entries.first, entries.entry, entries.bits, entries.width
    parent, child_first, _ = tree
    demands, nodes, pairs, slots = len(first) - 1, len(tree[0]), len(entry), int(slot_first[-1])
    lists, tails, items, ends = slots * width, (slots + demands) * width, nodes + demands, slots + demands + 2 * nodes
    long = bool((np.diff(first) > width).any())
    edges = tails + (pairs if long else 0) + 2 * nodes
    widest = (
        int(np.diff(slot_first).max(initial=1)) * (width + int(np.diff(first).max(initial=0)) * long) + int(np.diff(child_first).max(initial=0)) + width + 2
    )
    mask, beyond = (1 << bits) - 1, 1 << 8 * entry.itemsize - 2
    many = np.diff(slot_first) + np.where(direct, 0, 1 + np.diff(child_first)) > MANY
    graph = Graph(
        first, entry, entries.base, bits, width, width.bit_length() - 1, mask, beyond & ~mask | nodes << 1, min(0, int(phi.min(initial=0))), long, *tree, *gate,
        direct, room, many, slot_first, nodes, slots, lists, tails, tails + pairs, slots + demands, idle, widest, limit,
    )  # fmt: skip
    wanted = (
        Matching(
            rows=some(lists, kind=entry.dtype),
            holder=some(slots),
            chosen=some(slots),
            node_of=some(slots, fill=np.repeat(np.arange(nodes, dtype=np.int32), np.diff(slot_first))),
            taken=some(nodes, fill=0),
            seat=some(demands if long else 0),
            cur=some(nodes, kind=np.int64, fill=gate[0][:-1]),
            used=some(nodes, kind=np.int64, fill=0),
        ),
        Forest(
            val=some(nodes + 1, kind=entry.dtype, fill=np.append(2 * phi, beyond)),
            via=some(nodes),
            up=some(nodes),
            head=some(ends - nodes, fill=-1),
            right=some(nodes),
            left=some(nodes),
            busy=some(nodes, fill=-1),
            busy_right=some(slots),
            busy_left=some(slots),
            state=some(demands, kind=np.int8, fill=WAITING),
            born=some(items, kind=np.int64, fill=0),
            loose=some(nodes, kind=np.bool_, fill=False),
            safe=some(nodes, kind=np.int64, fill=-1),
            buffer=some(nodes + 1),
            path=some(nodes + 1),
            steps=some(2 * nodes + 2),
        ),
        Queue(
            key=some(items, kind=np.int64),
            where=some(items, kind=np.int8, fill=IDLE),
            after=some(items),
            before=some(items),
            bucket=some(BUCKETS, fill=-1),
            line=some(2, kind=np.int64, fill=-1),
            due=some(ends, kind=np.int64, fill=AT_ONCE),
            next_due=some(items, kind=np.int64),
            changed=some(nodes, fill=-1),
            link=some(ends, fill=UNLINKED),
        ),
        Notes(
            oldest=some(nodes, fill=-1),
            newest=some(nodes),
            far=some(nodes, fill=-1),
            gate_listed=some(2 * nodes, kind=np.bool_, fill=False),
            cell=some(widest + (2 * edges if cells is None else cells), 2),
        ),
    )
    matching, forest, queue, notes = side_by_side(wanted, entries.spare)
    box = np.zeros(9, dtype=np.int64)
    box[SPARE] = -1
    top = np.flatnonzero(parent == nodes)
    through = np.add.reduceat(np.append(gate[1], 0), gate[0][:-1]) * (np.diff(gate[0]) > 0)
    box[ROOM] = np.where(direct[top], room[top], through[top]).sum()
    return State(graph, matching, forest, notes, queue, box)
