"""The goals, each beside what was measured."""

from __future__ import annotations

import math
from dataclasses import dataclass

from benchmarks.crossing_contest import gap
from benchmarks.growth import Document, lines, ratio, solves
from benchmarks.registry import COLLEGE_SECONDS, HUGE, OWN, PIPELINE_MB, PIPELINE_SECONDS, SPECS


@dataclass(frozen=True)
class Goal:
    """A figure that is wanted to be at most `limit`."""

    what: str
    unit: str
    limit: float
    measured: float

    @property
    def met(self) -> bool:
        """Whether it is."""
        return self.measured <= self.limit


def goals(document: Document) -> list[Goal]:
    """All goals whose figures are in the document."""
    found = []
    times = solves(document)
    for case, students in times:
        limit, measured = SPECS[case].goals.get(students), ratio(times, case, students)
        if limit is not None and measured is not None:
            against = "the better of OR-Tools' calls" if SPECS[case].peers else "our solve of the base case"
            found.append(Goal(f"{case}, {students:,} students: the solve, to {against}", "", limit, measured))
    found += _in_time(document)
    for line in lines(document):
        if line.goal is not None and line.exponent is not None:
            sizes = f"{line.fitted[0][0]:,} to {line.fitted[-1][0]:,}"
            found.append(Goal(f"{line.case}: exponent of {line.label}, {sizes}", "", line.goal, line.exponent))
    for row in document["pipeline"]:
        if row["students"] == HUGE:
            what = f"{row['case']}, {HUGE:,} students, from Parquet to verified files"
            found.append(Goal(what, "s", PIPELINE_SECONDS, row["wall"]))
            if row["together_mb"] is not None:
                found.append(Goal(what, "MB", PIPELINE_MB, row["together_mb"]))
    found += [Goal(f"`{row['program']}`", "s", COLLEGE_SECONDS, row["seconds"]) for row in document["programs"] if "college" in row["program"]]
    return found


def _in_time(document: Document) -> list[Goal]:
    """The gaps of cases that are given a time, and the time of the whole process there."""
    found = []
    for row in (*document.get("timed", ()), *document["pipeline"]):
        spec, students = SPECS[row["case"]], row["students"]
        limit = spec.gaps.get(students)
        if limit is None or row.get("solver", OWN) != OWN or not row.get("tiers"):
            continue
        what = f"{spec.name}, {students:,} students" + (f", from {row['format']} to verified files" if "format" in row else "")
        tier, size = gap(row["tiers"])
        found.append(Goal(f"{what}: gap in {tier}", "", limit, math.inf if size is None else size))
        if "format" in row:
            found.append(Goal(what, "s", spec.timed[students], row["wall"]))
            if row["together_mb"] is not None:
                found.append(Goal(what, "MB", PIPELINE_MB, row["together_mb"]))
    return found
