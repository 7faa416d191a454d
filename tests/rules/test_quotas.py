"""Quotas once, for every group, and for every student's path (docs/rules.md section 5)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from matcher.compile import compile_round
from matcher.errors import InputError
from matcher.round import Round
from matcher.settings import Settings
from tests.rounds import make_round
from tests.rules.naming import Bound, bounds

STUDENTS = [
    {"student_id": "s", "programme_id": "IT", "periods": "1|2|3", "groups": "x|y", "region_id": "R1"},
    {"student_id": "t", "programme_id": "BA", "periods": "1|2", "groups": "none", "region_id": "R2"},
    {"student_id": "u", "periods": "1", "groups": "y"},
]
PLACEMENTS = [
    {"placement_id": "A", "capacity": 2, "sector_id": "care", "region_id": "R1", "insured": True, "period_id": "1"},
    {"placement_id": "B", "capacity": 2, "company_id": "C", "region_id": "R3", "insured": False, "period_id": "2"},
    {"placement_id": "C", "capacity": 1, "period_id": "1"},
]
COMPANIES = [{"company_id": "C", "sector_id": "build"}]
TIERS = ("placed", "soft", "rank", "soft:later")


def quota_round(*quotas: dict[str, object], tiers: tuple[str, ...] = TIERS, **settings: object) -> Round:
    chosen = Settings(tiers=tiers, rules={"insurance": "off"}, **settings)  # type: ignore[arg-type]  # fields of the settings
    return make_round(chosen, students=STUDENTS, placements=PLACEMENTS, companies=COMPANIES, preferences=[], quotas=list(quotas))


def of(**quota: object) -> dict[str, Bound]:
    """The rows of one quota, by part (a path's has `path ` in front)."""
    rows = bounds(quota_round({"quota_id": "Q", **quota}))
    assert {name[1] for name in rows} <= {"Q"}
    return {part if kind == "quota" else f"{kind} {part}": bound for (kind, _, part), bound in rows.items()}


def pairs(*names: str) -> dict[str, int]:
    return dict.fromkeys(names, 1)


def test_a_quota_without_per_is_one_row() -> None:
    assert of(placements="sector_id=care", min=1) == {"": Bound(pairs("s A|1", "t A|1", "u A|1"), 1, None)}


def test_a_quota_repeats_for_every_group_that_has_a_pair() -> None:
    found = of(per="programme_id|sector_id", max=0)
    # u has no programme, C no sector; B has that of its company; the third period has no seats.
    assert found == {
        "BA|build": Bound(pairs("t B|2"), 0, 0),
        "BA|care": Bound(pairs("t A|1"), 0, 0),
        "IT|build": Bound(pairs("s B|2"), 0, 0),
        "IT|care": Bound(pairs("s A|1"), 0, 0),
    }
    assert list(of(per="sector_id|programme_id", max=0)) == ["build|BA", "build|IT", "care|BA", "care|IT"]


def test_a_pair_is_in_the_group_of_each_of_its_tokens() -> None:
    assert of(per="groups", min=1, placements="placement_id=A") == {"x": Bound(pairs("s A|1"), 1, None), "y": Bound(pairs("s A|1", "u A|1"), 1, None)}


def test_a_column_of_both_tables_is_the_placements_unless_said() -> None:
    assert set(of(per="region_id", max=0)) == set(of(per="placement.region_id", max=0)) == {"R1", "R3"}
    assert set(of(per="student.region_id", max=0)) == {"R1", "R2"}


def test_values_of_groups_are_written_as_in_filters() -> None:
    assert set(of(per="insured|capacity", max=0)) == {"true|2", "false|2"}


def test_groups_that_cannot_bind_are_left_out_and_a_group_without_pairs_owes_nothing() -> None:
    assert set(of(per="programme_id", max=2)) == set()
    assert set(of(per="programme_id", max=1)) == {"IT", "BA"}
    assert set(of(per="placement_id", max=2)) == {"A", "C"}
    assert set(of(per="placement_id", max=3)) == set()
    assert set(of(per="postcode", min=1)) == set()


@pytest.mark.parametrize("per", ["colour", "programme_id|colour", "student.capacity", "placement.groups", "students.groups"])
def test_a_name_that_is_no_column_is_refused(per: str) -> None:
    with pytest.raises(InputError) as caught:
        compile_round(quota_round({"quota_id": "Q", "per": per, "max": 1}))
    (issue,) = caught.value.issues
    assert (issue.code, issue.table, issue.column) == ("per_column", "quotas", "per")
    assert issue.message("fr")


def test_the_maximum_of_a_path_counts_the_places_inside() -> None:
    assert of(per="student", placements="sector_id=care|build", max=1) == {"s": Bound(pairs("s A|1", "s B|2"), 0, 1), "t": Bound(pairs("t A|1", "t B|2"), 0, 1)}
    assert of(per="student|sector_id", max=0) == {
        "s|build": Bound(pairs("s B|2"), 0, 0),
        "s|care": Bound(pairs("s A|1"), 0, 0),
        "t|build": Bound(pairs("t B|2"), 0, 0),
        "t|care": Bound(pairs("t A|1"), 0, 0),
        "u|care": Bound(pairs("u A|1"), 0, 0),
    }


def test_the_minimum_of_a_path_counts_the_places_outside() -> None:
    # Of three periods two may be elsewhere, which binds nobody who has pairs in two periods only; of two one, and of one none.
    assert of(per="student", placements="sector_id=care", min=1, students="student_id=s|t|u") == {
        "path t": Bound(pairs("t B|2", "t C|1"), 0, 1),
        "path u": Bound(pairs("u C|1"), 0, 0),
    }
    assert of(per="student", placements="sector_id=care", min=9, students="student_id=s") == {"path s": Bound(pairs("s B|2", "s C|1"), 0, 0)}
    assert of(per="student", min=1) == {}


def test_both_bounds_of_a_path_are_two_rows() -> None:
    assert set(of(per="student", placements="sector_id=care|build", min=2, max=1, students="student_id=t")) == {"t", "path t"}


@pytest.mark.parametrize("hard", [True, False])
def test_a_minimum_beside_student_and_more_is_refused(hard: bool) -> None:
    with pytest.raises(InputError) as caught:
        compile_round(quota_round({"quota_id": "Q", "per": "student|sector_id", "min": 1, "hard": hard}))
    assert [issue.code for issue in caught.value.issues] == ["quota_min_per"]


def test_a_soft_quota_pays_in_its_tier() -> None:
    soft = {"hard": False, "weight": 3, "placements": "sector_id=care"}
    inside = pairs("s A|1", "t A|1", "u A|1")
    assert of(**soft, max=1) == {"": Bound(inside, 0, 1, 3, "soft")}
    assert of(**soft, max=1, tier="soft:later") == {"": Bound(inside, 0, 1, 3, "soft:later")}
    for tier in ("soft:other", "rank", "hard"):
        assert of(**soft, max=1, tier=tier) == {}
    assert of(**soft | {"weight": 0}, max=1) == {}


def test_a_soft_minimum_of_a_student_is_the_same_row_at_a_price() -> None:
    hard = of(per="student", placements="sector_id=care", min=1)
    soft = of(per="student", placements="sector_id=care", min=1, hard=False)
    assert hard
    assert soft == {name: replace(bound, weight=1, tier="soft") for name, bound in hard.items()}


def test_a_blend_multiplies_the_penalties_of_families_and_rows() -> None:
    quotas = [
        {"quota_id": "Q", "hard": False, "weight": 3, "min": 5},
        {"quota_id": "P", "per": "student", "hard": False, "max": 0, "tier": "soft:later"},
        {"quota_id": "O", "per": "programme_id", "hard": False, "max": 0, "tier": "soft:later"},
    ]
    rows = bounds(quota_round(*quotas, tiers=("placed", "rank"), tier_weights={"rank": 1, "soft": 0.5, "soft:later": 0.25}))
    assert {(name[1], bound.weight, bound.tier) for name, bound in rows.items()} == {("Q", 150, "blend"), ("P", 25, "blend"), ("O", 25, "blend")}


def test_a_quota_out_of_its_dates_is_left_out() -> None:
    assert bounds(quota_round({"quota_id": "Q", "per": "student", "max": 0, "valid_to": "2020-01-01"}, start_date=dt.date(2027, 1, 1))) == {}


def test_quotas_come_in_order_of_their_ids() -> None:
    quotas = [{"quota_id": name, "per": "student", "max": 0} for name in "CAB"] + [{"quota_id": f"{name}2", "per": "groups", "max": 0} for name in "CAB"]
    names = [name[1] for name in bounds(quota_round(*quotas))]
    assert names == sorted(names, key=lambda name: (len(name) == 1, name))
