"""Each kind of row is named as people know it, and a reason names what stands in the way, whoever is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import matcher
from matcher.compile import compile_round
from matcher.explain.reasons import CODES, reasons
from matcher.explain.student import explain_student
from matcher.explain.told import goal, matches_frame
from matcher.result import Reason
from matcher.round import Round
from matcher.settings import Settings
from matcher.solvers import route
from matcher.words import LANGUAGES, say
from tests.rounds import day, make_round

ENGLISH = Settings(language="en")


def wishes(student: str, placements: Sequence[str]) -> list[dict[str, Any]]:
    return [{"student_id": student, "rank": rank, "target_id": name} for rank, name in enumerate(placements, start=1)]


def told(round_: Round) -> dict[tuple[str, Any], tuple[str, str]]:
    """Code and sentence of each student and period."""
    compiled = compile_round(round_)
    answer = route.run(compiled.problem, route.plan(compiled.problem), 0)
    assert (answer.outcome, answer.reason) == ("solved", "optimal")
    frame = matches_frame(compiled, answer, "en").astype(object)
    frame = frame.where(frame.notna(), None)
    return {(row["student_id"], row["period_id"]): (row["reason"], row["sentence"]) for row in frame.to_dict("records")}


def test_a_group_of_a_quota_is_named_with_its_values_and_counts() -> None:
    round_ = make_round(
        ENGLISH,
        students=[{"student_id": name, "programme_id": "PB-VPK"} for name in "ab"],
        programmes=[{"programme_id": "PB-VPK"}],
        placements=[{"placement_id": "p", "capacity": 2, "sector_id": "S1"}],
        preferences=[*wishes("a", "p"), *wishes("b", "p")],
        quotas=[{"quota_id": "Q7", "per": "programme_id|sector_id", "max": 1}],
    )
    (left,) = [words for words in told(round_).values() if words[0] != "placed_first"]
    assert left[0] == "full_shared"
    assert left[1].endswith(": quota Q7 (PB-VPK, S1) (1/1).")


def test_a_place_that_does_not_open_is_named_with_its_minimum() -> None:
    round_ = make_round(
        ENGLISH,
        students=[{"student_id": name} for name in "ab"],
        placements=[{"placement_id": "p", "capacity": 3, "capacity_min": 3}, {"placement_id": "q", "capacity": 1}],
        preferences=[*wishes("a", "pq"), *wishes("b", "p")],
    )
    reasons_told = told(round_)
    assert reasons_told["a", None] == ("placed_bound", say("reason.placed_bound", rank=2, better=1, rows="p opens only for 3 students or more"))
    assert reasons_told["b", None][0] == "left_closed"
    answer = explain_student(round_, matcher.solve(round_, isolate=False), "b")
    assert [wish.code for wish in answer.wishes] == ["explain.closed"]
    assert "3 students or more" in answer.wishes[0].sentence


def test_leaving_a_place_below_its_minimum_is_named() -> None:
    round_ = make_round(
        replace(ENGLISH, tiers=("placed", "rank")),
        students=[{"student_id": name} for name in "ab"],
        placements=[{"placement_id": "p", "capacity": 1}, {"placement_id": "q", "capacity": 2, "capacity_min": 2}],
        preferences=[*wishes("a", "pq"), *wishes("b", "q")],
    )
    assert told(round_)["a", None] == ("placed_needed", say("reason.placed_needed", rank=2, better=1, rows="q has 2 and needs at least 2"))


def team(kind: str, *members: str) -> list[dict[str, Any]]:
    return [{"team_id": "T", "student_id": name, "kind": kind} for name in members]


@pytest.mark.parametrize(
    ("placements", "lists", "why"),
    [
        ([("p", 3, None)], {"a": "p", "b": ""}, "no placement is possible for b"),
        ([("p", 3, None), ("q", 3, None)], {"a": "p", "b": "q"}, "nowhere is there a possible place for every member"),
        ([("p", 1, None), ("q", 2, None)], {"a": "p", "b": "pq"}, None),
        ([("p", 1, None), ("q", 2, None)], {"a": "q", "b": "p"}, "no placement is possible for b"),
        ([("p", 2, "K"), ("q", 2, None)], {"a": "p", "b": "p"}, "placing you alone would split it"),
    ],
    ids=["a member without a place", "nowhere in common", "too few seats", "too few seats for the other", "no room together"],
)
def test_a_member_of_a_team_is_told_of_the_team(placements: list[tuple[str, int, str | None]], lists: dict[str, str], why: str | None) -> None:
    """Where no seat that the student asks for is large enough for all, that is the cause; the team itself is named where its members differ."""
    round_ = make_round(
        ENGLISH,
        students=[{"student_id": name, "languages": "nl"} for name in "ab"],
        placements=[
            *({"placement_id": name, "capacity": seats, "pool_id": pool, "languages": None} for name, seats, pool in placements),
            {"placement_id": "french", "capacity": 9, "pool_id": None, "languages": "fr"},
        ],
        preferences=[line for name, wanted in lists.items() for line in wishes(name, [*wanted] or ["french"])],
        pools=[{"pool_id": "K", "capacity": 1}],
        teams=team("same_placement", "a", "b"),
    )
    expected = ("none_eligible", say("reason.none_eligible", candidates=1, rules=f"{say('rule.team_size.short')} (1)"))
    if why:
        expected = ("left_team", f"Not placed: team T (a, b) goes to one placement in each period, or nowhere, and {why}.")
    assert told(round_)["a", None] == expected


def test_too_few_seats_for_a_team_at_one_company_are_told_of_the_team() -> None:
    round_ = make_round(
        ENGLISH,
        students=[{"student_id": name} for name in "ab"],
        placements=[{"placement_id": "p", "capacity": 1, "company_id": "C"}],
        preferences=[],
        teams=team("same_company", "a", "b"),
    )
    why = "nowhere is there a possible place for every member"
    assert told(round_)["a", None] == ("left_team", f"Not placed: team T (a, b) goes to one company in each period, or nowhere, and {why}.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_student_is_told_that_the_team_does_not_fit_and_what_to_do(language: str) -> None:
    round_ = make_round(
        replace(ENGLISH, language=language),
        students=[{"student_id": name} for name in "abc"],
        placements=[{"placement_id": "p", "capacity": 2}],
        preferences=wishes("a", "p"),
        teams=team("same_placement", "a", "b", "c"),
    )
    (answer,) = explain_student(round_, matcher.solve(round_, isolate=False), "a").wishes
    assert (answer.code, answer.broken) == ("explain.not_allowed", ("team_size",))
    assert answer.sentence == say("explain.not_allowed", language, placement="p", why=say("rule.team_size", language, team="T", members=3, seats=2))


def test_a_team_over_whole_paths_is_told_so() -> None:
    round_ = make_round(
        replace(ENGLISH, teams="path"),
        students=[{"student_id": name, "periods": period} for name, period in (("a", "T1"), ("b", "T2"))],
        placements=[{"placement_id": name, "capacity": 1} for name in "pq"],
        preferences=[*wishes("a", "p"), *wishes("b", "q")],
        teams=team("same_placement", "a", "b"),
    )
    why = "is at the same placements over all periods together, or nowhere, and nowhere is there a possible place for every member"
    assert told(round_)["a", "T1"] == ("left_team", f"Not placed: team T (a, b) {why}.")


def test_a_team_kept_apart_is_named() -> None:
    round_ = make_round(
        ENGLISH,
        students=[{"student_id": name} for name in "ab"],
        placements=[{"placement_id": "p", "capacity": 2}],
        preferences=[*wishes("a", "p"), *wishes("b", "p")],
        teams=team("apart", "a", "b"),
    )
    assert set(told(round_).values()) >= {("left_bound", say("reason.left_bound", eligible=1, rows="team T (a, b) is kept apart"))}


def path(settings: Settings = ENGLISH, **more: Any) -> Round:
    """One student who asks for two periods."""
    tables = {"students": [{"student_id": "a", "periods": "T1|T2"}], **more}
    return make_round(settings, **tables)


def test_a_span_is_named_with_its_periods() -> None:
    """A quota keeps the student from being there in both periods; nothing else is against the first."""
    round_ = path(
        students=[{"student_id": name, "periods": "T1|T2"} for name in "ab"],
        placements=[{"placement_id": "p", "capacity": 1, "period_id": "T1|T2"}, {"placement_id": "q", "capacity": 1, "period_id": "T2"}],
        preferences=[*wishes("a", "qp"), *wishes("b", "q")],
        pins=[{"student_id": "b", "placement_id": "q", "kind": "pin"}],
        quotas=[{"quota_id": "Q", "students": "student_id=a", "placements": "placement_id=p", "max": 1}],
    )
    code, sentence = told(round_)["a", "T1"]
    assert code == "left_bound"
    assert sentence.endswith(": p runs over the periods T1, T2, all or none.")


def test_an_overlap_in_time_is_named_with_its_periods() -> None:
    round_ = path(
        placements=[{"placement_id": name, "capacity": 1, "period_id": period, "from": day(1), "to": day(9)} for name, period in (("p", "T1"), ("q", "T2"))],
        preferences=wishes("a", "pq"),
    )
    assert told(round_)["a", "T2"] == (
        "full_shared",
        say("reason.full_shared", eligible=1, rows="p (T1) overlaps in time with a place in T2"),
    )


@pytest.mark.parametrize(
    ("quota", "rows"),
    [
        ({"quota_id": "D", "per": "student|sector_id", "max": 1}, "D (S1) in your own path (1/1)"),
        ({"quota_id": "D", "per": "student", "placements": "sector_id=S2", "min": 1}, "D in your own path: already 1 of at most 1 places elsewhere"),
    ],
)
def test_a_rule_of_the_own_path_is_named(quota: dict[str, Any], rows: str) -> None:
    round_ = path(
        placements=[{"placement_id": name, "capacity": 1, "period_id": period, "sector_id": "S1"} for name, period in (("p", "T1"), ("q", "T2"))],
        preferences=wishes("a", "pq"),
        sectors=[{"sector_id": name} for name in ("S1", "S2")],
        quotas=[quota],
    )
    assert told(round_)["a", "T2"] == ("full_shared", say("reason.full_shared", eligible=1, rows=rows))


def test_a_budget_of_moves_is_named() -> None:
    round_ = make_round(
        replace(ENGLISH, max_moves=0),
        students=[{"student_id": "a"}],
        placements=[{"placement_id": name, "capacity": 1} for name in "pq"],
        preferences=wishes("a", "pq"),
        previous=[{"student_id": "a", "placement_id": "q"}],
    )
    rows = "the number of places kept from the previous matching (1/1)"
    assert told(round_)["a", None] == ("placed_needed", say("reason.placed_needed", rank=2, better=1, rows=rows))


def test_a_further_soft_tier_is_named() -> None:
    assert goal("soft:later", "en") == say("tier.soft_named", "en", name="later")
    assert goal("rank:3", "en") == say("tier.rank_profile", "en")
    assert goal("balance", "en") == say("tier.balance", "en")


@pytest.mark.parametrize("reason", ["not_closed", "gap_reached", "time_limit", "cancelled"])
def test_nothing_is_said_of_the_best_where_it_is_not_proven(reason: str) -> None:
    """A matching that leaves everybody out although there is room: only what holds of any matching is said."""
    round_ = make_round(
        ENGLISH,
        students=[{"student_id": name} for name in "abcde"],
        placements=[{"placement_id": "p", "capacity": 2}, {"placement_id": "q", "capacity": 3}],
        preferences=[*wishes("a", "pq"), *wishes("b", "pq"), *wishes("c", "p"), *wishes("d", "q")],
        teams=team("same_placement", "c", "d"),
    )
    compiled = compile_round(round_)
    answer = route.run(compiled.problem, route.plan(compiled.problem), 0)
    at = compiled.problem.first_pair
    chosen = np.array([at[0] + 1, -1, -1, -1, at[4]], dtype=np.int32)  # a at the second choice, e without wishes anywhere
    answer = replace(answer, reason=reason, pair_of_demand=chosen)
    found = reasons(compiled, answer)
    assert [CODES[code] for code in found.code] == ["placed_early", "stopped_early", "left_team", "left_team", "placed_open"]
    for language in LANGUAGES:
        sentences = matches_frame(compiled, answer, language)["sentence"]
        assert sentences[0] == say("reason.placed_early", language, rank=2)
        assert sentences[1] == say("reason.stopped_early", language)
    student = explain_student(round_, replace(matcher.solve(round_, isolate=False), reason=Reason(reason), matches=matches_frame(compiled, answer, "en")), "b")
    assert {wish.code for wish in student.wishes} <= {"explain.open_now", "explain.full_now"}
