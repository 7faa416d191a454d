"""The matching: rounded from the relaxation, then improved where the proof says that something is wasted.

Complementary slackness makes a map of what a matching loses against the bound: the reduced costs of its pairs, the prices of rows that are not at their bounds,
the demands that pay for nothing. They add up to the gap. So a neighbourhood is grown from some of these places along cheap pairs, its demands are set free, all
others stay, and a mixed-integer program settles it (large neighbourhood search, Shaw 1998, doi:10.1007/3-540-49481-2_30; here guided by the duals).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matcher.problem import Family, Problem, Row
from matcher.solvers.relaxation.area import Area, clusters
from matcher.solvers.relaxation.model import Model
from matcher.solvers.relaxation.part import Part
from matcher.solvers.relaxation.program import Floats, whole
from matcher.solvers.relaxation.stage import WHOLE, Optimum

Codes = npt.NDArray[np.int32]
Sizes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Value = tuple[int, ...]

OUTWEIGHS = 3
"""One unit of a tier is worth so many times the largest difference that a pair can make in the next."""

HEAVIEST = 1e6
"""Weights beyond this would cost the solver its accuracy; tiers behind are left to the stages."""

CHEAP = 0.5
"""Pairs of a larger reduced cost, in units of a tier, are not near at the level of that tier."""

NODES = 200
SECONDS = 30.0
"""What one neighbourhood may take: nodes, so that the answer does not depend on the machine, and a net of seconds below."""

SLOW, LESS = 0.5, 0.7
"""Within a budget, neighbourhoods that take more than this part of their seconds become so much smaller."""

SMALLEST, LARGEST, STEP, SEEDS = 1300, 3300, 40, (4, 40)
"""Near pairs in a neighbourhood at first and at last, by how many it grows where it gained nothing, and places of waste it grows from."""

CORE, STEPS = 2200, (0.3, 0.2, 0.1, 0.05, 0.02, 0.01)
"""The core: all demands with a choice among pairs of no larger reduced cost than a part of a unit, the first of these that leaves no more pairs than that."""

AT_ONCE = 2
"""Neighbourhoods settled at the same time, on any machine: the answer must not depend on how many processors it has."""

IDLE = 30
"""So many neighbourhoods in a row without a gain, and the search ends."""


def practical_weights(problem: Problem) -> dict[int, float]:
    """A weight per tier that makes a weighted sum behave almost like the order of the tiers: a guide, never a proof. O(K P)."""
    spread = []
    origins: list[Row | Family] = [*problem.rows, *problem.families]
    for tier, cost in enumerate(problem.cost):
        high, low = max(0, int(cost.max(initial=0))), min(0, int(cost.min(initial=0)))
        soft = max((row.weight or 0 for row in origins if row.tier == tier), default=0)
        spread.append(high - low + soft + (100 * problem.fill_weight if problem.fill_tier == tier else 0))
    used = [tier for tier in range(len(spread)) if spread[tier]]
    while used:
        weights, weight = {}, 1.0
        for at in range(len(used) - 1, -1, -1):
            weights[used[at]] = weight
            weight *= OUTWEIGHS * spread[used[at]]
        if weights[used[0]] <= HEAVIEST:
            return weights
        used.pop()
    return {}


@dataclass(eq=False)
class Search:
    """A matching on its way: pairs by demand (-1: none), and its value with what it breaks in front.

    `patience` are the seconds for one neighbourhood within a budget; without one only nodes are counted, and the same seed finds the same matching.
    """

    model: Model
    guide: Optimum
    weights: dict[int, float]
    random: np.random.Generator
    chosen: Codes
    value: Value = ()
    size: int = SMALLEST
    patience: float | None = None
    _units: list[float] = field(init=False)
    _levels: list[Area] = field(init=False)
    _gains: Floats = field(init=False)
    _tries: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.begin(self.chosen)
        # A unit of a tier with many values, such as minutes, is a tenth of what they span.
        units = {weight * max(1.0, float(np.ptp(self.model.problem.cost[tier])) / 10) for tier, weight in self.weights.items()}
        self._units = sorted(units) or [1.0]
        self._levels = [self._level(CHEAP * unit) for unit in self._units]
        self._gains, self._tries = np.ones(len(self._levels)), np.ones(len(self._levels))

    def _level(self, most: float) -> Area:
        return Area(self.model, self.guide.reduced, np.flatnonzero(self.guide.reduced <= most))

    @cached_property
    def cost(self) -> Floats:
        """float, P: the weighted cost of each pair."""
        return self.model.weighted(self.weights)

    @cached_property
    def penalty(self) -> float:
        """What a broken bound costs: more than anything else that a pair can cost."""
        return 4.0 * max(1.0, float(np.abs(self.cost).max(initial=0)))

    def begin(self, chosen: Codes) -> None:
        """Go on from this matching."""
        self.chosen, self.value = chosen, self.model.value(chosen[chosen >= 0])

    def core(self, first: Codes, seconds: float) -> None:
        """Settle at once what the relaxation leaves open: all demands with a choice among the cheapest pairs. The others stay where it has them: `first`."""
        demand, held = self.model.demand, (self.chosen, self.value)
        for step in STEPS:
            level = self._level(step * self._units[0])
            choices = np.bincount(demand[level.near], minlength=self.model.problem.demands)
            free = np.flatnonzero(choices > 1)
            if choices[free].sum() <= CORE:
                self.begin(first)
                self._keep(free, self._settle(free, level, nodes=1, seconds=seconds))
                if held[1] < self.value:
                    self.chosen, self.value = held
                return

    def run(self, tick: Callable[[], bool], idle: int = IDLE) -> None:
        """Improve until nothing is wasted, nothing was gained `idle` times in a row, or `tick` says to stop."""
        everything = np.arange(self.model.problem.demands)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            barren = 0
            while barren < idle and tick():
                waste = self.waste()
                if not (waste > 0).any() and not self.value[0]:
                    return
                if len(self._levels[-1].near) <= self.size:
                    self._keep(everything, self._settle(everything, self._levels[-1]))
                    return
                begun = time.perf_counter()
                areas = self._areas(waste)
                gained = [
                    self._keep(free, taken)
                    for (free, _), taken in zip(areas, list(pool.map(lambda area: self._settle(area[0], self._levels[area[1]]), areas)), strict=True)
                ]
                for (_, level), gain in zip(areas, gained, strict=True):
                    self._tries[level] += 1
                    self._gains[level] += gain
                barren = 0 if any(gained) else barren + len(areas)
                if self.patience is not None and time.perf_counter() - begun > SLOW * self.patience:
                    self.size = int(self.size * LESS) + 1
                else:
                    self.size = min(LARGEST, self.size + STEP * (not any(gained)))

    def _areas(self, waste: Floats) -> list[tuple[Sizes, int]]:
        """Neighbourhoods that share no demand, so that they can be settled at the same time, each with its level.

        Levels that gained more often are tried more often.
        """
        areas: list[tuple[Sizes, int]] = []
        inside = np.zeros(self.model.problem.demands, dtype=np.bool_)
        for _ in range(AT_ONCE):
            left = waste.copy()
            left[: len(inside)][inside] = 0.0
            able = np.flatnonzero(left)
            chance = self._gains / self._tries
            level = int(self.random.choice(len(chance), p=chance / chance.sum()))
            count = min(int(self.random.choice(SEEDS)), len(able))
            seeds = self.random.choice(able, size=count, replace=False, p=left[able] / left[able].sum()) if count else able
            area = self._levels[level].around(seeds, self.chosen, inside, self.size, self.random)
            if len(area):
                areas.append((area, level))
            inside[area] = True
        return areas

    def waste(self) -> Floats:
        """float, D + R: what each demand and each row loses against the bound; their sum is the gap of the weighted value."""
        model, guide = self.model, self.guide
        placed = self.chosen >= 0
        demand = np.where(placed, guide.reduced[self.chosen], guide.must_price)
        counts = model.counts(self.chosen[placed])
        price = guide.price
        row = np.where(price > 0, price * (model.upper - counts), price * (model.lower - counts))
        row[model.tier >= 0] = 0.0
        broken = np.maximum(model.lower - counts, 0) + np.maximum(counts - model.upper, 0)
        broken[model.tier >= 0] = 0
        torn = (counts > 0) & (counts < model.minimum)
        row = np.where(broken > 0, 0.0, row) + self.penalty * (broken + np.where(torn, model.minimum - counts, 0))
        total = np.concatenate([np.maximum(demand, 0), np.maximum(row, 0)])
        total[total < 1e-6] = 0.0  # noqa: PLR2004  # the accuracy of the duals
        return total

    def _settle(self, free: Sizes, level: Area, *, nodes: int = NODES, seconds: float | None = None) -> Codes | None:
        """The best of the free demands' pairs at a level while all others stay; None where the solver found none."""
        model = self.model
        inside = np.zeros(model.problem.demands, dtype=np.bool_)
        inside[free] = True
        mine = np.zeros(model.problem.pairs, dtype=np.bool_)
        near = level.near
        mine[near[inside[model.demand[near]]]] = True
        current = self.chosen[free]
        mine[current[current >= 0]] = True
        mine |= np.repeat(inside & model.problem.must, np.diff(model.problem.first_pair))
        pairs = np.flatnonzero(mine)
        fixed = self.chosen[(self.chosen >= 0) & ~inside]
        draft = Part(model, self.weights, self.cost, self.penalty, pairs, fixed).draft()
        gap, most = 0.5 * min(self.weights.values(), default=1.0), seconds or self.patience or SECONDS
        x = whole(draft.program(), draft.integer(), nodes=nodes, gap=gap, seconds=most)
        return None if x is None else pairs[x[: len(pairs)] > 0.5].astype(np.int32)  # noqa: PLR2004  # whole up to the solver's accuracy

    def _keep(self, free: Sizes, taken: Codes | None) -> bool:
        """Take these pairs for the free demands, unless that is worse: another neighbourhood may have used the same room. Says whether it is better."""
        if taken is None:
            return False
        new = self.chosen.copy()
        new[free] = -1
        new[self.model.demand[taken]] = taken
        value = self.model.value(new[new >= 0])
        better = value < self.value
        if value <= self.value:
            self.chosen, self.value = new, value
        return better


def rounded(model: Model, guide: Optimum) -> Codes:
    """A first matching: the largest parts of the relaxation first, as far as seats have room.

    Demands that are tied together are placed only where the relaxation is whole for all of them.
    """
    problem = model.problem
    chosen = np.full(problem.demands, -1, dtype=np.int32)
    room = problem.seat_upper.copy()
    root = clusters(model)
    torn = np.zeros(problem.demands, dtype=np.bool_)
    torn[root[model.demand[guide.fractional]]] = True
    tied = np.bincount(root, minlength=problem.demands)[root] > 1
    closed = tied & torn[root]
    order = np.argsort(-guide.x, kind="stable")
    for pair in order[: np.count_nonzero(guide.x > WHOLE)].tolist():
        demand, seat = int(model.demand[pair]), int(problem.seat[pair])
        if chosen[demand] < 0 and room[seat] > 0 and not closed[demand]:
            chosen[demand] = pair
            room[seat] -= 1
    return chosen
