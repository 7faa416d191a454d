"""What large rounds need: work in blocks, and no step student by student. The size of the blocks changes nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

import matcher
from matcher.compile import Compiled, compile_round
from matcher.rules import travel, wishes
from matcher.rules.capacity import demands_of, periods_of
from matcher.rules.facts import Facts, listed
from matcher.rules.wishes import wishes_of
from tests.rounds import make_round, random_round


def compiled_rounds(count: int) -> Iterator[tuple[matcher.Round, Compiled]]:
    for seed in range(count):
        round_ = random_round(random.Random(seed), students=7, placements=5)
        try:
            yield round_, compile_round(round_)
        except matcher.MatcherError:
            continue


def test_the_size_of_the_blocks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0
    for round_, whole in compiled_rounds(80):
        for size in (1, 7):
            monkeypatch.setattr(wishes, "BLOCK_PAIRS", size)
            monkeypatch.setattr(travel, "BLOCK", size)
            parts = compile_round(round_)
            monkeypatch.undo()
            for name in ("first_pair", "seat", "cost", "constant", "must"):
                assert np.array_equal(getattr(whole.problem, name), getattr(parts.problem, name)), name
            assert np.array_equal(whole.codebook.pair_rank, parts.codebook.pair_rank)
            assert (whole.rule_counts, whole.candidate_pairs) == (parts.rule_counts, parts.candidate_pairs)
        compared += 1
    assert compared > 40


def test_ranks_of_single_pairs_are_those_of_the_lines_whoever_refused_them() -> None:
    for round_, whole in compiled_rounds(60):
        lines = whole.wishes
        s, p = (part.ravel().astype(np.int32) for part in np.meshgrid(np.arange(len(lines.largest)), np.arange(lines.placements), indexing="ij"))
        best = np.zeros(len(s), dtype=np.int64)
        for student, rank, first, count, is_open in zip(lines.student, lines.rank, lines.first, lines.count, lines.is_open, strict=True):
            if rank == 0 and not is_open:
                continue
            at = student * lines.placements + lines.member[first : first + count]
            best[at] = np.where(best[at] > 0, np.minimum(best[at], rank), rank)
        assert np.array_equal(lines.rank_of(s, p), best), round_.settings
        some = np.random.default_rng(0).permutation(len(s))[:9]
        assert np.array_equal(lines.rank_of(s[some], p[some]), best[some])


def test_no_order_of_the_lines_matters() -> None:
    for round_, _ in compiled_rounds(40):
        table = round_.table("preferences")
        mixed = matcher.Round({**round_.tables, "preferences": table.sample(frac=1, random_state=3)}, round_.settings)
        one, two = wishes_of(Facts.of(round_)), wishes_of(Facts.of(mixed))
        for name in ("student", "largest", "skipped", "member"):
            assert np.array_equal(getattr(one, name), getattr(two, name))
        pairs = [[np.concatenate(part) for part in zip(*((b.s, b.p, b.rank) for b in found.blocks(len(found.largest))), strict=True)] for found in (one, two)]
        assert all(np.array_equal(a, b) for a, b in zip(*pairs, strict=True))


def test_tokens_are_listed_by_row() -> None:
    cells = pd.Series(["b|a", None, "a", "c|zz", "b|a"], dtype="str")
    row, code = listed(cells, pd.Index(["a", "b", "c"], dtype="str"))
    assert list(zip(row.tolist(), code.tolist(), strict=True)) == [(0, 1), (0, 0), (2, 0), (3, 2), (3, -1), (4, 1), (4, 0)]


def test_demands_follow_the_periods_that_a_student_names() -> None:
    round_ = make_round(
        students=[{"student_id": name, "periods": periods} for name, periods in (("A", "T2|T1"), ("B", None), ("C", "none"), ("D", "T2"))],
        placements=[{"placement_id": "P", "capacity": 1, "period_id": "T3"}],
        preferences=[{"student_id": "A", "rank": 1, "target_id": "P"}],
    )
    facts = Facts.of(round_)
    periods = periods_of(facts)
    assert list(periods) == ["T1", "T2", "T3"]
    demands = demands_of(facts, periods)
    assert list(zip(demands.student.tolist(), demands.period.tolist(), strict=True)) == [(0, 0), (0, 1), (1, -1), (2, -1), (3, 1)]


def test_every_wrong_pin_is_named_in_the_order_of_the_rows() -> None:
    round_ = make_round(
        students=[{"student_id": "A", "excluded_companies": "C9"}, {"student_id": "B", "periods": "T1"}, {"student_id": "D"}],
        placements=[
            {"placement_id": "P", "capacity": 1, "company_id": "C9", "insured": False},
            {"placement_id": "Q", "capacity": 1, "period_id": "T2"},
            {"placement_id": "R", "capacity": 5},
        ],
        preferences=[{"student_id": "A", "rank": 1, "target_id": "P"}],
        pins=[
            {"student_id": who, "placement_id": where, "kind": "pin"} for who, where in (("A", "P"), ("B", "Q"), ("D", "R"), ("D", "P"), ("D", "R"), ("B", "R"))
        ],
    )
    with pytest.raises(matcher.InputError) as error:
        compile_round(round_)
    told = [(issue.code, issue.row, dict(issue.params).get("rule")) for issue in error.value.issues]
    assert told == [
        ("pin_breaks_rule", 2, "insurance"),
        ("pin_breaks_rule", 2, "excluded_company"),
        ("pin_period", 3, None),
        ("pin_twice", 5, None),
        ("pin_breaks_rule", 5, "insurance"),
        ("pin_twice", 6, None),
    ]
