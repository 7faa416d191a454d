"""Runs the measurements, each in a fresh process, and checks what they found.

A measurement that is wrong is worth nothing: every result must be verified and proven, and every solver must find the same optimum.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import crossing_contest, fresh, threshold
from benchmarks.contest import Contest
from benchmarks.effort import Effort
from benchmarks.fresh import Wrong
from benchmarks.machine import describe
from benchmarks.pipeline import PHASES
from benchmarks.registry import BASE, FORMATS, HUGE, OWN, PEERS, SPECS, BenchSpec

HELP_REPEATS = 11
COLLEGE_REPEATS = 3
COLLEGE = Path(__file__).resolve().parents[1] / "sample_data" / "college"

Row = dict[str, Any]


def measure(names: Sequence[str], effort: Effort, *, engines: Sequence[str] = (), programs: bool = True) -> dict[str, Any]:
    """All measurements of the cases; with `programs` also whole programs, and which engine of ours wins where.

    `engines` are engines of ours that take part by name, besides the one that is routed; in the check all of them do.

    Raises
    ------
    Wrong
        A result was not verified, not proven, or not the optimum that the others found.
    """
    known = threshold.engines()
    if effort.strict:
        engines = known
    document: dict[str, Any] = {"machine": describe(), "contest": [], "timed": [], "pipeline": [], "programs": []}
    for name in names:
        spec = SPECS[name]
        contest = Contest(spec, [OWN, *engines, *(PEERS if spec.peers else ())], effort)
        for size in sorted({size for size in (*spec.sweep, *spec.files, *spec.timed) if size <= effort.most}):
            with tempfile.TemporaryDirectory() as folder:
                _one_size(document, spec, size, contest, effort, Path(folder))
    if programs and len(known) > 1 and not effort.strict:
        document["threshold"] = threshold.measure(sizes=[size for size in threshold.SIZES if size <= effort.most])
    if programs:
        document["programs"] = [_help(effort.repeats or HELP_REPEATS), *([_college(effort.repeats or COLLEGE_REPEATS)] if COLLEGE.is_dir() else [])]
    return document


def _one_size(document: dict[str, Any], spec: BenchSpec, size: int, contest: Contest, effort: Effort, folder: Path) -> None:
    """Make the round once, and measure everything on it."""
    forms = list(FORMATS if size in spec.files else ())
    if size >= HUGE or (effort.strict and spec.name != BASE):
        forms = forms[:1]
    _tell(f"{spec.name} {size:,} is made")
    made = fresh.python("benchmarks.cohort", spec.name, str(size), str(folder), *forms)
    if "left_out" in made:
        if effort.strict:
            raise Wrong(f"{spec.name} {size:,}: {made['left_out']}")
        document["contest"].append({"case": spec.name, "students": size, "solver": OWN, "left_out": made["left_out"]})
        return
    if size in spec.sweep:
        document["contest"] += contest.at(size, folder)
    if size in spec.timed:
        rows = crossing_contest.at(spec, size, folder, effort.timed(spec.timed[size]))
        document["timed"] += rows
        if "left_out" in rows[0]:  # ours: then there is nothing to measure from files to files either
            if effort.strict:
                raise Wrong(f"{spec.name} {size:,}: {rows[0]['left_out']}")
            return
    document["pipeline"] += [_pipeline(spec, size, form, effort, folder) for form in forms]


def _pipeline(spec: BenchSpec, size: int, form: str, effort: Effort, folder: Path) -> Row:
    """Files to verified files, and the reports where somebody would open them."""
    what = f"{spec.name} {size:,} from {form}"
    _tell(what)
    runs: list[Row] = []
    while not runs or effort.more(len(runs), runs[-1]["wall"]):
        with tempfile.TemporaryDirectory() as out:
            runs.append(fresh.python("benchmarks.pipeline", str(folder / form), out))
            runs[-1]["again"] = _verify_again(folder / form, Path(out), what, proven=not spec.timed)
        _hold(runs[-1], what, proven=not spec.timed)
    row: Row = {"case": spec.name, "students": size, "format": form, "repeats": len(runs), "pairs": runs[0]["pairs"]}
    row["seconds"] = {phase: round(statistics.median(run["seconds"][phase] for run in runs), 4) for phase in PHASES}
    row |= {name: round(statistics.median(run[name] for run in runs), 3) for name in ("wall", "again")}
    row["report"] = None if size >= HUGE or effort.strict else _report(folder / form)
    return row | _memory(runs) | {name: runs[0][name] for name in ("tiers", "engine")}


def _verify_again(folder: Path, out: Path, what: str, *, proven: bool = True) -> float:
    """Seconds of `matcher verify`, a whole process that reads the round and the result from their files; `proven`: as optimal, not only as right."""
    done = fresh.run([sys.executable, "-m", "matcher", "verify", str(folder), str(out), "--json", "--quiet"])
    if done.code or (proven and not json.loads(done.output)["proven_optimal"]):
        raise Wrong(f"{what}: the files do not verify: {done.output} {done.errors}")
    return done.seconds


def _report(folder: Path) -> float:
    with tempfile.TemporaryDirectory() as out:
        return float(fresh.python("benchmarks.pipeline", str(folder), out, "--report")["report"])


def _hold(run: Row, what: str, *, proven: bool) -> None:
    """A result counts only when it was solved, and, where it must be `proven`, its bound is its value in every tier."""
    if run["outcome"] != "solved":
        raise Wrong(f"{what}: outcome {run['outcome']}")
    for tier in run["tiers"] if proven else ():
        if tier["value"] != tier["bound"]:
            raise Wrong(f"{what}: tier {tier['name']} has value {tier['value']} and bound {tier['bound']}")


def _help(repeats: int) -> Row:
    _tell("matcher --help")
    return _program("matcher --help", [["--help"]] * repeats)


def _college(repeats: int) -> Row:
    """The office's round from CSV to verified result and reports, and the check of what was written."""
    _tell("college")
    with tempfile.TemporaryDirectory() as name:
        row = _program("matcher solve sample_data/college", [["solve", str(COLLEGE), "--out", f"{name}/{i}", "--quiet"] for i in range(repeats)])
        _verify_again(COLLEGE, Path(name) / "0", "college")
    return row


def _program(name: str, arguments: Sequence[Sequence[str]]) -> Row:
    """Wall seconds and memory of the program as a whole, run with each of the arguments."""
    runs = [fresh.run([sys.executable, "-m", "matcher", *words]) for words in arguments]
    failed = next((run for run in runs if run.code), None)
    if failed is not None:
        raise Wrong(f"{name} ended with {failed.code}: {failed.errors}")
    seconds = round(statistics.median(run.seconds for run in runs), 3)
    return {"program": name, "repeats": len(runs), "seconds": seconds, **_memory([vars(run) for run in runs])}


def _memory(runs: Sequence[Row]) -> Row:
    """The largest of all repeats."""
    known = {name: [run[name] for run in runs if run[name] is not None] for name in ("largest_mb", "together_mb")}
    return {name: round(max(values)) if values else None for name, values in known.items()}


def _tell(what: str) -> None:
    print(f"measuring {what} ...", file=sys.stderr, flush=True)
