"""Small random Problems whose rows mostly nest."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matcher.problem import Answer, Problem, Row
from matcher.solvers import route
from tests.solvers.enumeration import NO_BOUND

TIERS = ("placed_mandatory", "placed", "soft", "rank", "travel", "moves")


@dataclass(frozen=True)
class Shape:
    """How large a random problem may be, and how often it holds what."""

    demands: int = 5
    seats: int = 4
    rows: int = 5
    wild: float = 0.05
    pinned: float = 0.1
    must_open: float = 0.15
    soft: float = 0.35
    largest_cost: int = 60


def seat_problem(
    wishes: Sequence[Sequence[int]],
    capacity: Sequence[int],
    *,
    tiers: tuple[str, ...] = ("placed", "rank"),
    cost: Sequence[Sequence[int]] | None = None,
    rows: Sequence[Row] = (),
    must: Sequence[int] = (),
    lower: Sequence[int] | None = None,
) -> Problem:
    """A problem from lists of seats per demand; without `cost` every pair counts -1 in `placed`, and its place in the list in the other tiers."""
    first = np.concatenate(([0], np.cumsum([len(w) for w in wishes])))
    if cost is None:
        places = [place for w in wishes for place in range(1, len(w) + 1)]
        cost = [[-1] * len(places) if tier == "placed" else places for tier in tiers]
    pinned = np.zeros(len(wishes), dtype=np.bool_)
    pinned[list(must)] = True
    return Problem(
        tiers,
        first.astype(np.int64),
        np.array([s for w in wishes for s in w], dtype=np.int32),
        np.array(cost, dtype=np.int32).reshape(len(tiers), -1),
        np.zeros(len(tiers), dtype=np.int64),
        np.array(lower or [0] * len(capacity), dtype=np.int64),
        np.array(capacity, dtype=np.int64),
        np.zeros(len(capacity), dtype=np.int64),
        pinned,
        priced(rows, tiers),
    )


def priced(rows: Sequence[Row], tiers: Sequence[str]) -> tuple[Row, ...]:
    """The rows with the place of the tier `soft`, in which the soft ones cost; without it these are left out, as `compile.py` does."""
    if "soft" not in tiers:
        return tuple(row for row in rows if row.weight is None)
    return tuple(row if row.weight is None else replace(row, tier=tiers.index("soft")) for row in rows)


def row(pairs: Sequence[int], lower: int = 0, upper: int = NO_BOUND, weight: int | None = None, code: int = 0) -> Row:
    """A quota over the pairs."""
    return Row("quota", code, np.array(sorted(pairs), dtype=np.int32), lower, upper, weight)


def random_problem(seed: int, shape: Shape | None = None) -> Problem:
    """A problem for the seed; arrays are read-only, so that an engine that writes into them fails."""
    problem = Maker(np.random.default_rng(seed), shape or Shape()).make()
    for array in arrays(problem):
        array.flags.writeable = False
    return problem


def problems(start: int, count: int, shape: Shape | None = None, engine: route.Engine = "flow") -> Iterator[tuple[int, Problem, route.Plan]]:
    """Seed, problem and plan for all seeds of the range whose problem the engine carries."""
    for seed in range(start, start + count):
        problem = random_problem(seed, shape)
        plan = route.plan(problem, engine)
        if plan.engine == engine:
            yield seed, problem, plan


def arrays(problem: Problem) -> Iterator[np.ndarray]:
    """All arrays of a problem."""
    for part in (problem, *problem.rows, *problem.families, *problem.teams):
        for field in dataclasses.fields(part):
            value = getattr(part, field.name)
            if isinstance(value, np.ndarray):
                yield value


class Maker:
    """The choices behind one random problem."""

    def __init__(self, rng: np.random.Generator, shape: Shape) -> None:
        self.rng, self.shape = rng, shape
        self.d, self.s = int(rng.integers(1, shape.demands + 1)), int(rng.integers(1, shape.seats + 1))
        count = rng.integers(0, self.s + 1, self.d)
        self.seat = np.array([s for n in count for s in sorted(rng.choice(self.s, n, replace=False))], dtype=np.int32)
        self.first = np.concatenate(([0], np.cumsum(count))).astype(np.int64)
        self.demand = np.repeat(np.arange(self.d), count)
        self.p = len(self.seat)

    def make(self) -> Problem:
        rng, shape = self.rng, self.shape
        tiers = tuple(str(t) for t in rng.permutation(TIERS)[: rng.integers(1, 5)])
        upper = rng.integers(0, 3, self.s).astype(np.int64)
        lower = np.where(rng.random(self.s) < shape.must_open, np.minimum(upper, 1), 0).astype(np.int64)
        must = (rng.random(self.d) < shape.pinned) & (np.diff(self.first) > 0)
        constant = np.where([t == "moves" for t in tiers], self.d, 0).astype(np.int64)
        cost = np.array([self._cost(tier) for tier in tiers], dtype=np.int32).reshape(len(tiers), self.p)
        return Problem(tiers, self.first, self.seat, cost, constant, lower, upper, np.zeros(self.s, dtype=np.int64), must, priced(self._rows(), tiers))

    def _cost(self, tier: str) -> np.ndarray:
        if self.rng.random() < 0.25:
            return self.rng.integers(-3, 4, self.p)
        if tier == "placed":
            return np.full(self.p, -1)
        if tier == "placed_mandatory":
            return -self.rng.integers(0, 2, self.d)[self.demand]
        return self.rng.integers(0, self.rng.choice([4, self.shape.largest_cost + 1]), self.p)

    def _rows(self) -> tuple[Row, ...]:
        sets = [
            *self._unions(self.seat, self.s),
            *self._unions(self.demand, self.d),
            *self._parts(self.seat, self.s),
            *self._parts(self.demand, self.d),
        ]
        count = min(len(sets), int(self.rng.integers(0, self.shape.rows + 1)))
        chosen = [sets[i] for i in self.rng.permutation(len(sets))[:count]]
        if self.rng.random() < self.shape.wild:
            chosen.append(np.flatnonzero(self.rng.random(self.p) < 0.5))
        return tuple(self._bounded(code, pairs) for code, pairs in enumerate(chosen))

    def _unions(self, owner: np.ndarray, owners: int) -> Iterator[np.ndarray]:
        """A family of nested or disjoint sets of whole owners: halves of halves of all of them, in random order; now and then one twice."""
        waiting = [self.rng.permutation(owners)]
        while waiting:
            group = waiting.pop()
            yield np.flatnonzero(np.isin(owner, group))
            if self.rng.random() < 0.1:
                yield np.flatnonzero(np.isin(owner, group))
            if len(group) > 1:
                cut = int(self.rng.integers(1, len(group)))
                waiting += [group[:cut], group[cut:]]

    def _parts(self, owner: np.ndarray, owners: int) -> Iterator[np.ndarray]:
        """A chain of parts of one owner."""
        mine = self.rng.permutation(np.flatnonzero(owner == self.rng.integers(owners)))
        for size in sorted({int(self.rng.integers(1, len(mine) + 1)) for _ in range(2)}) if len(mine) else ():
            yield np.sort(mine[:size])

    def _bounded(self, code: int, pairs: np.ndarray) -> Row:
        rng = self.rng
        lower, upper = (int(x) for x in np.sort(rng.integers(0, 4, 2)))
        if rng.random() < 0.5:
            lower = 0
        if rng.random() < 0.2:
            upper = NO_BOUND
        if rng.random() < 0.02:
            lower, upper = 2, 1
        weight = int(rng.integers(0, 4)) if lower <= upper and rng.random() < self.shape.soft else None
        return Row(str(rng.choice(["pool", "quota"])), code, pairs.astype(np.int32), lower, upper, weight)  # type: ignore[arg-type]  # one of the two kinds


def planned(problem: Problem, engine: route.Engine) -> route.Plan:
    """The plan for a problem that the engine carries."""
    plan = route.plan(problem, engine)
    assert plan.engine == engine
    return plan


def solve(problem: Problem, plan: route.Plan | route.Engine = "flow", seed: int = 0) -> Answer:
    """The answer of the engine itself, in this process."""
    chosen = planned(problem, plan) if isinstance(plan, str) else plan
    answer = route.run(problem, chosen, seed, None)
    assert answer.engine.startswith(f"{chosen.engine} ("), answer.engine
    assert answer.engine.endswith(")"), answer.engine
    assert "in place of" not in answer.engine, answer.engine
    return answer
