"""JSON documents and Parquet files."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from matcher.intake.raw import RawRound
from matcher.intake.reading import read_raw
from matcher.intake.settings_file import parse


def read(tmp_path: Path, document: object) -> RawRound:
    (tmp_path / "ronde.json").write_text(json.dumps(document), encoding="utf-8")
    return read_raw(tmp_path / "ronde.json")


def codes(raw: RawRound) -> list[str]:
    return [issue.code.removeprefix("reading.") for issue in raw.issues]


def test_tables_are_lists_of_records_or_objects_of_columns(tmp_path: Path) -> None:
    records = {"students": [{"student_id": "S1", "max_km": 3}, {"student_id": "S2", "name": " An "}]}
    columns = {"Studenten": {"student_id": ["S1", "S2"], "max_km": [3, None], "name": [None, "An"]}}
    for document in (records, columns):
        frame = read(tmp_path, document).tables["students"].frame
        assert frame.index.tolist() == [2, 3]
        assert frame["student_id"].tolist() == ["S1", "S2"]
        assert [None if pd.isna(name) else name for name in frame["name"]] == [None, "An"]
        assert frame["max_km"].iloc[0] in (3, "3")


def test_numbers_and_truths_keep_their_types_and_lists_become_tokens(tmp_path: Path) -> None:
    table = {
        "student_id": [1, 2],
        "max_minutes": [1.5, None],
        "mandatory": [True, None],
        "languages": [["nl", " fr "], []],
        "status": ["regular", 3],
        "priority": [2, 10**30],
    }
    frame = read(tmp_path, {"students": table}).tables["students"].frame
    assert frame.dtypes.astype(str).to_dict() == {
        "student_id": "int64",
        "max_minutes": "float64",
        "mandatory": "boolean",
        "languages": "str",
        "status": "str",
        "priority": "str",
    }
    assert frame["languages"].tolist() == ["nl|fr", "none"]
    assert frame["status"].tolist() == ["regular", "3"]


def test_a_cell_that_holds_an_object_is_an_error_with_its_place(tmp_path: Path) -> None:
    raw = read(tmp_path, {"students": [{"student_id": "S1"}, {"student_id": {"a": 1}}, {"student_id": [["x"]]}]})
    assert [(issue.code, issue.row, issue.column) for issue in raw.issues] == [("reading.json_cell", 3, "student_id"), ("reading.json_cell", 4, "student_id")]


@pytest.mark.parametrize(
    ("value", "row"), [("x", None), (3, None), ({"student_id": "S1"}, None), ({"a": [1], "b": [1, 2]}, None), ([{"student_id": "S1"}, 3], 3)]
)
def test_a_table_of_another_shape_is_an_error(tmp_path: Path, value: object, row: int | None) -> None:
    raw = read(tmp_path, {"students": value, "placements": [{"placement_id": "P1"}], "version": 1})
    assert [(issue.code, issue.table, issue.row, issue.severity) for issue in raw.issues] == [
        ("reading.json_table", "students", row, "error"),
        ("reading.left_over", "version", None, "note"),
    ]


@pytest.mark.parametrize(
    "document",
    [
        {"settings": {"round": {"seed": 5, "name": 'a"b\\\u007f'}, "policy": {"tiers": ["placed"]}, "rules": {"weights": {"travel": 2}}}},
        {"round": {"seed": 5, "name": 'a"b\\\u007f'}, "policy": {"tiers": ["placed"]}, "rules": {"weights": {"travel": 2}}},
        {"settings": '[round]\nseed = 5\nname = "a\\"b\\\\\\u007f"\n[policy]\ntiers = ["placed"]\n[rules.weights]\ntravel = 2\n'},
    ],
)
def test_settings_stand_under_one_key_or_as_sections(tmp_path: Path, document: dict[str, object]) -> None:
    raw = read(tmp_path, {**document, "students": [{"student_id": "S1"}]})
    assert raw.issues == ()
    assert raw.settings is not None
    chosen, issues = parse(raw.settings)
    assert issues == ()
    assert (chosen.seed, chosen.name, chosen.tiers, chosen.weight("travel")) == (5, 'a"b\\\u007f', ("placed",), 2)


def test_odd_settings_reach_the_check_and_do_not_break_the_reading(tmp_path: Path) -> None:
    raw = read(tmp_path, {"settings": {"round": {"seed": None, "a key": [1, {"b": None}]}, "x": 1}, "students": [{"student_id": "S1"}]})
    assert raw.settings is not None
    assert [issue.code for issue in parse(raw.settings)[1]] != ["settings_broken"]
    assert codes(read(tmp_path, {"settings": 3, "students": [{"student_id": "S1"}]})) == ["settings_shape"]
    assert codes(read(tmp_path, {"settings": {}, "round": {}, "students": [{"student_id": "S1"}]})) == ["settings_twice"]


def test_parquet_keeps_types_and_cleans_texts(tmp_path: Path) -> None:
    table = pa.table(
        {
            "student_id": pa.array(["S1", " S2\u00a0", "S3"]).dictionary_encode(),
            "name": pa.array(["", None, "Zoë"]),
            "max_minutes": pa.array([1, None, 3], pa.int32()),
            "mandatory": pa.array([True, None, False]),
            "available_from": pa.array([0, None, 20000], pa.date32()),
            "languages": pa.array([["nl", "fr"], [], None]),
            "min_pay": pa.array([1, 2, 3]).cast(pa.decimal128(22, 2)),
            "priority": pa.nulls(3),
        }
    )
    parquet.write_table(table, tmp_path / "students.parquet")
    frame = read_raw(tmp_path / "students.parquet").tables["students"].frame
    assert frame["student_id"].tolist() == ["S1", "S2", "S3"]
    assert frame["name"].isna().tolist() == [True, True, False]
    assert frame["languages"].iloc[:2].tolist() == ["nl|fr", "none"]
    assert frame["available_from"].iloc[2] == pd.Timestamp("2024-10-04")
    assert frame.dtypes.astype(str).to_dict() == {
        "student_id": "str",
        "name": "str",
        "max_minutes": "float64",
        "mandatory": "boolean",
        "available_from": "datetime64[s]",
        "languages": "str",
        "min_pay": "float64",
        "priority": "str",
    }


def test_a_parquet_column_that_is_no_cell_is_an_error(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"student_id": ["S1"], "name": [{"a": 1}]}), tmp_path / "students.parquet")
    raw = read_raw(tmp_path / "students.parquet")
    assert [(issue.code, issue.column, issue.severity) for issue in raw.issues] == [("reading.column_type", "name", "error")]
