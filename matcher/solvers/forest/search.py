"""How the forest looks for room: a demand that knocks, an item that looks along its tight edges, and when it has to look again."""

from __future__ import annotations

from typing import Any

from matcher.solvers.forest.compiled import piece
from matcher.solvers.forest.edges import PENDING, enter, gate, meet, note, phi, write_row
from matcher.solvers.forest.radix import NEVER, later
from matcher.solvers.forest.state import ROOM, UNLINKED, WORK, Forest, Graph, Matching, Notes, Queue, Sizes

PATIENCE = 2
"""An edge into the forest with slack k is written down at its end once its own node has been in the forest for PATIENCE x k levels; until then the node
looks again k levels later. So short-lived nodes write little, and long-lived ones look a logarithmic number of times."""


@piece
def _settle(d: Any, j: Any, to: Any, g: Graph, m: Matching, box: Sizes) -> None:
    """A demand on which nothing hangs takes a free slot of a node that is not in the forest."""
    s = g.slot_first[to] + m.taken[to]
    m.taken[to] += 1
    box[ROOM] -= 1
    m.holder[s], m.held[d], m.seat[d] = d, j, s
    write_row(s * g.width, g.width, g.first[d], g.first[d + 1], j, g.entry, m.rows, g.mask, g.pad)


@piece
def knock(d: Any, level: Any, g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes) -> Any:
    """A demand without a slot takes a free one, becomes a root, or waits until its least pair costs the level; whether it is a root."""
    outside, inside = NEVER, NEVER
    a, at = g.first[d], (g.slots + d) * g.width
    for j in range(a, g.first[d + 1]):
        c = g.entry[j] >> g.bits
        if c + g.lowest > level and c + g.lowest >= outside:
            break
        if m.has_row[d] and (m.rows[at + j - a] & 1 == 1 if j - a < g.width else n.tail_listed[j]):
            continue
        to = (g.entry[j] & g.mask) >> 1
        stored = f.val[to]
        if stored & 1:
            inside = min(inside, c + (stored >> 1) + level)
        else:
            c += stored >> 1
            if c <= level and stored == 0 and m.taken[to] < g.room[to]:
                _settle(d, j, to, g, m, box)
                return False
            outside = min(outside, c)
    waits = min(outside, inside) > level
    if not m.has_row[d] and (not waits or inside < outside):
        m.has_row[d] = True
        write_row(at, g.width, a, g.first[d + 1], -1, g.entry, m.rows, g.mask, g.pad)
    if not waits:
        f.is_root[d] = True
        enter(g.nodes + d, level, g, f, queue)
        return True
    if inside < outside:
        # Its least pair lies in the forest and rises with the level: that node tells when it leaves.
        for j in range(a, g.first[d + 1]):
            to = (g.entry[j] & g.mask) >> 1
            if f.val[to] & 1 == 0 or (m.rows[at + j - a] & 1 == 1 if j - a < g.width else n.tail_listed[j]):
                continue
            if j - a < g.width:
                note(at + j - a, to, n, box)
                m.rows[at + j - a] |= 1
            else:
                note(g.tails + j, to, n, box)
                n.tail_listed[j] = True
    if outside < g.idle:
        later(g.nodes + d, outside, level, queue.key, queue.where, queue.after, queue.before, queue.bucket)
    return False


@piece
def _along_slot(s: Any, item: Any, y: Any, level: Any, g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes) -> Any:
    """Look along the edges of one slot; an edge that reaches room, or -1."""
    rows, val, bits, mask, width = m.rows, f.val, g.bits, g.mask, g.width
    lowest, count, room = g.lowest, m.taken, g.room
    for e in range(s * width, s * width + width):
        w = rows[e]
        if (w >> bits) + lowest > y:
            break
        stored = val[(w & mask) >> 1]
        if ((w >> bits) + phi(stored, level) - y) | (w & 1) == 0:
            to = (w & mask) >> 1
            if stored == 0 and count[to] < room[to]:
                return e
            if meet(e, to, item, s, level, g, f, n, queue, box):
                rows[e] = w | 1
    if g.long:
        d = s - g.slots if s >= g.slots else m.holder[s]
        u = y if s >= g.slots else y + (g.entry[m.held[d]] >> bits)
        for j in range(g.first[d] + width, g.first[d + 1]):
            w = g.entry[j]
            if (w >> bits) + lowest > u:
                break
            box[WORK] += 1
            to = (w & mask) >> 1
            stored = val[to]
            if (w >> bits) + phi(stored, level) == u and not n.tail_listed[j] and j != m.held[d]:
                if stored == 0 and count[to] < room[to]:
                    return g.tails + j
                n.tail_listed[j] = meet(g.tails + j, to, item, s, level, g, f, n, queue, box)
    return -1


@piece
def _along_gate(code: Any, item: Any, y: Any, level: Any, g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes) -> Any:
    """Look along one gate; its edge if it reaches the sink, or -1."""
    _, to, gain, there = gate(code, g, m)
    if there and not n.gate_listed[code]:
        if to == g.nodes:
            if gain == y:
                return g.gates + code
        elif gain + phi(f.val[to], level) == y and not (f.val[to] & 1 and f.via[to] == g.gates + code):
            n.gate_listed[code] = meet(g.gates + code, to, item, g.ends + item, level, g, f, n, queue, box)
    return -1


@piece
def look(item: Any, level: Any, g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes) -> Any:
    """Look along the ends of an item of the forest where something may have become tight; an edge that reaches room, or -1.

    Nodes behind tight edges join the forest; where they are in it already, the edge is written down there.
    """
    due, link, seen_link = queue.due, queue.link, queue.seen_link
    if item >= g.nodes:
        y, s0 = level, g.slots + item - g.nodes
        s1 = s0 + 1
    else:
        y, s0 = (f.val[item] >> 1) + level, g.slot_first[item]
        s1 = s0 + m.taken[item]
    inner = item < g.nodes and not g.direct[item]
    if queue.next_due[item] <= level:
        if queue.whole[item]:
            # It has just entered the forest.
            due[s0:s1] = level
            if inner:
                due[g.ends + item] = level
                for i in range(g.child_first[item], g.child_first[item + 1]):
                    due[g.ends + g.nodes + g.child[i]] = level
            queue.whole[item] = False
        queue.all_seen[item] = True
        box[WORK] += (s1 - s0) >> 3
        for s in range(s0, s1):
            if due[s] <= level:
                box[WORK] += 1
                goal = _along_slot(s, item, y, level, g, m, f, n, queue, box)
                if goal >= 0:
                    return goal
                due[s] = PENDING
        if inner:
            for i in range(g.child_first[item] - 1, g.child_first[item + 1]):
                code = item if i < g.child_first[item] else g.nodes + g.child[i]
                if due[g.ends + code] <= level:
                    box[WORK] += 1
                    goal = _along_gate(code, item, y, level, g, m, f, n, queue, box)
                    if goal >= 0:
                        return goal
                    due[g.ends + code] = PENDING
        queue.next_due[item] = NEVER
    while item < g.nodes and g.many[item] and queue.changed[item] >= 0:
        end = queue.changed[item]
        if due[end] <= level and (end >= s0 and (end < s1 or end >= g.ends)):
            box[WORK] += 1
            if end < g.ends:
                goal = _along_slot(end, item, y, level, g, m, f, n, queue, box)
            else:
                goal = _along_gate(end - g.ends, item, y, level, g, m, f, n, queue, box)
            if goal >= 0:
                return goal
            due[end] = PENDING
            if seen_link[end] == UNLINKED:
                seen_link[end] = queue.seen[item]
                queue.seen[item] = end
        queue.changed[item] = link[end]
        link[end] = UNLINKED
    return -1


@piece
def _slot_due(s: Any, y: Any, level: Any, age: Any, full: Any, g: Graph, m: Matching, f: Forest, n: Notes, box: Sizes) -> Any:
    """When a slot has to be looked along again."""
    rows, val, bits, mask, width, lowest = m.rows, f.val, g.bits, g.mask, g.width, g.lowest
    least = NEVER
    for e in range(s * width, s * width + width):
        w = rows[e]
        if (w >> bits) + lowest - y >= least:
            break
        stored = val[(w & mask) >> 1]
        k = (w >> bits) + phi(stored, level) - y
        if 0 < k < least and w & 1 == 0:
            if stored & 1 == 0:
                least = k
            elif not full:
                if k * PATIENCE <= age:
                    note(e, (w & mask) >> 1, n, box)
                    rows[e] = w | 1
                else:
                    least = k
    if g.long:
        d = s - g.slots if s >= g.slots else m.holder[s]
        u = y if s >= g.slots else y + (g.entry[m.held[d]] >> bits)
        for j in range(g.first[d] + width, g.first[d + 1]):
            w = g.entry[j]
            if (w >> bits) + lowest - u >= least:
                break
            box[WORK] += 1
            stored = val[(w & mask) >> 1]
            k = (w >> bits) + phi(stored, level) - u
            if 0 < k < least and not n.tail_listed[j] and j != m.held[d] and (stored & 1 == 0 or not full):
                if stored & 1 and k * PATIENCE <= age:
                    note(g.tails + j, (w & mask) >> 1, n, box)
                    n.tail_listed[j] = True
                else:
                    least = k
    return level + least if least < NEVER else NEVER


@piece
def _gate_due(code: Any, y: Any, level: Any, age: Any, g: Graph, m: Matching, f: Forest, n: Notes, box: Sizes) -> Any:
    """When a gate has to be looked along again."""
    _, to, gain, there = gate(code, g, m)
    stored = f.val[to] if to < g.nodes else 0
    k = gain + phi(stored, level) - y
    if there and k > 0 and not n.gate_listed[code]:
        if stored & 1 and k * PATIENCE <= age:
            note(g.gates + code, to, n, box)
            n.gate_listed[code] = True
        else:
            return level + k
    return NEVER


@piece
def look_again(x: Any, level: Any, g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes) -> None:
    """At the end of a level: when an item of the forest has to look again along the ends that it looked along in this level.

    Once there is no room left at all, no node leaves the forest any more, and edges within it do not matter.
    """
    due, full = queue.due, box[ROOM] == 0
    if x >= g.nodes:
        y, s0 = level, g.slots + x - g.nodes
        s1 = s0 + 1
    else:
        y, s0 = (f.val[x] >> 1) + level, g.slot_first[x]
        s1 = s0 + m.taken[x]
    age = level - f.born[x]
    first_due = queue.next_due[x]
    if queue.all_seen[x]:
        queue.all_seen[x] = False
        first_due = NEVER
        for s in range(s0, s1):
            if due[s] == PENDING:
                due[s] = _slot_due(s, y, level, age, full, g, m, f, n, box)
            first_due = min(first_due, due[s])
        if x < g.nodes and not g.direct[x]:
            for i in range(g.child_first[x] - 1, g.child_first[x + 1]):
                code = x if i < g.child_first[x] else g.nodes + g.child[i]
                if due[g.ends + code] == PENDING:
                    due[g.ends + code] = _gate_due(code, y, level, age, g, m, f, n, box)
                first_due = min(first_due, due[g.ends + code])
    end = -1
    if x < g.nodes and g.many[x]:
        end = queue.seen[x]
        queue.seen[x] = -1
    while end >= 0:
        following = queue.seen_link[end]
        queue.seen_link[end] = UNLINKED
        if end >= g.ends or end < s1:
            if due[end] == PENDING:
                if end < g.ends:
                    due[end] = _slot_due(end, y, level, age, full, g, m, f, n, box)
                else:
                    due[end] = _gate_due(end - g.ends, y, level, age, g, m, f, n, box)
            first_due = min(first_due, due[end])
        end = following
    queue.next_due[x] = first_due
    if first_due < g.idle:
        later(x, first_due, level, queue.key, queue.where, queue.after, queue.before, queue.bucket)
