"""Small random Problems with all that only the relaxation carries: crossing rows, families, open-or-closed seats, even fill, soft rows in any tier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from matcher.problem import Family, FamilyKind, Problem, Row
from matcher.solvers import route
from tests.solvers.problems import NO_BOUND, Maker, Shape, arrays

WIDE = Shape(demands=5, seats=4, rows=2, wild=0, pinned=0.08, must_open=0.08, soft=0.4)
TIERS = ("placed", "soft", "rank", "travel", "soft:later", "balance")
FEATURES = ("crossing", "equal", "at_most", "priced", "bounded", "open_or_closed", "fill")


def wide_problem(seed: int, shape: Shape = WIDE) -> Problem:
    """A problem for the seed; its arrays are read-only."""
    problem = _Wide(np.random.default_rng(seed), shape).make()
    for array in arrays(problem):
        array.flags.writeable = False
    return problem


def wide_problems(start: int, count: int, shape: Shape = WIDE) -> Iterator[tuple[int, Problem, route.Plan]]:
    """Seed, problem and plan for all seeds of the range."""
    for seed in range(start, start + count):
        problem = wide_problem(seed, shape)
        yield seed, problem, route.plan(problem, "relaxation")


class _Wide(Maker):
    """A nesting problem to begin with; then each feature with a chance of its own."""

    def make(self) -> Problem:
        rng = self.rng
        on = {feature for feature in FEATURES if rng.random() < 0.4}
        tiers = tuple(str(tier) for tier in rng.permutation(TIERS)[: rng.integers(1, 5)])
        upper = rng.integers(0, 5, self.s) if "open_or_closed" in on else rng.integers(0, 3, self.s)
        lower = np.where(rng.random(self.s) < self.shape.must_open, np.minimum(upper, 1), 0)
        minimum = np.where(rng.random(self.s) < 0.7, rng.integers(2, 5, self.s), 0) if "open_or_closed" in on else np.zeros(self.s)
        must = (rng.random(self.d) < self.shape.pinned) & (np.diff(self.first) > 0)
        cost = np.array([self._cost(tier) for tier in tiers], dtype=np.int32).reshape(len(tiers), self.p)
        constant = rng.integers(-2, 3, len(tiers))
        problem = Problem(
            tiers, self.first, self.seat, cost, *(part.astype(np.int64) for part in (constant, lower, upper, minimum)), must, self._all_rows(on, len(tiers))
        )
        families = tuple(family for name in ("equal", "at_most", "priced", "bounded") if name in on and self.p for family in self._family(name, len(tiers)))
        fill = int(rng.integers(len(tiers))) if "fill" in on else -1
        return replace(problem, families=families, fill_tier=fill, fill_weight=int(rng.integers(1, 4)))

    def _all_rows(self, on: set[str], tiers: int) -> tuple[Row, ...]:
        """Those that nest, and some over any pairs; soft ones cost in any tier or in none."""
        rng = self.rng
        rows = list(self._rows())
        if "crossing" in on and self.p:
            sets = [np.flatnonzero(rng.random(self.p) < rng.choice([0.3, 0.5, 0.8])) for _ in range(rng.integers(1, 4))]
            rows += [self._bounded(len(rows) + at, pairs) for at, pairs in enumerate(sets)]
        return tuple(row if row.weight is None else replace(row, tier=int(rng.integers(-1, tiers))) for row in rows)

    def _family(self, name: str, tiers: int) -> Iterator[Family]:
        """Groups of pairs, each pair in none, one or several."""
        rng = self.rng
        groups = int(rng.integers(1, 4))
        members = [np.sort(rng.choice(self.p, int(rng.integers(1, min(self.p, 4) + 1)), replace=False)) for _ in range(groups)]
        pairs = np.concatenate(members).astype(np.int32)
        group = np.repeat(np.arange(groups), [len(own) for own in members]).astype(np.int32)
        sign = np.ones(len(pairs), dtype=np.int8)
        lower, upper = np.zeros(groups, dtype=np.int64), np.ones(groups, dtype=np.int64)
        kind: FamilyKind = "overlap"
        weight, tier = None, -1
        if name == "equal":
            kind, upper = "team", lower
            sign = np.where(rng.random(len(pairs)) < 0.5, 1, -1).astype(np.int8)
        elif name == "bounded":
            kind = "quota"
            lower, upper = rng.integers(0, 2, groups), rng.integers(1, 4, groups)
        elif name == "priced":
            kind, weight, tier = "path", int(rng.integers(0, 4)), int(rng.integers(-1, tiers))
            lower = rng.integers(0, 3, groups)
            upper = lower + rng.integers(0, 3, groups)
            if rng.random() < 0.3:
                sign = np.where(rng.random(len(pairs)) < 0.5, 1, -1).astype(np.int8)
            else:
                upper[rng.random(groups) < 0.2] = NO_BOUND
        yield Family(kind, 0, pairs, group, sign, lower, upper, weight, tier)
