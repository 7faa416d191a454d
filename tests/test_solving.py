"""The one door: the same matching for the same input, and results that are never changed by what should not matter."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import numpy as np
import pytest

import matcher
from matcher.progress import Progress
from matcher.round import Round
from matcher.synth import generate
from tests.rounds import random_round

SMALL = Path(__file__).resolve().parents[1] / "sample_data" / "small"


def shuffled(round_: Round, seed: int) -> Round:
    """The same tables with their rows (and columns) in another order."""
    rng = np.random.default_rng(seed)
    tables = {name: table.iloc[rng.permutation(len(table)), rng.permutation(table.shape[1])] for name, table in round_.tables.items()}
    return Round(tables, round_.settings, round_.sources)


def assert_same(first: matcher.Result, second: matcher.Result) -> None:
    assert first.digest == second.digest
    assert (first.outcome, first.tiers, first.rule_counts) == (second.outcome, second.tiers, second.rule_counts)
    assert first.matches.equals(second.matches)


def test_the_order_of_rows_changes_nothing_in_the_sample() -> None:
    round_ = matcher.read(SMALL)
    assert_same(matcher.solve(round_, isolate=False), matcher.solve(shuffled(round_, 1), isolate=False))


def test_the_order_of_rows_changes_nothing_in_random_rounds() -> None:
    compared = 0
    for seed in range(30):
        round_ = random_round(random.Random(seed), students=6, placements=4)
        try:
            result = matcher.solve(round_, isolate=False)
        except matcher.MatcherError:
            continue
        assert_same(result, matcher.solve(shuffled(round_, seed), isolate=False))
        compared += 1
    assert compared > 15


def test_another_seed_may_choose_another_matching_of_the_same_value() -> None:
    round_ = generate(400, seed=3, wishes=6)
    results = [matcher.solve(round_, seed=seed, isolate=False) for seed in (0, 0, 1, 2, 3)]
    assert results[0].matches.equals(results[1].matches)
    assert len({result.tiers for result in results}) == 1
    assert any(not results[0].matches.equals(result.matches) for result in results[2:])


def test_one_more_seat_is_never_worse() -> None:
    round_ = generate(120, seed=4, wishes=5, spare=-0.1)
    before = matcher.solve(round_, isolate=False)
    placements = round_.table("placements")
    placements.loc[placements.index[0], "capacity"] += 1
    after = matcher.solve(Round({**round_.tables, "placements": placements}, round_.settings), isolate=False)
    cost = [[-tier.value if tier.name.startswith("placed") else tier.value for tier in result.tiers] for result in (after, before)]
    assert cost[0] <= cost[1]


@pytest.mark.parametrize("isolate", [True, False])
def test_progress_tells_of_every_stage_in_order(isolate: bool) -> None:
    heard: list[Progress] = []
    matcher.solve(matcher.read(SMALL), on_progress=heard.append, isolate=isolate)
    stages = list(dict.fromkeys(step.stage for step in heard))
    assert stages == (["compile", "solve", "explain", "verify"] if isolate else ["compile", "explain", "verify"])


def test_a_cancel_before_the_start_is_a_result() -> None:
    told = threading.Event()
    told.set()
    result = matcher.solve(matcher.read(SMALL), cancel=told)
    assert (result.outcome, result.reason, len(result.matches)) == ("no_answer", "cancelled", 0)
