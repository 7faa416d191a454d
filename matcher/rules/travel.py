"""Travel: minutes of one trip by mode, from a table or from coordinates, and the rule `travel` (docs/rules.md section 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.rules.facts import Codes, Facts, Flags, encode
from matcher.rules.rule import Rule, Words
from matcher.settings import MODES

BLOCK = 1 << 18
"""So many pairs are worked out at a time."""

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG)."""

Numbers = npt.NDArray[np.float64]


def great_circle_km(lat1: Numbers, lon1: Numbers, lat2: Numbers, lon2: Numbers) -> Numbers:
    """Great-circle distance in km between points in radians (haversine, Sinnott 1984: sound for small distances too)."""
    h = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    km: Numbers = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(h)))
    return km


@dataclass(frozen=True)
class Travel:
    """Whole minutes and road kilometres for any pair; NaN where not known.

    Attributes
    ----------
    student_at, placement_at
        Radians, n x 2 and m x 2 (latitude, longitude); NaN where not known.
    mode
        Index into MODES per student.
    student_region, placement_region
        Codes of the travel table's regions; -1 where not known.
    table
        regions x regions x modes minutes; NaN where the table has no row. Size zero where there is no table.
    """

    student_at: Numbers
    placement_at: Numbers
    mode: Codes
    student_region: Codes
    placement_region: Codes
    table: Numbers
    detour: float
    speed: Numbers
    overhead: Numbers
    remote_share: Numbers

    def road_km(self, s: Codes, p: Codes) -> Numbers:
        """Road kilometres: great circle times detour."""
        a, b = self.student_at[s], self.placement_at[p]
        return self.detour * great_circle_km(a[:, 0], a[:, 1], b[:, 0], b[:, 1])

    def minutes(self, s: Codes, p: Codes, km: Numbers | None = None) -> Numbers:
        """Whole minutes of one trip."""
        mode = self.mode[s]
        km = self.road_km(s, p) if km is None else km
        minutes = np.floor(60 * km / self.speed[mode] + self.overhead[mode] + 0.5)
        if self.table.size:
            a, b = self.student_region[s], self.placement_region[p]
            listed = np.where((a >= 0) & (b >= 0), self.table[a, b, mode], np.nan)
            minutes = np.where(np.isnan(listed), minutes, listed)
        return minutes

    def burden(self, s: Codes, p: Codes, tick: Callable[[], None] = lambda: None) -> npt.NDArray[np.int32]:
        """What the pair adds to the tier `travel`: minutes on the share of days on site; 0 where not known. O(pairs), in memory for a block of them."""
        burden = np.zeros(len(s), dtype=np.int32)
        for start in range(0, len(s) if self.knows_any else 0, BLOCK):
            some = slice(start, start + BLOCK)
            minutes = np.floor(self.minutes(s[some], p[some]) * (1 - self.remote_share[p[some]]) + 0.5)
            burden[some] = np.nan_to_num(minutes).astype(np.int32)
            tick()
        return burden

    @property
    def knows_any(self) -> bool:
        """Whether the minutes of any pair can be known."""
        located = [not np.isnan(at).all() for at in (self.student_at, self.placement_at)]
        return all(located) or self.table.size > 0


def _coordinates(frame: pd.DataFrame, regions: pd.DataFrame) -> Numbers:
    """Radians per row: the row's own coordinates, else those of its region."""
    found = np.full((len(frame), 2), np.nan)
    if {"lat", "lon"} <= set(frame.columns):
        found = np.radians(frame[["lat", "lon"]].to_numpy(dtype=np.float64))
    if "region_id" in frame and {"lat", "lon"} <= set(regions.columns):
        code = encode(frame["region_id"], pd.Index(regions["region_id"]))
        centre = np.vstack([np.radians(regions[["lat", "lon"]].to_numpy(dtype=np.float64)), [[np.nan, np.nan]]])
        found = np.where(np.isnan(found).any(axis=1)[:, None], centre[code], found)
    return found


def travel_of(facts: Facts) -> Travel:
    """Prepare travel for a round; where nothing is known every answer is NaN."""
    formula = facts.round.settings.travel
    regions, rows = facts.round.table("regions"), facts.round.table("travel")
    index = pd.Index(pd.concat([rows["from_region"], rows["to_region"]]).unique())
    mode = facts.student("mode")
    modes = pd.Index(MODES)
    remote = facts.placement("remote_share")
    n, m = len(facts.students), len(facts.placements)

    def region(frame: pd.DataFrame, length: int) -> Codes:
        return encode(frame["region_id"], index) if "region_id" in frame else np.full(length, -1, dtype=np.int32)

    return Travel(
        _coordinates(facts.students, regions),
        _coordinates(facts.placements, regions),
        np.zeros(n, dtype=np.int32) if mode is None else np.maximum(encode(mode, modes), 0),
        region(facts.students, n),
        region(facts.placements, m),
        _travel_table(rows, index),
        formula.detour,
        np.array([formula.speed[name] for name in MODES]),
        np.array([formula.overhead[name] for name in MODES]),
        np.zeros(m) if remote is None else remote.fillna(0.0).to_numpy(),
    )


def _travel_table(rows: pd.DataFrame, index: pd.Index) -> Numbers:
    """Minutes by region, region and mode: rows for all modes first, then those for one mode over them."""
    if rows.empty:
        return np.empty((0, 0, 0))
    table = np.full((len(index), len(index), len(MODES)), np.nan)
    a, b = encode(rows["from_region"], index), encode(rows["to_region"], index)
    minutes = rows["minutes"].to_numpy(dtype=np.float64)
    mode = encode(rows["mode"], pd.Index(MODES)) if "mode" in rows else np.full(len(rows), -1, dtype=np.int32)
    every, one = mode < 0, mode >= 0
    table[a[every], b[every], :] = minutes[every, None]
    table[a[one], b[one], mode[one]] = minutes[one]
    return table


@dataclass(frozen=True)
class TravelLimit:
    """Broken where the trip takes longer, or is farther, than the student can go."""

    travel: Travel
    max_minutes: Numbers
    max_km: Numbers
    name: str = "travel"

    def judge(self, s: Codes, p: Codes) -> tuple[Flags, Flags]:
        """Compare both limits; NaN (not known) compares as false."""
        km = self.travel.road_km(s, p)
        minutes = self.travel.minutes(s, p, km)
        time_limit, way_limit = self.max_minutes[s], self.max_km[s]
        broken = (minutes > time_limit) | (km > way_limit)
        unjudged = (np.isnan(minutes) | np.isnan(time_limit)) & (np.isnan(km) | np.isnan(way_limit))
        return broken, unjudged & ~broken

    def because(self, s: int, p: int) -> Words:
        """Name the trip and the limit that it exceeds (minutes first)."""
        one_s, one_p = np.array([s], dtype=np.int32), np.array([p], dtype=np.int32)
        km = self.travel.road_km(one_s, one_p)
        minutes = float(self.travel.minutes(one_s, one_p, km)[0])
        if minutes > self.max_minutes[s]:
            return {"value": f"{minutes:.0f}", "limit": f"{self.max_minutes[s]:g}", "unit": "min"}
        return {"value": f"{km[0]:.1f}", "limit": f"{self.max_km[s]:g}", "unit": "km"}


def travel(facts: Facts) -> Rule | None:
    """The trip is within the student's limits."""
    minutes, km = facts.student("max_minutes"), facts.student("max_km")
    if minutes is None and km is None:
        return None
    unlimited = np.full(len(facts.students), np.nan)
    return TravelLimit(travel_of(facts), unlimited if minutes is None else minutes.to_numpy(), unlimited if km is None else km.to_numpy())
