"""A document of measurements as tables in Markdown, for the screen and for docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.pipeline import PHASES


def render(document: dict[str, Any]) -> str:
    """All tables, and on what they were measured."""
    parts = [_machine(document["machine"]), _pipeline(document["pipeline"]), _side_by_side(document["side_by_side"]), _programs(document["programs"])]
    return "\n\n".join(part for part in parts if part)


def _machine(machine: dict[str, Any]) -> str:
    libraries = ", ".join(f"{name} {machine[name]}" for name in ("ortools", "numpy", "pandas", "pyarrow", "networkx"))
    where = f"{machine['cores']} cores of {machine['processor']} ({machine['system']})"
    return f"Measured with matcher {machine['matcher']}, Python {machine['python']}, {libraries}, on {where}."


def _pipeline(rows: Sequence[dict[str, Any]]) -> str:
    head = ["case", "students", "read from", *PHASES, "outside / solve", "memory MB", "all processes MB"]
    lines = []
    for row in rows:
        seconds = [_seconds(row["seconds"][phase]) for phase in PHASES]
        memory = [_whole(row["largest_mb"]), _whole(row["together_mb"])]
        lines.append([row["case"], f"{row['students']:,}", row["format"], *seconds, f"{row['ratio']:.2f}", *memory])
    return _table("Phases, in seconds", head, lines)


def _side_by_side(rows: Sequence[dict[str, Any]]) -> str:
    head = ["case", "students", "solver", "build", "solve", "placed", "rank sum"]
    lines = [
        [row["case"], f"{row['students']:,}", row["solver"], _seconds(row["build"]), _seconds(row["solve"]), f"{row['placed']:,}", f"{row['rank']:,}"]
        for row in rows
    ]
    return _table("The same arcs, other calls, in seconds", head, lines)


def _programs(rows: Sequence[dict[str, Any]]) -> str:
    head = ["program", "seconds", "memory MB", "all processes MB"]
    lines = [[f"`{row['program']}`", _seconds(row["seconds"]), _whole(row["largest_mb"]), _whole(row["together_mb"])] for row in rows]
    return _table("Whole programs", head, lines)


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    body = ["| " + " | ".join(cells) + " |" for cells in rows]
    if not body:
        return ""
    return "\n".join([f"**{title}**", "", "| " + " | ".join(head) + " |", "|" + " --- |" * len(head), *body])


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"
