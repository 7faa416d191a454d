"""The case `study`: three consecutive placements in three sectors, women and men at every partner, and the partners' own rankings.

After the problem of Thiruvady, Morgan, Bedingfield and Nazari (2021): Allocating students to industry placements using integer programming and ant colony
optimisation. Algorithms 14, 219, doi:10.3390/a14080219. They find integer programming the best choice below 3,000 students. Their data are not public; the
cohort here has the same parts, and weighs them tier by tier where they weigh them in one sum: everybody who can be is placed in every period, then partners
miss as little of the balance as possible, then the students' wishes, then the partners' rankings. Sectors never repeat on a student's path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.crossing import ids, typed

if TYPE_CHECKING:
    from matcher import Round

Codes = npt.NDArray[np.int32]

PERIODS = ("T1", "T2", "T3")
SECTORS = 10
WISHES = 10
STUDENTS_PER_PARTNER = 10
SPARE = 0.1
POPULARITY = 0.7
WOMEN = 0.4
BALANCE = (10, 14)
"""Women at a partner over all periods, of some 30 students: a third to nearly a half, where the cohort has WOMEN."""

TASTE = 0.5
"""How far popularity differs between women and men: 0 not at all, 1 wholly."""

GRADES = 5
"""Partners sort their candidates into so many classes of equal size."""

TIERS = ("placed", "soft", "rank", "company_rank")


def study(students: int, seed: int) -> Round:
    """The round at a size (30 pairs per student); always the same for the same size and seed. O(students x wishes x log)."""
    from matcher import Round
    from matcher.settings import Settings
    from matcher.synth.draws import chosen, spread

    rng = np.random.default_rng([seed, students])
    partners = max(students // STUDENTS_PER_PARTNER, 3 * SECTORS)
    company, periods = ids("C", partners), len(PERIODS)
    woman = chosen(rng, students, WOMEN)
    wished = _wishes(rng, woman, partners)
    # Every sector has as many partners as another, or one more.
    sector = (np.argsort(rng.random(partners), kind="stable") % SECTORS).astype(np.int32)
    seats = np.concatenate([spread(rng, round((1 + SPARE) * students), partners) for _ in PERIODS])
    seats = _uneven(rng, seats, periods)
    student, target = np.repeat(np.arange(students, dtype=np.int32), WISHES), wished.ravel()
    people, grade = ids("S", students), _grades(rng, student, target, students)
    places = np.array([f"{each}-{period}" for period in PERIODS for each in company], dtype=object)
    at = np.tile(np.arange(partners), periods)
    tables = {
        "students": pd.DataFrame({"student_id": people, "periods": "|".join(PERIODS), "groups": np.where(woman, "f", "m")}),
        "companies": pd.DataFrame({"company_id": company, "sector_id": ids("SEC", SECTORS)[sector]}),
        "sectors": pd.DataFrame({"sector_id": ids("SEC", SECTORS)}),
        "placements": pd.DataFrame({"placement_id": places, "capacity": seats, "company_id": company[at], "period_id": np.repeat(PERIODS, partners)}),
        "preferences": pd.DataFrame(
            {"student_id": people[student], "rank": np.tile(np.arange(1, WISHES + 1), students), "target_type": "company", "target_id": company[target]}
        ),
        "rankings": pd.DataFrame(
            {
                "placement_id": np.concatenate([places[period * partners + target] for period in range(periods)]),
                "student_id": np.tile(people[student], periods),
                "rank": np.tile(grade, periods),
            }
        ),
        "quotas": _quotas(),
    }
    settings = Settings(id=f"study-{students}-{seed}", seed=seed, tiers=TIERS)
    return Round({name: typed(name, frame) for name, frame in tables.items()}, settings)


def _quotas() -> pd.DataFrame:
    """No sector twice; the balance at every partner, each unit missed at a cost of one."""
    low, high = BALANCE
    return pd.DataFrame(
        {
            "quota_id": ["SECTORS", "BALANCE"],
            "students": [None, "groups=f"],
            "per": ["student|sector_id", "company_id"],
            "min": [np.nan, low],
            "max": [1, high],
            "hard": [True, False],
            "tier": [None, "soft"],
        }
    )


def _wishes(rng: np.random.Generator, woman: npt.NDArray[np.bool_], partners: int) -> Codes:
    """Students x WISHES different partners, best first: what is popular differs in part between women and men."""
    from matcher.synth.draws import distinct, zipf

    shared = zipf(rng, partners, POPULARITY)
    wished = np.empty((len(woman), WISHES), dtype=np.int32)
    for mine in (woman, ~woman):
        weights = shared ** (1 - TASTE) * zipf(rng, partners, POPULARITY) ** TASTE
        wished[mine] = distinct(rng, int(mine.sum()), WISHES, weights / weights.sum())
    return wished


def _uneven(rng: np.random.Generator, seats: npt.NDArray[np.int64], periods: int) -> npt.NDArray[np.int64]:
    """Seats moved between partners of one period, so that a partner does not offer the same in all of them."""
    moved = seats.reshape(periods, -1)
    given = (rng.random(moved.shape) * (moved // 2 + 1)).astype(np.int64)
    order = np.argsort(rng.random(moved.shape), axis=1, kind="stable")
    return (moved - given + np.take_along_axis(given, order, axis=1)).ravel()


def _grades(rng: np.random.Generator, student: Codes, target: Codes, students: int) -> npt.NDArray[np.int64]:
    """The class, 1 to GRADES, that the partner of each wish puts the student in: who is good is good for many, but not for all."""
    score = (rng.random(students)[student] + rng.random(len(student))) / 2
    order = np.lexsort((score, target))
    size = np.bincount(target)
    place = np.arange(len(order)) - np.repeat(np.cumsum(size) - size, size)
    grade = np.empty(len(order), dtype=np.int64)
    grade[order] = 1 + place * GRADES // np.repeat(size, size)
    return grade
