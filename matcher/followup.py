"""What follows a solve: staff for the matched pairs, and the same round without its reserves, within what is left of the budget."""

from __future__ import annotations

import time
from pathlib import Path

from matcher.progress import Cancel, OnProgress, Progress, silent
from matcher.report import read_result
from matcher.report.further import Further, ReserveTables, StaffTables, reserve_tables
from matcher.report.further_stored import STAFF_PROOF, read_further
from matcher.result import Outcome, Result
from matcher.round import Round
from matcher.solving import solve
from matcher.staff import Fault, StaffResult, assign_staff, check_staff, read_staff_proof, write_staff_proof

LEAST_SECONDS = 2.0
"""What the second stage may take, also when the first left nothing: it is a small problem, and its solver must at least start."""


def follow(
    round_: Round,
    result: Result,
    *,
    seconds: float | None = None,
    compare: bool = True,
    on_progress: OnProgress = silent,
    cancel: Cancel | None = None,
    isolate: bool = True,
) -> Further:
    """Assign the staff of a solved round, and find what its reserves changed.

    Parameters
    ----------
    round_, result
        The round and its verified answer. Without a matching nothing follows.
    seconds
        Budget of the whole run, of which the result has used what it says; where not given, what `round.toml` says.
    compare
        Solve the round once more without the table `reserves`, if it has one and the budget leaves as much time as the first solve took.
    on_progress, cancel
        Hear of the stages `staff` and `compare`; stop them. What was stopped says so.
    isolate
        As for `solve`.

    Raises
    ------
    VerificationFailed
        The assignment of staff, or the matching without reserves, failed its independent check.
    """
    if result.outcome != Outcome.SOLVED:
        return Further()
    begun = time.perf_counter()
    spent = sum(result.seconds.values())
    seconds = round_.settings.seconds if seconds is None else seconds

    def left() -> float | None:
        return None if seconds is None else seconds - spent - (time.perf_counter() - begun)

    def named(stage: str) -> OnProgress:
        return lambda step: on_progress(Progress(stage, step.fraction))

    clock: dict[str, float] = {}
    staff = None
    if not round_.table("staff").empty:
        budget = left()
        most = None if budget is None else max(LEAST_SECONDS, budget)
        staff = staff_tables(assign_staff(round_, result, seconds=most, on_progress=named("staff"), cancel=cancel, isolate=isolate))
        clock["staff"] = time.perf_counter() - begun
    reserves = None
    if not round_.table("reserves").empty:
        reserves = _compared(round_, result, left(), named("compare"), cancel, isolate=isolate) if compare else None
        reserves = reserves or reserve_tables(round_, result.matches, None, "not_asked")
        clock["compare"] = time.perf_counter() - begun - clock.get("staff", 0.0)
    return Further(staff, reserves, clock)


def _compared(round_: Round, result: Result, left: float | None, on_progress: OnProgress, cancel: Cancel | None, *, isolate: bool) -> ReserveTables:
    """The reserves beside the optimum without them; where time is too short for that, or somebody stopped it, without."""
    stopped = cancel is not None and cancel.is_set()
    if stopped or (left is not None and left < sum(result.seconds.values())):
        return reserve_tables(round_, result.matches, None, "no_time")
    bare = Round({name: table for name, table in round_.tables.items() if name != "reserves"}, round_.settings)
    without = solve(bare, seconds=left, seed=result.seed, on_progress=on_progress, cancel=cancel, isolate=isolate)
    if without.outcome != Outcome.SOLVED:
        return reserve_tables(round_, result.matches, None, "no_answer")
    return reserve_tables(round_, result.matches, without)


def staff_tables(staff: StaffResult) -> StaffTables:
    """An assignment of staff for the result folder."""
    parts = staff.frame, staff.loads, staff.tiers, staff.reason, staff.engine, staff.seconds
    return StaffTables(*parts, write_proof=lambda path: write_staff_proof(staff.proof, path))


def read_staff(folder: Path) -> StaffResult | None:
    """The assignment of staff in a result folder; None where it has none.

    Raises
    ------
    UnreadableFile
        A file of it is missing or damaged.
    """
    tables = read_further(folder).staff
    if tables is None:
        return None
    tiers = {kind: (served, balance) for kind, (served, balance) in tables.tiers.items()}
    return StaffResult(tables.frame, tables.loads, tiers, read_staff_proof(folder / STAFF_PROOF), tables.reason, tables.engine, tables.seconds)


def check_followup(round_: Round, folder: Path) -> tuple[Fault, ...]:
    """What is wrong with the assignment of staff in a result folder; nothing where there is none. Looks at the round and the files alone.

    Raises
    ------
    UnreadableFile
        A file is missing or damaged.
    """
    staff = read_staff(folder)
    return () if staff is None else check_staff(round_, read_result(folder).matches, staff)
