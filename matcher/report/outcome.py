"""The outcome in sentences: what was found, whether it is proven, and why it stopped."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.report.texts import Texts
from matcher.result import Outcome, Reason, Result, TierValue
from matcher.round import Round

EXPLAINED = (Reason.GAP_REACHED, Reason.TIME_LIMIT, Reason.CANCELLED, Reason.NOT_CLOSED, Reason.ENGINE_FAILED)
"""Reasons to stop that need a sentence; the others say themselves in the verdict."""


def title(round_: Round, texts: Texts) -> str:
    """The name of the round."""
    return round_.settings.name or round_.settings.id or texts.say("untitled")


def headline(result: Result, texts: Texts) -> str:
    """What was found."""
    if result.outcome != Outcome.SOLVED:
        return texts.say(f"headline.{result.outcome}")
    total, students = len(result.matches), result.matches["student_id"].nunique()
    if not total:
        return texts.say("headline.nobody")
    if total != students:
        return texts.say("headline.demands", placed=result.placed, total=total, students=students)
    return texts.say("headline.all", total=total) if result.placed == total else texts.say("headline.students", placed=result.placed, total=total)


def verdict(result: Result, texts: Texts) -> tuple[bool, str]:
    """Whether the answer is proven to be the best, and the sentence that says so, or names the first tier that is not; empty where nothing is claimed."""
    if result.outcome == Outcome.INFEASIBLE and result.proof is not None:
        return False, texts.say("verdict.infeasible")
    if result.outcome != Outcome.SOLVED:
        return False, ""
    for tier in result.tiers:
        if tier.bound is None:
            return False, texts.say("verdict.unbounded", goal=texts.tier(tier.label))
        if not tier.proven:
            return False, texts.say("verdict.bound", goal=texts.tier(tier.label), value=texts.worth(tier.value), bound=texts.worth(tier.bound))
    return True, texts.say("verdict.optimal")


def standings(tiers: Sequence[TierValue]) -> list[str]:
    """Of every tier: `proven`; `given`, proven as far as nothing earlier can be better, which is not; or `open`."""
    found, all_before = [], True
    for tier in tiers:
        found.append(("proven" if all_before else "given") if tier.proven else "open")
        all_before &= tier.proven
    return found


def stopped(result: Result, texts: Texts) -> list[str]:
    """Why the engine stopped, where that needs saying."""
    return [texts.say(f"stop.{result.reason}")] if result.reason in EXPLAINED else []
