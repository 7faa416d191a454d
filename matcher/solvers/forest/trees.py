"""The trees of the forest: what hangs where, who enters, and when an item has to look again."""

from __future__ import annotations

from typing import Any

from matcher.solvers.forest.compiled import bare, piece
from matcher.solvers.forest.notes import note, unmark
from matcher.solvers.forest.radix import AT_ONCE, later, soon
from matcher.solvers.forest.state import ROOT, UNLINKED, Codes, Flags, Forest, Graph, Matching, Notes, Queue, Sizes


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
def unmark_away(e: Any, group: Any, g: Graph, m: Matching, n: Notes, queue: Queue) -> None:
    """An edge of a node that is away is not listed any more: the node looks along it once it is back, as it does along all its gates."""
    unmark(e, g, m, n)
    if e < g.gates:
        queue.due[group] = AT_ONCE


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
