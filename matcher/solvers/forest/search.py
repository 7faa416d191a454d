"""How the forest looks for room: a demand that knocks, an item that looks along its tight edges, and when it has to look again."""

from __future__ import annotations

from typing import Any

from matcher.solvers.forest.compiled import piece
from matcher.solvers.forest.edges import edge_of, gate, hold_anew, phi
from matcher.solvers.forest.notes import note, note_far
from matcher.solvers.forest.radix import NEVER, later
from matcher.solvers.forest.state import HOLDING, ROOM, ROOT, UNLINKED, WORK, Forest, Graph, Matching, Notes, Queue, Sizes
from matcher.solvers.forest.trees import enter, meet

PATIENCE = 4
"""An edge into the forest with slack k is written down at its end once its own node has been in the forest for PATIENCE x k levels; until then the node
looks again k levels later. So short-lived nodes write little, and long-lived ones look a logarithmic number of times."""


@piece
def _settle(d: Any, j: Any, to: Any, g: Graph, m: Matching, f: Forest, box: Sizes) -> None:
    """A demand on which nothing hangs takes a free slot of a node that is not in the forest."""
    s = g.slot_first[to] + m.taken[to]
    m.taken[to] += 1
    box[ROOM] -= 1
    hold_anew(s, d, j - g.first[d], g, m)
    f.state[d] = HOLDING


@piece
def knock(d: Any, level: Any, g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes) -> Any:
    """A demand without a slot takes a free one, becomes a root, or waits until its least pair costs the level; whether it is a root."""
    outside, inside = NEVER, NEVER
    box[WORK] += 1
    for j in range(g.first[d], g.first[d + 1]):
        w = g.entry[j]
        c = g.base[d] + (w >> g.bits)
        if c + g.lowest > level and c + g.lowest >= outside:
            break
        if w & 1:
            continue
        to = (w & g.mask) >> 1
        stored = f.val[to]
        if stored & 1:
            inside = min(inside, c + (stored >> 1) + level)
        else:
            c += stored >> 1
            if c <= level and stored == 0 and m.taken[to] < g.room[to]:
                _settle(d, j, to, g, m, f, box)
                return False
            outside = min(outside, c)
    if min(outside, inside) <= level:
        f.state[d] = ROOT
        enter(g.nodes + d, level, g, m, f, queue)
        return True
    if inside < outside:
        # Its least pair lies in the forest and rises with the level: that node tells when it leaves.
        for j in range(g.first[d], g.first[d + 1]):
            w = g.entry[j]
            to = (w & g.mask) >> 1
            if f.val[to] & 1 and w & 1 == 0:
                note_far(edge_of(j, d, g), to, n, box)
                g.entry[j] = w | 1
    if outside < g.idle:
        later(g.nodes + d, outside, level, queue.key, queue.where, queue.after, queue.before, queue.bucket)
    return False


@piece
def _along_list(
    a: Any, d: Any, y: Any, own: Any, least: Any, s: Any, item: Any, level: Any, age: Any, full: Any,
    g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes,
) -> Any:  # fmt: skip
    """The same for entries from a on of demand d, at end s, whose entry `own` is the one it holds; `least` is known from those before."""
    entry, val, bits, mask, lowest = g.entry, f.val, g.bits, g.mask, g.lowest - y
    for j in range(a, g.first[d + 1]):
        w = entry[j]
        gain = w >> bits
        if gain + lowest >= least:
            break
        box[WORK] += 1
        to = (w & mask) >> 1
        stored = val[to]
        k = gain + phi(stored, level) - y
        if k < least and w & 1 == 0 and j != own:
            e = edge_of(j, d, g)
            if k == 0:
                if stored == 0 and m.taken[to] < g.room[to]:
                    return e
                if meet(e, to, item, s, level, g, m, f, n, queue, box):
                    entry[j] = w | 1
            elif stored & 1 == 0 or (k * PATIENCE > age and not full):
                least = k
            elif not full:
                note_far(e, to, n, box)
                entry[j] = w | 1
    queue.due[s] = level + least if least < NEVER else NEVER
    return -1


@piece
def _along_slot(s: Any, item: Any, y: Any, level: Any, age: Any, full: Any, g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes) -> Any:
    """Look along the edges of one slot; an edge that reaches room, or -1, and then the slot knows when it is due again."""
    if s >= g.slots:
        d = s - g.slots
        return _along_list(g.first[d], d, y, -1, NEVER, s, item, level, age, full, g, m, f, n, queue, box)
    rows, val, bits, mask, width = m.rows, f.val, g.bits, g.mask, g.width
    lowest, count, room = g.lowest - y, m.taken, g.room
    least = NEVER
    for e in range(s * width, s * width + width):
        w = rows[e]
        gain = w >> bits
        if gain + lowest >= least:
            break
        to = (w & mask) >> 1
        stored = val[to]
        k = gain + phi(stored, level) - y
        if k < least and w & 1 == 0:
            if k == 0:
                if stored == 0 and count[to] < room[to]:
                    return e
                if meet(e, to, item, s, level, g, m, f, n, queue, box):
                    rows[e] = w | 1
            elif stored & 1 == 0 or (k * PATIENCE > age and not full):
                least = k
            elif not full:
                note_far(e, to, n, box)
                rows[e] = w | 1
    if g.long:
        d = m.holder[s]
        own = g.first[d] + m.chosen[s]
        return _along_list(g.first[d] + width, d, y + (g.entry[own] >> bits), own, least, s, item, level, age, full, g, m, f, n, queue, box)
    queue.due[s] = level + least if least < NEVER else NEVER
    return -1


@piece
def _along_gate(code: Any, item: Any, y: Any, level: Any, age: Any, g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes) -> Any:
    """Look along one gate; its edge if it reaches the sink, or -1, and then the gate knows when it is due again."""
    _, to, gain, there = gate(code, g, m)
    again = NEVER
    if there and not n.gate_listed[code]:
        stored = f.val[to] if to < g.nodes else 0
        k = gain + phi(stored, level) - y
        if k == 0:
            if to == g.nodes:
                return g.gates + code
            if not (stored & 1 and f.via[to] == g.gates + code):
                n.gate_listed[code] = meet(g.gates + code, to, item, g.ends + item, level, g, m, f, n, queue, box)
        elif stored & 1 and k * PATIENCE <= age:
            # It may get less slack when a unit passes the other way, so it stands with the tight ones.
            note(g.gates + code, to, n, box)
            n.gate_listed[code] = True
        elif k > 0:
            again = level + k
    queue.due[g.ends + code] = again
    return -1


@piece
def look(item: Any, level: Any, g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes) -> Any:
    """Look along the ends of an item of the forest where something may have become tight; an edge that reaches room, or -1.

    Nodes behind tight edges join the forest; where they are in it already, the edge is written down there. Once there is no room left at all, no node leaves
    the forest any more, and edges within it that are not tight do not matter.
    """
    due, link = queue.due, queue.link
    age, full = level - f.born[item], box[ROOM] == 0
    if item >= g.nodes:
        y, s0 = level - g.base[item - g.nodes], g.slots + item - g.nodes
        s1 = s0 + 1
    else:
        y, s0 = (f.val[item] >> 1) + level, g.slot_first[item]
        s1 = s0 + m.taken[item]
    inner = item < g.nodes and not g.direct[item]
    first_due = queue.next_due[item]
    if first_due <= level:
        box[WORK] += (s1 - s0) >> 3
        first_due = NEVER
        for s in range(s0, s1):
            if due[s] <= level:
                box[WORK] += 1
                goal = _along_slot(s, item, y, level, age, full, g, m, f, n, queue, box)
                if goal >= 0:
                    return goal
            first_due = min(first_due, due[s])
        if inner:
            for i in range(g.child_first[item] - 1, g.child_first[item + 1]):
                code = item if i < g.child_first[item] else g.nodes + g.child[i]
                if due[g.ends + code] <= level:
                    box[WORK] += 1
                    goal = _along_gate(code, item, y, level, age, g, m, f, n, queue, box)
                    if goal >= 0:
                        return goal
                first_due = min(first_due, due[g.ends + code])
    while item < g.nodes and g.many[item] and queue.changed[item] >= 0:
        end = queue.changed[item]
        if due[end] <= level and (end >= s0 and (end < s1 or end >= g.ends)):
            box[WORK] += 1
            if end < g.ends:
                goal = _along_slot(end, item, y, level, age, full, g, m, f, n, queue, box)
            else:
                goal = _along_gate(end - g.ends, item, y, level, age, g, m, f, n, queue, box)
            if goal >= 0:
                queue.next_due[item] = first_due
                return goal
            first_due = min(first_due, due[end])
        queue.changed[item] = link[end]
        link[end] = UNLINKED
    queue.next_due[item] = first_due
    if first_due < g.idle:
        later(item, first_due, level, queue.key, queue.where, queue.after, queue.before, queue.bucket)
    return -1
