"""Profiles of ranks: greedy, generous and rank-maximal against the referee, in every digit, and through the files."""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import matcher
from matcher.bound import bound, value
from matcher.cli import app
from matcher.compile import compile_round
from matcher.errors import InputError, Unsupported
from matcher.intake import write_round
from matcher.problem import Answer
from matcher.report import write_result
from matcher.report.stored import read_result
from matcher.result import Outcome, Result, TierValue
from matcher.round import Round
from matcher.settings import PROFILES, Settings
from matcher.solvers import route
from matcher.synth import generate
from matcher.verifier import verify
from tests.brute_force import Referee, best
from tests.rounds import CONTEST, make_round, random_round
from tests.verifier.answers import honest_bounds, proof_of, proving_prices, result_of
from tests.verifier.test_profile_claims import proven

CASES = {"teams", "open_or_closed", "crossing_quotas"}
"""What may need a proof by cases: prices over tuples do not always reach the value."""


def wishes(**lists: str) -> list[dict[str, Any]]:
    """`s="p q"`: p first, q second; `p,q` are tied."""
    return [
        {"student_id": student, "rank": rank, "target_id": target}
        for student, targets in lists.items()
        for rank, group in enumerate(targets.split(), start=1)
        for target in group.split(",")
    ]


def places(**capacities: int) -> list[dict[str, Any]]:
    return [{"placement_id": name, "capacity": capacity} for name, capacity in capacities.items()]


def people(names: str) -> list[dict[str, Any]]:
    return [{"student_id": name} for name in names.split()]


def rank_tier(result: Result) -> TierValue:
    return next(tier for tier in result.tiers if tier.name == "rank")


def sound(seeds: range, measure: str, without: Collection[str] = (), **size: int) -> Iterator[Round]:
    """Random sound rounds with a measure; every third takes the ranks before the sizes."""
    for seed in seeds:
        round_ = random_round(random.Random(seed), without={"profile", *without}, **size)
        tiers = round_.settings.tiers if seed % 3 or "rank" not in round_.settings.tiers else ("rank", *(t for t in round_.settings.tiers if t != "rank"))
        round_ = round_.with_settings(rank_measure=measure, tiers=tiers)
        if Referee(round_).sound:
            yield round_


@pytest.mark.parametrize("measure", PROFILES)
def test_the_engine_the_referee_and_the_verifier_agree_in_every_digit(measure: str) -> None:
    solved = profiles = 0
    for round_ in sound(range(3000, 3024), measure):
        try:
            result = matcher.solve(round_, isolate=False)
        except InputError:
            continue
        found, referee = best(round_), Referee(round_)
        assert (result.outcome is Outcome.SOLVED) == (found is not None)
        if found is None or result.proof is None:
            continue
        assert [tier.name for tier in result.tiers] == referee.tiers
        assert list(result.proof.tiers) == referee.names
        assert tuple(tier.value for tier in result.tiers) == found.value
        assert all(tier.proven and tier.gap == 0 for tier in result.tiers)
        verification = verify(round_, result)
        assert verification.ok
        assert verification.tiers == result.tiers
        solved += 1
        profiles += len(referee.names) > len(referee.tiers)
    assert solved > 8
    assert profiles > 2


@pytest.mark.parametrize(
    ("measure", "value"),
    [("sum", 5), ("greedy", (2, 0, 1)), ("generous", (1, 2, 0)), ("leximin", (1, 2, 0)), ("rank_maximal", (2, 0, 1))],
)
def test_the_measures_differ_where_they_should(measure: str, value: int | tuple[int, ...]) -> None:
    result = matcher.solve(CONTEST.with_settings(rank_measure=measure), isolate=False)
    assert rank_tier(result).value == value
    assert result.placed == 3


SMALLER = make_round(
    Settings(tiers=("placed_mandatory", "placed", "soft", "rank", "travel")),
    students=people("a b c"),
    placements=places(p=1, q=1, t=1, x=0),
    preferences=wishes(a="p q", b="q t", c="x p"),
)
"""Two first choices and nothing for c, or three second choices."""


def test_rank_maximal_comes_before_the_sizes_and_says_so() -> None:
    rounds = {measure: SMALLER.with_settings(rank_measure=measure) for measure in ("greedy", "rank_maximal")}
    results = {measure: matcher.solve(round_, isolate=False) for measure, round_ in rounds.items()}
    assert [tier.name for tier in results["greedy"].tiers] == ["placed_mandatory", "placed", "soft", "rank", "travel"]
    assert results["greedy"].notes == ()
    assert [tier.name for tier in results["rank_maximal"].tiers] == ["rank", "placed_mandatory", "placed", "soft", "travel"]
    assert "rank, placed_mandatory, placed, soft, travel" in results["rank_maximal"].notes[0]


@pytest.mark.parametrize(
    ("asked", "taken"),
    [
        (("soft", "placed", "rank"), ["soft", "rank", "placed"]),
        (("rank", "soft", "placed"), ["rank", "soft", "placed"]),
        (("placed", "travel", "placed_mandatory", "rank"), ["rank", "placed", "travel", "placed_mandatory"]),
        (("soft", "rank"), ["soft", "rank"]),
        (("placed", "travel"), ["placed", "travel"]),
    ],
)
def test_rank_maximal_moves_the_ranks_up_and_never_down(asked: tuple[str, ...], taken: list[str]) -> None:
    round_ = SMALLER.with_settings(rank_measure="rank_maximal", tiers=asked)
    result = matcher.solve(round_, isolate=False)
    assert [tier.name for tier in result.tiers] == taken == Referee(round_).tiers
    assert bool(result.notes) == (list(asked) != taken)


@pytest.mark.parametrize(("measure", "value", "placed"), [("greedy", (0, 3), 3), ("generous", (0, 3), 3), ("leximin", (0, 3), 3), ("rank_maximal", (2, 0), 2)])
def test_a_rank_maximal_matching_may_be_smaller(measure: str, value: tuple[int, ...], placed: int) -> None:
    result = matcher.solve(SMALLER.with_settings(rank_measure=measure), isolate=False)
    assert (rank_tier(result).value, result.placed) == (value, placed)


def test_ranks_that_no_pair_has_are_no_digits_and_leave_zeros() -> None:
    lines = [{"student_id": "a", "rank": 2, "target_id": "p"}, {"student_id": "b", "rank": 900, "target_id": "q"}]
    round_ = make_round(Settings(rank_measure="generous"), students=people("a b"), placements=places(p=1, q=1), preferences=lines)
    result = matcher.solve(round_, isolate=False)
    assert result.proof is not None
    assert [name for name in result.proof.tiers if ":" in name] == ["rank:900", "rank:2"]
    value = rank_tier(result).value
    assert isinstance(value, tuple)
    assert (len(value), value[1], value[899], sum(value)) == (900, 1, 1, 2)


def test_a_round_without_ranks_has_one_digit_of_nothing() -> None:
    one = [{"student_id": "a", "rank": 0, "target_id": "q"}]
    for measure in PROFILES:
        round_ = make_round(Settings(tiers=("rank",), rank_measure=measure), students=people("a"), placements=places(p=1), preferences=one)
        result = matcher.solve(round_, isolate=False)
        assert result.tiers == (TierValue("rank", (0,), (0,)),)
        assert result.proof is not None
        assert result.proof.tiers == ("rank:1",)


def test_pins_outside_the_wishes_and_students_without_wishes_are_in_no_count() -> None:
    settings = Settings(rank_measure="greedy")
    pins = [{"student_id": "a", "placement_id": "q", "kind": "pin"}]
    tables = {"students": people("a b c"), "placements": places(p=1, q=1, r=1), "preferences": wishes(a="p", b="p"), "pins": pins}
    assert rank_tier(matcher.solve(make_round(settings, **tables), isolate=False)).value == (1,)
    last = make_round(replace(settings, unlisted="last"), **tables)
    assert rank_tier(matcher.solve(last, isolate=False)).value == (1, 1)  # the pin counts one more than the last rank


def test_leximin_is_generous_by_another_name() -> None:
    for round_ in (CONTEST, SMALLER):
        one, other = (matcher.solve(round_.with_settings(rank_measure=measure), isolate=False) for measure in ("leximin", "generous"))
        assert one.tiers == other.tiers
        assert one.proof is not None
        assert other.proof is not None
        assert one.proof.tiers == other.proof.tiers


def test_digits_that_would_not_fit_in_memory_are_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcher.rules.costs.MOST_COSTS", 20)
    matcher.solve(CONTEST, isolate=False)
    with pytest.raises(Unsupported, match=r"greedy.*3 different ranks for 8 possible pairs"):
        matcher.solve(CONTEST.with_settings(rank_measure="greedy"), isolate=False)


@pytest.mark.parametrize("measure", PROFILES)
def test_a_matching_that_is_not_best_has_a_bound_up_to_the_first_rank_that_differs(measure: str) -> None:
    checked = partial = 0
    for round_ in sound(range(700, 740), measure, CASES):
        if round_.has("quotas"):
            continue
        found = best(round_)
        prices = None if found is None else proving_prices(round_, found.matching)
        if found is None or prices is None:
            continue
        for matching in list(Referee(round_).matchings())[:6]:
            value = Referee(round_).value(matching)
            bounds = honest_bounds(round_, value, found.value)
            claim = result_of(round_, matching, proof_of(Referee(round_).names, prices), bounds=bounds, reason="time_limit")
            verification = verify(round_, claim)
            assert verification.ok, [violation.message() for violation in verification.violations]
            assert [tier.bound for tier in verification.tiers] == bounds
            assert verification.proven_optimal == (value == found.value)
            checked += 1
            partial += any(tier.open_rank is not None for tier in verification.tiers)
    assert checked > 40
    assert partial > 8


@pytest.mark.parametrize("measure", PROFILES)
def test_a_solve_that_was_stopped_proves_the_ranks_that_were_settled(measure: str, monkeypatch: pytest.MonkeyPatch) -> None:
    round_ = generate(400, seed=6, spare=-0.05).with_settings(rank_measure=measure)
    compiled = compile_round(round_)
    plan = route.plan(compiled.problem)
    stopped: list[tuple[Answer, int]] = []
    best_ = route.run(compiled.problem, plan, 0, lambda answer, settled: stopped.append((answer, settled)))
    assert stopped
    for answer, settled in stopped:
        monkeypatch.setattr(route, "run", lambda *_, answer=answer, **__: answer)
        result = matcher.solve(round_, isolate=False)
        assert result.reason == "cancelled"
        verification = verify(round_, result)
        assert verification.ok, [violation.message() for violation in verification.violations]
        assert verification.tiers == result.tiers
        known = value(compiled.problem, answer.pair_of_demand)[:settled]
        assert known == value(compiled.problem, best_.pair_of_demand)[:settled] == bound(compiled.problem, answer)[:settled]


def test_the_gap_of_a_profile_is_that_of_its_first_rank_that_differs() -> None:
    assert TierValue("rank", (20, 9, 5), (20, 9, 5)).gap == 0
    open_ = TierValue("rank", (20, 8, 6), (20, 10, None))
    assert (open_.gap, open_.open_rank, open_.proven, open_.label) == (0.25, 2, False, "rank_profile")
    assert TierValue("rank", (3, 2, 4), (None, 1, 4)).gap == 0.5
    assert TierValue("rank", (3, 2), None).gap is None
    assert TierValue("rank", (3, 2), (3, None)).gap is None
    assert TierValue("rank", 7, 6).gap == 1 / 7


@pytest.mark.parametrize("measure", PROFILES)
def test_a_profile_is_one_tier_in_the_result_folder(measure: str, tmp_path: Path) -> None:
    round_, result = proven(measure)
    write_result(round_, result, tmp_path / "out", extras=("html", "xlsx"))
    summary = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    tier = rank_tier(result)
    assert isinstance(tier.value, tuple)
    told = {"name": "rank", "value": list(tier.value), "bound": list(tier.value), "gap": 0.0}
    assert told in summary["tiers"]
    assert summary["rank_measure"] == measure
    assert read_result(tmp_path / "out").tiers == result.tiers
    verification = verify(round_, tmp_path / "out")
    assert verification.ok, [violation.message() for violation in verification.violations]
    assert verification.proven_optimal
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert " · ".join(map(str, tier.value)) in page
    assert f"({measure})" in page


def test_a_bound_with_gaps_comes_back_from_the_folder(tmp_path: Path) -> None:
    round_, result = proven("greedy")
    tiers = tuple(replace(tier, bound=(3, None, None)) if tier.name == "rank" else tier for tier in result.tiers)
    open_ = replace(result, tiers=tiers, reason=matcher.Reason.TIME_LIMIT, proof=None)
    write_result(round_, open_, tmp_path / "out", extras=("html", "xlsx"))
    assert read_result(tmp_path / "out").tiers == tiers
    codes = {violation.code for violation in verify(round_, tmp_path / "out").violations}
    assert codes == {"bound_unproven"}


def test_the_command_line_writes_the_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_LANGUAGE", "en")
    write_round(CONTEST.with_settings(rank_measure="generous"), tmp_path / "round")
    solve = CliRunner().invoke(app, ["solve", str(tmp_path / "round"), "--out", str(tmp_path / "out"), "--no-reports"])
    check = CliRunner().invoke(app, ["verify", str(tmp_path / "round"), str(tmp_path / "out")])
    document = CliRunner().invoke(app, ["verify", str(tmp_path / "round"), str(tmp_path / "out"), "--json"])
    for answer in (solve, check):
        assert answer.exit_code == 0
        assert "Students by choice (1st, 2nd, ...): 1 · 2 · 0 (proven optimal)" in answer.stdout
    assert {"name": "rank", "value": [1, 2, 0], "bound": [1, 2, 0]} in json.loads(document.stdout)["tiers"]


@pytest.mark.parametrize("value", ["[1, true]", "[[1]]", "[null, 1]", '"1"', "[1.5]", "{}"])
def test_a_profile_that_is_no_list_of_whole_numbers_is_told(value: str, tmp_path: Path) -> None:
    round_, result = proven("greedy")
    write_result(round_, result, tmp_path / "out")
    file = tmp_path / "out" / "result.json"
    summary = json.loads(file.read_text(encoding="utf-8"))
    summary["tiers"][1]["value"] = json.loads(value)
    file.write_text(json.dumps(summary), encoding="utf-8")
    assert "result_malformed" in [violation.code for violation in verify(round_, tmp_path / "out").violations]
