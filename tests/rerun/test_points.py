"""The frontier: every point verified, none worse than one with fewer moves, and each what trying all matchings gives."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

import matcher
from matcher.errors import CodedError
from matcher.measures import Measures
from matcher.progress import Progress
from matcher.rerun import points as points_module
from matcher.rerun.points import Frontier, Point, spread
from matcher.result import Outcome, Reason, Result, no_matches
from matcher.round import Round
from matcher.settings import LARGER_IS_BETTER, WORST_FIRST, Settings
from tests.brute_force import best
from tests.contract import drawn
from tests.rounds import make_round

FEATURES = [("previous",), ("previous", "crossing_quotas"), ("previous", "teams"), ("previous", "profile"), ("previous", "periods"), ("previous", "balance")]


def as_cost(point: Point, measure: str) -> list[Any]:
    """The values of a point, smaller for the better of two."""
    costs: list[Any] = []
    for tier in point.tiers:
        if isinstance(tier.value, tuple):
            costs.append(tier.value[::-1] if measure in WORST_FIRST else tuple(-count for count in tier.value))
        else:
            costs.append(-tier.value if tier.name in LARGER_IS_BETTER else tier.value)
    return costs


def frontiers() -> Iterator[tuple[Round, Frontier]]:
    """The frontiers of random small rounds with an earlier matching."""
    for features in FEATURES:
        for seed in range(4):
            round_ = drawn(seed, features).with_settings(max_moves=None)
            if Measures(round_, no_matches()).in_previous:
                yield round_, matcher.frontier(round_, range(5), isolate=False)


@cache
def all_frontiers() -> list[tuple[Round, Frontier]]:
    return list(frontiers())


def test_there_is_something_to_see() -> None:
    assert len(all_frontiers()) > 12
    assert any(len({tuple(map(str, as_cost(point, "sum"))) for point in found.points}) > 1 for _, found in all_frontiers())
    assert any(point.result.outcome == Outcome.INFEASIBLE for _, found in all_frontiers() for point in found.points)


def test_every_point_is_verified_and_keeps_its_budget() -> None:
    for _, found in all_frontiers():
        for point in found.points:
            assert matcher.verify(point.round, point.result).ok
            assert point.round.settings.max_moves == point.budget
            assert point.moves is None or point.moves <= point.budget
            assert point.proven


def test_a_larger_budget_is_never_worse() -> None:
    for round_, found in all_frontiers():
        measure = round_.settings.rank_measure
        solved = [point.moves is not None for point in found.points]
        assert solved == sorted(solved)
        for few, many in pairwise(point for point in found.points if point.moves is not None):
            assert as_cost(many, measure) <= as_cost(few, measure)


def test_every_point_is_the_best_of_all_matchings() -> None:
    for _, found in all_frontiers():
        for point in found.points:
            expected = best(point.round)
            assert (expected is None) == (point.moves is None)
            if expected is not None:
                assert tuple(tier.value for tier in point.tiers) == expected.value


def test_moves_are_the_last_tier_unless_they_are_compared_anyway() -> None:
    for round_, found in all_frontiers():
        tiers = found.round.settings.tiers
        assert tiers == (round_.settings.tiers if "moves" in round_.settings.tiers else (*round_.settings.tiers, "moves"))


def rerun(**settings: Any) -> Round:
    """Three students who all sit at their second wish, and could swap to their first."""
    students = [{"student_id": f"s{n}"} for n in range(3)]
    placements = [{"placement_id": f"p{n}", "capacity": 1} for n in range(3)]
    wishes = [{"student_id": f"s{n}", "rank": rank, "target_id": f"p{(n + rank) % 3}"} for n in range(3) for rank in (1, 2)]
    previous = [{"student_id": f"s{n}", "placement_id": f"p{(n + 2) % 3}"} for n in range(3)]
    return make_round(Settings(language="en", **settings), students=students, placements=placements, preferences=wishes, previous=previous)


def test_budgets_reach_from_nothing_to_the_moves_of_the_best_matching() -> None:
    found = matcher.frontier(rerun(), isolate=False)
    assert [point.budget for point in found.points] == [0, 1, 2, 3]
    assert [point.moves for point in found.points] == [0, 0, 0, 3]
    frame = found.to_frame()
    assert frame["rank"].tolist() == [6, 6, 6, 3]
    assert frame["rank_bound"].tolist() == [6, 6, 6, 3]
    assert frame["proven"].all()
    assert found.previous == 3
    assert found.least is None


def test_what_cannot_be_kept_is_told_with_the_fewest_moves() -> None:
    round_ = rerun()
    tables = {**round_.tables, "placements": round_.table("placements").assign(capacity=[0, 1, 1])}
    found = matcher.frontier(Round(tables, round_.settings), isolate=False)
    assert found.least == 1
    assert found.points[0].budget == 1
    asked = matcher.frontier(Round(tables, round_.settings), [0, 2], isolate=False)
    assert asked.points[0].result.outcome == Outcome.INFEASIBLE
    assert asked.least == 1
    assert asked.to_frame()["unplaced"].isna().tolist() == [True, False]


def test_a_round_without_an_earlier_matching_is_refused() -> None:
    round_ = rerun()
    without = Round({name: table for name, table in round_.tables.items() if name != "previous"}, round_.settings)
    with pytest.raises(CodedError) as error:
        matcher.frontier(without, isolate=False)
    assert error.value.code == "frontier.no_previous"


def test_where_a_stopped_solve_found_less_the_smaller_budget_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = matcher.frontier(rerun(), [0, 3], isolate=False)
    solve = points_module.solve

    def stopped(round_: Round, **options: Any) -> Result:
        found = solve(round_, **options)
        return found if round_.settings.max_moves != 2 else replace(found, outcome=Outcome.NO_ANSWER, reason=Reason.TIME_LIMIT, matches=no_matches(), tiers=())

    monkeypatch.setattr(points_module, "solve", stopped)
    found = matcher.frontier(rerun(), [0, 2, 3], isolate=False)
    assert [point.carried for point in found.points] == [False, True, False]
    assert found.points[1].tiers[1].value == whole.points[0].tiers[1].value
    assert all(tier.bound is None for tier in found.points[1].tiers)
    assert not found.points[1].proven
    assert matcher.verify(found.points[1].round, found.points[1].result).ok
    assert found.to_frame()["proven"].tolist() == [True, False, True]


def test_a_cancel_ends_the_frontier_where_it_is() -> None:
    cancel = threading.Event()

    def stop(step: Progress) -> None:
        if (step.fraction or 0.0) > 0.3:  # the second of four points
            cancel.set()

    found = matcher.frontier(rerun(), [0, 1, 2, 3], on_progress=stop, cancel=cancel, isolate=False)
    assert [point.budget for point in found.points] == [0, 1]
    assert not found.points[-1].proven


@pytest.mark.parametrize(("low", "high", "steps"), [(0, 0, 8), (0, 1, 2), (3, 3, 5), (7, 1234, 8), (0, 10**6, 3), (5, 2, 8), (0, 99, 1)])
def test_a_spread_has_both_ends_and_rises_by_round_steps(low: int, high: int, steps: int) -> None:
    found = spread(low, high, steps)
    assert (found[0], found[-1]) == (low, max(low, high))
    assert found == sorted(set(found))
    assert len(found) <= max(2, steps) + 1
    between = found[1:-1]
    assert len({second - first for first, second in pairwise(between)}) <= 1
