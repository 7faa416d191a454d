"""Pools, reserves and the budget of moves as rows (docs/rules.md section 5)."""

from __future__ import annotations

import pytest

from matcher.compile import compile_round
from matcher.errors import InputError
from matcher.settings import Settings
from tests.rounds import make_round
from tests.rules.naming import Bound, bounds

STUDENTS = [{"student_id": "s", "groups": "young|local"}, {"student_id": "t", "groups": "local"}, {"student_id": "u"}]
PLACEMENTS = [
    {"placement_id": "A", "capacity": 2, "pool_id": "one|two", "sector_id": "care"},
    {"placement_id": "B", "capacity": 2, "pool_id": "two|two", "sector_id": "care"},
    {"placement_id": "C", "capacity": 2, "pool_id": "none"},
]
SOFT = Settings(tiers=("placed", "soft", "rank"))


def test_a_placement_may_be_in_several_pools() -> None:
    pools = [{"pool_id": "two", "capacity": 3}, {"pool_id": "one", "capacity": 1}]
    round_ = make_round(SOFT, students=STUDENTS, placements=PLACEMENTS, preferences=[], pools=pools)
    both = {f"{s} A|": 1 for s in "stu"}
    assert bounds(round_) == {
        ("pool", "one", ""): Bound(both, 0, 1),
        ("pool", "two", ""): Bound(both | {f"{s} B|": 1 for s in "stu"}, 0, 3),
    }


def reserve(settings: Settings = SOFT, **first: object) -> dict[tuple[str, str, str], Bound]:
    reserves = [
        {"reserve_id": "R", "order": 20, "students": "groups=local", "placements": "sector_id=nobody", "seats": 9, "weight": 9},
        {"reserve_id": "R", "order": 3, "students": "groups=young", "placements": "sector_id=care", "seats": 2, **first},
        {"reserve_id": "Q", "order": 1, "seats": 1, "weight": 4},
    ]
    return bounds(make_round(settings, students=STUDENTS, placements=PLACEMENTS, preferences=[], reserves=reserves), "reserve")


def test_each_level_of_a_reserve_is_a_soft_row_over_its_first_groups() -> None:
    first = {"s A|": 1, "s B|": 1}
    everyone = {f"{s} {p}|": 1 for s in "stu" for p in "ABC"}
    assert reserve() == {
        ("reserve", "Q", "1"): Bound(everyone, 1, None, 4, "soft"),
        ("reserve", "R", "1"): Bound(first, 2, None, 1, "soft"),
        ("reserve", "R", "2"): Bound(first | {"t A|": 1, "t B|": 1}, 2, None, 1, "soft"),
    }


@pytest.mark.parametrize(("first", "settings"), [({"seats": None}, SOFT), ({"seats": 0}, SOFT), ({"weight": 0}, SOFT), ({}, Settings(tiers=("placed",)))])
def test_a_reserve_that_costs_nothing_is_no_row(first: dict[str, object], settings: Settings) -> None:
    assert not [name for name in reserve(settings, **first) if name[1] == "R"]


def test_reserves_count_in_a_blend() -> None:
    settings = Settings(tiers=("placed", "rank"), tier_weights={"rank": 1.5, "soft": 2})
    assert reserve(settings)["reserve", "Q", "1"].weight == 4 * 20
    assert reserve(settings)["reserve", "R", "2"].tier == "blend"


def test_a_filter_of_a_reserve_is_named_with_its_table() -> None:
    round_ = make_round(
        SOFT, students=STUDENTS, placements=PLACEMENTS, preferences=[], reserves=[{"reserve_id": "R", "order": 1, "seats": 1, "students": "x=1"}]
    )
    with pytest.raises(InputError) as caught:
        compile_round(round_)
    (issue,) = caught.value.issues
    assert (issue.code, issue.table, issue.column) == ("filter_column", "reserves", "students")


@pytest.mark.parametrize(("most", "lower"), [(None, None), (0, 2), (1, 1), (2, None), (9, None)])
def test_the_budget_of_moves(most: int | None, lower: int | None) -> None:
    previous = [{"student_id": "s", "placement_id": "A"}, {"student_id": "s", "placement_id": "B"}, {"student_id": "u", "placement_id": "B"}]
    round_ = make_round(Settings(max_moves=most), students=STUDENTS, placements=PLACEMENTS, preferences=[], previous=previous)
    kept = Bound({"s A|": 1, "s B|": 1, "u B|": 1}, lower or 0, None)
    assert bounds(round_) == ({} if lower is None else {("moves", "", ""): kept})
