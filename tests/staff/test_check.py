"""The check finds what is wrong, whatever it is, and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from matcher.errors import UnreadableFile
from matcher.result import Reason, TierValue
from matcher.staff import StaffProof, StaffResult, assign_staff, check_staff, read_staff_proof, write_staff_proof
from matcher.staff.check_bound import least_cost
from matcher.staff.check_rules import Book
from matcher.staff.result import KINDS
from matcher.words import LANGUAGES, catalogue
from tests.staff.small import solved, staffed

ROOM = Path(__file__).resolve().parents[2] / "matcher" / "staff"

STAFF = [
    {"staff_id": "a0", "kind": "assessor", "max_students": 4, "company_id": "C1"},
    {"staff_id": "a1", "kind": "assessor", "max_students": 2, "company_id": "C2"},
    {"staff_id": "c0", "kind": "coach", "max_students": 2, "regions": "R"},
    {"staff_id": "c1", "kind": "coach", "max_students": 4, "regions": "R1", "programmes": "G1"},
    {"staff_id": "c2", "kind": "coach", "max_students": 4, "regions": "X"},
]
ROUND, RESULT = staffed(
    STAFF,
    pairs=3,
    student={"programme_id": "G1"},
    placement={"region_id": "R1", "company_id": "C1"},
    companies=[{"company_id": "C1"}, {"company_id": "C2"}],
    programmes=[{"programme_id": "G1"}],
)
RIGHT = assign_staff(ROUND, RESULT, isolate=False)


def test_the_right_answer_passes() -> None:
    assert check_staff(ROUND, RESULT.matches, RIGHT) == ()
    assert RIGHT.frame["staff_id"].fillna("-").tolist() == ["c0", "a1", "c1", "a1", "c1", "-"]


def cell(row: int, column: str, value: str | None) -> Callable[[StaffResult], StaffResult]:
    def change(staff: StaffResult) -> StaffResult:
        frame = staff.frame.copy()
        frame.loc[row, column] = value
        return replace(staff, frame=frame)

    return change


def rows(*kept: int) -> Callable[[StaffResult], StaffResult]:
    return lambda staff: replace(staff, frame=staff.frame.iloc[list(kept)])


def priced(name: str, first: int, second: int) -> Callable[[StaffResult], StaffResult]:
    proof = StaffProof(np.array([name, "c0"], dtype=object), np.array([[first, second], [0, 50]]))
    return lambda staff: replace(staff, proof=proof)


def tier(kind: str, at: int, value: int, bound: int | None) -> Callable[[StaffResult], StaffResult]:
    def change(staff: StaffResult) -> StaffResult:
        tiers = list(staff.tiers[kind])
        tiers[at] = TierValue(tiers[at].name, value, bound)
        return replace(staff, tiers={**staff.tiers, kind: (tiers[0], tiers[1])})

    return change


WRONG: list[tuple[str, Callable[[StaffResult], StaffResult]]] = [
    ("columns", lambda staff: replace(staff, frame=staff.frame.drop(columns="reason"))),
    ("columns", lambda staff: replace(staff, loads=staff.loads.drop(columns="load"))),
    ("no_pair", cell(0, "student_id", "s9")),
    ("no_pair", cell(0, "placement_id", "p1")),
    ("no_pair", cell(0, "period_id", "T1")),
    ("no_pair", cell(0, "kind", "friend")),
    ("no_member", cell(0, "staff_id", "c9")),
    ("no_member", cell(0, "staff_id", "a0")),
    ("times", rows(0, 1, 2, 3, 4)),
    ("times", rows(0, 1, 2, 3, 4, 5, 5)),
    ("rule", cell(0, "staff_id", "c2")),
    ("rule", cell(5, "staff_id", "a0")),
    ("load", cell(5, "staff_id", "a1")),
    ("loads", lambda staff: replace(staff, loads=staff.loads.assign(load=staff.loads["load"] + 1))),
    ("loads", lambda staff: replace(staff, loads=staff.loads.iloc[1:])),
    ("loads", lambda staff: replace(staff, loads=staff.loads.assign(max_students=9))),
    ("reason", cell(0, "reason", "full")),
    ("reason", cell(5, "reason", "same_company")),
    ("reason", cell(5, "reason", "stopped")),
    ("reason", cell(5, "reason", None)),
    ("reason", cell(0, "staff_id", None)),
    ("tier", cell(0, "staff_id", "c1")),
    ("tier", tier("coach", 0, 4, 4)),
    ("tier", tier("coach", 1, 124, 124)),
    ("tier", tier("coach", 1, 125, None)),
    ("tier", tier("assessor", 0, 2, 3)),
    ("tier", lambda staff: replace(staff, tiers={"coach": staff.tiers["coach"]})),
    ("proof", priced("c9", 0, 0)),
    ("proof", priced("c0", 0, 0)),
    ("proof", lambda staff: replace(staff, proof=replace(staff.proof, denominator=0))),
    ("optimal", priced("c1", 5, 0)),
    ("optimal", lambda staff: replace(staff, proof=StaffProof(np.array([], dtype=object), np.zeros((0, 2), dtype=np.int64)))),
]


@pytest.mark.parametrize(("code", "change"), WRONG, ids=[f"{n}-{code}" for n, (code, _) in enumerate(WRONG)])
def test_what_is_wrong_is_found(code: str, change: Callable[[StaffResult], StaffResult]) -> None:
    faults = check_staff(ROUND, RESULT.matches, change(RIGHT))
    assert f"staff.wrong.{code}" in {fault.code for fault in faults}
    for language in LANGUAGES:
        assert all(fault.message(language) for fault in faults)


def test_every_fault_of_the_catalogue_is_provoked() -> None:
    assert {code for code in catalogue() if code.startswith("staff.wrong.")} == {f"staff.wrong.{code}" for code, _ in WRONG}


def test_no_prices_prove_too_much() -> None:
    """Weak duality: whatever the prices, the bound never beats the best assignment."""
    rng = np.random.default_rng(0)
    for seed in range(160):
        round_, result, staff = solved(seed)
        book = Book(round_, result.matches)
        for kind in book.kinds:
            served, balance = (part.value for part in staff.tiers[KINDS[kind]])
            for _ in range(10):
                whole = int(rng.integers(1, 4))
                prices = np.stack([rng.integers(-2, 4, len(book.member)), rng.integers(-150, 150, len(book.member))], axis=1)
                bound = least_cost(book, kind, StaffProof(book.member.to_numpy(dtype=object), prices, whole))
                assert bound is not None
                assert bound[:2] <= (-served * whole, balance * whole)


def test_a_stopped_assignment_may_leave_pairs_open_but_not_call_them_full() -> None:
    frame = RIGHT.frame.copy()
    frame.loc[[0, 2, 4], ["staff_id", "reason"]] = None, "stopped"
    loads = RIGHT.loads.assign(load=RIGHT.loads["load"].where(RIGHT.loads["kind"] != "coach", 0))
    nothing = (TierValue("served", 0, 3), TierValue("balance", 0, None))
    stopped = replace(RIGHT, frame=frame, loads=loads, tiers={**RIGHT.tiers, "coach": nothing}, reason=Reason.TIME_LIMIT)
    assert check_staff(ROUND, RESULT.matches, stopped) == ()
    frame.loc[0, "reason"] = "full"
    assert {fault.code for fault in check_staff(ROUND, RESULT.matches, replace(stopped, frame=frame))} == {"staff.wrong.reason"}


def test_the_proof_comes_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "staff_proof.npz"
    write_staff_proof(RIGHT.proof, path)
    back = read_staff_proof(path)
    assert check_staff(ROUND, RESULT.matches, replace(RIGHT, proof=back)) == ()
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(UnreadableFile):
        read_staff_proof(path)


def test_the_check_shares_nothing_with_what_solves() -> None:
    allowed = {"check_bound", "check_rules", "result"}
    for file in ROOM.glob("check*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            module = node.module if isinstance(node, ast.ImportFrom) else ""
            room, _, name = (module or "").removeprefix("matcher.").partition(".")
            if (module or "").startswith("matcher."):
                assert room in {"result", "round", "verifier", "words", "staff"}, module
                assert room != "staff" or name in allowed, module


def test_ids_that_look_missing_stay_ids() -> None:
    round_, result = staffed([{"staff_id": "nan", "kind": "coach", "max_students": 2}], pairs=1)
    staff = assign_staff(round_, result, isolate=False)
    assert isinstance(staff.frame["staff_id"], pd.Series)
    assert staff.frame["staff_id"].tolist() == ["nan"]
