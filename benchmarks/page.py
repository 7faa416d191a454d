"""The figures of benchmarks/results inside docs/benchmarks.md, between its two marks, and the picture beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.growth import lines
from benchmarks.picture import describe, draw
from benchmarks.registry import SPECS
from benchmarks.tables import render

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
PICTURE = ROOT / "docs" / "growth.svg"
RESULTS = ROOT / "benchmarks" / "results"
BEGIN, END = "<!-- figures: python -m benchmarks --page -->\n", "<!-- end of figures -->"


def documents() -> list[dict[str, Any]]:
    """All kept documents, oldest version first."""
    return [_read(file) for file in _files()]


def _files() -> list[Path]:
    return sorted(RESULTS.glob("*.json"), key=lambda file: file.stem)


def _read(file: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


def picture() -> str:
    """The growth as the newest document has it whose solvers stand side by side."""
    return draw(lines(_grown(documents())))


def _grown(kept: list[dict[str, Any]]) -> dict[str, Any]:
    return next((document for document in reversed(kept) if document["contest"]), kept[-1])


def figures() -> str:
    """The picture, and the tables of all kept documents."""
    kept = documents()
    return "\n\n".join([f"![{describe(lines(_grown(kept)))}]({PICTURE.name})", *(render(document) for document in kept)])


def refreshed(page: str) -> str:
    """The page with the figures as they are kept."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n{figures()}\n\n{END}{rest.split(END)[1]}"


def refresh() -> None:
    """Write the page and the picture anew."""
    PICTURE.write_text(picture(), encoding="utf-8")
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def keep(document: dict[str, Any]) -> None:
    """Keep a document under the version that it measured, each machine in a file of its own, and write page and picture anew."""
    machine = document["machine"]
    own = [file for file in _files() if file.stem.split("-")[0] == machine["matcher"]]
    file = next((file for file in own if _read(file)["machine"] == machine), None)
    if file is None:
        file = RESULTS / (f"{machine['matcher']}-{len(own) + 1}.json" if own else f"{machine['matcher']}.json")
    else:
        document = merged(_read(file), document)
    file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    refresh()


def merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The new figures, and the old ones of cases that were not measured again."""
    again = {row["case"] for row in (*new["contest"], *new.get("timed", ()), *new["pipeline"])}
    order = list(SPECS)
    both = {**old, **new}
    for part in ("contest", "timed", "pipeline"):
        rows = [row for row in old.get(part, ()) if row["case"] not in again] + new.get(part, [])
        both[part] = sorted(rows, key=lambda row: order.index(row["case"]))
    both["programs"] = new["programs"] or old.get("programs", [])
    return both
