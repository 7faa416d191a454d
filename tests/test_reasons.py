"""Reasons are true: the referee moves every student to every better placement and looks at what happens, whatever the measure of ranks."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any

import pandas as pd
import pytest

import matcher
from matcher.errors import InputError, Unsupported
from matcher.report.rulebook import price_in_words
from matcher.report.tables import price_texts
from matcher.report.texts import Texts
from matcher.result import Outcome, Reason, Result
from matcher.round import Round
from matcher.settings import PROFILES, RANK_MEASURES, Settings
from matcher.words import say
from tests.brute_force import Demand, Matching, Pair, Referee, count
from tests.contract import TESTED, drawn
from tests.rounds import make_round, random_round

BLOCKED = {"placed_full", "placed_bound", "placed_needed", "placed_unlisted", "full", "full_shared", "left_bound", "left_closed", "left_team"}
POSSIBLE = {"placed_cost", "not_worth"}
EVEN = {"placed_even", "left_even"}
COMMON = (
    (("teams",), {"left_team", "team: nobody", "team: nowhere", "team: alone"}),
    (("open_or_closed",), {"left_closed", "placed_bound"}),
    (("spans",), {"left_bound"}),
    (("overlap",), {"full_shared", "placed_bound"}),
)
"""Features, and reasons that their rounds give in time."""
NEVER = re.compile("nowhere is there|no placement is possible for")


def matching_of(referee: Referee, result: Result) -> Matching:
    """The matches as the referee writes them."""
    rows = result.matches.astype(object).where(result.matches.notna(), None).to_dict("records")
    asked: dict[tuple[str, Any], Demand] = {demand: demand for demand in referee.demands}
    found: Matching = {}
    for row in rows:
        demand = asked.get((row["student_id"], row["period_id"])) or (row["student_id"], None)
        found[demand] = (row["placement_id"], row["period_id"] or "") if row["placement_id"] else None
    return found


def better_moves(referee: Referee, matching: Matching, demand: Demand) -> list[Pair]:
    """The possible pairs of a demand that its student would rather have; for one without a place all of them."""
    own = matching[demand]
    rank = referee.rank(demand, own) if own else 0
    return [pair for pair in referee.options[demand] if own is None or 0 < referee.rank(demand, pair) < rank]


def keeps(referee: Referee, matching: Matching) -> bool:
    """Whether a matching keeps all rules."""
    return referee.keeps_bounds(matching) and referee.keeps_paths(matching) and referee.keeps_teams(matching)


def label(name: str) -> str:
    """The words of a tier, or of the profile a digit belongs to."""
    tier, _, part = name.partition(":")
    if tier == "soft" and part:
        return say("tier.soft_named", "en", name=part)
    return say(f"tier.{tier}_profile" if part else f"tier.{tier}", "en")


def told_and_true(round_: Round, result: Result) -> Counter[str]:
    """Check every reason of a result; count them by code."""
    referee = Referee(round_)
    matching = matching_of(referee, result)
    assert tuple(tier.value for tier in result.tiers) == referee.value(matching)
    told = {
        (row["student_id"], row["period_id"] if not pd.isna(row["period_id"]) else None): (row["reason"], row["sentence"])
        for row in result.matches.to_dict("records")
    }
    seen: Counter[str] = Counter()
    for demand, own in matching.items():
        period = demand[1] if demand[1] is not None else own[1] or None if own else None
        code, sentence = told[demand[0], period]
        moves = better_moves(referee, matching, demand)
        after = {pair: {**matching, demand: pair} for pair in moves}
        open_ = [moved for moved in after.values() if keeps(referee, moved)]
        worse = set()
        for moved in open_:
            before, then = referee.cost(matching), referee.cost(moved)
            assert then >= before or result.reason is not Reason.OPTIMAL
            worse |= {label(name) for name in [name for name, x, y in zip(referee.names, before, then, strict=True) if x != y][:1]}
        if code in BLOCKED:
            assert moves, (code, demand)
            assert not open_, (code, demand)
            assert result.reason is Reason.OPTIMAL or NEVER.search(sentence), (code, demand)
        elif code == "placed_best":
            assert not moves
        elif code in POSSIBLE:
            assert any(f": {words}." in sentence for words in worse), (sentence, worse)
        elif code in EVEN:
            assert any(referee.cost(moved) == referee.cost(matching) for moved in open_)
        if code == "left_team":
            seen[team_told_and_true(referee, matching, demand, sentence)] += 1
        elif code == "left_closed":
            nobody = [bound for bound in referee.bounds if bound.if_any > 1 and count(bound, matching) == 0]
            assert any(bound.counts(demand, pair) for bound in nobody for pair in moves), demand
        seen[code] += 1
    return seen


def team_told_and_true(referee: Referee, matching: Matching, demand: Demand, sentence: str) -> str:
    """What is said of the team of somebody without a place holds: there is no place for it at all, or not for one of it alone."""
    if NEVER.search(sentence):
        assert not any(found[demand] for found in referee.matchings(lambda part: part.get(demand, True) is not None)), (demand, sentence)
    else:
        alone = [{**matching, demand: pair} for pair in referee.options[demand]]
        assert any(referee.keeps_bounds(moved) and not referee.keeps_teams(moved) for moved in alone), (demand, sentence)
    without = re.search(r"no placement is possible for (.*)\.$", sentence)
    for student in without[1].split(", ") if without else ():
        assert not any(pairs for (who, _), pairs in referee.options.items() if who == student), (student, sentence)
    return "team: nobody" if without else "team: nowhere" if NEVER.search(sentence) else "team: alone"


@pytest.mark.parametrize("measure", RANK_MEASURES)
def test_every_reason_survives_a_try(measure: str) -> None:
    seen: Counter[str] = Counter()
    for seed in range(5000, 5045):
        round_ = random_round(random.Random(seed), without={"teams", "open_or_closed", "crossing_quotas", "profile"}, students=6)
        tiers = round_.settings.tiers if seed % 3 else tuple(sorted(round_.settings.tiers, reverse=True))  # soft, rank, placed, ...
        round_ = round_.with_settings(rank_measure=measure, tiers=tiers, language="en")
        try:
            result = matcher.solve(round_, isolate=False)
        except (Unsupported, InputError):
            continue
        if result.outcome is Outcome.SOLVED and Referee(round_).sound:
            seen += told_and_true(round_, result)
    assert sum(seen[code] for code in BLOCKED) > 20
    assert sum(seen[code] for code in POSSIBLE) > 3


@pytest.mark.parametrize("feature", TESTED)
def test_every_reason_survives_a_try_with_a_feature(feature: str) -> None:
    for seed in range(6000, 6004):
        round_ = drawn(seed, {feature, random.Random(f"{seed}{feature}").choice(TESTED)}).with_settings(language="en")
        try:
            result = matcher.solve(round_, isolate=False)
        except InputError:
            continue
        if result.outcome is Outcome.SOLVED and Referee(round_).sound:
            told_and_true(round_, result)


@pytest.mark.parametrize(("features", "codes"), COMMON, ids=["-".join(features) for features, _ in COMMON])
def test_the_reasons_of_a_feature_are_given(features: tuple[str, ...], codes: set[str]) -> None:
    """Otherwise the test above would hold nothing."""
    seen: set[str] = set()
    for seed in range(7000, 7060):
        round_ = drawn(seed, features).with_settings(language="en")
        result = matcher.solve(round_, isolate=False)
        if result.outcome is Outcome.SOLVED:
            seen |= set(told_and_true(round_, result))
        if codes <= seen:
            return
    raise AssertionError(codes - seen)


@pytest.mark.parametrize("measure", PROFILES)
def test_a_goal_before_the_ranks_is_named(measure: str) -> None:
    """The better choice breaks a soft rule, which counts before the ranks."""
    round_ = make_round(
        Settings(tiers=("placed", "soft", "rank"), rules={"languages": "soft"}, rank_measure=measure, language="en"),
        students=[{"student_id": "a", "languages": "nl"}],
        placements=[{"placement_id": "p", "capacity": 1, "languages": "fr"}, {"placement_id": "q", "capacity": 1, "languages": "nl"}],
        preferences=[{"student_id": "a", "rank": rank, "target_id": name} for rank, name in enumerate("pq", start=1)],
    )
    result = matcher.solve(round_, isolate=False)
    reason, sentence = result.matches.loc[0, ["reason", "sentence"]]
    if measure == "rank_maximal":  # the ranks come before the sizes, and so before the soft rules
        assert reason == "placed_first"
    else:
        assert (reason, sentence.endswith("soft rules.")) == ("placed_cost", True)


def test_a_place_may_be_refused_because_it_would_harm_the_profile() -> None:
    """With the ranks before the size, generous leaves everybody out: then nobody has the worst choice."""
    round_ = make_round(
        Settings(tiers=("rank", "placed"), rank_measure="generous", language="en"),
        students=[{"student_id": "a"}],
        placements=[{"placement_id": "p", "capacity": 1}],
        preferences=[{"student_id": "a", "rank": 1, "target_id": "p"}],
    )
    result = matcher.solve(round_, isolate=False)
    assert result.matches.loc[0, "reason"] == "not_worth"
    assert result.matches.loc[0, "sentence"].endswith("students by choice (1st, 2nd, ...).")


def test_the_price_of_a_seat_names_the_choice() -> None:
    """One seat more at p would give one student more a first choice."""
    round_ = make_round(
        Settings(tiers=("placed", "rank"), rank_measure="greedy", language="en"),
        students=[{"student_id": name} for name in "ab"],
        placements=[{"placement_id": "p", "capacity": 1}, {"placement_id": "q", "capacity": 2}],
        quotas=[{"quota_id": "Q", "placements": "placement_id=q", "max": 2}],
        preferences=[{"student_id": student, "rank": rank, "target_id": name} for student in "ab" for rank, name in enumerate("pq", start=1)],
    )
    result = matcher.solve(round_, isolate=False)
    assert result.proof is not None
    assert price_texts(result.proof, "seat").to_dict() == {("p", ""): "rank:1=1; rank:2=-1"}
    wider = make_round(
        round_.settings, **{name: table.to_dict("records") for name, table in round_.tables.items() if name != "placements"},
        placements=[{"placement_id": "p", "capacity": 2}, {"placement_id": "q", "capacity": 2}],
    )  # fmt: skip
    assert [r.tiers[1].value for r in (result, matcher.solve(wider, isolate=False))] == [(1, 1), (2, 0)]
    assert price_in_words((0, 1, -1), result, Texts("en")) == "at most 1 for “Students at choice 1”"
    assert price_in_words((0, 1, -1), result, Texts("fr")) == "au plus 1 pour «\u00a0Étudiants au choix 1\u00a0»"
