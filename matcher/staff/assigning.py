"""The door of the second stage: a solved round in, a verified assignment of staff out."""

from __future__ import annotations

import time

import numpy as np

from matcher.errors import VerificationFailed
from matcher.problem import Answer, Problem
from matcher.progress import Cancel, OnProgress, silent
from matcher.result import Reason, Result, TierValue
from matcher.round import Round
from matcher.rules.facts import Codes
from matcher.runner import nothing, run
from matcher.solvers import route
from matcher.staff.check import check_staff
from matcher.staff.needs import Needs, needs_of
from matcher.staff.reasons import loads_frame, staff_frame
from matcher.staff.result import KINDS, TIERS, StaffProof, StaffResult
from matcher.staff.slots import Slots, least_costs, member_of_need, member_prices, slots_of


def assign_staff(
    round_: Round,
    result: Result,
    *,
    seconds: float | None = None,
    on_progress: OnProgress = silent,
    cancel: Cancel | None = None,
    isolate: bool = True,
) -> StaffResult:
    """Give every matched pair a coach and an assessor, prove it, check it, and say why.

    Parameters
    ----------
    round_, result
        The round and its answer. Without a matching, or without the table `staff`, nobody is assigned.
    seconds
        Budget of the solver; None for no limit.
    on_progress, cancel
        Hear of the stages of the solver and stop it. A stopped assignment holds what was handed over before, with the reason `cancelled` or `time_limit`;
        everything around the solver is linear and runs to its end.
    isolate
        Solve in a child process (the default).

    Returns
    -------
    StaffResult
        Both kinds are one problem without anything in common, so the optimum of both is the optimum of each.

    Raises
    ------
    VerificationFailed
        The assignment failed the independent check, and is not handed out.
    EngineFailed
        The solver's process died.
    """
    clock: dict[str, float] = {}
    begun = time.perf_counter()
    needs = needs_of(round_, result.matches)
    slots = slots_of(needs)
    clock["compile"] = time.perf_counter() - begun
    started = time.perf_counter()
    answer = _answer(slots.problem, result.seed, seconds, on_progress, cancel, isolate=isolate)
    clock["solve"] = answer.seconds["solve"]
    clock["start"] = time.perf_counter() - started - clock["solve"]
    started = time.perf_counter()
    member = member_of_need(needs, slots, answer)
    prices = member_prices(needs, answer)
    named = prices.any(axis=1)
    staff = StaffResult(
        staff_frame(needs, member, round_.settings.language),
        loads_frame(needs, member),
        {KINDS[kind]: _tiers(needs, slots, answer, member, kind) for kind in np.unique(needs.kind_of_member).tolist()},
        StaffProof(needs.staff["staff_id"].to_numpy(dtype=object)[named], prices[named], answer.denominator),
        Reason(answer.reason),
        answer.engine,
        clock,
    )
    clock["explain"] = time.perf_counter() - started
    started = time.perf_counter()
    faults = check_staff(round_, result.matches, staff)
    clock["verify"] = time.perf_counter() - started
    if faults:
        raise VerificationFailed([fault.message(round_.settings.language) for fault in faults])
    return staff


def _answer(problem: Problem, seed: int, seconds: float | None, on_progress: OnProgress, cancel: Cancel | None, *, isolate: bool) -> Answer:
    """Solve, in a child process if asked to; where nobody may take anything there is nothing to solve."""
    if not problem.pairs:
        return nothing(problem, "", Reason.OPTIMAL)
    plan = route.plan(problem)
    if not isolate:
        return route.run(problem, plan, seed)
    return run(problem, plan, seed=seed, seconds=seconds, on_progress=on_progress, cancel=cancel)


def _tiers(needs: Needs, slots: Slots, answer: Answer, member: Codes, kind: int) -> tuple[TierValue, TierValue]:
    """Value and bound of each tier for a kind; behind a gap nothing is proven."""
    whole = answer.denominator
    used = (answer.pair_of_demand >= 0) & (needs.kind_of_member[slots.member] == kind)
    served, balance = int(np.count_nonzero(member[needs.kind == kind] >= 0)), int(slots.fill[used].sum())
    first, second = least_costs(needs, slots, answer, kind)
    return TierValue(TIERS[0], served, -first // whole), TierValue(TIERS[1], balance, -(-second // whole) if first == -served * whole else None)
