"""The rule `overlap` (docs/rules.md section 5, "Paths")."""

from __future__ import annotations

import itertools
import random

import pytest

from matcher.compile import compile_round
from matcher.round import Round
from matcher.rules import overlap
from matcher.settings import Settings
from tests.rounds import make_round
from tests.rules.naming import Bound, bounds

STUDENTS = [{"student_id": "s", "periods": "1|2|3"}, {"student_id": "t", "periods": "1"}, {"student_id": "u"}]


def place(name: str, period: str | None, first: int | None, last: int | None, pattern: str | None = None) -> dict[str, object]:
    days = (None if day is None else f"2027-01-{day:02d}" for day in (first, last))
    return {"placement_id": name, "capacity": 1, "period_id": period, "pattern": pattern, **dict(zip(("from", "to"), days, strict=True))}


def dated(*places: dict[str, object], settings: Settings | None = None) -> Round:
    return make_round(settings or Settings(), students=STUDENTS, placements=list(places), preferences=[])


def parts(*places: dict[str, object]) -> set[str]:
    """Which pairs of `s` exclude something in which later period."""
    found = bounds(dated(*places), "overlap")
    assert {who for _, who, _ in found} <= {"s"}
    return {part for _, _, part in found}


def test_a_pair_excludes_those_of_a_later_period_that_share_a_day() -> None:
    places = [place("A", "1", 1, 10), place("B", "2", 10, 20), place("C", "2", 5, 6), place("D", "3", 11, 12), place("E", "2", 11, 15)]
    assert bounds(dated(*places)) == {
        ("overlap", "s", "A|1|2"): Bound({"s A|1": 1, "s B|2": 1, "s C|2": 1}, 0, 1),
        ("overlap", "s", "B|2|3"): Bound({"s B|2": 1, "s D|3": 1}, 0, 1),
        ("overlap", "s", "E|2|3"): Bound({"s E|2": 1, "s D|3": 1}, 0, 1),
    }


@pytest.mark.parametrize(
    ("one", "other", "excluded"),
    [
        (("A", "1", 1, 10), ("B", "2", 10, 20), True),
        (("A", "1", 1, 9), ("B", "2", 10, 20), False),
        (("A", "1", 1, None), ("B", "2", 1, 2), False),
        (("A", "1", 1, 2), ("B", "2", None, 2), False),
        (("A", "1", 1, 2, "mo|tu"), ("B", "2", 1, 2, "we"), False),
        (("A", "1", 1, 2, "mo|tu"), ("B", "2", 1, 2, "tu|we"), True),
        (("A", "1", 1, 2, "mo|tu"), ("B", "2", 1, 2), True),
        (("A", "1", 1, 2, "mo"), ("B", "2", 1, 2, "none"), False),
        (("A", "2", 1, 10), ("B", "1", 10, 20), True),
    ],
)
def test_what_excludes_what(one: tuple[str, str, int, int], other: tuple[str, str, int, int], excluded: bool) -> None:
    assert bool(parts(place(*one), place(*other))) == excluded


def test_a_placement_does_not_exclude_itself() -> None:
    assert parts(place("A", None, 1, 10)) == set()
    assert parts(place("A", "1|2", 1, 10)) == set()
    assert parts(place("A", "1|2", 1, 10), place("B", "2", 1, 10)) == {"A|1|2"}


def test_the_rule_can_be_off() -> None:
    assert bounds(dated(place("A", "1", 1, 10), place("B", "2", 1, 10), settings=Settings(overlap=False))) == {}


def test_all_excluding_pairs_are_found_whatever_the_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(3)
    for _ in range(15):
        places = []
        for name in "ABCDEFG":
            first = rng.choice([None, *range(1, 20)])
            last = None if first is None else first + rng.randrange(8)
            places.append(place(name, rng.choice([None, "1", "2", "3", "1|3"]), first, last, rng.choice([None, "mo", "tu|we", "mo|we"])))
        round_ = dated(*places)
        whole = bounds(round_, "overlap")
        assert whole == expected(places)
        monkeypatch.setattr(overlap, "BLOCK", 2)
        assert bounds(round_, "overlap") == whole
        assert compile_round(round_).problem.pairs
        monkeypatch.undo()


def expected(places: list[dict[str, object]]) -> dict[tuple[str, str, str], Bound]:
    """The rows of student `s` by plain loops."""
    rows = {}
    seats = {(str(each["placement_id"]), period): each for each in places for period in str(each["period_id"] or "1|2|3").split("|")}
    for (name, period), one in seats.items():
        for later in "123"[int(period) :]:
            others = [f"s {other}|{later}" for (other, when), two in seats.items() if when == later and other != name and meet(one, two)]
            if others:
                rows["overlap", "s", f"{name}|{period}|{later}"] = Bound(dict.fromkeys([f"s {name}|{period}", *others], 1), 0, 1)
    return rows


def meet(one: dict[str, object], two: dict[str, object]) -> bool:
    days = [str(each[end]) for each, end in itertools.product((one, two), ("from", "to"))]
    if "None" in days or days[0] > days[3] or days[2] > days[1]:
        return False
    patterns = [set(str(each["pattern"]).split("|")) for each in (one, two) if each["pattern"]]
    return len(patterns) < 2 or bool(patterns[0] & patterns[1])
