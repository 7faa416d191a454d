"""The verifier: one pass over a result, from the round, the matches and the prices alone."""

from __future__ import annotations

import time
from pathlib import Path

from matcher.progress import OnProgress, Progress, silent
from matcher.result import Outcome, Result, TierValue
from matcher.round import Round
from matcher.settings import MECHANISMS, RANK_MEASURES, TIERS
from matcher.verifier import claims, feasible
from matcher.verifier.bound import NOTHING, Costs, least_value
from matcher.verifier.matching import Matching, Placed, read_matching
from matcher.verifier.pairs import Rulebook
from matcher.verifier.prices import read_prices
from matcher.verifier.reasons import check_reasons
from matcher.verifier.rows import Rows
from matcher.verifier.stored import Claim, of_folder, of_result
from matcher.verifier.teams import check_teams
from matcher.verifier.tiers import Tiers, reported
from matcher.verifier.view import View
from matcher.verifier.violations import Findings, Verification


def verify(round: Round, result: Result | str | Path, *, on_progress: OnProgress = silent) -> Verification:  # noqa: A002  # the public name of a round
    """Check a result against its round, without any solver.

    Finds all violations, recomputes the value of every tier from the matches, and the bound of every tier from the prices of the proof.

    Parameters
    ----------
    round
        The round that was solved.
    result
        The result, or the folder it was written to.
    on_progress
        Told how far the check is.

    Returns
    -------
    Verification
        `ok` when nothing is wrong. Never raises for anything that stands in the result.

    Notes
    -----
    O(p log p) time for p pairs that the wishes leave, and memory for a block of them. The matches are judged pair by pair, the bound unfolds all pairs anew:
    neither uses what the solvers were given.
    """
    begin = time.perf_counter()
    findings = Findings()
    on_progress(Progress("verify", 0.0))
    claim = of_result(result) if isinstance(result, Result) else of_folder(Path(result), findings)
    check = _Check(round, claim, findings, on_progress) if claim is not None and _carries(round, findings) else None
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
        self.view = View(round_)
        self.book = Rulebook.of(self.view)
        self.rows = Rows(self.view)
        self.scale = Tiers(self.book, self.rows)
        self.tiers: tuple[TierValue, ...] = ()
        self.proven = False
        self.infeasible: bool | None = None

    def run(self) -> None:
        """All checks."""
        if self.claim.digest != self.view.round.digest:
            self.findings.add("digest", given=self.claim.digest or "-", expected=self.view.round.digest)
        claims.check_outcome(self.claim, self.findings)
        if self.claim.outcome is Outcome.SOLVED:
            self._solved()
        elif self.claim.outcome is Outcome.INFEASIBLE:
            self._infeasible()

    def _solved(self) -> None:
        matching = read_matching(self.view, self.claim.matches, self.findings)
        named = claims.check_names(self.claim, self.scale.names, self.findings)
        if matching is None:
            return
        placed = Placed.of(self.book, matching)
        self._rules(matching, placed)
        value = self.scale.value(placed.pairs, placed.pinned)
        self.tiers = self._bounded(value)
        self.proven = all(tier.bound == tier.value for tier in self.tiers)
        if named:
            claims.check_tiers(self.claim, self.tiers, self.findings)
        claims.check_optimal(self.claim, self.tiers, proven=self.proven, findings=self.findings)
        claims.check_counts(self.claim, matching, self.findings)

    def _rules(self, matching: Matching, placed: Placed) -> None:
        feasible.check_pairs(self.book, placed, self.findings)
        feasible.check_rows_alone(self.book, matching, placed, self.findings)
        feasible.check_pins(self.book, placed.pairs, self.findings)
        feasible.check_seats(self.rows, placed.pairs, self.findings)
        feasible.check_groups(self.rows, placed.pairs, self.findings)
        check_teams(self.view, placed.pairs, self.findings)
        check_reasons(self.book, self.rows, matching, placed.pairs, self.findings)

    def _bounded(self, value: tuple[int, ...]) -> tuple[TierValue, ...]:
        """The values as they are reported, with the bounds that the prices prove."""
        names = self.scale.names
        prices = read_prices(self.claim.proof, names, self.rows, self.findings) if self.claim.proof is not None else None
        bounds: tuple[int | None, ...] = (None,) * len(names)
        if prices is not None:
            soft = names.index("soft") if "soft" in names else None
            costs = Costs(names, self.scale.cost, self.scale.constant(), self.scale.largest(), soft)
            bound = least_value(self.book, self.rows, costs, prices, self.on_progress)
            if bound.beats(value):
                self.findings.add("better_than_possible")
            bounds = bound.against(value)
        return tuple(
            TierValue(name, reported(name, cost), None if bound is None else reported(name, bound))
            for name, cost, bound in zip(names, value, bounds, strict=True)
        )

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
