"""Workbooks: types of cells, errors, formulas, merged cells, settings."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter

from matcher.intake.raw import RawRound
from matcher.intake.reading import read_raw
from matcher.intake.settings_file import parse


def read(tmp_path: Path, build: Callable[[Any], None], name: str = "ronde.xlsx") -> RawRound:
    with xlsxwriter.Workbook(tmp_path / name) as book:
        build(book)
    return read_raw(tmp_path / name)


def codes(raw: RawRound) -> list[str]:
    return [issue.code.removeprefix("reading.") for issue in raw.issues]


def column(raw: RawRound, table: str, name: str) -> dict[int, object]:
    cells = raw.tables[table].frame[name]
    return {int(row): None if pd.isna(cell) else cell for row, cell in cells.items()}  # type: ignore[call-overload]  # rows are numbers


def test_every_type_of_cell_becomes_what_a_person_would_type(tmp_path: Path) -> None:
    def build(book: Any) -> None:
        day, moment = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet = book.add_worksheet("Studenten")
        sheet.write_row(0, 0, ["student_id", "postcode", "max_minutes", "mandatory", "available_from", "available_to", "min_pay"])
        sheet.write_row(1, 0, [1024, "09000", 45.5, True])
        sheet.write_datetime(1, 4, dt.datetime(2026, 2, 1), day)  # noqa: DTZ001 - a sheet knows no time zones
        sheet.write_datetime(1, 5, dt.datetime(2026, 2, 1, 10, 30), moment)  # noqa: DTZ001 - nor here
        sheet.write_number(1, 6, 0.1 + 0.2)

    raw = read(tmp_path, build)
    assert raw.tables["students"].frame.iloc[0].tolist() == ["1024", "09000", "45.5", "true", "2026-02-01", "2026-02-01 10:30:00", "0.3"]
    assert codes(raw) == []
    assert raw.tables["students"].source == "ronde.xlsx, sheet Studenten"


def test_errors_and_formulas_without_a_result_are_named_by_their_cells(tmp_path: Path) -> None:
    def build(book: Any) -> None:
        sheet = book.add_worksheet("students")
        sheet.write_row(2, 1, ["student_id", "postcode", "name"])
        sheet.write_row(3, 1, ["S1"])
        sheet.write_formula(3, 2, "=VLOOKUP(1,A1,1)", None, "#N/A")
        sheet.write_formula(3, 3, "=A1", None, "")
        sheet.write_row(4, 1, ["S2"])
        sheet.write_formula(4, 2, "=A1/0", None, "#DIV/0!")
        sheet.write_formula(4, 3, "=1+1", None, 2)

    raw = read(tmp_path, build)
    assert column(raw, "students", "postcode") == {4: None, 5: None}
    assert column(raw, "students", "name") == {4: None, 5: "2"}
    told = {(issue.code, issue.row, issue.column, issue.severity, dict(issue.params)["cell"]) for issue in raw.issues}
    assert told == {
        ("reading.error_cell", 4, "postcode", "warning", "C4"),
        ("reading.error_cell", 5, "postcode", "error", "C5"),
        ("reading.formula", 4, "name", "error", "D4"),
    }


def test_a_formula_that_answers_with_an_empty_text_is_an_empty_cell(tmp_path: Path) -> None:
    cells = '<row r="1"><c r="A1" t="inlineStr"><is><t>student_id</t></is></c><c r="B1" t="inlineStr"><is><t>name</t></is></c></row>'
    cells += '<row r="2"><c r="A2" t="inlineStr"><is><t>S1</t></is></c><c r="B2" t="str"><f>IF(1,"","x")</f><v></v></c></row>'
    cells += '<row r="3"><c r="A3" t="inlineStr"><is><t>S2</t></is></c><c r="B3"><f t="shared" si="0"/><v/></c></row>'
    with xlsxwriter.Workbook(tmp_path / "old.xlsx") as book:
        book.add_worksheet("students")
    with zipfile.ZipFile(tmp_path / "old.xlsx") as old, zipfile.ZipFile(tmp_path / "new.xlsx", "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data.replace(b"<sheetData/>", f"<sheetData>{cells}</sheetData>".encode()))
    raw = read_raw(tmp_path / "new.xlsx")
    assert [(issue.code, issue.row) for issue in raw.issues] == [("reading.formula", 3)]


def test_titles_above_the_header_and_merged_cells_below_it_are_understood(tmp_path: Path) -> None:
    def build(book: Any) -> None:
        sheet = book.add_worksheet("Wensen")
        sheet.merge_range(0, 0, 0, 2, "Wensen 2026-2027")
        sheet.write_row(2, 0, ["Studentnummer", "Rang", "Stageplaats"])
        sheet.merge_range(3, 0, 5, 0, "S1")
        for row in range(3):
            sheet.write_row(3 + row, 1, [row + 1, f"P{row}"])

    raw = read(tmp_path, build)
    assert column(raw, "preferences", "student_id") == {4: "S1", 5: "S1", 6: "S1"}
    assert codes(raw) == ["renamed", "title_rows", "merged"]


def test_a_sheet_of_settings_becomes_a_round_toml(tmp_path: Path) -> None:
    def build(book: Any) -> None:
        book.add_worksheet("students").write_column(0, 0, ["student_id", "S1"])
        sheet = book.add_worksheet("Instellingen")
        rows = [
            ["Onderdeel", "Instelling", "Waarde", "Uitleg"],
            ["round", "id", 2026, "x"],
            ["", "seed", 7],
            ["round", "start_date", "2026-09-21"],
            ["rules", "travel", "soft"],
            ["rules.weights", "travel", 3],
            ["policy", "tiers", "placed|rank"],
            ["own_company", "allowed", '["regular", "working"]'],
            ["budget", "gap", "0,01"],
            ["budget", "seconds", ""],
            ["round", "seed", 8],
        ]
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)

    raw = read(tmp_path, build)
    assert raw.settings is not None
    chosen, issues = parse(raw.settings)
    assert issues == ()
    assert (chosen.id, chosen.seed, chosen.start_date, chosen.gap) == ("2026", 7, dt.date(2026, 9, 21), 0.01)
    assert (chosen.strength("travel"), chosen.weight("travel"), chosen.tiers, chosen.own_company_allowed) == (
        "soft",
        3,
        ("placed", "rank"),
        ("regular", "working"),
    )
    assert [(issue.code, issue.row, issue.column) for issue in raw.issues] == [("reading.setting_twice", 11, "round.seed")]


def test_a_settings_sheet_without_its_columns_is_an_error(tmp_path: Path) -> None:
    def build(book: Any) -> None:
        book.add_worksheet("students").write_column(0, 0, ["student_id", "S1"])
        book.add_worksheet("settings").write_row(0, 0, ["foo", "bar"])

    assert codes(read(tmp_path, build)) == ["settings_sheet"]


def test_sheets_that_are_no_tables_are_left_and_told_but_known_ones_are_not(tmp_path: Path) -> None:
    def build(book: Any) -> None:
        book.add_worksheet("Lees mij").write(0, 0, "uitleg")
        book.add_worksheet("Problemen").write(0, 0, "iets")
        book.add_worksheet("Blad3").write(0, 0, "kladblok")
        book.add_worksheet("Leeg")
        book.add_worksheet("students").write_column(0, 0, ["student_id", "S1"])
        book.add_chartsheet("grafiek").set_chart(_chart(book))

    raw = read(tmp_path, build)
    assert [(issue.code, issue.value) for issue in raw.issues] == [("reading.left_over", "Blad3")]


def _chart(book: Any) -> Any:
    chart = book.add_chart({"type": "bar"})
    chart.add_series({"values": "=students!$A$1:$A$2"})
    return chart


def test_a_workbook_in_a_folder_or_zip_is_read_with_the_settings_beside_it(tmp_path: Path) -> None:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held) as book:
        book.add_worksheet("students").write_column(0, 0, ["student_id", "S1"])
    (tmp_path / "round").mkdir()
    (tmp_path / "round" / "x.xlsx").write_bytes(held.getvalue())
    (tmp_path / "round" / "round.toml").write_text("[round]\nseed = 4\n")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("map/x.xlsx", held.getvalue())
        archive.writestr("map/round.toml", "[round]\nseed = 4\n")
        archive.writestr("__MACOSX/map/._x.xlsx", b"junk")
    for path in (tmp_path / "round", tmp_path / "x.zip"):
        raw = read_raw(path)
        assert list(raw.tables) == ["students"]
        assert raw.settings == "[round]\nseed = 4\n"


@pytest.mark.parametrize("ending", [".xls", ".bin", ""])
def test_a_workbook_with_another_ending_is_read_all_the_same(tmp_path: Path, ending: str) -> None:
    raw = read(tmp_path, lambda book: book.add_worksheet("students").write_column(0, 0, ["student_id", "S1"]), f"ronde{ending or '.x'}")
    assert list(raw.tables) == ["students"]
