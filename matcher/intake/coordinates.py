"""Coordinates that cannot be meant: exchanged, outside the country of all others, or far from the region or the postcode zone they belong to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import Fix, Issue
from matcher.intake.cells.numbers import BELGIUM
from matcher.intake.columns import distinct
from matcher.intake.typed import Typed
from matcher.intake.typing_cells import written

Degrees = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FAR_KM = 45.0
"""How far a place may lie from the centre of its region, or from the median of its two-digit postcode zone, before a person should look."""
MEMBERS = 5
"""A zone needs so many places before its median says something."""
LARGE = 0.1
"""Where more than this share of the places of a region or zone lies far away, the region is simply large."""
_KM_PER_DEGREE = 111.195


def check_coordinates(typed: Typed) -> Iterator[Issue]:
    """Look at students, placements and regions. Exchanged coordinates are exchanged back in the typed tables."""
    for table in ("regions", "students", "placements"):
        if typed.has(table, "lat", "lon"):
            yield from _exchanged(typed, table)
            outside = _outside(typed, table)
            yield from _named_outside(typed, table, outside)
            yield from _far(typed, table, outside)


def _inside(lat: Degrees, lon: Degrees) -> Flags:
    (south, north), (west, east) = BELGIUM["lat"], BELGIUM["lon"]
    return (lat >= south) & (lat <= north) & (lon >= west) & (lon <= east)


def _exchanged(typed: Typed, table: str) -> Iterator[Issue]:
    """Latitude in the column of longitude: only where the place then lies in Belgium, so that no other reading makes sense."""
    frame, place = typed.frames[table], typed.places[table]
    lat, lon = frame["lat"].to_numpy(), frame["lon"].to_numpy()
    wrong = _inside(lon, lat) & ~_inside(lat, lon)
    if not wrong.any():
        return
    for at in np.flatnonzero(wrong).tolist():
        for column, own, other in (("lat", lat, lon), ("lon", lon, lat)):
            fix = Fix(written(float(other[at])), safe=True)
            yield place.issue("coordinates_swapped", at, column, written(float(own[at])), severity="warning", fix=fix)
    frame["lat"], frame["lon"] = np.where(wrong, lon, lat), np.where(wrong, lat, lon)


def _outside(typed: Typed, table: str) -> Flags:
    """Places outside Belgium, in a table where nearly all others are inside."""
    frame = typed.frames[table]
    lat, lon = frame["lat"].to_numpy(), frame["lon"].to_numpy()
    there, inside = ~np.isnan(lat) & ~np.isnan(lon), _inside(lat, lon)
    usual = there.sum() > MEMBERS and inside.sum() >= (1 - LARGE) * there.sum()
    return there & ~inside if usual else np.zeros(len(frame), dtype=np.bool_)


def _named_outside(typed: Typed, table: str, outside: Flags) -> Iterator[Issue]:
    frame, place = typed.frames[table], typed.places[table]
    for at in np.flatnonzero(outside).tolist():
        yield place.issue("coordinates_outside", at, "lat", _pair(frame, at), severity="warning")


def _far(typed: Typed, table: str, told: Flags) -> Iterator[Issue]:
    """Places far from the centre of their region, or from the median of their postcode zone, unless something was told of them already."""
    frame, place = typed.frames[table], typed.places[table]
    lat, lon = frame["lat"].to_numpy(), frame["lon"].to_numpy()
    for code, column, groups, centres in (_regions(typed, table), _zones(frame)):
        if groups is None:
            continue
        km = distance_km(lat, lon, centres[0], centres[1])
        far = _strays(np.where(told, np.nan, km), groups)
        told = told | far
        for at in np.flatnonzero(far).tolist():
            params = (("km", round(float(km[at]))), ("zone", str(frame[column].iloc[at])))
            yield place.issue(code, at, "lat", _pair(frame, at), severity="warning", params=params)


def _pair(frame: pd.DataFrame, at: int) -> str:
    return f"{frame['lat'].iloc[at]:.6g}, {frame['lon'].iloc[at]:.6g}"


Groups = tuple[str, str, npt.NDArray[np.int32] | None, tuple[Degrees, Degrees]]
_NONE: tuple[Degrees, Degrees] = (np.empty(0), np.empty(0))


def _regions(typed: Typed, table: str) -> Groups:
    """The region of each place, and its centre."""
    if table == "regions" or not typed.has(table, "region_id") or not typed.has("regions", "lat", "lon"):
        return "far_from_region", "region_id", None, _NONE
    region = typed.codes(table, "region_id", "regions")
    centre = tuple(np.append(typed.frames["regions"][name].to_numpy(), np.nan)[region] for name in ("lat", "lon"))
    return "far_from_region", "region_id", region, (centre[0], centre[1])


def _zones(frame: pd.DataFrame) -> Groups:
    """The zone of each place (the first two digits of its postcode), and the median of the places there."""
    if "postcode" not in frame:
        return "far_from_postcode", "postcode", None, _NONE
    codes, found = distinct(frame["postcode"])
    zone_of = np.array([str(text)[:2] if str(text)[:4].isdecimal() else "" for text in found] + [""], dtype=object)
    zone, _ = pd.factorize(pd.Series(zone_of[codes]).replace("", None))
    medians = frame[["lat", "lon"]].reset_index(drop=True).groupby(zone)
    size = medians["lat"].transform("count").to_numpy()
    centre = [np.where((zone >= 0) & (size >= MEMBERS), medians[name].transform("median").to_numpy(), np.nan) for name in ("lat", "lon")]
    return "far_from_postcode", "postcode", zone.astype(np.int32), (centre[0], centre[1])


def _strays(km: Degrees, groups: npt.NDArray[np.int32]) -> Flags:
    """Places beyond the limit, in groups where nearly all others are within it."""
    far = km > FAR_KM
    if not far.any():
        return far
    known = ~np.isnan(km)
    beyond, all_ = (np.bincount(groups[flags & (groups >= 0)], minlength=int(groups.max()) + 1) for flags in (far, known))
    few = beyond <= np.maximum(1, LARGE * all_)
    strays: Flags = far & (groups >= 0) & np.append(few, False)[groups]
    return strays


def distance_km(lat: Degrees, lon: Degrees, other_lat: Degrees, other_lon: Degrees) -> Degrees:
    """Kilometres between two places in one country, on a flat map around their mean latitude (good to 0.5 % at 300 km)."""
    north = lat - other_lat
    east = (lon - other_lon) * np.cos(np.radians((lat + other_lat) / 2))
    distance: Degrees = _KM_PER_DEGREE * np.hypot(north, east)
    return distance
