"""Is what the result says of itself true? Outcome and reason, tiers, bounds, counts, fingerprint (docs/proof.md)."""

from __future__ import annotations

import numpy as np

from matcher.result import Outcome, Reason, TierValue
from matcher.verifier.matching import Matching
from matcher.verifier.stored import Claim, ClaimedTier
from matcher.verifier.tiers import LARGER_IS_BETTER
from matcher.verifier.violations import Findings

_FITTING = {
    Outcome.SOLVED: {Reason.OPTIMAL, Reason.GAP_REACHED, Reason.TIME_LIMIT, Reason.CANCELLED, Reason.NOT_CLOSED},
    Outcome.INFEASIBLE: {Reason.PROVEN_INFEASIBLE},
    Outcome.NO_ANSWER: {Reason.TIME_LIMIT, Reason.CANCELLED, Reason.NOT_CLOSED},
    Outcome.FAILED: {Reason.ENGINE_FAILED},
}

Number = int | tuple[int | None, ...] | None
"""A value or a bound: a number, or those of a profile."""

_GAP_TOLERANCE = 1e-9
"""A gap is written as a decimal fraction; it may differ in the last digits."""


def check_outcome(claim: Claim, findings: Findings) -> None:
    """The reason fits the outcome, and only a solved round has matches and tiers."""
    if claim.reason not in _FITTING[claim.outcome]:
        findings.add("reason_contradicts", outcome=claim.outcome.value, reason=claim.reason.value)
    if claim.outcome is not Outcome.SOLVED and (len(claim.matches) or claim.tiers):
        findings.add("answer_without_outcome", outcome=claim.outcome.value)


def check_names(claim: Claim, names: tuple[str, ...], findings: Findings) -> bool:
    """The tiers are those of the round's policy, in its order."""
    given = tuple(tier.name for tier in claim.tiers)
    if given != names:
        findings.add("tiers_named", given=", ".join(given), expected=", ".join(names))
    return given == names


def check_tiers(claim: Claim, found: tuple[TierValue, ...], profile_sense: int, findings: Findings) -> None:
    """Every tier has the value that its matching has, and no better bound than the prices prove; `profile_sense` is -1 where a profile wants large counts."""
    for said, own in zip(claim.tiers, found, strict=True):
        if said.value != own.value:
            findings.add("wrong_value", tier=said.name, given=_text(said.value), expected=_text(own.value))
        if said.bound is None:
            _check_gap(said, findings)
        elif _ranks(said.value) == _ranks(said.bound) == _ranks(own.value):
            upwards = said.name in LARGER_IS_BETTER or (isinstance(own.value, tuple) and profile_sense < 0)
            _check_bound(said, own, -1 if upwards else 1, findings)
            _check_gap(said, findings)
        else:
            findings.add("bound_shape", tier=said.name, bound=_text(said.bound), value=_text(own.value))


def _check_bound(said: ClaimedTier, own: TierValue, sense: int, findings: Findings) -> None:
    """No bound is on the wrong side of its value, or better than the prices prove; of a profile, the bound of no rank."""
    bounds, values = _parts(said.bound), _parts(said.value)
    proven = _parts(own.bound) if own.bound is not None else (None,) * len(bounds)
    if _any_better(bounds, values, sense):
        findings.add("bound_beats_value", tier=said.name, bound=_text(said.bound), value=_text(said.value))
    if any(bound is not None and limit is None for bound, limit in zip(bounds, proven, strict=True)):
        findings.add("bound_unproven", tier=said.name, bound=_text(said.bound))
    elif _any_better(bounds, proven, sense):
        findings.add("bound_too_good", tier=said.name, bound=_text(said.bound), proven=_text(own.bound))


def _ranks(value: Number) -> int | None:
    """The number of ranks of a profile; None for a plain number."""
    return len(value) if isinstance(value, tuple) else None


def _parts(value: Number) -> tuple[int | None, ...]:
    return value if isinstance(value, tuple) else (value,)


def _any_better(bounds: tuple[int | None, ...], limits: tuple[int | None, ...], sense: int) -> bool:
    return any(b is not None and x is not None and sense * b > sense * x for b, x in zip(bounds, limits, strict=True))


def _check_gap(said: ClaimedTier, findings: Findings) -> None:
    right = TierValue(said.name, said.value, said.bound).gap
    if said.gap is not None and (right is None or abs(said.gap - right) > _GAP_TOLERANCE):
        findings.add("wrong_gap", tier=said.name, given=said.gap, expected="-" if right is None else right)


def check_optimal(claim: Claim, found: tuple[TierValue, ...], *, proven: bool, findings: Findings) -> None:
    """A result that says it is optimal brings a proof that shows it, and says so in every tier."""
    if claim.reason is not Reason.OPTIMAL or claim.outcome is not Outcome.SOLVED:
        return
    if claim.proof is None:
        findings.add("proof_missing")
    elif not proven:
        short = next(tier for tier in found if not tier.proven)
        findings.add("optimal_unproven", tier=short.name, value=_text(short.value), bound=_text(short.bound))
    for said in claim.tiers:
        if said.bound != said.value:
            findings.add("optimal_with_gap", tier=said.name, value=_text(said.value), bound=_text(said.bound))


def check_counts(claim: Claim, matching: Matching, findings: Findings) -> None:
    """The numbers of placed and unplaced demands and the rank profile, where they are written down, fit the matches."""
    placed = int(np.count_nonzero(~matching.empty))
    profile = np.bincount(matching.rank[(matching.rank > 0) & ~matching.empty])[1:].tolist()
    counts = (("placed", claim.placed, placed), ("unplaced", claim.unplaced, len(matching.empty) - placed))
    for name, given, expected in counts:
        if given is not None and given != expected:
            findings.add("wrong_count", name=name, given=given, expected=expected)
    if claim.rank_profile is not None and list(claim.rank_profile) != profile:
        findings.add("wrong_profile", given=_list(claim.rank_profile), expected=_list(profile))


def _text(value: Number) -> object:
    """A value or bound as a violation shows it; a dash where there is none."""
    if isinstance(value, tuple):
        return ", ".join("-" if count is None else str(count) for count in value)
    return "-" if value is None else value


def _list(counts: tuple[int, ...] | list[int]) -> str:
    return ", ".join(map(str, counts)) or "-"
