"""Teams as rows (docs/rules.md section 6)."""

from __future__ import annotations

from matcher.compile import compile_round
from matcher.round import Round
from matcher.settings import Settings
from tests.rounds import make_round
from tests.rules.naming import Bound, bounds

PLACEMENTS = [
    {"placement_id": "A", "capacity": 2, "company_id": "C", "region_id": "R"},
    {"placement_id": "B", "capacity": 2, "company_id": "C"},
    {"placement_id": "D", "capacity": 2, "region_id": "R"},
]


def team(kind: str, *students: dict[str, object], placements: list[dict[str, object]] | None = None, settings: Settings | None = None) -> Round:
    teams = [{"team_id": "T", "student_id": student["student_id"], "kind": kind} for student in reversed(students)]
    return make_round(settings or Settings(), students=list(students), placements=placements or PLACEMENTS, preferences=[], teams=teams)


def plain(*names: str) -> list[dict[str, object]]:
    return [{"student_id": name} for name in names]


def test_members_at_one_placement() -> None:
    assert bounds(team("same_placement", *plain("s", "t"))) == {("team", "T", f"|t|{p}"): Bound({f"s {p}|": 1, f"t {p}|": -1}, 0, 0) for p in "ABD"}


def test_members_at_one_company_or_region_and_keys_of_their_own() -> None:
    assert bounds(team("same_company", *plain("s", "t"))) == {
        ("team", "T", "|t|C"): Bound({"s A|": 1, "s B|": 1, "t A|": -1, "t B|": -1}, 0, 0),
        ("team", "T", "|t|D"): Bound({"s D|": 1, "t D|": -1}, 0, 0),
    }
    assert set(bounds(team("same_region", *plain("s", "t")))) == {("team", "T", "|t|R"), ("team", "T", "|t|B")}


def test_all_members_are_held_against_the_first() -> None:
    found = bounds(team("same_placement", *plain("s", "t", "u"), placements=[{"placement_id": "A", "capacity": 3}]))
    assert found == {("team", "T", f"|{other}|A"): Bound({"s A|": 1, f"{other} A|": -1}, 0, 0) for other in "tu"}


def test_a_member_counts_in_the_periods_of_its_demands() -> None:
    students = [{"student_id": "s", "periods": "1"}, {"student_id": "t", "periods": "1|2"}, {"student_id": "u"}, {"student_id": "v", "periods": "3"}]
    places = [{"placement_id": "A", "capacity": 9}]
    assert bounds(team("same_placement", *students, placements=places)) == {
        ("team", "T", "1|t|A"): Bound({"s A|1": 1, "t A|1": -1}, 0, 0),
        ("team", "T", "1|u|A"): Bound({"s A|1": 1, "u A|1": -1}, 0, 0),
        ("team", "T", "2|u|A"): Bound({"t A|2": 1, "u A|2": -1}, 0, 0),
        ("team", "T", "3|v|A"): Bound({"u A|3": 1, "v A|3": -1}, 0, 0),
    }


def test_over_paths_all_members_count_with_all_their_periods_together() -> None:
    students = [{"student_id": "s", "periods": "1"}, {"student_id": "t", "periods": "1|2"}, {"student_id": "u"}, {"student_id": "v", "periods": "2"}]
    places = [{"placement_id": "A", "capacity": 9}]
    path = Settings(teams="path")
    assert bounds(team("same_placement", *students, placements=places, settings=path)) == {
        ("team", "T", "|t|A"): Bound({"s A|1": 1, "t A|1": -1, "t A|2": -1}, 0, 0),
        ("team", "T", "|u|A"): Bound({"s A|1": 1, "u A|1": -1, "u A|2": -1}, 0, 0),
        ("team", "T", "|v|A"): Bound({"s A|1": 1, "v A|2": -1}, 0, 0),
    }
    apart = [bounds(team("apart", *students, placements=places, settings=settings)) for settings in (path, Settings())]
    assert apart[0] == apart[1]


def test_a_key_that_one_member_has_no_pair_for_is_closed_to_the_others() -> None:
    students = [{"student_id": "s", "excluded_companies": "C"}, {"student_id": "t"}]
    found = bounds(team("same_placement", *students))
    assert found["team", "T", "|t|A"] == Bound({"t A|": -1}, 0, 0)
    students = [{"student_id": "s"}, {"student_id": "t", "excluded_companies": "C"}]
    assert bounds(team("same_placement", *students))["team", "T", "|t|A"] == Bound({"s A|": 1}, 0, 0)


def test_members_apart() -> None:
    students = [{"student_id": "s", "periods": "1"}, {"student_id": "t", "periods": "1|2"}, {"student_id": "u"}]
    places = [{"placement_id": "A", "capacity": 9}, {"placement_id": "B", "capacity": 9, "period_id": "2"}]
    assert bounds(team("apart", *students, placements=places)) == {
        ("team", "T", "1|A"): Bound({"s A|1": 1, "t A|1": 1, "u A|1": 1}, 0, 1),
        ("team", "T", "2|A"): Bound({"t A|2": 1, "u A|2": 1}, 0, 1),
        ("team", "T", "2|B"): Bound({"t B|2": 1, "u B|2": 1}, 0, 1),
    }


def test_a_team_of_one_binds_nobody() -> None:
    for kind in ("same_company", "apart"):
        assert bounds(team(kind, *plain("s"))) == {}


def test_the_demands_of_a_team_are_those_of_its_members_in_order() -> None:
    students = [{"student_id": "s", "periods": "1"}, {"student_id": "t", "periods": "1|2"}, {"student_id": "u"}]
    (made,) = compile_round(team("same_placement", students[1], students[0], students[2])).problem.teams
    assert (made.kind, made.code, made.demands.tolist()) == ("same_placement", 0, [0, 1, 2, 3])
