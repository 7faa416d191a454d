"""The result folder: whole or not at all, and the same when read back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.errors import CodedError, UnreadableFile
from matcher.report import folder as folder_module
from matcher.report import read_result, write_report, write_result
from matcher.report.place import FILES
from matcher.report.stored import write_csv
from matcher.result import Outcome, Reason, Result
from matcher.round import Round
from tests.report.fake import fake_result, fake_round, without_answer

ROUND = fake_round(60)
RESULT = fake_result(ROUND)
FURTHER = {"staff.csv", "staff_loads.csv", "staff_proof.npz", "reserves.csv"}


def assert_same(one: Result, other: Result) -> None:
    pd.testing.assert_frame_equal(one.matches, other.matches)
    for name in ("outcome", "reason", "tiers", "rule_counts", "candidate_pairs", "eligible_pairs", "seed", "digest", "engine", "version", "notes"):
        assert getattr(one, name) == getattr(other, name), name
    assert (one.proof is None) == (other.proof is None)
    if one.proof is not None and other.proof is not None:
        assert one.proof.tiers == other.proof.tiers
        assert one.proof.denominator == other.proof.denominator
        for name in ("kind", "id", "period", "prices"):
            np.testing.assert_array_equal(getattr(one.proof, name), getattr(other.proof, name))


def test_a_result_comes_back_as_it_was(tmp_path: Path) -> None:
    write_result(ROUND, RESULT, tmp_path / "out")
    assert_same(RESULT, read_result(tmp_path / "out"))


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(Outcome.INFEASIBLE, Reason.PROVEN_INFEASIBLE), (Outcome.NO_ANSWER, Reason.TIME_LIMIT), (Outcome.FAILED, Reason.ENGINE_FAILED)],
)
def test_a_result_without_a_matching_comes_back_as_it_was(tmp_path: Path, outcome: Outcome, reason: Reason) -> None:
    result = without_answer(ROUND, outcome, reason)
    write_result(ROUND, result, tmp_path, extras=("html", "xlsx"))
    assert_same(result, read_result(tmp_path))
    assert (tmp_path / "report.html").exists()
    assert (tmp_path / "report.xlsx").exists()


def test_the_summary_has_the_agreed_names(tmp_path: Path) -> None:
    write_result(ROUND, RESULT, tmp_path, extras=("html",), peak_mb=123.4)
    summary = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert {"outcome", "reason", "tiers", "placed", "unplaced", "rank_profile", "seed", "digest", "engine", "seconds"} <= set(summary)
    assert summary["tiers"][0] == {"name": "placed_mandatory", "value": 5, "bound": 5, "gap": 0.0}
    assert summary["placed"] + summary["unplaced"] == 60
    assert summary["rules"][0] == {"rule": "programme", "strength": "hard", "removed": 1200, "only": 800, "unknown": 0}
    assert {"write", "report", "solve"} <= set(summary["seconds"])
    assert summary["peak_mb"] == 123.4


def test_the_tables_have_the_agreed_columns(tmp_path: Path) -> None:
    write_result(ROUND, RESULT, tmp_path)
    heads = {name: (tmp_path / name).read_text(encoding="utf-8").splitlines()[0] for name in ("matches.csv", "placements.csv", "quotas.csv")}
    assert heads["matches.csv"] == "student_id,placement_id,period_id,rank,status,reason,sentence"
    assert heads["placements.csv"] == "placement_id,period_id,company_id,sector_id,region_id,capacity,usable,limited_by,filled,free,price"
    assert heads["quotas.csv"] == "quota_id,kind,group,activity,min,max,hard,weight,tier,violation,price"


def test_the_placements_add_up_to_the_matching(tmp_path: Path) -> None:
    write_result(ROUND, RESULT, tmp_path)
    table = pd.read_csv(tmp_path / "placements.csv")
    assert table["filled"].sum() == RESULT.placed
    assert (table["free"] == table["usable"] - table["filled"]).all()
    assert (table["usable"] <= table["capacity"]).all()
    assert (table["limited_by"].notna() == (table["usable"] < table["capacity"])).all()
    priced = table["price"].dropna()
    assert set(priced) == {"rank=1", "rank=2", "rank=3", "rank=4"}


def test_two_writes_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_result(fake_round(60), fake_result(fake_round(60)), tmp_path / name, extras=("html",))
    for name in ("matches.csv", "placements.csv", "quotas.csv", "report.html", "proof.npz"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_an_older_result_is_replaced_whole(tmp_path: Path) -> None:
    write_result(ROUND, RESULT, tmp_path, extras=("html", "xlsx"))
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    write_result(ROUND, without_answer(ROUND, Outcome.NO_ANSWER, Reason.CANCELLED), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"result.json", "notes.txt"}


@pytest.mark.parametrize("present", [{"students.csv": "student_id", "placements.csv": "placement_id"}, {"thesis.docx": "x"}])
def test_a_folder_of_something_else_is_refused_and_untouched(tmp_path: Path, present: dict[str, str]) -> None:
    for name, text in present.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(CodedError, match="not empty"):
        write_result(ROUND, RESULT, tmp_path)
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == present


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x", encoding="utf-8")
    with pytest.raises(CodedError, match="is a file"):
        write_result(ROUND, RESULT, tmp_path / "out")


FULL_DISK = OSError(28, "No space left on device")
FAULTS = [(writer, RuntimeError("broken")) for writer in ("write_csv", "write_proof", "write_summary", "_write_kinds", "placements_table")]


@pytest.mark.parametrize(("writer", "error"), [*FAULTS, ("write_summary", KeyboardInterrupt()), ("write_proof", FULL_DISK)])
def test_nothing_half_written_stays_when_a_writer_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: str, error: BaseException) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise error

    write_result(ROUND, RESULT, tmp_path / "old", extras=("html",))
    before = {path.name: path.read_bytes() for path in (tmp_path / "old").iterdir()}
    monkeypatch.setattr(folder_module, writer, fail)
    for name in ("old", "new/below"):
        with pytest.raises(CodedError if isinstance(error, OSError) else type(error)):
            write_result(ROUND, RESULT, tmp_path / name, extras=("html",))
    assert not (tmp_path / "new").exists()
    assert {path.name: path.read_bytes() for path in (tmp_path / "old").iterdir()} == before


def test_what_a_killed_run_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / ".matcher-x").mkdir()
    (tmp_path / ".matcher-x" / "matches.csv").write_text("half", encoding="utf-8")
    write_result(ROUND, RESULT, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(FILES) - {"report.html", "report.xlsx"} - FURTHER


def test_a_report_is_written_into_a_stored_result(tmp_path: Path) -> None:
    write_result(ROUND, RESULT, tmp_path)
    before = (tmp_path / "result.json").read_bytes()
    write_report(round_of(RESULT), read_result(tmp_path), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(FILES) - FURTHER
    assert (tmp_path / "result.json").read_bytes() == before


def test_a_report_of_another_round_is_refused(tmp_path: Path) -> None:
    write_result(ROUND, RESULT, tmp_path)
    with pytest.raises(CodedError, match="another round"):
        write_report(fake_round(61), RESULT, tmp_path)


def round_of(result: Result) -> Round:
    """The round of a fake result, which knows its digest."""
    round_ = fake_round(60)
    assert round_.digest == result.digest
    return round_


def test_a_folder_without_a_result_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"result\.json is missing"):
        read_result(tmp_path)
    with pytest.raises(UnreadableFile):
        read_result(tmp_path / "nowhere")


BROKEN = {
    "result.json": [
        b"",
        b"[]",
        b"{",
        b"\xff\xfe",
        b"null",
        b'{"outcome": "great"}',
        b"[" * 100_000,
        b'{"outcome": "solved", "reason": "optimal", "tiers": [1]}',
    ],
    "matches.csv": [b"", b"a,b\n1,2\n", b"student_id,placement_id,period_id,rank,status,reason\nS,P,,first,placed,x\n", b"\xff\xfe\x00", b'"'],
    "proof.npz": [b"", b"PK", b"noise" * 1000],
}


@pytest.mark.parametrize(("name", "content"), [(name, content) for name, contents in BROKEN.items() for content in contents])
def test_a_damaged_file_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    write_result(ROUND, RESULT, tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFile, match=name):
        read_result(tmp_path)


@pytest.mark.parametrize("column", ["student_id", "placement_id"])
def test_matches_that_name_what_the_round_has_not_are_refused(tmp_path: Path, column: str) -> None:
    write_result(ROUND, RESULT, tmp_path)
    write_csv(RESULT.matches.assign(**{column: RESULT.matches[column].mask(RESULT.matches.index == 4, "X")}), tmp_path / "matches.csv")
    with pytest.raises(UnreadableFile, match="does not fit the round"):
        write_report(ROUND, read_result(tmp_path), tmp_path)
    assert not (tmp_path / "report.html").exists()


def test_a_missing_table_of_matches_is_named(tmp_path: Path) -> None:
    write_result(ROUND, RESULT, tmp_path)
    (tmp_path / "matches.csv").unlink()
    with pytest.raises(UnreadableFile, match=r"matches\.csv"):
        read_result(tmp_path)


def test_a_proof_with_objects_is_not_unpickled(tmp_path: Path) -> None:
    write_result(ROUND, RESULT, tmp_path)
    np.savez(tmp_path / "proof.npz", kind=np.array([{}], dtype=object))
    with pytest.raises(UnreadableFile, match=r"proof\.npz"):
        read_result(tmp_path)


ID = st.text(st.characters(blacklist_categories=("Cs", "Cc"), whitelist_characters="\t"), min_size=1, max_size=6) | st.sampled_from(
    ["=1+1", "'=1", "''=x", "-7", "+32", "@a", "'", "007", "NA", "nan", "1e5", 'a"b', "a,b", "<b>&amp;</b>"]
)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stored")
    write_result(ROUND, RESULT, folder)
    return folder


@given(ids=st.lists(ID, min_size=1, max_size=8, unique=True))
def test_every_id_comes_back_as_it_was(stored: Path, ids: list[str]) -> None:
    matches = pd.DataFrame(
        {"student_id": ids, "placement_id": ids[::-1], "period_id": None, "rank": 1, "status": "placed", "reason": "placed_first", "sentence": ids}
    )
    matches = matches.astype({column: "Int64" if column == "rank" else "str" for column in matches.columns})
    write_csv(matches, stored / "matches.csv")
    pd.testing.assert_frame_equal(read_result(stored).matches, matches)


def test_a_text_that_a_spreadsheet_would_calculate_gets_an_apostrophe(tmp_path: Path) -> None:
    write_csv(pd.DataFrame({"a": pd.Series(["=1", "-x", "+x", "@x", "'=1", "x=1", "'x"], dtype="str"), "n": [-1] * 7}), tmp_path / "x.csv")
    cells = [line.split(",") for line in (tmp_path / "x.csv").read_text(encoding="utf-8").splitlines()[1:]]
    assert [cell[0].strip('"') for cell in cells] == ["'=1", "'-x", "'+x", "'@x", "''=1", "x=1", "'x"]
    assert {cell[1] for cell in cells} == {"-1"}
