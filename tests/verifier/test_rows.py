"""Bounds on numbers of pairs: seats, pools, quotas, pins, teams (docs/rules.md sections 3, 5 and 6), kept, broken and on the boundary."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import numpy as np
import pytest

from matcher.round import Round
from matcher.settings import Settings
from matcher.verifier import verify
from matcher.verifier.filters import placements_inside, students_inside
from matcher.verifier.rows import Rows
from matcher.verifier.view import View
from tests.brute_force import Matching, Referee
from tests.rounds import day, make_round, random_round
from tests.verifier.answers import result_of

Row = dict[str, Any]


def simple(count: int = 3, placements: list[Row] | None = None, settings: Settings | None = None, **tables: list[Row]) -> Round:
    """Students s0, s1, ... without wishes, who may go anywhere."""
    people = tables.pop("students", [{"student_id": f"s{n}"} for n in range(count)])
    return make_round(
        settings, students=people, placements=placements or [{"placement_id": "p", "capacity": 2}, {"placement_id": "q", "capacity": 3}], **tables
    )


def found(round_: Round, placed: dict[str, str], periods: dict[str, str] | None = None) -> dict[str, dict[str, object]]:
    """The violations of a matching `student -> placement` (`student@period` where there are several), honestly reported without a proof."""
    referee = Referee(round_)
    matching: Matching = {}
    for demand in referee.demands:
        where = placed.get(f"{demand[0]}@{demand[1]}", placed.get(demand[0]))
        matching[demand] = (where, demand[1] or (periods or {}).get(demand[0], referee.periods[0])) if where else None
    result = result_of(round_, matching, bounds=[None] * len(round_.settings.tiers), reason="time_limit")
    verification = verify(round_, result)
    agrees = referee.keeps_bounds(matching) and referee.keeps_teams(matching)
    assert verification.ok == agrees or any(v.code.startswith(("pin", "not_eligible", "no_seats")) for v in verification.violations)
    return {violation.code: dict(violation.params) for violation in verification.violations}


def test_a_seat_holds_its_capacity_and_no_more():
    assert found(simple(), {"s0": "p", "s1": "p"}) == {}
    assert found(simple(), {"s0": "p", "s1": "p", "s2": "p"}) == {"over_capacity": {"placement": "p", "period": "", "count": 3, "limit": 2}}


@pytest.mark.parametrize(
    ("mentors", "ratio", "on", "ok"), [(1, 1.9, True, False), (1, 2, True, True), (0.5, 2, True, False), (None, 1, True, True), (1, 1, False, True)]
)
def test_mentors_limit_the_usable_capacity(mentors: float | None, ratio: float, on: bool, ok: bool):
    placements = [{"placement_id": "p", "capacity": 2, "mentors": mentors, "students_per_mentor": ratio}]
    assert (found(simple(2, placements, Settings(mentor_capacity=on)), {"s0": "p", "s1": "p"}) == {}) == ok


@pytest.mark.parametrize(
    ("cells", "count", "code"),
    [
        ({"must_open": True, "capacity_min": 2}, 2, None),
        ({"must_open": True, "capacity_min": 2}, 1, "must_open"),
        ({"must_open": True, "capacity_min": 2}, 0, "must_open"),
        ({"must_open": True}, 0, None),
        ({"capacity_min": 2}, 0, None),
        ({"capacity_min": 2}, 1, "open_or_closed"),
        ({"capacity_min": 2}, 2, None),
        ({"capacity_min": 1}, 1, None),
        ({"must_open": False, "capacity_min": 2}, 1, "open_or_closed"),
    ],
)
def test_a_minimum_binds_always_or_only_when_open(cells: Row, count: int, code: str | None):
    violations = found(simple(3, [{"placement_id": "p", "capacity": 3, **cells}]), {f"s{n}": "p" for n in range(count)})
    assert set(violations) == ({code} if code else set())


def test_a_pool_counts_all_its_placements_in_all_periods():
    placements = [{"placement_id": "p", "capacity": 2, "pool_id": "K"}, {"placement_id": "q", "capacity": 2, "pool_id": "K", "period_id": "T2"}]
    round_ = simple(3, placements, pools=[{"pool_id": "K", "capacity": 2}])
    assert found(round_, {"s0": "p", "s1": "q"}, {"s1": "T2"}) == {}
    assert found(round_, {"s0": "p", "s1": "q", "s2": "q"}, {"s1": "T2", "s2": "T2"}) == {"pool_over": {"pool": "K", "count": 3, "limit": 2}}


def test_a_placement_without_period_has_its_seats_anew_in_every_period():
    people = [{"student_id": "s0", "periods": "T1|T2"}, {"student_id": "s1", "periods": "T1"}, {"student_id": "s2"}]
    round_ = simple(placements=[{"placement_id": "p", "capacity": 2}, {"placement_id": "q", "capacity": 1, "period_id": "T2"}], students=people)
    assert found(round_, {"s0": "p", "s1": "p", "s2": "p"}, {"s2": "T2"}) == {}
    assert found(round_, {"s0": "p", "s1": "p", "s2": "p"}, {"s2": "T1"})["over_capacity"] == {"placement": "p", "period": "T1", "count": 3, "limit": 2}
    assert set(found(round_, {"s1": "q"})) == {"no_seats", "wrong_value"}  # such a pair is not counted


@pytest.mark.parametrize(
    ("quota", "count", "code"),
    [
        ({"max": 1}, 1, None),
        ({"max": 1}, 2, "quota_over"),
        ({"max": 0}, 1, "quota_over"),
        ({"min": 1}, 1, None),
        ({"min": 1}, 0, "quota_under"),
        ({"min": 1, "hard": False}, 0, None),
        ({"max": 0, "hard": False, "weight": 5}, 2, None),
        ({"max": 0, "valid_to": day(1)}, 2, None),
        ({"max": 0, "valid_from": day(3)}, 2, None),
        ({"max": 0, "valid_from": day(2), "valid_to": day(2)}, 2, "quota_over"),
    ],
)
def test_a_hard_quota_in_force_binds(quota: Row, count: int, code: str | None):
    round_ = simple(3, settings=Settings(start_date=dt.date(2027, 1, 2)), quotas=[{"quota_id": "Q", "placements": "placement_id=p", **quota}])
    assert set(found(round_, {f"s{n}": "p" for n in range(count)})) == ({code} if code else set())


def test_soft_quotas_cost_their_weight_for_each_pair_outside():
    quotas = [
        {"quota_id": "A", "min": 3, "hard": False, "weight": 2},
        {"quota_id": "B", "max": 0, "hard": False},
        {"quota_id": "C", "max": 0, "hard": False, "weight": 0},
    ]
    round_ = simple(3, settings=Settings(tiers=("soft",)), quotas=quotas)
    matching: Matching = {("s0", None): ("p", ""), ("s1", None): ("q", ""), ("s2", None): None}
    result = result_of(round_, matching, bounds=[None], reason="time_limit")
    assert verify(round_, result).tiers[0].value == 2 * 1 + 1 * 2


STUDENTS = [
    {"student_id": "s0", "programme_id": "G", "groups": "car|first", "region_id": "R1", "mandatory": True, "max_km": 12.5, "available_from": day(5)},
    {"student_id": "s1", "programme_id": "H", "groups": "first", "region_id": "R", "mandatory": False},
    {"student_id": "s2", "programme_id": None, "groups": None, "region_id": None},
]
PLACEMENTS = [
    {"placement_id": "p0", "capacity": 1, "company_id": "C", "region_id": None, "sector_id": None, "name": "a"},
    {"placement_id": "p1", "capacity": 2, "company_id": None, "region_id": "R", "sector_id": "S2", "name": None},
]
TABLES: dict[str, list[Row]] = {
    "programmes": [{"programme_id": "G", "form": "duaal", "name": "n"}, {"programme_id": "H", "form": "stage", "name": "m"}],
    "companies": [{"company_id": "C", "sector_id": "S1", "region_id": "R1", "nace": "85", "name": "b", "joint_committees": "PC1|PC2"}],
    "sectors": [{"sector_id": "S"}, {"sector_id": "S1", "parent_id": "S"}, {"sector_id": "S2"}],
    "regions": [{"region_id": "R"}, {"region_id": "R1", "parent_id": "R"}],
}


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        (None, "012"),
        ("programme_id=G", "0"),
        ("programme_id=G|H", "01"),
        (" programme_id = G | H ; groups = car ", "0"),
        ("groups=first", "01"),
        ("groups=car|first", "01"),
        ("region_id=R", "01"),
        ("region_id=R1", "0"),
        ("form=stage", "1"),
        ("mandatory=true", "0"),
        ("mandatory=false", "1"),
        ("max_km=12.5", "0"),
        ("available_from=2027-01-05", "0"),
        ("programme_id=g", ""),
        ("nothing=x", ""),
        ("groups=none", ""),
        ("student_id=s2", "2"),
        ("name=n", "0"),
    ],
)
def test_filters_of_students_use_their_columns_and_those_of_their_programme(text: str | None, inside: str):
    view = View(make_round(None, students=STUDENTS, placements=PLACEMENTS, **TABLES))
    assert "".join(map(str, np.flatnonzero(students_inside(view, text)))) == inside


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        (None, "01"),
        ("sector_id=S", "0"),
        ("sector_id=S1|S2", "01"),
        ("region_id=R", "01"),
        ("region_id=R1", "0"),
        ("nace=85", "0"),
        ("company_id=C", "0"),
        ("capacity=2", "1"),
        ("capacity=2.0", "1"),
        ("joint_committees=PC2", "0"),
        ("name=b", ""),
        ("name=a", "0"),
        ("sector_id=S2; capacity=1", ""),
        ("sector_id=S2;", "1"),
    ],
)
def test_filters_of_placements_use_their_columns_and_those_of_their_company(text: str | None, inside: str):
    view = View(make_round(None, students=STUDENTS, placements=PLACEMENTS, **TABLES))
    assert "".join(map(str, np.flatnonzero(placements_inside(view, text)))) == inside


def test_a_pin_must_be_kept_and_may_go_outside_the_wishes():
    wishes = [{"student_id": "s0", "rank": 1, "target_id": "p"}, {"student_id": "s0", "rank": 0, "target_id": "q"}]
    round_ = simple(preferences=wishes, pins=[{"student_id": "s0", "placement_id": "q", "kind": "pin"}])
    assert found(round_, {"s0": "q"}) == {}
    assert found(round_, {"s0": "p"}) == {
        "pin_dropped": {"student": "s0", "placement": "q", "period": ""},
        "wrong_status": {"given": "pinned", "expected": "placed", "student": "s0", "period": ""},
    }


def test_a_confirmed_previous_placement_acts_as_a_pin():
    round_ = simple(previous=[{"student_id": "s0", "placement_id": "q", "confirmed": True}, {"student_id": "s1", "placement_id": "q", "confirmed": False}])
    assert set(found(round_, {})) == {"pin_dropped"}
    assert found(round_, {"s0": "q"}) == {}


def test_a_pin_that_breaks_a_hard_rule_is_not_eligible():
    round_ = simple(
        students=[{"student_id": "s0", "min_pay": 5}],
        placements=[{"placement_id": "p", "capacity": 1, "pay_month": 4}],
        pins=[{"student_id": "s0", "placement_id": "p", "kind": "pin"}],
    )
    assert set(found(round_, {"s0": "p"})) == {"not_eligible.pay"}


def test_a_pin_takes_the_period_of_the_placement_else_the_first_of_the_student_else_any():
    people = [{"student_id": "s0", "periods": "T2|T1"}, {"student_id": "s1"}]
    pins = [{"student_id": name, "placement_id": "p", "kind": "pin"} for name in ("s0", "s1")]
    free = simple(students=people, placements=[{"placement_id": "p", "capacity": 2}], pins=pins)
    for period in ("T1", "T2"):
        assert found(free, {"s0@T1": "p", "s1": "p"}, {"s1": period}) == {}
    assert found(free, {"s0@T2": "p", "s1": "p"})["pin_dropped"] == {"student": "s0", "placement": "p", "period": "T1"}
    bound = simple(students=people, placements=[{"placement_id": "p", "capacity": 2, "period_id": "T2"}], pins=pins)
    assert found(bound, {"s0@T2": "p", "s1": "p"}, {"s1": "T2"}) == {}


def team(kind: str, members: str = "s0 s1 s2") -> list[Row]:
    return [{"team_id": "U", "student_id": name, "kind": kind} for name in members.split()]


PLACES = [
    {"placement_id": "p", "capacity": 3, "company_id": "C", "region_id": "R"},
    {"placement_id": "q", "capacity": 3, "company_id": "C", "region_id": "R1"},
    {"placement_id": "r", "capacity": 3, "company_id": None, "region_id": "R"},
    {"placement_id": "t", "capacity": 3, "company_id": None, "region_id": None},
]


@pytest.mark.parametrize(
    ("kind", "placed", "code"),
    [
        ("same_placement", "ppp", None),
        ("same_placement", "---", None),
        ("same_placement", "pp-", "team_split"),
        ("same_placement", "ppq", "team_same_placement"),
        ("same_company", "ppq", None),
        ("same_company", "ppr", "team_same_company"),
        ("same_company", "ttt", None),
        ("same_company", "rrt", "team_same_company"),
        ("same_region", "ppr", None),
        ("same_region", "ppq", "team_same_region"),
        ("same_region", "ppt", "team_same_region"),
        ("apart", "pqr", None),
        ("apart", "p--", None),
        ("apart", "ppq", "team_not_apart"),
    ],
)
def test_teams_go_together_or_apart(kind: str, placed: str, code: str | None):
    round_ = simple(placements=PLACES, teams=team(kind), companies=[{"company_id": "C"}], regions=[{"region_id": "R"}, {"region_id": "R1", "parent_id": "R"}])
    violations = found(round_, {f"s{n}": where for n, where in enumerate(placed) if where != "-"})
    assert set(violations) == ({code} if code else set())


@pytest.mark.parametrize(
    ("kind", "placed", "code"),
    [
        ("same_placement", {"s0@T1": "p", "s1@T1": "p", "s0@T2": "q"}, None),
        ("same_placement", {"s0@T1": "p", "s1@T1": "q"}, "team_same_placement"),
        ("same_placement", {"s0@T1": "p", "s0@T2": "p"}, "team_split"),
        ("apart", {"s0@T1": "p", "s0@T2": "p"}, None),
        ("apart", {"s0@T1": "p", "s1@T1": "p"}, "team_not_apart"),
    ],
)
def test_teams_hold_period_by_period_among_those_who_ask_for_it(kind: str, placed: dict[str, str], code: str | None):
    round_ = simple(placements=PLACES, students=[{"student_id": "s0", "periods": "T1|T2"}, {"student_id": "s1", "periods": "T1"}], teams=team(kind, "s0 s1"))
    assert set(found(round_, placed)) == ({code} if code else set())


@pytest.mark.parametrize(
    ("kind", "placed", "code"),
    [
        ("same_placement", {"s0@T1": "p", "s1@T2": "p"}, None),
        ("same_placement", {"s0@T1": "p", "s0@T2": "p", "s1@T2": "p"}, "team_paths"),
        ("same_placement", {"s0@T1": "p", "s0@T2": "q", "s1@T2": "p"}, "team_paths"),
        ("same_placement", {"s0@T1": "p"}, "team_paths"),
        ("same_company", {"s0@T1": "p", "s1@T2": "q"}, None),
        ("same_company", {"s0@T1": "p", "s1@T2": "r"}, "team_paths"),
        ("same_region", {"s0@T1": "p", "s1@T2": "r"}, None),
        ("apart", {"s0@T1": "p", "s1@T2": "p"}, None),
        ("apart", {"s0@T2": "p", "s1@T2": "p"}, "team_not_apart"),
    ],
)
def test_teams_may_go_together_over_whole_paths(kind: str, placed: dict[str, str], code: str | None):
    students = [{"student_id": "s0", "periods": "T1|T2"}, {"student_id": "s1", "periods": "T2"}]
    companies, regions = [{"company_id": "C"}], [{"region_id": "R"}, {"region_id": "R1", "parent_id": "R"}]
    round_ = simple(placements=PLACES, students=students, teams=team(kind, "s0 s1"), companies=companies, regions=regions).with_settings(teams="path")
    assert set(found(round_, placed)) == ({code} if code else set())


def test_rows_agree_with_the_referee_on_random_rounds():
    seen = 0
    for seed in range(60):
        round_ = random_round(
            random.Random(seed),
            only={"quotas", "crossing_quotas", "soft_quotas", "mentor_capacity", "hierarchy", "mandatory", "form", *(["periods"] if seed % 2 else [])},
        )
        view, referee = View(round_), Referee(round_)
        rows = Rows(view)
        assert [referee.capacity(name) for name in view.placements[view.seats.placement]] == rows.seat_upper.tolist()
        assert [quota["quota_id"] for quota in referee.quotas] == rows.quotas.ids.tolist()
        for number, quota in enumerate(referee.quotas):
            inside = np.logical_and.outer(rows.quotas.students[number], rows.quotas.placements[number])
            assert inside.tolist() == [[referee.in_quota(quota, s, p) for p in view.placements] for s in view.students], seed
            seen += int(inside.sum())
    assert seen > 100
