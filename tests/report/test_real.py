"""The report of rounds that need a proof by cases: goals, quotas with groups, contradictions, staff and reserves."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from matcher.followup import check_followup, follow
from matcher.report import read_result, render, write_report, write_result
from matcher.report.figures import Figures
from matcher.report.outcome import standings
from matcher.report.texts import Texts
from matcher.result import Cases, Outcome, Reason, Result, TierValue
from matcher.settings import Settings
from matcher.solving import solve
from matcher.words import LANGUAGES
from tests.report.real import crossing, solved
from tests.rounds import make_round


def open_at(result: Result, tier: str, gap: int) -> Result:
    """The same result, one tier of which is not proven."""
    tiers = tuple(replace(one, bound=one.value + gap) if one.name == tier and isinstance(one.value, int) else one for one in result.tiers)
    return replace(result, tiers=tiers, reason=Reason.NOT_CLOSED)


def row_of(html: str, name: str) -> list[str]:
    """The cells of the row with this heading."""
    found = re.search(rf"<tr><th[^>]*>{re.escape(name)}</th>(.*?)</tr>", html, re.DOTALL)
    assert found, name
    return re.findall(r"<td[^>]*>([^<]*)</td>", found[1])


def test_the_round_needs_a_proof_by_cases() -> None:
    _, result = solved()
    assert isinstance(result.proof, Cases)
    assert result.reason == Reason.OPTIMAL


def test_a_result_with_cases_comes_back_and_verifies(tmp_path: Path) -> None:
    from matcher import verify

    round_, result = solved()
    write_result(round_, result, tmp_path, extras=("html", "xlsx"))
    again = read_result(tmp_path)
    assert again.tiers == result.tiers
    pd.testing.assert_frame_equal(again.matches, result.matches)
    assert verify(round_, again).ok
    assert verify(round_, tmp_path).proven_optimal


def test_quotas_are_listed_group_by_group_and_counted_right(tmp_path: Path) -> None:
    round_, result = solved()
    write_result(round_, result, tmp_path)
    table = pd.read_csv(tmp_path / "quotas.csv")
    placed = result.matches.dropna(subset="placement_id").merge(round_.table("placements"), on="placement_id").merge(round_.table("students"), on="student_id")
    each = table[table["quota_id"] == "each"].set_index("group")["activity"]
    assert each.to_dict() == placed["company_id"].value_counts().to_dict()
    crossing_row = table.set_index("quota_id").loc["crossing"]
    assert crossing_row["activity"] == ((placed["programme_id"] == "G1") & (placed["sector_id"] == "Z")).sum()
    soft = table.set_index("quota_id").loc["soft"]
    assert soft["tier"] == "soft:later"
    assert soft["violation"] == next(tier.value for tier in result.tiers if tier.name == "soft:later")
    assert table["price"].notna().any()


def test_a_minimum_per_student_is_a_row_of_its_own() -> None:
    students = [{"student_id": f"s{n}", "periods": "T1|T2"} for n in range(2)]
    placements = [{"placement_id": name, "capacity": 2, "sector_id": sector} for name, sector in (("p", "H"), ("q", "S"))]
    wishes = [{"student_id": row["student_id"], "rank": n, "target_id": name} for row in students for n, name in enumerate("qp", start=1)]
    quotas = [{"quota_id": "once", "per": "student", "placements": "sector_id=H", "min": 1}]
    sectors = [{"sector_id": "H"}, {"sector_id": "S"}]
    round_ = make_round(Settings(language="en"), students=students, placements=placements, preferences=wishes, quotas=quotas, sectors=sectors)
    result = solve(round_, isolate=False)
    rows = Figures(round_, result).quota_rows
    paths = rows[rows["kind"] == "path"]
    assert paths["group"].tolist() == ["s0", "s1"]
    assert paths["max"].tolist() == [1, 1]
    assert (paths["activity"] <= 1).all()
    assert "at most 1 elsewhere for each student" in render(round_, result)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_goal_says_how_far_it_is_proven(language: str) -> None:
    round_, result = solved(language)
    texts = Texts(language)
    html = render(round_, result)
    assert texts.say("goals.cases") in html
    assert row_of(html, texts.tier("rank"))[-1] == texts.say("goals.proven")
    assert row_of(html, texts.tier("shortage"))[0] == texts.say("goals.more")
    assert row_of(html, texts.tier("balance"))[0] == texts.say("goals.less")
    assert "later" in texts.tier("soft:later")
    not_closed = render(round_, open_at(result, "rank", -1))
    assert texts.say("stop.not_closed") in not_closed
    assert row_of(not_closed, texts.tier("rank"))[-1] == texts.say("goals.open")
    assert row_of(not_closed, texts.tier("travel"))[-1] == texts.say("goals.given")
    assert texts.say("verdict.optimal") not in not_closed


def test_only_what_stands_behind_nothing_open_is_proven() -> None:
    tiers = (TierValue("placed", 3, 3), TierValue("rank", 5, 4), TierValue("travel", 7, 7), TierValue("balance", 9, None))
    assert standings(tiers) == ["proven", "open", "given", "open"]


@pytest.mark.parametrize(
    ("tier", "words"),
    [(TierValue("rank", 3, 3), "0%"), (TierValue("rank", 200, 199), "0.50%"), (TierValue("rank", 3000, 1500), "50%"), (TierValue("rank", 7, None), "\u2013")],
)
def test_a_gap_is_a_share_of_the_value(tier: TierValue, words: str) -> None:
    assert Texts("en").gap(tier) == words


def test_an_impossible_round_names_the_bounds_of_every_kind() -> None:
    places = [{"placement_id": "p", "capacity": 3, "capacity_min": 3, "sector_id": "Z"}, {"placement_id": "q", "capacity": 1, "sector_id": "B"}]
    students = [{"student_id": f"s{n}"} for n in range(2)]
    wishes = [{"student_id": row["student_id"], "rank": 1, "target_id": "p"} for row in students]
    quotas = [{"quota_id": "some", "placements": "sector_id=Z", "min": 1}]
    sectors = [{"sector_id": "Z"}, {"sector_id": "B"}]
    round_ = make_round(Settings(language="en"), students=students, placements=places, preferences=wishes, quotas=quotas, sectors=sectors)
    result = solve(round_, isolate=False)
    assert result.outcome == Outcome.INFEASIBLE
    assert isinstance(result.proof, Cases)
    html = render(round_, result)
    assert row_of(html, "some")[:2] == ["quota", "at least 1"]
    assert "Why it cannot work" in html


def test_staff_and_reserves_stand_in_the_folder_and_on_the_page(tmp_path: Path) -> None:
    round_, result = solved()
    further = follow(round_, result, isolate=False)
    write_result(round_, result, tmp_path, extras=("html", "xlsx"), further=further)
    said = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert set(said["staff"]["tiers"]) == {"coach", "assessor"}
    assert {"staff", "compare"} <= set(said["seconds"])
    rows = pd.read_csv(tmp_path / "staff.csv")
    assert len(rows) == 2 * result.placed
    assert said["staff"]["tiers"]["assessor"][0]["value"] == (rows["kind"].eq("assessor") & rows["staff_id"].notna()).sum() == 5
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Coaches and assessors" in html
    assert f"For 5 of the {result.placed} placements made there is a member of staff as assessor." in html
    assert f"Without reserves, {said['reserves']['moved']} placements would be different." in html
    assert check_followup(round_, tmp_path) == ()
    (tmp_path / "report.html").unlink()
    write_report(round_, read_result(tmp_path), tmp_path)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == html


def test_a_changed_assignment_of_staff_is_found_out(tmp_path: Path) -> None:
    round_, result = solved()
    write_result(round_, result, tmp_path, further=follow(round_, result, compare=False, isolate=False))
    rows = pd.read_csv(tmp_path / "staff.csv")
    rows.loc[rows["staff_id"].notna(), "staff_id"] = "coach 0"
    rows.to_csv(tmp_path / "staff.csv", index=False)
    assert check_followup(round_, tmp_path)


def test_the_reserves_are_compared_with_the_optimum_without_them() -> None:
    round_, result = solved()
    further = follow(round_, result, isolate=False)
    assert further.reserves is not None
    without = solve(crossing(staff=[]), isolate=False)
    frame = further.reserves.frame
    people, places = round_.table("students"), round_.table("placements")

    def inside(matches: pd.DataFrame) -> list[int]:
        rows = matches.dropna(subset="placement_id").merge(people, on="student_id").merge(places, on="placement_id")
        there = rows[rows["sector_id"] == "Z"]
        first = there["groups"].eq("first")
        return [int(first.sum()), int((first | there["programme_id"].eq("G1")).sum())]

    assert frame["used"].tolist() == inside(result.matches)
    assert frame["used_without"].tolist() == inside(without.matches)
    merged = result.matches.merge(without.matches, on="student_id")
    assert further.reserves.moved == (merged["placement_id_x"].fillna("") != merged["placement_id_y"].fillna("")).sum()
    assert further.reserves.proven


@pytest.mark.parametrize(("seconds", "compare", "why"), [(1e-6, True, "no_time"), (None, False, "not_asked")])
def test_a_comparison_that_was_not_made_says_why(tmp_path: Path, seconds: float | None, compare: bool, why: str) -> None:
    round_, result = solved()
    further = follow(round_, result, seconds=seconds, compare=compare, isolate=False)
    write_result(round_, result, tmp_path, further=further, extras=("html",))
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))["reserves"] == {"moved": None, "proven": False, "unknown": why}
    assert Texts("en").say(f"reserves.unknown.{why}") in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert pd.read_csv(tmp_path / "reserves.csv")["used_without"].isna().all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_shows_on_the_further_sections(language: str) -> None:
    round_, result = solved(language)
    html = render(round_, result, follow(round_, result, isolate=False))
    assert not re.search(r"report\.\w+|\bNone\b|\bnan\b|<NA>", re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL))


def test_a_bound_that_no_matching_could_keep_is_named_though_the_proof_names_nothing() -> None:
    students = [{"student_id": f"s{n}"} for n in range(2)]
    wishes = [{"student_id": "s0", "rank": 1, "target_id": "p"}]
    quotas = [{"quota_id": "too many", "min": 3}, {"quota_id": "fine", "min": 1}]
    placements = [{"placement_id": "p", "capacity": 5, "capacity_min": 2}, {"placement_id": "q", "capacity": 9}]
    round_ = make_round(Settings(language="en"), students=students, placements=placements, preferences=wishes, quotas=quotas)
    figures = Figures(round_, solve(round_, isolate=False))
    assert [(kind, name, bound.least, reach) for kind, name, bound, reach in figures.rows.out_of_reach()] == [("quota", "too many", 3, 2)]
    assert row_of(render(round_, figures.result), "too many")[-1] in {"at least 3", "at least 3, and there can be 2 at most"}


def test_groups_are_named_by_their_values_as_the_quota_writes_its_columns() -> None:
    quotas = [{"quota_id": "both", "per": "sector_id|programme_id", "max": 6}]
    round_ = crossing(quotas=quotas)
    result = solve(round_, isolate=False)
    rows = Figures(round_, result).quota_rows
    placed = result.matches.dropna(subset="placement_id").merge(round_.table("placements"), on="placement_id").merge(round_.table("students"), on="student_id")
    counts = (placed["sector_id"] + ", " + placed["programme_id"]).value_counts()
    assert rows.set_index("group")["activity"].to_dict() == counts.to_dict()
    assert len(Figures(round_, result).quotas) == 1
