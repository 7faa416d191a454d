"""Middling random problems that nest on the side of the seats, with everything that may stand in one, around a hidden matching."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.problem import Problem, Row
from tests.solvers.problems import priced

NO_BOUND = np.iinfo(np.int64).max
TIERS = ("placed_mandatory", "placed", "soft", "rank", "travel", "moves")
LARGEST = 2**31 - 1


def middling(seed: int, demands: int) -> Problem:
    """A problem of about so many demands; the seed also chooses what it holds."""
    return _Draw(np.random.default_rng(seed), demands).problem()


class _Draw:
    """The choices behind one problem."""

    def __init__(self, rng: np.random.Generator, demands: int) -> None:
        self.rng, self.d = rng, demands
        self.s = max(2, demands // int(rng.choice([1, 3, 10, 50])))
        self.first, self.seat = self._lists()
        self.p = len(self.seat)
        self.demand = np.repeat(np.arange(demands), np.diff(self.first))
        self.upper = self._capacities()
        self.hidden = self._some_matching()

    def _lists(self) -> tuple[np.ndarray, np.ndarray]:
        """Lists of unequal length over seats of unequal popularity; some empty, a few very long."""
        rng = self.rng
        most = int(rng.choice([1, 2, 4, 10, 25]))
        length = rng.integers(1, most + 1, self.d) if rng.random() < 0.5 else np.full(self.d, most)
        length[rng.random(self.d) < rng.choice([0, 0.1])] = 0
        if rng.random() < 0.3:
            length[rng.integers(0, self.d, 3)] = rng.integers(self.s // 2, self.s + 1, 3)
        weight = (1 + np.arange(self.s)) ** -float(rng.choice([0, 0.7, 1.3]))
        seats = rng.permutation(self.s)
        drawn = rng.choice(self.s, 2 * int(length.sum()), p=weight / weight.sum())
        lists, at = [], 0
        for n in length.tolist():
            chosen = np.unique(drawn[at : at + 2 * n])[:n] if n < self.s // 2 else rng.permutation(self.s)[:n]
            lists.append(np.sort(seats[chosen]))
            at += 2 * n
        return np.concatenate(([0], np.cumsum([len(x) for x in lists]))).astype(np.int64), np.concatenate(lists).astype(np.int32)

    def _capacities(self) -> np.ndarray:
        rng = self.rng
        total = int(self.d * rng.choice([0.3, 0.9, 1.0, 1.05, 2.0]))
        upper = np.bincount(rng.integers(0, self.s, total), minlength=self.s) if rng.random() < 0.7 else np.full(self.s, max(1, total // self.s))
        upper[rng.random(self.s) < rng.choice([0, 0.2])] = 0
        return upper.astype(np.int64)

    def _some_matching(self) -> np.ndarray:
        """A pair per demand, or -1: who comes first takes any of the seats that is left."""
        left, chosen = self.upper.copy(), np.full(self.d, -1)
        for d in self.rng.permutation(self.d):
            for p in self.rng.permutation(np.arange(self.first[d], self.first[d + 1])):
                if left[self.seat[p]] > 0:
                    left[self.seat[p]] -= 1
                    chosen[d] = p
                    break
        return chosen

    def problem(self) -> Problem:
        rng = self.rng
        tiers = tuple(str(t) for t in rng.permutation(TIERS)[: rng.integers(1, 7)])
        kind = str(rng.choice(["usual", "mixed", "huge", "equal"]))
        cost = np.array([self._cost(tier, kind) for tier in tiers], dtype=np.int32).reshape(len(tiers), self.p)
        taken = self.hidden[self.hidden >= 0]
        units = np.bincount(self.seat[taken], minlength=self.s)
        lower = np.where(rng.random(self.s) < rng.choice([0, 0, 0.1, 0.8]), rng.integers(0, units + 1), 0)
        must = (self.hidden >= 0) & (rng.random(self.d) < rng.choice([0, 0, 0.02, 0.5]))
        rows = tuple(self._bounded(code, pairs) for code, pairs in enumerate(self._sets()))
        if rng.random() < 0.15:  # perhaps out of reach
            which = int(rng.integers(self.s))
            lower[which] = min(self.upper[which], units[which] + int(rng.integers(1, 4)))
        return Problem(
            tiers,
            self.first,
            self.seat,
            cost,
            np.zeros(len(tiers), dtype=np.int64),
            lower,
            self.upper,
            np.zeros(self.s, dtype=np.int64),
            must,
            priced(rows, tiers),
        )

    def _cost(self, tier: str, kind: str) -> np.ndarray:
        rng = self.rng
        if kind == "usual" and tier == "placed_mandatory":
            return -rng.integers(0, 2, self.d)[self.demand]
        if kind == "usual" and tier == "rank":
            return np.arange(self.p) - self.first[self.demand] + 1
        level = int(rng.integers(-1, 2))
        ranges = {
            "equal": [(level, level + 1)],
            "huge": [(0, LARGEST + 1), (-LARGEST, LARGEST + 1), (LARGEST - 3, LARGEST + 1)],
            "mixed": [(-3, 4), (-50, 20), (-1000, 1001), (0, 2)],
            "usual": [(-1, 0)] if tier == "placed" else [(0, 3), (0, 100), (0, 10_000)],
        }[kind]
        return rng.integers(*ranges[rng.integers(len(ranges))], self.p)

    def _sets(self) -> Iterator[np.ndarray]:
        """Halves of halves of the seats, and chains of parts of single seats."""
        rng = self.rng
        if rng.random() < 0.6:
            waiting = [rng.permutation(self.s)]
            while waiting:
                group = waiting.pop()
                if rng.random() < 0.7:
                    yield np.flatnonzero(np.isin(self.seat, group))
                if len(group) > max(2, self.s // 8):
                    cut = int(rng.integers(1, len(group)))
                    waiting += [group[:cut], group[cut:]]
        if rng.random() < 0.4:
            for seat in rng.choice(self.s, min(self.s, 4), replace=False):
                mine = rng.permutation(np.flatnonzero(self.seat == seat))
                for size in sorted({int(rng.integers(1, len(mine) + 1)) for _ in range(3)}, reverse=True) if len(mine) else ():
                    yield np.sort(mine[:size])

    def _bounded(self, code: int, pairs: np.ndarray) -> Row:
        rng = self.rng
        count = int(np.isin(self.hidden, pairs).sum())
        lower = int(rng.integers(0, count + 1)) if rng.random() < 0.4 else 0
        upper = count + int(rng.integers(0, 5)) if rng.random() < 0.8 else NO_BOUND
        weight = None
        if rng.random() < 0.3:
            weight = int(rng.choice([0, 1, 7, 5000]))
            lower, upper = lower + int(rng.integers(0, 10)), max(lower + 10, count - 5)
        elif rng.random() < 0.03:
            lower, upper = min(count + 2, upper), max(upper, count + 2)
        return Row("quota" if code % 2 else "pool", code, pairs.astype(np.int32), lower, upper, weight)
