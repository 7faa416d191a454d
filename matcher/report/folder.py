"""The result folder: what `matcher solve --out DIR` leaves behind."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Literal

from matcher.errors import CodedError
from matcher.progress import Cancel, OnProgress, Progress, silent, stoppable, within
from matcher.report.figures import Figures
from matcher.report.further import Further, reserve_tables
from matcher.report.further_stored import heads, read_further, write_further
from matcher.report.place import staged
from matcher.report.proofs import write_proof
from matcher.report.stored import MATCHES, PROOF, SUMMARY, write_csv, write_summary
from matcher.report.tables import placements_table, quotas_table
from matcher.result import Outcome, Result
from matcher.round import Round

Kind = Literal["html", "xlsx"]


def write_result(
    round_: Round,
    result: Result,
    folder: str | Path,
    *,
    extras: Collection[Kind] = (),
    further: Further | None = None,
    peak_mb: float | None = None,
    on_progress: OnProgress = silent,
    cancel: Cancel | None = None,
) -> None:
    """Write the whole result folder: all of it, or nothing.

    Parameters
    ----------
    round_, result
        The round and its answer, whatever the outcome; without a matching there are no CSV files.
    folder
        A new or empty folder, or one with an earlier result, which is replaced.
    extras
        Also `report.html`, `report.xlsx`.
    further
        Staff for the pairs, and what the reserves changed; without it, what the reserves hold.
    peak_mb
        Peak memory in MB, for `result.json`.
    on_progress, cancel
        Hear of the stages `write` and `report`; stop within a moment, and then nothing is written.

    Raises
    ------
    CodedError
        The folder holds something else, cannot be written, or the workbook would be too long.
    Cancelled
        `cancel` said so.
    """
    on_progress = stoppable(on_progress, cancel)
    figures = Figures(round_, result, _with_reserves(round_, result, further or Further()))
    with staged(Path(folder), whole=True) as beside:
        started = perf_counter()
        on_progress(Progress("write", 0.0))
        if result.outcome == Outcome.SOLVED:
            write_csv(result.matches, beside / MATCHES, lambda done: on_progress(Progress("write", 0.4 * done)))
            for done, part in enumerate(("student", "placement", "fill"), start=5):
                getattr(figures.measures, part)  # one after the other, so that a large result can be stopped between them
                on_progress(Progress("write", 0.1 * done))
            write_csv(placements_table(figures), beside / "placements.csv")
            write_csv(quotas_table(figures), beside / "quotas.csv")
            write_further(figures.further, beside)
            on_progress(Progress("write", 0.9))
        if result.proof is not None:
            write_proof(result.proof, beside / PROOF)
        written = perf_counter()
        if extras:
            on_progress(Progress("report", 0.0))
            _write_kinds(figures, beside, extras, on_progress)
        on_progress(Progress("report" if extras else "write", 1.0))
        reported = perf_counter()
        seconds = {**result.seconds, **figures.further.seconds, "write": written - started, **({"report": reported - written} if extras else {})}
        write_summary(round_, result, beside / SUMMARY, seconds=seconds, peak_mb=peak_mb, further=heads(figures.further))


def write_report(round_: Round, result: Result, folder: str | Path, kinds: Collection[Kind] = ("html", "xlsx")) -> None:
    """Write the reports of a stored result into its folder, and touch nothing else there.

    Raises
    ------
    CodedError
        As `write_result`; also when the result belongs to another round.
    """
    if result.digest and result.digest != round_.digest:
        raise CodedError("report.folder.other_round")
    with staged(Path(folder), whole=False) as beside:
        _write_kinds(Figures(round_, result, read_further(Path(folder))), beside, kinds, silent)


def _with_reserves(round_: Round, result: Result, further: Further) -> Further:
    """The further tables; of reserves at least what they hold."""
    if further.reserves is not None or result.outcome != Outcome.SOLVED or round_.table("reserves").empty:
        return further
    return replace(further, reserves=reserve_tables(round_, result.matches, None, "not_asked"))


def _write_kinds(figures: Figures, beside: Path, kinds: Collection[Kind], on_progress: OnProgress) -> None:
    """Write what was asked for; each kind loads its library only then."""
    if "html" in kinds:
        from matcher.report.page import page_text

        (beside / "report.html").write_text(page_text(figures), encoding="utf-8", newline="\n")
    if "xlsx" in kinds:
        from matcher.report.workbook import write_workbook

        write_workbook(figures, beside / "report.xlsx", within(on_progress, "report", 0.2, 1.0))
