"""The figures of benchmarks/results inside docs/benchmarks.md, between its two marks."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.tables import render

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
RESULTS = ROOT / "benchmarks" / "results"
BEGIN, END = "<!-- figures: python -m benchmarks --page -->\n", "<!-- end of figures -->"


def figures() -> str:
    """The tables of all kept documents."""
    documents = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(RESULTS.glob("*.json"))]
    return "\n\n".join(render(document) for document in documents)


def refreshed(page: str) -> str:
    """The page with the figures as they are kept."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n{figures()}\n\n{END}{rest.split(END)[1]}"


def refresh() -> None:
    """Write the page anew."""
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
