"""Our engine and direct solvers on one model for the same time: what each has found when it is over, what it has proven, and the gap between."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import fresh
from benchmarks.fresh import TooLong, Wrong
from benchmarks.registry import DIRECT, OWN, BenchSpec

MORE_IS_BETTER = frozenset({"placed_mandatory", "placed", "shortage"})
"""Tiers that cost a negative number per pair."""

GRACE = 1.5, 60.0
"""A process is ended after this many times the limit and this many seconds more: some solvers look at their clock late."""

Row = dict[str, Any]


def at(spec: BenchSpec, students: int, folder: Path, seconds: float) -> list[Row]:
    """One row per solver; `folder` is what benchmarks.cohort wrote.

    Raises
    ------
    Wrong
        A solver failed, or one proves a bound that another one's value beats.
    """
    solvers = [OWN, *(DIRECT if students in spec.direct else ())]
    shape = {"case": spec.name, "students": students, "limit": seconds}
    rows = [{**shape, "solver": solver, **_run(spec.name, students, folder, solver, seconds)} for solver in solvers]
    hold(rows)
    return rows


def _run(case: str, students: int, folder: Path, solver: str, seconds: float) -> Row:
    print(f"measuring {case} {students:,} {solver} for {seconds:g} s ...", file=sys.stderr, flush=True)
    try:
        found: Row = fresh.python("benchmarks.crossing_alone", str(folder), solver, str(seconds), seconds=GRACE[0] * seconds + GRACE[1])
    except TooLong as late:
        return {"left_out": f"nothing found, and not ended by itself: {late}"}
    return found


def hold(rows: Sequence[Row]) -> None:
    """Nobody's bound may be beaten by anybody's value: compared in the first tier in which they differ.

    Raises
    ------
    Wrong
        One is.
    """
    for prover in rows:
        for finder in rows:
            for bound, found in zip(prover.get("tiers", ()), finder.get("tiers", ()), strict=False):
                if bound["bound"] is not None and _better(found["name"], found["value"], bound["bound"]):
                    raise Wrong(f"{prover['case']} {prover['students']:,}: {prover['solver']} proves {bound}, {finder['solver']} finds {found}")
                # What is proven of a later tier is proven of matchings with the prover's own values before it.
                if found["value"] != bound["value"]:
                    break


def gap(tiers: Sequence[Mapping[str, Any]]) -> tuple[str, float | None]:
    """The first tier that is not proven best, and |value - bound| / max(1, |value|) there (None: without a bound); the last tier and 0 where all are.

    What follows an open tier does not count: fewer placed are placed better.
    """
    for tier in tiers:
        if tier["value"] != tier["bound"]:
            return tier["name"], None if tier["bound"] is None else abs(tier["value"] - tier["bound"]) / max(1, abs(tier["value"]))
    return tiers[-1]["name"], 0.0


HEAD = ("case", "students", "limit, s", "solver", "seconds", "memory MB", "value (bound)", "open tier", "gap", "times ours")


def lines(document: Mapping[str, Any]) -> list[list[str]]:
    """A line for each measurement, those from files to verified files behind the solvers of their size."""
    found = []
    timed = document.get("timed", ())
    for case, students in dict.fromkeys((row["case"], row["students"]) for row in timed):
        rows, files = ([row for row in document[part] if (row["case"], row["students"]) == (case, students)] for part in ("timed", "pipeline"))
        own = next((row for row in rows if row["solver"] == OWN and row.get("tiers")), None)
        found += [_line(row, DIRECT.get(row["solver"], f"`{OWN}`"), row.get("solve"), None if row is own else own) for row in rows]
        found += [_line({**row, "largest_mb": row["together_mb"]}, f"`{OWN}`, {row['format']} to verified files", row["wall"], None) for row in files]
    return found


def _line(row: Row, name: str, seconds: float | None, own: Row | None) -> list[str]:
    head = [row["case"], f"{row['students']:,}", f"{row['limit']:g}" if "limit" in row else "", name]
    if seconds is None:
        return [*head, "", "", row["left_out"], "", "", ""]
    head += [f"{seconds:.1f}", "" if row["largest_mb"] is None else f"{row['largest_mb']:,.0f}"]
    if not row["tiers"]:
        return [*head, "nothing found", "", "", ""]
    told = "; ".join(f"{tier['name']} {_number(tier['value'])}{_bound(tier)}" for tier in row["tiers"])
    open_tier, size = gap(row["tiers"])
    return [*head, told, "" if size == 0 else open_tier, _size(size), _times(open_tier, size, own)]


def _times(open_tier: str, size: float | None, own: Row | None) -> str:
    """How many times our gap it is, where both are open in the same tier."""
    if own is None or not size:
        return ""
    tier, ours = gap(own["tiers"])
    if tier != open_tier:
        return "in another tier"
    return f"{size / ours:.1f}" if ours else ""


def _size(size: float | None) -> str:
    return "" if size is None else f"{size:.1e}" if size else "0"


def _bound(tier: Mapping[str, Any]) -> str:
    return "" if tier["value"] == tier["bound"] else f" ({_number(tier['bound'])})"


def _number(figure: int | Sequence[int | None] | None) -> str:
    """A value as it is told; a profile as its numbers."""
    if figure is None:
        return "no bound"
    return f"{figure:,}" if isinstance(figure, int) else " ".join("?" if part is None else f"{part:,}" for part in figure)


def _better(tier: str, value: int, bound: int) -> bool:
    """Whether a value is beyond a bound."""
    return value > bound if tier in MORE_IS_BETTER else value < bound
