"""The order of the tiers, blends, and what pairs and penalties cost in them (docs/rules.md section 7)."""

from __future__ import annotations

import pytest

import matcher
from matcher.compile import compile_round
from matcher.errors import InputError, Unsupported
from matcher.rules.policy import Policy, factors, ordered
from matcher.settings import Settings
from tests.rounds import make_round
from tests.rules.naming import pair_names

STUDENTS = [{"student_id": "s", "programme_id": "IT", "competences_needed": "a|b|c"}, {"student_id": "t", "programme_id": "XX", "mandatory": True}]
PLACEMENTS = [{"placement_id": "A", "capacity": 2, "competences": "b"}, {"placement_id": "B", "capacity": 2}, {"placement_id": "C", "capacity": 4}]
WISHES = [{"student_id": s, "rank": r, "target_id": p} for s in "st" for r, p in ((1, "A"), (2, "B"), (4, "C"))]
PROGRAMMES = [{"programme_id": "IT", "shortage": True, "competences_company": "b"}, {"programme_id": "XX", "competences_company": "d"}]


def of(*tiers: str, weights: dict[str, float] | None = None, **more: object) -> Settings:
    return Settings(tiers=tiers, tier_weights=weights or {}, rules={"competences": "off"}, **more)  # type: ignore[arg-type]  # fields of the settings


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (of("placed", "rank", "placed"), ("placed", "rank")),
        (of("placed", "rank", "travel", weights={"rank": 1, "travel": 0.1}), ("placed", "blend")),
        (of("placed", "soft", "travel", "moves", "rank", weights={"rank": 1, "travel": 0.1}), ("placed", "soft", "blend", "moves")),
        (of("placed", "rank", "travel", "blend", weights={"rank": 1, "travel": 0}), ("placed", "blend")),
        (of("rank", "blend", "placed", weights={"travel": 1}), ("rank", "blend", "placed")),
        (of("placed", "soft:x", "soft:y", weights={"soft:y": 1, "balance": 2}), ("placed", "soft:x", "blend")),
        (of("soft", "placed", "rank", rank_measure="rank_maximal"), ("soft", "rank", "placed")),
        (of("placed", "travel", "rank", rank_measure="rank_maximal", weights={"placed": 1, "travel": 1}), ("rank", "blend")),
    ],
)
def test_the_order_of_the_tiers(settings: Settings, expected: tuple[str, ...]) -> None:
    assert ordered(settings) == expected


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({"rank": 1.0, "travel": 0.1}, {"rank": 10, "travel": 1}),
        ({"rank": 10.0, "travel": 20.0}, {"rank": 10, "travel": 20}),
        ({"rank": 0.0001, "travel": 2.5, "moves": 0}, {"rank": 1, "travel": 25_000, "moves": 0}),
        ({"rank": 1.1, "travel": 0.29}, {"rank": 110, "travel": 29}),
        ({}, {}),
    ],
)
def test_weights_become_whole_numbers_in_the_last_decimal_of_any(weights: dict[str, float], expected: dict[str, int]) -> None:
    assert factors(Settings(tier_weights=weights)) == expected


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (of("placed", "rank", rank_measure="leximin", weights={"rank": 1}), "settings_blend_profile"),
        (of("placed", "blend"), "settings_blend_empty"),
        (of("placed", weights={"rank": 1}), "settings_blend_nowhere"),
    ],
)
def test_weights_that_make_no_blend_are_refused(settings: Settings, code: str) -> None:
    with pytest.raises(InputError) as caught:
        compile_round(make_round(settings, students=STUDENTS, placements=PLACEMENTS, preferences=WISHES))
    assert [issue.code for issue in caught.value.issues] == [code]


def test_a_penalty_counts_in_its_tier_or_in_the_blend_or_nowhere() -> None:
    policy = Policy(("placed", "blend", "soft"), {"soft:x": 25, "rank": 0})
    assert policy.penalty("soft", 3) == (2, 3)
    assert policy.penalty("soft:x", 3) == (1, 75)
    assert policy.penalty("soft:y", 3) == policy.penalty("rank", 3) == policy.penalty("soft", 0) == (-1, 0)
    with pytest.raises(Unsupported, match="2,147,483,647"):
        policy.penalty("soft:x", 100_000_000)


def costs(settings: Settings, **tables: list[dict[str, object]]) -> dict[str, dict[str, int]]:
    """Tier -> pair -> cost."""
    compiled = compile_round(make_round(settings, students=STUDENTS, placements=PLACEMENTS, preferences=WISHES, programmes=PROGRAMMES, **tables))
    names = [name.replace("|", "") for name in pair_names(compiled)]
    return {tier: dict(zip(names, row.tolist(), strict=True)) for tier, row in zip(compiled.problem.tiers, compiled.problem.cost, strict=True)}


def test_the_tiers_of_companies_and_schools() -> None:
    settings = of("company_rank", "competences", "shortage", "soft:x", "balance")
    rankings = [
        {"placement_id": "A", "student_id": "s", "rank": 3},
        {"placement_id": "B", "student_id": "t", "rank": 5},
        {"placement_id": "B", "student_id": "s", "rank": 0},
    ]
    found = costs(settings, rankings=rankings)
    assert found["company_rank"] == {"s A": 3, "t A": 4, "t B": 5, "s C": 0, "t C": 0}
    # What s needs itself comes before the programme, and placements that say nothing lack nothing.
    assert found["competences"] == {"s A": 2, "t A": 1, "t B": 0, "s C": 0, "t C": 0}
    assert found["shortage"] == {"s A": -1, "t A": 0, "t B": 0, "s C": -1, "t C": 0}
    assert set(found["soft:x"].values()) == set(found["balance"].values()) == {0}


def test_a_placement_that_only_refuses_ranks_others_first() -> None:
    found = costs(of("company_rank"), rankings=[{"placement_id": "A", "student_id": "t", "rank": 0}])
    assert found["company_rank"] == {"s A": 1, "s B": 0, "s C": 0, "t B": 0, "t C": 0}


def test_a_blend_adds_up_and_carries_constants_and_even_fill() -> None:
    settings = of("placed", "rank", "moves", weights={"rank": 1, "placed_mandatory": 0.5, "moves": 2, "balance": 0.3})
    round_ = make_round(settings, students=STUDENTS, placements=PLACEMENTS, preferences=WISHES, previous=[{"student_id": "s", "placement_id": "B"}])
    compiled = compile_round(round_)
    problem = compiled.problem
    assert problem.tiers == ("placed", "blend")
    assert problem.constant.tolist() == [0, 20]
    assert (problem.fill_tier, problem.fill_weight) == (1, 3)
    named = dict(zip(pair_names(compiled), problem.cost[1].tolist(), strict=True))
    assert named == {"s A|": 10, "s B|": 20 - 20, "s C|": 40, "t A|": 10 - 5, "t B|": 20 - 5, "t C|": 40 - 5}


def test_even_fill_stands_alone_or_nowhere() -> None:
    for tiers, expected in ((("placed", "balance"), (1, 1)), (("placed",), (-1, 0))):
        problem = compile_round(make_round(of(*tiers), students=STUDENTS, placements=PLACEMENTS, preferences=WISHES)).problem
        assert (problem.fill_tier, problem.fill_weight) == expected


@pytest.mark.parametrize("weight", [1e6, 6e8, 1e15])
def test_a_blend_that_is_too_large_is_refused(weight: float) -> None:
    settings = of("placed", "rank", weights={"rank": weight, "travel": 0.0001})
    with pytest.raises(Unsupported) as caught:
        compile_round(make_round(settings, students=STUDENTS, placements=PLACEMENTS, preferences=WISHES))
    assert caught.value.code == "unsupported.cost"
    assert caught.value.sentence("nl")


def test_leximin_is_generous() -> None:
    problems = [
        compile_round(make_round(of("placed", "rank", rank_measure=measure), students=STUDENTS, placements=PLACEMENTS, preferences=WISHES)).problem
        for measure in ("leximin", "generous")
    ]
    assert problems[0].tiers == problems[1].tiers == ("placed", "rank:4", "rank:2", "rank:1")
    assert (problems[0].cost == problems[1].cost).all()


def test_a_name_that_is_no_tier_is_refused() -> None:
    round_ = make_round(of("placed", "soft:"), students=STUDENTS, placements=PLACEMENTS, preferences=WISHES)
    with pytest.raises(matcher.Unsupported):
        compile_round(round_)
