"""The one door: a round in, a verified result out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

import matcher
from matcher.bound import bound, value
from matcher.compile import Compiled, compile_round
from matcher.errors import VerificationFailed
from matcher.explain.told import matches_frame
from matcher.problem import Answer, Certificate
from matcher.progress import Beside, Cancel, Cancelled, OnProgress, Progress, abandonable, silent, stoppable
from matcher.result import Cases, Outcome, Proof, Reason, Result, TierValue, no_matches
from matcher.round import Round
from matcher.rules.names import row_names
from matcher.runner import run
from matcher.settings import LARGER_IS_BETTER, WORST_FIRST, is_soft
from matcher.solvers import route
from matcher.solvers.route import Budget, Plan
from matcher.verifier import verify
from matcher.words import say


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
        Budget and seed; where not given, what `round.toml` says. An engine that knows a way straight to the optimum does not use the gap.
    on_progress, cancel
        Hear of every stage; stop within a moment. A stopped solve returns what it had, with the reason `cancelled` or `time_limit`: a matching that the
        solver had already handed over is still explained and verified; before that, and from then on, a stop leaves `no_answer`.
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
        The round asks for a mechanism that no engine carries, or would not fit in memory.
    VerificationFailed
        The answer failed the independent check, and is not handed out.
    """
    begun = time.perf_counter()
    clock: dict[str, float] = {}
    seed = round_.settings.seed if seed is None else seed
    seconds = round_.settings.seconds if seconds is None else seconds
    gap = round_.settings.gap if gap is None else gap
    try:
        compiled, plan = abandonable(lambda: _planned(round_, on_progress, cancel), cancel)
        clock["compile"] = time.perf_counter() - begun
    except Cancelled:
        return _stopped("", seed, clock)
    started = time.perf_counter()
    digest = Beside(lambda: round_.digest)  # while the child solves, this process has nothing else to do
    if isolate:
        left = None if seconds is None else max(0.0, seconds - (started - begun))
        answer = run(compiled.problem, plan, seed=seed, seconds=left, gap=gap, on_progress=on_progress, cancel=cancel)
    else:
        answer = route.run(compiled.problem, plan, seed, budget=Budget(seconds, gap))
    clock["solve"] = answer.seconds["solve"]
    clock["start"] = time.perf_counter() - started - clock["solve"]
    # What was found before a stop is worth the moment that it takes to finish it.
    still = None if answer.reason == "cancelled" else cancel
    tell = stoppable(on_progress, still)
    try:
        result = abandonable(partial(_explained, round_, compiled, answer, digest, seed, clock, tell), still)
        del compiled, plan  # some 600 MB for a million students, and the verifier wants none of it
        return abandonable(lambda: _verified(round_, result, clock, tell), still)
    except Cancelled:
        return _stopped(_known(digest), seed, clock, answer.engine)


def _planned(round_: Round, on_progress: OnProgress, cancel: Cancel | None) -> tuple[Compiled, Plan]:
    """The problem, and the engine that will carry it."""
    stoppable(on_progress, cancel)(Progress("compile", 0.0))
    compiled = compile_round(round_, on_progress=on_progress, cancel=cancel)
    return compiled, route.plan(compiled.problem)


def _explained(round_: Round, compiled: Compiled, answer: Answer, digest: Beside[str], seed: int, clock: dict[str, float], tell: OnProgress) -> Result:
    """The answer as a result, explained."""
    started = time.perf_counter()
    if (answer.outcome, answer.reason) != ("no_answer", "cancelled"):
        digest.wait(lambda: tell(Progress("explain", 0.0)))
    result = replace(_result(round_, compiled, answer, seed, clock, tell), digest=_known(digest))
    clock["explain"] = time.perf_counter() - started
    return result


def _verified(round_: Round, result: Result, clock: dict[str, float], tell: OnProgress) -> Result:
    """The result, checked where there is anything to check."""
    if result.outcome in {Outcome.SOLVED, Outcome.INFEASIBLE}:
        started = time.perf_counter()
        verification = verify(round_, result, on_progress=tell)
        clock["verify"] = time.perf_counter() - started
        if not verification.ok:
            raise VerificationFailed([violation.message(round_.settings.language) for violation in verification.violations])
    return result


def _result(round_: Round, compiled: Compiled, answer: Answer, seed: int, clock: dict[str, float], tell: OnProgress) -> Result:
    """Decode an answer."""
    solved = answer.outcome == "solved"
    matches = matches_frame(compiled, answer, round_.settings.language, tell) if solved else no_matches()
    return Result(
        outcome=Outcome(answer.outcome),
        reason=Reason(answer.reason),
        matches=matches,
        tiers=_tiers(compiled, answer, lambda: tell(Progress("explain", 0.9))) if solved else (),
        proof=_proof(compiled, answer) if answer.outcome in {"solved", "infeasible"} else None,
        rule_counts=compiled.rule_counts,
        candidate_pairs=compiled.candidate_pairs,
        eligible_pairs=compiled.problem.pairs,
        seed=seed,
        engine=answer.engine,
        version=matcher.__version__,
        seconds=clock,
        notes=_notes(round_, compiled),
    )


def _notes(round_: Round, compiled: Compiled) -> tuple[str, ...]:
    """What a reader of the settings alone would not expect."""
    taken = tuple(_together(compiled.problem.tiers))
    asked = [tier for tier in dict.fromkeys(round_.settings.tiers) if tier in taken]
    moved = round_.settings.rank_measure == "rank_maximal" and [tier for tier in taken if tier in asked] != asked
    return (say("engine.rank_maximal", round_.settings.language, tiers=", ".join(taken)),) if moved else ()


def _together(names: Sequence[str]) -> dict[str, list[int]]:
    """The tiers of the policy in their order, and where their digits stand among the tiers of the problem."""
    places: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        places.setdefault(name if is_soft(name) else name.partition(":")[0], []).append(at)
    return places


def _tiers(compiled: Compiled, answer: Answer, tick: Callable[[], None]) -> tuple[TierValue, ...]:
    """Values and proven bounds as people read them: placed counts upwards, a profile by rank. Behind a gap, tuples prove nothing."""
    problem = compiled.problem
    values = value(problem, answer.pair_of_demand)
    bounds: Sequence[int | None] = answer.bounds if answer.certificate is not None else bound(problem, answer, tick)
    alone = answer.certificate is not None  # by cases every tier has a bound of its own
    found: list[TierValue] = []
    tight = True
    for name, places in _together(problem.tiers).items():
        if problem.tiers[places[0]] == name:
            sign = -1 if name in LARGER_IS_BETTER else 1
            limit = bounds[places[0]]
            found.append(TierValue(name, sign * values[places[0]], sign * limit if tight and limit is not None else None))
        else:
            found.append(_profile(compiled, name, {problem.tiers[at]: (values[at], bounds[at]) for at in places}, tight=tight, alone=alone))
        tight = alone or (tight and all(values[at] == bounds[at] for at in places))
    return tuple(found)


def _profile(compiled: Compiled, name: str, digits: Mapping[str, tuple[int, int | None]], *, tight: bool, alone: bool) -> TierValue:
    """The digits of a tier as counts by rank; a rank that no pair has is taken by nobody."""
    largest = max(1, int(compiled.codebook.pair_rank.max(initial=0)))
    generous = compiled.facts.round.settings.rank_measure in WORST_FIRST
    counts: list[int] = [0] * largest
    limits: list[int | None] = [None] * largest
    known, tied = tight, tight
    for rank in range(largest, 0, -1) if generous else range(1, largest + 1):
        cost, least = digits.get(f"{name}:{rank}", (0, 0 if tied else None))
        counts[rank - 1] = abs(cost)
        if tight and least is not None:
            limits[rank - 1] = least if generous else -least
        tied = tied and cost == least
        tight = alone or tied
    return TierValue(name, tuple(counts), tuple(limits) if known else None)


def _proof(compiled: Compiled, answer: Answer) -> Proof | Cases:
    """The prices that are not zero, with the names of their rows."""
    if answer.certificate is not None:
        return _cases(compiled, answer.tiers, answer.certificate)
    seats, rows = np.flatnonzero(answer.seat_prices.any(axis=1)), np.flatnonzero(answer.row_prices.any(axis=1))
    names = row_names(compiled.codebook, compiled.problem, np.concatenate([seats, compiled.problem.seats + rows]))
    return Proof(answer.tiers, *names, np.concatenate([answer.seat_prices[seats], answer.row_prices[rows]]), answer.denominator)


def _cases(compiled: Compiled, tiers: tuple[str, ...], found: Certificate) -> Cases:
    """The certificate with names in place of numbers."""
    split = found.node_row >= 0
    used, turn = np.unique(np.concatenate([found.node_row[split], found.price_row]), return_inverse=True)
    at = np.full(len(split), -1, dtype=np.int64)
    at[split] = turn[: np.count_nonzero(split)]
    names = row_names(compiled.codebook, compiled.problem, used)
    prices = found.price_leaf, turn[np.count_nonzero(split) :].astype(np.int64), found.price
    return Cases(tiers, *names, found.node_tier, at, found.node_value, found.denominator, found.multipliers, *prices)


def _known(digest: Beside[str]) -> str:
    """The digest; empty where the job was stopped before it was known, for it takes long in a large round."""
    return digest.wait(lambda: None) if digest.ready else ""


def _stopped(digest: str, seed: int, clock: dict[str, float], engine: str = "") -> Result:
    """A result without an answer."""
    nothing = no_matches()
    return Result(Outcome.NO_ANSWER, Reason.CANCELLED, nothing, seed=seed, digest=digest, engine=engine, version=matcher.__version__, seconds=clock)
