"""Small random Problems whose rows mostly nest, and their optimum by trying every matching."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.problem import Answer, Problem, Row
from matcher.solvers import route

NO_BOUND = np.iinfo(np.int64).max
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
        tuple(rows),
    )


def row(pairs: Sequence[int], lower: int = 0, upper: int = NO_BOUND, weight: int | None = None, code: int = 0) -> Row:
    """A quota over the pairs."""
    return Row("quota", code, np.array(sorted(pairs), dtype=np.int32), lower, upper, weight)


def random_problem(seed: int, shape: Shape | None = None) -> Problem:
    """A problem for the seed; arrays are read-only, so that an engine that writes into them fails."""
    problem = _Maker(np.random.default_rng(seed), shape or Shape()).make()
    for array in arrays(problem):
        array.flags.writeable = False
    return problem


def problems(start: int, count: int, shape: Shape | None = None, engine: route.Engine = "flow") -> Iterator[tuple[int, Problem, route.Plan]]:
    """Seed, problem and plan for all seeds of the range whose problem the engine carries."""
    for seed in range(start, start + count):
        problem = random_problem(seed, shape)
        plan = route.plan(problem, engine)
        if isinstance(plan, route.Plan) and plan.engine == engine:
            yield seed, problem, plan


def arrays(problem: Problem) -> Iterator[np.ndarray]:
    """All arrays of a problem."""
    for part in (problem, *problem.rows, *problem.teams):
        for field in dataclasses.fields(part):
            value = getattr(part, field.name)
            if isinstance(value, np.ndarray):
                yield value


class _Maker:
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
        return Problem(tiers, self.first, self.seat, cost, constant, lower, upper, np.zeros(self.s, dtype=np.int64), must, self._rows())

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


def brute_force(problem: Problem) -> tuple[int, ...] | None:
    """The least cost tuple over all matchings that keep the bounds, or None where there is none. O(product of the demands' options)."""
    found = enumerate_matchings(problem)
    if found is None:
        return None
    best = found[np.lexsort(found.T[::-1])[0]]
    return tuple(int(x) for x in best)


def enumerate_matchings(problem: Problem) -> np.ndarray | None:
    """The cost tuples of all matchings that keep the bounds, one per line; None where there is none."""
    options = [[*range(problem.first_pair[d], problem.first_pair[d + 1]), *([] if problem.must[d] else [problem.pairs])] for d in range(problem.demands)]
    choices = np.array(list(itertools.product(*options)), dtype=np.int64).reshape(-1, problem.demands)
    member = np.zeros((problem.pairs + 1, problem.seats + len(problem.rows)), dtype=np.int64)
    member[np.arange(problem.pairs), problem.seat] = 1
    for i, bounded in enumerate(problem.rows):
        member[bounded.pairs, problem.seats + i] = 1
    counts = member[choices].sum(axis=1)
    # The line behind the pairs stands for "unmatched" and costs nothing.
    padded = np.vstack([problem.cost.T.astype(np.int64), np.zeros((1, len(problem.tiers)), dtype=np.int64)])
    value = problem.constant + padded[choices].sum(axis=1)
    seats = counts[:, : problem.seats]
    kept = ((seats >= problem.seat_lower) & (seats <= problem.seat_upper)).all(axis=1)
    for i, bounded in enumerate(problem.rows):
        count = counts[:, problem.seats + i]
        if bounded.weight is None:
            kept &= (count >= bounded.lower) & (count <= bounded.upper)
        elif "soft" in problem.tiers:
            value[:, problem.tiers.index("soft")] += bounded.weight * (np.maximum(0, bounded.lower - count) + np.maximum(0, count - bounded.upper))
    return value[kept] if kept.any() else None


def planned(problem: Problem, engine: route.Engine) -> route.Plan:
    """The plan for a problem that the engine carries."""
    plan = route.plan(problem, engine)
    assert isinstance(plan, route.Plan), plan
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


def infeasibility(problem: Problem) -> Problem:
    """The question behind a proof of infeasibility (docs/proof.md): no costs, no penalties, one tier."""
    hard = tuple(r if r.weight is None else dataclasses.replace(r, lower=0, upper=NO_BOUND, weight=None) for r in problem.rows)
    return dataclasses.replace(
        problem, tiers=("infeasible",), cost=np.zeros((1, problem.pairs), dtype=np.int32), constant=np.zeros(1, dtype=np.int64), rows=hard
    )


def contradictory(problem: Problem) -> bool:
    """Whether some row asks for more than it allows."""
    return bool((problem.seat_lower > problem.seat_upper).any()) or any(r.weight is None and r.lower > r.upper for r in problem.rows)
