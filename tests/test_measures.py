"""Figures about a matching, by hand and against the referee."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pandas as pd
import pytest

from matcher.measures import Measures
from matcher.round import Round
from tests.brute_force import Referee, best
from tests.rounds import make_round, random_round
from tests.verifier.answers import result_of

PLACE = make_round(
    None,
    students=[
        {"student_id": "s0", "programme_id": "G", "groups": "car|first", "region_id": "R1"},
        {"student_id": "s1", "programme_id": "G", "groups": "car", "region_id": "R1"},
        {"student_id": "s2", "programme_id": "H", "groups": "none", "region_id": "R2"},
        {"student_id": "s3", "programme_id": None, "groups": None, "region_id": None},
    ],
    placements=[
        {"placement_id": "p", "capacity": 3, "company_id": "C", "mentors": 1, "students_per_mentor": 2, "pool_id": "K"},
        {"placement_id": "q", "capacity": 1, "sector_id": "S", "region_id": "R"},
        {"placement_id": "r", "capacity": 2, "pool_id": "K"},
        {"placement_id": "t", "capacity": 0, "sector_id": "S2"},
    ],
    companies=[{"company_id": "C", "sector_id": "S1", "region_id": "R1"}],
    sectors=[{"sector_id": "S1", "name": "one", "parent_id": "S"}, {"sector_id": "S", "name": "top"}, {"sector_id": "S2", "name": "two"}],
    regions=[{"region_id": "R"}, {"region_id": "R1", "parent_id": "R"}, {"region_id": "R2"}],
    pools=[{"pool_id": "K", "capacity": 4}],
    preferences=[
        {"student_id": "s0", "rank": 1, "target_id": "p"},
        {"student_id": "s1", "rank": 2, "target_id": "p"},
        {"student_id": "s2", "rank": 4, "target_id": "q"},
    ],
    quotas=[
        {"quota_id": "A", "students": "groups=car", "min": 1, "max": 1, "hard": False, "weight": 3},
        {"quota_id": "B", "placements": "sector_id=S", "min": 5, "hard": False},
        {"quota_id": "C", "max": 9},
    ],
    travel=[{"from_region": "R1", "to_region": "R1", "minutes": 15}, {"from_region": "R2", "to_region": "R", "minutes": 500}],
)


def measures(round_: Round, matching: dict[Any, Any]) -> Measures:
    return Measures(round_, result_of(round_, matching, bounds=[None] * len(round_.settings.tiers), reason="time_limit").matches)


@pytest.fixture
def place() -> Measures:
    """s0 and s1 at p, s2 at q, s3 nowhere."""
    return measures(PLACE, {("s0", None): ("p", ""), ("s1", None): ("p", ""), ("s2", None): ("q", ""), ("s3", None): None})


def rows(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return list(frame[list(columns)].astype(object).where(frame[list(columns)].notna(), None).itertuples(index=False, name=None))


def test_fill_names_capacity_and_what_limits_it(place: Measures):
    assert rows(place.fill, "placement_id", "period_id", "company_id", "sector_id", "region_id", "capacity", "usable", "limited_by", "filled", "free") == [
        ("p", None, "C", "S1", "R1", 3, 2, "mentor_capacity", 2, 0),
        ("q", None, None, "S", "R", 1, 1, None, 1, 0),
        ("r", None, None, None, None, 2, 2, None, 0, 2),
        ("t", None, None, "S2", None, 0, 0, None, 0, 0),
    ]


def test_fill_by_sector_and_region_adds_up_the_tree_from_the_top(place: Measures):
    columns = ("id", "name", "parent_id", "depth", "own_seats", "own_filled", "seats", "filled")
    assert rows(place.by_sector, *columns) == [
        ("S", "top", None, 0, 1, 1, 3, 3),
        ("S1", "one", "S", 1, 2, 2, 2, 2),
        (None, None, None, 0, 2, 0, 2, 0),
    ]
    assert rows(place.by_region, "id", "depth", "seats", "filled") == [("R", 0, 3, 3), ("R1", 1, 2, 2), (None, 0, 2, 0)]


def test_pools_and_quotas_show_their_activity(place: Measures):
    assert rows(place.pools, "pool_id", "capacity", "filled") == [("K", 4, 2)]
    assert rows(place.quotas, "quota_id", "activity", "min", "max", "hard", "weight", "violation") == [
        ("A", 2, 1, 1, False, 3, 1),
        ("B", 3, 5, None, False, 1, 2),
        ("C", 3, 0, 9, True, 1, 0),
    ]


def test_the_rank_profile_counts_from_none_to_the_worst(place: Measures):
    assert place.rank_profile.tolist() == [0, 1, 1, 0, 1]


def test_the_unplaced_are_counted_by_reason(place: Measures):
    assert place.unplaced_by_reason.to_dict() == {"test": 1}


def test_groups_count_every_tag_and_every_programme(place: Measures):
    columns = ("name", "demands", "placed", "first", "three", "share_placed", "share_first")
    assert rows(place.by_group("groups"), *columns) == [("car", 2, 2, 1, 2, 1.0, 0.5), ("first", 1, 1, 1, 1, 1.0, 1.0)]
    assert rows(place.by_group("programme_id"), *columns) == [("G", 2, 2, 1, 2, 1.0, 0.5), ("H", 1, 1, 0, 0, 1.0, 0.0)]
    assert rows(place.by_group("prior_route"), *columns) == []


def test_trips_fall_into_bins_that_begin_where_they_say(place: Measures):
    assert place.minutes.tolist()[:3] == [15, 15, 500]
    assert np.isnan(place.minutes[3])
    assert [(row.low, row.trips) for row in place.travel.itertuples() if row.trips] == [(15, 2), (120, 1)]
    assert place.travel["trips"].sum() == 3


def test_an_empty_matching_has_empty_figures():
    nobody = Measures(PLACE, measures(PLACE, dict.fromkeys([(f"s{n}", None) for n in range(4)])).matches.iloc[:0])
    assert nobody.fill["filled"].sum() == 0
    assert nobody.rank_profile.tolist() == [0]
    assert nobody.travel["trips"].sum() == 0
    assert rows(nobody.by_group("groups"), "name") == []


def test_figures_of_random_rounds_agree_with_the_referee():
    seen = 0
    for seed in range(60):
        round_ = random_round(random.Random(seed), without={"pins"})
        found = best(round_)
        if found is None:
            continue
        referee, figures = Referee(round_), measures(round_, found.matching)
        used = [pair for pair in found.matching.values() if pair]
        fill = {(row.placement_id, row.period_id if isinstance(row.period_id, str) else ""): row for row in figures.fill.itertuples()}
        assert {key: row.filled for key, row in fill.items() if row.filled} == {pair: used.count(pair) for pair in used}
        assert {key: row.usable for key, row in fill.items()} == {
            (name, period): referee.capacity(name) for name in referee.placements for period in referee.seats(name)
        }
        for column, frame in (("sector_id", figures.by_sector), ("region_id", figures.by_region)):
            for row in frame.dropna(subset="id").itertuples():
                assert row.filled == sum(row.id in referee.line_of(column, referee.place(name, column)) for name, _ in used)
            assert frame["own_filled"].sum() == len(used)
        assert figures.quotas["activity"].tolist() == [referee.quota_count(quota, found.matching) for quota in referee.quotas]
        trips = [
            referee.minutes(demand[0], pair[0]) if pair else None
            for demand, pair in sorted(found.matching.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        ]
        assert figures.minutes.tolist() == pytest.approx([np.nan if trip is None else trip for trip in trips], nan_ok=True)
        seen += len(used)
    assert seen > 25
