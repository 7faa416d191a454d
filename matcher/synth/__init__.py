"""Synthetic cohorts of any size, the same for the same seed everywhere.

>>> from matcher.synth import generate
>>> cohort = generate(1000, seed=7)
>>> {name: len(table) for name, table in cohort.tables.items()}
{'students': 1000, 'placements': 100, 'preferences': 10000}
>>> int(cohort.table("placements")["capacity"].sum())
1050
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from matcher.errors import CodedError
from matcher.round import Round, canonical_dtype
from matcher.schema import TABLES
from matcher.settings import Settings
from matcher.synth.conditions import START, Meeting, placement_columns, reference_tables, student_columns, world
from matcher.synth.draws import Codes, Counts, chosen, distinct, spread, zipf

__all__ = ["generate"]

RANGES = {
    "students": (1, 10_000_000),
    "placements": (1, 1_000_000),
    "wishes": (0, 1000),
    "spare": (-1, 1000),
    "popularity": (0, 3),
    "programmes": (1, 1000),
    "regions": (1, 1000),
}
"""What the numbers may be; a share lies between 0 and 1."""

FIRST_ROW = 2
"""The header of a file is row 1."""


def generate(
    students: int,
    *,
    seed: int = 0,
    placements: int | None = None,
    wishes: int = 10,
    spare: float = 0.05,
    popularity: float = 0.7,
    ties: float = 0.0,
    no_wish_share: float = 0.0,
    mandatory_share: float | None = None,
    rules: bool = False,
    programmes: int = 8,
    regions: int = 12,
) -> Round:
    """Make a cohort of students, placements and wishes.

    The default is the cohort of the benchmarks: strict lists of 10 different placements, drawn by popularity, and 5 % more seats than students.

    Parameters
    ----------
    students
        How many students, at least 1.
    seed
        The same seed gives the same cohort.
    placements
        How many placements; by default one for every ten students, and at least as many as `wishes`.
    wishes
        How many different placements each student lists. With `rules` a list is shorter where the programme has fewer placements.
    spare
        The capacities sum to (1 + spare) x students; below 0 there are too few. They differ by at most one.
    popularity
        Exponent of Zipf's law: the i-th most popular placement is drawn with weight i ** -popularity. 0 makes all equal.
    ties
        Share of the wishes, from the second on, that have the same rank as the wish before.
    no_wish_share
        Share of the students who list nothing.
    mandatory_share
        Share of the students whose placement is mandatory; None leaves the column out.
    rules
        Also make programmes, regions with coordinates, travel limits, patterns, mentors, recognition dates, insurance, companies and
        sectors; wishes are then for placements of the student's programme, and the nearest come first.
    programmes, regions
        How many, with `rules`.

    Raises
    ------
    CodedError
        A number is out of range (codes `synth.*`).

    Notes
    -----
    About O(students x wishes x log placements) time, and some 70 bytes for each wish.
    """
    m = max(students // 10, wishes, 1) if placements is None else placements
    given = {"students": students, "placements": m, "wishes": wishes, "spare": spare, "popularity": popularity, "programmes": programmes, "regions": regions}
    shares = {"ties": ties, "no_wish_share": no_wish_share, "mandatory_share": mandatory_share or 0.0}
    for name, value in {**given, **shares}.items():
        low, high = RANGES.get(name, (0, 1))
        if not low <= value <= high:
            raise CodedError("synth.range", option=name, value=value, low=low, high=high)
    if wishes > m:
        raise CodedError("synth.wishes", wishes=wishes, placements=m)
    if rules and programmes > m:
        raise CodedError("synth.programmes", programmes=programmes, placements=m)
    rng = np.random.default_rng(seed)
    weights = zipf(rng, m, popularity)
    capacity = spread(rng, round((1 + spare) * students), m)
    people = pd.DataFrame({"student_id": _ids("S", students)})
    places = pd.DataFrame({"placement_id": _ids("P", m), "capacity": capacity})
    tables: dict[str, pd.DataFrame] = {}
    if rules:
        place = world(rng, programmes, regions)
        of_students, programme, home = student_columns(rng, students, place)
        of_placements, own, other, at = placement_columns(rng, capacity, place)
        people, places = pd.concat([people, of_students], axis=1), pd.concat([places, of_placements], axis=1)
        tables = reference_tables(place, places)
        student, target = Meeting(programme, home, own, other, at, weights).wishes(rng, wishes)
    else:
        target = distinct(rng, students, wishes, weights).ravel()
        student = np.repeat(np.arange(students, dtype=np.int32), wishes)
    if mandatory_share is not None:
        people["mandatory"] = chosen(rng, students, mandatory_share)
    if no_wish_share:
        kept = ~chosen(rng, students, no_wish_share)[student]
        student, target = student[kept], target[kept]
    lines = pd.DataFrame(
        {
            "student_id": people["student_id"].array.take(student),
            "rank": _ranks(rng, student, ties),
            "target_id": places["placement_id"].array.take(target),
        }
    )
    settings = Settings(id=f"synthetic-{students}-{seed}", seed=seed, start_date=dt.date.fromisoformat(START) if rules else None)
    return Round({name: _typed(name, frame) for name, frame in {"students": people, "placements": places, "preferences": lines, **tables}.items()}, settings)


def _ids(prefix: str, items: int) -> pd.Series:
    """S0001, S0002, ...: all of one length, so that they sort as they are numbered."""
    return prefix + pd.Series(np.arange(1, items + 1)).astype("str").str.zfill(len(str(items)))


def _ranks(rng: np.random.Generator, student: Codes, ties: float) -> Counts:
    """Ranks 1, 2, ... within each student's run of lines; a tied line has the rank of the line before."""
    first = np.ones(len(student), dtype=np.bool_)
    first[1:] = student[1:] != student[:-1]
    step = np.ones(len(student), dtype=np.int64)
    if ties:
        step[(rng.random(len(student)) < ties) & ~first] = 0
    total = np.cumsum(step)
    return total - np.repeat(total[first] - 1, np.diff(np.append(np.flatnonzero(first), len(student))))


def _typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame as a Round holds it: canonical dtypes, rows numbered as in a file."""
    typed = frame.astype({column: canonical_dtype(TABLES[name], column) for column in frame.columns})
    typed.index = pd.RangeIndex(FIRST_ROW, len(frame) + FIRST_ROW)
    return typed
