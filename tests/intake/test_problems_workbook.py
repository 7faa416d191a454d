"""The workbook handed back: read again, and looked into."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from matcher.errors import Fix, Issue, Unsupported
from matcher.intake import problems_workbook
from matcher.intake.checked import Checked, check_raw
from matcher.intake.fixes import fix
from matcher.intake.problems_workbook import write_problems_workbook
from matcher.intake.raw import RawRound, RawTable
from tests.intake.raws import raw_of


def dirty() -> Checked:
    raw = raw_of(
        "[round]\nseed = 'x'",
        students="student_id,mode,name\nS1,auto,=1+1\nS2,hovercraft,@x\nS2,,",
        placements="placement_id\tcapacity\tcode\nP1\t2 a 3\t007\n\t\t\nP2\t1\thttp://x.be",
        preferences="student_id,rank,target_id\nS1,1,OLD",
    )
    table = raw.tables["placements"]
    frame = table.frame.dropna(how="all")
    headers = {"placement_id": "Stageplaats", "capacity": "Aantal plaatsen", "code": "code"}
    return check_raw(RawRound({**raw.tables, "placements": RawTable("placements", frame, table.source, headers)}, raw.settings))


@pytest.fixture
def book(tmp_path: Path) -> Path:
    checked = dirty()
    path = tmp_path / "problems.xlsx"
    write_problems_workbook(checked.raw, checked.issues, path, "nl")
    assert [entry.name for entry in tmp_path.iterdir()] == ["problems.xlsx"]
    return path


def sheet(path: Path, name: str) -> list[list[object]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python()


def part(path: Path, pattern: str) -> str:
    """The text of the parts of the file whose name matches, together."""
    with zipfile.ZipFile(path) as archive:
        return "\n".join(archive.read(name).decode() for name in sorted(archive.namelist()) if re.fullmatch(pattern, name))


def test_the_problems_come_first_and_the_tables_as_they_came(book: Path) -> None:
    assert CalamineWorkbook.from_path(str(book)).sheet_names == ["Problemen", "Per soort", "students", "placements", "preferences"]
    assert sheet(book, "placements") == [["Stageplaats", "Aantal plaatsen", "code"], ["P1", "2 a 3", "007"], ["", "", ""], ["P2", "1", "http://x.be"]]
    assert sheet(book, "students")[1] == ["S1", "auto", "=1+1"]


def test_every_issue_is_a_row_of_the_list(book: Path) -> None:
    checked = dirty()
    head, *rows = sheet(book, "Problemen")
    assert head == ["Tabel", "Rij", "Kolom", "Waarde", "Ernst", "Wat is er mis", "Wat te doen", "Voorstel", "Code"]
    assert [row[8] for row in rows] == [issue.code for issue in checked.issues]
    assert [row[5] for row in rows] == [issue.message("nl") for issue in checked.issues]
    by_code = {row[8]: row for row in rows}
    assert by_code["number_range"][:5] == ["placements", 2, "Aantal plaatsen", "2 a 3", "fout"]
    assert by_code["number_range"][7] == "2"
    assert "rij verwijderen" in str(by_code["wish_unknown"][7])
    assert "--fix" in str(by_code["wish_unknown"][7])


def test_kinds_are_counted(book: Path) -> None:
    head, *rows = sheet(book, "Per soort")
    assert head == ["Ernst", "Aantal", "Voorbeeld", "Wat te doen", "Code"]
    assert {row[4]: row[1] for row in rows}["choice_unknown"] == 1


def test_links_lead_to_the_cell_that_is_coloured_and_commented(book: Path) -> None:
    problems = part(book, r"xl/worksheets/sheet1\.xml")
    assert "location=\"'placements'!B2\"" in problems
    assert "location=\"'students'!B3\"" in problems
    placements = part(book, r"xl/worksheets/sheet4\.xml")
    assert re.search(r'<c r="B2" s="[1-9]\d*" t="inlineStr">', placements)
    assert re.search(r'<c r="B4" t="inlineStr">', placements)
    comments = part(book, r"xl/comments\d+\.xml")
    assert "fout: Tabel placements, rij 2, kolom Aantal plaatsen" in comments


def test_nothing_is_a_formula_or_an_outer_link(book: Path) -> None:
    sheets = part(book, r"xl/worksheets/sheet\d+\.xml")
    assert "<f>" not in sheets
    assert "http://x.be" in sheets
    assert "hyperlink" not in part(book, r"xl/worksheets/_rels/.*")


def test_headers_stay_in_sight_and_can_be_filtered(book: Path) -> None:
    for number in (1, 3, 4, 5):
        text = part(book, rf"xl/worksheets/sheet{number}\.xml")
        assert 'state="frozen"' in text
        assert "<autoFilter" in text


@pytest.mark.parametrize(("language", "names"), [("en", ["Problems", "By kind"]), ("fr", ["Problèmes", "Par type"])])
def test_other_languages(tmp_path: Path, language: str, names: list[str]) -> None:
    checked = dirty()
    write_problems_workbook(checked.raw, checked.issues, tmp_path / "x.xlsx", language)
    assert CalamineWorkbook.from_path(str(tmp_path / "x.xlsx")).sheet_names[:2] == names


def test_a_round_without_problems_gives_empty_lists(tmp_path: Path) -> None:
    write_problems_workbook(raw_of(), (), tmp_path / "x.xlsx", "en")
    assert len(sheet(tmp_path / "x.xlsx", "Problems")) == 1


def test_rows_that_share_a_number_stand_one_below_the_other(tmp_path: Path) -> None:
    raw = raw_of(preferences="student_id,rank,target_id\nS1,1,P1\nS1,2,OLD")
    wide = RawTable("preferences", raw.tables["preferences"].frame.set_axis([7, 7]), "wide")
    raw = RawRound({**raw.tables, "preferences": wide})
    write_problems_workbook(raw, check_raw(raw).issues, tmp_path / "x.xlsx", "en")
    assert [row[2] for row in sheet(tmp_path / "x.xlsx", "preferences")] == ["target_id", "P1", "OLD"]
    assert "location=\"'preferences'!C3\"" in part(tmp_path / "x.xlsx", r"xl/worksheets/sheet1\.xml")


def test_changes_get_a_sheet(tmp_path: Path) -> None:
    raw = raw_of(preferences="student_id,rank,target_id\ns1,1,P1\nS2,1,OLD")
    fixed, changes = fix(raw, check_raw(raw).issues)
    write_problems_workbook(fixed, check_raw(fixed).issues, tmp_path / "x.xlsx", "fr", changes)
    rows = sheet(tmp_path / "x.xlsx", "Modifications")
    assert rows[1] == ["preferences", 2, "student_id", "s1", "S1", "reference_spelling"]
    assert rows[2] == ["preferences", 3, "target_id", "OLD", "supprimer la ligne", "wish_unknown"]


def test_typed_tables_and_issues_about_strange_places_are_written(tmp_path: Path) -> None:
    raw = raw_of()
    raw.tables["placements"].frame["pay_month"] = pd.Series([float("nan"), 2.5], index=[2, 3])
    strange = [
        Issue("number_unreadable", "placements", row=99, column="capacity", value="x"),
        Issue("column_missing", "placements", column="nowhere"),
        Issue("table_missing", "nowhere"),
        Issue("number_unreadable", "students", row=2, column="new column", value="y" * 40_000, fix=Fix("z" * 40_000)),
    ]
    write_problems_workbook(raw, strange, tmp_path / "x.xlsx", "en")
    assert sheet(tmp_path / "x.xlsx", "placements")[2] == ["P2", "2", "2.5"]
    assert len(sheet(tmp_path / "x.xlsx", "Problems")) == 5


def test_a_table_that_no_sheet_can_hold_is_refused_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems_workbook, "LAST_ROW", 2)
    with pytest.raises(Unsupported, match="students"):
        write_problems_workbook(raw_of(), (), tmp_path / "x.xlsx", "en")
    assert list(tmp_path.iterdir()) == []


def test_links_and_comments_end_where_excel_would_choke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems_workbook, "LINKS", 1)
    monkeypatch.setattr(problems_workbook, "COMMENTS", 1)
    raw = raw_of(placements="placement_id,capacity\nP1,x\nP2,y\nP3,z", preferences="student_id,rank,target_id")
    write_problems_workbook(raw, check_raw(raw).issues, tmp_path / "x.xlsx", "en")
    assert part(tmp_path / "x.xlsx", r"xl/worksheets/sheet1\.xml").count("location=") == 1
    assert part(tmp_path / "x.xlsx", r"xl/comments\d+\.xml").count("<comment ") == 1
