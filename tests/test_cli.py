"""The command line: every ending has its exit code and its sentence, and nothing is half-written."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from matcher import cli, console
from matcher.about import peak_memory_mb
from matcher.cli import app
from matcher.intake import write_round
from matcher.settings import Settings
from matcher.synth import generate
from tests.report.real import crossing, reserves, staff
from tests.rerun.test_points import rerun
from tests.rounds import make_round

SMALL = Path(__file__).resolve().parents[1] / "sample_data" / "small"


def run(*words: object) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_LANGUAGE", "en")


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result folder of the small sample."""
    folder = tmp_path_factory.mktemp("small") / "result"
    assert run("solve", SMALL, "--out", folder, "--no-reports")[0] == console.OK
    return folder


def infeasible(folder: Path) -> Path:
    """A round that asks for two students where there is one."""
    round_ = make_round(
        Settings(tiers=("placed",)),
        students=[{"student_id": "S1"}],
        placements=[{"placement_id": "P1", "capacity": 2, "capacity_min": 2, "must_open": True}],
        preferences=[{"student_id": "S1", "rank": 1, "target_id": "P1"}],
    )
    write_round(round_, folder)
    return folder


def test_a_solved_round_ends_with_0_and_says_that_it_is_proven(tmp_path: Path) -> None:
    code, out, _ = run("solve", SMALL, "--out", tmp_path / "out")
    assert code == console.OK
    assert "Solved: 56 of 60 placed. Proven the best, and independently verified." in out
    wanted = {"matches.csv", "placements.csv", "quotas.csv", "reserves.csv", "result.json", "proof.npz", "report.html", "report.xlsx"}
    wanted |= {"staff.csv", "staff_loads.csv", "staff_proof.npz"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == wanted


def test_json_on_stdout_is_the_stored_summary(tmp_path: Path) -> None:
    code, out, _ = run("solve", SMALL, "--out", tmp_path / "out", "--no-reports", "--json")
    assert code == console.OK
    assert json.loads(out) == json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))


def test_strict_ends_with_1_when_somebody_is_unplaced(tmp_path: Path) -> None:
    code, _, err = run("solve", SMALL, "--out", tmp_path / "out", "--no-reports", "--strict")
    assert code == console.VIOLATED
    assert "4 without" in err


def test_verify_ends_with_0_for_a_sound_result_and_with_1_for_a_changed_one(solved: Path, tmp_path: Path) -> None:
    code, out, _ = run("verify", SMALL, solved)
    assert (code, out.splitlines()[-1]) == (console.OK, "In order, and proven the best.")
    changed = tmp_path / "changed"
    shutil.copytree(solved, changed)
    matches = pd.read_csv(changed / "matches.csv", dtype=str, keep_default_na=False)
    placed = matches.index[matches["placement_id"] != ""]
    matches.loc[placed[0], "placement_id"] = "nowhere"
    matches.to_csv(changed / "matches.csv", index=False)
    code, out, _ = run("verify", SMALL, changed)
    assert code == console.VIOLATED
    assert "nowhere" in out
    code, out, _ = run("verify", SMALL, changed, "--json")
    assert code == console.VIOLATED
    assert json.loads(out)["ok"] is False


@pytest.mark.parametrize(
    "words", [("solve", SMALL), ("nonsense",), ("solve", SMALL, "--out", "x", "--seconds", "-1"), ("template", "x.xlsx", "--language", "de")]
)
def test_wrong_usage_ends_with_2(words: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*words)[0] == console.BAD_INPUT
    assert list(tmp_path.iterdir()) == []


def test_bad_input_ends_with_2_lists_every_problem_and_writes_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    shutil.copytree(SMALL, bad)
    with (bad / "preferences.csv").open("a", encoding="utf-8") as file:
        file.write("nobody,1,placement,P999\n")
    code, _, err = run("solve", bad, "--out", tmp_path / "out")
    assert code == console.BAD_INPUT
    assert "nobody" in err
    assert "P999" in err
    assert not (tmp_path / "out").exists()


def test_a_mechanism_without_an_engine_ends_with_2(tmp_path: Path) -> None:
    code, _, err = run("solve", SMALL, "--out", tmp_path / "out", "--mechanism", "stable")
    assert code == console.BAD_INPUT
    assert "stable" in err
    assert not (tmp_path / "out").exists()


def test_an_impossible_round_ends_with_3_and_its_proof_is_verified(tmp_path: Path) -> None:
    folder = infeasible(tmp_path / "round")
    code, out, _ = run("solve", folder, "--out", tmp_path / "out")
    assert code == console.INFEASIBLE
    assert "Impossible, and that is proven" in out
    code, out, _ = run("verify", folder, tmp_path / "out")
    assert (code, out.splitlines()[-1]) == (console.OK, "In order: it is proven that no matching keeps all rules.")


def test_no_time_ends_with_4(tmp_path: Path) -> None:
    code, out, _ = run("solve", SMALL, "--out", tmp_path / "out", "--seconds", "0")
    assert code == console.NO_ANSWER
    assert "Time is up" in out
    assert json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))["outcome"] == "no_answer"


def test_an_error_of_ours_ends_with_5_and_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("matcher.intake.check", broken)
    code, out, err = run("check", SMALL)
    assert code == console.INTERNAL
    assert "on our side (RuntimeError)" in err
    assert "secret" not in out + err


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT as a terminal does")
def test_ctrl_c_ends_with_130_within_moments(tmp_path: Path) -> None:
    write_round(generate(100_000, seed=1), tmp_path / "cohort", format="parquet")
    command = [sys.executable, "-m", "matcher", "solve", str(tmp_path / "cohort"), "--out", str(tmp_path / "out"), "--no-reports"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "MATCHER_LANGUAGE": "en"}) as child:
        assert child.stderr is not None
        for line in child.stderr:
            if "] match" in line:
                break
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate(timeout=60)
    assert child.returncode == console.INTERRUPTED
    assert "Stopped" in out
    assert json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))["reason"] == "cancelled"


def test_a_stop_while_reading_ends_with_130_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C sets the cancel that reading, checking and verifying look at; here it is set when they first look."""
    monkeypatch.setattr(console.Interrupt, "is_set", lambda _: True)
    for words in (("solve", SMALL, "--out", tmp_path / "out"), ("check", SMALL), ("verify", SMALL, tmp_path)):
        code, out, err = run(*words)
        assert (code, out) == (console.INTERRUPTED, "")
        assert err == "Interrupted; nothing was written.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_very_long_workbook_is_left_out_unless_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "WORKBOOK_ROWS", 10)
    code, _, err = run("solve", SMALL, "--out", tmp_path / "out")
    assert code == console.OK
    assert "report.xlsx was left out: 60 rows" in err
    assert (tmp_path / "out" / "report.html").is_file()
    assert not (tmp_path / "out" / "report.xlsx").exists()
    assert "left out" not in run("solve", SMALL, "--out", tmp_path / "asked", "--reports")[2]
    assert (tmp_path / "asked" / "report.xlsx").is_file()


def test_time_and_peak_memory_are_told_and_stored(tmp_path: Path) -> None:
    _, out, _ = run("solve", SMALL, "--out", tmp_path / "out", "--no-reports")
    summary = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    if peak_memory_mb() is None:  # a system that does not tell
        assert summary["peak_mb"] is None
        return
    assert summary["peak_mb"] > 50
    assert f"memory: at most {summary['peak_mb']:,.0f} MB" in out


def test_check_lists_fixes_and_writes_the_workbook_back(tmp_path: Path) -> None:
    assert run("check", SMALL)[0] == console.OK
    bad = tmp_path / "bad"
    shutil.copytree(SMALL, bad)
    first = (bad / "preferences.csv").read_text(encoding="utf-8").splitlines()[1]
    with (bad / "preferences.csv").open("a", encoding="utf-8") as file:
        file.write(f"{first.split(',')[0]},9,placement,LASTYEAR\n")
    code, out, _ = run("check", bad)
    assert code == console.BAD_INPUT
    assert "LASTYEAR" in out
    assert run("check", bad, "--out", tmp_path / "checked.xlsx")[0] == console.BAD_INPUT
    assert (tmp_path / "checked.xlsx").is_file()
    code, out, _ = run("check", bad, "--fix", "--out", tmp_path / "mended")
    assert code == console.OK
    assert (tmp_path / "mended" / "changes.csv").is_file()
    assert run("check", tmp_path / "mended")[0] == console.OK


def test_reports_are_written_again_from_a_stored_result(solved: Path) -> None:
    assert run("report", SMALL, solved, "--language", "fr")[0] == console.OK
    assert (solved / "report.html").read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    assert (solved / "report.xlsx").is_file()


def test_convert_template_and_generate_write_rounds_that_check_reads(tmp_path: Path) -> None:
    assert run("convert", SMALL, tmp_path / "small.json")[0] == console.OK
    assert run("check", tmp_path / "small.json")[0] == console.OK
    assert run("generate", "--students", 30, "--seed", 2, "--out", tmp_path / "cohort.xlsx", "--rules")[0] == console.OK
    assert run("check", tmp_path / "cohort.xlsx")[0] == console.OK
    assert run("template", tmp_path / "empty.xlsx", "--language", "fr")[0] == console.OK
    assert (tmp_path / "empty.xlsx").is_file()


def test_one_student_is_told_why(solved: Path) -> None:
    matches = pd.read_csv(solved / "matches.csv", dtype=str)
    someone = matches.loc[matches["status"] == "unplaced", "student_id"].iloc[0]
    code, out, _ = run("explain", SMALL, solved, "--student", someone)
    assert code == console.OK
    assert matches.loc[matches["student_id"] == someone, "sentence"].iloc[0] in out
    placed = matches.loc[matches["status"] == "placed"].iloc[0]
    told = run("explain", SMALL, solved, "--student", placed["student_id"], "--why-not", placed["placement_id"], "--json")[1]
    assert json.loads(told)["wishes"][0]["code"] == "explain.yours"
    assert run("explain", SMALL, solved, "--student", "nobody")[0] == console.BAD_INPUT


def test_demo_solves_the_college(tmp_path: Path) -> None:
    code, out, _ = run("demo", "--no-serve", "--out", tmp_path / "demo")
    assert code == console.OK
    assert "of 3,000 placed. Proven the best" in out


def test_version_names_the_engines() -> None:
    code, out, _ = run("--version")
    assert code == console.OK
    assert {"matcher", "python", "ortools"} <= {line.split()[0] for line in out.splitlines()}


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A round with crossing quotas, staff and reserves, and its result folder."""
    folder = tmp_path_factory.mktemp("staffed")
    write_round(crossing(staff=staff(), reserves=reserves()), folder / "round")
    assert run("solve", folder / "round", "--out", folder / "out")[0] == console.OK
    return folder / "round", folder / "out"


def test_a_round_with_staff_and_reserves_is_solved_told_and_verified(staffed: tuple[Path, Path]) -> None:
    round_path, out = staffed
    assert {"staff.csv", "staff_loads.csv", "staff_proof.npz", "reserves.csv"} <= {path.name for path in out.iterdir()}
    code, told, _ = run("verify", round_path, out)
    assert code == console.OK
    assert "Soft rules (later): " in told
    assert "(proven optimal)" in told
    code, told, _ = run("solve", round_path, "--out", out.parent / "again", "--no-reports")
    assert code == console.OK
    assert "assessor for 5 placements (proven the most)" in told
    assert "What the reserves changed was not calculated." in told
    assert run("report", round_path, out, "--language", "nl")[0] == console.OK
    assert "Begeleiders en beoordelaars" in (out / "report.html").read_text(encoding="utf-8")


def test_a_changed_assignment_of_staff_ends_with_1(staffed: tuple[Path, Path], tmp_path: Path) -> None:
    round_path, out = staffed
    changed = tmp_path / "changed"
    shutil.copytree(out, changed)
    rows = pd.read_csv(changed / "staff.csv", dtype=str, keep_default_na=False)
    rows.loc[rows["kind"] == "assessor", "staff_id"] = "assessor"
    rows.to_csv(changed / "staff.csv", index=False)
    code, told, _ = run("verify", round_path, changed, "--json")
    assert code == console.VIOLATED
    assert any(wrong["code"].startswith("staff.wrong.") for wrong in json.loads(told)["violations"])
    (changed / "staff_proof.npz").unlink()
    code, _, err = run("verify", round_path, changed)
    assert code == console.BAD_INPUT
    assert "staff_proof.npz" in err


def test_a_frontier_is_shown_written_and_given_as_json(tmp_path: Path) -> None:
    write_round(rerun(), tmp_path / "round")
    code, out, _ = run("frontier", tmp_path / "round", "--out", tmp_path / "out", "--moves", "0,3")
    assert code == console.OK
    assert [line.split()[:2] for line in out.splitlines() if "proven optimal" in line] == [["0", "0"], ["3", "3"]]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"frontier.csv", "frontier.html"}
    code, out, _ = run("frontier", tmp_path / "round", "--steps", "2", "--json")
    said = json.loads(out)
    assert code == console.OK
    assert (said["previous"], [point["rank"] for point in said["points"]]) == (3, [6, 3])


def test_a_frontier_needs_numbers_and_an_earlier_matching(tmp_path: Path) -> None:
    code, _, err = run("frontier", SMALL)
    assert code == console.BAD_INPUT
    assert "no earlier matching" in err
    write_round(rerun(), tmp_path / "round")
    assert run("frontier", tmp_path / "round", "--moves", "a few")[0] == console.BAD_INPUT
