"""The corrected round on disk, and the list of problems as a document."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from matcher import intake
from matcher.errors import CodedError, InputError
from matcher.intake.raw import RawRound, RawTable
from tests.intake.raws import BASE, check_of, raw_of

DIRTY = {"placements": "placement_id,capacity\nP1,x\nP2,2", "preferences": "student_id,rank,target_id\ns1,1,P1\nS2,1,OLD"}


def folder_of(path: Path, **texts: str) -> Path:
    path.mkdir()
    for name, text in {**BASE, **texts}.items():
        (path / f"{name}.csv").write_text(text + "\n", encoding="utf-8")
    return path


def test_check_reads_a_folder_and_read_raises_with_every_issue(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "round", **DIRTY)
    checked = intake.check(folder)
    assert checked.round is None
    with pytest.raises(InputError) as caught:
        intake.read(folder)
    assert list(caught.value.issues) == list(checked.issues)
    assert "2" in caught.value.sentence("nl")
    assert intake.read(folder_of(tmp_path / "clean")).has("students")


def test_progress_tells_of_both_stages(tmp_path: Path) -> None:
    stages: list[str] = []
    intake.check(folder_of(tmp_path / "round"), on_progress=lambda progress: stages.append(progress.stage))
    assert sorted(set(stages)) == ["check", "read"]


def test_the_functions_keep_their_names_beside_the_modules() -> None:
    assert callable(intake.read)
    assert callable(intake.check)
    for name in intake.__all__:
        assert callable(getattr(intake, name))
    with pytest.raises(AttributeError):
        intake.nothing  # noqa: B018 - the attribute is what is tested


def test_a_corrected_folder_reads_as_what_was_checked(tmp_path: Path) -> None:
    fixed = intake.fix_round(intake.check(folder_of(tmp_path / "round", **DIRTY)), tmp_path / "fixed")
    assert len(fixed.changes) == 2
    assert [issue.code for issue in fixed.checked.errors] == ["number_unreadable"]
    changes = pd.read_csv(tmp_path / "fixed" / "changes.csv")
    assert changes["code"].tolist() == ["reference_spelling", "wish_unknown"]
    (tmp_path / "fixed" / "placements.csv").write_text("placement_id,capacity\nP1,1\nP2,2\n")
    again = intake.check(tmp_path / "fixed")
    assert again.errors == ()
    assert again.round is not None
    assert again.round.tables["preferences"]["student_id"].tolist() == ["S1"]


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(CodedError, match="mine"):
        intake.fix_round(check_of(**DIRTY), tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_a_second_correction_takes_the_place_of_the_first(tmp_path: Path) -> None:
    intake.fix_round(check_of(**DIRTY, pins="student_id,placement_id,kind\nS1,P1,pin"), tmp_path / "fixed")
    intake.fix_round(check_of(**DIRTY), tmp_path / "fixed")
    assert sorted(path.name for path in (tmp_path / "fixed").iterdir()) == ["changes.csv", "placements.csv", "preferences.csv", "students.csv"]
    assert [path.name for path in tmp_path.iterdir()] == ["fixed"]


def test_no_cell_becomes_a_formula(tmp_path: Path) -> None:
    intake.fix_round(check_of(preferences="student_id,rank,target_id\nS1,1,=1+1\nS2,1,P1", students="student_id,name\nS1,=2+2\nS2,"), tmp_path / "fixed")
    for name in ("students.csv", "changes.csv"):
        text = (tmp_path / "fixed" / name).read_text(encoding="utf-8")
        assert ",'=" in text
        assert ",=" not in text


def test_a_corrected_workbook_reads_as_what_was_checked(tmp_path: Path) -> None:
    fixed = intake.fix_round(check_of("[round]\nseed = 3", **DIRTY), tmp_path / "fixed.xlsx", language="nl")
    again = intake.check(tmp_path / "fixed.xlsx")
    assert [issue.code for issue in again.errors] == [issue.code for issue in fixed.checked.errors] == ["number_unreadable"]


def test_headers_come_back_as_they_were_where_they_can_be_read_again(tmp_path: Path) -> None:
    raw = raw_of()
    table = raw.tables["preferences"]
    headers = {"student_id": "Studentnummer", "rank": "rank", "target_id": "Voorkeur 1 ... Voorkeur 5"}
    named = RawRound({**raw.tables, "preferences": RawTable(table.name, table.frame, table.source, headers)})
    intake.fix_round(intake.check_raw(named), tmp_path / "fixed")
    assert pd.read_csv(tmp_path / "fixed" / "preferences.csv").columns.tolist() == ["Studentnummer", "rank", "target_id"]


def test_a_document_holds_every_issue_and_change(tmp_path: Path) -> None:
    checked = check_of(**DIRTY)
    fixed = intake.fix_round(checked, tmp_path / "fixed")
    document = json.loads(json.dumps(intake.as_document(checked.issues, "fr", fixed)))
    assert (document["usable"], document["errors"], document["warnings"], document["notes"]) == (False, 2, 1, 0)
    assert [issue["code"] for issue in document["issues"]] == ["number_unreadable", "reference_spelling", "wish_unknown"]
    assert document["issues"][1]["fix"] == {"value": "S1", "drop": False, "safe": True}
    assert document["issues"][2]["fix"] == {"value": None, "drop": True, "safe": True}
    assert [change["new"] for change in document["changes"]] == ["S1", None]
    assert document["folder"] == str(tmp_path / "fixed")
    assert "changes" not in intake.as_document(checked.issues)


def test_the_summary_says_whether_the_round_can_be_used() -> None:
    assert "Fouten: 1," in intake.summary(check_of(placements="placement_id,capacity\nP1,x\nP2,2").issues, "nl")
    assert intake.summary((), "en") == "This input can be used. Warnings: 0, notes: 0."
