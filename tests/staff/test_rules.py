"""Who may take whom, rule by rule: the engine and the check read the same page."""

from __future__ import annotations

import pytest

from matcher.staff import assign_staff
from tests.rounds import Row
from tests.staff.small import Reader, staffed

COACH = {"staff_id": "m", "kind": "coach", "max_students": 9}
ASSESSOR = {**COACH, "kind": "assessor"}
COMPANIES = [{"company_id": "C1", "region_id": "R11", "sector_id": "S2"}, {"company_id": "C2"}]

CASES: list[tuple[str, Row, Row, Row, str]] = [
    ("no restriction", COACH, {}, {}, "assigned"),
    ("region itself", {**COACH, "regions": "R1"}, {}, {"region_id": "R1"}, "assigned"),
    ("region below", {**COACH, "regions": "X|R"}, {}, {"region_id": "R11"}, "assigned"),
    ("region above", {**COACH, "regions": "R11"}, {}, {"region_id": "R1"}, "no_region"),
    ("region beside", {**COACH, "regions": "R2"}, {}, {"region_id": "R11"}, "no_region"),
    ("region of the company", {**COACH, "regions": "R1"}, {}, {"company_id": "C1"}, "assigned"),
    ("own region before the company's", {**COACH, "regions": "R1"}, {}, {"company_id": "C1", "region_id": "X"}, "no_region"),
    ("region not known", {**COACH, "regions": "R1"}, {}, {}, "assigned"),
    ("no regions at all", {**COACH, "regions": "none"}, {}, {"region_id": "R1"}, "no_region"),
    ("programme", {**COACH, "programmes": "G2|G1"}, {"programme_id": "G1"}, {}, "assigned"),
    ("another programme", {**COACH, "programmes": "G2"}, {"programme_id": "G1"}, {}, "no_programme"),
    ("programme not known", {**COACH, "programmes": "G2"}, {}, {}, "assigned"),
    ("sector below", {**COACH, "sectors": "S"}, {}, {"sector_id": "S1"}, "assigned"),
    ("sector beside", {**COACH, "sectors": "S2"}, {}, {"sector_id": "S1"}, "no_sector"),
    ("sector of the company", {**COACH, "sectors": "S1"}, {}, {"company_id": "C1"}, "no_sector"),
    ("coach of the company", {**COACH, "company_id": "C1"}, {}, {"company_id": "C1"}, "assigned"),
    ("assessor of the company", {**ASSESSOR, "company_id": "C1"}, {}, {"company_id": "C1"}, "same_company"),
    ("assessor of another company", {**ASSESSOR, "company_id": "C2"}, {}, {"company_id": "C1"}, "assigned"),
    ("assessor without a company", ASSESSOR, {}, {"company_id": "C1"}, "assigned"),
    ("region before programme", {**COACH, "regions": "X", "programmes": "G2"}, {"programme_id": "G1"}, {"region_id": "R"}, "no_region"),
    ("nobody has room", {**COACH, "max_students": 0}, {}, {}, "full"),
]


@pytest.mark.parametrize(("member", "student", "placement", "reason"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_one_member_and_one_pair(member: Row, student: Row, placement: Row, reason: str) -> None:
    programmes = [{"programme_id": "G1"}, {"programme_id": "G2"}]
    round_, result = staffed([member], student=student, placement=placement, programmes=programmes, companies=COMPANIES)
    staff = assign_staff(round_, result, isolate=False)
    assert staff.frame["reason"].tolist() == [reason]
    reader = Reader(round_, result)
    assert reader.may(reader.pairs[0], member) == (reason in {"assigned", "full"})


def test_covered_one_by_one_and_not_together() -> None:
    members = [
        {**COACH, "staff_id": "m0", "regions": "R", "programmes": "G2"},
        {**COACH, "staff_id": "m1", "regions": "X", "programmes": "G1"},
        {**ASSESSOR, "staff_id": "m2"},
    ]
    round_, result = staffed(
        members, student={"programme_id": "G1"}, placement={"region_id": "R1"}, programmes=[{"programme_id": "G1"}, {"programme_id": "G2"}]
    )
    frame = assign_staff(round_, result, isolate=False).frame
    assert frame["reason"].tolist() == ["no_combination", "assigned"]
    assert frame["sentence"].iloc[0] == "No coach covers all of what this place asks for together: R1, G1."


def test_loads_hold_over_all_periods_together() -> None:
    round_, result = staffed([{**COACH, "max_students": 2}], pairs=3, student={"periods": "T1|T2|T3"})
    result.matches[["student_id", "placement_id"]] = "s0", "p0"
    result.matches["period_id"] = ["T1", "T2", "T3"]
    staff = assign_staff(round_, result, isolate=False)
    assert staff.frame["reason"].tolist() == ["assigned", "assigned", "full"]
