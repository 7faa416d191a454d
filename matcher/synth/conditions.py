"""Conditions for a synthetic cohort: programmes, places on the map, travel limits, patterns, mentors, recognition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from matcher.synth.draws import Codes, Counts, Numbers, chosen, distinct, shuffled, zipf

NORTH, SOUTH, WEST, EAST = 51.35, 50.75, 2.9, 5.6
"""The rectangle in which the regions lie (degrees)."""

KM_PER_DEGREE = np.array([111.2, 70.0])
"""Latitude and longitude at 51 degrees north."""

SCATTER = 0.2
"""People and companies lie up to half of this from the centre of their region (degrees)."""

COMPANIES_PER_PLACEMENT = 0.8

START, END = "2027-02-01", "2027-06-11"
LOOKED_AT = 5
"""A student looks at so many placements per wish, and wishes for the nearest of them."""


@dataclass(frozen=True)
class World:
    """Programmes and regions: their sizes, and where the regions lie (degrees, regions x 2)."""

    programme_share: Numbers
    region_share: Numbers
    centre: Numbers

    @property
    def programmes(self) -> int:
        """Number of programmes."""
        return len(self.programme_share)


def world(rng: np.random.Generator, programmes: int, regions: int) -> World:
    """Programmes and regions of unequal size, regions anywhere in the rectangle."""
    centre = rng.random((regions, 2)) * [NORTH - SOUTH, EAST - WEST] + [SOUTH, WEST]
    return World(zipf(rng, programmes, 0.5), zipf(rng, regions, 0.5), centre.round(4))


def members(rng: np.random.Generator, items: int, shares: Numbers) -> Codes:
    """A group for every item, the groups as large as their shares say."""
    return np.searchsorted(np.cumsum(shares)[:-1], rng.random(items), side="right").astype(np.int32)


def scattered(rng: np.random.Generator, region: Codes, centre: Numbers) -> Numbers:
    """Coordinates around the centres of the regions, denser near the middle."""
    offset = (rng.random((len(region), 2)) + rng.random((len(region), 2)) - 1.0) * SCATTER / 2
    offset[:, 1] *= KM_PER_DEGREE[0] / KM_PER_DEGREE[1]
    return (centre[region] + offset).round(4)


def codes_to_ids(prefix: str, codes: Codes | Counts) -> pd.Series:
    """Short ids such as R07 for groups, all of one length."""
    groups = int(codes.max(initial=-1)) + 1
    names = pd.Series([f"{prefix}{code + 1:0{len(str(groups))}d}" for code in range(groups)], dtype="str")
    return names.take(codes).reset_index(drop=True)


def student_columns(rng: np.random.Generator, n: int, place: World) -> tuple[pd.DataFrame, Codes, Numbers]:
    """Columns for the students, the programme of each and where they live."""
    programme, region = members(rng, n, place.programme_share), members(rng, n, place.region_share)
    home = scattered(rng, region, place.centre)
    no_car, working, evening = chosen(rng, n, 0.09), chosen(rng, n, 0.18), chosen(rng, n, 0.12)
    columns = {
        "programme_id": codes_to_ids("PR", programme),
        "region_id": codes_to_ids("R", region),
        "lat": home[:, 0],
        "lon": home[:, 1],
        "mode": np.where(no_car, "pt", "car"),
        "max_minutes": np.where(chosen(rng, n, 0.015), 30.0, 60.0),
        "status": np.where(working, "working", "regular"),
        "pattern": np.where(evening, "evening", "week"),
        "groups": pd.Series(["no_car"]).take(np.zeros(n, dtype=np.int64)).reset_index(drop=True).where(no_car),
    }
    return pd.DataFrame(columns), programme, home


def placement_columns(rng: np.random.Generator, capacity: Counts, place: World) -> tuple[pd.DataFrame, Codes, Codes, Numbers]:
    """Columns for the placements, the one or two programmes each accepts (equal where one), and where they lie."""
    m = len(capacity)
    # Every programme gets its share of the placements, so that none is short by chance alone.
    own = np.repeat(np.arange(place.programmes, dtype=np.int32), _apportion(m, place.programme_share))[shuffled(rng, m)]
    neighbour = np.minimum(own ^ 1, np.int32(place.programmes - 1))
    other = np.where(chosen(rng, m, 0.3), neighbour, own)
    region = members(rng, m, place.region_share)
    at = scattered(rng, region, place.centre)
    company = (rng.random(m) * COMPANIES_PER_PLACEMENT * m).astype(np.int32)
    first, second = codes_to_ids("PR", own), codes_to_ids("PR", other)
    columns = {
        "company_id": codes_to_ids("C", company),
        "sector_id": codes_to_ids("SEC", own // 2),
        "region_id": codes_to_ids("R", region),
        "lat": at[:, 0],
        "lon": at[:, 1],
        "programmes": first.where(first == second, first + "|" + second),
        "from": START,
        "to": END,
        "pattern": np.where(chosen(rng, m, 0.3), "week|evening", "week"),
        "mentors": np.maximum(1, (capacity + 1) // 2 - chosen(rng, m, 0.05)),
        "students_per_mentor": 2.0,
        "mentor_trained_until": np.where(chosen(rng, m, 0.02), "2027-03-31", "2029-08-31"),
        "recognised_until": np.where(chosen(rng, m, 0.02), "2027-04-30", "2030-08-31"),
        "insured": ~chosen(rng, m, 0.01),
    }
    return pd.DataFrame(columns), own, other, at


def _apportion(total: int, shares: Numbers) -> Counts:
    """Whole parts of `total` in proportion to the shares, by largest remainder; every part at least one where there is enough."""
    exact = np.maximum(total * shares, 1.0)
    exact *= total / exact.sum()
    parts = np.floor(exact).astype(np.int64)
    parts[np.argsort(parts - exact, kind="stable")[: total - int(parts.sum())]] += 1
    return parts


def reference_tables(place: World, placements: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables that students and placements point to."""
    programme = np.arange(place.programmes)
    region = np.arange(len(place.centre))
    sector = np.arange((place.programmes + 1) // 2)
    companies = placements.groupby("company_id", sort=True, as_index=False)[["sector_id"]].first()
    return {
        "programmes": pd.DataFrame({"programme_id": codes_to_ids("PR", programme), "form": "graduaat"}),
        "companies": companies,
        "sectors": pd.DataFrame({"sector_id": [*codes_to_ids("SEC", sector), "SEC"], "parent_id": [*["SEC"] * len(sector), None]}),
        "regions": pd.DataFrame({"region_id": codes_to_ids("R", region), "lat": place.centre[:, 0], "lon": place.centre[:, 1]}),
    }


@dataclass(frozen=True)
class Meeting:
    """Who can wish for what: the students' programmes and homes, the placements' programmes and places, and how popular each is."""

    programme: Codes
    home: Numbers
    own: Codes
    other: Codes
    at: Numbers
    weights: Numbers

    def wishes(self, rng: np.random.Generator, per_student: int) -> tuple[Codes, Codes]:
        """Students and placements of the wishes, best first: popular placements of the own programme, the nearest in front.

        A programme with fewer placements than wishes gives shorter lists. O(students x LOOKED_AT x wishes), one step per programme.
        """
        students, targets = [np.empty(0, dtype=np.int32)], [np.empty(0, dtype=np.int32)]
        for code in np.unique(self.programme):
            mine = np.flatnonzero(self.programme == code).astype(np.int32)
            offered = np.flatnonzero((self.own == code) | (self.other == code)).astype(np.int32)
            seen = offered[distinct(rng, len(mine), min(LOOKED_AT * per_student, len(offered)), self.weights[offered])]
            way = ((self.at[seen] - self.home[mine][:, None, :]) * KM_PER_DEGREE) ** 2
            nearest = np.argsort(way.sum(axis=2), axis=1, kind="stable")[:, :per_student]
            targets.append(np.take_along_axis(seen, nearest, axis=1).ravel())
            students.append(np.repeat(mine, nearest.shape[1]))
        student, target = np.concatenate(students), np.concatenate(targets)
        order = np.argsort(student, kind="stable")
        return student[order], target[order]
