"""`round.toml`: every key, every wrong value, and back again."""

from __future__ import annotations

import datetime as dt
import pickle
import tomllib
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.intake.setting_values import to_toml
from matcher.intake.settings_file import KEYS, dump, parse
from matcher.settings import (
    ELIGIBILITY_RULES,
    MECHANISMS,
    MODES,
    PLANNED_MECHANISMS,
    PROFILES,
    RANK_MEASURES,
    TIERS,
    Settings,
    TravelFormula,
    blend_fault,
)
from tests.intake.raws import check_of

FULL = """
[round]
id = "2026-27"
name = "Graduaten najaar"
seed = 7
language = "fr"
start_date = 2026-09-14

[rules]
travel = "soft"
competences = "off"
languages = "hard"
unlisted = "last"
no_wishes = "skip"
unranked = "no"
mentor_capacity = "off"
overlap = "off"
teams = "path"

[rules.weights]
travel = 3

[own_company]
allowed = ["working"]

[policy]
mechanism = "stable"
tiers = ["placed", "rank", "soft:later", "company_rank"]
rank_measure = "greedy"
weights = { "soft:later" = 0.25, travel = 0.1, company_rank = 1 }
max_moves = 12

[budget]
seconds = 60
gap = 0.01

[travel]
detour = 1.3
speed_car = 50
overhead_pt = 0
"""


def said(text: str) -> list[tuple[str, str, str | None, int | None]]:
    return [(issue.code, issue.severity, issue.column, issue.row) for issue in parse(text)[1]]


def test_an_empty_file_gives_the_defaults() -> None:
    assert parse("") == (Settings(), ())


def test_every_key_is_read() -> None:
    settings, issues = parse(FULL)
    assert issues == ()
    assert settings == Settings(
        id="2026-27",
        name="Graduaten najaar",
        seed=7,
        language="fr",
        start_date=dt.date(2026, 9, 14),
        rules=MappingProxyType({"travel": "soft", "competences": "off"}),
        rule_weights=MappingProxyType({"travel": 3}),
        mentor_capacity=False,
        overlap=False,
        teams="path",
        unlisted="last",
        no_wishes="skip",
        unranked="no",
        own_company_allowed=("working",),
        mechanism="stable",
        tiers=("placed", "rank", "soft:later", "company_rank"),
        rank_measure="greedy",
        tier_weights=MappingProxyType({"travel": 0.1, "company_rank": 1.0, "soft:later": 0.25}),
        max_moves=12,
        seconds=60.0,
        gap=0.01,
        travel=TravelFormula(
            1.3,
            MappingProxyType({"car": 50.0, "pt": 25.0, "bike": 15.0, "foot": 5.0}),
            MappingProxyType({"car": 5.0, "pt": 0.0, "bike": 2.0, "foot": 0.0}),
        ),
    )


def test_equal_settings_have_one_text_whatever_the_order() -> None:
    one = parse('[rules]\ntravel = "off"\nform = "soft"\nlanguages = "hard"')[0]
    two = parse('[rules]\nform = "soft"\ntravel = "off"')[0]
    assert repr(one) == repr(two)


@pytest.mark.parametrize(
    ("text", "row"),
    [("[round]\nseed = \n", 2), ("[round]\nseed = 1\nseed = 2\n", 3), ("[round", 1), ('name = "open', 1), ("\n\nlanguage = nl", 3), ("\x00", 1)],
)
def test_a_broken_file_is_one_issue_with_its_line(text: str, row: int) -> None:
    settings, issues = parse(text)
    assert settings == Settings()
    assert [(issue.code, issue.severity, issue.row) for issue in issues] == [("settings_broken", "error", row)]


@pytest.mark.parametrize(
    ("text", "code", "column", "row"),
    [
        ("[round]\nid = 3", "settings_text", "round.id", 2),
        ("[round]\nseed = 1.5", "settings_whole", "round.seed", 2),
        ("[round]\nseed = true", "settings_whole", "round.seed", 2),
        ("[round]\nseed = 99999999999999999999", "settings_bounds", "round.seed", 2),
        ('[round]\nlanguage = "de"', "settings_choice", "round.language", 2),
        ('[round]\nstart_date = "morgen"', "settings_date", "round.start_date", 2),
        ("[round]\nstart_date = 2026", "settings_date", "round.start_date", 2),
        ('[rules]\ntravel = "zacht"', "settings_choice", "rules.travel", 2),
        ("[rules]\ntravel = true", "settings_choice", "rules.travel", 2),
        ('[rules]\nmentor_capacity = "soft"', "settings_choice", "rules.mentor_capacity", 2),
        ('[rules]\nunlisted = "maybe"', "settings_choice", "rules.unlisted", 2),
        ("[rules.weights]\ntravel = 1.5", "settings_whole", "rules.weights.travel", 2),
        ("[rules.weights]\ntravel = -1", "settings_bounds", "rules.weights.travel", 2),
        ('[policy]\nmechanism = "magic"', "settings_choice", "policy.mechanism", 2),
        ('[policy]\ntiers = ["luck"]', "settings_choice", "policy.tiers", 2),
        ('[policy]\ntiers = "rank"', "settings_list", "policy.tiers", 2),
        ("[policy]\ntiers = []", "settings_list", "policy.tiers", 2),
        ("[policy]\nweights = 3", "settings_table", "policy.weights", 2),
        ("[policy]\nweights = { luck = 1 }", "settings_choice", "policy.weights", 2),
        ("[budget]\nseconds = 0", "settings_above", "budget.seconds", 2),
        ("[budget]\nseconds = inf", "settings_number", "budget.seconds", 2),
        ("[budget]\ngap = 2", "settings_bounds", "budget.gap", 2),
        ("[travel]\ndetour = 0.5", "settings_below", "travel.detour", 2),
        ("[travel]\nspeed_car = 0", "settings_above", "travel.speed_car", 2),
        ('[own_company]\nallowed = ["everybody"]', "settings_choice", "own_company.allowed", 2),
        ("round = 3", "settings_section_value", "round", None),
    ],
)
def test_a_wrong_value_is_an_error_and_the_default_stays(text: str, code: str, column: str, row: int | None) -> None:
    settings, issues = parse(text)
    assert settings == Settings()
    assert [(issue.code, issue.severity, issue.column, issue.row) for issue in issues] == [(code, "error", column, row)]


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("[rounds]\nseed = 1", "settings_near", "rounds"),
        ("[colours]\nred = 1", "settings_section", "colours"),
        ("[round]\nsede = 1", "settings_near", "round.sede"),
        ("[budget]\nmemory = 1", "settings_unknown", "budget.memory"),
        ('[rules]\ntravle = "off"', "settings_near", "rules.travle"),
        ('[rules]\nwish_no = "off"', "settings_always_hard", "rules.wish_no"),
        ('[rules]\npin = "soft"', "settings_always_hard", "rules.pin"),
        ("seed = 1", "settings_section", "seed"),
    ],
)
def test_an_unknown_name_is_a_warning(text: str, code: str, column: str) -> None:
    assert [(found, severity, where) for found, severity, where, _ in said(text)] == [(code, "warning", column)]


def test_all_problems_come_at_once() -> None:
    assert len(said('[round]\nseed = "x"\nlanguage = "xx"\nsede = 1\n[policy]\nmechanism = "magic"')) == 4


def test_every_name_that_is_planned_is_kept() -> None:
    for name in PLANNED_MECHANISMS:
        settings, issues = parse(f'[policy]\nmechanism = "{name}"')
        assert (settings.mechanism, issues) == (name, ())


@pytest.mark.parametrize("tier", ["soft:", "soft:a b", "soft:a|b", "hard", "rank:1", 3])
def test_a_tier_that_is_none_is_refused(tier: object) -> None:
    assert said(f"[policy]\ntiers = [{to_toml(tier)}]") == [("settings_choice", "error", "policy.tiers", 2)]


@pytest.mark.parametrize(
    ("weights", "code"),
    [
        ("{ rank = 0.12345 }", "settings_decimals"),
        ("{ rank = -1 }", "settings_below"),
        ("{ rank = true }", "settings_number"),
        ("{ rank = inf }", "settings_number"),
        ("{ blend = 1 }", "settings_choice"),
        ("{ ranks = 1 }", "settings_choice"),
        ("1", "settings_table"),
        ("{ travel = 0.1, moves = 2 }", "settings_blend_nowhere"),
    ],
)
def test_weights_that_make_no_blend_are_refused(weights: str, code: str) -> None:
    tiers = 'tiers = ["placed", "rank"]'
    assert said(f"[policy]\n{tiers}\nweights = {weights}") == [(code, "error", "policy.weights", 3)]


def test_a_blend_needs_weights_and_a_tier_of_its_own_gives_it_a_place() -> None:
    assert [code for code, *_ in said('[policy]\ntiers = ["placed", "blend"]')] == ["settings_blend_empty"]
    assert said('[policy]\ntiers = ["placed", "blend"]\nweights = { travel = 0.1 }') == []


@pytest.mark.parametrize("measure", PROFILES)
def test_a_profile_cannot_be_blended(measure: str) -> None:
    text = f'[policy]\nrank_measure = "{measure}"\nweights = {{ %s = 1 }}'
    assert [code for code, *_ in said(text % "rank")] == ["settings_blend_profile"]
    assert said(text % "travel") == []


def test_every_issue_has_a_sentence_in_three_languages() -> None:
    for text in (
        "[round",
        "[rounds]",
        "[x]",
        "[budget]\nx = 1",
        '[rules]\npin = "off"',
        "round = 1",
        "[round]\nid = 1\nseed = 'x'\nstart_date = 1",
        "[budget]\nseconds = 0\ngap = 3",
    ):
        for issue in parse(text)[1]:
            for language in ("nl", "en", "fr"):
                assert issue.message(language)
                assert issue.todo(language)


def test_problems_with_settings_stop_the_round() -> None:
    checked = check_of("[round]\nseed = 'x'")
    assert checked.round is None
    assert [issue.table for issue in checked.issues] == ["round.toml"]


def numbers(low: float, high: float = 1e9) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


def makes_sense(settings: Settings) -> bool:
    """Whether tiers and weights fit together; what else a text can say never depends on other keys."""
    return blend_fault(settings) is None


WEIGHTS = numbers(0, 1e6).map(lambda weight: round(weight, 4))
NAMED_TIERS = (*TIERS, "soft:early", "soft:late")


def tables(names: tuple[str, ...], values: st.SearchStrategy[Any]) -> st.SearchStrategy[MappingProxyType[str, Any]]:
    """Read-only tables in the order of the names, as `parse` gives them."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, values)).map(
        lambda found: MappingProxyType({name: found[name] for name in names if name in found})
    )


TRAVELS = st.builds(
    TravelFormula,
    numbers(1),
    st.fixed_dictionaries({mode: numbers(0.001) for mode in MODES}).map(MappingProxyType),
    st.fixed_dictionaries({mode: numbers(0) for mode in MODES}).map(MappingProxyType),
)
SETTINGS = st.builds(
    Settings,
    id=st.text(),
    name=st.text(),
    seed=st.integers(-(2**63), 2**63 - 1),
    language=st.sampled_from(["nl", "en", "fr"]),
    start_date=st.none() | st.dates(),
    rules=tables(ELIGIBILITY_RULES, st.sampled_from(["soft", "off"])),
    rule_weights=tables(ELIGIBILITY_RULES, st.sampled_from([0, 2, 3, 1_000_000])),
    mentor_capacity=st.booleans(),
    overlap=st.booleans(),
    teams=st.sampled_from(["period", "path"]),
    unlisted=st.sampled_from(["no", "last"]),
    no_wishes=st.sampled_from(["any", "skip"]),
    unranked=st.sampled_from(["last", "no"]),
    own_company_allowed=st.lists(st.sampled_from(["regular", "working", "jobseeker", "employee"]), unique=True).map(tuple),
    mechanism=st.sampled_from([*MECHANISMS, *PLANNED_MECHANISMS]),
    tiers=st.lists(st.sampled_from(NAMED_TIERS), min_size=1, unique=True).map(tuple),
    rank_measure=st.sampled_from(RANK_MEASURES),
    tier_weights=tables(tuple(tier for tier in NAMED_TIERS if tier != "blend"), WEIGHTS),
    max_moves=st.none() | st.integers(0, 10**9),
    seconds=st.none() | numbers(0.001),
    gap=numbers(0, 1),
    travel=TRAVELS,
).filter(makes_sense)


@given(SETTINGS)
def test_what_is_dumped_is_read_back(settings: Settings) -> None:
    text = dump(settings)
    assert parse(text) == (settings, ())
    assert dump(parse(text)[0]) == text


@given(SETTINGS)
def test_settings_survive_pickling(settings: Settings) -> None:
    assert pickle.loads(pickle.dumps(settings)) == settings


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    settings, issues = parse(text)
    assert issues or settings == Settings()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_is_escaped(text: str) -> None:
    assert tomllib.loads(f"x = {to_toml(text)}")["x"] == text


def test_every_field_of_the_settings_has_a_key() -> None:
    fields = {field.partition(".")[0] for field, _ in KEYS.values()}
    assert fields - {"detour", "speed", "overhead"} == set(Settings.__dataclass_fields__) - {"travel"}
