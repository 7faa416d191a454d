"""The engine for large nested problems: a primal-dual forest over seats and the rows above them, tier by tier, exact, with prices as proof.

It carries what `nest` puts on the side of the seats: seats, pools, quotas and parts of seats, with minimums, soft rows, pins and any whole-number costs.
Tiers are packed as digits (`digits.py`); what does not fit is settled in stages, each on the optimal face of the one before. Every stage ends with a check
of complementary slackness in tuples, which shares no arithmetic with the search.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.problem import Answer, Problem
from matcher.solvers.forest.digits import PATHS, Digits, pack
from matcher.solvers.forest.gates import Gates, gates_of
from matcher.solvers.forest.report import LEVEL, blank
from matcher.solvers.nesting import Nesting

Sizes = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
OnStage = Callable[[Answer, int], None]

ROW = 16
"""How many of a demand's cheapest pairs are copied to the seat that holds it; the rest is looked up where it stands."""


WORK = 2_000
"""How many places to look along per demand before another engine is tried: some hundred times what rounds need, so that no odd structure runs away."""


class NotCarried(Exception):
    """The costs are too large for this engine's numbers, or the structure too odd for its way of searching."""


class NotProven(Exception):
    """The potentials do not prove the matching (a bug): another engine has to answer."""


@dataclass(eq=False)
class _Face:
    """What is still open: pairs by demand, who must be matched, and the gates."""

    first: Sizes
    kept: Codes
    must: npt.NDArray[np.bool_]
    gates: Gates


@dataclass(frozen=True, eq=False)
class _Stage:
    """What a stage found: a pair per demand, digits of the potentials (N x (1 + tiers)), units through the gates and their allowed pieces."""

    digits: Digits
    chosen: Codes
    phi: Sizes
    passing: Sizes
    pieces: Gates
    missed: int


def solve(problem: Problem, nesting: Nesting, seed: int = 0, on_stage: OnStage | None = None, report: Sizes | None = None) -> Answer:
    """Solve a nested problem to the lexicographic optimum, or prove that its minimums and pins cannot be kept.

    Time and memory grow with the pairs; in practice about as pairs x levels of the costs that matter (docs/engine.md). `report` (int64, 5) is written while it
    runs, for whoever watches from another thread: `report.SERVED` counts the demands served in this stage.

    Raises
    ------
    NotCarried, NotProven
        Another engine has to answer.
    """
    return _Run(problem, nesting, seed, report).solve(on_stage)


@cache
def load(wide: bool) -> None:
    """Compile the kernel for entries of 32 or 64 bits, or load it from its cache, so that this is not counted as solving."""
    from matcher.solvers.forest.entries import Entries
    from matcher.solvers.forest.grow import grow
    from matcher.solvers.forest.slack import face_of_pairs
    from matcher.solvers.forest.state import state_of

    none, one, first = np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64), np.array([0, 1])
    pair, flag, node = np.zeros(1, dtype=np.int32), np.ones(1, dtype=np.bool_), np.ones(1, dtype=np.int32)
    entries = Entries(first, -one, np.zeros(1, dtype=np.int64 if wide else np.int32), pair, 2, 1, none[:0])
    entries.sort()
    grow(state_of(entries, (node, first * 0, pair[:0]), (first, one, none), none, flag, node, first.astype(np.int32), 0), none, blank())
    face_of_pairs(first, pair, pair, np.zeros((1, 1), dtype=np.int32), 0, np.zeros((1, 2), dtype=np.int64), flag, pair)


class _Run:
    """One lexicographic solve."""

    def __init__(self, problem: Problem, nesting: Nesting, seed: int, report: Sizes | None) -> None:
        self.problem, self.nesting = problem, nesting
        self.cost = _open(problem.cost)
        self.leaf = nesting.pair_leaf.astype(np.int32)
        self.order = np.random.default_rng(seed).permutation(problem.demands) if seed else np.arange(problem.demands)
        self.seconds = 0.0
        self.report = blank() if report is None else report
        self.engine = engine_name()

    def solve(self, on_stage: OnStage | None) -> Answer:
        problem, begun = self.problem, time.perf_counter()
        must = problem.must & (np.diff(problem.first_pair) > 0)
        face = _Face(_open(problem.first_pair), np.arange(problem.pairs, dtype=np.int32), must, gates_of(problem, self.nesting))
        prices = np.zeros((face.gates.nodes, len(problem.tiers)), dtype=np.int64)
        first = 0
        while True:
            stage, tight, idle = self._settle(face, first)
            at = slice(stage.digits.first, stage.digits.last)
            per_gate = _per_gate(stage.phi, face.gates)
            seconds = {"start": time.perf_counter() - begun - self.seconds, "solve": self.seconds}
            if stage.missed:
                nobody = np.full(problem.demands, -1, dtype=np.int32)
                return self._answer("infeasible", "proven_infeasible", nobody, ("infeasible",), per_gate[:, :1], seconds)
            prices[:, at] = _folded(per_gate, problem.cost[at])
            first = stage.digits.last
            last = first == len(problem.tiers)
            answer = self._answer("solved", "optimal" if last else "cancelled", stage.chosen, problem.tiers, prices.copy(), seconds)
            if last:
                return answer
            if on_stage is not None:
                on_stage(answer, first)
            face = self._narrowed(face, stage, per_gate, tight, idle)

    def _settle(self, face: _Face, first: int) -> tuple[_Stage, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Settle as many tiers from `first` on as fit, and check; assume longer paths where the check fails."""
        from matcher.solvers.forest.entries import bits_of
        from matcher.solvers.forest.slack import face_of_pairs

        spread = self._spread(face)
        nodes = face.gates.nodes
        limit = 1 << (57 - bits_of(nodes))
        found = False
        for path in sorted({min(p, 2 * nodes + 2) for p in (*PATHS, 2 * nodes + 2)}):
            digits = pack(first, spread, path, limit)
            if digits is None:
                if not found:
                    raise NotCarried
                break
            found = True
            stage = self._search(face, digits)
            if not _gates_hold(stage, self.problem.tiers):
                continue
            ok, tight, idle = face_of_pairs(face.first, face.kept, self.leaf, self.cost, digits.first, stage.phi, face.must, stage.chosen)
            if ok and (stage.missed == 0 or first == 0):
                return stage, tight, idle
        raise NotProven

    def _spread(self, face: _Face) -> list[int]:
        """Per tier: the largest difference one step can make (between two pairs of a demand, a pair and none, or two units of a gate)."""
        soft = self.problem.tiers.index("soft") if "soft" in self.problem.tiers else -1
        steps = []
        for k, column in enumerate(self.problem.cost):
            high, low = int(column.max(initial=0)), int(column.min(initial=0))
            slope = 2 * int(np.abs(face.gates.slope).max(initial=0)) if k == soft else 0
            steps.append(max(high, 0) - min(low, 0) + slope)
        return steps

    def _search(self, face: _Face, digits: Digits) -> _Stage:
        """One run of the forest over the packed costs."""
        from matcher.solvers.forest.entries import entries_of
        from matcher.solvers.forest.grow import grow
        from matcher.solvers.forest.state import state_of

        problem, gates = self.problem, face.gates.allowed()
        demand = np.repeat(np.arange(problem.demands, dtype=np.int32), np.diff(face.first))
        whole = len(face.kept) == problem.pairs
        columns = [problem.cost[k] if whole else problem.cost[k][face.kept] for k in range(digits.first, digits.last)]
        leaf = self.leaf if whole else self.leaf[face.kept]
        packed = digits.packed(columns, -face.must[demand].astype(np.int64))
        slope = self._slopes(gates, digits)
        asked = np.bincount(leaf, minlength=gates.nodes)
        first_piece = gates.first_piece()
        child = np.flatnonzero(gates.parent < gates.nodes).astype(np.int32)
        child = child[np.argsort(gates.parent[child], kind="stable")]
        first_child = np.concatenate(([0], np.cumsum(np.bincount(gates.parent[child], minlength=gates.nodes))))
        direct = (gates.parent == gates.nodes) & (np.diff(first_piece) <= 1) & (np.diff(first_child) == 0)
        one = np.flatnonzero(direct & (np.diff(first_piece) == 1))
        direct[one] = slope[first_piece[one]] == 0
        slots = np.minimum(asked, gates.upper)
        room = np.where(direct, slots, 0).astype(np.int32)
        starts = np.concatenate(([0], np.cumsum(slots))).astype(np.int32)
        phi = _first_potentials(gates, first_piece, slope)
        reach = int(np.abs(phi).max(initial=0)) + int(np.abs(slope).max(initial=0)) * (1 + int(gates.depth().max(initial=0)))
        entries = entries_of(face.first, packed, leaf, face.kept, gates.nodes, reach, ROW)
        load(entries.wide)
        solving = time.perf_counter()
        entries.sort()
        tree, gate = (gates.parent, first_child, child), (first_piece, gates.size, slope)
        limit = WORK * problem.demands + 10_000_000
        state = state_of(entries, tree, gate, phi, direct, room, starts, 0, limit)
        self.report[:] = -1, 0, 0, 0, 0  # no level yet
        held, phi = grow(state, self.order, self.report)
        self.seconds += time.perf_counter() - solving
        if self.report[LEVEL] != 0 and problem.demands:
            raise NotCarried
        chosen = np.where(held >= 0, entries.pair[np.maximum(held, 0)] if len(entries.pair) else -1, -1).astype(np.int32)
        passing = gates.passing(np.bincount(self.leaf[chosen[chosen >= 0]], minlength=gates.nodes))
        missed = int(np.maximum(face.gates.lower - passing, 0).sum()) + int((face.must & (chosen < 0)).sum())
        return _Stage(digits, chosen, digits.unpacked(phi), passing, gates, missed)

    def _slopes(self, gates: Gates, digits: Digits) -> Sizes:
        """Packed slope of each piece."""
        total = -gates.forced().astype(np.int64) * digits.lead
        if "soft" in self.problem.tiers[digits.first : digits.last]:
            total += gates.slope * digits.weight[self.problem.tiers.index("soft") - digits.first]
        return total

    def _narrowed(self, face: _Face, stage: _Stage, per_gate: Sizes, tight: npt.NDArray[np.bool_], idle: npt.NDArray[np.bool_]) -> _Face:
        """The optimal face: tight pairs, demands that are better off matched, gates that stand between two slopes."""
        demand = np.repeat(np.arange(self.problem.demands), np.diff(face.first))
        first = np.concatenate(([0], np.cumsum(np.bincount(demand[tight], minlength=self.problem.demands)))).astype(np.int64)
        gates = stage.pieces
        sign = _against_price(gates, stage.digits, self.problem.tiers, per_gate)
        lower, upper = (np.bincount(gates.node[s], gates.size[s], gates.nodes).astype(np.int64) for s in (sign < 0, sign <= 0))
        lower = np.maximum(lower, face.gates.lower)
        must = (np.diff(first) > 0) & ~idle
        return _Face(first, face.kept[tight], must, replace(face.gates, lower=lower, upper=np.maximum(upper, lower)))

    def _answer(self, outcome: str, reason: str, chosen: Codes, tiers: tuple[str, ...], prices: Sizes, seconds: dict[str, float]) -> Answer:
        seats = self.problem.seats
        row_prices = np.zeros((len(self.problem.rows), len(tiers)), dtype=np.int64)
        row_prices[list(self.nesting.rows)] = prices[seats:]
        return Answer(outcome, reason, chosen, tiers, np.ascontiguousarray(prices[:seats]), row_prices, self.engine, seconds)


def _open(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The array itself, or a copy where it is locked: numba would compile everything once more for locked arrays."""
    return array if array.flags.writeable and array.flags.c_contiguous else np.array(array, order="C")


def _first_potentials(gates: Gates, first_piece: Sizes, slope: Sizes) -> Sizes:
    """Before anybody is matched: the cost of the first unit through all gates above."""
    step = np.zeros(gates.nodes, dtype=np.int64)
    used = np.flatnonzero(np.diff(first_piece) > 0)
    step[used] = slope[first_piece[used]]
    phi, at, up = np.zeros(gates.nodes, dtype=np.int64), np.arange(gates.nodes), np.append(gates.parent, gates.nodes)
    step = np.append(step, 0)
    while (at < gates.nodes).any():
        phi += step[at]
        at = up[at]
    return phi


def _per_gate(phi: Sizes, gates: Gates) -> Sizes:
    """The price of each gate: what a unit loses over it."""
    above = np.vstack([phi, np.zeros((1, phi.shape[1]), dtype=np.int64)])
    result: Sizes = phi - above[gates.parent]
    return result


def _against_price(gates: Gates, digits: Digits, tiers: tuple[str, ...], per_gate: Sizes) -> Sizes:
    """Sign of slope - price of each piece, lexicographically."""
    slope = np.zeros((len(gates.node), per_gate.shape[1]), dtype=np.int64)
    slope[:, 0] = -gates.forced().astype(np.int64)
    if "soft" in tiers[digits.first : digits.last]:
        slope[:, 1 + tiers.index("soft") - digits.first] = gates.slope
    sign = np.zeros(len(gates.node), dtype=np.int64)
    for k in range(per_gate.shape[1]):
        sign = np.where(sign == 0, np.sign(slope[:, k] - per_gate[gates.node, k]), sign)
    return sign


def _gates_hold(stage: _Stage, tiers: tuple[str, ...]) -> bool:
    """Complementary slackness of every gate: pieces cheaper than its price are full, dearer ones empty."""
    pieces = stage.pieces
    sign = _against_price(pieces, stage.digits, tiers, _per_gate(stage.phi, pieces))
    units = stage.passing[pieces.node]
    full, empty = units >= pieces.start + pieces.size, units <= pieces.start
    return bool(((sign >= 0) | full).all() and ((sign <= 0) | empty).all() and (stage.passing <= np.maximum(pieces.upper, 0)).all())


def _folded(per_gate: Sizes, cost: npt.NDArray[np.int32]) -> Sizes:
    """The leading digit folded into the first tier: hard bounds allow any price, so a multiple larger than anything it must outweigh will do."""
    prices = per_gate[:, 1:].copy()
    if per_gate[:, 0].any():
        most = 2 * (int(np.abs(per_gate[:, 1]).max(initial=0)) * per_gate.shape[0] + int(np.abs(cost[0].astype(np.int64)).max(initial=0))) + 1
        prices[:, 0] += per_gate[:, 0] * most
    return prices


def engine_name() -> str:
    """Name of this engine and of what compiles it."""
    import numba

    return f"forest (own primal-dual kernel, numba {numba.__version__})"
