"""A document of measurements as tables in Markdown, for the screen and for docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks import crossing_contest
from benchmarks.goals import goals
from benchmarks.growth import Document, lines, ratio, solves
from benchmarks.pipeline import PHASES
from benchmarks.registry import OWN, PEERS, SPECS
from benchmarks.threshold import crossing

Row = Mapping[str, Any]


def render(document: Document) -> str:
    """All tables, and on what they were measured."""
    parts = [
        _machine(document["machine"]),
        _goals(document),
        _solves(document),
        _left_out(document["contest"]),
        _timed(document),
        _own(document["contest"]),
        _memory(document["contest"]),
        _growth(document),
        _pipeline(document["pipeline"]),
        _programs(document["programs"]),
        threshold(document.get("threshold", ())),
    ]
    return "\n\n".join(part for part in parts if part)


def _machine(machine: Row) -> str:
    about = ("matcher", "python", "processor", "cores", "system")
    libraries = ", ".join(f"{name} {version}" for name, version in machine.items() if name not in about)
    where = f"{machine['cores']} cores of {machine['processor']} ({machine['system']})"
    return f"Measured with matcher {machine['matcher']}, Python {machine['python']}, {libraries}, on {where}."


def _goals(document: Document) -> str:
    rows = [
        [goal.what, f"{_number(goal.measured)} {goal.unit}".strip(), f"at most {goal.limit:g} {goal.unit}".strip(), "yes" if goal.met else "no"]
        for goal in goals(document)
    ]
    return _table("Goals", ["what", "measured", "goal", "reached"], rows)


def _solves(document: Document) -> str:
    """One line per case and size: the seconds of everybody, and our ratio."""
    found = solves(document)
    own = _own_names(document["contest"])
    head = ["case", "students", *(f"`{name}`" for name in own), *PEERS.values(), "ratio", "goal"]
    rows = []
    for (case, students), seconds in found.items():
        limit = SPECS[case].goals.get(students)
        rows.append([case, f"{students:,}", *(_seconds(seconds.get(name)) for name in (*own, *PEERS)), _number(ratio(found, case, students)), _number(limit)])
    return _table("Side by side: seconds of the solve alone", head, rows)


def _left_out(rows: Sequence[Row]) -> str:
    """Who did not take part where, by reason."""
    where: dict[tuple[str, str], dict[str, list[str]]] = {}
    for row in rows:
        if "left_out" in row:
            cases = where.setdefault((PEERS.get(row["solver"], f"`{row['solver']}`"), row["left_out"]), {})
            cases.setdefault(row["case"], []).append(f"{row['students']:,}")
    lines_ = [[solver, reason, "; ".join(f"{case} {', '.join(sizes)}" for case, sizes in cases.items())] for (solver, reason), cases in where.items()]
    return _table("Left out", ["solver", "reason", "where"], lines_)


def _timed(document: Document) -> str:
    """Value, bound and gap of everybody after the same time, and of the whole process."""
    return _table("In the same time: value, bound and gap", crossing_contest.HEAD, crossing_contest.lines(document))


def _own(rows: Sequence[Row]) -> str:
    """What our engines need besides the solve, and the optimum."""
    head = ["case", "students", "as", "engine", "plan", "load", "warm-up", "build", "solve", "placed", "rank sum"]
    body = [
        [
            row["case"],
            f"{row['students']:,}",
            f"`{row['solver']}`",
            row["engine"],
            *(_seconds(row[name]) for name in ("plan", "load", "warm", "build", "solve")),
            f"{row['placed']:,}",
            f"{row['rank']:,}",
        ]
        for row in rows
        if "engine" in row
    ]
    return _table("Our engine, apart: seconds, and the optimum", head, body)


def _memory(rows: Sequence[Row]) -> str:
    own = _own_names(rows)
    peaks: dict[tuple[str, int], dict[str, float | None]] = {}
    for row in rows:
        peaks.setdefault((row["case"], row["students"]), {})[row["solver"]] = row.get("largest_mb")
    body = [[case, f"{students:,}", *(_whole(peak.get(name)) for name in (*own, *PEERS))] for (case, students), peak in peaks.items()]
    return _table("Peak memory of the solver's process, in MB", ["case", "students", *(f"`{name}`" for name in own), *PEERS.values()], body)


def _growth(document: Document) -> str:
    rows = [
        [line.case, line.label, f"{line.fitted[0][0]:,} to {line.fitted[-1][0]:,}", f"{line.exponent:.2f}", "" if line.goal is None else f"at most {line.goal}"]
        for line in lines(document)
        if line.exponent is not None
    ]
    return _table("Growth: the exponent of the number of students, fitted", ["case", "what", "students", "exponent", "goal"], rows)


def _pipeline(rows: Sequence[Row]) -> str:
    head = ["case", "students", "read from", *PHASES, "whole", "verify again", "reports", "memory MB", "all processes MB"]
    body = []
    for row in rows:
        seconds = [_seconds(row["seconds"][phase]) for phase in PHASES]
        more = [_seconds(row[name]) for name in ("wall", "again", "report")]
        body.append([row["case"], f"{row['students']:,}", row["format"], *seconds, *more, _whole(row["largest_mb"]), _whole(row["together_mb"])])
    return _table("From files to verified files, in seconds", head, body)


def _programs(rows: Sequence[Row]) -> str:
    body = [[f"`{row['program']}`", _seconds(row["seconds"]), _whole(row["largest_mb"]), _whole(row["together_mb"])] for row in rows]
    return _table("Whole programs", ["program", "seconds", "memory MB", "all processes MB"], body)


def threshold(rows: Sequence[dict[str, Any]]) -> str:
    """Which engine is fastest at which size, and from where on."""
    names = list(dict.fromkeys(name for row in rows for name in row["seconds"]))
    body = [[row["case"], f"{row['students']:,}", f"{row['pairs']:,}", *(_seconds(row["seconds"].get(name)) for name in names), row["fastest"]] for row in rows]
    table = _table(
        "Where the forest begins: seconds of a solve in a fresh process, with everything it loads", ["case", "students", "pairs", *names, "fastest"], body
    )
    said = []
    for case in dict.fromkeys(row["case"] for row in rows):
        begins = {name: crossing([row for row in rows if row["case"] == case], names[0], name) for name in names[1:]}
        said += [f"{case}: {name} begins to win over {names[0]} at about {pairs:,.0f} pairs." for name, pairs in begins.items() if pairs is not None]
    return "\n\n".join([table, *said])


def _own_names(rows: Sequence[Row]) -> list[str]:
    """Our engine as routed, and those that took part by name."""
    return list(dict.fromkeys([OWN, *(row["solver"] for row in rows if row["solver"] not in PEERS)]))


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    body = ["| " + " | ".join(cells) + " |" for cells in rows]
    if not body:
        return ""
    return "\n".join([f"**{title}**", "", "| " + " | ".join(head) + " |", "|" + " --- |" * len(head), *body])


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def _number(value: float | None) -> str:
    """Three digits that count."""
    return "" if value is None else f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"  # noqa: PLR2004 - with a thousand, whole ones


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"
