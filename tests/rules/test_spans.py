"""Placements that span several periods (docs/rules.md section 1)."""

from __future__ import annotations

import pytest

from matcher.compile import compile_round
from matcher.errors import InputError
from matcher.round import Round
from matcher.settings import Settings
from tests.rounds import make_round
from tests.rules.naming import Bound, bounds, pair_names

STUDENTS = [
    {"student_id": "all", "periods": "Y3|Y2|Y1"},
    {"student_id": "some", "periods": "Y1|Y3"},
    {"student_id": "none"},
]
PLACEMENTS = [
    {"placement_id": "A", "capacity": 2, "period_id": "Y2|Y1"},
    {"placement_id": "B", "capacity": 3, "period_id": "Y1|Y2|Y3", "capacity_min": 2},
    {"placement_id": "C", "capacity": 4},
    {"placement_id": "D", "capacity": 5, "period_id": "Y3|Y3"},
]


def spanning(pins: list[dict[str, object]] | None = None, **more: list[dict[str, object]]) -> Round:
    return make_round(Settings(), students=STUDENTS, placements=PLACEMENTS, preferences=[], pins=pins or [], **more)


def test_seats_stand_in_each_period_of_a_span() -> None:
    compiled = compile_round(spanning())
    book, problem = compiled.codebook, compiled.problem
    seats = [f"{book.placements[p]}{book.periods[t]}" for p, t in zip(book.seat_placement, book.seat_period, strict=True)]
    assert seats == ["AY1", "AY2", "BY1", "BY2", "BY3", "CY1", "CY2", "CY3", "DY3"]
    assert problem.seat_upper.tolist() == [2, 2, 3, 3, 3, 4, 4, 4, 5]
    assert problem.open_or_closed.tolist() == [0, 0, 2, 2, 2, 0, 0, 0, 0]
    assert compiled.seats.span.tolist() == [True, True, False, False]


def test_who_asks_for_some_periods_only_has_no_pair_and_who_asks_for_none_takes_the_first() -> None:
    compiled = compile_round(spanning())
    names = pair_names(compiled)
    assert [name for name in names if name[:4] == "some"] == ["some C|Y1", "some C|Y3", "some D|Y3"]
    assert [name for name in names if name[:4] == "none"] == ["none A|Y1", "none B|Y1", "none C|Y1", "none C|Y2", "none C|Y3", "none D|Y3"]
    assert len([name for name in names if name[:3] == "all"]) == 2 + 3 + 3 + 1
    (count,) = compiled.rule_counts
    # Those of `some`: A in Y1, B in Y1 and Y3.
    assert (count.rule, count.strength, count.removed, count.only, count.unknown) == ("span", "hard", 3, 3, 0)
    assert compiled.candidate_pairs == len(names) + 3


def test_the_rows_of_a_span() -> None:
    assert bounds(spanning(), "span") == {
        ("span", "all", "A|Y2"): Bound({"all A|Y1": 1, "all A|Y2": -1}, 0, 0),
        ("span", "all", "B|Y2"): Bound({"all B|Y1": 1, "all B|Y2": -1}, 0, 0),
        ("span", "all", "B|Y3"): Bound({"all B|Y1": 1, "all B|Y3": -1}, 0, 0),
    }


def test_a_round_without_spans_has_neither_rule_nor_rows() -> None:
    compiled = compile_round(make_round(Settings(), students=STUDENTS, placements=PLACEMENTS[2:], preferences=[]))
    assert not compiled.rule_counts
    assert not compiled.problem.families


def test_a_pin_on_a_span_fixes_all_its_periods() -> None:
    compiled = compile_round(spanning([{"student_id": "all", "placement_id": "A", "kind": "pin"}]))
    names = [name for name in pair_names(compiled) if name.startswith("all")]
    assert names[:2] == ["all A|Y1", "all A|Y2"]
    assert set(names[2:]) == {"all B|Y3", "all C|Y3", "all D|Y3"}
    assert compiled.problem.must.tolist() == [True, True, False, False, False, False]
    # What is left of B in the third year is a pair without the others: it cannot be matched.
    rows = bounds(spanning([{"student_id": "all", "placement_id": "A", "kind": "pin"}]), "span")
    assert rows["span", "all", "B|Y3"] == Bound({"all B|Y3": -1}, 0, 0)


def test_a_pin_of_a_student_without_periods_takes_the_first() -> None:
    compiled = compile_round(spanning([{"student_id": "none", "placement_id": "B", "kind": "pin"}]))
    assert [name for name in pair_names(compiled) if name.startswith("none")] == ["none B|Y1"]


@pytest.mark.parametrize(
    ("pins", "codes"),
    [
        (["some A"], ["pin_breaks_rule"]),
        (["all A", "all C"], ["pin_twice"]),
        (["all A", "all D"], []),
        (["all B", "all A"], ["pin_twice"]),
    ],
)
def test_pins_that_contradict_a_span(pins: list[str], codes: list[str]) -> None:
    round_ = spanning([{"student_id": student, "placement_id": placement, "kind": "pin"} for student, placement in (pin.split() for pin in pins)])
    if not codes:
        compile_round(round_)
        return
    with pytest.raises(InputError) as caught:
        compile_round(round_)
    assert [issue.code for issue in caught.value.issues] == codes


def test_pins_without_periods_share_the_first_seat_of_a_span() -> None:
    students = [{"student_id": name} for name in "pqr"]
    placements = [{"placement_id": "A", "capacity": 2, "period_id": "Y1|Y2"}, {"placement_id": "B", "capacity": 9}]
    for count, fits in ((2, True), (3, False)):
        pins = [{"student_id": name, "placement_id": "A", "kind": "pin"} for name in "pqr"[:count]]
        round_ = make_round(Settings(), students=students, placements=placements, preferences=[], pins=pins)
        if fits:
            compile_round(round_)
        else:
            with pytest.raises(InputError) as caught:
                compile_round(round_)
            assert [issue.code for issue in caught.value.issues] == ["pin_over_capacity"]


def test_a_demand_is_in_previous_in_the_periods_of_a_span() -> None:
    settings = Settings(tiers=("placed", "moves"), max_moves=1)
    previous = [{"student_id": name, "placement_id": "A"} for name in ("all", "none", "some")]
    round_ = make_round(settings, students=STUDENTS, placements=PLACEMENTS, preferences=[], previous=previous)
    # `some` asks for the first year, in which A has seats, but has no pair there.
    assert compile_round(round_).problem.constant.tolist() == [0, 4]
    assert bounds(round_, "moves") == {("moves", "", ""): Bound({"all A|Y1": 1, "all A|Y2": 1, "none A|Y1": 1}, 3, None)}
