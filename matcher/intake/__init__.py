"""From files to a sound Round: read, understand, check, put right, and hand back.

>>> from matcher import intake
>>> checked = intake.check("sample_data/small")
>>> checked.round is not None, checked.errors
(True, ())
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from matcher.progress import Cancel, OnProgress, abandonable, silent, stoppable

if TYPE_CHECKING:
    from pathlib import Path

    from matcher.intake.checked import Checked, check_raw
    from matcher.intake.corrected import Fixed, fix_round
    from matcher.intake.findings import by_kind
    from matcher.intake.fixes import changes_frame, fix
    from matcher.intake.listing import as_document, summary
    from matcher.intake.problems_workbook import write_problems_workbook
    from matcher.intake.template import write_template
    from matcher.intake.write import convert, write_round
    from matcher.round import Round

_HOME = {
    "Checked": "checked",
    "Fixed": "corrected",
    "as_document": "listing",
    "by_kind": "findings",
    "changes_frame": "fixes",
    "check_raw": "checked",
    "convert": "write",
    "fix": "fixes",
    "fix_round": "corrected",
    "summary": "listing",
    "write_problems_workbook": "problems_workbook",
    "write_round": "write",
    "write_template": "template",
}

__all__ = [
    "Checked",
    "Fixed",
    "as_document",
    "by_kind",
    "changes_frame",
    "check",
    "check_raw",
    "convert",
    "fix",
    "fix_round",
    "read",
    "summary",
    "write_problems_workbook",
    "write_round",
    "write_template",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(f"matcher.intake.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def check(path: str | Path, *, on_progress: OnProgress = silent, cancel: Cancel | None = None) -> Checked:
    """Read a round and check it; every problem is reported at once.

    Parameters
    ----------
    path
        A folder, a workbook, a JSON document, a zip (see `matcher.intake.reading.read_raw`).
    on_progress, cancel
        Hear of the stages `read` and `check`; stop within a moment.

    Raises
    ------
    UnreadableFile
        No table could be read.
    Cancelled
        `cancel` said so.
    """
    from matcher.intake.checked import check_raw as check_tables
    from matcher.intake.reading import read_raw

    tell = stoppable(on_progress, cancel)
    return abandonable(lambda: check_tables(read_raw(path, on_progress=tell), on_progress=tell), cancel)


def read(path: str | Path, *, on_progress: OnProgress = silent, cancel: Cancel | None = None) -> Round:
    """Read a round that is sound; `on_progress` and `cancel` as in `check`.

    Raises
    ------
    InputError
        With all issues, when any of them is an error.
    UnreadableFile
        No table could be read.
    Cancelled
        `cancel` said so.
    """
    from matcher.errors import InputError

    checked = check(path, on_progress=on_progress, cancel=cancel)
    if checked.round is None:
        raise InputError(issues=checked.issues)
    return checked.round
