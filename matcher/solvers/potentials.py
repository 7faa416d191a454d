"""Prices from a flow: shortest distances to the sink in the residual network, and the check that they prove the flow optimal.

OR-Tools' min-cost flow hands out flows but no potentials. With phi(v) the least cost of getting one more unit from v to the sink in the
residual network, every arc that could carry more has phi(tail) <= cost + phi(head), and every arc that could carry less has the opposite:
complementary slackness, which proves optimality (Ahuja, Magnanti, Orlin 1993, Network Flows, theorem 9.1).

Demands are not nodes of the search: a demand on arc a with another arc b at hand is an edge from the head of a to the head of b of length
cost(b) - cost(a). So the search runs over seats and rows only, a few vectorised Bellman-Ford passes over all edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.solvers.network import Network

Sizes = npt.NDArray[np.int64]


class NotOptimal(Exception):
    """The flow has a cheaper neighbour, so it is not optimal (an overflow inside the solver, or a bug)."""


@dataclass(frozen=True, eq=False)
class Stage:
    """A flow problem on the network: bounds narrowed to the optimal face of earlier stages, and one whole-number cost per arc."""

    network: Network
    lower: Sizes
    upper: Sizes
    cost: Sizes


def potentials(stage: Stage, flow: Sizes, far: int) -> Sizes:
    """Least cost to the sink per node, int64; `far` where there is no way (larger than the length of any path).

    O(edges) a pass; as many passes as the longest shortest path has edges.

    Raises
    ------
    NotOptimal
        Complementary slackness fails.
    """
    network = stage.network
    phi = np.full(len(network.supply), far, dtype=np.int64)
    phi[network.sink] = 0
    start, finish, length = _edges(stage, flow)
    inner = start != network.sink
    start, finish, length = start[inner], finish[inner], length[inner]
    order = np.argsort(start, kind="stable")
    start, finish, length = start[order], finish[order], length[order]
    first = np.flatnonzero(np.diff(start, prepend=-1))
    nodes = start[first]
    for _ in range(len(nodes) + 2):
        better = np.minimum(phi[nodes], np.minimum.reduceat(length + phi[finish], first)) if len(first) else phi[nodes]
        if (better == phi[nodes]).all():
            break
        phi[nodes] = better
    else:
        raise NotOptimal
    _of_demands(stage, phi)
    _check(stage, flow, phi)
    return phi


def reduced_costs(stage: Stage, phi: Sizes) -> Sizes:
    """Cost + phi(head) - phi(tail) of every arc."""
    return stage.cost + phi[stage.network.head] - phi[stage.network.tail]


def _edges(stage: Stage, flow: Sizes) -> tuple[Sizes, Sizes, Sizes]:
    """All residual edges between nodes that are not plain demands: start, finish, length."""
    network = stage.network
    loose = stage.lower < stage.upper
    choice = network.pairs + network.unmatched
    of_plain = np.zeros(len(network.tail), dtype=np.bool_)
    is_demand = network.tail[:choice] < network.demands
    of_plain[:choice] = is_demand & network.plain[np.where(is_demand, network.tail[:choice], 0)]
    used = np.flatnonzero(of_plain & (flow > 0))
    head_of, cost_of = np.zeros(network.demands, dtype=np.int64), np.zeros(network.demands, dtype=np.int64)
    head_of[network.tail[used]], cost_of[network.tail[used]] = network.head[used], stage.cost[used]
    other = np.flatnonzero(of_plain & loose & (flow == 0))
    d = network.tail[other]
    arcs = np.flatnonzero(~of_plain & loose)
    # A unit of a demand that is not plain may take any arc out of it: supply, not the arc, bounds the flow.
    more = arcs[(flow[arcs] < stage.upper[arcs]) | (arcs < choice)]
    less = arcs[flow[arcs] > stage.lower[arcs]]
    start = np.concatenate([head_of[d], network.tail[more], network.head[less]])
    finish = np.concatenate([network.head[other], network.head[more], network.tail[less]])
    length = np.concatenate([stage.cost[other] - cost_of[d], stage.cost[more], -stage.cost[less]])
    return start.astype(np.int64), finish.astype(np.int64), length


def _of_demands(stage: Stage, phi: Sizes) -> None:
    """A plain demand pays the least over its arcs that are still open, or what its only arc costs."""
    network = stage.network
    choice = network.pairs + network.unmatched
    arcs = np.flatnonzero((network.tail[:choice] < network.demands) & (stage.upper[:choice] > 0))
    tails = network.tail[arcs]
    plain = network.plain[tails]
    arcs, tails = arcs[plain], tails[plain]
    least = np.full(network.demands, np.iinfo(np.int64).max)
    np.minimum.at(least, tails, stage.cost[arcs] + phi[network.head[arcs]])
    reached = np.zeros(network.demands, dtype=np.bool_)
    reached[tails] = True
    phi[: network.demands][reached] = least[reached]


def _check(stage: Stage, flow: Sizes, phi: Sizes) -> None:
    """Complementary slackness on every arc (a choice arc is bounded by its demand's single unit, so it may not have a negative reduced cost)."""
    network = stage.network
    reduced = reduced_costs(stage, phi)
    choice = network.pairs + network.unmatched
    wrong = ((reduced > 0) & (flow > stage.lower)) | ((reduced < 0) & (flow < stage.upper))
    wrong[:choice] |= (reduced[:choice] < 0) & (stage.upper[:choice] > stage.lower[:choice])
    if wrong.any():
        raise NotOptimal
