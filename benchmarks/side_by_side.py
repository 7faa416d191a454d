"""The same arcs given straight to other solvers: `python -m benchmarks.side_by_side CASE STUDENTS SOLVER` prints JSON.

The flow is written down here from the wishes alone, sharing nothing with the matcher: a unit from each student, over one of the wishes, to the placement
and on to the sink. "As many as possible first" is one large cost per student who stays out, or is left to the solver.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.registry import SPECS
from matcher import Round


@dataclass(frozen=True)
class Arcs:
    """Students 0..n-1, placements n..n+m-1; wish i goes from `student[i]` to `placement[i]` and costs `rank[i]`."""

    students: int
    capacity: np.ndarray
    student: np.ndarray
    placement: np.ndarray
    rank: np.ndarray

    @property
    def sink(self) -> int:
        """The last node."""
        return self.students + len(self.capacity)

    @property
    def out(self) -> int:
        """What a student who stays out costs: more than any change of ranks can bring."""
        return self.students * int(self.rank.max()) + 1


def arcs_of(round_: Round) -> Arcs:
    """The arcs of a round with seats and strict wishes for placements only."""
    students, placements, wishes = (round_.table(name) for name in ("students", "placements", "preferences"))
    return Arcs(
        len(students),
        placements["capacity"].to_numpy(),
        pd.Index(students["student_id"]).get_indexer(wishes["student_id"]),
        pd.Index(placements["placement_id"]).get_indexer(wishes["target_id"]) + len(students),
        wishes["rank"].to_numpy(dtype=np.int64),
    )


def ortools(arcs: Arcs, *, unmatched_arcs: bool) -> dict[str, Any]:
    """One of the two calls: with an arc for staying out, or the maximum flow of least cost without."""
    from ortools.graph.python import min_cost_flow

    n, m = arcs.students, len(arcs.capacity)
    seats = np.arange(n, n + m)
    tail, head = [arcs.student, seats], [arcs.placement, np.full(m, arcs.sink)]
    upper, cost = [np.ones_like(arcs.rank), arcs.capacity], [arcs.rank, np.zeros(m, dtype=np.int64)]
    if unmatched_arcs:
        tail, head = [*tail, np.arange(n)], [*head, np.full(n, arcs.sink)]
        upper, cost = [*upper, np.ones(n, dtype=np.int64)], [*cost, np.full(n, arcs.out)]
    begun = time.perf_counter()
    solver = min_cost_flow.SimpleMinCostFlow()
    parts = (np.concatenate(part) for part in (tail, head, upper, cost))
    handles = solver.add_arcs_with_capacity_and_unit_cost(*parts)
    solver.set_nodes_supplies(np.arange(arcs.sink + 1), np.concatenate([np.ones(n, dtype=np.int64), np.zeros(m, dtype=np.int64), [-n]]))
    built = time.perf_counter()
    status = solver.solve() if unmatched_arcs else solver.solve_max_flow_with_min_cost()
    solved = time.perf_counter()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"the solver says {status}")
    used = solver.flows(handles)[: len(arcs.rank)] > 0
    return {"build": built - begun, "solve": solved - built, "placed": int(used.sum()), "rank": int(arcs.rank[used].sum())}


def networkx(arcs: Arcs) -> dict[str, Any]:
    """The maximum flow of least cost in pure Python."""
    import networkx as nx

    begun = time.perf_counter()
    graph = nx.DiGraph()
    graph.add_edges_from(("source", student, {"capacity": 1}) for student in range(arcs.students))
    wishes = zip(arcs.student.tolist(), arcs.placement.tolist(), arcs.rank.tolist(), strict=True)
    graph.add_edges_from((student, placement, {"capacity": 1, "weight": rank}) for student, placement, rank in wishes)
    graph.add_edges_from((arcs.students + p, "sink", {"capacity": int(c)}) for p, c in enumerate(arcs.capacity))
    built = time.perf_counter()
    flow = nx.max_flow_min_cost(graph, "source", "sink")
    solved = time.perf_counter()
    placed = sum(sum(flow[student].values()) for student in range(arcs.students))
    return {"build": built - begun, "solve": solved - built, "placed": placed, "rank": nx.cost_of_flow(graph, flow)}


def measure(case: str, students: int, solver: str) -> dict[str, Any]:
    """Seconds of building and of solving, and the optimum: how many placed, and the sum of their ranks."""
    arcs = arcs_of(SPECS[case].build(students))
    return networkx(arcs) if solver == "networkx" else ortools(arcs, unmatched_arcs=solver == "unmatched_arcs")


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
