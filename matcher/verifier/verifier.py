"""The verifier: one pass over a result, from the round, the matches and the prices alone."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from matcher.progress import Beside, Cancel, OnProgress, Progress, abandonable, silent, stoppable, within
from matcher.result import Outcome, Result, TierValue
from matcher.round import Round
from matcher.settings import MECHANISMS, RANK_MEASURES, TIERS
from matcher.verifier import claims, feasible
from matcher.verifier.bound import NOTHING, Bound, Costs, least_value, ranks_of
from matcher.verifier.matching import Matching, Placed, read_matching
from matcher.verifier.pairs import Rulebook
from matcher.verifier.prices import Prices, read_prices
from matcher.verifier.reasons import check_reasons
from matcher.verifier.rows import Rows
from matcher.verifier.stored import Claim, of_folder, of_result
from matcher.verifier.teams import check_teams
from matcher.verifier.tiers import Tiers, ranks_named
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
    wanted = [*settings.tiers, settings.mechanism, settings.rank_measure]
    known = {*TIERS, *MECHANISMS, *RANK_MEASURES}
    for name in wanted:
        if name not in known:
            findings.add("policy_unknown", name=name)
    return all(name in known for name in wanted)


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
        check_teams(self.view, placed.pairs, self.findings)
        self.tell(0.9)
        check_reasons(self.book, self.rows, matching, placed.pairs, self.findings)

    def _bounded(self, placed: Placed) -> tuple[TierValue, ...]:
        """The values as they are reported, with the bounds that the prices prove."""
        scale, proof = self.scale, self.claim.proof
        names = scale.spelled(ranks_named(proof.tiers) if proof is not None else ())
        prices = read_prices(proof, names, self.rows, self.findings) if proof is not None else None
        bound = None if prices is None else self._least(names, prices)
        ranks = bound.ranks if bound is not None else ranks_of(self.book) if scale.profile else frozenset()
        left_out = sorted(ranks - set(ranks_named(names))) if bound is not None and scale.profile else []
        if left_out:  # the prices are those of another question
            self.findings.add("proof_digits", ranks=", ".join(map(str, left_out)))
            bound = None
        if bound is None:
            names = scale.spelled(ranks)
        value = scale.value(names, placed.pairs, placed.pinned)
        if bound is not None and bound.beats(value):
            self.findings.add("better_than_possible")
        bounds = (None,) * len(names) if bound is None else bound.against(value)
        largest = max([1, *ranks, int(placed.pairs.rank.max(initial=0))])
        counts = np.bincount(placed.pairs.rank, minlength=largest + 1)[1:].tolist()
        return scale.reported(names, value, bounds, counts)

    def _least(self, names: tuple[str, ...], prices: Prices) -> Bound:
        """What no matching can beat in the tiers spelled out."""
        soft = names.index("soft") if "soft" in names else None
        costs = Costs(names, self.scale.cost, self.scale.constant(names), self.scale.largest(), soft)
        return least_value(self.book, self.rows, costs, prices, self.on_progress)

    def _infeasible(self) -> None:
        """The proof of an infeasible round bounds the cost of every matching above zero, though matchings cost nothing."""
        self.infeasible = False
        if self.claim.proof is None:
            self.findings.add("infeasible_without_proof")
            return
        prices = read_prices(self.claim.proof, NOTHING.names, self.rows, self.findings)
        if prices is None:
            return
        bound = least_value(self.book, self.rows, NOTHING, prices, self.on_progress)
        self.infeasible = bound.contradiction or bound.numerators[0] > 0
        if not self.infeasible:
            self.findings.add("infeasible_unproven", bound=bound.numerators[0])
