"""A valid result with a profile of ranks, corrupted in its counts, its bounds and its digits: each must be caught, by the violation that names it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

import matcher
from matcher.result import Proof, Result
from matcher.round import Round
from matcher.settings import PROFILES
from matcher.verifier import verify
from tests.brute_force import Referee
from tests.rounds import CONTEST
from tests.verifier.answers import result_of


@cache
def proven(measure: str) -> tuple[Round, Result]:
    """The contest, solved."""
    round_ = CONTEST.with_settings(rank_measure=measure)
    return round_, matcher.solve(round_, isolate=False)


def claim(**change: Any) -> Any:
    return lambda result: replace(result, tiers=tuple(replace(row, **change) if row.name == "rank" else row for row in result.tiers))


def proof(change: Any) -> Any:
    return lambda result: replace(result, proof=change(result.proof))


def without_digit(number: int) -> Any:
    def change(old: Proof) -> Proof:
        at = [k for k, name in enumerate(old.tiers) if ":" in name][number]
        return replace(old, tiers=(*old.tiers[:at], *old.tiers[at + 1 :]), prices=np.delete(old.prices, at, axis=1))

    return proof(change)


def renamed(old_name: str, new_name: str) -> Any:
    return proof(lambda old: replace(old, tiers=tuple(new_name if name == old_name else name for name in old.tiers)))


MUTATIONS: dict[str, tuple[str, Any, str]] = {
    "a lied count": ("greedy", claim(value=(3, 0, 0), bound=(3, 0, 0)), "wrong_value"),
    "counts in another order": ("generous", claim(value=(0, 2, 1), bound=(0, 2, 1)), "wrong_value"),
    "a rank too few": ("generous", claim(value=(1, 2), bound=(1, 2)), "wrong_value"),
    "a zero too many": ("greedy", claim(value=(2, 0, 1, 0), bound=(2, 0, 1, 0)), "wrong_value"),
    "the sum in the place of the counts": ("greedy", claim(value=5, bound=5), "wrong_value"),
    "a bound with a rank too few": ("greedy", claim(bound=(2, 0)), "bound_shape"),
    "a number as the bound": ("greedy", claim(bound=3), "bound_shape"),
    "a bound in the impossible sense": ("greedy", claim(bound=(1, 0, 1)), "bound_beats_value"),
    "a generous bound in the impossible sense": ("generous", claim(bound=(1, 2, 1)), "bound_beats_value"),
    "a generous bound above its value": ("generous", claim(bound=(1, 3, 0)), "bound_too_good"),
    "a bound below a count to be made large": ("rank_maximal", claim(bound=(2, -1, 1)), "bound_too_good"),
    "optimal, with a rank left open": ("greedy", claim(bound=(2, 0, None)), "optimal_with_gap"),
    "optimal, without a bound": ("generous", claim(bound=None), "optimal_with_gap"),
    "all prices zero": ("greedy", proof(lambda old: replace(old, prices=old.prices * 0)), "optimal_unproven"),
    "a digit changed": ("generous", proof(lambda old: replace(old, prices=old.prices + np.eye(len(old.tiers), dtype=np.int64)[1])), "optimal_unproven"),
    "the first digit left out": ("greedy", without_digit(0), "proof_digits"),
    "the last digit left out": ("generous", without_digit(-1), "proof_digits"),
    "the digits of another measure": ("greedy", proof(lambda old: replace(old, tiers=(old.tiers[0], *old.tiers[:0:-1]))), "proof_tiers"),
    "the digits of another measure, prices too": (
        "generous",
        proof(lambda old: replace(old, tiers=(old.tiers[0], *old.tiers[:0:-1]), prices=old.prices[:, [0, 3, 2, 1]])),
        "proof_tiers",
    ),
    "a digit twice": ("greedy", renamed("rank:3", "rank:2"), "proof_tiers"),
    "a digit that is no rank": ("greedy", renamed("rank:3", "rank:0"), "proof_tiers"),
    "a digit written otherwise": ("greedy", renamed("rank:3", "rank:03"), "proof_tiers"),
    "a digit of a rank beyond all": ("greedy", renamed("rank:3", f"rank:{'9' * 5000}"), "proof_tiers"),
    "one tier for all digits": ("greedy", proof(lambda old: replace(old, tiers=old.tiers[:2], prices=old.prices[:, :2])), "proof_digits"),
    "the name of the sum": ("greedy", renamed("rank:1", "rank"), "proof_tiers"),
    "the sizes first, which rank-maximal takes last": ("rank_maximal", proof(lambda old: replace(old, tiers=(old.tiers[-1], *old.tiers[:-1]))), "proof_tiers"),
    "tiers in the order of the settings": ("rank_maximal", lambda result: replace(result, tiers=result.tiers[::-1]), "tiers_named"),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_corrupted_profile_is_caught(name: str) -> None:
    measure, mutate, code = MUTATIONS[name]
    round_, result = proven(measure)
    assert verify(round_, result).ok
    violations = verify(round_, mutate(result)).violations
    assert code in [violation.code for violation in violations]
    for language in ("nl", "en", "fr"):
        assert all(violation.message(language) for violation in violations)


@pytest.mark.parametrize("measure", PROFILES)
def test_a_worse_matching_passed_off_as_best_is_caught(measure: str) -> None:
    round_, result = proven(measure)
    assert result.proof is not None
    for matching in Referee(round_).matchings():
        value = Referee(round_).value(matching)
        caught = not verify(round_, result_of(round_, matching, result.proof)).ok
        assert caught == (value != tuple(tier.value for tier in result.tiers))


def test_a_digit_that_nobody_can_feel_does_no_harm() -> None:
    round_, result = proven("greedy")
    assert result.proof is not None
    wider = replace(result.proof, tiers=(*result.proof.tiers, "rank:7"), prices=np.pad(result.proof.prices, ((0, 0), (0, 1))))
    verification = verify(round_, replace(result, proof=wider))
    assert verification.ok
    assert verification.tiers == result.tiers


def test_without_a_proof_a_profile_is_still_counted() -> None:
    round_, result = proven("generous")
    unproven = replace(result, proof=None, reason=matcher.Reason.TIME_LIMIT, tiers=tuple(replace(tier, bound=None) for tier in result.tiers))
    verification = verify(round_, unproven)
    assert verification.ok
    assert verification.tiers == unproven.tiers
