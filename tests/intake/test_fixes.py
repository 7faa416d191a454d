"""Fixes: what they change, that they end, and that nothing safe is left."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import Fix, Issue
from matcher.intake.checked import check_raw
from matcher.intake.fixes import PASSES, Change, changes_frame, fix
from matcher.intake.raw import RawRound, RawTable
from tests.intake.raws import raw_of

DIRTY = {
    "students": (
        "student_id\tprogramme_id\tlat\tlon\tavailable_to\tlanguages\nS1\tpb-vpk\t51,0\t3.7\t46268\tnl\n"
        "S2\t123\t3.7\t51.0\t03/09/26\tNL\nS1\t\t\t\t\t\nS3\tVerpleegkunde\t51.0\t3.7\t\tnl"
    ),
    "placements": "placement_id,capacity,programmes\nP1,2 a 3,pb-vpk|0123\nP2,1,",
    "programmes": "programme_id,name\nPB-VPK,Verpleegkunde\n0123,Programmeren",
    "preferences": "student_id,rank,target_id\ns1,1,P1\nS1,2,OLD\nS2,1,P 2\nS2,1,P2",
    "quotas": "quota_id,students,min\nQ,programme_id=pbvpk; languages=nl,1",
}


def test_safe_fixes_are_applied_and_told() -> None:
    raw = raw_of(**DIRTY)
    before = {name: table.frame.copy() for name, table in raw.tables.items()}
    fixed, changes = fix(raw, check_raw(raw).issues)
    assert {(change.table, change.row, change.column, change.old, change.new) for change in changes} == {
        ("students", 2, "programme_id", "pb-vpk", "PB-VPK"),
        ("students", 2, "available_to", "46268", "2026-09-03"),
        ("students", 3, "programme_id", "123", "0123"),
        ("students", 3, "lat", "3.7", "51"),
        ("students", 3, "lon", "51.0", "3.7"),
        ("students", 3, "available_to", "03/09/26", "2026-09-03"),
        ("students", 3, "languages", "NL", "nl"),
        ("students", 4, "student_id", "S1", None),
        ("students", 5, "programme_id", "Verpleegkunde", "PB-VPK"),
        ("placements", 2, "programmes", "pb-vpk|0123", "PB-VPK|0123"),
        ("preferences", 2, "student_id", "s1", "S1"),
        ("preferences", 3, "target_id", "OLD", None),
        ("preferences", 4, "target_id", "P 2", "P2"),
        ("preferences", 5, "target_id", "P2", None),
        ("quotas", 2, "students", "programme_id=pbvpk; languages=nl", "programme_id=PB-VPK; languages=nl"),
    }
    assert [issue.code for issue in check_raw(fixed).errors] == ["number_range"]
    for name, table in raw.tables.items():
        pd.testing.assert_frame_equal(table.frame, before[name])


def test_the_round_of_the_fixed_tables_is_the_round_that_was_assumed() -> None:
    texts = {**DIRTY, "placements": "placement_id,capacity,programmes\nP1,2,pb-vpk|0123\nP2,1,", "preferences": "student_id,rank,target_id\ns1,1,P1\nS2,1,P 2"}
    raw = raw_of(**texts)
    checked = check_raw(raw)
    assert checked.round is not None
    fixed, changes = fix(raw, checked.issues)
    again = check_raw(fixed).round
    assert changes
    assert again is not None
    assert again.digest == checked.round.digest


def test_proposals_are_only_applied_when_asked() -> None:
    raw = raw_of(**DIRTY)
    issues = check_raw(raw).issues
    assert "2 a 3" in set(fix(raw, issues)[0].tables["placements"].frame["capacity"])
    fixed, _ = fix(raw, issues, safe_only=False)
    assert fixed.tables["placements"].frame["capacity"].tolist() == ["2", "1"]
    assert check_raw(fixed).round is not None


def test_only_the_issues_that_were_handed_in_are_fixed_in_the_first_pass() -> None:
    raw = raw_of(preferences="student_id,rank,target_id\nS1,1,OLD\nS2,1,P1")
    assert fix(raw, ())[1] == []


def test_rows_that_share_a_number_are_fixed_one_by_one() -> None:
    raw = raw_of(preferences="student_id,rank,target_id\nS1,1,P1\nS1,2,OLD\nS1,3,p2\nS1,1,P1")
    wide = RawTable("preferences", raw.tables["preferences"].frame.set_axis([2, 2, 2, 2]), "wide")
    raw = RawRound({**raw.tables, "preferences": wide})
    fixed, changes = fix(raw, check_raw(raw).issues)
    assert fixed.tables["preferences"].frame["target_id"].tolist() == ["P1", "P2"]
    assert len(changes) == 3


def test_a_fix_of_a_typed_column_keeps_the_other_cells() -> None:
    raw = raw_of()
    raw.tables["placements"].frame["remote_share"] = pd.Series([30.0, 0.5], index=[2, 3])
    fixed, changes = fix(raw, check_raw(raw).issues)
    assert changes == [Change("placements", 2, "remote_share", "30", "0.3", "share_percent")]
    again = check_raw(fixed)
    assert again.round is not None
    assert again.round.tables["placements"]["remote_share"].tolist() == [0.3, 0.5]


def test_a_fix_of_the_reader_is_applied_and_then_forgotten() -> None:
    read = Issue("reading.somehow", "placements", "warning", 2, "capacity", "3 ", fix=Fix("3", safe=True))
    raw = RawRound(raw_of().tables, None, (read,))
    fixed, changes = fix(raw, check_raw(raw).issues)
    assert [change.new for change in changes] == ["3"]
    assert fixed.issues == ()


def test_fixes_for_rows_that_are_not_there_do_nothing() -> None:
    raw = raw_of()
    ghosts = [Issue("number_range", "placements", row=99, column="capacity", fix=Fix("1", safe=True)), Issue("x", "nowhere", row=2, fix=Fix("1", safe=True))]
    assert fix(raw, ghosts)[1] == []


def test_enterprise_numbers_and_what_refers_to_them_settle_together() -> None:
    right = ["0403170701", "0417497106", "0202239951"]
    raw = raw_of(
        companies="company_id\n" + "\n".join(number[1:] for number in right),
        placements=f"placement_id,capacity,company_id\nP1,1,{right[0][1:]}\nP2,1,{right[1]}",
    )
    fixed, changes = fix(raw, check_raw(raw).issues)
    assert fixed.tables["companies"].frame["company_id"].tolist() == right
    assert fixed.tables["placements"].frame["company_id"].tolist() == right[:2]
    assert len({(change.table, change.row) for change in changes}) == 4


def test_changes_make_a_table() -> None:
    frame = changes_frame([Change("students", 2, "mode", None, "car", "x"), Change("students", 3, None, None, None, "y")])
    assert frame.columns.tolist() == ["table", "row", "column", "old", "new", "code"]
    assert frame["row"].tolist() == [2, 3]
    assert changes_frame([]).empty


IDS = st.sampled_from(["A1", "a1", "A 1", "A1.0", "B-2", "b2", "007", "7", "07", "X9", "A1 ", "onbekend", "", "Alpha", "alpha", "Alfa"])
LISTS = st.lists(IDS, max_size=3).map(" , ".join) | st.lists(IDS, max_size=3).map("|".join)
CELLS = st.sampled_from(
    [
        "",
        "1",
        "2,5",
        "ja",
        "x",
        "30%",
        "30",
        "2 a 3",
        "46268",
        "03/09/26",
        "09/23/2026",
        "2026-09-03",
        "1.250",
        "nan",
        "51.0",
        "3.7",
        "-1",
        "auto",
        "geen",
        "1e",
    ]
)


def table_of(name: str, columns: dict[str, st.SearchStrategy[str]]) -> st.SearchStrategy[RawTable]:
    def built(rows: list[dict[str, str]]) -> RawTable:
        cells = {column: [row[column] or None for row in rows] for column in columns}
        return RawTable(name, pd.DataFrame(cells, index=pd.RangeIndex(2, len(rows) + 2), dtype="str"), f"{name}.csv")

    return st.lists(st.fixed_dictionaries(columns), min_size=1, max_size=6).map(built)


ROUNDS = st.fixed_dictionaries(
    {
        "students": table_of(
            "students",
            {
                "student_id": IDS,
                "programme_id": IDS,
                "lat": CELLS,
                "lon": CELLS,
                "mode": CELLS,
                "available_from": CELLS,
                "available_to": CELLS,
                "languages": LISTS,
            },
        ),
        "placements": table_of(
            "placements",
            {"placement_id": IDS, "capacity": CELLS, "programmes": LISTS, "company_id": IDS, "remote_share": CELLS, "languages": LISTS, "pay_month": CELLS},
        ),
        "preferences": table_of(
            "preferences", {"student_id": IDS, "rank": CELLS, "target_type": st.sampled_from(["", "company", "any", "x"]), "target_id": IDS}
        ),
    },
    optional={
        "programmes": table_of("programmes", {"programme_id": IDS, "name": IDS, "workplace_share": CELLS}),
        "companies": table_of("companies", {"company_id": IDS, "name": IDS}),
        "quotas": table_of("quotas", {"quota_id": IDS, "students": IDS.map("programme_id={}".format), "min": CELLS}),
        "pins": table_of("pins", {"student_id": IDS, "placement_id": IDS, "kind": st.sampled_from(["pin", "forbid", "vast", ""])}),
        "previous": table_of("previous", {"student_id": IDS, "placement_id": IDS, "confirmed": CELLS}),
        "regions": table_of("regions", {"region_id": IDS, "parent_id": IDS, "lat": CELLS, "lon": CELLS}),
    },
)


@settings(max_examples=30, deadline=None)
@given(ROUNDS)
def test_after_fixing_nothing_safe_is_left_and_fixing_again_changes_nothing(tables: dict[str, RawTable]) -> None:
    raw = RawRound(tables)
    checked = check_raw(raw)
    assert (checked.round is None) == bool(checked.errors)
    for issue in checked.issues:
        assert issue.message("nl")
        assert issue.todo("fr")
        assert issue.fix is None or not issue.fix.safe or issue.fix.drop or issue.severity == "warning"
    fixed, changes = fix(raw, checked.issues)
    again = check_raw(fixed)
    assert not [issue for issue in again.issues if issue.fix is not None and issue.fix.safe]
    assert fix(fixed, again.issues)[1] == []
    assert len({(change.table, change.row, change.column, change.new) for change in changes}) <= PASSES * sum(table.frame.size for table in tables.values())
    if checked.round is not None:
        assert again.round is not None
        assert again.round.digest == checked.round.digest
