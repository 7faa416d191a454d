"""The corrected round on disk: the tables with the safe fixes applied, and the list of what was changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from matcher.errors import CodedError
from matcher.intake.checked import Checked, check_raw
from matcher.intake.columns import as_text
from matcher.intake.fixes import Change, changes_frame, fix
from matcher.intake.problems_workbook import write_problems_workbook
from matcher.intake.raw import RawRound
from matcher.intake.titles import titles

CHANGES = "changes.csv"


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
    if folder.is_dir() and any(folder.iterdir()) and not (folder / CHANGES).is_file():
        raise CodedError("fixed.folder_taken", folder=folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in raw.tables.items():
        texts = pd.DataFrame({header: as_text(table.frame[column]) for column, header in titles(table).items()})
        # The mark at the beginning tells spreadsheets that the text is UTF-8.
        texts.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig")
    if raw.settings is not None:
        (folder / "round.toml").write_text(raw.settings, encoding="utf-8")
    changes_frame(changes).to_csv(folder / CHANGES, index=False, encoding="utf-8-sig")
