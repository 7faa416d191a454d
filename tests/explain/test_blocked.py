"""What stands in the way of a better pair, found with arrays over all pairs, is what one finds by trying every move and counting anew."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import numpy as np

from matcher.compile import compile_round
from matcher.errors import InputError
from matcher.explain.blocked import By, blocked
from matcher.problem import Answer, Problem
from matcher.solvers import route
from tests.contract import drawn
from tests.solvers.problems import random_problem, solve

FEATURES = ("teams", "spans", "overlap", "paths", "per_quotas", "open_or_closed", "moves_budget", "must_open", "pool_tokens", "crossing_quotas")


def counts(problem: Problem, chosen: list[int]) -> dict[int, int]:
    """The count of every row, by its number: of the seats, the rows, the groups of each family."""
    found = Counter(dict.fromkeys(range(problem.seats), 0))
    found.update(int(problem.seat[pair]) for pair in chosen if pair >= 0)
    number = problem.seats
    for row in problem.rows:
        found[number] = sum(pair in set(row.pairs.tolist()) for pair in chosen)
        number += 1
    for family in problem.families:
        for group in range(family.groups):
            found[number + group] = 0
        for pair, group, sign in zip(family.pairs.tolist(), family.group.tolist(), family.sign.tolist(), strict=True):
            found[number + group] += sign * (pair in chosen)
        number += family.groups
    return dict(found)


def hard(problem: Problem) -> dict[int, tuple[str, int, int]]:
    """Kind and bounds of every hard row beyond the seats."""
    found, number = {}, problem.seats
    for row in problem.rows:
        if row.weight is None:
            found[number] = row.kind, row.lower, row.upper
        number += 1
    for family in problem.families:
        for group in range(family.groups if family.weight is None else 0):
            found[number + group] = family.kind, int(family.lower[group]), int(family.upper[group])
        number += family.groups
    return found


def broken(problem: Problem, before: dict[int, int], after: dict[int, int], own: int, pair: int, rows: dict[int, tuple[str, int, int]]) -> dict[int, By]:
    """The rows that a move breaks, and how."""
    left, goal = int(problem.seat[own]) if own >= 0 else -1, int(problem.seat[pair])
    found: dict[int, By] = {}
    if after[goal] > problem.seat_upper[goal]:
        found[goal] = By.SEAT
    elif after[goal] < problem.open_or_closed[goal]:
        found[goal] = By.CLOSED
    if left >= 0 and (after[left] < problem.seat_lower[left] or 0 < after[left] < problem.open_or_closed[left]):
        found[left] = By.NEEDED
    for number, (kind, lower, upper) in rows.items():
        if not lower <= after[number] <= upper:
            signs = {"team": By.TEAM if lower == upper else By.APART, "span": By.SPAN}
            taken = abs(after[number] - before[number]) and holds(problem, number, pair)
            found[number] = signs.get(kind, By.BOUND) if taken else By.NEEDED
    return found


def holds(problem: Problem, number: int, pair: int) -> bool:
    """Whether a row beyond the seats counts a pair."""
    number -= problem.seats
    if number < len(problem.rows):
        return pair in problem.rows[number].pairs
    number -= len(problem.rows)
    for family in problem.families:
        if number < family.groups:
            return pair in family.pairs[family.group == number]
        number -= family.groups
    raise AssertionError(number)


def answers() -> Iterator[tuple[int, Problem, Answer]]:
    """Solved problems: random ones whose rows nest, and rounds with everything that reaches over several seats or demands."""
    for seed in range(120):
        problem = random_problem(seed)
        if problem.pairs:
            yield seed, problem, solve(problem, route.plan(problem))
    for seed in range(8):
        for feature in FEATURES:
            try:
                problem = compile_round(drawn(seed, {feature, random.Random(f"{seed}{feature}").choice(FEATURES)})).problem
            except InputError:
                continue
            yield seed, problem, route.run(problem, route.plan(problem), 0)


def test_blocked_pairs_are_those_whose_move_breaks_a_bound() -> None:
    seen: Counter[By] = Counter()
    for seed, problem, answer in answers():
        if answer.outcome != "solved":
            continue
        wanted = np.random.default_rng(seed).random(problem.pairs) < 0.7
        demand = problem.demand_of_pair()
        found = blocked(problem, answer, demand, wanted)
        rows, chosen = hard(problem), answer.pair_of_demand.tolist()
        before, named = counts(problem, chosen), set()
        for pair, who in enumerate(demand.tolist()):
            own = chosen[who]
            after = counts(problem, [*chosen[:who], pair, *chosen[who + 1 :]])
            ways = broken(problem, before, after, own, pair, rows) if own != pair else {}
            by = By(int(found.by[pair]))
            assert bool(ways) == bool(by), (seed, pair)
            assert (By.SEAT in ways.values()) == (By.SEAT in by), (seed, pair)
            if By.SEAT not in by:
                assert all(way in by for way in ways.values()), (seed, pair, ways, by)
                named |= {(who, row) for row in ways if wanted[pair]}
                seen.update(way for way in By if way in by)
            assert found.open[pair] == (not ways)
        assert list(zip(found.demand.tolist(), found.row.tolist(), strict=True)) == sorted(named), seed
        assert found.count.tolist() == [before[row] for row in found.row.tolist()]
    assert min(seen[way] for way in By if way not in (By.SEAT, By.NOTHING)) > 2, seen
