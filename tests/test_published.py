"""Rounds of others, with answers that were published or proven elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

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

LOWER_QUOTAS = SHARED / "spa-lower-quota"
FAMILIES = {"hr": ("genmax", "gremax"), "spa": ("genmax", "gremax"), "spa_onesided": ("genmax",)}
"""Instances with lower quotas that are always to be met, and the answers there are beside those of an exhaustive search (`bruteforce`). Their variants with
closures (`bruteforce_pc`, `gre_pc`) need "at least so many or nobody", which no engine carries yet."""


@pytest.fixture(params=["flow", "forest"], autouse=True)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer is held by both engines, small as the rounds are."""
    if request.param == "forest":
        monkeypatch.setattr(route, "LARGE", 0)


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


def lower_quota_round(text: str) -> Round:
    """`n1 n2 [n3]`; a line per student, `id: list` (ties in brackets); per project, `id: lower: upper[: lecturer][: list]`; per lecturer,
    `id: lower: target: upper: list`.

    Lower quotas are kept whatever happens. A lecturer is a pool, with a quota for the minimum. The lists of projects and lecturers are not looked at.
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
            "must_open": lower != "0",
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


def published(family: str, kind: str, number: int) -> dict[str, tuple[int, ...]]:
    """The lines `name: numbers` of an answer."""
    text = (LOWER_QUOTAS / family / kind / f"{number}.txt").read_text(encoding="utf-8")
    return {name: tuple(map(int, numbers.split())) for name, numbers in re.findall(r"^(\w+): (?:< )?([\d ]+?)(?: >)?$", text, re.MULTILINE)}


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("family", FAMILIES)
def test_instances_with_lower_quotas_reach_every_published_optimum(family: str, number: int) -> None:
    round_ = lower_quota_round((LOWER_QUOTAS / family / "instances" / f"{number}.txt").read_text(encoding="utf-8").split("\n\n")[0])
    exhaustive = published(family, "bruteforce", number)
    greedy, generous, rank_maximal = (solved(round_, measure) for measure in ("greedy", "generous", "rank_maximal"))
    assert [(greedy.placed,), (generous.placed,)] == [exhaustive["optimal_size"]] * 2
    assert profile(greedy) == trimmed(exhaustive["optimal_greedymaxprofile"])
    assert profile(generous) == trimmed(exhaustive["optimal_generousmaxprofile"])
    assert profile(rank_maximal) == trimmed(exhaustive["optimal_greedyprofile"])
    assert (len(profile(generous)),) == exhaustive["optimal_maxsizemindegree"]
    assert tuple(tier.value for tier in solved(round_).tiers) == (*exhaustive["optimal_size"], *exhaustive["optimal_maxsizemincost"])
    for kind, result in (("genmax", generous), ("gremax", greedy)):
        if kind in FAMILIES[family]:
            program = published(family, kind, number)
            assert profile(result) == trimmed(program["profile"])
            assert (sum(rank * count for rank, count in enumerate(profile(result), start=1)),) == program["cost"]


@pytest.mark.parametrize("session", LEAST_COST)
def test_project_bidding_reaches_the_published_optimum(session: str, tmp_path: Path) -> None:
    convert(SHARED / "preflib-00038" / f"{session}.soi", tmp_path / "round")
    round_ = matcher.read(tmp_path / "round")
    result = matcher.solve(round_, isolate=False)
    assert tuple(tier.value for tier in result.tiers) == LEAST_COST[session]
    assert tuple(tier.bound for tier in result.tiers) == LEAST_COST[session]
    assert matcher.verify(round_, result).proven_optimal


@pytest.mark.parametrize("name", ["a", "b", "f"])
def test_example_rounds_reach_the_proven_value_of_every_tier(name: str) -> None:
    folder = SHARED / "example-rounds"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[name]
    result = matcher.solve(matcher.read(folder / name), isolate=False)
    assert result.outcome == expected["outcome"]
    assert {tier.name: tier.value for tier in result.tiers} == expected["tiers"]
    assert all(tier.value == tier.bound for tier in result.tiers)


@pytest.mark.parametrize(("name", "table", "row"), [("c", "quotas", 3), ("d", "teams", 2), ("e", "quotas", 2)])
def test_structures_without_an_engine_are_refused_by_table_and_row(name: str, table: str, row: int) -> None:
    with pytest.raises(matcher.Unsupported, match=rf"Table {table}, row {row}:"):
        matcher.solve(matcher.read(SHARED / "example-rounds" / name), isolate=False)
