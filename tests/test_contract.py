"""The contract of `matcher.solve`, one feature at a time and in pairs. `CONTRACT_ROUNDS=1000 pytest tests/test_contract.py` plays so many rounds each."""

from __future__ import annotations

import itertools
import os
import random

import pytest

from tests.brute_force import Referee, best
from tests.contract import SWITCHED_OFF, TESTED, drawn, matters, play, relabelled, shuffled, with_a_seat
from tests.wider_rounds import WIDER, wider_round

ROUNDS = int(os.environ.get("CONTRACT_ROUNDS", "0"))
"""Rounds per feature and per pair of features; 0 for the few that every run of the tests plays."""

PAIRS = list(itertools.combinations(TESTED, 2))


@pytest.mark.parametrize("feature", TESTED)
def test_every_promise_is_kept_with_a_feature(feature: str) -> None:
    assert list(play(range(ROUNDS or 2), [feature])) == []


@pytest.mark.parametrize("part", range(8))
def test_every_promise_is_kept_with_two_features(part: int) -> None:
    """Every pair of features has its own seeds; without CONTRACT_ROUNDS every fifth pair plays a round, and every feature is in some."""
    for number, pair in enumerate(PAIRS):
        if number % 8 == part and (ROUNDS or sum(map(TESTED.index, pair)) % 5 == 0):
            assert list(play(range(10_000 * number, 10_000 * number + (ROUNDS or 1)), pair)) == []


@pytest.mark.parametrize("feature", [feature for feature in TESTED if feature in (*SWITCHED_OFF, "spans")])
def test_the_rounds_try_the_feature(feature: str) -> None:
    """There are rounds in which a best matching without the rule is no best matching with it."""
    rounds = (drawn(seed, [feature]) for seed in range(40))
    assert any(matters(round_, feature) for round_ in rounds if Referee(round_).sound)


@pytest.mark.parametrize("feature", WIDER)
def test_the_referee_leaves_out_nothing(feature: str) -> None:
    """The search for the best passes over what cannot be better; looking at everything finds nothing better."""
    for seed in range(6):
        round_ = wider_round(random.Random(seed), {feature, random.Random(seed).choice(TESTED)}, students=2, placements=3)
        referee, found = Referee(round_), best(round_)
        everything = []
        options = [referee.options[demand] if demand in referee.pinned else [*referee.options[demand], None] for demand in referee.demands]
        for pairs in itertools.product(*options):
            matching = dict(zip(referee.demands, pairs, strict=True))
            if referee.keeps_bounds(matching) and referee.keeps_paths(matching) and referee.keeps_teams(matching):
                everything.append(matching)
        least = min((referee.cost(matching) for matching in everything), default=None)
        assert least == (referee.cost(found.matching) if found else None)


def test_rewriting_a_round_changes_nothing_for_the_referee() -> None:
    """Otherwise the promises about shuffled rows, new names and one more seat would hold the package to nothing."""
    for seed, feature in enumerate(TESTED):
        round_ = drawn(seed, [feature])
        found, again = best(round_), best(relabelled(shuffled(round_, random.Random(seed))))
        assert (found and found.value) == (again and again.value)
        assert len(with_a_seat(round_, random.Random(seed)).table("placements")) == len(round_.table("placements"))
