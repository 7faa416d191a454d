"""The rules that reach over several bounds, against the referee: values, what is allowed, and what proofs by cases may prove."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest

from matcher.round import Round
from matcher.verifier import verify
from tests.brute_force import Matching, Referee
from tests.rounds import FEATURES
from tests.verifier.answers import result_of
from tests.verifier.test_bound import Scene
from tests.verifier.test_cases import Court
from tests.verifier.trees import every_row, random_tree
from tests.wider_rounds import WIDER, wider_round

BESIDE = (*WIDER, "pins", "teams", "quotas", "soft_quotas", "open_or_closed", "must_open", "mandatory", "no", "profile")

CLAIMS = {"wrong_value", "wrong_rank", "wrong_status"}
"""What is said of a matching, whether or not the rules allow it."""


def some_rounds(feature: str, count: int) -> Iterator[tuple[random.Random, Round, Referee]]:
    """Sound rounds with one feature of the wider ones and a few others."""
    for seed in range(count):
        rng = random.Random(f"{feature} {seed}")
        others = rng.sample(BESIDE, k=rng.randint(0, 3))
        round_ = wider_round(rng, {feature, *others} - ({"profile"} if "leximin" in (feature, *others) else set()), students=3, placements=3)
        referee = Referee(round_)
        if referee.sound:
            yield rng, round_, referee


def anything(rng: random.Random, referee: Referee) -> Matching:
    """Eligible pairs at random, within the rules or not."""
    return {demand: rng.choice([*referee.options[demand], *([] if demand in referee.pinned else [None])]) for demand in referee.demands}


@pytest.mark.parametrize("feature", WIDER)
def test_values_and_rules_are_those_of_the_referee(feature: str):
    kept = broken = 0
    for rng, round_, referee in some_rounds(feature, 8):
        for _ in range(3):
            if any(not referee.options[demand] for demand in referee.pinned):
                continue
            matching = anything(rng, referee)
            verification = verify(round_, result_of(round_, matching, bounds=[None] * len(referee.tiers), reason="time_limit"))
            found = [violation.code for violation in verification.violations]
            allowed = referee.keeps_bounds(matching) and referee.keeps_paths(matching) and referee.keeps_teams(matching)
            assert allowed == (not found), (feature, found, matching)
            assert not CLAIMS & set(found)
            assert tuple(tier.value for tier in verification.tiers) == referee.value(matching)
            kept, broken = kept + allowed, broken + (not allowed)
    assert kept > 5


@pytest.mark.parametrize("feature", [*WIDER, "teams", "open_or_closed"])
def test_random_trees_over_all_kinds_of_rows_never_beat_a_matching(feature: str):
    tried = 0
    for rng, round_, referee in some_rounds(feature, 6):
        matchings = [referee.cost(matching) for matching in referee.matchings()]
        if not matchings:
            continue
        court, names = Court(round_), every_row(round_)
        for _ in range(6):
            value = rng.choice(matchings)
            trees = {tier: random_tree(rng, rng.sample(names, k=min(len(names), 12)), tier) for tier in range(len(value))}
            proven = court.prove(trees, value)
            assert not proven.impossible
            for tier, bound in enumerate(proven.bounds):
                assert bound is not None
                assert bound <= min(other[tier] for other in matchings if other[:tier] == value[:tier]), (feature, tier)
                tried += 1
    assert tried > 30


def test_the_features_are_those_of_the_rounds():
    assert not set(WIDER) & set(FEATURES)


@pytest.mark.parametrize("feature", WIDER)
def test_random_price_tuples_never_beat_the_best_matching(feature: str):
    tried = 0
    for rng, round_, referee in some_rounds(feature, 4):
        least = min((referee.cost(matching) for matching in referee.matchings()), default=None)
        if least is None:
            continue
        scene, dice = Scene(round_), np.random.default_rng(rng.randrange(2**32))
        for trial in range(12):
            bound = scene.dice(dice, 1 + trial % 3)
            assert bound.numerators <= tuple(part * bound.denominator for part in least), feature
            assert not bound.contradiction
            tried += 1
    assert tried > 10
