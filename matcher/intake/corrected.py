"""The corrected round on disk: the tables with the safe fixes applied, and the list of what was changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import pandas as pd

from matcher.errors import CodedError
from matcher.intake.checked import Checked, check_raw
from matcher.intake.columns import as_text
from matcher.intake.files import SETTINGS
from matcher.intake.fixes import Change, changes_frame, fix
from matcher.intake.problems_workbook import write_problems_workbook
from matcher.intake.raw import RawRound
from matcher.intake.titles import titles
from matcher.intake.write_csv import csv_bytes
from matcher.schema import TABLES, Table

CHANGES = "changes.csv"
_TEXTS = Table("", (), ())
"""No column has a kind: cells are written as the texts they are."""


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """What was written: where, what was changed, and what a check of the corrected round says."""

    folder: Path
    changes: tuple[Change, ...]
    checked: Checked


def fix_round(checked: Checked, path: str | Path, *, language: str = "nl") -> Fixed:
    """Apply the safe fixes and write the tables as they were read, with their own headers, whatever errors may be left.

    Parameters
    ----------
    checked
        What `check` said.
    path
        A folder (CSV files, `round.toml` and `changes.csv`), or a workbook when the name ends in `.xlsx` (with the problems that are left and the changes).

    Raises
    ------
    CodedError
        The folder holds something else already.
    """
    target = Path(path)
    raw, changes = fix(checked.raw, checked.issues)
    again = check_raw(raw) if changes else checked
    if target.suffix.lower() == ".xlsx":
        write_problems_workbook(raw, again.issues, target, language, changes)
    else:
        _write_folder(raw, changes, target)
    return Fixed(target, tuple(changes), again)


def _write_folder(raw: RawRound, changes: list[Change], folder: Path) -> None:
    """Write all files beside the folder first, then move them in; the tables of an earlier correction go."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / CHANGES).is_file():
        raise CodedError("fixed.folder_taken", folder=folder)
    part = folder.with_name(f".{folder.name}.part")
    try:
        part.mkdir(parents=True)
        for name, table in raw.tables.items():
            texts = pd.DataFrame({header: as_text(table.frame[column]) for column, header in titles(table).items()})
            (part / f"{name}.csv").write_bytes(csv_bytes(texts, _TEXTS))
        if raw.settings is not None:
            (part / SETTINGS).write_text(raw.settings, encoding="utf-8")
        (part / CHANGES).write_bytes(csv_bytes(changes_frame(changes), _TEXTS))
        folder.mkdir(exist_ok=True)
        for name in (SETTINGS, *(f"{table}.csv" for table in TABLES)):
            (folder / name).unlink(missing_ok=True)
        for file in part.iterdir():
            file.replace(folder / file.name)
    finally:
        rmtree(part, ignore_errors=True)
