"""Edges of the forest: their gain, whether they are there, and the notes of those that were refused."""

from __future__ import annotations

from typing import Any

from matcher.solvers.forest.compiled import bare, piece
from matcher.solvers.forest.radix import later, soon
from matcher.solvers.forest.state import FILLED, HOLDING, ROOT, SPARE, UNLINKED, USED, Codes, Flags, Forest, Graph, Matching, Notes, Queue, Sizes


@bare
def demand_of(first: Sizes, j: Any) -> Any:
    """The demand of entry j. O(log demands)."""
    low, high = 0, len(first) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if first[middle] <= j:
            low = middle
        else:
            high = middle
    return low


@piece
def entry_of(e: Any, g: Graph) -> Any:
    """Where in its demand's list a pair stands that has no place in a row."""
    return g.first[(e >> g.log) - g.slots] + (e & (g.width - 1)) if e < g.tails else e - g.tails


@piece
def edge_of(j: Any, d: Any, g: Graph) -> Any:
    """The number of entry j of demand d that has no place in a row."""
    i = j - g.first[d]
    return g.lists + d * g.width + i if i < g.width else g.tails + j


@piece
def phi(stored: Any, level: Any) -> Any:
    """The potential behind a stored value."""
    return (stored >> 1) + (-(stored & 1) & level)


@bare
def gate(code: Any, g: Graph, m: Matching) -> Any:
    """Gate edge `code` (node v upwards, nodes + v downwards): the node it starts in, the one it leads to, its gain, and whether a unit can go that way."""
    if code < g.nodes:
        there = m.cur[code] < g.gate_first[code + 1]
        return code, g.parent[code], g.gate_slope[m.cur[code]] if there else 0, there
    v = code - g.nodes
    if m.used[v] > 0:
        return g.parent[v], v, -g.gate_slope[m.cur[v]], True
    there = m.cur[v] > g.gate_first[v]
    return g.parent[v], v, -g.gate_slope[m.cur[v] - 1] if there else 0, there


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
        return g.nodes + d, group, (g.entry[g.first[d] + (e & (g.width - 1))] >> g.bits) + g.base[d] if there else 0, there
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


@piece
def hold(s: Any, d: Any, i: Any, g: Graph, m: Matching) -> None:
    """Demand d takes slot s with its i-th entry."""
    m.holder[s], m.chosen[s] = d, i
    if g.long:
        m.seat[d] = s


@bare
def write_row(at: Any, width: Any, a: Any, z: Any, own: Any, entry: Sizes, rows: Sizes, mask: Any, pad: Any) -> None:
    """The row of a demand with entries a..z-1, relative to the one it holds, which is marked as listed for good."""
    held = entry[a + own] & ~mask
    n = min(z - a, width)
    for i in range(n):
        rows[at + i] = (entry[a + i] & ~1) - held
    for i in range(n, width):
        rows[at + i] = pad
    if own < n:
        rows[at + own] |= 1


@bare
def move_row(at: Any, old: Any, i: Any, width: Any, rows: Sizes, mask: Any, pad: Any) -> None:
    """The same demand's row for its i-th entry, made from an old one: that lies at hand, where the demand's own entries do not."""
    held = rows[old + i] & ~mask
    for k in range(width):
        w = rows[old + k]
        rows[at + k] = w if w == pad else (w & ~1) - held
    rows[at + i] |= 1


@bare
def attach(q: Any, e: Any, x: Any, group: Any, slots: Any, f: Forest) -> None:
    """Hang node q onto edge e, which starts at item x in the group."""
    f.via[q], f.up[q] = e, x
    top = f.head[group]
    f.right[q], f.left[q] = top, -1 - group
    f.head[group] = q
    if top >= 0:
        f.left[top] = q
    elif group < slots:
        first = f.busy[x]
        f.busy_right[group], f.busy_left[group] = first, -1 - x
        if first >= 0:
            f.busy_left[first] = group
        f.busy[x] = group


@bare
def idle_slot(s: Any, f: Forest) -> None:
    """Nothing hangs on slot s any more."""
    a, b = f.busy_right[s], f.busy_left[s]
    if b >= 0:
        f.busy_right[b] = a
    else:
        f.busy[-1 - b] = a
    if a >= 0:
        f.busy_left[a] = b


@bare
def detach(q: Any, slots: Any, f: Forest) -> None:
    """Take node q off the edge that it hangs on."""
    a, b = f.right[q], f.left[q]
    if b >= 0:
        f.right[b] = a
    else:
        f.head[-1 - b] = a
        if a < 0 and -1 - b < slots:
            idle_slot(-1 - b, f)
    if a >= 0:
        f.left[a] = b


@bare
def anchored(x: Any, nodes: Any, up: Codes, loose: Flags, safe: Sizes, state: Any, event: Any) -> Any:
    """Whether the way up from item x ends in a root without meeting a loose node. Nodes found safe stay so while one way is mended."""
    y = x
    while y < nodes:
        if loose[y]:
            return False
        if safe[y] == event:
            break
        y = up[y]
    if y >= nodes and state[y - nodes] != ROOT:
        return False
    while x != y:
        safe[x] = event
        x = up[x]
    return True


@bare
def enter(x: Any, level: Any, g: Graph, m: Matching, f: Forest, queue: Queue) -> None:
    """Item x enters the forest.

    While a node is away its potential stands still and none falls, so its edges have at least the slack they had when it left: its slots are as far
    from being due as they were then, unless something happened to them meanwhile.
    """
    queue.next_due[x] = level
    if x >= g.nodes:
        queue.due[g.slots + x - g.nodes] = level
    else:
        away = level - f.born[x]
        for s in range(g.slot_first[x], g.slot_first[x] + m.taken[x]):
            queue.due[s] += away
        if not g.direct[x]:
            queue.due[g.ends + x] = level
            for i in range(g.child_first[x], g.child_first[x + 1]):
                queue.due[g.ends + g.nodes + g.child[i]] = level
        if g.many[x]:
            clear(x, queue)
    f.born[x] = level


@bare
def clear(x: Any, queue: Queue) -> None:
    """Empty the lists of item x."""
    end = queue.changed[x]
    queue.changed[x] = -1
    while end >= 0:
        following = queue.link[end]
        queue.link[end] = UNLINKED
        end = following


@piece
def meet(e: Any, q: Any, x: Any, group: Any, level: Any, g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes) -> Any:
    """A tight edge leads to q: q joins the forest and False is returned; or it is there already, the edge is written down, and the caller has to mark it."""
    stored = f.val[q]
    if stored & 1:
        note(e, q, n, box)
        return True
    f.val[q] = stored - 2 * level + 1
    attach(q, e, x, group, g.slots, f)
    enter(q, level, g, m, f, queue)
    soon(q, queue.line, queue.where, queue.after, queue.before, queue.bucket)
    return False


@bare
def due_at(x: Any, end: Any, at: Any, level: Any, idle: Any, queue: Queue) -> None:
    """Item x has to look along the end at level `at`, if not earlier."""
    queue.due[end] = min(queue.due[end], at)
    queue.next_due[x] = min(queue.next_due[x], at)
    if at < idle:
        later(x, at, level, queue.key, queue.where, queue.after, queue.before, queue.bucket)


@bare
def change(x: Any, end: Any, level: Any, g: Graph, f: Forest, queue: Queue) -> None:
    """Node x, if it is in the forest, has to look along the end in this level.

    One that is away can get a slot only if it is `direct`: its slots are never given back, so nobody has held that one, and it is due at once anyway.
    """
    if f.val[x] & 1 == 0:
        return
    queue.due[end] = level
    if not g.many[x]:
        queue.next_due[x] = level
    elif queue.link[end] == UNLINKED:
        queue.link[end] = queue.changed[x]
        queue.changed[x] = end
