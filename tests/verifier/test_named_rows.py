"""Every kind of row by hand: its name is found, its pairs count with their sign, its bounds and penalties give back what they should (docs/proof.md)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from matcher.round import Round
from matcher.settings import Settings
from tests.rounds import day, make_round
from tests.verifier.answers import Key
from tests.verifier.test_bound import Scene, bound_of
from tests.verifier.test_cases import Court
from tests.verifier.trees import Leaf, Split, Tree

TWO_PERIODS: dict[str, Any] = {
    "students": [{"student_id": "s", "periods": "T1|T2", "programme_id": "G1"}, {"student_id": "t", "periods": "T1|T2", "programme_id": "G2"}],
    "placements": [
        {"placement_id": "p", "capacity": 2, "sector_id": "S1", "company_id": "C", "from": day(1), "to": day(10)},
        {"placement_id": "q", "capacity": 2, "sector_id": "S2", "from": day(10), "to": day(20)},
    ],
    "programmes": [{"programme_id": "G1"}, {"programme_id": "G2"}],
    "sectors": [{"sector_id": "S1"}, {"sector_id": "S2"}],
    "companies": [{"company_id": "C"}],
}
"""Four demands, each with both placements open."""


def two_periods(settings: Settings | None = None, **more: Any) -> Round:
    return make_round(settings or Settings(tiers=("placed", "soft")), **{**TWO_PERIODS, **more})


def quota(**columns: Any) -> dict[str, Any]:
    return {"quotas": [{"quota_id": "Q", **columns}]}


SPANNING = {"placements": [{"placement_id": "p", "capacity": 1, "period_id": "T2|T1"}]}
TEAM = {"teams": [{"team_id": "U", "student_id": name, "kind": "same_company"} for name in "ts"]}
APART = {"teams": [{"team_id": "U", "student_id": name, "kind": "apart"} for name in "st"]}
RESERVE = {"reserves": [{"reserve_id": "R", "order": n, "students": f"programme_id=G{n}", "seats": 3, "weight": 2} for n in (2, 1)]}
BUDGET = {"previous": [{"student_id": "s", "placement_id": "p"}]}


@pytest.mark.parametrize(
    ("round_", "row", "price", "bound"),
    [
        # four demands gain 1 each at p or q; a price takes that from some pairs, and comes back for as many as the row may count
        (two_periods(**quota(per="programme_id|sector_id", max=1)), ("quota", "Q", "G1|S1"), 1, -4 - 1),
        (two_periods(**quota(per="sector_id|programme_id", max=9)), ("quota", "Q", "S1|G1"), 1, -4 - 2),  # two demands reach it
        (two_periods(**quota(per="student", max=1)), ("quota", "Q", "s"), 1, -2 - 1),
        (two_periods(**quota(per="student|sector_id", max=0)), ("quota", "Q", "s|S1"), 1, -4),
        (two_periods(**quota(per="sector_id", min=4)), ("quota", "Q", "S1"), -1, -8 + 4),
        (two_periods(**quota(per="student", min=1, placements="sector_id=S1")), ("path", "Q", "s"), 1, -4 - 1),
        (two_periods(**quota(per="student", min=2, placements="sector_id=S9")), ("path", "Q", "s"), 1, -2),
        (two_periods(**quota(per="student", min=5, placements="sector_id=S9")), ("path", "Q", "s"), 1, -2),
        (two_periods(Settings(tiers=("placed",), max_moves=0), **BUDGET), ("moves", "", ""), -1, -6 + 2),
        (two_periods(**SPANNING), ("span", "s", "p|T2"), 1, 0 - 2 - 2),  # the pair in T1 pays, the one in T2 gains
        (two_periods(**TEAM), ("team", "U", "T1|t|C"), 1, -1 - 2 - 2),
        (two_periods(**APART), ("team", "U", "T1|p"), 1, -4 - 1),
        (two_periods(), ("overlap", "s", "p|T1|T2"), 1, -4 - 1),  # p and q share a day
        (two_periods(), ("overlap", "s", "p|T1|T2"), -1, -6),
        (two_periods(), ("pair", "s", "p|T1"), -5, -4 - 5),
        (two_periods(), ("seat", "p", "T1"), 1, -4 - 2),
    ],
)
def test_one_price_on_one_row(round_: Round, row: Key, price: int, bound: int):
    court = Court(round_)
    assert court.prove({0: Leaf({row: price})}, (0,) * len(court.names)).bounds[0] == bound
    assert bound_of(round_, {row: (price, *[0] * (len(court.names) - 1))}).numerators[0] == bound


def test_levels_of_a_reserve_pay_for_what_their_groups_are_short_of():
    court = Court(two_periods(**RESERVE))
    assert court.prove({1: Leaf()}, (0, 0)).bounds[1] == 2  # two demands of the first group, three seats; four of both groups
    assert court.prove({1: Leaf({("reserve", "R", "1"): -2})}, (0, 0)).bounds[1] == 6 - 2 * 2
    assert court.prove({1: Leaf({("reserve", "R", "2"): -2})}, (0, 0)).bounds[1] == 2 + 6 - 2 * 4
    assert court.prove({1: Leaf({}, {0: 1})}, (-4, 0)).bounds[1] == 2 - 4 + 4
    assert court.prove({1: Split(("reserve", "R", "2"), 1, Leaf(), Leaf({}, {0: 1}))}, (-4, 0)).bounds[1] == 2  # at most one: short of two more


@pytest.mark.parametrize(
    ("settings", "prices", "denominator", "numerators"),
    [
        # tuples of placed and soft; three seats, two demands of the first group and four of both
        (Settings(tiers=("placed", "soft")), {}, 1, (-4, 2)),
        (Settings(tiers=("placed", "soft")), {"1": (0, -2)}, 1, (-4, -2 * 2 + 2 + 2 * 2)),
        (Settings(tiers=("placed", "soft")), {"2": (0, -3)}, 1, (-4, -3 * 4 + 2 + 2 * 3)),  # more than the penalty: none at all
        (Settings(tiers=("placed", "soft")), {"2": (0, -5)}, 2, (-8, -5 * 4 + 4 + 4 * 3)),
        (Settings(tiers=("placed", "soft")), {"2": (0, -3)}, 2, (-8, -3 * 4 + 4 + 3 * 3)),  # less than the penalty: just the three seats
        (Settings(tiers=("placed", "soft")), {"1": (-1, 0)}, 1, (-6, 2 * 3)),  # the earlier tier decides: nobody, whatever that costs later
        (Settings(tiers=("placed", "soft")), {"1": (1, 0)}, 1, (-2 - 2, 2)),
        (Settings(tiers=("soft", "placed")), {"1": (-2, 1)}, 1, (-2 * 2 + 2 + 2 * 2, -2 + 0 - 2)),
        (Settings(tiers=("blend",), tier_weights={"soft": 0.1, "placed": 1.0}), {}, 1, (-40 + 2,)),
        (Settings(tiers=("placed",)), {}, 1, (-4,)),
    ],
)
def test_levels_of_a_reserve_in_tuples(settings: Settings, prices: dict[str, tuple[int, ...]], denominator: int, numerators: tuple[int, ...]):
    round_ = two_periods(settings, **RESERVE)
    assert bound_of(round_, {("reserve", "R", level): price for level, price in prices.items()}, denominator).numerators == numerators


def test_soft_groups_in_tuples_pay_in_the_tier_they_name():
    assert bound_of(soft_groups(min=3, weight=5), {}).numerators == (4 * 5, -4)
    prices = {("quota", "Q", f"{programme}|{sector}"): (5, 0) for programme in ("G1", "G2") for sector in ("S1", "S2")}
    assert bound_of(soft_groups(max=0, weight=5), {}).numerators == (0, -4)
    assert bound_of(soft_groups(max=0, weight=5), prices).numerators == (0, 0)


def test_a_budget_of_moves_that_cannot_be_kept_needs_no_prices():
    settings = Settings(tiers=("placed",), max_moves=0)
    kept = [{"student_id": name, "placement_id": "p"} for name in "st"]
    short = two_periods(settings, previous=kept, pins=[{"student_id": "t", "placement_id": "p", "kind": "forbid"}])
    assert Scene(short).bound({}, infeasible=True).contradiction
    assert not Scene(two_periods(settings, previous=kept)).bound({}, infeasible=True).contradiction


def soft_groups(**columns: Any) -> Round:
    return two_periods(Settings(tiers=("soft:a", "placed")), **quota(per="programme_id|sector_id", hard=False, tier="soft:a", **columns))


def test_soft_groups_pay_group_by_group_in_the_tier_they_name():
    court = Court(soft_groups(min=3, weight=5))
    assert court.prove({0: Leaf()}, (0, 0)).bounds[0] == 4 * 5  # four groups of two demands each
    court = Court(soft_groups(max=0, weight=5))
    assert court.prove({1: Leaf({}, {0: 1})}, (0, 0)).bounds[1] == -4  # without prices nobody sees that a place costs 5
    prices = {("quota", "Q", f"{programme}|{sector}"): 5 for programme in ("G1", "G2") for sector in ("S1", "S2")}
    assert court.prove({1: Leaf(prices, {0: 1})}, (0, 0)).bounds[1] == 0
    assert court.prove({1: Leaf({}, {0: -1})}, (0, 0)).bounds[1] == -4 - 4 * 10  # a negative multiplier: the ends of a concave penalty


def test_even_fill_is_a_penalty_of_the_seats():
    settings = Settings(tiers=("placed", "balance"))
    students = [{"student_id": name} for name in "abc"]
    round_ = make_round(settings, students=students, placements=[{"placement_id": "p", "capacity": 2}, {"placement_id": "q", "capacity": 3}])
    court = Court(round_)
    seats: list[Key] = [("seat", "p", ""), ("seat", "q", "")]
    assert court.prove({1: Leaf({}, {0: 100})}, (-3, 0)).bounds[1] == 0 - 300 + 300
    # p 50, 100; q 33, 66, 100: three places cost 50 + 33 + 66 at least
    assert court.prove({1: Leaf(dict.fromkeys(seats, 66), {0: 66})}, (-3, 0)).bounds[1] == 50 + 33 + 66
    assert court.prove({1: Leaf(dict.fromkeys(seats, 660), {0: 660}, 10)}, (-3, 0)).bounds[1] == 149
    assert court.prove({1: Split(seats[0], 0, Leaf(dict.fromkeys(seats, 200), {0: 200}), Leaf(dict.fromkeys(seats, 66), {0: 66}))}, (-3, 0)).bounds[1] == 149


def test_an_open_or_closed_seat_is_open_with_its_minimum_or_closed():
    round_ = make_round(
        Settings(tiers=("placed",)),
        students=[{"student_id": name} for name in "abc"],
        placements=[{"placement_id": "p", "capacity": 3, "capacity_min": 4}, {"placement_id": "q", "capacity": 3, "capacity_min": 3}],
    )
    court = Court(round_)
    p, q = ("seat", "p", ""), ("seat", "q", "")
    assert court.prove({0: Leaf({p: 1})}, (0,)).bounds[0] == -3  # three cannot fill a minimum of four: closed
    assert court.prove({0: Split(p, 0, Leaf(), Leaf())}, (0,)).bounds[0] == -3
    assert court.prove({0: Split(p, 0, Leaf({p: 1, q: 1}), Leaf())}, (0,)).bounds[0] == -3  # the second case is impossible
    assert court.prove({0: Split(q, 2, Leaf({p: 1, q: 1}), Leaf({p: 1, q: 1}))}, (0,)).bounds[0] == -3
    assert court.prove({0: Split(q, 2, Leaf({p: 1, q: 1}), Split(p, 0, Leaf({q: -1}), Leaf()))}, (0,)).bounds[0] == -3


def test_a_pair_that_is_ruled_out_is_not_there_and_one_that_is_fixed_has_its_price_back():
    court = Court(two_periods())
    row: Key = ("pair", "s", "p|T1")
    other: Key = ("pair", "s", "q|T1")
    assert court.prove({0: Leaf({row: -5})}, (0, 0)).bounds[0] == -9
    assert court.prove({0: Split(row, 0, Leaf({row: -5}), Leaf({row: -5}))}, (0, 0)).bounds[0] == -4
    neither: Tree = Split(other, 0, Leaf({row: -5, other: -5}), Leaf({other: -5}))
    assert court.prove({0: Split(row, 0, neither, Leaf({row: -5}))}, (0, 0)).bounds[0] == -4
    assert court.prove({0: Split(row, 0, Leaf(), Leaf({row: 5}))}, (0, 0)).bounds[0] == -4 - 5
    assert court.prove({0: Split(row, -1, Leaf(), Split(row, 1, Leaf({row: 1}), Leaf()))}, (0, 0)).bounds[0] == -4 - 1  # the outer cases are impossible


def test_dates_flags_numbers_and_tokens_name_groups():
    round_ = make_round(
        Settings(tiers=("placed",)),
        students=[{"student_id": "a|b", "groups": "x|y", "mandatory": True, "available_from": day(3), "max_km": 2.5}],
        placements=[{"placement_id": "p", "capacity": 1}],
        quotas=[
            {"quota_id": "A", "per": "groups", "max": 0},
            {"quota_id": "B", "per": "mandatory|available_from|max_km|student|capacity", "max": 0},
        ],
    )
    court = Court(round_)
    for row in (("quota", "A", "x"), ("quota", "A", "y"), ("quota", "B", f"true|{dt.date(2027, 1, 3)}|2.5|a|b|1")):
        assert court.prove({0: Leaf({row: 1})}, (0,)).bounds[0] == 0
