"""The students of the college: programme, campus, home, car, work, languages, checks, limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from making.dice import Dice, apportion
from making.facts import CAMPUSES, PROGRAMMES
from making.land import AT, BETWEEN, CODES, PEOPLE, settle

REACH_KM = 14.0
"""How quickly the number of students falls off with the distance to their campus."""

WORKING, NO_CAR, EXEMPTED, NO_WISHES = 540, 260, 45, 210
EVENING = 300
CARE = ("GR-ORB", "GR-MAW", "GR-SCW")


@dataclass(frozen=True)
class Students:
    """Columns as they stand in students.csv, as arrays."""

    programme: np.ndarray
    columns: dict[str, np.ndarray]
    home: np.ndarray

    def __len__(self) -> int:
        return len(self.programme)

    def __getitem__(self, column: str) -> np.ndarray:
        return self.columns[column]


def home_shares(programme: int) -> np.ndarray:
    """The share of a programme's students that lives in each region, by campus: campuses x regions."""
    weights = PEOPLE[None, :] ** 0.8 * np.exp(-BETWEEN[[AT[CAMPUSES[campus]] for campus in PROGRAMMES[programme].campuses]] / REACH_KM)
    share = np.array(list(PROGRAMMES[programme].campuses.values()))
    return share[:, None] * weights / weights.sum(axis=1, keepdims=True)


def students(seed: int) -> Students:
    """All students, in random order."""
    dice = Dice(seed, 1)
    programme, campus, region = _origins(dice)
    n = len(programme)
    home, postcode = settle(dice, region, 11.0)
    working = dice.some(n, WORKING)
    evening = np.zeros(n, dtype=bool)
    evening[dice.of(working, EVENING * 4 // 5)] = True
    evening[dice.of(~working, EVENING // 5)] = True
    no_car = dice.some(n, NO_CAR)
    exempted = dice.some(n, EXEMPTED)
    late = dice.some(n, 40)
    days = np.array([PROGRAMMES[code].pattern for code in programme], dtype=object)
    care = np.isin(np.array([p.code for p in PROGRAMMES])[programme], CARE)
    no_checks = dice.uniform(n) < np.where(care, 0.012, 0.0)
    max_minutes = np.where(exempted, dice.words({"30": 3, "25": 1}, n), "60")
    columns = {
        "student_id": np.array([f"02{4 + (k >= n // 2)}{1000 + 3 * k % 9000:04d}" for k in range(n)], dtype=object),
        "programme_id": np.array([PROGRAMMES[code].code for code in programme], dtype=object),
        "institution_id": campus,
        "region_id": CODES[region],
        "postcode": postcode,
        "lat": home[:, 0],
        "lon": home[:, 1],
        "mode": np.where(no_car, dice.words({"pt": 4, "bike": 1}, n), "car"),
        "max_minutes": max_minutes,
        "mandatory": np.where(dice.some(n, n // 10), "false", "true"),
        "status": np.where(working, "working", dice.words({"regular": 20, "jobseeker": 1}, n)),
        "prior_route": np.where(dice.chance(0.12, n), "duaal_so", ""),
        "own_company_id": np.full(n, "", dtype=object),
        "languages": dice.words({"nl": 5, "nl|en": 6, "nl|fr": 3, "nl|fr|en": 5, "": 1}, n),
        "checks": np.where(care, np.where(no_checks, "none", "strafregister|medisch"), ""),
        "available_from": np.where(late, "2027-03-01", ""),
        "available_to": np.where(late | dice.chance(0.03, n), "2027-07-02", ""),
        "pattern": np.where(evening, "evening", days),
        "excluded_companies": np.full(n, "", dtype=object),
        "min_pay": np.where(dice.some(n, 40), "150", ""),
        "priority": (dice.order(n) + 1).astype(str).astype(object),
    }
    columns["groups"] = _tags(no_car=no_car, exempt=exempted, evening=evening, dual_before=columns["prior_route"] != "")
    return Students(programme, columns, home)


def _origins(dice: Dice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Programme, campus and home region of every student, in exact proportion, then shuffled."""
    programme, campus, region = [], [], []
    for code, item in enumerate(PROGRAMMES):
        cells = home_shares(code)
        count = apportion(item.students, cells.ravel())
        place = np.repeat(np.arange(cells.size), count)
        programme.append(np.full(item.students, code))
        campus.append(np.array(list(item.campuses), dtype=object)[place // cells.shape[1]])
        region.append(place % cells.shape[1])
    order = dice.order(sum(item.students for item in PROGRAMMES))
    return np.concatenate(programme)[order], np.concatenate(campus)[order], np.concatenate(region)[order]


def _tags(**flags: np.ndarray) -> np.ndarray:
    """The names of the flags that hold, joined."""
    rows = np.stack(list(flags.values()), axis=1)
    names = list(flags)
    return np.array(["|".join(name for name, on in zip(names, row, strict=True) if on) for row in rows], dtype=object)
