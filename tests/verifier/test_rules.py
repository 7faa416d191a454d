"""Every rule of docs/rules.md section 3, by hand: kept, broken, on the boundary, not known."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import numpy as np
import pytest

from matcher.round import Round
from matcher.settings import ELIGIBILITY_RULES, Settings
from matcher.verifier.details import detail
from matcher.verifier.pairs import Rulebook
from matcher.verifier.view import View
from tests.brute_force import Referee
from tests.rounds import day, make_round, random_round

NOTHING: dict[str, Any] = {}
START = Settings(start_date=dt.date(2027, 1, 10))

# rule, cells of the student, cells of the placement, broken
CELLS = [
    ("form", {"form": "duaal"}, {"forms": "stage|duaal"}, False),
    ("form", {"form": "duaal"}, {"forms": "stage"}, True),
    ("form", {"form": "duaal"}, {"forms": "none"}, True),
    ("form", {"programme_id": "G"}, {"forms": "stage"}, True),  # the programme's form is duaal
    ("form", {"programme_id": "G", "form": "stage"}, {"forms": "stage"}, False),
    ("form", {"form": None}, {"forms": "stage"}, False),
    ("form", {"form": "duaal"}, {"forms": None}, False),
    ("programme", {"programme_id": "G"}, {"programmes": "H|G"}, False),
    ("programme", {"programme_id": "G"}, {"programmes": "H"}, True),
    ("programme", {"programme_id": None}, {"programmes": "H"}, False),
    ("languages", {"languages": "nl|fr"}, {"languages": "fr|nl"}, False),
    ("languages", {"languages": "nl"}, {"languages": "nl|fr"}, True),
    ("languages", {"languages": "none"}, {"languages": "nl"}, True),
    ("languages", {"languages": "none"}, {"languages": "none"}, False),
    ("languages", {"languages": None}, {"languages": "nl"}, False),
    ("checks", {"checks": "vca"}, {"checks_required": "vca"}, False),
    ("checks", {"checks": "vca"}, {"checks_required": "medical|vca"}, True),
    ("checks", {"checks": "vca|medical"}, {"checks_required": "none"}, False),
    ("competences", {"competences_needed": "a|b"}, {"competences": "a|b|c"}, False),
    ("competences", {"competences_needed": "a|d"}, {"competences": "a|b|c"}, True),
    ("competences", {"competences_needed": "none"}, {"competences": "a"}, False),
    ("competences", {"programme_id": "G"}, {"competences": "a"}, True),  # the programme needs a and b
    ("competences", {"programme_id": "G", "competences_needed": "a"}, {"competences": "a"}, False),
    ("dates", {"available_from": day(5)}, {"from": day(5)}, False),
    ("dates", {"available_from": day(6)}, {"from": day(5)}, True),
    ("dates", {"available_from": day(6)}, {"to": day(5)}, True),  # without `from` the start is `to`
    ("dates", {"available_to": day(9)}, {"from": day(5), "to": day(9)}, False),
    ("dates", {"available_to": day(8)}, {"from": day(5), "to": day(9)}, True),
    ("dates", {"available_to": day(4)}, {"from": day(5)}, True),  # without `to` the end is `from`
    ("dates", {"available_from": day(20), "available_to": day(21)}, {"from": None, "to": None}, False),  # the round's start does not serve here
    ("pattern", {"pattern": "day|eve"}, {"pattern": "eve"}, False),
    ("pattern", {"pattern": "day"}, {"pattern": "eve"}, True),
    ("pattern", {"pattern": "none"}, {"pattern": "eve"}, True),
    ("pattern", {"pattern": None}, {"pattern": "eve"}, False),
    ("insurance", NOTHING, {"insured": True}, False),
    ("insurance", NOTHING, {"insured": False}, True),
    ("insurance", NOTHING, {"insured": None}, False),
    ("mentor", NOTHING, {"mentor_trained_until": day(9), "to": day(9)}, False),
    ("mentor", NOTHING, {"mentor_trained_until": day(8), "to": day(9)}, True),
    ("mentor", NOTHING, {"mentor_trained_until": day(9), "from": day(10)}, True),  # without `to` it ends when it starts
    ("mentor", NOTHING, {"mentor_trained_until": day(9)}, True),  # without both it starts with the round, on the 10th
    ("mentor", NOTHING, {"mentor_trained_until": None, "to": day(9)}, False),
    ("recognition", NOTHING, {"recognised_until": day(9), "to": day(9)}, False),
    ("recognition", NOTHING, {"recognised_until": day(8), "to": day(9)}, True),
    ("pay", {"min_pay": 500}, {"pay_month": 500}, False),
    ("pay", {"min_pay": 500.01}, {"pay_month": 500}, True),
    ("pay", {"min_pay": 500}, {"pay_month": None}, False),
    ("own_company", {"own_company_id": "C", "status": "working"}, {"company_id": "C"}, False),
    ("own_company", {"own_company_id": "C", "status": "regular"}, {"company_id": "C"}, True),
    ("own_company", {"own_company_id": "C", "status": None}, {"company_id": "C"}, True),
    ("own_company", {"own_company_id": "C", "status": "regular"}, {"company_id": "D"}, False),
    ("own_company", {"own_company_id": None, "status": "regular"}, {"company_id": None}, False),
    ("excluded_company", {"excluded_companies": "C|D"}, {"company_id": "D"}, True),
    ("excluded_company", {"excluded_companies": "C"}, {"company_id": "D"}, False),
    ("excluded_company", {"excluded_companies": "none"}, {"company_id": "D"}, False),
    ("excluded_company", {"excluded_companies": "C"}, {"company_id": None}, False),
]


def one_pair(student: dict[str, Any], placement: dict[str, Any], settings: Settings = START, **tables: list[dict[str, Any]]) -> Round:
    """A round of one student and one placement."""
    return make_round(
        settings,
        students=[{"student_id": "s", **student}],
        placements=[{"placement_id": "p", "capacity": 1, **placement}],
        preferences=[{"student_id": "s", "rank": 1, "target_id": "p"}],
        programmes=[{"programme_id": "G", "form": "duaal", "competences_company": "a|b"}, {"programme_id": "H"}],
        companies=[{"company_id": "C"}, {"company_id": "D"}],
        **tables,
    )


def breaks(round_: Round, rule: str) -> bool:
    """What the verifier says of the first student at the first placement; the referee must say the same."""
    book = Rulebook.of(View(round_))
    verdict = book.eligibility.broken(rule, np.array([0]), np.array([0]))
    broken = bool(verdict is not None and verdict[0])
    assert Referee(round_).breaks(rule, "s", "p") == broken
    return broken


@pytest.mark.parametrize(("rule", "student", "placement", "broken"), CELLS)
def test_a_rule_judges_the_cells_of_student_and_placement(rule: str, student: dict[str, Any], placement: dict[str, Any], broken: bool):
    assert breaks(one_pair(student, placement), rule) == broken


@pytest.mark.parametrize(
    ("rows", "placement", "broken"),
    [
        ([("G", None, None)], NOTHING, False),
        ([("H", None, None)], NOTHING, True),
        ([("H", None, None), ("G", None, None)], NOTHING, False),
        ([("G", day(5), day(9))], {"from": day(5), "to": day(9)}, False),
        ([("G", day(6), None)], {"from": day(5), "to": day(9)}, True),
        ([("G", None, day(8))], {"from": day(5), "to": day(9)}, True),
        ([("G", day(1), day(6)), ("G", day(6), day(20))], {"from": day(5), "to": day(9)}, True),  # two halves do not make a whole
        ([("G", None, day(9))], {"from": day(5)}, False),  # without `to` it ends on the 5th
        ([("G", day(11), None)], NOTHING, True),  # it starts with the round, on the 10th
    ],
)
def test_a_recognition_must_cover_programme_and_dates(rows: list[Any], placement: dict[str, Any], broken: bool):
    recognitions = [{"placement_id": "p", "programme_id": programme, "from": since, "until": until} for programme, since, until in rows]
    assert breaks(one_pair({"programme_id": "G"}, placement, recognitions=recognitions), "recognition") == broken


def test_an_unknown_programme_and_unknown_dates_do_not_break_a_recognition():
    rows = [{"placement_id": "p", "programme_id": "G", "from": day(11), "until": day(12)}]
    assert not breaks(one_pair({"programme_id": None}, NOTHING, recognitions=rows), "recognition")
    assert not breaks(one_pair({"programme_id": "G"}, NOTHING, Settings(), recognitions=rows), "recognition")


def test_a_placement_without_recognitions_is_recognised():
    other = {"placement_id": "q", "programme_id": "G"}
    assert not breaks(one_pair({"programme_id": "H"}, NOTHING, recognitions=[other]), "recognition")


@pytest.mark.parametrize(
    ("ranks", "unranked", "broken"),
    [
        ([], "last", False),
        ([("p", "s", 2)], "last", False),
        ([("p", "s", 0)], "last", True),
        ([("p", "t", 1)], "last", False),
        ([("p", "t", 1)], "no", True),
        ([("p", "s", 2), ("p", "t", 1)], "no", False),
        ([("q", "t", 1)], "no", False),
        ([("p", "s", 2), ("p", "s", 0)], "last", True),
    ],
)
def test_rankings_refuse(ranks: list[tuple[str, str, int]], unranked: Any, broken: bool):
    rows = [{"placement_id": placement, "student_id": student, "rank": rank} for placement, student, rank in ranks]
    assert breaks(one_pair(NOTHING, NOTHING, Settings(unranked=unranked), rankings=rows), "ranking") == broken


def test_a_forbidden_pair_is_forbidden_and_a_pinned_one_is_not():
    assert breaks(one_pair(NOTHING, NOTHING, pins=[{"student_id": "s", "placement_id": "p", "kind": "forbid"}]), "forbid")
    assert not breaks(one_pair(NOTHING, NOTHING, pins=[{"student_id": "s", "placement_id": "p", "kind": "pin"}]), "forbid")


def test_own_company_settings_name_the_statuses_that_may():
    cells = {"own_company_id": "C", "status": "jobseeker"}
    assert not breaks(one_pair(cells, {"company_id": "C"}, Settings(own_company_allowed=("jobseeker",))), "own_company")
    assert breaks(one_pair({**cells, "status": "working"}, {"company_id": "C"}, Settings(own_company_allowed=("jobseeker",))), "own_company")


def test_soft_rules_cost_their_weight_and_rules_that_are_off_are_not_looked_at():
    settings = Settings(rules={"pay": "soft", "insurance": "soft", "languages": "off"}, rule_weights={"pay": 3})
    round_ = one_pair({"min_pay": 9, "languages": "nl"}, {"pay_month": 8, "insured": False, "languages": "fr"}, settings)
    book = Rulebook.of(View(round_))
    pair = np.array([0]), np.array([0])
    assert list(book.eligibility.penalty(*pair)) == [3 + 1]
    assert list(book.eligibility.keeps_all(*pair)) == [0]


def test_token_lists_of_more_than_64_words_are_compared_whole():
    words = [f"w{number}" for number in range(130)]
    assert not breaks(one_pair({"competences_needed": "w129|w64"}, {"competences": "|".join(words)}), "competences")
    assert breaks(one_pair({"competences_needed": "w129|w64"}, {"competences": "|".join(words[:-1])}), "competences")
    assert not breaks(one_pair({"pattern": "w129"}, {"pattern": "|".join(words)}), "pattern")


@pytest.mark.parametrize(
    ("rule", "student", "placement", "value", "limit"),
    [
        ("pay", {"min_pay": 500}, {"pay_month": 499.5}, "499.5", "500"),
        ("dates", {"available_from": day(6)}, {"from": day(5)}, "2027-01-05 - 2027-01-05", "2027-01-06 - ?"),
        ("mentor", NOTHING, {"mentor_trained_until": day(8), "to": day(9)}, "2027-01-08", "2027-01-09"),
        ("form", {"programme_id": "G"}, {"forms": "stage"}, "duaal", "stage"),
        ("insurance", NOTHING, {"insured": False}, "?", "?"),
    ],
)
def test_details_name_the_value_and_the_limit(rule: str, student: dict[str, Any], placement: dict[str, Any], value: str, limit: str):
    book = Rulebook.of(View(one_pair(student, placement)))
    assert detail(book.eligibility, rule, 0, 0) == {"value": value, "limit": limit}


def test_every_rule_agrees_with_the_referee_on_random_rounds():
    seen = dict.fromkeys((*ELIGIBILITY_RULES, "ranking", "forbid"), 0)
    for seed in range(50):
        round_ = random_round(random.Random(seed), only=[*seen, "minutes", "hierarchy"])
        view, referee = View(round_), Referee(round_)
        book = Rulebook.of(view)
        student, placement = (grid.ravel() for grid in np.indices((len(view.students), len(view.placements))))
        for rule in seen:
            verdict = book.eligibility.broken(rule, student, placement)
            expected = [referee.breaks(rule, view.students[s], view.placements[p]) for s, p in zip(student, placement, strict=True)]
            assert (verdict.tolist() if verdict is not None else [False] * len(expected)) == expected, (seed, rule)
            seen[rule] += sum(expected)
    assert min(seen.values()) > 3, seen
