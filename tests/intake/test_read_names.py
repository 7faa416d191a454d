"""The words that people use for tables and columns."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from matcher.intake import names
from matcher.intake.cells.words import read_choice
from matcher.schema import TABLES
from matcher.words import LANGUAGES

DATA = tomllib.loads(resources.files("matcher.intake").joinpath("names.toml").read_text(encoding="utf-8"))
COLUMNS = [(table.name, column.name) for table in TABLES.values() for column in table.columns]


@pytest.mark.parametrize("table", TABLES)
def test_no_name_means_two_columns_of_one_table(table: str) -> None:
    meanings: dict[str, set[str]] = {}
    for column in TABLES[table].columns:
        known = DATA["own"].get(table, {}).get(column.name) or DATA["columns"].get(column.name)
        for name in (column.name, *(name for language in LANGUAGES for name in (known or {}).get(language, []))):
            meanings.setdefault(names.fold(name), set()).add(column.name)
    for name in DATA["either"].get(table, {}).get("rank_or_target_id", []):
        meanings.setdefault(names.fold(name), set()).add("either")
    assert {name: columns for name, columns in meanings.items() if len(columns) > 1 or not name} == {}


def test_no_name_means_two_tables() -> None:
    meanings: dict[str, set[str]] = {}
    for key, known in {**DATA["tables"], **DATA["sheets"]}.items():
        for name in (key, *(name for language in LANGUAGES for name in known[language])):
            meanings.setdefault(names.fold(name), set()).add(key)
    assert {name: tables for name, tables in meanings.items() if len(tables) > 1 or not name} == {}


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_every_column_has_a_title_in_every_language_that_names_it(table: str, column: str) -> None:
    for language in LANGUAGES:
        title = names.title(table, column, language)
        assert names.vocabulary(table).column(title) == column
        assert names.vocabulary(table).is_exact(title)
        assert names.vocabulary(table).column(f"  {title.upper()} * ") == column


@pytest.mark.parametrize(
    ("table", "header", "column"),
    [
        ("teams", "Afspraak", "kind"), ("staff", "Rol", "kind"), ("staff", "Functie", "kind"), ("staff", "Arrondissementen", "regions"),
        ("staff", "Personeelsnummer", "staff_id"), ("reserves", "Volgorde", "order"),
    ],
)  # fmt: skip
def test_headers_of_an_office_are_understood(table: str, header: str, column: str) -> None:
    assert names.vocabulary(table).column(header) == column


def test_the_words_stand_for_tables_and_columns_of_the_format_only() -> None:
    assert set(DATA["tables"]) == set(TABLES)
    assert set(DATA["columns"]) <= {column for _, column in COLUMNS}
    assert {(table, column) for table, columns in DATA["own"].items() for column in columns} <= set(COLUMNS)


@pytest.mark.parametrize("table", TABLES)
def test_sheet_titles_are_sheet_names_that_name_the_table(table: str) -> None:
    for language in LANGUAGES:
        title = names.sheet_title(table, language)
        assert names.table_of(title) == (table, True)
        assert len(title) <= 31
        assert not set(title) & set("[]:*?/\\")


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_of_a_template_have_different_titles(language: str) -> None:
    titles = [names.sheet_title(name, language).casefold() for name in (*TABLES, *DATA["sheets"])]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(("table", "column"), [(t.name, c) for t in TABLES.values() for c in t.columns if c.choices])
def test_the_words_of_drop_downs_are_understood(table: str, column: object) -> None:
    for choice in column.choices:  # type: ignore[attr-defined]  # a Column
        for word in names.choice_words(column.name, choice).values():  # type: ignore[attr-defined]  # a Column
            assert read_choice(word, column, table).value == choice  # type: ignore[arg-type]  # a Column


@pytest.mark.parametrize(
    ("header", "number"),
    [
        ("Pref1", 1), ("Pref 12", 12), ("Voorkeur 3", 3), ("Voorkeur nr. 2", 2), ("1e keuze", 1), ("2de voorkeur", 2), ("Eerste keuze", 1), ("Choice 01", 1),
        ("3rd choice", 3), ("1er choix", 1), ("Vœu n° 2", 2), ("Premier choix", 1), ("Deuxième vœu", 2), ("Keuze 4 (stageplaats)", 4), ("WENS_5", 5),
        ("Voorkeur", None), ("Keuze 0", None), ("Voorkeurstaal", None), ("Rang 2 bedrijf", None), ("12", None), ("", None),
    ],
)  # fmt: skip
def test_numbered_wishes_are_told_from_other_headers(header: str, number: int | None) -> None:
    assert names.wish_number(header) == number


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("Studenten 2026-2027 (def)", "students"), ("STUDENTEN", "students"), ("étudiants", "students"), ("export_stageplaatsen_v2", "placements"),
        ("Regio's", "regions"), ("Bedrijven & sectoren", None), ("Blad1", None), ("2026", None), ("Instellingen", "settings"), ("Lees mij", "readme"),
        ("Vœux des étudiants", None),
    ],
)  # fmt: skip
def test_files_and_sheets_are_told_by_their_names(name: str, table: str | None) -> None:
    assert names.table_of(name)[0] == table
