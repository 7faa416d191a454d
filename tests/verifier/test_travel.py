"""Minutes and kilometres (docs/rules.md section 4), by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from matcher.settings import Settings, TravelFormula
from matcher.verifier.travel import Travel
from matcher.verifier.view import View
from tests.brute_force import Referee
from tests.rounds import make_round

GHENT, BRUSSELS = (51.05, 3.72), (50.85, 4.35)
REGIONS = [{"region_id": "A", "lat": 51.05, "lon": 3.72}, {"region_id": "B", "lat": 50.85, "lon": 4.35}, {"region_id": "X"}]


def trip(student: dict[str, Any], placement: dict[str, Any], settings: Settings | None = None, **tables: list[dict[str, Any]]) -> tuple[float, float, int]:
    """Minutes, road kilometres and what the pair adds to the tier; the referee must say the same."""
    round_ = make_round(settings, students=[{"student_id": "s", **student}], placements=[{"placement_id": "p", "capacity": 1, **placement}], **tables)
    travel, referee = Travel(View(round_)), Referee(round_)
    pair = np.array([0]), np.array([0])
    minutes, km, burden = travel.minutes(*pair)[0], travel.road_km(*pair)[0], int(travel.burden(*pair)[0])
    assert (None if np.isnan(minutes) else minutes) == referee.minutes("s", "p")
    assert burden == referee.burden("s", "p")
    return minutes, km, burden


def own(point: tuple[float, float]) -> dict[str, float]:
    return {"lat": point[0], "lon": point[1]}


def test_the_formula_gives_the_minutes_between_ghent_and_brussels_by_each_mode():
    minutes, km, burden = trip(own(GHENT), own(BRUSSELS))
    assert km == pytest.approx(1.25 * 49.41, abs=0.05)
    assert minutes == math.floor(60 * km / 45 + 5 + 0.5) == burden == 87
    assert trip({**own(GHENT), "mode": "pt"}, own(BRUSSELS))[0] == math.floor(60 * km / 25 + 10 + 0.5)
    assert trip({**own(GHENT), "mode": "bike"}, own(BRUSSELS))[0] == math.floor(60 * km / 15 + 2 + 0.5)
    assert trip({**own(GHENT), "mode": "foot"}, own(BRUSSELS))[0] == math.floor(60 * km / 5 + 0.5)


def test_the_same_place_costs_the_overhead():
    assert trip(own(GHENT), own(GHENT))[:2] == (5, 0)


def test_settings_replace_speeds_and_detour():
    settings = Settings(
        travel=TravelFormula(detour=1.0, speed={"car": 60.0, "pt": 1, "bike": 1, "foot": 1}, overhead={"car": 0.0, "pt": 0, "bike": 0, "foot": 0})
    )
    minutes, km, _ = trip(own(GHENT), own(BRUSSELS), settings)
    assert minutes == math.floor(km + 0.5) == 49


def test_half_known_own_coordinates_yield_to_those_of_the_region():
    whole = trip({"region_id": "A"}, {"region_id": "B"}, regions=REGIONS)
    assert whole[0] == 87
    assert trip({"region_id": "A", "lat": 10.0, "lon": None}, {"region_id": "B"}, regions=REGIONS) == whole
    assert trip({"region_id": "A", **own(BRUSSELS)}, {"region_id": "B"}, regions=REGIONS)[0] == 5


def test_a_placement_without_region_is_where_its_company_is():
    companies = [{"company_id": "C", "region_id": "B"}]
    assert trip({"region_id": "A"}, {"company_id": "C"}, regions=REGIONS, companies=companies)[0] == 87


def test_nothing_known_is_unknown_and_adds_nothing():
    minutes, km, burden = trip({"region_id": "X"}, {"region_id": "B"}, regions=REGIONS)
    assert np.isnan(minutes)
    assert np.isnan(km)
    assert burden == 0


@pytest.mark.parametrize(
    ("mode", "rows", "minutes"),
    [
        ("car", [("A", "B", "car", 33)], 33),
        ("car", [("A", "B", None, 44)], 44),
        ("car", [("A", "B", None, 44), ("A", "B", "car", 33)], 33),
        ("bike", [("A", "B", None, 44), ("A", "B", "car", 33)], 44),
        ("bike", [("A", "B", "car", 33)], 249),  # no row serves: the formula
        ("car", [("B", "A", "car", 33)], 87),  # the way back is another row
        ("car", [("A", "B", "car", 0)], 0),
    ],
)
def test_a_row_of_the_travel_table_replaces_the_formula(mode: str, rows: list[tuple[str, str, str | None, int]], minutes: int):
    table = [{"from_region": start, "to_region": end, "mode": how, "minutes": count} for start, end, how, count in rows]
    found, km, _ = trip({"region_id": "A", "mode": mode}, {"region_id": "B"}, regions=REGIONS, travel=table)
    assert found == minutes
    assert km == pytest.approx(61.8, abs=0.1)  # kilometres stay those of the coordinates


@pytest.mark.parametrize(("share", "burden"), [(None, 33), (0, 33), (0.5, 17), (0.2, 26), (1, 0)])
def test_remote_days_shorten_what_counts_but_not_the_trip(share: float | None, burden: int):
    table = [{"from_region": "A", "to_region": "B", "mode": None, "minutes": 33}]
    assert trip({"region_id": "A"}, {"region_id": "B", "remote_share": share}, regions=REGIONS, travel=table)[::2] == (33, burden)


@pytest.mark.parametrize(
    ("limit", "broken"),
    [({"max_minutes": 87}, False), ({"max_minutes": 86}, True), ({"max_minutes": 86.5}, True), ({"max_km": 62}, False), ({"max_km": 61}, True)],
)
def test_the_limit_looks_at_minutes_and_kilometres(limit: dict[str, float], broken: bool):
    from matcher.verifier.pairs import Rulebook

    round_ = make_round(None, students=[{"student_id": "s", **own(GHENT), **limit}], placements=[{"placement_id": "p", "capacity": 1, **own(BRUSSELS)}])
    verdict = Rulebook.of(View(round_)).eligibility.broken("travel", np.array([0]), np.array([0]))
    assert verdict is not None
    assert bool(verdict[0]) == broken == Referee(round_).breaks("travel", "s", "p")
