"""The engine for problems that do not nest.

First a matching, searched for by the relaxation of all tiers together; then, tier by tier, a bound, an exact answer where one is within reach, and cases where
the bound falls short.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from matcher.problem import Answer, Certificate, Problem
from matcher.solvers.relaxation.exact import settle
from matcher.solvers.relaxation.leaf import Case, Values
from matcher.solvers.relaxation.model import Model, model_of
from matcher.solvers.relaxation.program import SolverFailed
from matcher.solvers.relaxation.search import IDLE, SECONDS, Search, practical_weights, rounded
from matcher.solvers.relaxation.stage import ALL, Goal, Optimum, optimum
from matcher.solvers.relaxation.start import cheap_pairs
from matcher.solvers.relaxation.tree import Node, borrowed, bound_of, grow, leaves_of, nodes_of, root, trivial

Codes = npt.NDArray[np.int32]
OnStage = Callable[[Answer, int], None]

NAME = "relaxation"

EXACT = 30_000
"""Pairs up to which a tier is settled exactly."""

NODES = 400
"""Cases made at most to close the gap of a tier."""

BRIEF = 8
"""Neighbourhoods in a row without a gain that end the search where the relaxation is almost whole."""

DIVE = 20
"""Cases made before a tier is settled exactly: often a relaxation comes out whole among them."""

WORK = 40_000_000
"""Cases times pairs that a tier may cost."""

LARGE, NEAR = 60_000, 5e-3
"""Beyond so many pairs a bound that is so near to its value is taken as it is, unless the relaxation is almost whole."""

FEW = 300
"""A relaxation with no more torn pairs is almost whole: a handful of cases closes each tier, and finds what the search misses."""

RESERVE, LESS = 0.25, 0.05
"""The part of the budget that is kept for bounds and cases, and where every bound is known already."""

PART, HALF, CORE_PART = 0.04, 0.5, 0.4
"""Parts of the budget: what one neighbourhood may take, and, of what is left of it, what an exact answer and the core may take."""

ENDLESS = 1 << 30
"""The search goes on as long as there is time."""

TELL = 1.0
"""So many seconds lie between two matchings that are handed over during the search."""

INFEASIBLE = "infeasible"


@dataclass(eq=False)
class _Run:
    """One solve: the matching so far, and the trees of the tiers whose bound is known."""

    model: Model
    seed: int
    gap: float
    begun: float
    seconds: float | None
    on_stage: OnStage | None
    chosen: Codes
    value: tuple[int, ...]
    guide: Optimum | None = None
    searching: Search | None = None
    weights: dict[int, float] = field(default_factory=dict)
    trees: dict[int, tuple[Values, Node]] = field(default_factory=dict)

    @property
    def until(self) -> float:
        """When the budget ends, as `time.perf_counter` counts."""
        return math.inf if self.seconds is None else self.begun + self.seconds

    @property
    def left(self) -> float:
        """Seconds until the budget ends."""
        return self.until - time.perf_counter()

    def take(self, chosen: Codes) -> None:
        """Keep a matching that is at least as good."""
        value = self.model.value(chosen[chosen >= 0])
        if value <= self.value:
            self.chosen, self.value = chosen, value

    # -- the matching ----------------------------------------------------------------------------------------------------------

    def search(self) -> None:
        """Round the relaxation of all tiers together, and improve where the duals see waste."""
        model = self.model
        weights = self.weights = practical_weights(model.problem)
        total = sum(weight * np.abs(model.problem.cost[tier]).max(initial=0) for tier, weight in weights.items())
        start = None
        if model.problem.pairs > ALL:
            start = cheap_pairs(model.problem, model.weighted(weights))
        try:
            guide = optimum(model, Goal(weights, elastic=4.0 * max(1.0, float(total))), Case.whole(model), start, until=self.until)
        except SolverFailed:
            return
        self.guide = guide
        first = rounded(model, guide)
        search = self.searching = Search(model, guide, weights, np.random.default_rng(self.seed), first)
        if self.seconds is not None:
            search.patience = max(0.2, PART * self.seconds)
        self.take(first)
        if self.almost_whole:
            self.improve(BRIEF)
            return
        self.improve(IDLE, lambda: bool(search.value[0]))
        self.tell()  # the core takes a while, and somebody may stop it
        search.core(first, min(SECONDS, CORE_PART * self.left))
        self.take(search.chosen)
        self.tell()
        self.improve(IDLE if self.unproven() or self.seconds is None else ENDLESS)

    def improve(self, idle: int, also: Callable[[], bool] = lambda: True) -> None:
        """Go on searching until so many neighbourhoods in a row gain nothing, or time is up but for what bounds take."""
        search = self.searching
        if search is None:
            return
        search.begin(self.chosen)
        told, reserve = time.perf_counter(), RESERVE

        def tick() -> bool:
            nonlocal told, reserve
            if time.perf_counter() - told > TELL:
                self.take(search.chosen)
                self.tell()
                told, reserve = time.perf_counter(), RESERVE if self.unproven() else LESS
            return self.left > reserve * (self.seconds or 0.0) and also()

        search.run(tick, idle)
        self.take(search.chosen)

    def tell(self) -> None:
        """Hand over a matching that keeps all rules, with the bounds that cost little."""
        if self.on_stage is None or self.value[0]:
            return
        for tier in range(len(self.model.problem.tiers)):
            if self.bound(tier) is None:
                self.trees[tier] = self.value[1 : tier + 1], self.cheap(tier)
        self.on_stage(self.answer("cancelled"), 0)

    def cheap(self, tier: int) -> Node:
        """The bound of a tier without a program of its own."""
        values = self.value[1 : tier + 1]
        tree = trivial(self.model, tier, values)
        if self.guide is None or tree.bound == self.value[tier + 1]:
            return tree
        return max(tree, borrowed(self.model, tier, values, self.guide, self.weights) or tree, key=lambda one: one.bound or 0)

    # -- the proof -------------------------------------------------------------------------------------------------------------

    def stages(self) -> None:
        """Tier by tier: the bound given the values before, and what can be done about a gap."""
        for tier in range(len(self.model.problem.tiers)):
            self.tier(tier)
            if self.on_stage is not None and tier + 1 < len(self.model.problem.tiers):
                self.on_stage(self.answer("cancelled"), tier + 1)

    def tier(self, tier: int) -> None:
        """Prove the value of a tier, or improve it and prove that."""
        model = self.model
        values = self.value[1 : tier + 1]
        if self.bound(tier) is None:
            self.trees[tier] = values, self.cheap(tier)
        if not self.unproven(tier):
            return
        cheap = self.trees[tier][1]
        tree = root(model, tier, values, self.guide, self.value[tier + 1], until=self.until)
        self.trees[tier] = values, max(tree, cheap, key=lambda one: self.value[tier + 1] if one.bound is None else one.bound)
        # Within a budget the tiers behind would rather have their bounds than this one cases that will not do.
        if self.open(tier) and tree.guide is not None and (self.seconds is None or _almost_whole(tree.guide) or model.problem.pairs <= EXACT):
            self.close(tier, values, tree)

    @property
    def almost_whole(self) -> bool:
        """Whether cases are a better use of time than search."""
        return self.guide is not None and _almost_whole(self.guide)

    def unproven(self, *tiers: int) -> bool:
        """Whether some tier (of these, if any are given) is open and worth a linear program of its own."""
        known = self.model.problem.pairs > LARGE and not self.almost_whole
        return any(self.open(tier) and not (known and self.near(tier)) for tier in tiers or range(len(self.model.problem.tiers)))

    def near(self, tier: int) -> bool:
        """Whether the bound of a large problem is so near that a linear program of its own would hardly move it."""
        value, bound = self.value[tier + 1], self.bound(tier)
        return bound is not None and value - bound <= NEAR * max(1, abs(value))

    def open(self, tier: int) -> bool:
        """Whether the bound of a tier is still away from its value by more than is asked for."""
        value, bound = self.value[tier + 1], self.bound(tier)
        return bound is None or value - bound > self.gap * max(1, abs(value))

    def bound(self, tier: int) -> int | None:
        """The bound of a tier, given the values of the matching before it; None where it is not known."""
        values, tree = self.trees.get(tier, ((), None))
        if tree is None or values != self.value[1 : tier + 1]:
            return None
        return min(bound_of(tree, self.value[tier + 1]), self.value[tier + 1])

    def close(self, tier: int, values: Values, tree: Node) -> None:
        """Settle a tier over the pairs that can matter; then split the bound into cases until it reaches the value."""
        model, guide = self.model, tree.guide
        if guide is None:
            raise TypeError(tree)
        nodes = min(NODES, max(4, WORK // max(1, model.problem.pairs)))
        before = self.value
        if _almost_whole(guide) and self.split(tier, values, tree, min(nodes, DIVE)):
            if self.value != before and tier + 1 < len(model.problem.tiers):  # a relaxation that came out whole knew nothing of the tiers behind
                self.improve(BRIEF)
            return
        if self.almost_whole:  # the search was brief
            self.improve(IDLE)
            if not self.open(tier):
                return
        gain = self.value[tier + 1] - guide.value
        allowed = guide.reduced <= gain + 1e-3 * max(1.0, gain)
        if np.count_nonzero(allowed) <= EXACT:
            held = np.zeros(model.problem.pairs, dtype=np.bool_)
            held[self.chosen[self.chosen >= 0]] = True
            found = settle(model, tier, dict(enumerate(values)), allowed | held, self.chosen, self.seed, seconds=HALF * self.left)
            if found.chosen is not None:
                self.take(found.chosen)
        self.split(tier, values, tree, nodes)

    def split(self, tier: int, values: Values, tree: Node, nodes: int) -> bool:
        """Split the bound into cases, and take the matchings that turn up on the way; says whether the tier is closed."""
        better: Codes | None = self.chosen
        while better is not None:
            bound, better = grow(self.model, tier, values, tree, self.value[tier + 1], nodes, self.until)
            if better is not None:
                self.take(better)
        if bound >= (self.bound(tier) or bound):
            self.trees[tier] = values, tree
        return not self.open(tier)

    # -- answers ---------------------------------------------------------------------------------------------------------------

    def feasible(self) -> Answer | None:
        """None once the matching keeps all rules; else the answer that says why there is none."""
        model = self.model
        if self.value[0] == 0:
            return None
        tree = root(model, -1, (), until=self.until)
        bound = bound_of(tree, 1)
        if bound < 1:
            everything = np.ones(model.problem.pairs, dtype=np.bool_)
            found = settle(model, -1, {}, everything, None, self.seed, seconds=HALF * self.left)
            if found.chosen is not None:
                self.take(found.chosen)
                return None
            bound, chosen = grow(model, -1, (), tree, 1, NODES, self.until)
            if chosen is not None:
                self.take(chosen)
                return None
        nobody = np.full(model.problem.demands, -1, dtype=np.int32)
        if bound >= 1:
            return self._answer("infeasible", "proven_infeasible", nobody, (INFEASIBLE,), certificate([(0, tree)], 1, model), ())
        return self._answer("no_answer", "not_closed", nobody, (), None, ())

    def answer(self, reason: str | None = None) -> Answer:
        """The matching with what is proven of it."""
        tiers = self.model.problem.tiers
        bounds = tuple(self.bound(tier) for tier in range(len(tiers)))
        if reason is None:
            closed = all(bound == value for bound, value in zip(bounds, self.value[1:], strict=True))
            reason = "optimal" if closed else "gap_reached" if not any(self.open(tier) for tier in range(len(tiers))) else "not_closed"
        known = [(tier, self.trees[tier][1]) for tier in range(len(tiers)) if bounds[tier] is not None]
        return self._answer("solved", reason, self.chosen, tiers, certificate(known, len(tiers), self.model), bounds)

    def _answer(self, outcome: str, reason: str, chosen: Codes, tiers: tuple[str, ...], proof: Certificate | None, bounds: tuple[int | None, ...]) -> Answer:
        problem = self.model.problem
        none = np.zeros((problem.seats, len(tiers)), dtype=np.int64), np.zeros((len(problem.rows), len(tiers)), dtype=np.int64)
        seconds = {"start": 0.0, "solve": time.perf_counter() - self.begun}
        return Answer(outcome, reason, chosen, tiers, *none, engine_name(), seconds, 1, proof, bounds)


def _almost_whole(relaxation: Optimum) -> bool:
    """Whether a handful of cases is likely to make it whole."""
    return relaxation.torn <= FEW


def solve(problem: Problem, seed: int = 0, on_stage: OnStage | None = None, *, seconds: float | None = None, gap: float = 0.0) -> Answer:
    """Solve any problem.

    Parameters
    ----------
    problem
        Rows may cross; teams, paths, open-or-closed seats and even fill are carried.
    seed
        Steers the search; the same seed gives the same matching, unless the time limit cuts the search short.
    on_stage
        Hears of the matching and its bounds so far, with the number of tiers that have one.
    seconds, gap
        When to stop: the search and the cases end before the seconds do, and a tier is not worked at further once its gap is no larger than `gap`.

    Returns
    -------
    Answer
        With a certificate by cases; `not_closed` where effort ran out before the bound met the value.
    """
    begun = time.perf_counter()
    model = model_of(problem)
    nobody = np.full(problem.demands, -1, dtype=np.int32)
    run = _Run(model, seed, gap, begun, seconds, on_stage, nobody, model.value(nobody[:0]))
    lower, upper = Case.whole(model).tightened(model)
    if problem.pairs and not ((lower > upper) & (model.tier < 0)).any():
        run.search()
    refused = run.feasible()
    if refused is not None:
        return refused
    run.stages()
    return run.answer()


def certificate(trees: list[tuple[int, Node]], tiers: int, model: Model) -> Certificate:
    """The trees as arrays, in the order of their tiers."""
    tier, row, value = [], [], []
    leaves = []
    for number, tree in trees:
        for node in nodes_of(tree):
            tier.append(number)
            row.append(-1 if node.parts is None else node.row)
            value.append(0 if node.parts is None else node.value)
        leaves += leaves_of(tree)
    multipliers = np.zeros((len(leaves), tiers), dtype=np.int64)
    at, rows, prices = [], [], []
    for number, leaf in enumerate(leaves):
        multipliers[number, : len(leaf.prices.multiplier)] = leaf.prices.multiplier[:tiers]
        for own, shift in ((leaf.prices.row, 0), (leaf.prices.pair, model.rows)):
            used = np.flatnonzero(own)
            at.append(np.full(len(used), number))
            rows.append(used + shift)
            prices.append(own[used])
    denominators = [leaf.prices.denominator for leaf in leaves]
    ints = [np.array(part, dtype=np.int64) for part in (tier, row, value, denominators)]
    triples = [np.concatenate([*part, np.empty(0, dtype=np.int64)]).astype(np.int64) for part in (at, rows, prices)]
    return Certificate(ints[0], ints[1], ints[2], ints[3], multipliers, *triples)


def engine_name() -> str:
    """The engine with the version of the solvers behind it."""
    import ortools

    return f"{NAME} (OR-Tools {ortools.__version__}: HiGHS, GLOP, CP-SAT)"
