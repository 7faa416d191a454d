"""Results of the real engine: verified, equal to the referee, and caught when corrupted; in memory and from their folder."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import matcher
from matcher.errors import InputError
from matcher.report import write_result
from matcher.result import Outcome, Proof, Reason, Result
from matcher.round import Round
from matcher.solvers import route
from matcher.solvers.relaxation import engine as relaxation
from matcher.verifier import verify
from matcher.verifier.pairs import Rulebook, blocks, pinned_pairs
from matcher.verifier.view import View
from tests.brute_force import Referee, best
from tests.contract import drawn
from tests.rounds import random_round
from tests.verifier.test_mutations import PROVEN, cell, codes, place, prices, tier


def solved(seeds: range) -> Iterator[tuple[Round, Result]]:
    """Random sound rounds with their results."""
    for seed in seeds:
        round_ = random_round(random.Random(seed), without={"crossing_quotas"} if seed % 2 else ())
        if Referee(round_).sound:
            try:
                yield round_, matcher.solve(round_)
            except InputError:
                continue


@pytest.mark.parametrize("engine", ["flow", "forest", "relaxation"])
def test_the_engine_agrees_with_the_referee_and_the_verifier(engine: str, monkeypatch: pytest.MonkeyPatch):
    """Small as they are, the same rounds are given to the engine of large ones too, and to the one that carries everything."""
    outcomes, engines = [], Counter()
    monkeypatch.setattr(route, "LARGE", 0 if engine == "forest" else route.LARGE)
    if engine == "relaxation":
        monkeypatch.setattr(route, "plan", partial(route.plan, engine="relaxation"))
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


@pytest.mark.parametrize("engine", ["flow", "forest"])
@pytest.mark.parametrize("feature", ["reserves", "moves_budget", "per_quotas"])
def test_rows_of_every_kind_that_nests_are_proven_in_tuples(feature: str, engine: str, monkeypatch: pytest.MonkeyPatch):
    """Levels of reserves, the budget of moves and groups of quotas, priced by the engines of nested rounds."""
    monkeypatch.setattr(route, "LARGE", 0 if engine == "forest" else route.LARGE)
    priced = Counter()
    for seed in range(60, 90):
        round_ = drawn(seed, [feature])
        if not Referee(round_).sound:
            continue
        result = matcher.solve(round_, isolate=False)
        if result.engine.startswith(engine):
            assert isinstance(result.proof, Proof)
            found = best(round_)
            assert (tuple(row.value for row in result.tiers) if result.outcome is Outcome.SOLVED else None) == (found and found.value)
            assert all(row.proven for row in result.tiers)
            priced.update(kind for kind, part in zip(result.proof.kind, result.proof.period, strict=True) if kind != "seat" and (part or kind == "moves"))
    assert set(priced) == {{"reserves": "reserve", "moves_budget": "moves", "per_quotas": "quota"}[feature]}


def test_teams_over_whole_paths_agree_with_the_referee_and_the_verifier():
    differs = 0
    for seed in range(24):
        further = {feature for feature in ("quotas", "pools", "must_open", "pins", "open_or_closed") if random.Random(seed).random() < 0.3}
        round_ = random_round(random.Random(seed), only={"teams", "periods", *further}).with_settings(teams="path")
        if not Referee(round_).sound:
            continue
        result, found, by_period = matcher.solve(round_, isolate=False), best(round_), best(round_.with_settings(teams="period"))
        verification = verify(round_, result)
        assert verification.ok, [violation.message() for violation in verification.violations]
        assert verification.proven_optimal if found else verification.infeasible_proven
        assert tuple(row.value for row in verification.tiers) == (found.value if found else ())
        differs += (found and found.value) != (by_period and by_period.value)
    assert differs > 1


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


def test_an_engine_that_closes_nothing_says_so_and_is_believed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Effort that runs out is a result like another: verified, written, read back and verified again."""
    for effort in ("NODES", "WORK"):
        monkeypatch.setattr(relaxation, effort, 0)
    monkeypatch.setattr(relaxation, "EXACT", -1)
    outcomes = Counter()
    for seed in (25, 28, 31, 57):
        round_ = drawn(seed, ["crossing_quotas", "teams"])
        result = matcher.solve(round_, isolate=False)
        outcomes[result.outcome] += result.reason is Reason.NOT_CLOSED
        assert verify(round_, result).ok, seed
        write_result(round_, result, tmp_path / str(seed))
        verification = verify(round_, tmp_path / str(seed))
        assert verification.ok, [violation.message() for violation in verification.violations]
        assert not verification.proven_optimal
    assert outcomes == {Outcome.SOLVED: 2, Outcome.NO_ANSWER: 2}
