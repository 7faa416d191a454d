"""Rounds of others, with answers that were published or proven elsewhere."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import matcher
from matcher.intake import convert
from matcher.round import Round
from matcher.settings import Settings
from matcher.solvers import route
from tests.rounds import Row, make_round
from tests.shared_data import SHARED, needs_shared

pytestmark = [pytest.mark.shared, needs_shared]

LEAST_COST = {"00038-00000001": (35, 57), "00038-00000004": (34, 50)}
"""PrefLib 00038 (Kwanashie, Irving, Manlove, Sng 2014): students placed, and the least rank sum of placing so many."""


PROFILES = {
    ("00038-00000001", "greedy"): (20, 9, 5, 0, 1),
    ("00038-00000001", "generous"): (17, 14, 4),
    ("00038-00000001", "rank_maximal"): (20, 9, 5, 0, 1),
    ("00038-00000004", "greedy"): (25, 4, 3, 1, 1),
    ("00038-00000004", "generous"): (21, 9, 4),
    ("00038-00000004", "rank_maximal"): (25, 4, 3, 1, 1),
}
"""The same sessions: students at their first, second, ... choice. Greedy and generous are of maximum size."""

EXAMPLES = SHARED / "example-rounds"
LOWER_QUOTAS = SHARED / "spa-lower-quota"
FAMILIES = {"hr": ("genmax", "gremax"), "spa": ("genmax", "gremax"), "spa_onesided": ("genmax",)}
"""Instances with lower quotas that are always to be met, and the answers there are beside those of an exhaustive search (`bruteforce`)."""

CLOSURES = ("hr",)
"""Those of them that were also solved with closures (`bruteforce_pc`, `gre_pc`): a project takes its lower quota or nobody."""


@pytest.fixture(params=["flow", "forest", "relaxation"], autouse=True)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer is held by every engine that carries the round, small as the rounds are."""
    if request.param == "forest":
        monkeypatch.setattr(route, "LARGE", 0)
    if request.param == "relaxation":
        monkeypatch.setattr(route, "plan", partial(route.plan, engine="relaxation"))


def solved(round_: Round, measure: str = "sum") -> matcher.Result:
    """Solved with a measure: proven and verified."""
    round_ = round_.with_settings(rank_measure=measure)
    result = matcher.solve(round_, isolate=False)
    assert matcher.verify(round_, result).proven_optimal
    return result


def profile(result: matcher.Result) -> tuple[int, ...]:
    """The proven profile, without the zeros at its end."""
    tier = next(tier for tier in result.tiers if tier.name == "rank")
    assert tier.bound == tier.value
    assert isinstance(tier.value, tuple)
    return trimmed(tier.value)


def trimmed(counts: tuple[int, ...]) -> tuple[int, ...]:
    return counts[: max((rank for rank, count in enumerate(counts, start=1) if count), default=0)]


@pytest.mark.parametrize(("session", "measure"), PROFILES)
def test_project_bidding_reaches_the_published_profiles(session: str, measure: str, tmp_path: Path) -> None:
    convert(SHARED / "preflib-00038" / f"{session}.soi", tmp_path / "round")
    result = solved(matcher.read(tmp_path / "round"), measure)
    assert profile(result) == PROFILES[session, measure]
    assert result.placed == LEAST_COST[session][0]
    assert [tier.name for tier in result.tiers] == (["rank", "placed"] if measure == "rank_maximal" else ["placed", "rank"])


def lower_quota_round(text: str, *, closures: bool = False) -> Round:
    """`n1 n2 [n3]`; a line per student, `id: list` (ties in brackets); per project, `id: lower: upper[: lecturer][: list]`; per lecturer,
    `id: lower: target: upper: list`.

    Lower quotas are kept whatever happens; with `closures` those of a project where anybody is there. A lecturer is a pool, with a quota for the minimum.
    The lists of projects and lecturers are not looked at.
    """
    head, *lines = text.splitlines()
    students, projects, *lecturers = map(int, head.split())
    parts = [[part.strip() for part in line.split(":")] for line in lines]
    wishes: list[Row] = []
    for student, listed in parts[:students]:
        for rank, group in enumerate(re.findall(r"\(([^)]*)\)|(\d+)", listed), start=1):
            wishes += [{"student_id": f"S{student}", "rank": rank, "target_id": f"P{target}"} for target in (group[0] or group[1]).split()]
    placements: list[Row] = [
        {
            "placement_id": f"P{name}",
            "capacity": int(upper),
            "capacity_min": int(lower),
            "must_open": lower != "0" and not closures,
            "pool_id": f"L{rest[0]}" if lecturers else None,
        }
        for name, lower, upper, *rest in parts[students : students + projects]
    ]
    pools: list[Row] = []
    quotas: list[Row] = []
    for name, lower, _, upper, _ in parts[students + projects : students + projects + sum(lecturers)]:
        pools.append({"pool_id": f"L{name}", "capacity": int(upper)})
        quotas.append({"quota_id": f"L{name}", "placements": f"pool_id=L{name}", "min": int(lower)})
    people: list[Row] = [{"student_id": f"S{student}"} for student, _ in parts[:students]]
    return make_round(Settings(tiers=("placed", "rank")), students=people, placements=placements, preferences=wishes, pools=pools, quotas=quotas)


def instance(family: str, number: int) -> str:
    """The text of an instance, without the parameters it was made by."""
    return (LOWER_QUOTAS / family / "instances" / f"{number}.txt").read_text(encoding="utf-8").split("\n\n")[0]


def published(family: str, kind: str, number: int) -> dict[str, tuple[int, ...]]:
    """The lines `name: numbers` of an answer."""
    text = (LOWER_QUOTAS / family / kind / f"{number}.txt").read_text(encoding="utf-8")
    return {name: tuple(map(int, numbers.split())) for name, numbers in re.findall(r"^(\w+): (?:< )?([\d ]+?)(?: >)?$", text, re.MULTILINE)}


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("family", FAMILIES)
def test_instances_with_lower_quotas_reach_every_published_optimum(family: str, number: int) -> None:
    assert_reaches(
        lower_quota_round(instance(family, number)), family, number, "bruteforce", [kind for kind in ("genmax", "gremax") if kind in FAMILIES[family]]
    )


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("family", CLOSURES)
def test_instances_with_closures_reach_every_published_optimum(family: str, number: int) -> None:
    assert_reaches(lower_quota_round(instance(family, number), closures=True), family, number, "bruteforce_pc", ["gre_pc"])


def assert_reaches(round_: Round, family: str, number: int, exhaustively: str, kinds: list[str]) -> None:
    """The optimum of every measure is that of the exhaustive search, and of the integer programs of these kinds."""
    exhaustive = published(family, exhaustively, number)
    greedy, generous, rank_maximal = (solved(round_, measure) for measure in ("greedy", "generous", "rank_maximal"))
    assert [(greedy.placed,), (generous.placed,)] == [exhaustive["optimal_size"]] * 2
    assert profile(greedy) == trimmed(exhaustive["optimal_greedymaxprofile"])
    assert profile(generous) == trimmed(exhaustive["optimal_generousmaxprofile"])
    assert profile(rank_maximal) == trimmed(exhaustive["optimal_greedyprofile"])
    assert (len(profile(generous)),) == exhaustive["optimal_maxsizemindegree"]
    assert tuple(tier.value for tier in solved(round_).tiers) == (*exhaustive["optimal_size"], *exhaustive["optimal_maxsizemincost"])
    results = {"genmax": generous, "gremax": greedy, "gre_pc": rank_maximal}
    for kind in kinds:
        program, own = published(family, kind, number), profile(results[kind])
        assert own == trimmed(program["profile"])
        assert (sum(rank * count for rank, count in enumerate(own, start=1)),) == program["cost"]


@pytest.mark.parametrize("session", LEAST_COST)
def test_project_bidding_reaches_the_published_optimum(session: str, tmp_path: Path) -> None:
    convert(SHARED / "preflib-00038" / f"{session}.soi", tmp_path / "round")
    round_ = matcher.read(tmp_path / "round")
    result = matcher.solve(round_, isolate=False)
    assert tuple(tier.value for tier in result.tiers) == LEAST_COST[session]
    assert tuple(tier.bound for tier in result.tiers) == LEAST_COST[session]
    assert matcher.verify(round_, result).proven_optimal


def expected(name: str) -> dict[str, Any]:
    """Outcome and values of an example."""
    known = json.loads((EXAMPLES / "expected.json").read_text(encoding="utf-8"))[name]
    return {key: known[key] for key in ("outcome", "tiers")}


def assert_expected(round_: Round, outcome: str, tiers: dict[str, int]) -> None:
    """The outcome, and every value with its proof."""
    result = matcher.solve(round_, isolate=False)
    assert result.outcome == outcome
    assert {tier.name: tier.value for tier in result.tiers} == tiers
    assert all(tier.value == tier.bound for tier in result.tiers)
    verification = matcher.verify(round_, result)
    assert verification.proven_optimal if tiers else verification.infeasible_proven


@pytest.mark.parametrize("name", ["a", "b", "f"])
def test_example_rounds_reach_the_proven_value_of_every_tier(name: str) -> None:
    assert_expected(matcher.read(EXAMPLES / name), **expected(name))


@pytest.mark.parametrize("engine", ["relaxation"], indirect=True)
@pytest.mark.parametrize(("name", "teams"), [("c", "period"), ("d", "path"), ("e", "period")])
def test_example_rounds_that_do_not_nest_reach_the_proven_value_of_every_tier(name: str, teams: str) -> None:
    """Crossing and soft quotas; teams over whole paths, open-or-closed places; minimums that contradict each other."""
    round_ = matcher.read(EXAMPLES / name).with_settings(teams=teams)
    assert_expected(round_, **expected(name))


@pytest.mark.parametrize("engine", ["relaxation"], indirect=True)
def test_teams_that_go_together_in_every_period_place_one_more() -> None:
    assert_expected(matcher.read(EXAMPLES / "d"), "solved", {"placed_mandatory": 0, "placed": 68, "soft": 0, "rank": 192})
