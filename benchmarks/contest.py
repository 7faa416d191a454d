"""The solvers side by side: each alone in a fresh process, in turns, and all with the same optimum."""

from __future__ import annotations

import itertools
import math
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import fresh
from benchmarks.effort import Effort
from benchmarks.fresh import TooLong, Wrong
from benchmarks.registry import BenchSpec

STEEP = 2.0
"""The exponent by which the time of a solver is expected to grow that was seen at one size only."""

SECONDS = ("plan", "load", "warm", "build", "solve")

Row = dict[str, Any]


class Contest:
    """One case, size after size: a solver that would take too long, or cannot take part, is left out with the reason."""

    def __init__(self, spec: BenchSpec, solvers: Sequence[str], effort: Effort) -> None:
        self._spec = spec
        self._solvers = list(solvers)
        self._effort = effort
        self._out: dict[str, str] = {}
        self._spent: dict[str, list[tuple[int, float]]] = {solver: [] for solver in solvers}

    def at(self, students: int, folder: Path) -> list[Row]:
        """One row per solver at a size; `folder` is what benchmarks.cohort wrote.

        Raises
        ------
        Wrong
            A solver failed, two of them disagree on the optimum, or the check misses one.
        """
        runs: dict[str, list[Row]] = {solver: [] for solver in self._solvers}
        out: dict[str, str] = {}
        waiting = list(self._solvers)
        # In turns, so that a machine that is slower for a while is slower for everybody.
        for done in itertools.count(1):
            for solver in waiting:
                found = self._run(students, folder, solver)
                if "left_out" in found:
                    out[solver] = found["left_out"]
                else:
                    runs[solver].append(found)
            waiting = [solver for solver in waiting if solver not in out and self._effort.more(done, runs[solver][-1]["wall"])]
            if not waiting:
                break
        self._hold(students, runs, out)
        return [{"case": self._spec.name, "students": students, "solver": solver, **_row(runs[solver], out.get(solver))} for solver in self._solvers]

    def _run(self, students: int, folder: Path, solver: str) -> Row:
        """One run, or why there is none; what hinders a solver at one size hinders it at larger ones."""
        if solver in self._out:
            return {"left_out": self._out[solver]}
        expected = self._expected(students, solver)
        if expected > self._effort.seconds:
            return {"left_out": f"some {expected:,.0f} s expected"}
        _tell(f"{self._spec.name} {students:,} {solver}")
        try:
            found: Row = fresh.python("benchmarks.side_by_side", str(folder), solver, seconds=self._effort.seconds)
        except TooLong as late:
            self._out[solver] = "took too long at a smaller size"
            return {"left_out": str(late)}
        if "left_out" in found:
            self._out[solver] = found["left_out"]
        else:
            self._spent[solver].append((students, found["build"] + found["solve"]))
        return found

    def _expected(self, students: int, solver: str) -> float:
        """Seconds that a run will take, judging by smaller sizes; 0 where nothing is known."""
        smaller = [seen for seen in self._spent[solver] if seen[0] < students]
        if not smaller:
            return 0.0
        sizes = sorted({size for size, _ in smaller})[-2:]
        times = [min(spent for size, spent in smaller if size == wanted) for wanted in sizes]
        steep = STEEP
        if len(sizes) == 2:  # noqa: PLR2004 - a slope has two points
            steep = max(1.0, math.log(times[1] / times[0]) / math.log(sizes[1] / sizes[0]))
        return float(times[-1] * (students / sizes[-1]) ** steep)

    def _hold(self, students: int, runs: dict[str, list[Row]], out: dict[str, str]) -> None:
        """Everybody finds the same optimum; in the check nobody is missing."""
        what = f"{self._spec.name} {students:,}"
        # Equal sums of ranks may have different profiles; under a measure of profiles these must be equal too.
        parts = ("placed", "rank") if self._spec.peers else ("placed", "rank", "profile")
        optima = {solver: {str([run[part] for part in parts]) for run in found} for solver, found in runs.items() if found}
        if len(set().union(*optima.values())) > 1:
            raise Wrong(f"{what}: the solvers disagree on {', '.join(parts)}: {optima}")
        missing = {solver: reason for solver, reason in out.items() if "not installed" in reason}
        if self._effort.strict and missing:
            raise Wrong(f"{what}: {missing}")


def _row(runs: Sequence[Row], left_out: str | None) -> Row:
    """Medians of the seconds, the largest memory, the optimum; or the reason."""
    if left_out is not None:
        return {"left_out": left_out}
    first = runs[0]
    row: Row = {"repeats": len(runs), **{name: round(statistics.median(run[name] for run in runs), 5) for name in SECONDS if name in first}}
    known = [run["largest_mb"] for run in runs if run["largest_mb"] is not None]
    row |= {"placed": first["placed"], "rank": first["rank"], "largest_mb": round(max(known)) if known else None}
    return row | ({"engine": first["engine"]} if "engine" in first else {})


def _tell(what: str) -> None:
    print(f"measuring {what} ...", file=sys.stderr, flush=True)
