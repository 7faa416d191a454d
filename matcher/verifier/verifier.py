"""The verifier: one pass over a result, from the round, the matches and the prices alone."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matcher.progress import Beside, Cancel, OnProgress, Progress, abandonable, silent, stoppable, within
from matcher.result import Cases, Outcome, Proof, Result, TierValue
from matcher.round import Round
from matcher.settings import MECHANISMS, RANK_MEASURES
from matcher.verifier import claims, feasible
from matcher.verifier.bound import least_value
from matcher.verifier.cases import read_cases
from matcher.verifier.costs import NOTHING, Costs
from matcher.verifier.keeping import check_families
from matcher.verifier.leaf import prove
from matcher.verifier.matching import Matching, Placed, read_matching
from matcher.verifier.pairs import Rulebook, ranks_of
from matcher.verifier.prices import read_prices
from matcher.verifier.reasons import check_reasons
from matcher.verifier.rows import Rows
from matcher.verifier.stored import Claim, of_folder, of_result
from matcher.verifier.teams import check_teams
from matcher.verifier.tiers import Tiers, is_known, ranks_named
from matcher.verifier.view import View
from matcher.verifier.violations import Findings, Verification


def verify(
    round: Round,  # noqa: A002  # the public name of a round
    result: Result | str | Path,
    *,
    on_progress: OnProgress = silent,
    cancel: Cancel | None = None,
) -> Verification:
    """Check a result against its round, without any solver.

    Finds all violations, recomputes the value of every tier from the matches, and the bound of every tier from the prices of the proof.

    Parameters
    ----------
    round
        The round that was solved.
    result
        The result, or the folder it was written to.
    on_progress, cancel
        Told how far the check is; stops it within a moment.

    Returns
    -------
    Verification
        `ok` when nothing is wrong. Never raises for anything that stands in the result.

    Raises
    ------
    Cancelled
        `cancel` said so.

    Notes
    -----
    O(p log p) time for p pairs that the wishes leave, and memory for a block of them. The matches are judged pair by pair, the bound unfolds all pairs anew:
    neither uses what the solvers were given.
    """
    return abandonable(lambda: _verify(round, result, stoppable(on_progress, cancel)), cancel)


def _verify(round_: Round, result: Result | str | Path, on_progress: OnProgress) -> Verification:
    begin = time.perf_counter()
    findings = Findings()
    on_progress(Progress("verify", 0.0))
    claim = of_result(result) if isinstance(result, Result) else of_folder(Path(result), findings)
    check = _Check(round_, claim, findings, on_progress) if claim is not None and _carries(round_, findings) else None
    if check is not None:
        check.run()
    tiers, proven, infeasible = (check.tiers, check.proven, check.infeasible) if check else ((), False, None)
    on_progress(Progress("verify", 1.0))
    return Verification(findings.all(), tiers, proven, infeasible, time.perf_counter() - begin)


def _carries(round_: Round, findings: Findings) -> bool:
    """Whether the policy is one whose values this verifier can recompute."""
    settings = round_.settings
    unknown = [name for name in (*settings.tiers, *settings.tier_weights) if not is_known(name)]
    unknown += [name for name, known in ((settings.mechanism, MECHANISMS), (settings.rank_measure, RANK_MEASURES)) if name not in known]
    for name in unknown:
        findings.add("policy_unknown", name=name)
    return not unknown


class _Check:
    """One verification on its way."""

    def __init__(self, round_: Round, claim: Claim, findings: Findings, on_progress: OnProgress) -> None:
        self.claim, self.findings, self.on_progress = claim, findings, on_progress
        self.tell = within(on_progress, "verify", 0.0, 0.5)
        self.digest = Beside(lambda: round_.digest)
        self.view = View(round_)
        self.book = Rulebook.of(self.view)
        self.rows = Rows(self.view)
        self.scale = Tiers(self.book, self.rows)
        self.tiers: tuple[TierValue, ...] = ()
        self.proven = False
        self.infeasible: bool | None = None

    def run(self) -> None:
        """All checks."""
        digest = self.digest.wait(lambda: self.tell(0.0))
        if self.claim.digest != digest:
            self.findings.add("digest", given=self.claim.digest or "-", expected=digest)
        claims.check_outcome(self.claim, self.findings)
        if self.claim.outcome is Outcome.SOLVED:
            self._solved()
        elif self.claim.outcome is Outcome.INFEASIBLE:
            self._infeasible()

    def _solved(self) -> None:
        matching = read_matching(self.view, self.claim.matches, self.findings)
        self.tell(0.2)
        for part, _ in enumerate(self.book.wishes.prepare()):
            self.tell(0.3 + 0.05 * part)
        named = claims.check_names(self.claim, self.scale.names, self.findings)
        if matching is None:
            return
        placed = Placed.of(self.book, matching)
        self.tell(0.6)
        self._rules(matching, placed)
        self.tell(1.0)
        self.tiers = self._bounded(placed)
        self.proven = all(tier.proven for tier in self.tiers)
        if named:
            claims.check_tiers(self.claim, self.tiers, self.scale.sense, self.findings)
        claims.check_optimal(self.claim, self.tiers, proven=self.proven, findings=self.findings)
        claims.check_counts(self.claim, matching, self.findings)

    def _rules(self, matching: Matching, placed: Placed) -> None:
        feasible.check_pairs(self.book, placed, self.findings)
        self.tell(0.8)
        feasible.check_rows_alone(self.book, matching, placed, self.findings)
        feasible.check_pins(self.book, placed.pairs, self.findings)
        feasible.check_seats(self.rows, placed.pairs, self.findings)
        feasible.check_groups(self.rows, placed.pairs, self.findings)
        check_families(self.scale.families, self.view, placed.pairs, self.findings)
        check_teams(self.view, placed.pairs, self.findings)
        self.tell(0.9)
        check_reasons(self.book, self.scale, matching, placed.pairs, self.findings)

    def _bounded(self, placed: Placed) -> tuple[TierValue, ...]:
        """The values as they are reported, with the bounds that the proof proves."""
        scale, proof = self.scale, self.claim.proof
        names = scale.spelled(ranks_named(proof.tiers) if proof is not None else ())
        value = scale.value(names, placed.pairs, placed.pinned)
        found = self._found(proof, scale.question(names), value) if proof is not None else None
        ranks = found.ranks if found is not None else ranks_of(self.book) if scale.profile else frozenset()
        left_out = sorted(ranks - set(ranks_named(names))) if found is not None and scale.profile else []
        if left_out:  # the prices are those of another question
            self.findings.add("proof_digits", ranks=", ".join(map(str, left_out)))
            found = None
        if found is None:
            names = scale.spelled(ranks)
            value = scale.value(names, placed.pairs, placed.pinned)
        elif found.beaten:
            self.findings.add("better_than_possible")
        bounds = (None,) * len(names) if found is None else found.bounds
        largest = max([1, *ranks, int(placed.pairs.rank.max(initial=0))])
        counts = np.bincount(placed.pairs.rank, minlength=largest + 1)[1:].tolist()
        return scale.reported(names, value, bounds, counts, tierwise=isinstance(proof, Cases))

    def _found(self, proof: Proof | Cases, costs: Costs, value: tuple[int, ...]) -> _Found | None:
        """What no matching can beat in the tiers spelled out; None, with the reasons among the findings, where the proof cannot be used."""
        if isinstance(proof, Cases):
            trees = read_cases(proof, costs.names, self.scale.families, self.findings)
            if trees is None:
                return None
            proven = prove(self.book, self.scale.families, costs, trees, value, self.on_progress)
            better = any(bound is not None and bound > cost for bound, cost in zip(proven.bounds, value, strict=True))
            return _Found(proven.bounds, proven.ranks, better or bool(proven.impossible))
        prices = read_prices(proof, costs.names, self.scale.families, self.findings)
        if prices is None:
            return None
        bound = least_value(self.book, costs, prices, self.on_progress)
        return _Found(bound.against(value), bound.ranks, bound.beats(value))

    def _infeasible(self) -> None:
        """The proof of an infeasible round bounds the cost of every matching above zero, though matchings cost nothing."""
        self.infeasible = False
        proof = self.claim.proof
        if proof is None:
            self.findings.add("infeasible_without_proof")
            return
        if isinstance(proof, Cases):
            trees = read_cases(proof, NOTHING.names, self.scale.families, self.findings)
            if trees is None:
                return
            proven = prove(self.book, self.scale.families, NOTHING, trees, (0,), self.on_progress)
            contradiction, least = bool(proven.impossible), proven.bounds[0] or 0
        else:
            prices = read_prices(proof, NOTHING.names, self.scale.families, self.findings)
            if prices is None:
                return
            bound = least_value(self.book, NOTHING, prices, self.on_progress)
            contradiction, least = bound.contradiction, bound.numerators[0]
        self.infeasible = contradiction or least > 0
        if not self.infeasible:
            self.findings.add("infeasible_unproven", bound=least)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a proof of either form proves: the bound of each tier spelled out, the ranks that pairs have, and whether the matching beats a bound."""

    bounds: tuple[int | None, ...]
    ranks: frozenset[int]
    beaten: bool
