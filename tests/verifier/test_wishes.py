"""Wishes (docs/rules.md section 2): which lines cover, which rank follows, what is not listed."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from matcher.round import Round
from matcher.settings import Settings
from matcher.verifier.view import View
from matcher.verifier.wishes import Wishes
from tests.brute_force import Referee
from tests.rounds import make_round, random_round

PLACEMENTS = [
    {"placement_id": "p0", "capacity": 1, "company_id": "C", "sector_id": "S1"},
    {"placement_id": "p1", "capacity": 1, "company_id": "C"},  # sector and region of its company
    {"placement_id": "p2", "capacity": 1, "sector_id": "S2", "region_id": "R1"},
]
TABLES: dict[str, list[dict[str, Any]]] = {
    "companies": [{"company_id": "C", "sector_id": "S2", "region_id": "R2"}],
    "sectors": [{"sector_id": "S"}, {"sector_id": "S1", "parent_id": "S"}, {"sector_id": "S2"}],
    "regions": [{"region_id": "R"}, {"region_id": "R1", "parent_id": "R"}, {"region_id": "R2", "parent_id": "R1"}],
}


def wishes_of(lines: list[tuple[int, str | None, str]], settings: Settings | None = None) -> Round:
    rows = [{"student_id": "s", "rank": rank, "target_type": kind, "target_id": target} for rank, kind, target in lines]
    return make_round(settings, students=[{"student_id": "s"}, {"student_id": "t"}], placements=PLACEMENTS, preferences=rows, **TABLES)


def ranks(round_: Round, student: int = 0) -> dict[str, int]:
    """The rank of every placement that the wishes leave to a student, by both ways of looking."""
    view = View(round_)
    wishes = Wishes(view)
    _, placement, rank = wishes.candidates(np.array([student]))
    every = np.arange(len(view.placements))
    opinion = wishes.judge(np.full(len(every), student), every)
    left = ~(opinion.forbidden | opinion.unlisted | opinion.skipped)
    assert placement.tolist() == every[left].tolist()
    assert rank.tolist() == opinion.rank[left].tolist()
    return {str(view.placements[p]): int(r) for p, r in zip(placement, rank, strict=True)}


@pytest.mark.parametrize(
    ("line", "covered"),
    [
        ((None, "p1"), {"p1"}),
        (("placement", "p1"), {"p1"}),
        (("company", "C"), {"p0", "p1"}),
        (("sector", "S1"), {"p0"}),
        (("sector", "S"), {"p0"}),
        (("sector", "S2"), {"p1", "p2"}),
        (("region", "R1"), {"p0", "p1", "p2"}),
        (("region", "R2"), {"p0", "p1"}),
        (("region", "R"), {"p0", "p1", "p2"}),
        (("any", "whatever"), {"p0", "p1", "p2"}),
        (("placement", "gone"), set()),
        (("company", "p1"), set()),
    ],
)
def test_a_line_covers_placements_by_company_sector_region_or_any(line: tuple[str | None, str], covered: set[str]):
    assert set(ranks(wishes_of([(1, *line)]))) == covered


def test_the_best_line_gives_the_rank_and_equal_ranks_are_a_tie():
    assert ranks(wishes_of([(3, "any", ""), (2, "company", "C"), (2, None, "p1"), (1, None, "p0")])) == {"p0": 1, "p1": 2, "p2": 3}


def test_a_no_forbids_whatever_else_is_listed():
    assert ranks(wishes_of([(1, None, "p0"), (0, "sector", "S"), (2, "any", "")])) == {"p1": 2, "p2": 2}


def test_unlisted_placements_are_out_or_rank_after_the_last():
    lines = [(1, None, "p0"), (4, None, "p1")]
    assert ranks(wishes_of(lines)) == {"p0": 1, "p1": 4}
    assert ranks(wishes_of(lines, Settings(unlisted="last"))) == {"p0": 1, "p1": 4, "p2": 5}
    assert ranks(wishes_of([*lines, (0, None, "p2")], Settings(unlisted="last"))) == {"p0": 1, "p1": 4}


def test_a_line_that_covers_nothing_is_still_a_wish():
    assert ranks(wishes_of([(2, None, "gone")])) == {}
    assert ranks(wishes_of([(2, None, "gone")], Settings(unlisted="last"))) == {"p0": 3, "p1": 3, "p2": 3}


def test_without_ranked_lines_all_that_is_not_refused_will_do_without_a_rank():
    assert ranks(wishes_of([(1, None, "p0")]), student=1) == {"p0": 0, "p1": 0, "p2": 0}
    assert ranks(wishes_of([(0, None, "p0")])) == {"p1": 0, "p2": 0}
    assert ranks(wishes_of([(0, None, "p0")], Settings(unlisted="last"))) == {"p1": 0, "p2": 0}


def test_those_without_wishes_can_be_left_out():
    assert ranks(wishes_of([(0, None, "p0")], Settings(no_wishes="skip"))) == {}
    assert ranks(wishes_of([(1, None, "p0")], Settings(no_wishes="skip")), student=1) == {}


def test_a_circle_of_parents_does_not_hang():
    tables = {**TABLES, "sectors": [{"sector_id": "S1", "parent_id": "S2"}, {"sector_id": "S2", "parent_id": "S1"}]}
    rows = [{"student_id": "s", "rank": 1, "target_type": "sector", "target_id": "S2"}]
    assert set(ranks(make_round(None, students=[{"student_id": "s"}], placements=PLACEMENTS, preferences=rows, **tables))) == {"p0", "p1", "p2"}


def test_both_ways_agree_with_the_referee_on_random_rounds():
    for seed in range(60):
        round_ = random_round(
            random.Random(seed), only={"ties", "no", "wide_wishes", "hierarchy", *(["unlisted_last"] if seed % 2 else []), *(["skip"] if seed % 3 else [])}
        )
        referee = Referee(round_)
        for number, student in enumerate(referee.students):
            verdicts = {placement: referee.wish(student, placement) for placement in referee.placements}
            assert ranks(round_, number) == {placement: rank for placement, (rule, rank) in verdicts.items() if rule is None}, seed
