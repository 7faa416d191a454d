"""Where people and companies are: around the chief towns of the arrondissements, and how long the trips take."""

from __future__ import annotations

import numpy as np

from making.dice import Dice
from making.facts import REGIONS, SECOND_TOWN

CENTRE = np.array([(region.lat, region.lon) for region in REGIONS])
PEOPLE = np.array([region.people for region in REGIONS], dtype=float)
CODES = np.array([region.code for region in REGIONS], dtype=object)
POSTCODES = np.array([region.postcode for region in REGIONS], dtype=object)
AT = {region.code: i for i, region in enumerate(REGIONS)}

KM_PER_DEGREE = (111.2, 70.0)
EARTH_RADIUS_KM = 6371.0088
DETOUR = 1.25
SPEED = {"car": 45.0, "pt": 25.0, "bike": 15.0, "foot": 5.0}
OVERHEAD = {"car": 5.0, "pt": 10.0, "bike": 2.0, "foot": 0.0}

# Towns by the coast or the border: nobody lives in the sea or abroad, so people are moved inland (degrees north, east).
INLAND = {"BE251": (-0.05, 0.02), "BE255": (-0.07, 0.05), "BE258": (-0.05, 0.07), "BE253": (0.02, 0.05), "BE225": (0.0, -0.10), "BE213": (-0.08, 0.0)}


def settle(dice: Dice, region: np.ndarray, km: float) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates (rounded to 4 decimals) up to `km` from the chief town, denser near it, and the postcode of the town."""
    offset = (dice.uniform(len(region), 2) + dice.uniform(len(region), 2) - 1.0) * km / np.array(KM_PER_DEGREE)
    centre, postcode = CENTRE[region].copy(), POSTCODES[region].copy()
    second = dice.chance(0.5, len(region))
    for code, (post, lat, lon) in SECOND_TOWN.items():
        there = second & (region == AT[code])
        centre[there], postcode[there] = (lat, lon), post
    for code, shift in INLAND.items():
        centre[region == AT[code]] += shift
    return (centre + offset).round(4), postcode


def kilometres(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Great-circle kilometres between all points of a (n x 2, degrees) and all of b."""
    p, q = np.radians(a)[:, None, :], np.radians(b)[None, :, :]
    h = np.sin((q[..., 0] - p[..., 0]) / 2) ** 2 + np.cos(p[..., 0]) * np.cos(q[..., 0]) * np.sin((q[..., 1] - p[..., 1]) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(h)))


def minutes(a: np.ndarray, mode: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Whole minutes of the trips from all points of a, each by its mode, to all of b."""
    speed = np.array([SPEED[word] for word in mode])[:, None]
    overhead = np.array([OVERHEAD[word] for word in mode])[:, None]
    return np.floor(60 * DETOUR * kilometres(a, b) / speed + overhead + 0.5)


BETWEEN = kilometres(CENTRE, CENTRE)
"""Kilometres between the chief towns."""
