"""Other solvers on the same arcs. Each is asked for the most students first and then the least cost, and gives a matching back.

"Most students first" is one large cost for everybody who stays out, or is left to the solver. Libraries are loaded before the clock starts; `build` is
what their own form of the problem takes, `solve` their call alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.arcs import Arcs, Codes
from benchmarks.registry import ORTOOLS, TINY

POT_ITERATIONS = 10**15
MOST_ENTRIES = 30_000_000
"""Of a matrix with a column per seat: 12 bytes each, and the solver works on copies."""


@dataclass(frozen=True, eq=False)
class Found:
    """Seconds, and the optimum: how many placed, and the sum of their costs."""

    build: float
    solve: float
    placed: int
    rank: int


@dataclass(frozen=True)
class Peer:
    """A solver: the module it needs, what hinders it at some arcs (None: nothing), and its call."""

    module: str
    hindered: Callable[[Arcs], str | None]
    solve: Callable[[Arcs], Found]


def _found(arcs: Arcs, used: Codes, clock: tuple[float, float, float]) -> Found:
    """Of the wishes that are used."""
    begun, built, solved = clock
    return Found(built - begun, solved - built, len(used), int(arcs.cost[used].sum()))


def _wishes(arcs: Arcs, student: Codes, placement: Codes) -> Codes:
    """Which wish each pair is."""
    places = len(arcs.capacity)
    key = arcs.student * places + arcs.placement
    order = np.argsort(key)
    return order[np.searchsorted(key[order], student.astype(np.int64) * places + placement)]


def ortools_with_unmatched_arcs(arcs: Arcs) -> Found:
    """`SimpleMinCostFlow.solve`, with an arc for everybody who stays out."""
    return _ortools(arcs, unmatched=True)


def ortools_max_flow(arcs: Arcs) -> Found:
    """`SimpleMinCostFlow.solve_max_flow_with_min_cost`, without such arcs."""
    return _ortools(arcs, unmatched=False)


def _ortools(arcs: Arcs, *, unmatched: bool) -> Found:
    """A unit from each student over a wish to the placement, its pool where it has one, and the sink. A minimum is sent on its way beforehand."""
    from ortools.graph.python import min_cost_flow

    begun = time.perf_counter()
    n, m = arcs.students, len(arcs.capacity)
    sink = n + m + len(arcs.room)
    places, pools, people = np.arange(n, n + m), np.arange(n + m, sink), np.arange(n)
    after = np.where(arcs.pool >= 0, n + m + arcs.pool, sink)
    # tail, head, capacity, cost
    parts: list[tuple[Any, ...]] = [
        (arcs.student, n + arcs.placement, 1, arcs.cost),
        (places, after, arcs.capacity - arcs.lower, 0),
        (pools, sink, arcs.room, 0),
    ]
    if unmatched:
        parts.append((people, sink, 1, arcs.out))
    columns = [np.concatenate(column) for column in zip(*(np.broadcast_arrays(*part) for part in parts), strict=True)]
    supply = np.zeros(sink + 1, dtype=np.int64)
    supply[people] = 1
    supply[places] = -arcs.lower
    supply[sink] = -n
    np.add.at(supply, after, arcs.lower)
    solver = min_cost_flow.SimpleMinCostFlow()
    handles = solver.add_arcs_with_capacity_and_unit_cost(*columns)
    solver.set_nodes_supplies(np.arange(sink + 1), supply)
    built = time.perf_counter()
    status = solver.solve() if unmatched else solver.solve_max_flow_with_min_cost()
    solved = time.perf_counter()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"the solver says {status}")
    return _found(arcs, np.flatnonzero(solver.flows(handles)[: len(arcs.cost)]), (begun, built, solved))


def pot(arcs: Arcs) -> Found:
    """`ot.emd` with a sparse matrix of costs (a network simplex, exact up to doubles, which whole numbers of this size are).

    It moves masses from rows to columns, which must be equal in sum: students and one row for the seats that stay empty; placements and one column
    for the students who stay out.
    """
    import ot
    from scipy.sparse import coo_array

    begun = time.perf_counter()
    n, m = arcs.students, len(arcs.capacity)
    seats = float(arcs.capacity.sum())
    people, places = np.arange(n), np.arange(m)
    row = np.concatenate([arcs.student, people, np.full(m + 1, n)])
    column = np.concatenate([arcs.placement, np.full(n, m), places, [m]])
    cost = np.concatenate([arcs.cost, np.full(n, arcs.out), np.zeros(m + 1)]).astype(np.float64)
    mass_out, mass_in = np.append(np.ones(n), seats), np.append(arcs.capacity.astype(np.float64), float(n))
    matrix = coo_array((cost, (row, column)), shape=(n + 1, m + 1))
    built = time.perf_counter()
    plan, told = ot.emd(mass_out, mass_in, matrix, numItermax=POT_ITERATIONS, log=True)
    solved = time.perf_counter()
    if told["warning"]:
        raise RuntimeError(f"the solver says {told['warning']}")
    plan = plan.tocoo()
    inside = (plan.row < n) & (plan.col < m)
    if not np.isin(plan.data[inside], (0.0, 1.0)).all():
        raise RuntimeError("the solver splits a student")
    taken = inside & (plan.data > 0)
    return _found(arcs, _wishes(arcs, plan.row[taken], plan.col[taken]), (begun, built, solved))


def scipy(arcs: Arcs) -> Found:
    """`min_weight_full_bipartite_matching`: a column for every seat, and one for every student who stays out, so that a full matching exists."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    begun = time.perf_counter()
    n, seats = arcs.students, int(arcs.capacity.sum())
    first = np.cumsum(arcs.capacity) - arcs.capacity
    copies = arcs.capacity[arcs.placement]
    wish = np.repeat(np.arange(len(arcs.cost)), copies)
    seat = first[arcs.placement][wish] + np.arange(len(wish)) - np.repeat(np.cumsum(copies) - copies, copies)
    people = np.arange(n)
    row, column = np.concatenate([arcs.student[wish], people]), np.concatenate([seat, seats + people])
    weight = np.concatenate([arcs.cost[wish], np.full(n, arcs.out)])
    matrix = coo_array((weight, (row, column)), shape=(n, seats + n)).tocsr()
    built = time.perf_counter()
    rows, columns = min_weight_full_bipartite_matching(matrix)
    solved = time.perf_counter()
    taken = columns < seats
    return _found(arcs, _wishes(arcs, rows[taken], np.searchsorted(first, columns[taken], side="right") - 1), (begun, built, solved))


def networkx(arcs: Arcs) -> Found:
    """`max_flow_min_cost`, in pure Python."""
    import networkx as nx

    begun = time.perf_counter()
    graph = nx.DiGraph()
    graph.add_edges_from(("source", student, {"capacity": 1}) for student in range(arcs.students))
    wishes = list(zip(arcs.student.tolist(), (arcs.students + arcs.placement).tolist(), arcs.cost.tolist(), strict=True))
    graph.add_edges_from((student, place, {"capacity": 1, "weight": cost}) for student, place, cost in wishes)
    graph.add_edges_from((arcs.students + p, "sink", {"capacity": int(c)}) for p, c in enumerate(arcs.capacity))
    built = time.perf_counter()
    flow = nx.max_flow_min_cost(graph, "source", "sink")
    solved = time.perf_counter()
    used = np.flatnonzero([flow[student][place] for student, place, _ in wishes])
    return _found(arcs, used, (begun, built, solved))


def _nothing(_: Arcs) -> None:
    """Nothing hinders it."""
    return


def _minimums(arcs: Arcs) -> str | None:
    return "this call keeps no minimums" if arcs.lower.any() else None


def _seats_only(arcs: Arcs) -> str | None:
    return None if arcs.plain else "knows seats only"


def _seat_columns(arcs: Arcs) -> str | None:
    entries = int(arcs.capacity[arcs.placement].sum()) + arcs.students
    return _seats_only(arcs) or (f"a column per seat: {entries / 1e6:,.0f} million entries" if entries > MOST_ENTRIES else None)


def _tiny(arcs: Arcs) -> str | None:
    return _seats_only(arcs) or (f"pure Python, up to {TINY} students" if arcs.students > TINY else None)


SOLVERS = {
    ORTOOLS[0]: Peer("ortools", _nothing, ortools_with_unmatched_arcs),
    ORTOOLS[1]: Peer("ortools", _minimums, ortools_max_flow),
    "pot": Peer("ot", _seats_only, pot),
    "scipy": Peer("scipy", _seat_columns, scipy),
    "networkx": Peer("networkx", _tiny, networkx),
}
"""The calls behind `benchmarks.registry.PEERS`."""
