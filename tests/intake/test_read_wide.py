"""Wishes that stand side by side."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.intake.raw import RawRound
from matcher.intake.reading import read_raw


def read(tmp_path: Path, **tables: str) -> RawRound:
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_raw(tmp_path)


def wishes(raw: RawRound) -> list[tuple[object, ...]]:
    return list(raw.tables["preferences"].frame.itertuples(name=None))


def test_wishes_beside_a_student_become_rows_that_keep_the_students_row_number(tmp_path: Path) -> None:
    raw = read(tmp_path, students="student_id;Voorkeur 2;Voorkeur 1;postcode\nS1;P2;P1;9000\nS2;;;9000\nS3;P3;;9000\n")
    assert wishes(raw) == [(2, "S1", 1, "placement", "P1"), (2, "S1", 2, "placement", "P2"), (4, "S3", 2, "placement", "P3")]
    assert raw.tables["students"].frame.columns.tolist() == ["student_id", "postcode"]
    assert [(issue.code, issue.value) for issue in raw.issues] == [("reading.wide", "Voorkeur 1, Voorkeur 2")]


def test_a_table_of_wishes_may_be_wide_as_well(tmp_path: Path) -> None:
    raw = read(tmp_path, wensen="Studentnummer,1e keuze,2e keuze,Opmerking\nS1,P1,P2,x\n", students="student_id\nS1\n")
    assert wishes(raw) == [(2, "S1", 1, "placement", "P1"), (2, "S1", 2, "placement", "P2")]
    assert [issue.code for issue in raw.issues] == ["reading.wide"]


def test_several_places_in_one_cell_are_a_tie(tmp_path: Path) -> None:
    raw = read(tmp_path, wensen="student_id,Pref1,Pref2\nS1,P1| P2|,P3\nS2,,P1\n", students="student_id\nS1\nS2\n")
    assert [wish[1:] for wish in wishes(raw)] == [
        ("S1", 1, "placement", "P1"),
        ("S1", 1, "placement", "P2"),
        ("S1", 2, "placement", "P3"),
        ("S2", 2, "placement", "P1"),
    ]


def test_wishes_in_two_places_are_an_error_but_empty_columns_are_not(tmp_path: Path) -> None:
    rows = "student_id,rank,target_id\nS1,1,P9\n"
    raw = read(tmp_path, students="student_id,Pref1\nS1,P1\n", preferences=rows)
    assert [(issue.code, issue.severity) for issue in raw.issues] == [("reading.wishes_twice", "error")]
    assert wishes(raw) == [(2, "S1", "1", "P9")]
    raw = read(tmp_path, students="student_id,Pref1\nS1,\n", preferences=rows)
    assert raw.issues == ()
    assert raw.tables["students"].frame.columns.tolist() == ["student_id"]


def test_wishes_in_rows_win_over_numbered_columns_beside_them(tmp_path: Path) -> None:
    raw = read(tmp_path, students="student_id\nS1\n", preferences="student_id,rank,target_id,Keuze 1\nS1,1,P9,x\n")
    assert wishes(raw) == [(2, "S1", "1", "P9", "x")]
    assert [issue.code for issue in raw.issues] == ["reading.column_unknown"]


def test_numbers_as_wishes_stay_whole(tmp_path: Path) -> None:
    pd.DataFrame({"student_id": ["S1", "S2"], "Pref1": [101, 102], "Pref2": [103.0, None]}).to_parquet(tmp_path / "students.parquet")
    assert [wish[1:] for wish in wishes(read_raw(tmp_path))] == [("S1", 1, "placement", "101"), ("S1", 2, "placement", "103"), ("S2", 1, "placement", "102")]


lists = st.lists(st.lists(st.sampled_from(["", "P1", "P2", "P1|P3"]), min_size=3, max_size=3), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=lists)
def test_every_wish_and_nothing_else_is_there_in_order(tmp_path: Path, table: list[list[str]]) -> None:
    text = "student_id,Pref1,Pref2,Pref3\n" + "".join(f"S{at},{','.join(row)}\n" for at, row in enumerate(table))
    raw = read(tmp_path, students=text)
    expected = [
        (at + 2, f"S{at}", rank, "placement", place)
        for at, row in enumerate(table)
        for rank, cell in enumerate(row, start=1)
        for place in cell.split("|")
        if place
    ]
    assert (wishes(raw) if "preferences" in raw.tables else []) == expected
