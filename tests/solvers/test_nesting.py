"""Which rows nest: hand-made cases, and every small case against trying both sides for every row."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from matcher.problem import Family, Problem, Row
from matcher.solvers import route
from matcher.solvers.nesting import DEMAND_SIDE, SEAT_SIDE, Crossing, Nesting, nest
from tests.solvers.problems import Shape, random_problem, row, seat_problem

# Pairs: demand 0 has 0, 1 (seats 0, 1); demand 1 has 2, 3; demand 2 has 4, 5 (seats 1, 2); demand 3 has 6 (seat 2).
WISHES = [[0, 1], [0, 1], [1, 2], [2]]


def problem_with(*rows: Row) -> Problem:
    return seat_problem(WISHES, [2, 2, 2], rows=rows)


def nesting_of(*rows: Row) -> Nesting:
    found = nest(problem_with(*rows))
    assert isinstance(found, Nesting)
    return found


def test_a_union_of_seats_stands_above_them() -> None:
    found = nesting_of(row([0, 1, 2, 3, 4], upper=2))
    assert (found.side, found.within) == ((SEAT_SIDE,), (False,))
    assert list(found.parent[:3]) == [3, 3, 4], "seats 0 and 1 hang under the row, seat 2 under the sink"


def test_nested_unions_hang_under_one_another() -> None:
    found = nesting_of(row([0, 1, 2, 3, 4, 5, 6], upper=3), row([0, 2], upper=1))
    assert list(found.parent) == [4, 3, 3, 5, 3, 5]


def test_a_part_of_a_seat_hangs_under_the_seat() -> None:
    found = nesting_of(row([1, 3], upper=1))
    assert (found.side, found.within) == ((SEAT_SIDE,), (True,))
    assert found.parent[3] == 1
    assert list(found.pair_leaf) == [0, 3, 0, 3, 1, 2, 2]


def test_a_union_of_demands_lies_on_the_demand_side() -> None:
    found = nesting_of(row([0, 1, 2, 3], upper=1), row([0, 2, 1, 3, 4], upper=2))
    assert found.side in {(DEMAND_SIDE, SEAT_SIDE), (SEAT_SIDE, SEAT_SIDE)}
    crossing = nesting_of(row([0, 1, 4, 5], upper=1), row([0, 2], upper=1))
    assert crossing.side == (DEMAND_SIDE, SEAT_SIDE)
    assert list(crossing.unplaced) == [3, 5, 3, 5]


def test_a_part_of_a_demand_stands_between_demand_and_seats() -> None:
    found = nest(seat_problem([[0, 1, 2], [0, 1, 2]], [1, 1, 1], rows=[row([0, 1], lower=1)]))
    assert isinstance(found, Nesting)
    assert (found.side, found.within) == ((DEMAND_SIDE,), (True,))
    assert list(found.pair_from) == [3, 3, -1, -1, -1, -1]
    assert found.parent[3] == -1


def test_the_same_set_twice_nests() -> None:
    found = nesting_of(row([0, 2], upper=1), row([0, 2], lower=1))
    assert found.parent[3] == 4
    assert found.parent[4] == 5


def test_rows_that_cannot_bind_are_left_out() -> None:
    found = nesting_of(row([0, 3, 5]), row([0, 3], upper=2), row([0, 2], upper=1))
    assert found.rows == (2,)


def test_a_row_across_seats_and_demands_is_named_alone() -> None:
    assert nest(problem_with(row([0, 2], upper=1), row([0, 3, 5], upper=1))) == Crossing(1, None)


def test_two_crossing_unions_of_seats_are_named_together() -> None:
    rows = row([0, 2, 1, 3, 4], upper=2), row([1, 3, 4, 5, 6], upper=2)
    found = nest(problem_with(*rows))
    assert isinstance(found, Crossing)
    assert {found.row, found.other} == {0, 1}


def test_three_rows_that_cross_each_other_have_no_two_sides() -> None:
    wishes = [[0, 1, 2]] * 3
    of_demand = [range(3 * d, 3 * d + 3) for d in range(3)]
    both = [row([*of_demand[a], *of_demand[b]], upper=1) for a, b in ((0, 1), (1, 2), (0, 2))]
    assert isinstance(nest(seat_problem(wishes, [1, 1, 1], rows=both)), Crossing)


@pytest.mark.parametrize("start", range(0, 1500, 500))
def test_crossing_exactly_when_no_two_laminar_families_hold_the_rows(start: int) -> None:
    crossing = 0
    for seed in range(start, start + 500):
        problem = random_problem(seed, Shape(wild=0.6, rows=6))
        found = nest(problem)
        assert isinstance(found, Nesting) == two_families_exist(problem), seed
        if isinstance(found, Nesting):
            assert found.rows == tuple(binding(problem)), seed
            continue
        crossing += 1
        named = [found.row] if found.other is None else [found.row, found.other]
        assert set(named) <= set(binding(problem)), seed
        assert (len(named) == 1) == (not sides(problem, problem.rows[named[0]])), seed
    assert crossing > 20


def two_families_exist(problem: Problem) -> bool:
    """Whether some choice of a side for every row that can bind makes both sides laminar, by trying all choices."""
    rows = [problem.rows[i] for i in binding(problem)]
    sets = [frozenset(r.pairs.tolist()) for r in rows]
    crossing = [(i, j) for i, j in itertools.combinations(range(len(rows)), 2) if sets[i] & sets[j] and not (sets[i] <= sets[j] or sets[j] <= sets[i])]
    return any(all(choice[i] != choice[j] for i, j in crossing) for choice in itertools.product(*(sides(problem, r) for r in rows)))


def binding(problem: Problem) -> list[int]:
    """The rows with a minimum, or with a maximum that neither the seats' capacities nor the number of demands keep."""
    found = []
    for i, r in enumerate(problem.rows):
        demands = len(np.unique(problem.demand_of_pair()[r.pairs]))
        room = sum(min(int(problem.seat_upper[s]), demands) for s in set(problem.seat[r.pairs].tolist()))
        if r.lower > 0 or r.upper < min(demands, room):
            found.append(i)
    return found


def sides(problem: Problem, r: Row) -> list[int]:
    """The sides on which a row fits: it is a union of whole seats (demands), or lies within a single one."""
    mine = set(r.pairs.tolist())
    found = []
    for side, owner in ((SEAT_SIDE, problem.seat.tolist()), (DEMAND_SIDE, problem.demand_of_pair().tolist())):
        touched = {owner[p] for p in mine}
        whole = {p for p in range(problem.pairs) if owner[p] in touched}
        if whole == mine or len(touched) <= 1:
            found.append(side)
    return found


def test_families_go_to_the_relaxation() -> None:
    none, zero = np.array([0, 1], dtype=np.int32), np.zeros(1, dtype=np.int64)
    family = Family("team", 0, none, np.zeros(2, dtype=np.int32), np.array([1, -1], dtype=np.int8), zero, zero)
    assert route.plan(replace(problem_with(), families=(family,))).engine == "relaxation"


def test_an_open_or_closed_seat_goes_to_the_relaxation_only_where_somebody_could_sit() -> None:
    problem = seat_problem([[0, 2]], [2, 2, 2])
    assert route.plan(replace(problem, open_or_closed=np.array([0, 2, 0]))).engine == "flow"
    assert route.plan(replace(problem, open_or_closed=np.array([0, 2, 2]))).engine == "relaxation"


def test_even_fill_goes_to_the_relaxation() -> None:
    assert route.plan(replace(problem_with(), fill_tier=1)).engine == "relaxation"


def test_crossing_rows_go_to_the_relaxation_whatever_is_asked_for() -> None:
    wishes: tuple[route.Engine | None, ...] = (None, "flow", "forest", "relaxation")
    assert {route.plan(problem_with(row([0, 3, 5], upper=1)), engine).engine for engine in wishes} == {"relaxation"}


def test_a_soft_row_of_a_further_tier_goes_to_the_relaxation() -> None:
    soft = row([0, 2], upper=1, weight=1)
    plain = seat_problem(WISHES, [2, 2, 2], tiers=("placed", "soft", "soft:later"))
    assert [route.plan(replace(plain, rows=(replace(soft, tier=tier),))).engine for tier in (1, 2)] == ["flow", "relaxation"]
