"""The forest that grows: demands to nodes of nested bounds, least cost, in whole numbers; all roots at once, level by level.

A primal-dual method (Kuhn 1955, doi:10.1002/nav.3800020109) for many roots at a time (Hopcroft and Karp 1973,
doi:10.1137/0202019), in which trees that lose their root are grafted onto others (Azad, Buluc, Pothen 2017,
doi:10.1109/TPDS.2016.2546258) instead of being searched anew.

- Every node v has a potential phi(v), the sink zero. A demand without a slot pays `level`; one that holds a slot at v by pair p
  pays cost(p) + phi(v), the least over its pairs. Edges lead from the holder of a slot at v to each other pair of that demand,
  from v over its gate to the next larger node while a unit more may pass, and back while units pass. The slack
  gain + phi(to) - phi(from) of an edge is never negative; an edge without slack is *tight*.
- Demands whose least equals the level become roots; trees grow over tight edges (`search.py`). Where a tree reaches room, its
  root is served along the way back, and the trees are mended (`ways.py`).
- When nothing grows, the level rises to the next at which something can, and with it all potentials in the forest.
- It ends when the level reaches `idle`, what staying unmatched costs. Then the potentials prove the matching best.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from matcher.solvers.forest.compiled import bare, compile_for, piece, prefetch
from matcher.solvers.forest.memory import LINE
from matcher.solvers.forest.radix import HEAD, advance, later, soon, take
from matcher.solvers.forest.report import FORGOTTEN, LEVEL, LEVELS, LOOKS, SERVED
from matcher.solvers.forest.search import knock, look
from matcher.solvers.forest.state import HOLDING, ROOT, USED, WORK, Codes, Forest, Graph, Matching, Notes, Queue, Sizes, State
from matcher.solvers.forest.trees import enter
from matcher.solvers.forest.ways import forget, graft, mend, release, serve

FETCHED = 6
"""Lines of the cache that are fetched of a node's rows, before it is its turn; the machine goes on from there by itself."""


@bare
def _wake(order: Sizes, g: Graph, f: Forest, queue: Queue) -> Any:
    """Every demand is due when its cheapest pair costs the level; the first level."""
    level = g.idle
    for d in range(len(order)):
        least = g.idle
        for j in range(g.first[d], g.first[d + 1]):
            if g.base[d] + (g.entry[j] >> g.bits) + g.lowest >= least:
                break
            least = min(least, g.base[d] + (g.entry[j] >> g.bits) + (f.val[(g.entry[j] & g.mask) >> 1] >> 1))
        f.born[g.nodes + d] = least
        level = min(level, least)
    for i in range(len(order)):
        item = g.nodes + order[i]
        if f.born[item] == level:
            soon(item, queue.line, queue.where, queue.after, queue.before, queue.bucket)
        elif f.born[item] < g.idle:
            later(item, f.born[item], level, queue.key, queue.where, queue.after, queue.before, queue.bucket)
    return level


@piece
def _ahead(item: Any, g: Graph, m: Matching, f: Forest, queue: Queue) -> None:
    """Fetch the slots, or the pairs, of the item that comes next, and what tells where those of the one after it are."""
    if item < 0:
        return
    following = queue.after[item]
    if 0 <= following < g.nodes:
        prefetch(g.slot_first, following)
        prefetch(m.taken, following)
        prefetch(queue.next_due, following)
        prefetch(f.born, following)
    elif following >= g.nodes:
        prefetch(g.first, following - g.nodes)
        prefetch(g.base, following - g.nodes)
        prefetch(f.state, following - g.nodes)
        prefetch(queue.after, following)
    if item >= g.nodes:
        prefetch(g.entry, g.first[item - g.nodes])
    else:
        s = g.slot_first[item]
        prefetch(queue.due, s)
        for k in range(FETCHED):
            prefetch(m.rows, s * g.width + k * (LINE // m.rows.itemsize))


@bare
def _grow(order: Sizes, report: Sizes, held: Codes, g: Graph, m: Matching, f: Forest, n: Notes, queue: Queue, box: Sizes) -> None:
    level = _wake(order, g, f, queue)
    cells = len(n.cell)
    while level < g.idle and box[WORK] <= g.limit:
        if box[USED] + g.most > cells:
            report[FORGOTTEN] += 1
            forget(level, g, m, f, n, queue, box)
        item = take(queue.line, queue.where, queue.after)
        if item < 0:
            level = advance(g.idle, queue.line, queue.key, queue.where, queue.after, queue.before, queue.bucket)
            report[LEVEL] = level
            report[LEVELS] += 1
            continue
        _ahead(queue.line[HEAD], g, m, f, queue)
        if item >= g.nodes and f.state[item - g.nodes] != ROOT:
            if f.state[item - g.nodes] == HOLDING:
                continue
            if not knock(item - g.nodes, level, g, m, f, n, queue, box):
                report[SERVED] += f.state[item - g.nodes] == HOLDING
                continue
        elif item < g.nodes and f.val[item] & 1 == 0:
            # It has left the forest, but somebody was refused here.
            if graft(item, level, g, m, f, n, queue, box):
                f.val[item] += 1 - 2 * level
                enter(item, level, g, m, f, queue)
                soon(item, queue.line, queue.where, queue.after, queue.before, queue.bucket)
            else:
                release(item, level, g, m, f, n, queue, box)
            continue
        report[LOOKS] += 1
        goal = look(item, level, g, m, f, n, queue, box)
        if goal >= 0:
            report[SERVED] += 1
            serve(goal, item, level, g, m, f, n, queue, box)
            mend(level, g, m, f, n, queue, box)
    report[LEVEL] = level
    for v in range(g.nodes):
        for s in range(g.slot_first[v], g.slot_first[v] + m.taken[v]):
            held[m.holder[s]] = g.first[m.holder[s]] + m.chosen[s]


def grow(state: State, order: Sizes, report: Sizes) -> tuple[Codes, Sizes]:
    """Match at least cost. The state is used up.

    Parameters
    ----------
    state
        As `state_of` makes it, with sorted entries.
    order
        The demands in the order in which they are looked at first.
    report
        int64, 5: written while it runs (`LEVEL`, `SERVED` ...), for whoever watches from another thread.

    Returns
    -------
    tuple
        int32 per demand, the entry it holds or -1; int64 per node, its potential. Unless `report[LEVEL]` is `idle` it gave up at the limit of work.
    """
    g, m, f, n, queue, box = state
    held = np.full(len(order), -1, dtype=np.int32)
    compile_for(_grow, order, report, held, *state)
    _grow(order, report, held, g, m, f, n, queue, box)
    val = f.val[:-1].astype(np.int64)
    return held, (val >> 1) + np.where(val & 1, g.idle, 0)
