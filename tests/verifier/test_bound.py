"""Weak duality (docs/proof.md): no prices ever prove too much, the right ones prove everything, and nothing overflows."""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pytest

from matcher.result import Outcome, Reason, Result
from matcher.round import Round
from matcher.settings import Settings
from matcher.verifier import verify
from matcher.verifier.bound import Bound, least_value
from matcher.verifier.costs import NOTHING, Costs
from matcher.verifier.pairs import Rulebook, blocks, pinned_pairs
from matcher.verifier.prices import Priced, read_prices
from matcher.verifier.prices import Prices as Laid
from matcher.verifier.rows import Rows
from matcher.verifier.tiers import Tiers
from matcher.verifier.view import View
from matcher.verifier.violations import Findings
from tests.brute_force import Referee, best
from tests.rounds import make_round, random_round
from tests.verifier.answers import honest_bounds, proof_of, proving_prices, random_prices, result_of
from tests.verifier.trees import every_row

Prices = Mapping[tuple[str, str, str], tuple[int, ...]]
ROWS_BEYOND_SEATS_AND_POOLS = {"quotas", "soft_quotas", "open_or_closed", "teams"}


class Scene:
    """A round made ready for many prices."""

    def __init__(self, round_: Round) -> None:
        self.book = Rulebook.of(View(round_))
        tiers = Tiers(self.book, Rows(self.book.view))
        self.families = tiers.families
        self.costs = tiers.question(tuple(Referee(round_).names))
        self.every = self.read(self.costs, dict.fromkeys(every_row(round_), (0,) * len(self.costs.names)))

    def bound(self, prices: Prices, denominator: int = 1, *, infeasible: bool = False) -> Bound:
        """What the prices prove."""
        costs = NOTHING if infeasible else self.costs
        return least_value(self.book, costs, self.read(costs, prices, denominator))

    def read(self, costs: Costs, prices: Prices, denominator: int = 1) -> Laid:
        """The prices laid beside the rows."""
        findings = Findings()
        read = read_prices(proof_of(costs.names, prices, denominator), costs.names, self.families, findings)
        assert read is not None, findings.all()
        return read

    def dice(self, rng: np.random.Generator, denominator: int = 1, *, infeasible: bool = False) -> Bound:
        """What prices drawn at random for rows of all kinds prove; most of them are zero."""
        costs = NOTHING if infeasible else self.costs
        drawn = [self._drawn(rng, priced, len(costs.names)) for priced in self.every.rows]
        return least_value(self.book, costs, Laid(tuple(drawn), denominator))

    def _drawn(self, rng: np.random.Generator, every: Priced, width: int) -> Priced:
        named = np.flatnonzero(rng.random(len(every.key)) < 0.8)
        shape = len(named), width
        return Priced(every.family, every.key[named], rng.integers(-4, 5, shape) * (rng.random(shape) < 0.4))


def bound_of(round_: Round, prices: Prices, denominator: int = 1) -> Bound:
    return Scene(round_).bound(prices, denominator)


def test_random_prices_never_beat_the_best_matching():
    tried = 0
    for seed in range(60):
        rng = random.Random(seed)
        round_ = random_round(rng, students=3)
        referee = Referee(round_)
        found = best(round_) if referee.sound else None
        if found is None:
            continue
        scene, cost, dice = Scene(round_), referee.cost(found.matching), np.random.default_rng(seed)
        for trial in range(45):
            bound = scene.dice(dice, 1 + trial % 3)
            assert bound.numerators <= tuple(part * bound.denominator for part in cost), seed
            assert not bound.contradiction
            tried += 1
        for _ in range(6):
            assert scene.dice(dice, infeasible=True).numerators[0] <= 0, seed
    assert tried > 1500


def test_the_right_prices_prove_the_best_matching_optimal_in_every_tier():
    proven = 0
    for seed in range(300, 350):
        round_ = random_round(random.Random(seed), without=ROWS_BEYOND_SEATS_AND_POOLS)
        found = best(round_) if Referee(round_).sound else None
        if found is None:
            continue
        prices = proving_prices(round_, found.matching)
        assert prices is not None
        verification = verify(round_, result_of(round_, found.matching, proof_of(Referee(round_).names, prices)))
        assert verification.ok, (seed, [violation.message() for violation in verification.violations])
        assert verification.proven_optimal
        assert tuple(tier.value for tier in verification.tiers) == found.value
        proven += 1
    assert proven > 30


def test_a_matching_that_is_not_best_is_fine_while_its_bound_is_honest():
    checked = 0
    for seed in range(480, 505):
        round_ = random_round(random.Random(seed), without=ROWS_BEYOND_SEATS_AND_POOLS)
        found = best(round_) if Referee(round_).sound else None
        if found is None:
            continue
        prices = proving_prices(round_, found.matching)
        assert prices is not None
        for matching in list(Referee(round_).matchings())[:3]:
            proof = proof_of(Referee(round_).names, prices)
            value = Referee(round_).value(matching)
            bounds = honest_bounds(round_, value, found.value)
            verification = verify(round_, result_of(round_, matching, proof, bounds=bounds, reason="time_limit"))
            assert verification.ok, (seed, [violation.message() for violation in verification.violations])
            assert verification.proven_optimal == (value == found.value)
            assert [tier.bound for tier in verification.tiers] == bounds
            checked += 1
    assert checked > 25


TWO = make_round(
    Settings(tiers=("placed", "rank")),
    students=[{"student_id": "s"}, {"student_id": "t"}],
    placements=[{"placement_id": "p", "capacity": 1}, {"placement_id": "q", "capacity": 1}],
    preferences=[{"student_id": who, "rank": rank, "target_id": where} for who in "st" for rank, where in ((1, "p"), (2, "q"))],
)


@pytest.mark.parametrize(
    ("prices", "denominator", "numerators"),
    [
        ({}, 1, (-2, 2)),  # everyone pays (-1, 1)
        ({("seat", "p", ""): (0, 1)}, 1, (-2, 3)),  # everyone pays (-1, 2), the seat gives (0, 1) back
        ({("seat", "p", ""): (0, 2)}, 1, (-2, 2)),  # q is now as good: (-1, 2), and the seat gives (0, 2) back
        ({("seat", "p", ""): (1, 0)}, 1, (-3, 4)),
        ({("seat", "q", ""): (0, -1)}, 1, (-2, 2)),  # a negative price gives nothing back: no minimum
        ({("seat", "p", ""): (0, 1)}, 2, (-4, 5)),
    ],
)
def test_the_sum_of_the_three_parts_by_hand(prices: Prices, denominator: int, numerators: tuple[int, ...]):
    assert bound_of(TWO, prices, denominator).numerators == numerators


def test_bounds_are_rounded_outward_and_stop_at_the_first_that_differs():
    assert Bound((-4, 5), 2).against((-2, 3)) == (-2, 3)  # 5/2 is rounded up
    assert Bound((-5, 5), 2).against((-2, 3)) == (-2, None)  # -5/2 is rounded up to the value, but ties no further
    assert Bound((-6, 5), 2).against((-2, 3)) == (-3, None)
    assert Bound((-4, 5), 2).beats((-2, 2))
    assert not Bound((-4, 5), 2).beats((-2, 3))


def quota_round(**quota: object) -> Round:
    return make_round(
        Settings(tiers=("placed", "soft")),
        students=[{"student_id": f"s{n}"} for n in range(3)],
        placements=[{"placement_id": "p", "capacity": 3}],
        quotas=[{"quota_id": "Q", **quota}],
    )


@pytest.mark.parametrize(
    ("quota", "price", "numerators"),
    [
        ({"max": 2}, (1, 0), (-2, 0)),  # nobody gains by a place; the quota gives 2 back
        ({"max": 2}, (0, 0), (-3, 0)),
        ({"min": 1}, (-1, 0), (-6 + 1, 0)),  # everyone gains 2, the minimum gives 1
        ({"min": 1}, (1, 0), (-3, 0)),  # no maximum: three demands reach it
        ({"max": 1, "hard": False, "weight": 2}, (0, 2), (-3, 6 - 2)),  # best of the corners 0: 0, 1: -2, 3: 4-6
        ({"max": 1, "hard": False, "weight": 2}, (0, 3), (-3, 9 - 5)),  # 3: 4-9
        ({"min": 2, "hard": False, "weight": 2}, (0, 0), (-3, 0)),
        ({"min": 5, "hard": False, "weight": 2}, (0, 0), (-3, 4)),  # three at most: 2 short whatever happens
    ],
)
def test_quotas_give_back_what_their_bounds_and_penalties_allow(quota: dict[str, object], price: tuple[int, int], numerators: tuple[int, ...]):
    assert bound_of(quota_round(**quota), {("quota", "Q", ""): price}).numerators == numerators


def infeasible(round_: Round, prices: Prices) -> Result:
    matches = result_of(round_, dict.fromkeys(Referee(round_).demands)).matches.iloc[:0]
    return Result(Outcome.INFEASIBLE, Reason.PROVEN_INFEASIBLE, matches, proof=proof_of(("infeasible",), prices), digest=round_.digest)


def test_an_infeasible_round_is_proven_by_prices():
    round_ = make_round(
        None,
        students=[{"student_id": "s"}, {"student_id": "t"}],
        placements=[{"placement_id": "p", "capacity": 1}, {"placement_id": "q", "capacity": 2}],
        quotas=[{"quota_id": "A", "placements": "placement_id=p|q", "min": 2}, {"quota_id": "B", "placements": "placement_id=q", "max": 0}],
    )
    assert best(round_) is None
    good = verify(round_, infeasible(round_, {("quota", "A", ""): (-1,), ("quota", "B", ""): (1,), ("seat", "p", ""): (1,)}))
    assert good.ok
    assert good.infeasible_proven is True
    bad = verify(round_, infeasible(round_, {("quota", "A", ""): (-1,), ("quota", "B", ""): (1,)}))
    assert [violation.code for violation in bad.violations] == ["infeasible_unproven"]
    assert bad.infeasible_proven is False


@pytest.mark.parametrize("quota", [{"min": 4}, {"min": 2, "max": 1}])
def test_a_row_with_its_minimum_above_its_maximum_needs_no_prices(quota: dict[str, object]):
    round_ = quota_round(**quota)
    assert best(round_) is None
    assert verify(round_, infeasible(round_, {})).infeasible_proven is True


def test_a_seat_that_must_hold_more_than_it_can_needs_no_prices():
    round_ = make_round(None, students=[{"student_id": "s"}], placements=[{"placement_id": "p", "capacity": 1, "capacity_min": 2, "must_open": True}])
    assert verify(round_, infeasible(round_, {})).infeasible_proven is True


def test_a_feasible_round_is_never_proven_infeasible():
    round_ = quota_round(min=3, max=3)
    for price in (-1, 0, 1):
        assert verify(round_, infeasible(round_, {("quota", "Q", ""): (price,)})).infeasible_proven is False


@pytest.mark.parametrize("huge", [2**40, 2**61, 2**62, 2**63 - 1])
def test_sums_beyond_64_bits_are_exact(huge: int):
    bound = bound_of(TWO, {("seat", "p", ""): (0, huge), ("seat", "q", ""): (0, huge)})
    assert bound.numerators == (-2, (huge + 1) * 2 - 2 * huge)
    bound = bound_of(TWO, {("seat", "p", ""): (huge, 0), ("seat", "q", ""): (-huge, huge)})
    assert bound.numerators == (2 * (-1 - huge) - huge, 2 * (2 + huge))
    assert bound_of(TWO, {("seat", "p", ""): (0, 1)}, huge).numerators == (-2 * huge, 2 * (huge + 1) - 1)


def test_exact_and_fast_sums_agree_on_random_rounds(monkeypatch: pytest.MonkeyPatch):
    for seed in range(15):
        round_ = random_round(random.Random(seed))
        prices = random_prices(round_, random.Random(seed), len(Referee(round_).names), reach=9)
        fast = bound_of(round_, prices, 2)
        with monkeypatch.context() as patch:
            patch.setattr("matcher.verifier.exact.SAFE", 0)
            assert bound_of(round_, prices, 2) == fast


def test_blocks_of_any_size_hold_the_same_pairs_and_whole_demands():
    for seed in range(12):
        round_ = random_round(random.Random(seed), without={"pins"}, students=6)
        book = Rulebook.of(View(round_))
        pairs = {size: list(blocks(book, size=size)) for size in (1, 7, 10_000)}
        for size, parts in pairs.items():
            merged = [np.concatenate([getattr(part, name) for part in parts]).tolist() for name in ("demand", "seat", "rank")]
            assert merged == [np.concatenate([getattr(part, name) for part in pairs[10_000]]).tolist() for name in ("demand", "seat", "rank")], size
            ends = [part.demand[[0, -1]] for part in parts if len(part.demand)]
            assert all(left[1] < right[0] for left, right in pairwise(ends))


def test_the_pairs_of_random_rounds_are_those_of_the_referee():
    for seed in range(50):
        round_ = random_round(random.Random(seed))
        referee = Referee(round_)
        if not referee.sound:
            continue
        view = View(round_)
        book = Rulebook.of(view)
        found = set()
        for part in (pinned_pairs(book), *blocks(book)):
            for demand, seat, rank in zip(part.demand.tolist(), part.seat.tolist(), part.rank.tolist(), strict=True):
                period = view.demands.period[demand]
                name = (view.students[view.demands.student[demand]], None if period < 0 else view.periods[period])
                found.add((name, view.seat_label(seat), rank))
        assert found == {(demand, pair, referee.rank(demand, pair)) for demand in referee.demands for pair in referee.options[demand]}, seed
