"""The workbook: the right sheets, texts that stay texts, and a refusal where Excel cannot hold it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from matcher.errors import CodedError
from matcher.report import workbook, write_result
from matcher.report.figures import Figures
from matcher.report.texts import Texts
from matcher.report.workbook import write_workbook
from matcher.result import Outcome, Reason
from matcher.round import Round
from matcher.words import LANGUAGES
from tests.report.fake import fake_result, fake_round, typed, without_answer

ROUND = fake_round(60)
RESULT = fake_result(ROUND)
SHEETS = ("summary", "office", "companies", "unplaced", "goals", "quotas", "rules")


def sheets(path: Path) -> dict[str, pd.DataFrame]:
    book = CalamineWorkbook.from_path(path)
    found = {}
    for name in book.sheet_names:
        head, *rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        found[name] = pd.DataFrame(rows, columns=head)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reader_has_a_sheet_in_the_language(tmp_path: Path, language: str) -> None:
    round_ = fake_round(60, language=language)
    result = fake_result(round_)
    write_workbook(Figures(round_, result), tmp_path / "report.xlsx")
    texts = Texts(language)
    found = sheets(tmp_path / "report.xlsx")
    assert list(found) == [texts.say(f"sheet.{name}") for name in SHEETS]
    office = found[texts.say("sheet.office")]
    assert list(office[texts.say("column.student_id")]) == sorted(round_.table("students")["student_id"])
    assert len(found[texts.say("sheet.unplaced")]) == result.unplaced
    companies = found[texts.say("sheet.companies")]
    assert companies[texts.say("column.filled")].sum() == result.placed
    named = [name for cell in companies[texts.say("column.students")] if cell for name in cell.split(", ")]
    assert sorted(named) == sorted(result.matches["student_id"][result.matches["placement_id"].notna()])


def test_the_office_sees_who_goes_where_and_why(tmp_path: Path) -> None:
    write_workbook(Figures(ROUND, RESULT), tmp_path / "report.xlsx")
    office = sheets(tmp_path / "report.xlsx")["Stagebureau"].set_index("Student")
    row = RESULT.matches[RESULT.matches["rank"] == 2].iloc[0]
    seen = office.loc[row["student_id"]]
    assert seen["Stageplaats"] == row["placement_id"]
    assert seen["Rang"] == 2
    assert seen["Uitleg"] == row["sentence"]
    assert str(seen["Bedrijf"]).startswith("Bedrijf ")


def test_a_text_is_never_a_formula_or_a_link(tmp_path: Path) -> None:
    tables = {name: ROUND.table(name) for name in ROUND.tables}
    evil = ["=1+1", "@SUM(A1)", "-2+3", "https://example.invalid/", "007", "\x01odd"]
    tables["students"] = tables["students"].assign(name=evil * 10)
    tables["companies"] = tables["companies"].assign(name=(evil * 20)[: len(tables["companies"])])
    round_ = Round({name: typed(name, frame) for name, frame in tables.items()}, ROUND.settings)
    write_workbook(Figures(round_, RESULT), tmp_path / "report.xlsx")
    names = sheets(tmp_path / "report.xlsx")["Stagebureau"]["Naam"]
    assert set(names) >= set(evil[:5])
    with zipfile.ZipFile(tmp_path / "report.xlsx") as archive:
        assert all(b"<f>" not in archive.read(name) and b"<hyperlink" not in archive.read(name) for name in archive.namelist())


def test_numbers_are_numbers_and_panes_are_frozen(tmp_path: Path) -> None:
    write_workbook(Figures(ROUND, RESULT), tmp_path / "report.xlsx")
    companies = sheets(tmp_path / "report.xlsx")["Bedrijven"]
    for column in ("Capaciteit", "Bruikbaar", "Ingevuld", "Vrij"):
        assert all(isinstance(cell, float | int) for cell in companies[column])
    with zipfile.ZipFile(tmp_path / "report.xlsx") as archive:
        office = archive.read("xl/worksheets/sheet2.xml").decode()
        bars = archive.read("xl/worksheets/sheet3.xml").decode()
    assert 'state="frozen"' in office
    assert "<autoFilter" in office
    assert "<dataBar" in bars


def test_a_round_without_a_matching_has_a_summary_and_the_rules(tmp_path: Path) -> None:
    write_workbook(Figures(ROUND, without_answer(ROUND, Outcome.INFEASIBLE, Reason.PROVEN_INFEASIBLE)), tmp_path / "report.xlsx")
    found = sheets(tmp_path / "report.xlsx")
    assert list(found) == ["Samenvatting", "Regels"]
    assert "Er bestaat geen toewijzing die alle regels volgt." in set(found["Samenvatting"].iloc[:, 0])


def test_a_sheet_that_excel_cannot_hold_is_refused_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 59)
    with pytest.raises(CodedError, match=r"60 rows.*matches\.csv"):
        write_result(ROUND, RESULT, tmp_path / "out", extras=("xlsx",))
    assert not (tmp_path / "out").exists()


def test_a_cell_that_excel_cannot_hold_is_cut_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_CHARACTERS", 40)
    write_workbook(Figures(ROUND, RESULT), tmp_path / "report.xlsx")
    cells = [cell for cell in sheets(tmp_path / "report.xlsx")["Bedrijven"]["Studenten"] if len(cell) > 30]
    assert cells
    assert all(len(cell) <= 40 and (cell.count("S0") <= 4) for cell in cells)
