"""Minutes and kilometres of the trip between a student and a placement (docs/rules.md section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import pandas as pd

from matcher.settings import MODES
from matcher.verifier.codes import Floats, Ints, encode
from matcher.verifier.view import View

EARTH_RADIUS = 6371.0088
"""Mean radius of the earth in km."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Places in radians, NaN where they are not known."""

    latitude: Floats
    longitude: Floats

    @property
    def anywhere(self) -> bool:
        """Whether any place is known."""
        return bool(np.isfinite(self.latitude).any())


@dataclass(frozen=True)
class Travel:
    """The trips of a round."""

    view: View

    @cached_property
    def mode(self) -> Ints:
        """The mode of each student as a position in MODES; car where it is empty."""
        found = encode(self.view.column("students", "mode"), pd.Index(MODES))
        return np.where(found < 0, MODES.index("car"), found)

    @cached_property
    def _speed(self) -> tuple[Floats, Floats]:
        formula = self.view.settings.travel
        speed = np.array([formula.speed[mode] for mode in MODES], dtype=np.float64)
        overhead = np.array([formula.overhead[mode] for mode in MODES], dtype=np.float64)
        return speed[self.mode], overhead[self.mode]

    @cached_property
    def homes(self) -> Points:
        """Where the students are."""
        return self._points("students", self.view.student_region)

    @cached_property
    def places(self) -> Points:
        """Where the placements are."""
        return self._points("placements", self.view.region)

    def _points(self, table: str, region: Ints) -> Points:
        """The own coordinates of each row where both are known, else those of its region."""
        view = self.view
        row = np.append(encode(pd.Series(view.regions.ids, dtype="str"), pd.Index(view.column("regions", "region_id"))), -1)[region]
        own = np.stack([view.numbers(table, "lat"), view.numbers(table, "lon")])
        theirs = np.stack([np.append(view.numbers("regions", axis), np.nan)[row] for axis in ("lat", "lon")])
        both = np.where(np.isfinite(own).all(axis=0), own, theirs)
        both[:, ~np.isfinite(both).all(axis=0)] = np.nan
        latitude, longitude = np.radians(both)
        return Points(latitude, longitude)

    @cached_property
    def _table(self) -> tuple[Ints, Floats]:
        """Sorted keys (region of the student, mode, region of the placement) of the rows of `travel`, and their minutes."""
        view = self.view
        ids = view.regions.ids
        start, end = (encode(view.column("travel", column), ids) for column in ("from_region", "to_region"))
        mode = encode(view.column("travel", "mode"), pd.Index(MODES))
        minutes = view.numbers("travel", "minutes")
        there = (start >= 0) & (end >= 0)
        start, end, mode, minutes = start[there], end[there], mode[there], minutes[there]
        every = mode < 0
        exact = self._table_key(start, mode, end)[~every]
        wide = np.concatenate([self._table_key(start[every], np.full(int(every.sum()), code), end[every]) for code in range(len(MODES))])
        keys = np.concatenate([exact, wide])  # `unique` keeps the first of equal keys: the exact mode comes before "all modes"
        values = np.concatenate([minutes[~every], np.tile(minutes[every], len(MODES))])
        known, at = np.unique(keys, return_index=True)
        return known, values[at]

    def _table_key(self, start: Ints, mode: Ints, end: Ints) -> Ints:
        width = len(self.view.regions.ids)
        return (start * len(MODES) + mode) * width + end

    def km(self, student: Ints, placement: Ints) -> Floats:
        """Kilometres along the great circle; NaN where a place is not known."""
        if not (self.homes.anywhere and self.places.anywhere):
            return np.full(len(student), np.nan)
        lat1, lon1 = self.homes.latitude[student], self.homes.longitude[student]
        lat2, lon2 = self.places.latitude[placement], self.places.longitude[placement]
        chord = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
        return cast("Floats", 2 * EARTH_RADIUS * np.arcsin(np.minimum(1, np.sqrt(chord))))

    def road_km(self, student: Ints, placement: Ints) -> Floats:
        """Kilometres by road; NaN where a place is not known."""
        return self.view.settings.travel.detour * self.km(student, placement)

    def minutes(self, student: Ints, placement: Ints) -> Floats:
        """Whole minutes of one trip: by the table, else by the formula; NaN where neither knows."""
        speed, overhead = self._speed
        minutes = np.floor(60 * self.view.settings.travel.detour * self.km(student, placement) / speed[student] + overhead[student] + 0.5)
        if not self.view.round.has("travel"):
            return minutes
        keys, values = self._table
        start, end = self.view.student_region[student], self.view.region[placement]
        wanted = self._table_key(start, self.mode[student], end)
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        found = (keys[at] == wanted) & (start >= 0) & (end >= 0)
        return np.where(found, values[at], minutes)

    def burden(self, student: Ints, placement: Ints) -> Ints:
        """What a matched pair adds to the tier `travel`: whole minutes, less the share of days at a distance; 0 where not known."""
        remote = np.nan_to_num(self.view.numbers("placements", "remote_share"))
        minutes = np.nan_to_num(self.minutes(student, placement))
        return np.floor(minutes * (1 - remote[placement]) + 0.5).astype(np.int64)
