"""Spans, groups, paths, overlaps, several pools, the budget of moves and the further tiers by hand: the right answer is accepted, a wrong one named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from matcher.round import Round
from matcher.settings import Settings
from matcher.verifier import verify
from matcher.words import LANGUAGES
from tests.brute_force import Matching, Referee
from tests.rounds import day, make_round
from tests.verifier.answers import result_of

Place = tuple[str, str] | None

STUDENTS = [
    {"student_id": "a", "periods": "T1|T2", "programme_id": "G1", "groups": "x|y"},
    {"student_id": "b", "periods": "T1|T2", "programme_id": "G2", "groups": "x"},
    {"student_id": "c", "programme_id": "G1"},
]
PLACEMENTS = [
    {"placement_id": "p", "capacity": 3, "sector_id": "S1", "from": day(1), "to": day(10), "pool_id": "K|L"},
    {"placement_id": "q", "capacity": 3, "sector_id": "S2", "from": day(10), "to": day(20), "pattern": "eve", "pool_id": "K"},
    {"placement_id": "r", "capacity": 3, "from": day(10), "to": day(12), "pattern": "day"},
    {"placement_id": "w", "capacity": 3, "period_id": "T2|T1", "from": day(21), "to": day(22)},
]
TABLES: dict[str, Any] = {
    "students": STUDENTS,
    "placements": PLACEMENTS,
    "programmes": [{"programme_id": "G1", "shortage": True}, {"programme_id": "G2"}],
    "sectors": [{"sector_id": "S1"}, {"sector_id": "S2"}],
}


def a_round(settings: Settings | None = None, **tables: Any) -> Round:
    return make_round(settings or Settings(tiers=("placed",), overlap=False), **{**TABLES, **tables})


def quota(**columns: Any) -> Round:
    return a_round(quotas=[{"quota_id": "Q", **columns}])


def matching(a1: str = "", a2: str = "", b1: str = "", b2: str = "", c: Place = None) -> Matching:
    """Where a and b are in the two periods, and c."""
    asked = {("a", "T1"): a1, ("a", "T2"): a2, ("b", "T1"): b1, ("b", "T2"): b2}
    return {**{demand: (placement, demand[1]) if placement else None for demand, placement in asked.items()}, ("c", None): c}


def codes(round_: Round, found: Matching) -> list[str]:
    """What the verifier says of a matching; the referee must agree on whether the rules allow it."""
    violations = verify(round_, result_of(round_, found, bounds=[None] * len(round_.settings.tiers), reason="time_limit")).violations
    assert all(violation.message(language) for violation in violations for language in LANGUAGES)
    return [violation.code for violation in violations]


POOLS = a_round(pools=[{"pool_id": "K", "capacity": 2}, {"pool_id": "L", "capacity": 1}])
DATED = a_round(Settings(tiers=("placed",)))
BUDGET = a_round(Settings(tiers=("placed",), max_moves=1, overlap=False), previous=[{"student_id": "a", "placement_id": "p"}])


@pytest.mark.parametrize(
    ("round_", "found", "expected"),
    [
        (a_round(), matching("w", "w", c=("w", "T1")), []),
        (a_round(), matching("w", ""), ["span_split"]),
        (a_round(), matching("w", "p"), ["span_split"]),
        (a_round(), matching(c=("w", "T2")), ["span_first"]),
        (POOLS, matching("q", "q", c=("r", "T1")), []),
        (POOLS, matching("p", b1="p"), ["pool_over"]),
        (POOLS, matching("p", "q", b1="q"), ["pool_over"]),
        (quota(per="programme_id|sector_id", max=1), matching("p", "q", "p", "q", ("r", "T1")), []),
        (quota(per="programme_id|sector_id", max=1), matching("p", "p"), ["quota_over"]),
        (quota(per="programme_id|sector_id", max=1), matching("p", c=("p", "T2")), ["quota_over"]),
        (quota(per="groups", max=2), matching("p", "p", "p"), ["quota_over"]),  # x counts three, y two
        (quota(per="sector_id", min=1), matching("p", "q"), []),
        (quota(per="sector_id", min=1), matching("p", "p"), ["quota_under"]),
        (quota(per="sector_id", min=1, placements="placement_id=r"), matching(), []),  # r has no sector: no group
        (quota(per="student|sector_id", max=1), matching("p", "q", "r", "r"), []),
        (quota(per="student|sector_id", max=1), matching("p", "p"), ["quota_over"]),
        (quota(per="student", min=1, placements="sector_id=S1"), matching("p", "q", "r", "", None), []),
        (quota(per="student", min=1, placements="sector_id=S1"), matching("r", "q"), ["path_short"]),
        (quota(per="student", min=1, placements="sector_id=S1", students="student_id=b"), matching("r", "q"), []),
        (quota(per="student", min=9, placements="sector_id=S1"), matching("p", "p", c=("p", "T1")), []),
        (quota(per="student", min=9, placements="sector_id=S1"), matching(c=("q", "T1")), ["path_short"]),
        (quota(per="student", min=1, max=1, placements="sector_id=S1"), matching("p", "p"), ["quota_over"]),
        (quota(per="student", min=1, placements="sector_id=S1", hard=False), matching("r", "q"), []),
        (DATED, matching("p", "p", "q", "r"), []),  # the same placement; others at other times of the day
        (DATED, matching("p", "q"), ["overlap"]),
        (DATED, matching("", "", "r", "p"), ["overlap"]),
        (DATED, matching("p", "", "", "r", ("q", "T1")), []),  # not the same student
        (a_round(Settings(tiers=("placed",), overlap=False)), matching("p", "q"), []),
        (BUDGET, matching("p", "r"), []),
        (BUDGET, matching("r", "r"), ["moves_over"]),
    ],
)
def test_the_rules_over_several_pairs(round_: Round, found: Matching, expected: list[str]):
    assert codes(round_, found) == expected
    referee = Referee(round_)
    assert (not expected) == (
        referee.keeps_bounds(found) and referee.keeps_paths(found) and all(pair is None or pair in referee.options[d] for d, pair in found.items())
    )


def test_who_asks_for_a_part_of_a_span_has_no_pair_there():
    round_ = a_round(students=[{"student_id": "d", "periods": "T1"}])
    assert codes(round_, {("d", "T1"): ("w", "T1")}) == ["not_eligible.span", "span_split"]


def test_a_pin_on_a_span_fixes_all_its_periods():
    round_ = a_round(pins=[{"student_id": "a", "placement_id": "w", "kind": "pin"}, {"student_id": "c", "placement_id": "w", "kind": "pin"}])
    assert codes(round_, matching("w", "w", c=("w", "T1"))) == []
    assert codes(round_, matching(c=("w", "T1"))) == ["pin_dropped", "pin_dropped"]
    result = result_of(round_, matching("w", "w", c=("w", "T1")), bounds=[None], reason="time_limit")
    assert result.matches["status"].tolist() == ["pinned", "pinned", "unplaced", "unplaced", "pinned"]


def value(tiers: tuple[str, ...], found: Matching, settings: Settings | None = None, **tables: Any) -> tuple[Any, ...]:
    """The values that the verifier finds; the referee must find the same."""
    round_ = a_round(replace(settings or Settings(overlap=False), tiers=tiers), **tables)
    verification = verify(round_, result_of(round_, found, bounds=[None] * len(Referee(round_).tiers), reason="time_limit"))
    assert verification.ok, [violation.message() for violation in verification.violations]
    values = tuple(tier.value for tier in verification.tiers)
    assert values == Referee(round_).value(found)
    return values


RANKED = {"rankings": [{"placement_id": "p", "student_id": "a", "rank": 2}, {"placement_id": "p", "student_id": "c", "rank": 5}]}
COMPETENT = {
    "students": [{**STUDENTS[0], "competences_needed": "u|v|z"}, {**STUDENTS[1], "competences_needed": "none"}, STUDENTS[2]],
    "placements": [{**PLACEMENTS[0], "competences": "u"}, {**PLACEMENTS[1], "competences": "none"}, *PLACEMENTS[2:]],
}
RESERVED = {
    "reserves": [
        {"reserve_id": "R", "order": 2, "students": "programme_id=G2", "seats": 9, "weight": 9},
        {"reserve_id": "R", "order": 1, "students": "programme_id=G1", "placements": "sector_id=S1", "seats": 2, "weight": 3},
    ]
}
LATER = {"quotas": [{"quota_id": name, "max": 1, "hard": False, "weight": weight, "tier": tier} for name, weight, tier in (("A", 2, None), ("B", 5, "soft:z"))]}
SOFT_COMPETENCES = Settings(rules={"competences": "off"}, overlap=False)


@pytest.mark.parametrize(
    ("tiers", "found", "tables", "expected"),
    [
        (("company_rank",), matching("p", "q", "p", c=("p", "T1")), RANKED, (2 + 0 + 6 + 5,)),
        (("competences",), matching("p", "q", "p", "r"), COMPETENT, (2 + 3 + 0 + 0,)),
        (("shortage", "placed"), matching("p", "", "p", c=("q", "T2")), {}, (2, 3)),
        (("balance",), matching("p", "p", "p", c=("p", "T1")), {}, (33 + 66 + 100 + 33,)),
        (("soft",), matching("p", "", "p"), RESERVED, (3 * 1 + 3 * 0,)),
        (("soft",), matching("q", "", "p"), RESERVED, (3 * 2 + 3 * 1,)),
        (("soft", "soft:z"), matching("p", "p", "p"), LATER, (2 * 2, 5 * 2)),
        (("soft:z", "placed"), matching("p", "p", "p"), LATER, (10, 3)),  # a tier that is not in the policy costs nothing
        (("placed",), matching("p", "p", "p"), LATER, (3,)),
    ],
)
def test_values_of_the_further_tiers(tiers: tuple[str, ...], found: Matching, tables: dict[str, Any], expected: tuple[int, ...]):
    assert value(tiers, found, SOFT_COMPETENCES, **tables) == expected


def blend(**weights: float) -> Settings:
    return Settings(tier_weights=weights, overlap=False)


@pytest.mark.parametrize(
    ("tiers", "settings", "names", "expected"),
    [
        (("placed", "balance", "soft"), blend(balance=1.0, soft=0.1), ("placed", "blend"), (3, 10 * 132 + 4)),
        (("soft", "placed", "balance"), blend(balance=0.25, placed=2), ("soft", "blend"), (4, 25 * 132 - 200 * 3)),
        (("soft", "shortage", "blend"), blend(soft=1.0, shortage=1.0), ("blend",), (4 - 2,)),
        (("placed", "blend"), blend(soft=0.0125, balance=0.0), ("placed", "blend"), (3, 125 * 4)),
    ],
)
def test_blends_are_sums_in_whole_units(tiers: tuple[str, ...], settings: Settings, names: tuple[str, ...], expected: tuple[int, ...]):
    round_ = a_round(replace(settings, tiers=tiers), **LATER)
    assert tuple(Referee(round_).tiers) == names
    assert value(tiers, matching("p", "p", "p"), settings, **LATER) == expected


def test_leximin_is_generous():
    wishes = [{"student_id": who, "rank": rank, "target_id": where} for who in "abc" for rank, where in ((1, "p"), (3, "q"))]
    for measure in ("leximin", "generous"):
        settings = Settings(rank_measure=measure, overlap=False)
        assert value(("placed", "rank"), matching("p", "q", "q"), settings, preferences=wishes) == (3, (1, 0, 2))


def test_reasons_know_what_a_group_a_path_and_an_overlap_stop():
    stopped = [quota(per="programme_id", max=2), quota(per="student", min=1, placements="sector_id=S9")]
    for round_ in stopped:
        told = result_of(round_, matching("p", "", "p", "", ("p", "T1")), bounds=[None], reason="time_limit")
        named = replace(told, matches=told.matches.assign(reason=["test", "full_shared", "test", "test", "test"]))
        assert "reason_full" not in [violation.code for violation in verify(round_, named).violations]
    free = result_of(a_round(), matching("p", "", "p", "", ("p", "T1")), bounds=[None], reason="time_limit")
    named = replace(free, matches=free.matches.assign(reason=["test", "full_shared", "test", "test", "test"]))
    assert [violation.code for violation in verify(a_round(), named).violations] == ["reason_full"]
