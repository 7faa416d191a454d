"""The doors into the matcher that the service uses, and no others. A test may name another module with the same functions (`Settings.engine`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matcher
from matcher import about
from matcher.errors import Issue, UnreadableFile
from matcher.progress import Cancel, OnProgress, silent

if TYPE_CHECKING:
    from matcher.intake.checked import Checked
    from matcher.report.further import Further
    from matcher.result import Result
    from matcher.round import Round


def check(path: Path, on_progress: OnProgress = silent) -> Checked:
    """Read a round: the round itself (None where an error stands in its way), and everything that was noticed."""
    return matcher.check(path, on_progress=on_progress)


def solve(round_: Round, options: dict[str, Any], *, on_progress: OnProgress, cancel: Cancel) -> tuple[Round, Result]:
    """Match the round, with the options of the batch before its own settings; returns the round as it was solved, and the result."""
    changes = {name: options[name] for name in ("mechanism", "language") if options.get(name) is not None}
    asked = round_.with_settings(**changes) if changes else round_
    seconds, gap, seed = (options.get(name) for name in ("seconds", "gap", "seed"))
    return asked, matcher.solve(asked, seconds=seconds, gap=gap, seed=seed, on_progress=on_progress, cancel=cancel)


def follow(round_: Round, result: Result, options: dict[str, Any], *, on_progress: OnProgress, cancel: Cancel) -> Further:
    """Staff for the matched pairs, and what the reserves changed, within what is left of the time."""
    from matcher.followup import follow as after

    return after(round_, result, seconds=options.get("seconds"), on_progress=on_progress, cancel=cancel)


def write(round_: Round, result: Result, further: Further, folder: Path, on_progress: OnProgress) -> dict[str, Any]:
    """Write the result folder, without reports; returns what `result.json` says."""
    from matcher.report import write_result

    write_result(round_, result, folder, further=further, peak_mb=about.peak_memory_mb(), on_progress=on_progress)
    summary: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return summary


def write_reports(round_: Round, result: Result, folder: Path) -> None:
    """Add the page and the workbook to a result folder."""
    from matcher.report import write_report

    write_report(round_, result, folder)


def write_problems(checked: Checked, issues: Sequence[Issue], path: Path, language: str) -> None:
    """Write what was read as a workbook with its problems marked."""
    from matcher.intake.problems_workbook import write_problems_workbook

    write_problems_workbook(checked.raw, issues, path, language)


def read_result(folder: Path) -> Result:
    """Read a result folder back."""
    from matcher.report import read_result as read

    return read(folder)


def write_template(path: Path, language: str) -> None:
    """Write an empty workbook to fill in."""
    from matcher.intake.template import write_template as write_empty

    write_empty(path, language)


def sample() -> Path | None:
    """The sample round, inside the installed package or beside it in a checkout; None where it was installed without one."""
    try:
        return about.sample("small")
    except UnreadableFile:
        return None
