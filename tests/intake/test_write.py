"""Writing a round: reading it again gives the same round, in every form; and it is there whole or not at all."""

from __future__ import annotations

import datetime as dt
import zipfile
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.errors import CodedError, InputError
from matcher.intake.checked import check_raw
from matcher.intake.reading import read_raw
from matcher.intake.write import convert, write_round
from matcher.round import Round
from matcher.settings import Settings
from tests.rounds import make_round
from tests.shared_data import SHARED, needs_shared

FORMS = {"folder": "csv", "columns": "parquet", "round.xlsx": "csv", "round.json": "csv", "round.zip": "csv", "columns.zip": "parquet"}
"""Where it is written, and in which format the tables are."""

# Signs that spreadsheets, CSV and TOML have opinions about; no blanks at the ends and none doubled, since reading takes those away.
SIGNS = "aBé0 ,;\"'=+-@#\t|\\/é€漢😀.%"
texts = st.text(SIGNS, min_size=1, max_size=8).map(lambda text: " ".join(text.split())).filter(bool)
names = st.one_of(st.none(), texts.filter(lambda text: "|" not in text))
floats = st.one_of(st.none(), st.floats(-90, 90, allow_nan=False), st.sampled_from([0.1 + 0.2, 1 / 3, -0.0, 50.85]))


def column(values: list[object], dtype: str) -> pd.Series:
    return pd.Series(values, dtype=dtype)


@st.composite
def rounds(draw: st.DrawFn) -> Round:
    """Sound rounds with every kind of column, awkward texts, and empty cells."""
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    students = [f"{draw(st.sampled_from(['S', '00', '-', '=']))}{i}" for i in range(n)]
    places = [f"P{i}" for i in range(m)]
    wishes = draw(st.lists(st.tuples(st.sampled_from(students), st.sampled_from(places)), unique=True, min_size=1, max_size=6))
    dates = st.one_of(st.none(), st.dates(dt.date(1950, 1, 1), dt.date(2090, 1, 1)))
    flags = st.one_of(st.none(), st.booleans())

    def some(values: st.SearchStrategy[object], count: int) -> list[object]:
        return draw(st.lists(values, min_size=count, max_size=count))

    tables = {
        "students": pd.DataFrame(
            {
                "student_id": column(students, "str"),
                "mandatory": column(some(flags, n), "boolean"),
                "available_from": pd.Series(some(dates, n), dtype="datetime64[s]"),
                "min_pay": column(some(st.one_of(st.none(), st.floats(0, 5000, allow_nan=False)), n), "float64"),
                "name": column(some(names, n), "str"),
                "Eigen kolom": column(some(names, n), "str"),
            }
        ),
        "placements": pd.DataFrame(
            {
                "placement_id": column(places, "str"),
                "capacity": column(some(st.integers(0, 50), m), "int64"),
                "mentors": column(some(st.one_of(st.none(), st.integers(0, 9)), m), "float64"),
                "lat": column(some(floats, m), "float64"),
            }
        ),
        "preferences": pd.DataFrame(
            {
                "student_id": column([student for student, _ in wishes], "str"),
                "rank": column(some(st.integers(0, 5), len(wishes)), "int32"),
                "target_type": column(some(st.sampled_from([None, "placement"]), len(wishes)), "str"),
                "target_id": column([place for _, place in wishes], "str"),
            }
        ),
    }
    chosen = Settings(
        id=draw(texts),
        name=draw(texts),
        seed=draw(st.integers(-(2**63), 2**63 - 1)),
        start_date=draw(dates),
        gap=draw(st.floats(0, 1)),
        rules=MappingProxyType({"travel": "soft"}),
        rule_weights=MappingProxyType({"travel": 3}),
        tiers=("placed", "rank"),
        own_company_allowed=("regular",),
    )
    return Round(tables, chosen)


def carrying_all() -> Round:
    """A round with every column, table and setting of bounds that repeat, span and reserve."""
    policy = {"tiers": ("placed", "soft:later", "blend"), "tier_weights": MappingProxyType({"rank": 1.0, "soft:early": 0.25}), "max_moves": 3, "overlap": False}
    rows = {
        "students": [{"student_id": "S1", "periods": "P1|P2", "groups": "a|b"}],
        "placements": [{"placement_id": "A", "capacity": 1, "period_id": "P1|P2", "pool_id": "X|Y"}, {"placement_id": "B", "capacity": 2, "period_id": "none"}],
        "preferences": [{"student_id": "S1", "rank": 1, "target_id": "A"}],
        "quotas": [{"quota_id": "Q", "per": "student|placement.region_id", "max": 1, "hard": False, "tier": "soft:later"}],
        "reserves": [
            {"reserve_id": "R", "order": 1, "students": "groups=a", "placements": "capacity=1", "seats": 1, "weight": 2},
            {"reserve_id": "R", "order": 2, "students": "groups=b"},
        ],
        "pools": [{"pool_id": "X", "capacity": 1}, {"pool_id": "Y", "capacity": 1}],
    }
    return make_round(replace(Settings(), **policy), **rows)  # type: ignore[arg-type]  # fields of the settings


def read_back(path: Path) -> Round:
    checked = check_raw(read_raw(path))
    assert checked.round is not None, [issue.message("en") for issue in checked.errors]
    return checked.round


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(round_=rounds())
def test_a_round_that_was_written_reads_back_as_it_was(tmp_path: Path, form: str, round_: Round) -> None:
    write_round(round_, tmp_path / form, format=FORMS[form])  # type: ignore[arg-type]  # one of two words
    again = read_back(tmp_path / form)
    assert again.settings == round_.settings
    for name, frame in round_.tables.items():
        pd.testing.assert_frame_equal(again.tables[name].reset_index(drop=True), frame.reset_index(drop=True), check_index_type=False)
    assert again.digest == round_.digest


@pytest.mark.parametrize("form", FORMS)
def test_bounds_that_repeat_span_and_reserve_keep_their_form(tmp_path: Path, form: str) -> None:
    before = carrying_all()
    write_round(before, tmp_path / form, format=FORMS[form])  # type: ignore[arg-type]  # one of two words
    checked = check_raw(read_raw(tmp_path / form))
    assert [issue.code for issue in checked.issues] == []
    assert checked.round is not None
    assert (checked.round.settings, checked.round.digest) == (before.settings, before.digest)


@needs_shared
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", "abcdef")
def test_the_example_rounds_keep_their_digest_in_every_form(tmp_path: Path, form: str, name: str) -> None:
    before = read_back(SHARED / "example-rounds" / name)
    write_round(before, tmp_path / form, format=FORMS[form])  # type: ignore[arg-type]  # one of two words
    assert read_back(tmp_path / form).digest == before.digest


def small() -> Round:
    students = pd.DataFrame({"student_id": column(["007", "=1+1", "@x"], "str"), "name": column(['"Ann"', "-2", "a\nb"], "str")})
    placements = pd.DataFrame({"placement_id": column(["P1"], "str"), "capacity": column([1], "int64")})
    preferences = pd.DataFrame({"student_id": column(["007"], "str"), "rank": np.array([0], dtype="int32"), "target_id": column(["P1"], "str")})
    return Round({"students": students, "placements": placements, "preferences": preferences})


def test_csv_is_plain_and_safe_to_open(tmp_path: Path) -> None:
    write_round(small(), tmp_path / "round")
    assert (tmp_path / "round" / "students.csv").read_bytes() == b'student_id,name\n007,"""Ann"""\n\'=1+1,\'-2\n\'@x,"a\nb"\n'
    assert (tmp_path / "round" / "preferences.csv").read_bytes() == b"student_id,rank,target_id\n007,no,P1\n"


def test_a_workbook_holds_no_formula(tmp_path: Path) -> None:
    write_round(small(), tmp_path / "round.xlsx")
    with zipfile.ZipFile(tmp_path / "round.xlsx") as book:
        sheets = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/")]
    assert sheets
    assert not any(b"<f>" in sheet for sheet in sheets)
    assert read_raw(tmp_path / "round.xlsx").tables["students"].frame["student_id"].tolist() == ["007", "=1+1", "@x"]


@pytest.mark.parametrize("form", FORMS)
def test_equal_rounds_give_equal_files(tmp_path: Path, form: str) -> None:
    for folder in ("one", "two"):
        write_round(small(), tmp_path / folder / form, format=FORMS[form])  # type: ignore[arg-type]  # one of two words
    one, two = tmp_path / "one" / form, tmp_path / "two" / form
    pairs = [(one, two)] if one.is_file() else [(path, two / path.name) for path in sorted(one.iterdir())]
    assert pairs
    assert all(first.read_bytes() == second.read_bytes() for first, second in pairs)


def test_a_round_replaces_a_round_and_its_tables_that_are_gone(tmp_path: Path) -> None:
    write_round(small(), tmp_path / "round")
    fewer = Round({name: frame for name, frame in small().tables.items() if name != "preferences"})
    write_round(fewer, tmp_path / "round", format="parquet")
    assert sorted(path.name for path in (tmp_path / "round").iterdir()) == ["placements.parquet", "round.toml", "students.parquet"]
    assert [path.name for path in tmp_path.iterdir()] == ["round"]


def test_a_folder_with_anything_else_in_it_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "thesis"
    target.mkdir()
    (target / "hoofdstuk.docx").write_text("maanden werk")
    with pytest.raises(CodedError) as caught:
        write_round(small(), target)
    assert "hoofdstuk.docx" in caught.value.sentence("nl")
    assert [path.name for path in target.iterdir()] == ["hoofdstuk.docx"]
    (tmp_path / "file").write_text("x")
    with pytest.raises(CodedError):
        write_round(small(), tmp_path / "file")
    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.parametrize("form", FORMS)
def test_a_write_that_breaks_off_leaves_what_was_there(tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_round(small(), tmp_path / form, format=FORMS[form])  # type: ignore[arg-type]  # one of two words
    before = read_raw(tmp_path / form).tables["students"].frame

    def full(_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("matcher.intake.write.dump", full)
    monkeypatch.setattr("matcher.intake.write_workbook.dump", full)
    with pytest.raises(CodedError) as caught:
        write_round(small(), tmp_path / form, format=FORMS[form])  # type: ignore[arg-type]  # one of two words
    assert "No space left" in caught.value.sentence("en")
    assert [path.name for path in tmp_path.iterdir()] == [form]
    pd.testing.assert_frame_equal(read_raw(tmp_path / form).tables["students"].frame, before)


def test_what_a_sheet_cannot_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcher.intake.write_workbook.ROWS", 3)
    with pytest.raises(CodedError) as caught:
        write_round(small(), tmp_path / "round.xlsx")
    assert caught.value.code == "reading.write_long"
    monkeypatch.undo()
    monkeypatch.setattr("matcher.intake.write_workbook.LONGEST", 3)
    with pytest.raises(CodedError) as caught:
        write_round(small(), tmp_path / "round.xlsx")
    assert caught.value.code == "reading.write_cell"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["round.xls", "round.ods", "students.csv", "round.pdf"])
def test_a_form_that_is_not_written_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CodedError) as caught:
        write_round(small(), tmp_path / name)
    assert caught.value.code == "reading.write_kind"


def test_convert_writes_nothing_where_the_round_has_errors(tmp_path: Path) -> None:
    (tmp_path / "students.csv").write_text("student_id\nS1\n")
    with pytest.raises(InputError):
        convert(tmp_path / "students.csv", tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


@needs_shared
def test_convert_reads_preflib_into_a_folder(tmp_path: Path) -> None:
    made = convert(SHARED / "preflib-00038" / "00038-00000004.soi", tmp_path / "round")
    assert read_back(tmp_path / "round").digest == made.digest
    assert made.settings.tiers == ("placed", "rank")
