"""The engine for nested problems: OR-Tools' min-cost flow, tier by tier, exact in whole numbers, with prices as proof.

Tiers are packed into one cost as long as the result provably fits the solver's 64-bit arithmetic; the rest is solved in stages. After each
stage the network is narrowed to the stage's *optimal face*: an arc with positive reduced cost stays at its lower bound, one with negative
reduced cost at its upper bound; what remains are exactly the flows that are optimal so far (complementary slackness). The prices of all
stages, one digit per tier, form the lexicographic proof of docs/proof.md.

The solver behind it is a cost-scaling push-relabel method (Goldberg 1997, doi:10.1006/jagm.1995.0805); a stage takes about O(n m log(nC))
in practice far less.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.problem import Answer, Problem
from matcher.solvers import mixed_radix
from matcher.solvers.nesting import Nesting
from matcher.solvers.network import INFEASIBLE, Network, build
from matcher.solvers.potentials import NotOptimal, Stage, potentials, reduced_costs

Sizes = npt.NDArray[np.int64]
OnStage = Callable[[Answer, int], None]
"""Called after each stage but the last with the answer so far and the number of tiers that are settled."""

LIMIT = 2**62


class Overflow(Exception):
    """The solver refused the costs as too large; the caller packs fewer tiers."""


class NoFlow(Exception):
    """The bounds cannot be kept."""


@dataclass(frozen=True)
class Packing:
    """Consecutive tiers first..last-1 in one cost: weight[k] for each, and the largest change `reach[k]` that any exchange can make in its value."""

    first: int
    last: int
    weight: tuple[int, ...]
    reach: tuple[int, ...]

    @property
    def far(self) -> int:
        """Longer than any path: a whole number of the first tier's weight, so that the digits behind it stay clean."""
        return self.weight[0] * (2 * self.reach[0] + 3)

    def digits(self, packed: Sizes) -> Sizes:
        """A packed potential as one number per tier (balanced mixed radix), tiers x len(packed)."""
        return mixed_radix.digits(packed, [2 * reach + 1 for reach in self.reach[1:]])


def reaches(network: Network, lower: Sizes, upper: Sizes) -> list[int]:
    """Per tier: by how much the values of any two flows within the bounds can differ at most."""
    choice = network.pairs + network.unmatched
    loose = lower < upper
    found = []
    owner = network.tail[:choice].astype(np.int64)
    for cost in network.cost:
        if not cost.any():
            found.append(0)
            continue
        open_cost = cost[:choice][upper[:choice] > 0].astype(np.int64)
        owners = owner[upper[:choice] > 0]
        high, low = np.full(len(network.supply), np.iinfo(np.int64).min), np.full(len(network.supply), np.iinfo(np.int64).max)
        np.maximum.at(high, owners, open_cost)
        np.minimum.at(low, owners, open_cost)
        used = high >= low
        spread = int((high[used] - low[used]).sum())
        if not network.plain.all():
            # Units of a demand with inner rows leave from several nodes: count the whole range for each of them.
            spread = int((np.maximum(high[used], 0) - np.minimum(low[used], 0)).sum())
        gates = loose[choice:]
        spread += int((np.abs(cost[choice:][gates].astype(np.int64)) * (upper - lower)[choice:][gates]).sum())
        found.append(spread)
    return found


def pack(network: Network, lower: Sizes, upper: Sizes, first: int, *, at_most: int | None = None) -> Packing:
    """As many tiers from `first` on as fit: weights so large that no sum over later tiers ever outweighs one unit of an earlier one."""
    reach = reaches(network, lower, upper)
    best = Packing(first, first + 1, (1,), (reach[first],))
    nodes = len(network.supply) + 1
    for last in range(first + 2, len(network.tiers) + 1):
        part = reach[first:last]
        weight = mixed_radix.weights([2 * reach + 1 for reach in part[1:]])
        trial = Packing(first, last, tuple(weight), tuple(part))
        largest = sum(w * int(np.abs(network.cost[first + k]).max(initial=0)) for k, w in enumerate(weight))
        if trial.far >= LIMIT // 4 or largest * nodes >= LIMIT or (at_most is not None and last - first > at_most):
            break
        best = trial
    return best


def packed_cost(network: Network, packing: Packing) -> Sizes:
    """The one cost per arc of a packing."""
    total = np.zeros(len(network.tail), dtype=np.int64)
    for k, weight in enumerate(packing.weight):
        total += weight * network.cost[packing.first + k].astype(np.int64)
    return total


def min_cost_flow(stage: Stage, order: npt.NDArray[np.int64]) -> Sizes:
    """One call of OR-Tools' SimpleMinCostFlow; lower bounds are shifted into the supplies.

    Raises
    ------
    NoFlow
        The bounds cannot be kept.
    Overflow
        The solver refused the size of the costs.
    """
    from ortools.graph.python import min_cost_flow as ortools_flow

    network = stage.network
    supply = network.supply.copy()
    fixed = stage.lower != 0
    np.subtract.at(supply, network.tail[fixed], stage.lower[fixed])
    np.add.at(supply, network.head[fixed], stage.lower[fixed])
    arcs = order[(stage.lower < stage.upper)[order]]
    solver = ortools_flow.SimpleMinCostFlow()
    handles = solver.add_arcs_with_capacity_and_unit_cost(network.tail[arcs], network.head[arcs], (stage.upper - stage.lower)[arcs], stage.cost[arcs])
    solver.set_nodes_supplies(np.arange(len(supply), dtype=np.int32), supply)
    status = solver.solve()
    if status == solver.INFEASIBLE:
        raise NoFlow
    if status != solver.OPTIMAL:
        raise Overflow
    flow = stage.lower.copy()
    flow[arcs] += solver.flows(handles)
    return flow


@dataclass(eq=False)
class _Run:
    """One lexicographic solve: the face so far, and the digits of the prices found."""

    network: Network
    lower: Sizes
    upper: Sizes
    order: npt.NDArray[np.int64]
    phi: Sizes
    seconds: float = 0.0

    def stage(self, first: int, at_most: int | None = None) -> tuple[Sizes, int]:
        """Settle some tiers from `first` on; return the flow and the first tier that is still open."""
        packing = pack(self.network, self.lower, self.upper, first, at_most=at_most)
        stage = Stage(self.network, self.lower, self.upper, packed_cost(self.network, packing))
        try:
            begun = time.perf_counter()
            flow = min_cost_flow(stage, self.order)
            self.seconds += time.perf_counter() - begun
            phi = potentials(stage, flow, packing.far)
        except (Overflow, NotOptimal):
            if packing.last - packing.first == 1:
                raise
            return self.stage(first, packing.last - packing.first - 1)
        self.phi[packing.first : packing.last] = packing.digits(phi)
        reduced = reduced_costs(stage, phi)
        self.upper = np.where(reduced > 0, self.lower, self.upper)
        self.lower = np.where(reduced < 0, self.upper, self.lower)
        return flow, packing.last


def solve(problem: Problem, nesting: Nesting, seed: int = 0, on_stage: OnStage | None = None) -> Answer:
    """Solve a nested problem to the lexicographic optimum, or prove that its minimums and pins cannot be kept.

    Parameters
    ----------
    problem, nesting
        `nesting` is what `nest(problem)` returned.
    seed
        Chooses among equally good matchings: it shuffles the order in which the solver meets the arcs.
    on_stage
        Hears of every matching that is already optimal in the first tiers.

    Raises
    ------
    NotOptimal, Overflow
        The solver broke its contract even for a single tier.
    """
    begun = time.perf_counter()
    _load()
    loaded = time.perf_counter() - begun
    if contradiction(problem):
        return _refuted(problem, loaded)
    if (problem.seat_lower > 0).any() or problem.must.any() or any(row.lower > 0 and row.weight is None for row in problem.rows):
        missed = _missed_minimums(problem, nesting, seed, loaded)
        if missed is not None:
            return missed
    begun = time.perf_counter()
    network = build(problem, nesting)
    loaded += time.perf_counter() - begun
    run = _start(network, seed)
    first = 0
    while True:
        flow, first = run.stage(first)
        last = first >= len(problem.tiers)
        answer = _answer(problem, nesting, run, flow, loaded, "optimal" if last else "cancelled")
        if last:
            return answer
        if on_stage is not None:
            on_stage(answer, first)


def _load() -> None:
    """Import the solver, so that its loading is not counted as solving."""
    from ortools.graph.python import min_cost_flow  # noqa: F401 - the import itself is the work


def _start(network: Network, seed: int) -> _Run:
    order = np.random.default_rng(seed).permutation(len(network.tail)) if seed else np.arange(len(network.tail))
    phi = np.zeros((len(network.tiers), len(network.supply)), dtype=np.int64)
    return _Run(network, network.lower, network.upper, order, phi)


def contradiction(problem: Problem) -> bool:
    """Whether some row asks for more than it allows: no matching keeps it, whatever the prices."""
    return bool((problem.seat_lower > problem.seat_upper).any()) or any(row.weight is None and row.lower > row.upper for row in problem.rows)


def _refuted(problem: Problem, loaded: float) -> Answer:
    """The answer to a contradiction: infeasible, and the proof needs no prices."""
    nobody = np.full(problem.demands, -1, dtype=np.int32)
    none = np.zeros((problem.seats, 1), dtype=np.int64), np.zeros((len(problem.rows), 1), dtype=np.int64)
    return Answer("infeasible", "proven_infeasible", nobody, (INFEASIBLE,), *none, engine_name(), {"start": loaded, "solve": 0.0})


def _missed_minimums(problem: Problem, nesting: Nesting, seed: int, loaded: float) -> Answer | None:
    """None when all minimums and pins can be kept; else the answer that proves they cannot."""
    network = build(problem, nesting, elastic=True)
    run = _start(network, seed)
    flow, _ = run.stage(0)
    missed = int((network.cost[0].astype(np.int64) * flow).sum()) + network.wanted
    if missed == 0:
        return None
    answer = _answer(problem, nesting, run, flow, loaded, "proven_infeasible")
    return Answer(
        "infeasible",
        answer.reason,
        np.full(problem.demands, -1, dtype=np.int32),
        (INFEASIBLE,),
        answer.seat_prices,
        answer.row_prices,
        answer.engine,
        answer.seconds,
    )


def _answer(problem: Problem, nesting: Nesting, run: _Run, flow: Sizes, loaded: float, reason: str) -> Answer:
    """Pairs with flow, and the price of every seat and row: the potential that a unit loses over its gate."""
    network = run.network
    chosen = np.full(problem.demands, -1, dtype=np.int32)
    taken = np.flatnonzero(flow[: network.pairs])
    chosen[problem.demand_of_pair()[taken]] = taken
    price = run.phi[:, network.tail[network.gate]] - run.phi[:, network.head[network.gate]]
    price = np.where(network.mirrored, -price, price).T
    row_prices = np.zeros((len(problem.rows), len(network.tiers)), dtype=np.int64)
    row_prices[list(nesting.rows)] = price[problem.seats :]
    return Answer(
        "solved",
        reason,
        chosen,
        network.tiers,
        np.ascontiguousarray(price[: problem.seats]),
        row_prices,
        engine_name(),
        {"start": loaded, "solve": run.seconds},
    )


def engine_name() -> str:
    """Name and version of the solver behind this engine."""
    import ortools

    return f"flow (OR-Tools min-cost flow {ortools.__version__})"
