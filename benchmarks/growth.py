"""What a document of measurements says about ratios and growth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.registry import BASE, EXPONENT, HUGE, MIDDLE, ORTOOLS, OWN, PEERS, SMALL, SPECS

Document = Mapping[str, Any]
Points = list[tuple[int, float]]

BEST_OF_ORTOOLS = "OR-Tools, the better of its two calls"
OUR_SOLVE, WHOLE = "matcher, the solve alone", "matcher, from Parquet to verified files"


@dataclass(frozen=True)
class Line:
    """How the seconds of something grow: one point (students, seconds) per size."""

    case: str
    label: str
    points: Points

    @property
    def fitted(self) -> Points:
        """The points that the exponent is fitted to: from 10,000 students on, where the start of the process no longer hides the growth."""
        return [point for point in self.points if point[0] >= MIDDLE]

    @property
    def exponent(self) -> float | None:
        """The slope of the logarithms by least squares; None where there are fewer than two points."""
        return slope(self.fitted)

    @property
    def goal(self) -> float | None:
        """What the exponent may be at most, up to the largest size."""
        return EXPONENT if self.label == WHOLE and self.points[-1][0] == HUGE else None


def slope(points: Sequence[tuple[int, float]]) -> float | None:
    """The exponent e of seconds = c * students ** e, by least squares of the logarithms."""
    if len(points) < 2:  # noqa: PLR2004 - a slope has two points
        return None
    x, y = [math.log(students) for students, _ in points], [math.log(seconds) for _, seconds in points]
    middle, height = sum(x) / len(x), sum(y) / len(y)
    return sum((a - middle) * (b - height) for a, b in zip(x, y, strict=True)) / sum((a - middle) ** 2 for a in x)


def solves(document: Document) -> dict[tuple[str, int], dict[str, float]]:
    """(case, students) -> solver -> seconds of the solve."""
    found: dict[tuple[str, int], dict[str, float]] = {}
    for row in document["contest"]:
        seconds = found.setdefault((row["case"], row["students"]), {})
        if "solve" in row:
            seconds[row["solver"]] = row["solve"]
    return found


def reference(seconds: Mapping[str, float]) -> float | None:
    """The better of OR-Tools' calls."""
    known = [seconds[name] for name in ORTOOLS if name in seconds]
    return min(known) if known else None


def ratio(found: Mapping[tuple[str, int], Mapping[str, float]], case: str, students: int, solver: str = OWN) -> float | None:
    """Our solve to the better of OR-Tools' calls; of a case without peers, to our own solve of the base case at that size."""
    seconds = found[case, students]
    against = reference(seconds) if SPECS[case].peers else found.get((BASE, students), {}).get(solver)
    return seconds[solver] / against if solver in seconds and against else None


def lines(document: Document) -> list[Line]:
    """Everything that was measured at two sizes or more, from the smallest of the usual ones on."""
    found = solves(document)
    drawn = []
    for case in dict.fromkeys(case for case, _ in found):
        sizes = [(size, found[case, size]) for size in sorted(size for name, size in found if name == case and size >= SMALL)]
        whole = [(row["students"], row["wall"]) for row in document["pipeline"] if row["case"] == case and row["format"] == "parquet"]
        ours = [(size, seconds[OWN]) for size, seconds in sizes if OWN in seconds]
        best = [(size, least) for size, seconds in sizes if (least := reference(seconds)) is not None]
        drawn += [Line(case, WHOLE, whole), Line(case, OUR_SOLVE, ours), Line(case, BEST_OF_ORTOOLS, best)]
        drawn += [Line(case, PEERS[name].replace("`", ""), [(s, t[name]) for s, t in sizes if name in t]) for name in PEERS if name not in ORTOOLS]
    return [line for line in drawn if len(line.points) > 1]
