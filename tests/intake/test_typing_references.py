"""Ids that name rows of other tables: how they are recognised, and what happens to those that are not."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.intake.enterprise_numbers import is_enterprise_number
from matcher.intake.known import Known, Nearby
from tests.intake.raws import NO_WISHES, check_of, issues_of

PROGRAMMES = "programme_id,name\n0123,Graduaat Programmeren\nPB-VPK,Verpleegkunde\nPB-OL,Onderwijs: lager\nGR-OB,Orthopedagogische begeleiding"
LETTERS = st.text("AB01", min_size=3, max_size=5)


def programme(text: str) -> tuple[object, str, str | None, bool | None]:
    """What a student's programme is read as: code, severity, proposal, safe (code "" for nothing said)."""
    checked = check_of(students=f"student_id\tprogramme_id\nS1\t{text}\nS2\t", programmes=PROGRAMMES, preferences=NO_WISHES)
    said = [issue for issue in checked.issues if issue.column == "programme_id" and issue.code != "unknown_cells"]
    read = checked.round.tables["students"]["programme_id"].iloc[0] if checked.round is not None else None
    if not said:
        return read, "", None, None
    (issue,) = said
    return read, issue.code, issue.fix and issue.fix.value, issue.fix and issue.fix.safe


@pytest.mark.parametrize(
    ("text", "read", "code", "proposal", "safe"),
    [
        ("PB-VPK", "PB-VPK", "", None, None),
        ("PB-VPK\u00a0", "PB-VPK", "blanks_removed", None, None),
        ("0123.0", "0123", "id_decimal", None, None),
        ("pb-vpk", "PB-VPK", "reference_spelling", "PB-VPK", True),
        ("PB VPK", "PB-VPK", "reference_spelling", "PB-VPK", True),
        ("123", "0123", "leading_zeros_lost", "0123", True),
        ("123.0", "0123", "leading_zeros_lost", "0123", True),
        ("987.5", None, "reference_unknown", None, None),
        ("Verpleegkunde", "PB-VPK", "reference_by_name", "PB-VPK", True),
        ("onderwijs lager", None, "reference_near", "PB-OL", False),
        ("ONDERWIJS: LAGER", "PB-OL", "reference_by_name", "PB-OL", True),
        ("Graduaat Programmeren (dag)", None, "reference_near", "0123", False),
        ("Programmeren", None, "reference_near", "0123", False),
        ("Verpleegkund", None, "reference_near", "PB-VPK", False),
        ("PB-VKP", None, "reference_near", "PB-VPK", False),
        ("0124", None, "reference_unknown", None, None),
        ("Landbouw", None, "reference_unknown", None, None),
    ],
)
def test_recognising_an_id(text: str, read: str | None, code: str, proposal: str | None, safe: bool | None) -> None:
    assert programme(text) == (read, code, proposal, safe)


def test_a_word_for_not_known_is_an_empty_cell() -> None:
    read, code, _, _ = programme("onbekend")
    assert pd.isna(read)
    assert code == "unknown_word"


def test_what_fits_two_ids_is_not_assumed() -> None:
    known = Known("x", pd.Series(["a-b", "A.B", "007", "7"], dtype="str"), pd.Series(["same", "same", None, None], dtype="str"))
    assert known.recognise("AB").severity == "error"
    assert known.recognise("0007").severity == "error"
    assert known.recognise("Same").severity == "error"


def test_an_absent_table_makes_its_ids_free_text() -> None:
    checked = check_of(students="student_id,programme_id,region_id\nS1,anything,anywhere\nS2,x,y")
    assert checked.round is not None
    assert not checked.errors


def test_a_list_of_ids_is_fixed_as_a_whole() -> None:
    checked = check_of(placements="placement_id\tcapacity\tprogrammes\nP1\t1\tpb-vpk, 123|XX\nP2\t1\tGR-OB", programmes=PROGRAMMES)
    said = {issue.code: issue for issue in checked.issues if issue.column == "programmes"}
    assert set(said) == {"separator_read", "reference_spelling", "leading_zeros_lost", "reference_unknown"}
    assert said["reference_spelling"].fix == said["leading_zeros_lost"].fix
    assert said["reference_spelling"].fix is not None
    assert said["reference_spelling"].fix.value == "PB-VPK|0123|XX"
    assert said["reference_unknown"].value == "pb-vpk, 123|XX"
    assert '"XX"' in said["reference_unknown"].message("en")


def test_a_wish_for_an_unknown_placement_can_be_dropped_and_says_so() -> None:
    (issue,) = issues_of("wish_unknown", preferences="student_id,rank,target_id\nS1,1,P1\nS1,2,OLD-77")
    assert issue.severity == "error"
    assert issue.fix is not None
    assert (issue.fix.drop, issue.fix.safe) == (True, True)
    assert "--fix" in issue.todo("nl")


def test_a_wish_with_a_typing_mistake_is_not_dropped() -> None:
    placements = "placement_id,capacity\nP-GENT,1\nP-BRUG,1"
    (issue,) = issues_of("wish_near", placements=placements, preferences="student_id,rank,target_id\nS1,1,P-GETN")
    assert issue.fix is not None
    assert (issue.fix.value, issue.fix.safe, issue.fix.drop) == ("P-GENT", False, False)


def test_another_number_is_no_typing_mistake() -> None:
    placements = "placement_id,capacity\n2026-001,1\n2026-077,1"
    assert issues_of("wish_unknown", placements=placements, preferences="student_id,rank,target_id\nS1,1,2025-077")


def test_targets_are_looked_up_in_the_table_of_their_type() -> None:
    texts = {
        "placements": "placement_id,capacity,company_id,sector_id,region_id\nP1,1,C1,X,R1\nP2,1,C1,X,R1",
        "companies": "company_id\nC1\nC2",
        "sectors": "sector_id,parent_id\nX,TOP\nTOP,\nY,",
        "regions": "region_id\nR1\nR2",
    }
    right = "student_id,rank,target_type,target_id\nS1,1,,P1\nS1,2,company,C1\nS1,3,sector,TOP\nS1,4,regio,R1\nS2,1,any,\nS2,2,any,whatever"
    checked = check_of(**texts, preferences=right)
    assert checked.round is not None
    assert {issue.code for issue in checked.issues} == {"words_read"}
    wrong = "student_id,rank,target_type,target_id\nS1,1,,C1\nS1,2,company,P1\nS1,3,region,\nS2,1,sector,x"
    checked = check_of(**texts, preferences=wrong)
    found = [(issue.code, issue.row, dict(issue.params).get("kind")) for issue in checked.issues]
    assert found == [("wish_other_type", 2, "company"), ("wish_other_type", 3, "placement"), ("empty_required", 4, None), ("reference_spelling", 5, None)]


def test_wishes_that_cover_no_placement_are_counted() -> None:
    texts = {
        "placements": "placement_id,capacity,company_id\nP1,1,C1\nP2,1,C1",
        "companies": "company_id,region_id\nC1,R1\nC2,R2",
        "regions": "region_id,parent_id\nR1,TOP\nR2,TOP\nTOP,",
    }
    wishes = "student_id,rank,target_type,target_id\nS1,1,company,C2\nS1,2,region,R2\nS2,1,region,TOP\nS2,2,region,R1"
    found = [issue for issue in check_of(**texts, preferences=wishes).issues if issue.code == "wishes_cover_nothing"]
    assert [(dict(issue.params)["kind"], dict(issue.params)["count"]) for issue in found] == [("company", 1), ("region", 1)]


def test_an_earlier_matching_may_name_what_is_gone() -> None:
    checked = check_of(previous="student_id,placement_id\nS1,P1\nS1,OLD\nGONE,P2")
    assert checked.round is not None
    assert [(issue.code, issue.row, issue.severity) for issue in checked.issues] == [("previous_gone", 3, "warning"), ("previous_gone", 4, "warning")]
    assert checked.round.tables["previous"].index.tolist() == [2]


def test_a_row_about_an_unknown_student_proposes_to_drop_it() -> None:
    (issue,) = issues_of("reference_unknown", pins="student_id,placement_id,kind\nZZZ,P1,pin")
    assert issue.fix is not None
    assert (issue.fix.drop, issue.fix.safe) == (True, False)


@given(st.lists(LETTERS, min_size=1, max_size=12, unique=True), LETTERS)
def test_nearby_finds_exactly_what_one_deletion_on_each_side_makes_equal(known: list[str], text: str) -> None:
    def shorter(word: str) -> set[str]:
        return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}

    def other_number(word: str) -> bool:
        pairs = [(a, b) for a, b in zip(word, text, strict=False) if a != b]
        return len(word) == len(text) and len(pairs) == 1 and all(letter in "01" for letter in pairs[0])

    near = [word for word in known if shorter(word) & shorter(text) and not other_number(word)]
    assert Nearby((word, word) for word in known).find(text) == (near[0] if len(near) == 1 else None)


def test_enterprise_numbers_get_their_zero_back() -> None:
    right = ["0403170701", "0417497106", "0202239951"]
    assert all(is_enterprise_number(number) for number in right)
    companies = "company_id\n" + "\n".join([right[0], right[1], right[2][1:]])
    placements = f"placement_id,capacity,company_id\nP1,1,{right[0][1:]}\nP2,1,{right[2][1:]}"
    checked = check_of(companies=companies, placements=placements)
    assert [(issue.code, issue.table, issue.row, issue.fix and issue.fix.value) for issue in checked.issues] == [
        ("leading_zeros_lost", "placements", 2, right[0]),
        ("leading_zeros_lost", "placements", 3, right[2]),
        ("kbo_zero_lost", "companies", 4, right[2]),
    ]


def test_other_numbers_of_nine_digits_are_left_alone() -> None:
    assert not issues_of("kbo_zero_lost", companies="company_id\n123456789\n223456789\n323456789")
