"""Runs the measurements, each in a fresh process, and checks what they found.

A measurement that is wrong is worth nothing: every result must be verified and proven, and the same optimum as the flow written down by hand.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import fresh
from benchmarks.fresh import Wrong
from benchmarks.machine import describe
from benchmarks.pipeline import NOT_OUTSIDE, PHASES
from benchmarks.registry import FORMATS, NETWORKX_STUDENTS, SPECS, BenchSpec

HELP_REPEATS = 11
COLLEGE_REPEATS = 3
COLLEGE = Path(__file__).resolve().parents[1] / "sample_data" / "college"


def measure(names: Sequence[str], most: int, *, repeats: int | None = None, programs: bool = True) -> dict[str, Any]:
    """All measurements of the cases up to a size, and of whole programs.

    Raises
    ------
    Wrong
        A result was not verified, not proven, or not the optimum that the flow written down by hand has.
    """
    document: dict[str, Any] = {"machine": describe(), "pipeline": [], "side_by_side": [], "programs": []}
    for name in names:
        spec = SPECS[name]
        for size in (size for size in spec.sweep if size <= most):
            rows = _pipelines(spec, size, repeats or spec.repeats(size))
            document["pipeline"] += rows
            if spec.plain:
                document["side_by_side"] += _side_by_side(spec, size, rows[0], repeats or spec.repeats(size))
    if "base" in names:
        document["side_by_side"] += _networkx()
    if programs:
        document["programs"] = [_help(repeats or HELP_REPEATS), *([_college(repeats or COLLEGE_REPEATS)] if COLLEGE.is_dir() else [])]
    return document


def _pipelines(spec: BenchSpec, size: int, repeats: int) -> list[dict[str, Any]]:
    """One line per format of the input."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        fresh.python("benchmarks.cohort", spec.name, str(size), name)
        for form in FORMATS:
            _tell(f"{spec.name} {size:,} {form}")
            runs = [fresh.python("benchmarks.pipeline", str(Path(name) / form)) for _ in range(repeats)]
            for run in runs:
                _hold(run, f"{spec.name} {size} {form}")
            seconds = {phase: round(statistics.median(run["seconds"][phase] for run in runs), 4) for phase in PHASES}
            outside = sum(value for phase, value in seconds.items() if phase not in NOT_OUTSIDE)
            rows.append(
                {
                    "case": spec.name,
                    "students": size,
                    "format": form,
                    "repeats": repeats,
                    "pairs": runs[0]["pairs"],
                    "seconds": seconds,
                    "outside": round(outside, 4),
                    "ratio": round(outside / seconds["solve"], 2),
                    **_memory(runs),
                    "tiers": runs[0]["tiers"],
                    "engine": runs[0]["engine"],
                }
            )
    return rows


def _hold(run: dict[str, Any], what: str) -> None:
    """A result counts only when it was solved, verified and proven."""
    if run["outcome"] != "solved" or not run["verified"] or not run["proven"]:
        raise Wrong(f"{what}: outcome {run['outcome']}, verified {run['verified']}, proven {run['proven']}")
    for tier in run["tiers"]:
        if tier["value"] != tier["bound"]:
            raise Wrong(f"{what}: tier {tier['name']} has value {tier['value']} and bound {tier['bound']}")


def _side_by_side(spec: BenchSpec, size: int, ours: dict[str, Any], repeats: int) -> list[dict[str, Any]]:
    """The solver's two calls on the same arcs, each with the same optimum as ours."""
    tiers = {tier["name"]: tier["value"] for tier in ours["tiers"]}
    rows = [{"case": spec.name, "students": size, "solver": "matcher", "build": None, "solve": ours["seconds"]["solve"], **_optimum(tiers)}]
    for solver in ("unmatched_arcs", "max_flow_with_min_cost"):
        rows.append(_direct(spec.name, size, solver, repeats))
        if (rows[-1]["placed"], rows[-1]["rank"]) != (tiers["placed"], tiers["rank"]):
            raise Wrong(f"{spec.name} {size}: {solver} finds {rows[-1]}, the matcher {tiers}")
    return rows


def _networkx() -> list[dict[str, Any]]:
    """A solver in pure Python beside the flow, at a size that it can do."""
    rows = [_direct("base", NETWORKX_STUDENTS, solver, 1) for solver in ("unmatched_arcs", "networkx")]
    if rows[0]["rank"] != rows[1]["rank"] or rows[0]["placed"] != rows[1]["placed"]:
        raise Wrong(f"networkx and the flow disagree: {rows}")
    return rows


def _direct(case: str, size: int, solver: str, repeats: int) -> dict[str, Any]:
    _tell(f"{case} {size:,} {solver}")
    runs = [fresh.python("benchmarks.side_by_side", case, str(size), solver) for _ in range(repeats)]
    times = {name: round(statistics.median(run[name] for run in runs), 4) for name in ("build", "solve")}
    return {"case": case, "students": size, "solver": solver, **times, **_optimum(runs[0])}


def _optimum(found: dict[str, Any]) -> dict[str, int]:
    return {"placed": found["placed"], "rank": found["rank"]}


def _help(repeats: int) -> dict[str, Any]:
    _tell("matcher --help")
    return _program("matcher --help", [["--help"]] * repeats)


def _college(repeats: int) -> dict[str, Any]:
    """The office's round from CSV to verified result and reports, and the check of what was written."""
    _tell("college")
    with tempfile.TemporaryDirectory() as name:
        row = _program("matcher solve sample_data/college", [["solve", str(COLLEGE), "--out", f"{name}/{i}", "--quiet"] for i in range(repeats)])
        checked = fresh.run([sys.executable, "-m", "matcher", "verify", str(COLLEGE), f"{name}/0"])
        if checked.code:
            raise Wrong(f"college does not verify: {checked.output}")
    return row


def _program(name: str, arguments: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Wall seconds and memory of the program as a whole, run with each of the arguments."""
    runs = [fresh.run([sys.executable, "-m", "matcher", *words]) for words in arguments]
    failed = next((run for run in runs if run.code), None)
    if failed is not None:
        raise Wrong(f"{name} ended with {failed.code}: {failed.errors}")
    return {
        "program": name,
        "repeats": len(runs),
        "seconds": round(statistics.median(run.seconds for run in runs), 3),
        **_memory([{"largest_mb": run.largest_mb, "together_mb": run.together_mb} for run in runs]),
    }


def _memory(runs: Sequence[dict[str, Any]]) -> dict[str, float | None]:
    """The largest of all repeats."""
    known = {name: [run[name] for run in runs if run[name] is not None] for name in ("largest_mb", "together_mb")}
    return {name: round(max(values)) if values else None for name, values in known.items()}


def _tell(what: str) -> None:
    print(f"measuring {what} ...", file=sys.stderr, flush=True)
