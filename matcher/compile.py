"""Round -> Problem and Codebook: the one encoder (docs/rules.md gives the meaning of every step)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matcher.errors import Unsupported
from matcher.problem import Codebook, GroupNames, Problem
from matcher.progress import Cancel, OnProgress, Progress, silent, stoppable
from matcher.result import RuleCount
from matcher.round import Round
from matcher.rules.capacity import Demands, Seats, demands_of, periods_of, seats_of
from matcher.rules.costs import Goods, costs_of
from matcher.rules.eligibility import Eligibility
from matcher.rules.facts import Facts
from matcher.rules.families import Made
from matcher.rules.overlap import overlap_family
from matcher.rules.pairs import Pairs, chances, joined, spread, with_pins
from matcher.rules.pins import Pins, pins_of
from matcher.rules.policy import Policy, ordered
from matcher.rules.previous import kept_of
from matcher.rules.quotas import quota_families, quotas_of
from matcher.rules.rows import reserve_ids, rows_of
from matcher.rules.spans import span_family
from matcher.rules.teams import team_families, team_ids, teams_of
from matcher.rules.wishes import Wishes, wishes_of
from matcher.settings import MECHANISMS, RANK_MEASURES, TIERS, Settings, is_soft


@dataclass(frozen=True)
class Compiled:
    """Everything the stages after this need: the problem, the way back, and what the rules did.

    Attributes
    ----------
    facts, seats, demands, eligibility, wishes, pins
        The encoded round, for explanations.
    rule_counts, candidate_pairs
        docs/rules.md section 3, "Counts".
    """

    problem: Problem
    codebook: Codebook
    facts: Facts
    seats: Seats
    demands: Demands
    eligibility: Eligibility
    wishes: Wishes
    pins: Pins
    rule_counts: tuple[RuleCount, ...]
    candidate_pairs: int


def compile_round(round_: Round, *, on_progress: OnProgress = silent, cancel: Cancel | None = None) -> Compiled:
    """Encode a round.

    Time grows with the candidate pairs (wishes with their sectors and regions spelled out); memory holds the eligible pairs and one block.

    Raises
    ------
    InputError
        A pin breaks a hard rule or the capacity; a quota names an unknown column; the weights make no blend.
    Unsupported
        The settings ask for something that no engine carries yet, for a profile that would not fit in memory, or for a blend whose costs are too large.
    Cancelled
        `cancel` said so.
    """
    _refuse_unsupported(round_.settings)
    tell = stoppable(on_progress, cancel)

    def tick() -> None:
        tell(Progress("compile", 0.0))

    facts = Facts.of(round_)
    periods = periods_of(facts)
    seats, demands = seats_of(facts, periods), demands_of(facts, periods)
    tick()
    wishes, eligibility = wishes_of(facts, tick), Eligibility.of(facts)
    tick()
    pins = pins_of(facts, seats, demands, eligibility)
    tally = eligibility.tally()
    blocks: list[Pairs] = []
    candidates = 0
    n = len(facts.students)
    for block in wishes.blocks(n):
        weight = chances(seats, demands, block.s, block.p)
        candidates += len(block.s) if weight is None else int(weight.sum())
        judged = eligibility.judge(block.s, block.p, weight, tally)
        keep = judged.eligible
        blocks.append(spread(seats, demands, block.s[keep], block.p[keep], block.rank[keep], judged.soft[keep]))
        tell(Progress("compile", 0.8 * (int(block.s[-1]) + 1 if len(block.s) else n) / max(1, n)))
    pairs = with_pins(joined(blocks), pins, wishes, seats, demands)
    problem, names = _problem(facts, seats, demands, pins, pairs, lambda: tell(Progress("compile", 0.8)))
    codebook = Codebook(
        facts.student_ids,
        facts.placement_ids,
        periods.to_numpy(dtype=object),
        facts.round.table("pools")["pool_id"].to_numpy(dtype=object),
        facts.round.table("quotas")["quota_id"].to_numpy(dtype=object),
        reserve_ids(facts),
        team_ids(facts),
        demands.student,
        demands.period,
        seats.placement,
        seats.period,
        pairs.rank,
        names,
    )
    tell(Progress("compile", 1.0))
    return Compiled(problem, codebook, facts, seats, demands, eligibility, wishes, pins, eligibility.counts(tally), candidates)


def _refuse_unsupported(settings: Settings) -> None:
    """Say at once what no engine here carries; nothing is silently ignored."""
    if settings.mechanism not in MECHANISMS:
        raise Unsupported("unsupported.mechanism", name=settings.mechanism, known=", ".join(MECHANISMS))
    if settings.rank_measure not in RANK_MEASURES:
        raise Unsupported("unsupported.rank_measure", name=settings.rank_measure, known=", ".join(RANK_MEASURES))
    for tier in (*settings.tiers, *settings.tier_weights):
        if tier not in TIERS and not is_soft(tier):
            raise Unsupported("unsupported.tier", name=tier, known=", ".join(TIERS))
    ordered(settings)


def _problem(facts: Facts, seats: Seats, demands: Demands, pins: Pins, pairs: Pairs, tick: Callable[[], None]) -> tuple[Problem, tuple[GroupNames, ...]]:
    """Costs per tier, rows, families and teams over the pairs; and the names of the families' rows."""
    d = len(demands.student)
    must = np.zeros(d, dtype=np.bool_)
    must[pins.demand] = True
    first_pair = np.concatenate(([0], np.cumsum(np.bincount(pairs.demand, minlength=d))))
    policy = Policy.of(facts.round.settings, pairs.rank)
    kept = kept_of(facts, seats, demands, pairs)
    cost, constant = costs_of(Goods(facts, seats, demands, pairs, kept, tick), policy)
    quotas = quotas_of(facts, policy)
    families: list[Made] = [
        *quota_families(facts, seats, demands, pairs, quotas),
        *overlap_family(facts, seats, demands, pairs, tick),
        *span_family(facts, seats, demands, pairs),
        *team_families(facts, seats, demands, pairs),
    ]
    problem = Problem(
        policy.tiers,
        first_pair,
        pairs.seat,
        cost,
        constant,
        seats.lower,
        seats.upper,
        seats.open_or_closed,
        must,
        rows_of(facts, seats, demands, pairs, quotas, policy, kept),
        teams_of(facts, demands),
        tuple(family for family, _ in families),
        *policy.penalty("balance", 1),
    )
    return problem, tuple(names for _, names in families)
