"""How each case is made: a number of students in, always the same round for the same number out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matcher import Round

SEED = 1
PLACEMENTS_IN_A_POOL = 10
EVERY_NTH_MUST_BE_FULL = 4
CLASS_SIZE = 10
HIGHEST_COST = 1_000
IN_TIME = {1_000: 20.0, 10_000: 20.0, 100_000: 300.0}
"""Seconds that a round whose quotas cross may take, from files to verified files."""

STUDY_IN_TIME = {300: 20.0, 3_000: 100.0, 10_000: 500.0}
"""The same for the published study."""

SOLVING = 0.8
"""The part of it that the solver gets in the whole process; the rest is for reading, explaining, checking and writing."""

Build = Callable[[int], "Round"]


def synthetic(**options: Any) -> Build:
    """A cohort of `matcher.synth` with these options."""

    def build(students: int) -> Round:
        from matcher.synth import generate

        return generate(students, seed=SEED, **options)

    return build


def measured_by(measure: str) -> Build:
    """The base cohort under another measure of the ranks."""

    def build(students: int) -> Round:
        return synthetic()(students).with_settings(rank_measure=measure)

    return build


def pooled(students: int) -> Round:
    """The base cohort, where every ten placements share nine tenths of their seats."""
    import pandas as pd

    base = synthetic()(students)
    placements = base.table("placements")
    shared = pd.Series(range(len(placements)), index=placements.index) // PLACEMENTS_IN_A_POOL
    placements["pool_id"] = "POOL" + shared.astype("str")
    seats = placements.groupby("pool_id", sort=True)["capacity"].sum()
    pools = pd.DataFrame({"pool_id": seats.index.astype("str"), "capacity": (seats * 9 // 10).to_numpy()})
    return _with(base, placements=placements, pools=pools)


def with_minimums(students: int) -> Round:
    """The base cohort, where every fourth placement must fill all its seats."""
    base = synthetic()(students)
    placements = base.table("placements")
    chosen = placements.reset_index(drop=True).index.to_numpy() % EVERY_NTH_MUST_BE_FULL == 0
    placements["capacity_min"] = placements["capacity"].astype("float64").where(chosen)
    placements["must_open"] = chosen
    placements["must_open"] = placements["must_open"].astype("boolean")
    return _with(base, placements=placements)


def tied(students: int) -> Round:
    """The base cohort with lists in three classes of eight to twelve equally good placements."""
    import numpy as np

    base = synthetic(wishes=3 * CLASS_SIZE)(students)
    wishes = base.table("preferences")
    rng = np.random.default_rng(SEED)
    second, third = rng.integers(CLASS_SIZE - 2, CLASS_SIZE + 3, size=(2, students))
    third += CLASS_SIZE
    student = np.repeat(np.arange(students), 3 * CLASS_SIZE)
    place = np.tile(np.arange(3 * CLASS_SIZE), students)
    wishes["rank"] = (1 + (place >= second[student]) + (place >= third[student])).astype("int32")
    return _with(base, preferences=wishes)


def blended(students: int) -> Round:
    """The base cohort with costs up to 1,000: each list's places get different whole numbers, drawn at random and sorted, instead of 1, 2, 3 ..."""
    import numpy as np

    base = synthetic()(students)
    wishes = base.table("preferences")
    per_student = len(wishes) // students
    drawn = np.random.default_rng(SEED).integers(1, HIGHEST_COST - per_student + 2, size=(students, per_student))
    # Sorted numbers that may repeat, each moved up by its place: then none repeats.
    wishes["rank"] = (np.sort(drawn, axis=1) + np.arange(per_student)).ravel().astype("int32")
    return _with(base, preferences=wishes)


def crossing(students: int) -> Round:
    """The base cohort with programmes, sectors and regions, and quotas that cross (benchmarks/crossing.py)."""
    from benchmarks.crossing import crossing as made

    return made(students, SEED).with_settings(seconds=SOLVING * IN_TIME.get(students, IN_TIME[1_000]))


def study(students: int) -> Round:
    """The cohort after a published study (benchmarks/study.py)."""
    from benchmarks.study import study as made

    return made(students, SEED).with_settings(seconds=SOLVING * STUDY_IN_TIME.get(students, STUDY_IN_TIME[300]))


def _with(base: Round, **tables: Any) -> Round:
    from matcher import Round

    return Round({**base.tables, **tables}, base.settings)
