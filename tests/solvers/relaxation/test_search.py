"""The search never gives up what it has, whatever its neighbourhoods and the solver behind them come up with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from matcher.solvers.relaxation import search as module
from matcher.solvers.relaxation.leaf import Case
from matcher.solvers.relaxation.model import Model, model_of
from matcher.solvers.relaxation.search import Search, practical_weights, rounded
from matcher.solvers.relaxation.stage import Goal, Optimum, optimum
from tests.solvers.enumeration import enumerate_matchings
from tests.solvers.middling import middling
from tests.solvers.problems import seat_problem
from tests.solvers.wide import wide_problems


def models(start: int, count: int) -> Iterator[tuple[int, Model]]:
    """Random problems that have a matching, and somebody to match."""
    for seed, problem, _ in wide_problems(start, count):
        if problem.pairs and enumerate_matchings(problem) is not None:
            yield seed, model_of(problem)


def guided(model: Model) -> tuple[Optimum, dict[int, float]]:
    """The relaxation of all tiers together."""
    weights = practical_weights(model.problem)
    guide = optimum(model, Goal(weights, elastic=1e4), Case.whole(model))
    assert guide is not None
    return guide, weights


def any_matching(model: Model, rng: np.random.Generator) -> np.ndarray:
    """A pair for some of the demands, whatever rows say."""
    problem = model.problem
    chosen = np.full(problem.demands, -1, dtype=np.int32)
    for demand in np.flatnonzero((np.diff(problem.first_pair) > 0) & (rng.random(problem.demands) < 0.7)):
        chosen[demand] = rng.integers(problem.first_pair[demand], problem.first_pair[demand + 1])
    return chosen


def searched(model: Model, seed: int, size: int) -> list[tuple[int, ...]]:
    """The values of a search on its way, from any matching on."""
    guide, weights = guided(model)
    rng = np.random.default_rng(seed)
    search = Search(model, guide, weights, rng, any_matching(model, rng), size=size)
    values = [search.value]

    def tick() -> bool:
        values.append(search.value)
        return len(values) < 12

    search.run(tick, idle=4)
    assert search.value == model.value(search.chosen[search.chosen >= 0])
    return [*values, search.value]


def test_values_only_fall() -> None:
    improved = 0
    for seed, model in models(98_000, 80):
        values = searched(model, seed, size=2)
        assert values == sorted(values, reverse=True), seed
        improved += values[-1] < values[0]
    assert improved > 15


def test_values_fall_in_middling_problems_too() -> None:
    for seed in range(6):
        model = model_of(middling(seed, 60))
        values = searched(model, seed, size=15)
        assert values == sorted(values, reverse=True), seed
        assert values[-1] < values[0], seed


@pytest.mark.parametrize("answer", ["none", "all", "nonsense"])
def test_a_solver_that_answers_badly_does_no_harm(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing, every pair at once, or pairs by chance: what is worse is not kept."""
    rng = np.random.default_rng(0)
    told = {"none": lambda _: None, "all": np.ones, "nonsense": lambda n: (rng.random(n) < 0.5).astype(np.float64)}[answer]
    monkeypatch.setattr(module, "whole", lambda program, *_, **__: told(program.columns))
    for seed, model in models(98_500, 40):
        values = searched(model, seed, size=2)
        assert values == sorted(values, reverse=True), seed


def test_what_the_relaxation_makes_whole_is_kept_in_rounding() -> None:
    """And nobody gets a seat that is full."""
    problem = seat_problem([[0, 1], [0], [1, 2]], [1, 1, 1])
    model = model_of(problem)
    guide, _ = guided(model)
    assert rounded(model, guide).tolist() == [1, 2, 4]
    for seed, model in models(99_000, 80):
        chosen = rounded(model, guided(model)[0])
        placed = chosen[chosen >= 0]
        assert (np.bincount(model.problem.seat[placed], minlength=model.problem.seats) <= model.problem.seat_upper).all(), seed
        assert (model.demand[placed] == np.flatnonzero(chosen >= 0)).all(), seed


def test_weights_order_the_tiers_and_stay_within_the_solvers_accuracy() -> None:
    tiers = ("placed", "rank", "travel", "moves", "soft")
    problem = seat_problem([[0, 1]], [1, 1], tiers=tiers, cost=[[-1, -1], [1, 9], [0, 5000], [0, 0], [0, 10_000]])
    weights = practical_weights(problem)
    assert max(weights.values()) <= module.HEAVIEST
    assert [weights[tier] for tier in sorted(weights)] == sorted(weights.values(), reverse=True)
    assert 3 not in weights, "a tier in which nothing differs weighs nothing"
    assert 0 in weights
