"""Sentences are filled once for each different reason, and every demand gets its own."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import matcher
from matcher.compile import Compiled, compile_round
from matcher.explain import told
from matcher.explain.numbers import numbered
from matcher.explain.reasons import CODES, reasons
from matcher.problem import Answer
from matcher.solvers import route
from matcher.synth import generate
from matcher.words import LANGUAGES, catalogue
from tests.contract import drawn

COLLEGE = Path(__file__).resolve().parents[2] / "sample_data" / "college"


def test_every_reason_of_the_closed_list_has_its_sentence() -> None:
    assert {code.removeprefix("reason.") for code in catalogue() if code.startswith("reason.") and code.count(".") == 1} == set(CODES)


@pytest.fixture(scope="module")
def college() -> tuple[Compiled, Answer]:
    """The college with no more rules than nest: what is told of so many students needs a matching, not every rule."""
    round_ = matcher.read(COLLEGE)
    tables = {name: table for name, table in round_.tables.items() if name not in ("teams", "reserves")}
    tables["placements"] = tables["placements"].drop(columns="capacity_min")
    tables["quotas"] = tables["quotas"].query("quota_id in ('Q-ZORG', 'Q-BOUW')")
    compiled = compile_round(replace(round_, tables=tables))
    plan = route.plan(compiled.problem)
    assert plan.nesting is not None
    return compiled, route.run(compiled.problem, plan, 0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_demand_gets_the_sentence_that_it_would_get_alone(college: tuple[Compiled, Answer], language: str) -> None:
    compiled, answer = college
    found = reasons(compiled, answer)
    number, texts = told.sentences(compiled, found, language)
    assert len(set(texts)) < len(number) / 4, "far fewer sentences than students"
    speaker = told.Speaker.of(compiled, found, language)
    for who in range(0, len(number), 7):
        assert texts[number[who]] == speaker.sentence(who)


def test_each_demand_gets_its_own_sentence_whatever_stands_in_its_way() -> None:
    for seed, feature in itertools.product(range(4), ("teams", "spans", "overlap", "paths", "per_quotas", "open_or_closed", "pool_tokens")):
        compiled = compile_round(drawn(seed, {feature, "no"}))
        answer = route.run(compiled.problem, route.plan(compiled.problem), 0)
        if answer.outcome != "solved":
            continue
        found = reasons(compiled, answer)
        number, texts = told.sentences(compiled, found, "en")
        speaker = told.Speaker.of(compiled, found, "en")
        assert [texts[n] for n in number] == [speaker.sentence(who) for who in range(len(number))]


def test_numbers_agree_exactly_where_all_columns_do_also_beyond_64_bits() -> None:
    rng = np.random.default_rng(1)
    for spans in ((3, 4, 5), (2**40, 2**40, 3), (1, 1, 1)):
        columns = [rng.choice(rng.integers(0, span, 6), 300) for span in spans]
        numbers = numbered(*columns)
        rows = list(zip(*(column.tolist() for column in columns), strict=True))
        assert len({*zip(rows, numbers.tolist(), strict=True)}) == len(set(rows)) == len(set(numbers.tolist()))
        assert set(numbers.tolist()) == set(range(len(set(rows))))


def test_a_large_round_has_few_sentences() -> None:
    result = matcher.solve(generate(3000, seed=2, spare=-0.05), isolate=False)
    assert result.matches["sentence"].notna().all()
    assert result.matches["sentence"].nunique() < 200
