"""Raw rounds by hand: small texts as they would stand in a file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd

from matcher.errors import Issue
from matcher.intake.checked import Checked, check_raw
from matcher.intake.raw import RawRound, RawTable
from matcher.schema import TABLES

__all__ = ["BASE", "NO_WISHES", "check_of", "issues_of", "raw_folder", "raw_of", "table"]


def table(name: str, text: str) -> RawTable:
    """A table from lines of cells between commas or, where cells hold commas, tabs."""
    sign = "\t" if "\t" in text else ","
    header, *lines = [line.strip(" ") for line in text.strip("\n").splitlines()]
    columns = [column.strip() for column in header.split(sign)]
    rows = [[cell.strip(" ") or np.nan for cell in line.split(sign)] for line in lines]
    rows = [row + [np.nan] * (len(columns) - len(row)) for row in rows]
    frame = pd.DataFrame(rows, columns=columns, index=pd.RangeIndex(2, len(rows) + 2)).astype("str")
    return RawTable(name, frame, f"{name}.csv")


BASE = {
    "students": "student_id\nS1\nS2",
    "placements": "placement_id,capacity\nP1,1\nP2,2",
    "preferences": "student_id,rank,target_id\nS1,1,P1\nS2,1,P2",
}
"""Two students, two placements, no problems."""

NO_WISHES = "student_id,rank,target_id"


def raw_of(settings: str | None = None, **texts: str) -> RawRound:
    """The base round with some tables replaced or added (an empty text leaves one out)."""
    merged = {**BASE, **texts}
    return RawRound({name: table(name, merged[name]) for name in TABLES if merged.get(name)}, settings)


def check_of(settings: str | None = None, **texts: str) -> Checked:
    return check_raw(raw_of(settings, **texts))


def issues_of(code: str, settings: str | None = None, **texts: str) -> list[Issue]:
    """The issues of one code."""
    return [issue for issue in check_of(settings, **texts).issues if issue.code == code]


def raw_folder(folder: Path) -> RawRound:
    """A clean folder of CSV files, read in the plainest way."""
    tables = {}
    for path in folder.glob("*.csv"):
        frame = pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""])
        frame.index = pd.RangeIndex(2, len(frame) + 2)
        tables[path.stem] = RawTable(path.stem, frame, path.name)
    text = (folder / "round.toml").read_text(encoding="utf-8") if (folder / "round.toml").exists() else None
    if text is not None:
        tomllib.loads(text)
    return RawRound({name: tables[name] for name in TABLES if name in tables}, text)
