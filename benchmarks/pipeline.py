"""One round from files to a verified result in files, phase by phase: `python -m benchmarks.pipeline ROUND OUT [--report]` prints JSON.

Meant to run in a fresh process, so that nothing is loaded or cached beforehand.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import matcher
from matcher.progress import Progress

PHASES = ("load", "read", "check", "compile", "start", "solve", "explain", "verify", "write", "other")
"""`load` is Python's libraries, `start` the child process until the solver runs, `solve` the time inside the solver, `other` what no stage counts."""


class Stages:
    """An OnProgress that remembers when each stage began."""

    def __init__(self) -> None:
        self.begun: dict[str, float] = {}

    def __call__(self, step: Progress) -> None:
        """Hear of a step."""
        self.begun.setdefault(step.stage, time.perf_counter())


def measure(folder: Path, out: Path, *, report: bool = False) -> dict[str, Any]:
    """Seconds per phase, and the tiers; the result stands in `out`. With `report` also the time of the HTML and the workbook.

    Raises
    ------
    MatcherError
        The round cannot be read, or the answer fails its check.
    """
    clock: dict[str, float] = {}
    stages = Stages()
    started = time.perf_counter()
    read, solve, write_result = _doors()
    clock["load"], started = _lap(started)
    round_ = read(folder, on_progress=stages)
    checked = stages.begun.get("check", time.perf_counter())
    clock["read"] = checked - started
    clock["check"], started = _lap(checked)
    result = solve(round_)
    spent, started = _lap(started)
    clock.update({name: seconds for name, seconds in result.seconds.items() if name in PHASES})
    clock["other"] = spent - sum(result.seconds.values())
    write_result(round_, result, out)
    clock["write"], started = _lap(started)
    found = {
        "seconds": {phase: round(clock.get(phase, 0.0), 4) for phase in PHASES},
        "tiers": [{"name": tier.name, "value": tier.value, "bound": tier.bound} for tier in result.tiers],
        "outcome": str(result.outcome),
        "pairs": result.eligible_pairs,
        "engine": result.engine,
    }
    if report:
        write_result(round_, result, out / "full", extras=("html", "xlsx"))
        both, _ = _lap(started)
        found["report"] = round(max(0.0, both - clock["write"]), 4)
    return found


def _doors() -> tuple[Any, Any, Any]:
    """The functions that are measured, with everything they load."""
    import pyarrow.csv
    import pyarrow.parquet  # noqa: F401 - so that reading is not charged with loading

    from matcher.report import write_result

    return matcher.read, matcher.solve, write_result


def _lap(since: float) -> tuple[float, float]:
    """Seconds since then, and now."""
    now = time.perf_counter()
    return now - since, now


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), Path(sys.argv[2]), report="--report" in sys.argv[3:])))
