"""Checks across tables: each with a case that is wrong, and the same case put right."""

from __future__ import annotations

import pytest

from matcher.errors import Issue
from matcher.intake.checked import check_raw
from matcher.intake.findings import by_kind
from matcher.intake.raw import RawRound, RawTable
from matcher.schema import TABLES
from tests.intake.raws import BASE, NO_WISHES, check_of, issues_of, raw_folder, raw_of
from tests.shared_data import SHARED, needs_shared

ROOT = "placement_id,capacity"


def places(issues: list[Issue]) -> list[tuple[int | None, str | None]]:
    return [(issue.row, issue.column) for issue in issues]


def test_the_base_round_has_nothing_to_say() -> None:
    checked = check_of()
    assert checked.issues == ()
    assert checked.round is not None
    assert checked.round.tables["placements"]["capacity"].dtype == "int64"
    assert checked.round.tables["preferences"]["rank"].dtype == "int32"
    assert checked.round.sources["students"] == "students.csv"


@needs_shared
@pytest.mark.parametrize("name", ["a", "b", "c", "d", "e", "f"])
def test_the_example_rounds_are_sound(name: str) -> None:
    checked = check_raw(raw_folder(SHARED / "example-rounds" / name))
    assert checked.errors == ()
    assert checked.round is not None


@pytest.mark.parametrize("name", ["students", "placements", "preferences"])
def test_a_missing_table_is_named(name: str) -> None:
    checked = check_of(**{name: ""})
    assert checked.round is None
    assert [issue.table for issue in checked.errors if issue.code == "table_missing"] == [name]


@pytest.mark.parametrize(
    ("name", "column"), [(table.name, column.name) for table in TABLES.values() for column in table.columns if column.required and table.name in BASE]
)
def test_a_missing_column_is_named_and_the_rest_is_still_checked(name: str, column: str) -> None:
    raw = raw_of(pins="student_id,placement_id,kind\nS1,P1,perhaps")
    frame = raw.tables[name].frame.drop(columns=column)
    broken = RawRound({**raw.tables, name: RawTable(name, frame, name)})
    codes = {(issue.code, issue.table, issue.column) for issue in check_raw(broken).issues}
    assert ("column_missing", name, column) in codes
    assert ("choice_unknown", "pins", "kind") in codes


def test_what_the_reader_reported_is_not_reported_again() -> None:
    raw = raw_of(students="")
    told = RawRound(raw.tables, None, (Issue("table_missing", "students"),))
    assert [issue.code for issue in check_raw(told).issues if issue.table == "students"] == ["table_missing"]


def test_a_table_without_rows_is_named() -> None:
    assert [issue.table for issue in check_of(students="student_id", preferences="student_id,rank,target_id").errors] == ["students"]


def test_a_row_that_adds_nothing_is_left_out() -> None:
    checked = check_of(students="student_id,region_id,mode\nS1,R,auto\nS2,,\nS1,R,car\nS1,R,")
    assert [(issue.code, issue.row, dict(issue.params)["other"], issue.fix and issue.fix.drop) for issue in checked.issues if issue.severity == "warning"] == [
        ("duplicate_row", 4, 2, True),
        ("duplicate_row", 5, 2, True),
    ]
    assert checked.round is not None
    assert checked.round.tables["students"].index.tolist() == [2, 3]


def test_a_row_that_says_something_else_is_an_error_with_both_rows() -> None:
    (issue,) = issues_of("duplicate_key", students="student_id,region_id\nS1,R\nS2,\nS1,Q")
    assert (issue.row, dict(issue.params)["other"], dict(issue.params)["columns"]) == (4, 2, "region_id")


def test_a_student_at_two_institutions_has_a_code_of_its_own() -> None:
    (issue,) = issues_of("student_twice", students="student_id,institution_id\nS1,A\nS2,A\nS1,B")
    assert (issue.row, dict(issue.params)["other"]) == (4, 2)


def test_a_repeated_row_is_not_a_student_without_wishes() -> None:
    assert not issues_of("students_without_wishes", students="student_id\nS1\nS2\nS1")


def test_rows_of_other_tables_are_compared_by_their_whole_key() -> None:
    travel = "from_region,to_region,mode,minutes\nA,B,,10\nA,B,car,12\nA,B,,11"
    assert places(issues_of("duplicate_key", travel=travel)) == [(4, "from_region")]


def test_wishes_that_stand_twice() -> None:
    wishes = "student_id,rank,target_type,target_id\nS1,1,,P1\nS1,1,placement,P1\nS1,2,,P1\nS2,1,,P1\nS2,no,,P1\nS2,2,,P2\nS2,3,,P2"
    checked = check_of(preferences=wishes)
    assert [(issue.code, issue.row, dict(issue.params)["other"]) for issue in checked.issues] == [
        ("duplicate_row", 3, 2),
        ("wish_twice", 4, 2),
        ("wish_and_no", 6, 5),
        ("wish_twice", 8, 7),
    ]
    assert checked.round is not None
    assert checked.round.tables["preferences"].index.tolist() == [2, 4, 5, 6, 7, 8]


def test_rows_that_share_a_number_are_told_apart() -> None:
    raw = raw_of(preferences="student_id,rank,target_id\nS1,1,P1\nS1,1,P1\nS1,2,P9")
    frame = raw.tables["preferences"].frame.set_axis([2, 2, 2])
    checked = check_raw(RawRound({**raw.tables, "preferences": RawTable("preferences", frame, "wide")}))
    assert [(issue.code, issue.row, dict(issue.params)["at"]) for issue in checked.issues if issue.table == "preferences"] == [
        ("duplicate_row", 2, 1),
        ("wish_unknown", 2, 2),
    ]


def test_students_without_wishes_are_counted_once() -> None:
    (issue,) = issues_of(
        "students_without_wishes",
        '[rules]\nno_wishes = "skip"',
        students="student_id\nS1\nS2\nS3\nS4",
        preferences="student_id,rank,target_id\nS1,1,P1\nS2,no,P1",
    )
    assert (issue.severity, dict(issue.params)) == ("note", {"count": 3, "first": 3, "policy": "skip"})


def test_a_wish_for_a_company_that_the_student_excludes() -> None:
    texts = {
        "students": "student_id,excluded_companies\nS1,C1|C2\nS2,",
        "placements": "placement_id,capacity,company_id\nP1,1,C1\nP2,1,C3\nP3,1,C2",
        "companies": "company_id\nC1\nC2\nC3",
    }
    wishes = "student_id,rank,target_type,target_id\nS1,1,,P1\nS1,2,,P2\nS1,3,company,C2\nS1,no,company,C1\nS2,1,,P1"
    assert places(issues_of("wish_excluded", **texts, preferences=wishes)) == [(2, "target_id"), (4, "target_id")]


def test_capacities_and_mentors() -> None:
    placements = "placement_id,capacity,capacity_min,mentors,students_per_mentor\nP1,2,3,1,1\nP2,0,1,,\nP3,2,2,1,2\nP4,4,,1,2.5"
    codes = {issue.code: issue for issue in check_of(placements=placements).issues}
    assert places([codes["minimum_above_capacity"]]) == [(2, "capacity_min")]
    assert dict(codes["zero_capacity"].params)["count"] == 1
    assert {key: dict(codes["mentor_limit"].params)[key] for key in ("count", "lost", "id")} == {"count": 2, "lost": 3, "id": "P1"}
    assert not issues_of("mentor_limit", '[rules]\nmentor_capacity = "off"', placements=placements)


def test_an_end_before_its_start_is_explained_by_the_one_date_whose_day_and_month_may_be_exchanged() -> None:
    placements = "placement_id,capacity,from,to\nP1,1,2026-11-02,2026-06-30\nP2,1,2026-09-20,2026-03-12\nP3,1,2027-06-30,2026-09-15\nP4,1,2026-02-01,2026-06-30"
    found = issues_of("dates_reversed", placements=placements)
    assert [(issue.row, issue.column, issue.fix and issue.fix.value) for issue in found] == [
        (2, "from", "2026-02-11"),
        (3, "to", "2026-12-03"),
        (4, "from", "2026-09-15"),
        (4, "to", "2027-06-30"),
    ]
    assert not any(issue.fix and issue.fix.safe for issue in found)


@pytest.mark.parametrize("table", ["sectors", "regions"])
def test_a_ring_of_parents_is_named_once(table: str) -> None:
    key = f"{table[:-1]}_id"
    found = issues_of("parent_cycle", **{table: f"{key},parent_id\nA,B\nB,C\nC,A\nD,A\nE,E\nF,"})
    assert [dict(issue.params)["ring"] for issue in found] == ["A > B > C > A", "E > E"]


def test_a_graduaat_programme_with_a_small_share() -> None:
    programmes = "programme_id,form,workplace_share\nA,graduaat,0.2\nB,Graduaat,0.3\nC,prof_bachelor,0.1\nD,graduaat,"
    assert places(issues_of("graduaat_share", programmes=programmes)) == [(2, "workplace_share")]


def test_companies_with_one_name_in_one_region() -> None:
    companies = (
        "company_id,name,region_id\nC1,Bakkerij De Molen,R\nC2,bakkerij de molen bv,R\nC3,Bakkerij De Molen,Q\nC4,B.V. Bakkerij-De Molen,R\nC5,,R\nC6,,R"
    )
    assert [(issue.row, dict(issue.params)["same"]) for issue in issues_of("same_company", companies=companies)] == [(3, "C1"), (5, "C1")]


def test_teams() -> None:
    teams = "team_id,student_id,kind\nT1,S1,apart\nT2,S1,same_company\nT2,S2,same_region"
    assert places(issues_of("team_of_one", teams=teams)) == [(2, "team_id")]
    assert places(issues_of("team_mixed", teams=teams)) == [(4, "kind")]


PEOPLE = "student_id,programme_id,groups\nS1,PA,no_car|young\nS2,PB,"
SIDES = {
    "students": PEOPLE,
    "placements": "placement_id,capacity,company_id,sector_id\nP1,1,C1,\nP2,1,C2,X2",
    "programmes": "programme_id,form\nPA,graduaat\nPB,bachelor",
    "companies": "company_id,sector_id,employees\nC1,X1,10\nC2,X1,20",
    "sectors": "sector_id,parent_id\nTOP,\nX1,TOP\nX2,TOP\nX3,",
}


def quota(students: str = "", placements: str = "", low: str = "1", high: str = "") -> list[tuple[str, str | None, str | None]]:
    """Code, column and proposal of what is said of one quota."""
    checked = check_of(**SIDES, quotas=f"quota_id\tstudents\tplacements\tmin\tmax\nQ\t{students}\t{placements}\t{low}\t{high}")
    return [(issue.code, issue.column, issue.fix.value if issue.fix else None) for issue in checked.issues if issue.table == "quotas"]


@pytest.mark.parametrize(
    "text",
    ["", "programme_id=PA", "programme_id = PA | PB ; groups=young", "form=graduaat", "groups=no_car;", "student_id=S1", "programme_id=PA; form=graduaat"],
)
def test_right_student_filters(text: str) -> None:
    assert quota(students=text) == []


@pytest.mark.parametrize("text", ["", "sector_id=TOP", "sector_id=X1; company_id=C1", "employees=10|20", "capacity=1", "placement_id=P2; sector_id=X2"])
def test_right_placement_filters(text: str) -> None:
    assert quota(placements=text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("programme_id", [("filter_syntax", "students", None)]),
        ("=PA", [("filter_syntax", "students", None)]),
        ("programme_id=", [("filter_syntax", "students", None)]),
        ("colour=red", [("filter_column", "students", None)]),
        ("programme_id=ZZZ", [("filter_unknown_id", "students", None)]),
        ("programme_id=pa; groups=young", [("reference_spelling", "students", "programme_id=PA; groups=young")]),
        ("groups=Young", [("reference_spelling", "students", "groups=young")]),
        ("groups=old", [("filter_value", "students", None)]),
        ("form=graduaat; groups=no_car; programme_id=PB", [("quota_nobody", "students", None)]),
    ],
)
def test_wrong_filters(text: str, expected: list[tuple[str, str, str | None]]) -> None:
    assert quota(students=text) == expected


def test_a_filter_whose_spelling_was_put_right_is_so_in_the_round() -> None:
    checked = check_of(**SIDES, quotas="quota_id,students,min\nQ,programme_id=pa,1")
    assert checked.round is not None
    assert checked.round.tables["quotas"]["students"].tolist() == ["programme_id=PA"]


def test_quota_bounds() -> None:
    assert quota(low="3", high="2") == [("quota_bounds", "min", None)]
    assert quota(low="", high="") == [("quota_without_bounds", "min", None)]
    assert quota(placements="sector_id=X3") == [("quota_nobody", "placements", None)]


def said_of(table: str, text: str, settings: str | None = None) -> list[tuple[str, int | None, str | None, str | None]]:
    """Code, row, column and proposal of what is said of a table."""
    checked = check_of(settings, **SIDES, **{table: text})
    for issue in checked.issues:
        assert all(issue.message(language) and issue.todo(language) for language in ("nl", "en", "fr"))
    return [(issue.code, issue.row, issue.column, issue.fix.value if issue.fix else None) for issue in checked.issues if issue.table == table]


@pytest.mark.parametrize(
    ("per", "expected"),
    [
        ("student", []),
        ("programme_id|sector_id", []),
        ("student.region_id|placement.region_id", []),
        ("postcode", []),
        ("programme_id|colour", [("per_column", 2, "per", None)]),
        ("Opleiding|sector_id", [("per_column", 2, "per", "programme_id|sector_id")]),
        ("programe_id", [("per_column", 2, "per", "programme_id")]),
        ("student.capacity", [("per_column", 2, "per", None)]),
        ("students.groups", [("per_column", 2, "per", None)]),
    ],
)
def test_what_repeats_a_quota(per: str, expected: list[tuple[str, int, str, str | None]]) -> None:
    assert said_of("quotas", f"quota_id,per,max\nQ,{per},1") == expected


def test_a_minimum_per_student_needs_student_alone() -> None:
    table = "quota_id,per,min,max\nQ,student|sector_id,1,\nR,student,1,\nS,student|sector_id,,1"
    assert said_of("quotas", table) == [("quota_min_per", 2, "min", None)]


@pytest.mark.parametrize(
    ("tier", "hard", "costs_nothing"),
    [
        ("", "nee", False),
        ("soft", "nee", False),
        ("soft:later", "nee", False),
        ("soft:mixed", "nee", False),
        ("soft:other", "nee", True),
        ("rank", "nee", True),
        ("soft:other", "ja", False),
        ("soft:other", "", False),
    ],
)
def test_a_soft_quota_whose_tier_is_not_in_the_policy_costs_nothing(tier: str, hard: str, costs_nothing: bool) -> None:
    policy = '[policy]\ntiers = ["placed", "soft", "soft:later", "rank"]\nweights = { rank = 1, "soft:mixed" = 0.5 }'
    found = said_of("quotas", f"quota_id,max,hard,tier\nQ,1,{hard},{tier}", policy)
    assert [code for code, *_ in found if code == "quota_tier"] == ["quota_tier"] * costs_nothing


def test_a_soft_quota_without_the_tier_soft_costs_nothing() -> None:
    assert said_of("quotas", "quota_id,max,hard\nQ,1,nee", '[policy]\ntiers = ["placed"]') == [("quota_tier", 2, "tier", None)]


def test_reserves_that_agree() -> None:
    rows = "R,2,groups=young,,,\nR,1,programme_id=PA,sector_id=X1,3,2\nR,3,,sector_id=X1,3,"
    assert said_of("reserves", f"reserve_id,order,students,placements,seats,weight\n{rows}") == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("R,1,,sector_id=X1,3,\nR,2,,sector_id=X2,4,5", [("reserve_differs", 3, column, None) for column in ("placements", "seats", "weight")]),
        ("R,2,,,3,\nR,1,,,,", [("reserve_differs", 2, "seats", None), ("reserve_without_seats", 3, "seats", None)]),
        ("R,1,groups=young,,3,\nR,1,groups=no_car,,3,", [("duplicate_key", 3, "reserve_id", None)]),
        ("R,1,groups=young,,3,\nR,1,groups=young,,3,", [("duplicate_row", 3, "reserve_id", "")]),
        ("R,1,colour=red,,3,", [("filter_column", 2, "students", None)]),
        ("R,1,groups=Young,,3,", [("reference_spelling", 2, "students", "groups=young")]),
    ],
)
def test_reserves_that_do_not(rows: str, expected: list[tuple[str, int, str, str | None]]) -> None:
    assert said_of("reserves", f"reserve_id,order,students,placements,seats,weight\n{rows}") == expected


PERIODS = {
    "students": "student_id,periods\nS1,T1|T2\nS2,\nS3,",
    "placements": "placement_id,capacity,period_id,mentors,students_per_mentor\nP1,2,T1,1,1\nP2,1,,,\nP3,1,T3,,",
}


@pytest.mark.parametrize(
    ("pins", "expected"),
    [
        ("S1,P1,pin", []),
        ("S1,P1,pin\nS1,P2,pin", [("pin_twice", 3)]),
        ("S1,P3,pin", [("pin_period", 2)]),
        ("S2,P1,pin\nS2,P2,pin", [("pin_twice", 3)]),
        ("S2,P1,pin\nS2,P1,forbid", [("pin_and_forbid", 2)]),
        ("S1,P1,pin\nS2,P1,pin", [("pin_over_capacity", 3)]),
        ("S2,P2,pin\nS3,P2,pin", []),
        ("S2,P1,forbid\nS3,P1,forbid", []),
    ],
)
def test_pins(pins: str, expected: list[tuple[str, int]]) -> None:
    checked = check_of(**PERIODS, pins=f"student_id,placement_id,kind\n{pins}")
    assert [(issue.code, issue.row) for issue in checked.issues if issue.table == "pins"] == expected


SPANS = {
    "students": "student_id,periods\nS1,T1|T2|T3\nS2,T1\nS3,\nS4,",
    "placements": "placement_id,capacity,period_id\nP1,1,T2|T1\nP2,1,T3\nP3,9,",
    "preferences": "student_id,rank,target_id\nS1,1,P1\nS2,1,P3\nS3,1,P3\nS4,1,P3",
}


@pytest.mark.parametrize(
    ("pins", "expected"),
    [
        ("S1,P1", []),
        ("S1,P1\nS1,P2", []),
        ("S1,P1\nS1,P3", [("pin_twice", 3)]),
        ("S2,P1", [("pin_period", 2)]),
        ("S3,P1", []),
        ("S1,P1\nS3,P1", [("pin_over_capacity", 3)]),
        ("S3,P1\nS4,P1", [("pin_over_capacity", 3)]),
        ("S3,P1\nS3,P2", [("pin_twice", 3)]),
    ],
)
def test_a_pin_on_a_placement_that_spans_periods_fixes_them_all(pins: str, expected: list[tuple[str, int]]) -> None:
    rows = "\n".join(f"{pin},pin" for pin in pins.splitlines())
    checked = check_of(**SPANS, pins=f"student_id,placement_id,kind\n{rows}")
    assert [(issue.code, issue.row) for issue in checked.issues if issue.table == "pins"] == expected


def test_a_list_of_periods_names_more_than_one() -> None:
    found = issues_of("span_of_one", placements="placement_id,capacity,period_id\nP1,1,T1|T1\nP2,1,T1|T2\nP3,1,none")
    assert [(issue.row, issue.severity, issue.fix.value if issue.fix else None) for issue in found] == [(2, "warning", "T1")]


def test_periods_of_spans_are_offered() -> None:
    texts = {"students": "student_id,periods\nS1,T1\nS2,T3", "preferences": NO_WISHES}
    placements = "placement_id,capacity,period_id\nP1,2,T1|T2\nP2,1,T2"
    issues = check_of(**texts, placements=placements).issues
    found = {issue.code: (issue.value, dict(issue.params)["count"]) for issue in issues if issue.code.startswith("period")}
    assert found == {"period_not_offered": ("T3", 1), "period_not_asked": ("T2", 2)}
    assert not [issue for issue in check_of(**texts, placements=f"{placements}\nP3,1,none").issues if issue.code == "period_not_offered"]


def test_a_confirmed_earlier_match_acts_as_a_pin() -> None:
    previous = "student_id,placement_id,confirmed\nS2,P2,ja\nS3,P1,nee"
    assert not issues_of("pin_twice", **PERIODS, previous=previous)
    found = issues_of("pin_twice", **PERIODS, previous=previous, pins="student_id,placement_id,kind\nS2,P1,pin")
    assert [(issue.table, issue.row) for issue in found] == [("previous", 2)]


def test_periods_that_only_one_side_names() -> None:
    codes = {
        issue.code: issue
        for issue in check_of(students="student_id,periods\nS1,T1|T9\nS2,T1", placements="placement_id,capacity,period_id\nP1,2,T1\nP2,1,T3").issues
    }
    assert (codes["period_not_offered"].value, dict(codes["period_not_offered"].params)["count"]) == ("T9", 1)
    assert (codes["period_not_asked"].value, codes["period_not_asked"].severity) == ("T3", "note")


def test_empty_cells_are_counted_for_rules_that_have_both_columns() -> None:
    texts = {"students": "student_id,languages,checks\nS1,nl,\nS2,,", "placements": "placement_id,capacity,languages\nP1,1,nl\nP2,1,nl"}
    found = issues_of("unknown_cells", **texts)
    assert [(issue.table, issue.column, dict(issue.params)["count"], dict(issue.params)["total"]) for issue in found] == [("students", "languages", 1, 2)]
    assert not issues_of("unknown_cells", '[rules]\nlanguages = "off"', **texts)


def near(town: tuple[float, float], n: int) -> list[tuple[str, str]]:
    return [(f"{town[0] + i / 1000:.4f}", f"{town[1] - i / 1000:.4f}") for i in range(n)]


def students_at(places_: list[tuple[str, str, str, str]]) -> str:
    rows = "\n".join(f"S{i},{lat},{lon},{region},{postcode}" for i, (lat, lon, region, postcode) in enumerate(places_))
    return f"student_id,lat,lon,region_id,postcode\n{rows}"


def test_implausible_coordinates() -> None:
    good = [(lat, lon, "GENT", "9000") for lat, lon in near((51.04, 3.71), 20)]
    odd = [
        ("3.72", "51.05", "GENT", "9000"),
        ("510411", "3.7", "GENT", "9000"),
        ("48.85", "2.35", "GENT", "9000"),
        ("51.22", "4.40", "GENT", "9000"),
        ("50.88", "4.70", "", "9050"),
    ]
    regions = "region_id,lat,lon\nGENT,51.0397,3.7142"
    checked = check_of(students=students_at([*good, *odd]), regions=regions, preferences=NO_WISHES)
    found = [(issue.code, issue.row, issue.column) for issue in checked.issues if issue.severity != "note"]
    assert found == [
        ("coordinates_swapped", 22, "lat"),
        ("coordinates_swapped", 22, "lon"),
        ("decimal_point_lost", 23, "lat"),
        ("coordinates_outside", 24, "lat"),
        ("far_from_region", 25, "lat"),
        ("far_from_postcode", 26, "lat"),
    ]
    assert checked.round is not None
    assert checked.round.tables["students"].loc[22, ["lat", "lon"]].tolist() == [51.05, 3.72]


def test_a_large_region_and_a_round_abroad_raise_no_alarm() -> None:
    spread = [(f"{50.8 + i / 20:.3f}", f"{2.8 + i / 5:.3f}", "FLANDERS", "") for i in range(12)]
    assert not check_of(students=students_at(spread), regions="region_id,lat,lon\nFLANDERS,51.04,3.71", preferences=NO_WISHES).errors
    assert not [
        i for i in check_of(students=students_at(spread), regions="region_id,lat,lon\nFLANDERS,51.04,3.71").issues if i.code.startswith(("far", "coord"))
    ]
    abroad = [(f"{48.8 + i / 100:.3f}", "2.35", "", "") for i in range(12)]
    assert not [issue for issue in check_of(students=students_at(abroad)).issues if issue.code.startswith("coord")]


def test_issues_come_in_the_order_of_tables_rows_and_columns() -> None:
    checked = check_of(
        "[round]\nseed = true",
        students="student_id,mandatory,mode\nS1,perhaps,hovercraft\nS2,,",
        placements="placement_id,capacity\nP1,x\nP2,",
        preferences="student_id,rank,target_id\nS1,a,P1",
    )
    assert [(issue.table, issue.row, issue.column) for issue in checked.issues] == [
        ("round.toml", 2, "round.seed"),
        ("students", 2, "mode"),
        ("students", 2, "mandatory"),
        ("placements", 2, "capacity"),
        ("placements", 3, "capacity"),
        ("preferences", 2, "rank"),
    ]


def test_kinds_are_counted_with_their_first_example() -> None:
    checked = check_of(placements="placement_id\tcapacity\tpay_month\nP1\tx\t1,5\nP2\ty\t2,5\nP3\t-1\t")
    kinds = [(kind.severity, kind.code, kind.count, kind.example.row) for kind in by_kind(checked.issues)]
    assert kinds == [("error", "number_unreadable", 2, 2), ("error", "negative", 1, 4), ("note", "decimal_comma", 2, None)]


def test_sentences_name_the_headers_that_the_person_wrote() -> None:
    raw = raw_of(placements="placement_id,capacity\nP1,x\nP2,1")
    table = raw.tables["placements"]
    renamed = RawTable(table.name, table.frame, table.source, {"capacity": "Aantal plaatsen", "placement_id": "placement_id"})
    (issue,) = check_raw(RawRound({**raw.tables, "placements": renamed})).issues
    assert issue.column == "capacity"
    assert "Aantal plaatsen" in issue.message("nl")


def test_no_sentence_names_a_student() -> None:
    checked = check_of(
        students="student_id,name,mode\nS1,Jan Janssens,x1\nS1,Piet Pieters,x2\nS2,Jan Janssens,x3", preferences="student_id,rank,target_id\nJan Janssens,1,P1"
    )
    for issue in checked.issues:
        assert "Piet" not in issue.message("en")
