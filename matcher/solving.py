"""The one door: a round in, a verified result out."""

from __future__ import annotations

import time

import numpy as np

import matcher
from matcher.bound import bound, value
from matcher.compile import Compiled, compile_round
from matcher.errors import Unsupported, VerificationFailed
from matcher.explain.reasons import matches_frame
from matcher.problem import Answer
from matcher.progress import Cancel, Cancelled, OnProgress, Progress, silent
from matcher.result import Outcome, Proof, Reason, Result, TierValue, no_matches
from matcher.round import Round
from matcher.runner import run
from matcher.solvers import route
from matcher.solvers.route import Refusal
from matcher.verifier import verify

LARGER_IS_BETTER = ("placed_mandatory", "placed")


def solve(
    round_: Round,
    *,
    seconds: float | None = None,
    gap: float | None = None,
    seed: int | None = None,
    on_progress: OnProgress = silent,
    cancel: Cancel | None = None,
    isolate: bool = True,
) -> Result:
    """Match a round, prove it, verify it, and give everybody a reason.

    Parameters
    ----------
    round_
        A sound round (`matcher.read`).
    seconds, gap, seed
        Budget and seed; where not given, what `round.toml` says. Engines that only know "optimal" do not use the gap.
    on_progress, cancel
        Hear of every stage; stop within a moment. A stopped solve returns what it had, with the reason `cancelled` or `time_limit`.
    isolate
        Solve in a child process (the default). Without it nothing can interrupt the solver; meant for many tiny rounds in one process.

    Returns
    -------
    Result
        Also for a round that cannot be kept (`infeasible`, with its proof) and for one that was stopped (`no_answer`).

    Raises
    ------
    InputError
        A pin or a filter makes no sense in this round.
    Unsupported
        No engine carries a structure of this round; the sentence names table and row.
    VerificationFailed
        The answer failed the independent check, and is not handed out.
    """
    begun = time.perf_counter()
    clock: dict[str, float] = {}
    seed = round_.settings.seed if seed is None else seed
    seconds = round_.settings.seconds if seconds is None else seconds
    del gap
    try:
        on_progress(Progress("compile", 0.0))
        compiled = compile_round(round_, on_progress=on_progress, cancel=cancel)
        clock["compile"] = time.perf_counter() - begun
    except Cancelled:
        return _stopped(round_, seed, clock)
    plan = route.plan(compiled.problem)
    if isinstance(plan, Refusal):
        raise _unsupported(compiled, plan)
    started = time.perf_counter()
    if isolate:
        left = None if seconds is None else max(0.0, seconds - (started - begun))
        answer = run(compiled.problem, plan, seed=seed, seconds=left, on_progress=on_progress, cancel=cancel)
    else:
        answer = route.run(compiled.problem, plan, seed)
    clock["solve"] = answer.seconds["solve"]
    clock["start"] = time.perf_counter() - started - clock["solve"]
    started = time.perf_counter()
    on_progress(Progress("explain", 0.0))
    result = _result(round_, compiled, answer, seed, clock)
    clock["explain"] = time.perf_counter() - started
    if result.outcome in {Outcome.SOLVED, Outcome.INFEASIBLE}:
        started = time.perf_counter()
        verification = verify(round_, result, on_progress=on_progress)
        clock["verify"] = time.perf_counter() - started
        if not verification.ok:
            raise VerificationFailed([violation.message(round_.settings.language) for violation in verification.violations])
    return result


def _result(round_: Round, compiled: Compiled, answer: Answer, seed: int, clock: dict[str, float]) -> Result:
    """Decode an answer."""
    solved = answer.outcome == "solved"
    matches = matches_frame(compiled, answer, round_.settings.language) if solved else no_matches()
    return Result(
        outcome=Outcome(answer.outcome),
        reason=Reason(answer.reason),
        matches=matches,
        tiers=_tiers(compiled, answer) if solved else (),
        proof=_proof(compiled, answer) if answer.outcome in {"solved", "infeasible"} else None,
        rule_counts=compiled.rule_counts,
        candidate_pairs=compiled.candidate_pairs,
        eligible_pairs=compiled.problem.pairs,
        seed=seed,
        digest=round_.digest,
        engine=answer.engine,
        version=matcher.__version__,
        seconds=clock,
    )


def _tiers(compiled: Compiled, answer: Answer) -> tuple[TierValue, ...]:
    """Values and proven bounds as people read them: placed counts upwards. After the first tier with a gap nothing is proven."""
    problem = compiled.problem
    values, bounds = value(problem, answer.pair_of_demand), bound(problem, answer)
    found = []
    tight = True
    for name, x, b in zip(problem.tiers, values, bounds, strict=True):
        sign = -1 if name in LARGER_IS_BETTER else 1
        found.append(TierValue(name, sign * x, sign * b if tight else None))
        tight = tight and x == b
    return tuple(found)


def _proof(compiled: Compiled, answer: Answer) -> Proof:
    """The prices that are not zero, with the names of their rows."""
    book, rows = compiled.codebook, compiled.problem.rows
    seats = np.flatnonzero(answer.seat_prices.any(axis=1))
    priced = [i for i in range(len(rows)) if answer.row_prices[i].any()]
    ids = [str((book.pools if rows[i].kind == "pool" else book.quotas)[rows[i].code]) for i in priced]
    return Proof(
        answer.tiers,
        np.array(["seat"] * len(seats) + [rows[i].kind for i in priced], dtype=object),
        np.concatenate([book.placements[book.seat_placement[seats]], np.array(ids, dtype=object)]),
        np.concatenate([book.periods[book.seat_period[seats]], np.array([""] * len(ids), dtype=object)]),
        np.concatenate([answer.seat_prices[seats], answer.row_prices[priced]]),
        answer.denominator,
    )


def _stopped(round_: Round, seed: int, clock: dict[str, float]) -> Result:
    return Result(Outcome.NO_ANSWER, Reason.CANCELLED, no_matches(), seed=seed, digest=round_.digest, version=matcher.__version__, seconds=clock)


def _unsupported(compiled: Compiled, refusal: Refusal) -> Unsupported:
    """The refusal with the table, row and id that a person can find."""
    tables = compiled.facts.round.table
    if refusal.kind == "team":
        teams = tables("teams")
        name = sorted(teams["team_id"].unique())[refusal.code]
        return Unsupported("unsupported.team", team=name, row=int(teams.index[teams["team_id"] == name][0]))
    if refusal.kind == "open_or_closed":
        name = compiled.codebook.placements[compiled.codebook.seat_placement[refusal.code]]
        frame = tables("placements")
        row = frame.index[frame["placement_id"] == name][0]
        return Unsupported("unsupported.open_or_closed", placement=name, row=int(row), minimum=int(compiled.problem.open_or_closed[refusal.code]))

    def named(code: int) -> tuple[str, int, str]:
        row = compiled.problem.rows[code]
        table = "pools" if row.kind == "pool" else "quotas"
        frame = tables(table)
        return table, int(frame.index[row.code]), str(frame["pool_id" if row.kind == "pool" else "quota_id"].iloc[row.code])

    table, at, name = named(refusal.code)
    if refusal.other is None:
        return Unsupported("unsupported.crossing_seats", table=table, row=at, name=name)
    other_table, other_row, other = named(refusal.other)
    return Unsupported("unsupported.crossing", table=table, row=at, name=name, other=other, other_table=other_table, other_row=other_row)
