"""The sample data: made by the script, sound, the story that the README tells, and spoilt exactly as written down."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

import matcher
from matcher.compile import compile_round
from matcher.intake.checked import Checked, check_raw
from matcher.intake.reading import read_raw
from matcher.result import Result
from matcher.round import Round
from matcher.staff import assign_staff

SAMPLES = Path(__file__).resolve().parents[1] / "sample_data"
WORKBOOK = "college-dirty.xlsx"
MADE = sorted(path.relative_to(SAMPLES) for path in SAMPLES.rglob("*") if path.is_file() and path.suffix in {".csv", ".toml", ".json", ".xlsx"})


BEST = [2664, 2941, 6, 3982, 70_059]
"""The best values of the college, found and proven by a second program (HiGHS, goal by goal)."""


@cache
def checked(name: str) -> Checked:
    """A sample as the intake sees it."""
    return check_raw(read_raw(SAMPLES / name))


@cache
def sample(name: str) -> Round:
    """A sound sample."""
    found = checked(name).round
    assert found is not None
    return found


@pytest.fixture(scope="module")
def remade(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    subprocess.run([sys.executable, SAMPLES / "make.py", "--out", folder], check=True)
    return folder


@pytest.mark.parametrize("path", [path for path in MADE if path.suffix != ".xlsx"], ids=str)
def test_the_script_makes_every_file_to_the_byte(remade, path):
    assert (remade / path).read_bytes() == (SAMPLES / path).read_bytes()


def test_the_script_makes_the_same_workbook_cell_by_cell(remade):
    ours, theirs = (CalamineWorkbook.from_path(folder / WORKBOOK) for folder in (SAMPLES, remade))
    assert ours.sheet_names == theirs.sheet_names
    for name in ours.sheet_names:
        assert ours.get_sheet_by_name(name).to_python() == theirs.get_sheet_by_name(name).to_python()


def test_the_script_makes_nothing_else(remade):
    assert sorted(path.relative_to(remade) for path in remade.rglob("*") if path.is_file()) == MADE
    assert sum((SAMPLES / path).stat().st_size for path in MADE) < 6_000_000


@pytest.mark.parametrize("name", ["small", "college"])
def test_the_clean_rounds_are_sound_and_need_no_warning(name):
    assert [issue for issue in checked(name).issues if issue.severity != "note"] == []
    assert checked(name).round is not None


@cache
def solved(name: str) -> Result:
    """The best matching of a sample, without the child process."""
    return matcher.solve(sample(name), isolate=False)


def places(result: Result) -> pd.Series:
    """The placement of everybody who has one, by student."""
    found: pd.Series = result.matches.dropna(subset="placement_id").set_index("student_id")["placement_id"]
    return found


def test_small_leaves_four_students_out_for_four_reasons():
    result = solved("small")
    assert result.reason == "optimal"
    assert sorted(set(sample("small").table("students")["student_id"]) - set(places(result).index)) == ["S10", "S11", "S15", "S59"]


def test_the_team_of_small_goes_together_and_its_reserve_is_used():
    round_, place = sample("small"), places(solved("small"))
    assert place[round_.table("teams")["student_id"]].tolist() == ["P11", "P11"]
    nurses = round_.table("students").set_index("student_id")["programme_id"].loc[place.index] == "PB-VPK"
    old = round_.table("placements").set_index("placement_id")["sector_id"].loc[place] == "ZORG-OUD"
    assert (nurses.to_numpy() & old.to_numpy()).sum() == round_.table("reserves")["seats"].iloc[0] == 7


@pytest.mark.parametrize("name", ["small", "college"])
def test_everybody_who_is_placed_has_a_coach_and_an_assessor(name):
    result = solved(name)
    assert result.outcome == "solved"
    staff = assign_staff(sample(name), result, isolate=False)
    assert staff.frame["staff_id"].notna().all()
    assert len(staff.frame) == 2 * result.placed


def test_small_has_every_kind_of_wish_a_tie_a_refusal_pins_and_a_pool():
    round_ = sample("small")
    lines = round_.table("preferences")
    assert set(lines["target_type"]) == {"placement", "company", "sector", "region", "any"}
    assert (lines["rank"] == 0).any()
    assert lines[lines["rank"] > 0].duplicated(["student_id", "rank"]).any()
    assert set(round_.table("pins")["kind"]) == {"pin", "forbid"}
    assert len(round_.table("pools")) == 1
    assert len(round_.table("students")) == 60


def usable(round_: Round) -> pd.Series:
    """Places per placement that its recognition, insurance and mentors leave, computed from the tables alone."""
    places, rows = round_.table("placements").set_index("placement_id"), round_.table("recognitions")
    end = places["to"]
    lasting = rows[rows["until"].to_numpy() >= end.loc[rows["placement_id"]].to_numpy()]
    recognised = places.index.isin(lasting["placement_id"]) | ~places.index.isin(rows["placement_id"])
    lapsed = (places["recognised_until"] < end) | (places["mentor_trained_until"] < end)
    open_ = recognised & ~lapsed & places["insured"].fillna(value=True).astype(bool)
    seats = np.minimum(places["capacity"], np.floor(places["mentors"] * places["students_per_mentor"]))
    return seats.where(open_, 0)


def test_college_is_the_office_of_the_story():
    round_ = sample("college")
    students, places, lines = (round_.table(name) for name in ("students", "placements", "preferences"))
    assert (len(students), len(places), len(round_.table("companies"))) == (3000, 1240, 980)
    assert (students["programme_id"].nunique(), students["institution_id"].nunique(), places["region_id"].nunique()) == (16, 5, 23)
    assert (places["capacity"].sum(), usable(round_).sum()) == (3420, 3060)
    pins = round_.table("pins")
    assert ((students["status"] == "working").sum(), (pins["kind"] == "pin").sum()) == (540, 190)
    assert ((students["mode"] != "car").sum(), (students["max_minutes"] < 60).sum()) == (260, 45)
    assert students["excluded_companies"].notna().sum() + (pins["kind"] == "forbid").sum() == 70
    ranked = lines[lines["rank"] > 0].groupby("student_id").size()
    assert len(students) - len(ranked) == 210
    assert ranked.mean() == pytest.approx(3.9, abs=0.05)
    assert ranked.max() == 5


def test_pinned_students_of_college_stay_with_their_own_employer():
    round_ = sample("college")
    pins = round_.table("pins").query("kind == 'pin'")
    employer = round_.table("students").set_index("student_id")["own_company_id"].loc[pins["student_id"]]
    company = round_.table("placements").set_index("placement_id")["company_id"].loc[pins["placement_id"]]
    assert employer.tolist() == company.tolist()


def test_college_has_teams_reserves_quotas_that_cross_and_staff():
    round_ = sample("college")
    teams, reserves, quotas, staff = (round_.table(name) for name in ("teams", "reserves", "quotas", "staff"))
    kinds = teams.drop_duplicates("team_id")["kind"].value_counts()
    assert kinds.to_dict() == {"same_placement": 10, "same_region": 6, "same_company": 5, "apart": 4}
    assert set(teams.groupby("team_id").size()) == {2, 3}
    assert not teams["student_id"].duplicated().any()
    assert (reserves["reserve_id"].nunique(), len(reserves)) == (4, 9)
    assert (len(quotas), quotas["per"].notna().sum(), (~quotas["hard"]).sum()) == (6, 1, 2)
    assert staff["kind"].value_counts().to_dict() == {"coach": 129, "assessor": 108}
    assert round_.table("placements")["capacity_min"].value_counts().to_dict() == {2: 4, 3: 4}


def test_the_teams_of_college_can_do_what_they_ask_for():
    teams = sample("college").table("teams")
    place = places(solved("college"))
    assert len(place) > 2900
    table = sample("college").table("placements").set_index("placement_id")
    key = {"same_placement": table.index.to_series(), "same_company": table["company_id"], "same_region": table["region_id"], "apart": table.index.to_series()}
    for (kind, _), members in teams.groupby(["kind", "team_id"])["student_id"]:
        chosen = place.reindex(members).dropna()
        assert kind == "apart" or len(chosen) in (0, len(members))
        assert key[kind].loc[chosen].nunique() == (len(chosen) if kind == "apart" else min(1, len(chosen)))


def test_the_matching_of_college_is_that_of_the_readme():
    result = solved("college")
    assert result.reason == "optimal"
    assert [tier.value for tier in result.tiers] == BEST
    told = " ".join((SAMPLES / "README.md").read_text(encoding="utf-8").split())
    nowhere = int((np.diff(compile_round(sample("college")).problem.first_pair) == 0).sum())
    first = int((result.matches["rank"] == 1).sum())
    assert (result.eligible_pairs, nowhere, first) == (102_857, 16, 1847)
    left_out = f"{nowhere} who can go nowhere, and {3000 - result.placed - nowhere} for whom"
    for figure in (left_out, f"{first:,} students", f"{result.eligible_pairs:,}", *(f"{value:,}" for value in BEST)):
        assert figure in told


@pytest.mark.parametrize("name", [WORKBOOK, "college-dirty-csv"])
def test_the_dirty_workbook_has_the_planted_problems_and_no_others(name):
    planted = json.loads((SAMPLES / "dirty-expected.json").read_text(encoding="utf-8"))
    expected: Counter[str] = Counter()
    for codes in planted["kinds"].values():
        expected.update(codes)
    assert expected.total() == planted["problems"]
    assert len(planted["kinds"]) == 14
    assert Counter(issue.code for issue in checked(name).issues if issue.severity != "note") == expected


def test_both_dirty_files_hold_the_same_cells():
    book, folder = checked(WORKBOOK).raw, checked("college-dirty-csv").raw
    assert set(book.tables) == set(folder.tables)
    for name, table in book.tables.items():
        twin = folder.tables[name].frame
        assert table.frame.columns.tolist() == twin.columns.tolist()
        commas = twin.map(lambda cell: re.sub(r"^(\d+),(\d+)$", r"\1.\2", cell) if isinstance(cell, str) else cell)
        different = (table.frame.reset_index(drop=True) != commas.reset_index(drop=True)) & table.frame.notna().reset_index(drop=True)
        assert not different.to_numpy().any(), name


SYLLABLES = re.compile(
    "(?:Brur|Dwel|Fnor|Glim|Jup|Kwor|Mirp|Nolk|Prux|Quos|Spliv|Trug|Vlork|Wexel|Zilp)[aeiou][a-z][aeiou]"
    "(?:dax|fon|gimp|kwist|nop|por|quil|rax|snit|tov|vlin|wick|zet)"
)


@pytest.mark.parametrize("name", ["small", "college"])
def test_companies_have_a_trade_and_an_invented_name(name):
    names = sample(name).table("companies")["name"]
    assert names.is_unique
    assert all(SYLLABLES.fullmatch(word) for word in names.str.split(n=1).str[1])


def test_no_student_has_a_name():
    for name in ("small", "college"):
        assert "name" not in sample(name).table("students").columns
