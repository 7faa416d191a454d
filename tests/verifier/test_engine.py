"""Results of the real engine: verified, equal to the referee, and caught when corrupted; in memory and from their folder."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import matcher
from matcher.errors import InputError, Unsupported
from matcher.report import write_result
from matcher.result import Outcome, Result
from matcher.round import Round
from matcher.solvers import route
from matcher.verifier import verify
from matcher.verifier.pairs import Rulebook, blocks, pinned_pairs
from matcher.verifier.view import View
from tests.brute_force import Referee, best
from tests.rounds import random_round
from tests.verifier.test_mutations import PROVEN, cell, codes, place, prices, tier


def solved(seeds: range) -> Iterator[tuple[Round, Result]]:
    """Random sound rounds that the engine carries, with its results."""
    for seed in seeds:
        round_ = random_round(random.Random(seed), without={"teams", "open_or_closed", "crossing_quotas"})
        if Referee(round_).sound:
            try:
                yield round_, matcher.solve(round_)
            except (Unsupported, InputError):
                continue


@pytest.mark.parametrize("engine", ["flow", "forest"])
def test_the_engine_agrees_with_the_referee_and_the_verifier(engine: str, monkeypatch: pytest.MonkeyPatch):
    """Small as they are, the same rounds are given to the engine of large ones too."""
    outcomes, engines = [], Counter()
    monkeypatch.setattr(route, "LARGE", 0 if engine == "forest" else route.LARGE)
    for round_, result in solved(range(2000, 2016)):
        engines[result.engine.split()[0]] += 1
        verification, found = verify(round_, result), best(round_)
        assert verification.ok, [violation.message() for violation in verification.violations]
        assert (result.outcome is Outcome.SOLVED) == (found is not None)
        if found is None:
            assert verification.infeasible_proven
        else:
            assert verification.proven_optimal
            assert tuple(row.value for row in verification.tiers) == found.value
            book = Rulebook.of(View(round_))
            assert result.eligible_pairs == sum(len(pairs.demand) for pairs in (pinned_pairs(book), *blocks(book)))
        outcomes.append(result.outcome)
    assert len(outcomes) > 8
    assert engines[engine] > 4


@pytest.fixture(scope="module")
def result() -> Result:
    return matcher.solve(PROVEN)


def test_a_result_of_the_engine_is_valid_in_memory_and_in_its_folder(result: Result, tmp_path: Path):
    assert codes(PROVEN, result) == []
    write_result(PROVEN, result, tmp_path / "result")
    verification = verify(PROVEN, tmp_path / "result")
    assert verification.ok, [violation.message() for violation in verification.violations]
    assert verification.proven_optimal


@pytest.mark.parametrize(
    ("mutate", "code"),
    [
        (place("s2", "p", 1), "over_capacity"),
        (place("s1", "t"), "not_eligible.wish_no"),
        (place("s4", None), "pin_dropped"),
        (cell("s0", "rank", 2), "wrong_rank"),
        (cell("s0", "status", "pinned"), "wrong_status"),
        (cell("s2", "student_id", "s1"), "demand_twice"),
        (tier("rank", value=3, bound=3), "wrong_value"),
        (tier("placed", bound=3), "bound_beats_value"),
        (prices(lambda y: y * 0), "optimal_unproven"),
        (lambda good: replace(good, digest="0"), "digest"),
    ],
)
def test_a_corrupted_result_of_the_engine_is_caught(result: Result, mutate: object, code: str):
    assert callable(mutate)
    assert code in codes(PROVEN, mutate(result))
