"""The forest against OR-Tools' flow, where trying every matching is out of reach: the same value, and both proven."""

from __future__ import annotations

import dataclasses
import inspect
from collections import Counter

import numpy as np
import pytest

from matcher.bound import value
from matcher.problem import Answer, Problem
from matcher.solvers import route
from matcher.solvers.forest import digits, engine, entries, state
from matcher.solvers.forest.report import FORGOTTEN
from tests.solvers.forest.counted import keep_loaded
from tests.solvers.middling import middling
from tests.solvers.problems import planned, solve
from tests.solvers.referee import assert_proven, assert_settled, relabelled, same


def worth(problem: Problem, answer: Answer) -> tuple[int, ...] | str:
    """The value of an answer, or that there is none."""
    return value(problem, answer.pair_of_demand) if answer.outcome == "solved" else answer.outcome


def assert_as_good_as_the_flow(problem: Problem, seed: int) -> Answer:
    answers = [solve(problem, planned(problem, engine), seed % 3) for engine in ("flow", "forest")]
    for answer in answers:
        assert_proven(problem, answer, seed)
    assert worth(problem, answers[0]) == worth(problem, answers[1]), seed
    return answers[1]


@pytest.mark.parametrize("start", range(0, 300, 100))
def test_hundreds_of_middling_problems_of_every_kind(start: int) -> None:
    outcomes = Counter(assert_as_good_as_the_flow(middling(seed, 60 + seed % 200), seed).outcome for seed in range(start, start + 100))
    assert outcomes["solved"] > 60, outcomes
    assert outcomes["infeasible"] > 5, outcomes


@pytest.mark.parametrize("seed", range(400, 412))
def test_a_few_large_ones(seed: int) -> None:
    assert_as_good_as_the_flow(middling(seed, 2000), seed)


def test_what_the_middling_problems_hold() -> None:
    """The generator draws everything that its docstring promises, often enough to count."""
    seen: Counter[str] = Counter()
    for seed in range(300):
        problem = middling(seed, 60 + seed % 200)
        length = np.diff(problem.first_pair)
        rows = problem.rows
        seen.update(
            {
                "empty lists": int((length == 0).any()),
                "lists longer than a row": int((length > engine.ROW).any() and (length <= engine.ROW).any()),
                "zero capacities": int((problem.seat_upper == 0).any()),
                "minimums": int((problem.seat_lower > 0).any()),
                "minimums of rows": int(any(r.lower > 0 and r.weight is None for r in rows)),
                "soft rows": int(any(r.weight for r in rows) and "soft" in problem.tiers),
                "pins": int(problem.must.any()),
                "levels": int(any(set(a.pairs) < set(b.pairs) for a in rows[:6] for b in rows[:6])),
                "parts of seats": int(any(len(np.unique(problem.seat[r.pairs])) == 1 < len(r.pairs) for r in rows)),
                "dear pairs": int((problem.cost[0] > 0).any()),
                "negative costs": int((problem.cost < 0).any()),
                "largest costs": int(problem.pairs > 0 and int(problem.cost.max()) > 2**31 - 5),
                "one tier": int(len(problem.tiers) == 1),
                "six tiers": int(len(problem.tiers) == 6),
                "short of seats": int(problem.seat_upper.sum() < problem.demands / 2),
                "spare seats": int(problem.seat_upper.sum() > problem.demands),
            }
        )
    assert min(seen.values()) >= 15, seen


def test_the_same_seed_gives_the_same_answer_and_another_the_same_value() -> None:
    for seed in range(500, 530):
        problem = middling(seed, 150)
        one, two, other = (solve(problem, "forest", s) for s in (1, 1, 2))
        assert same(one, two), seed
        assert worth(problem, one) == worth(problem, other), seed


def test_names_do_not_matter() -> None:
    for seed in range(530, 560):
        problem = middling(seed, 150)
        other = relabelled(problem, np.random.default_rng(seed))
        assert worth(other, solve(other, "forest")) == worth(problem, solve(problem, "forest")), seed


def test_scaling_a_tier_scales_its_value() -> None:
    for seed in range(560, 590):
        problem = middling(seed, 100)
        small = dataclasses.replace(problem, cost=(problem.cost % 7 - 3).astype(np.int32))
        if "soft" in problem.tiers:
            continue
        first, again = (worth(p, solve(p, "forest")) for p in (small, dataclasses.replace(small, cost=small.cost * 1000)))
        assert again == (first if isinstance(first, str) else tuple(1000 * v for v in first)), seed


def one_tier_at_a_time(patch: pytest.MonkeyPatch) -> None:
    """Every tier a stage of its own, and digits that are first too narrow."""
    whole = digits.pack
    patch.setattr(engine, "PATHS", (1, 2))
    patch.setattr(engine, "pack", lambda first, spread, path, limit: whole(first, spread[: first + 1], path, limit))


def test_one_tier_at_a_time_is_as_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer that is handed over between stages is the best in the tiers so far; the last is the best."""
    best = {seed: worth(middling(seed, 80), solve(middling(seed, 80), "forest")) for seed in range(600, 680)}
    one_tier_at_a_time(monkeypatch)
    staged = 0
    for seed, expected in best.items():
        problem, stages = middling(seed, 80), []
        answer = route.run(problem, planned(problem, "forest"), 0, lambda *stage, stages=stages: stages.append(stage))
        assert "in place of" not in answer.engine, seed
        assert_proven(problem, answer, seed)
        assert worth(problem, answer) == expected, seed
        assert isinstance(expected, str) or [settled for _, settled in stages] == list(range(1, len(problem.tiers))), seed
        for between, settled in stages:
            assert not isinstance(expected, str), seed
            assert_settled(problem, between, settled, expected, seed)
        staged += bool(stages)
    assert staged > 40


def test_digits_that_are_too_narrow_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths of one step are assumed first, and the check sends the engine to longer ones; without those there is no proof."""
    monkeypatch.setattr(engine, "PATHS", (1,))
    searched = []
    search = engine._Run._search
    monkeypatch.setattr(engine._Run, "_search", lambda run, face, packed: searched.append(packed.base) or search(run, face, packed))
    again = 0
    for seed in range(700, 740):
        problem = middling(seed, 120)
        searched.clear()
        assert_proven(problem, solve(problem, "forest"), seed)
        again += len(searched) > 1
    assert again > 5


@pytest.mark.parametrize("length", [1, 2, 3])
def test_rows_that_hold_only_the_first_wishes_change_nothing(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit into a row is looked up where it stands: every problem has such a tail here."""
    monkeypatch.setattr(engine, "ROW", length)
    for seed in range(800, 850):
        assert_as_good_as_the_flow(middling(seed, 100), seed)


def with_state(patch: pytest.MonkeyPatch, **options: int) -> None:
    """The kernel's state is made with these options."""
    made = state.state_of
    names = inspect.signature(made).parameters
    keep_loaded(patch)
    patch.setattr(state, "state_of", lambda *arguments: made(**{**dict(zip(names, arguments, strict=False)), **options}))


@pytest.mark.parametrize("length", [1, 2])
def test_notes_that_are_forgotten_change_nothing(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With little room for notes the kernel drops them now and then; where that is too little to get on, the flow answers."""
    monkeypatch.setattr(engine, "ROW", length)
    with_state(monkeypatch, cells=200, limit=100_000)
    forgotten = own = 0
    for seed in range(900, 990):
        problem, report = middling(seed, 100), np.zeros(5, dtype=np.int64)
        answer = route.run(problem, planned(problem, "forest"), 0, None, report)
        assert_proven(problem, answer, seed)
        assert worth(problem, answer) == worth(problem, solve(problem, "flow")), seed
        forgotten += int(report[FORGOTTEN]) > 0
        own += answer.engine.startswith("forest")
    assert forgotten >= 20
    assert own > 45


def test_a_forest_that_works_too_long_gives_up_and_the_flow_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    with_state(monkeypatch, limit=30)
    given_up = 0
    for seed in range(1100, 1130):
        problem = middling(seed, 100)
        answer = route.run(problem, planned(problem, "forest"), 0)
        assert_proven(problem, answer, seed)
        given_up += answer.engine.endswith(", in place of the forest (NotCarried)")
    assert 5 < given_up < 30


def test_numbers_of_32_and_of_64_bits_give_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fits into 32 bits is solved in them; the other kernel has to take the same way, step by step."""
    fits = entries.narrow
    asked: Counter[bool] = Counter()
    for seed in range(1000, 1060):
        problem = middling(seed, 120)
        with monkeypatch.context() as within:
            within.setattr(entries, "narrow", lambda *arguments: asked.update([fits(*arguments)]) or fits(*arguments))
            usual = solve(problem, "forest")
            within.setattr(entries, "narrow", lambda *_: False)
            assert same(usual, solve(problem, "forest")), seed
    assert min(asked[True], asked[False]) > 20, asked
