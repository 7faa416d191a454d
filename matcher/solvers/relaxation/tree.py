"""A bound by cases: where the relaxation falls short of the value, rows are split until it does not, and the leaves are kept as proof.

Branch and bound (Land and Doig 1960, doi:10.2307/1910129), with a proof in whole numbers at every leaf.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matcher.solvers.relaxation.leaf import DENOMINATOR, Case, Overflow, Prices, Values, numerator
from matcher.solvers.relaxation.model import Model
from matcher.solvers.relaxation.program import SolverFailed
from matcher.solvers.relaxation.stage import WHOLE, Goal, Optimum, optimum

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Sizes = npt.NDArray[np.int64]

DENOMINATORS = (DENOMINATOR, 1 << 10, 1)
"""How finely prices are rounded: coarser where costs are so large that sums would not fit."""

HALF = 0.5
"""From here on the upper part of a split is the likelier one."""

STEPS = (1, 10, 100, 10_000, 1_000_000)
"""By how much the prices that refute a case are raised until they outweigh all that the tier can gain."""


@dataclass(eq=False)
class Node:
    """A case: its bound (None: no matching at all), the prices that prove it, and, once it is split, the row, the number and the two parts.

    Until its own relaxation is solved it has the prices of the case that it is a part of, whose relaxation is its `origin`; of two
    parts the one that is further away from what that has is `unlikely`.
    """

    case: Case
    bound: int | None
    prices: Prices
    guide: Optimum | None
    row: int = -1
    value: int = 0
    parts: tuple[Node, Node] | None = None
    origin: Optimum | None = None
    unlikely: bool = False

    @property
    def torn(self) -> int:
        """How many pairs are torn in the relaxation, or in the one that its own will begin with; none of a matching."""
        guide = self.guide or self.origin
        return 0 if guide is None else guide.torn


def root(model: Model, tier: int, values: Values, start: Optimum | None = None, target: int | None = None, *, until: float = math.inf) -> Node:
    """The bound without any split; no better than the target, where one is given."""
    return _node(model, tier, values, Case.whole(model), start, target, until)


def trivial(model: Model, tier: int, values: Values) -> Node:
    """The bound without any price: what every demand would pay at best."""
    case, prices = Case.whole(model), _nothing(model)
    return Node(case, _whole(numerator(model, tier, values, case, prices), 1), prices, None)


def borrowed(model: Model, tier: int, values: Values, guide: Optimum, weights: dict[int, float]) -> Node | None:
    """The bound that the relaxation of all tiers together gives for one of them; None where it says nothing of the tier.

    In units of this tier's weight the weights of the tiers before it are multipliers, and the prices nearly those of this tier alone: what the tiers behind it
    add is small, and rounding takes it away. So one linear program often proves every tier.
    """
    if tier not in weights:
        return None
    case, best = Case.whole(model), None
    multiplier = np.array([weights.get(j, 0.0) / weights[tier] if j < tier else 0.0 for j in range(len(model.problem.tiers))])
    for denominator in (1, DENOMINATOR):
        row, own = (np.rint(part * denominator).astype(np.int64) for part in (guide.price / weights[tier], multiplier))
        prices = Prices(row, np.zeros(model.problem.pairs, dtype=np.int64), own, denominator)
        try:
            bound = _exact(model, tier, values, case, prices)
        except Overflow:
            continue
        if bound is not None and (best is None or best.bound is None or bound > best.bound):
            best = Node(case, bound, prices, None)
    return best


def grow(model: Model, tier: int, values: Values, tree: Node, target: int, nodes: int, until: float = math.inf) -> tuple[int, Codes | None]:
    """Split the weakest leaf until none is below the target, so many nodes are made, or it is the time `until`.

    Returns
    -------
    bound
        Of all leaves together, at most the target.
    chosen
        int32, D: where a relaxation came out whole it may be a matching with a value below the target, and the splitting ends with it; else None.
    """
    made, done = 0, set[int]()
    while time.perf_counter() < until:
        leaves = [leaf for leaf in leaves_of(tree) if leaf.bound is not None and leaf.bound < target and id(leaf) not in done]
        if not leaves:
            break
        leaf = min(leaves, key=lambda one: (one.bound or 0, one.torn, one.unlikely))
        if leaf.origin is not None:
            solved = _node(model, tier, values, leaf.case, leaf.origin, target, until)
            if solved.bound is None or solved.bound >= (leaf.bound or 0):
                leaf.bound, leaf.prices = solved.bound, solved.prices
            leaf.guide, leaf.origin = solved.guide, None
            continue
        if leaf.guide is not None and not leaf.torn:
            chosen = _whole_matching(model, tier, values, leaf.guide, target)
            if chosen is not None:
                return bound_of(tree, target), chosen
        split = _split(model, leaf)
        if split is None or made >= nodes:
            done.add(id(leaf))
            continue
        leaf.row, leaf.value, more = split
        cases = (_narrowed(model, leaf.case, leaf.row, upper=leaf.value), _narrowed(model, leaf.case, leaf.row, lower=leaf.value + 1))
        # What the prices prove of all cases they prove of each; the relaxation of one is solved when it is the weakest.
        first, second = (
            Node(case, leaf.bound, leaf.prices, None, origin=leaf.guide, unlikely=more == at) for case, at in zip(cases, (True, False), strict=True)
        )
        leaf.parts = first, second
        leaf.guide = None
        made += 2
    return bound_of(tree, target), None


def _whole_matching(model: Model, tier: int, values: Values, guide: Optimum, target: int) -> Codes | None:
    """The matching that a whole relaxation is, if it keeps all rules and values and is better than the target."""
    taken = np.flatnonzero(guide.x > HALF).astype(np.int32)  # whole up to the solver's accuracy
    if len(np.unique(model.demand[taken])) < len(taken) or model.value(taken)[: tier + 2] >= (0, *values, target):
        return None
    chosen = np.full(model.problem.demands, -1, dtype=np.int32)
    chosen[model.demand[taken]] = taken
    return chosen


def bound_of(tree: Node, target: int) -> int:
    """The least bound of the leaves, no more than the target."""
    return min((leaf.bound for leaf in leaves_of(tree) if leaf.bound is not None), default=target)


def leaves_of(tree: Node) -> list[Node]:
    """The leaves in preorder."""
    return [node for node in nodes_of(tree) if node.parts is None]


def nodes_of(tree: Node) -> list[Node]:
    """All nodes in preorder."""
    found, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        found.append(node)
        if node.parts is not None:
            waiting += [node.parts[1], node.parts[0]]
    return found


def _node(model: Model, tier: int, values: Values, case: Case, start: Optimum | None, target: int | None, until: float) -> Node:
    """Solve the relaxation of a case, and make a proof of it."""

    def enough(found: Optimum) -> bool:
        # No duals prove more than the value of a relaxation, which falls as pairs join.
        bound = _priced(model, tier, values, case, found).bound
        return bound is None or bound >= math.ceil(found.value - WHOLE) or (target is not None and bound >= target)

    lower, upper = case.tightened(model)
    if ((lower > upper) & (model.tier < 0)).any():
        return Node(case, None, _nothing(model), None)
    goal = Goal({tier: 1.0}, dict(enumerate(values))) if tier >= 0 else Goal({}, elastic=1.0)
    try:
        found = optimum(model, goal, case, start, None if tier < 0 else enough, until=until)
    except SolverFailed:
        return Node(case, _exact(model, tier, values, case, _nothing(model)), _nothing(model), None)
    return _refuted(model, tier, values, case, found) if found.missed or tier < 0 else _priced(model, tier, values, case, found)


def _priced(model: Model, tier: int, values: Values, case: Case, found: Optimum) -> Node:
    """The proof by the duals, as fine as 64 bits allow."""
    for denominator in DENOMINATORS:
        prices = found.prices(case, denominator)
        try:
            return Node(case, _exact(model, tier, values, case, prices), prices, found)
        except Overflow:
            continue
    prices = _nothing(model)
    return Node(case, _exact(model, tier, values, case, prices), prices, found)


def _refuted(model: Model, tier: int, values: Values, case: Case, missed: Optimum) -> Node:
    """The prices of what must be missed outweigh any gain if they are raised enough."""
    prices = missed.prices(case)
    if tier < 0:
        return Node(case, _exact(model, tier, values, case, prices), prices, missed)
    best = Node(case, _exact(model, tier, values, case, _nothing(model)), _nothing(model), missed)
    for step in STEPS:
        raised = Prices(prices.row * step, prices.pair * step, prices.multiplier * step, prices.denominator)
        try:
            bound = _exact(model, tier, values, case, raised)
        except Overflow:
            break
        if bound is None or (best.bound is not None and bound > best.bound):
            best = replace(best, bound=bound, prices=raised)
    return best


def _exact(model: Model, tier: int, values: Values, case: Case, prices: Prices) -> int | None:
    return _whole(numerator(model, tier, values, case, prices), prices.denominator)


def _whole(sum_: int | None, denominator: int) -> int | None:
    """The least whole number that is no less than a fraction."""
    return None if sum_ is None else -(-sum_ // denominator)


def _nothing(model: Model) -> Prices:
    zeros = np.zeros(model.rows, dtype=np.int64)
    return Prices(zeros, np.zeros(model.problem.pairs, dtype=np.int64), np.zeros(len(model.problem.tiers), dtype=np.int64), 1)


def _split(model: Model, leaf: Node) -> tuple[int, int, bool] | None:
    """A row whose count is torn in the leaf's relaxation, where to part it, and whether it is nearer to the upper part; None where all is whole.

    Open-or-closed seats come first, then the pairs of teams, then hard rows, then other pairs.
    """
    if leaf.guide is None or not len(leaf.guide.x):
        return None
    x = leaf.guide.x
    counts = np.bincount(model.row, weights=model.sign * x[model.pair], minlength=model.rows)
    lower, upper = leaf.case.tightened(model)
    torn = (model.minimum > 1) & (counts > WHOLE) & (counts < model.minimum - WHOLE) & (lower <= 0) & (upper >= model.minimum)
    if torn.any():
        row = int(np.argmax(np.where(torn, np.minimum(counts, model.minimum - counts), -1.0)))
        return row, 0, bool(2 * counts[row] >= model.minimum[row])
    part = np.where(leaf.case.out | leaf.case.taken, 0.0, np.minimum(x, 1 - x))
    for able, far in (
        (model.bound_together, part),
        (_loose(model, lower, upper), np.minimum(counts - np.floor(counts), np.ceil(counts) - counts)),
        (True, part),
    ):
        best = np.where(able, far, 0.0)
        at = int(np.argmax(best)) if len(best) else 0
        if len(best) and best[at] > WHOLE:
            return (model.rows + at, 0, bool(x[at] >= HALF)) if far is part else (at, int(np.floor(counts[at])), bool(counts[at] % 1 >= HALF))
    return None


def _loose(model: Model, lower: Sizes, upper: Sizes) -> Flags:
    """Hard rows that only add up, with room for more than one count."""
    return (model.tier < 0) & ~model.signed & (lower < upper)


def _narrowed(model: Model, case: Case, row: int, *, lower: int | None = None, upper: int | None = None) -> Case:
    """A case with one bound more."""
    if row >= model.rows:
        mark = np.zeros(model.problem.pairs, dtype=np.bool_)
        mark[row - model.rows] = True
        return replace(case, out=case.out | mark) if upper is not None else replace(case, taken=case.taken | mark)
    low, high = case.lower.copy(), case.upper.copy()
    if upper is not None:
        high[row] = min(high[row], upper)
    if lower is not None:
        low[row] = max(low[row], lower)
    return replace(case, lower=low, upper=high)
