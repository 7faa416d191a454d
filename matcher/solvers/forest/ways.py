"""What happens once a tree reaches room: its root is served along the way back, and the trees that this breaks are mended.

Only what hung on an edge that is no more gets loose. A loose node is hung onto the oldest edge that was refused there, with everything below it; where there is
none it leaves the forest, and what hung on it gets loose in turn. So a tree is never searched anew because its root was served.
"""

from __future__ import annotations

from typing import Any

from matcher.solvers.forest.compiled import bare, piece, prefetch
from matcher.solvers.forest.edges import demand_of, entry_of, gate, hold, hold_anew, move_row, phi
from matcher.solvers.forest.notes import any_noted, drop, noted, pop, unmark
from matcher.solvers.forest.radix import AT_ONCE, soon
from matcher.solvers.forest.state import EVENT, HOLDING, LOOSE, PATH, ROOM, ROOT, STEPS, Forest, Graph, Matching, Notes, Queue, Sizes
from matcher.solvers.forest.trees import anchored, attach, change, detach, due_at, idle_slot, unmark_away


@bare
def _loosen(group: Any, slots: Any, f: Forest, n: Notes, box: Sizes) -> None:
    """Everything that hangs on the group gets loose."""
    q = f.head[group]
    f.head[group] = -1
    if q >= 0 and group < slots:
        idle_slot(group, f)
    while q >= 0:
        prefetch(n.cell, 2 * n.oldest[q])
        f.loose[q] = True
        f.buffer[box[LOOSE]] = q
        box[LOOSE] += 1
        q = f.right[q]


@piece
def _fetch_way(e: Any, x: Any, g: Graph, m: Matching, f: Forest) -> None:
    """All that stands on the way from edge e of item x back to its root will be read soon."""
    while x < g.nodes:
        prefetch(m.rows, e)
        prefetch(m.holder, e >> g.log)
        e, x = f.via[x], f.up[x]
    prefetch(f.state, x - g.nodes)
    prefetch(g.entry, g.first[x - g.nodes])


@piece
def serve(goal: Any, item: Any, level: Any, g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes) -> None:
    """Walk the way from room, over the edge `goal` of an item, back to its root; everybody on it moves on by one."""
    _fetch_way(goal, item, g, m, f)
    box[LOOSE], box[PATH], box[STEPS] = 0, 0, 0
    box[ROOM] -= 1
    e, s, x = goal, -1, -1
    while True:
        if e < g.gates:
            inside = e < g.lists
            if inside:
                group, i = e >> g.log, e & (g.width - 1)
                d, to = m.holder[group], x if x >= 0 else (m.rows[e] & g.mask) >> 1
            else:
                j = entry_of(e, g)
                d = (e >> g.log) - g.slots if e < g.tails else demand_of(g.first, j)
                i, to = j - g.first[d], (g.entry[j] & g.mask) >> 1
                group = m.seat[d] if f.state[d] == HOLDING else g.slots + d
            if s < 0:
                s = g.slot_first[to] + m.taken[to]
                m.taken[to] += 1
            _loosen(group, g.slots, f, n, box)
            if inside:
                hold(s, d, i, g, m)
                move_row(s * g.width, e - i, i, g.width, m.rows, g.mask, g.pad)
            else:
                hold_anew(s, d, i, g, m)
            change(to, s, level, g, f, queue)
            if group >= g.slots:
                f.state[d] = HOLDING
                return
            s, x = group, m.node_of[group]
        else:
            if s >= 0:
                _close(s, level, g, m, f, queue)
                s = -1
            x = _pass(e - g.gates, g, m)
            f.steps[box[STEPS]] = e - g.gates
            box[STEPS] += 1
        f.path[box[PATH]] = x
        box[PATH] += 1
        e = f.via[x]


@bare
def _close(s: Any, level: Any, g: Graph, m: Matching, f: Forest, queue: Queue) -> None:
    """A unit of a gate takes the place of the holder of slot s: the last holder moves into it, with what hangs on it."""
    v = m.node_of[s]
    m.taken[v] -= 1
    z = g.slot_first[v] + m.taken[v]
    if z != s:
        d = m.holder[z]
        hold_anew(s, d, m.chosen[z], g, m)
        change(v, s, level, g, f, queue)
        q = f.head[z]
        if q >= 0:
            # What hung on slot s is loose already; the slots change their roles in the list of busy ones.
            a, b = f.busy_right[z], f.busy_left[z]
            f.busy_right[s], f.busy_left[s] = a, b
            if a >= 0:
                f.busy_left[a] = s
            if b >= 0:
                f.busy_right[b] = s
            else:
                f.busy[v] = s
            f.head[z], f.head[s] = -1, q
            f.left[q] = -1 - s
        while q >= 0:
            if f.via[q] < g.lists:
                f.via[q] = s * g.width + (f.via[q] & (g.width - 1))
            q = f.right[q]
    m.rows[z * g.width : z * g.width + g.width] = g.pad


@bare
def _pass(code: Any, g: Graph, m: Matching) -> Any:
    """One unit more (upwards) or less (downwards) at a gate; the node that the edge starts in."""
    if code < g.nodes:
        m.used[code] += 1
        if m.used[code] == g.gate_size[m.cur[code]]:
            m.cur[code] += 1
            m.used[code] = 0
        return code
    v = code - g.nodes
    if m.used[v] == 0:
        m.cur[v] -= 1
        m.used[v] = g.gate_size[m.cur[v]]
    m.used[v] -= 1
    return g.parent[v]


@piece
def _fetch_note(q: Any, g: Graph, m: Matching, f: Forest, n: Notes) -> None:
    """The edge that is written down first at node q will be looked at soon."""
    if n.oldest[q] >= 0:
        e = n.cell[n.oldest[q], 0]
        if e < g.lists:
            prefetch(m.rows, e)
        else:
            prefetch(f.state, (e >> g.log) - g.slots)


@piece
def mend(level: Any, g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes) -> None:
    """After a way was walked: hang what is loose onto other trees or let it leave, and look along everything that changed."""
    if box[LOOSE] > 0:
        _fetch_note(f.buffer[0], g, m, f, n)
    for i in range(box[STEPS]):
        code = f.steps[i]
        x, to, gain, there = gate(code, g, m)
        hangs = to < g.nodes and f.val[to] & 1 and f.via[to] == g.gates + code and not f.loose[to]
        if hangs and (not there or gain + phi(f.val[to], level) != phi(f.val[x], level)):
            detach(to, g.slots, f)
            f.loose[to] = True
            f.buffer[box[LOOSE]] = to
            box[LOOSE] += 1
    box[EVENT] += 1
    i = 0
    while i < box[LOOSE]:
        x = f.buffer[i]
        i += 1
        if i < box[LOOSE]:
            _fetch_note(f.buffer[i], g, m, f, n)
        hung = graft(x, level, g, m, f, n, queue, box)
        f.loose[x] = False
        if not hung:
            _leave(x, level, g, f, n, queue, box)
    for i in range(box[STEPS]):
        # Both ways through the gate may be new.
        v = f.steps[i] % g.nodes
        change(v, g.ends + v, level, g, f, queue)
        if g.parent[v] < g.nodes:
            change(g.parent[v], g.ends + g.nodes + v, level, g, f, queue)
            if f.val[g.parent[v]] & 1:
                soon(g.parent[v], queue.line, queue.where, queue.after, queue.before, queue.bucket)
        if f.val[v] & 1:
            soon(v, queue.line, queue.where, queue.after, queue.before, queue.bucket)
    for i in range(box[PATH]):
        if f.val[f.path[i]] & 1:
            soon(f.path[i], queue.line, queue.where, queue.after, queue.before, queue.bucket)


@bare
def _leave(x: Any, level: Any, g: Graph, f: Forest, n: Notes, queue: Queue, box: Sizes) -> None:
    """A node leaves the forest, and what hangs on it gets loose."""
    f.val[x] += 2 * level - 1
    f.born[x] = level
    while f.busy[x] >= 0:
        # What hung here is tight, and stands nowhere else.
        queue.due[f.busy[x]] = AT_ONCE
        _loosen(f.busy[x], g.slots, f, n, box)
    if not g.direct[x]:
        _loosen(g.ends + x, g.slots, f, n, box)
    if any_noted(x, n):
        soon(x, queue.line, queue.where, queue.after, queue.before, queue.bucket)


@bare
def graft(q: Any, level: Any, g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes) -> Any:
    """Hang node q onto the oldest edge that was refused there and is tight now; whether there was one."""
    y = phi(f.val[q], level)
    last, at = -1, n.oldest[q]
    while at >= 0:
        e, following = n.cell[at, 0], n.cell[at, 1]
        prefetch(n.cell, 2 * following)
        if g.lists <= e < g.tails:
            # A tight edge of a root stays so for as long as that is one.
            group = e >> g.log
            x = g.nodes + group - g.slots
            tight = f.state[group - g.slots] == ROOT
            there = tight
        else:
            x, group, gain, there = noted(e, q, g, m, f, n)
            if there and x < g.nodes and f.val[x] & 1 == 0:
                unmark_away(e, group, g, m, n, queue)
                there = False
            if x >= g.nodes:
                tight = there and f.state[x - g.nodes] == ROOT and gain + y <= level
            else:
                tight = there and gain + y <= phi(f.val[x], level) and anchored(x, g.nodes, f.up, f.loose, f.safe, f.state, box[EVENT])
        if there:
            if tight:
                attach(q, e, x, group, g.slots, f)
                return True
            last = at
        else:
            if last >= 0:
                n.cell[last, 1] = following
            else:
                n.oldest[q] = following
            if following < 0:
                n.newest[q] = last
            drop(at, n, box)
        at = following
    return False


@bare
def release(q: Any, level: Any, g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes) -> None:
    """Nobody wants node q, which has left the forest: tell those who were refused there when they will."""
    y = f.val[q] >> 1
    while any_noted(q, n):
        e = pop(q, n, box)
        x, group, gain, there = noted(e, q, g, m, f, n)
        if not there:
            continue
        if x < g.nodes and f.val[x] & 1 == 0:
            unmark_away(e, group, g, m, n, queue)
            continue
        unmark(e, g, m, n)
        if x >= g.nodes:
            due_at(x, group, max(level, gain + y), level, g.idle, queue)
        else:
            end = group if e < g.gates else g.ends + e - g.gates
            due_at(x, end, max(level, gain + y - (f.val[x] >> 1)), level, g.idle, queue)


@bare
def forget(level: Any, g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes) -> None:
    """Too many notes of edges that are no more: drop all notes, and let everybody who had one look along it again."""
    for q in range(g.nodes):
        while any_noted(q, n):
            e = pop(q, n, box)
            x, group, _, there = noted(e, q, g, m, f, n)
            if not there:
                continue
            if x < g.nodes and f.val[x] & 1 == 0:
                unmark_away(e, group, g, m, n, queue)
                continue
            unmark(e, g, m, n)
            end = group if e < g.gates else g.ends + e - g.gates
            if x < g.nodes:
                change(x, end, level, g, f, queue)
            else:
                queue.due[end], queue.next_due[x] = level, level
            soon(x, queue.line, queue.where, queue.after, queue.before, queue.bucket)
