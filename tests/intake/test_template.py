"""The template: it opens, it explains every column, it reads back without a remark, and filled in it gives a sound round."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from matcher.errors import CodedError
from matcher.intake import names
from matcher.intake.checked import check_raw
from matcher.intake.reading import read_raw
from matcher.intake.settings_file import KEYS, parse
from matcher.intake.template import write_template
from matcher.intake.write import write_round
from matcher.schema import TABLES
from matcher.settings import Settings
from matcher.words import LANGUAGES, catalogue


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_template_reads_back_without_a_remark(tmp_path: Path, language: str) -> None:
    write_template(tmp_path / "sjabloon.xlsx", language)
    raw = read_raw(tmp_path / "sjabloon.xlsx")
    assert raw.issues == ()
    # Sheets that were not filled in are as good as none; the three that every round needs are there, with all their columns.
    assert {name: table.frame.columns.tolist() for name, table in raw.tables.items()} == {
        name: [column.name for column in TABLES[name].columns] for name in ("students", "placements", "preferences")
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_settings_are_the_defaults(tmp_path: Path, language: str) -> None:
    write_template(tmp_path / "sjabloon.xlsx", language)
    text = read_raw(tmp_path / "sjabloon.xlsx").settings
    assert text is not None
    assert parse(text) == (Settings(language=language), ())


def test_every_column_table_and_setting_has_its_explanation() -> None:
    for table in TABLES.values():
        assert f"reading.about.{table.name}" in catalogue()
        for column in table.columns:
            assert {f"reading.cell.{column.name}", f"reading.cell_of.{table.name}.{column.name}"} & catalogue().keys()
    explained = {code.rpartition(".")[2] for code in catalogue() if code.startswith("reading.setting.")}
    for key in KEYS:
        section, _, name = key.rpartition(".")
        assert section in {"rules", "rules.weights"} or key == "policy.weights" or name in explained or name.partition("_")[0] in explained


def sheets(path: Path) -> dict[str, str]:
    """Sheet title -> its XML."""
    with zipfile.ZipFile(path) as book:
        titles = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        return {title.replace("&apos;", "'"): book.read(f"xl/worksheets/sheet{number}.xml").decode() for number, title in enumerate(titles, start=1)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_cells_have_drop_downs_and_checks(tmp_path: Path, language: str) -> None:
    write_template(tmp_path / "sjabloon.xlsx", language)
    found = sheets(tmp_path / "sjabloon.xlsx")
    assert list(found) == [
        names.sheet_title("readme", language),
        *(names.sheet_title(name, language) for name in TABLES),
        names.sheet_title("settings", language),
    ]
    for table in TABLES.values():
        xml = found[names.sheet_title(table.name, language)]
        checked = sum(
            bool(column.choices) or column.kind in ("flag", "date", "count", "number", "rank") or (column.kind == "id" and column.refers is not None)
            for column in table.columns
        ) + (table.name == "preferences")
        assert xml.count("<dataValidation ") == checked
        assert "pane" in xml
    quoted = names.sheet_title("programmes", language).replace("'", "''")
    assert f"'{quoted}'!$A$2:$A$20000" in found[names.sheet_title("students", language)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_template_that_was_filled_in_gives_a_sound_round(tmp_path: Path, language: str) -> None:
    """Filled in as a person does: the words of the drop-downs, under the titles of the template."""
    target, places = names.choice_words("target_type", "placement")[language], names.choice_words("mode", "bike")[language]
    yes = {"nl": "ja", "en": "yes", "fr": "oui"}[language]
    rows: dict[str, list[dict[str, Any]]] = {
        "students": [{"student_id": "007", "programme_id": "PBA", "mode": places, "mandatory": yes, "max_minutes": 45}, {"student_id": "008"}],
        "placements": [{"placement_id": "P1", "capacity": 2, "must_open": yes, "capacity_min": 1}],
        "preferences": [
            {"student_id": "007", "rank": 1, "target_type": target, "target_id": "P1"},
            {"student_id": "008", "rank": {"nl": "nee", "en": "no", "fr": "non"}[language], "target_id": "P1"},
        ],
    }
    with xlsxwriter.Workbook(tmp_path / "vol.xlsx") as book:
        for name in ("readme", *TABLES, "settings"):
            sheet = book.add_worksheet(names.sheet_title(name, language))
            if name == "readme":
                sheet.write(0, 0, "...")
            if name not in TABLES:
                continue
            columns = TABLES[name].columns
            sheet.write_row(0, 0, [names.title(name, column.name, language) + (" *" if column.required else "") for column in columns])
            for number, row in enumerate(rows.get(name, []), start=1):
                for position, column in enumerate(columns):
                    if column.name in row:
                        sheet.write(number, position, row[column.name])
    checked = check_raw(read_raw(tmp_path / "vol.xlsx"))
    assert checked.errors == ()
    assert checked.round is not None
    students = checked.round.table("students")
    assert students["student_id"].tolist() == ["007", "008"]
    assert students["mode"].iloc[0] == "bike"
    assert bool(students["mandatory"].iloc[0])
    assert checked.round.table("preferences")["rank"].tolist() == [1, 0]
    assert [issue.code for issue in checked.raw.issues] == []
    write_round(checked.round, tmp_path / "round")


def test_a_template_is_a_workbook_and_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(CodedError) as caught:
        write_template(tmp_path / "sjabloon.csv")
    assert caught.value.code == "reading.template_kind"
    assert not list(tmp_path.iterdir())
