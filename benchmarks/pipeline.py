"""One round from files to a verified result and its reports, phase by phase: `python -m benchmarks.pipeline ROUND` prints JSON.

Meant to run in a fresh process, so that nothing is loaded or cached beforehand.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import matcher
from matcher.progress import Progress

PHASES = ("load", "read", "check", "compile", "start", "solve", "explain", "verify", "write", "other", "report")
"""`load` is Python and its libraries, `start` the child process until the solver runs, `solve` the time inside the solver, `other` what no stage counts."""

NOT_OUTSIDE = ("solve", "report")
"""What "everything outside the solve call" does not hold."""


class Stages:
    """An OnProgress that remembers when each stage began."""

    def __init__(self) -> None:
        self.begun: dict[str, float] = {}

    def __call__(self, step: Progress) -> None:
        """Hear of a step."""
        self.begun.setdefault(step.stage, time.perf_counter())


def measure(folder: Path) -> dict[str, Any]:
    """Seconds per phase, tiers, and whether the stored result passes the verifier.

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
    with tempfile.TemporaryDirectory() as name:
        started = time.perf_counter()
        write_result(round_, result, Path(name) / "plain")
        clock["write"], started = _lap(started)
        write_result(round_, result, Path(name) / "full", extras=("html", "xlsx"))
        both, started = _lap(started)
        clock["report"] = max(0.0, both - clock["write"])
        found = matcher.verify(round_, Path(name) / "full")
    return {
        "seconds": {phase: round(clock.get(phase, 0.0), 4) for phase in PHASES},
        "tiers": [{"name": tier.name, "value": tier.value, "bound": tier.bound} for tier in result.tiers],
        "outcome": str(result.outcome),
        "verified": found.ok,
        "proven": found.proven_optimal,
        "pairs": result.eligible_pairs,
        "engine": result.engine,
    }


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
    print(json.dumps(measure(Path(sys.argv[1]))))
