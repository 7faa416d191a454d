"""Proofs by cases (docs/proof.md): no tree ever proves too much, the right ones prove what they should, and what is malformed is named."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.result import Cases, Outcome, Reason, Result
from matcher.round import Round
from matcher.settings import Settings
from matcher.verifier import verify
from matcher.verifier.cases import read_cases
from matcher.verifier.leaf import Proven, prove
from matcher.verifier.pairs import Rulebook
from matcher.verifier.rows import Rows
from matcher.verifier.tiers import Tiers
from matcher.verifier.view import View
from matcher.verifier.violations import Findings
from matcher.words import LANGUAGES
from tests.brute_force import Referee, best
from tests.rounds import make_round, random_round
from tests.verifier.answers import Key, result_of, rows_of
from tests.verifier.test_stored import write, write_proof
from tests.verifier.trees import Leaf, Split, Tree, cases_of, random_tree

KNOWN = (
    *("pools", "quotas", "soft_quotas", "crossing_quotas", "open_or_closed", "must_open", "periods", "pins", "mandatory", "previous", "profile", "ties"),
    *("minutes", "unlisted_last"),
)


class Court:
    """A round made ready for many proofs."""

    def __init__(self, round_: Round) -> None:
        self.book = Rulebook.of(View(round_))
        tiers = Tiers(self.book, Rows(self.book.view))
        self.names = tuple(Referee(round_).names)
        self.costs = tiers.question(self.names)
        self.families = tiers.families

    def prove(self, trees: Mapping[int, Tree], value: tuple[int, ...]) -> Proven:
        findings = Findings()
        read = read_cases(cases_of(self.names, trees), self.names, self.families, findings)
        assert read is not None, findings.all()
        return prove(self.book, self.families, self.costs, read, value)


def pair_rows(round_: Round) -> list[Key]:
    referee = Referee(round_)
    return sorted({("pair", student, f"{placement}|{period}") for (student, _), pairs in referee.options.items() for placement, period in pairs})


def test_random_trees_never_beat_a_matching_with_the_same_values_before():
    tried = tight = 0
    for seed in range(80):
        rng = random.Random(seed)
        round_ = random_round(rng, only={feature for feature in KNOWN if rng.random() < 0.4}, students=3)
        referee = Referee(round_)
        matchings = [referee.cost(matching) for matching in referee.matchings()] if referee.sound else []
        if not matchings:
            continue
        court, names = Court(round_), [*rows_of(round_), *pair_rows(round_)]
        for _ in range(9):
            value = rng.choice(matchings)
            trees = {tier: random_tree(rng, names, tier) for tier in range(len(value)) if rng.random() < 0.8}
            proven = court.prove(trees, value)
            assert not proven.impossible
            for tier, bound in enumerate(proven.bounds):
                assert (bound is not None) == (tier in trees)
                if bound is not None:
                    truth = min(other[tier] for other in matchings if other[:tier] == value[:tier])
                    assert bound <= truth, (seed, tier)
                    tried += 1
                    tight += bound == truth
    assert tried > 900
    assert tight > 50


WISHES = {"a": "pqr", "b": "qrp", "c": "rpq"}
ALL = {"quota_id": "all", "min": 2}

CROSSED = make_round(
    Settings(tiers=("placed", "rank")),
    students=[{"student_id": student} for student in "abc"],
    placements=[{"placement_id": placement, "capacity": 1} for placement in "pqr"],
    preferences=[{"student_id": student, "rank": rank, "target_id": target} for student, targets in WISHES.items() for rank, target in enumerate(targets, 1)],
    quotas=[{"quota_id": pair, "students": f"student_id={'|'.join(pair)}", "max": 1} for pair in ("ab", "bc", "ac")],
)
"""Three quotas over pairs of students, which a half of everybody would keep: prices alone say that three halves of a place are possible."""

QUOTAS: list[Key] = [("quota", name, "") for name in ("ab", "bc", "ac")]
HALF = Leaf(dict.fromkeys(QUOTAS, 1), {}, 2)
FIRST = Split(QUOTAS[0], 0, Leaf({QUOTAS[0]: 1, QUOTAS[1]: 1}), Leaf({QUOTAS[0]: 1, QUOTAS[1]: 1}))


def crossed(trees: Mapping[int, Tree], **changes: Any) -> Result:
    """The best matching of the crossed round, with a proof by cases."""
    found = best(CROSSED)
    assert found is not None
    return replace(result_of(CROSSED, found.matching, cases_of(("placed", "rank"), trees)), **changes)


def test_prices_alone_prove_one_and_a_half_and_cases_prove_one():
    found = best(CROSSED)
    assert found is not None
    assert found.value == (1, 1)
    cost = Referee(CROSSED).cost(found.matching)
    assert Court(CROSSED).prove({0: HALF}, cost).bounds[0] == -1  # three halves, rounded: a matching is whole
    assert Court(CROSSED).prove({0: replace(HALF, denominator=1)}, cost).bounds[0] == -3
    verification = verify(CROSSED, crossed({0: HALF, 1: Leaf({}, {0: 1})}))
    assert verification.ok, [violation.message() for violation in verification.violations]
    assert verification.proven_optimal
    assert tuple(tier.bound for tier in verification.tiers) == (1, 1)


def test_a_tier_without_a_tree_has_no_bound_and_the_next_one_keeps_its_own():
    result = crossed({1: Leaf({}, {0: 1})}, reason=Reason.TIME_LIMIT)
    assert [tier.bound for tier in verify(CROSSED, result).tiers] == [None, 1]
    assert [violation.code for violation in verify(CROSSED, result).violations] == ["bound_unproven"]
    honest = replace(result, tiers=(replace(result.tiers[0], bound=None), result.tiers[1]))
    assert verify(CROSSED, honest).ok


def test_a_bound_behind_a_gap_is_for_the_values_before_it():
    nobody = dict.fromkeys(Referee(CROSSED).demands)
    result = result_of(CROSSED, nobody, cases_of(("placed", "rank"), {0: HALF, 1: Leaf({}, {0: 1})}), bounds=[1, 0], reason="gap_reached")
    verification = verify(CROSSED, result)
    assert verification.ok
    assert not verification.proven_optimal
    assert [tier.bound for tier in verification.tiers] == [1, 0]


def test_a_matching_better_than_every_case_breaks_the_rules():
    everybody = {("a", None): ("p", ""), ("b", None): ("q", ""), ("c", None): ("r", "")}
    verification = verify(CROSSED, result_of(CROSSED, everybody, cases_of(("placed", "rank"), {0: HALF}), bounds=[3, None], reason="time_limit"))
    assert {"quota_over", "better_than_possible"} <= {violation.code for violation in verification.violations}


INFEASIBLE = make_round(
    None, **{**{name: table.to_dict("records") for name, table in CROSSED.tables.items()}, "quotas": [*CROSSED.tables["quotas"].to_dict("records"), ALL]}
)
"""The crossed round, and at least two places for everybody together."""


@pytest.mark.parametrize(
    ("tree", "proven"),
    [
        (Leaf({("quota", "all", ""): -2, **dict.fromkeys(QUOTAS, 1)}, {}, 2), True),  # 2 x 2 - 3 x 1, halved, is above zero
        (Leaf({("quota", "all", ""): -1, **dict.fromkeys(QUOTAS, 1)}), False),
        (Leaf(), False),
        (Split(("quota", "all", ""), 1, Leaf(), Leaf({("quota", "all", ""): -2, **dict.fromkeys(QUOTAS, 1)})), True),  # the first case contradicts the minimum
        (Split(("quota", "ab", ""), 1, Leaf(), Leaf()), False),
    ],
)
def test_an_infeasible_round_is_proven_case_by_case(tree: Tree, proven: bool):
    assert best(INFEASIBLE) is None
    nobody = result_of(INFEASIBLE, dict.fromkeys(Referee(INFEASIBLE).demands)).matches.iloc[:0]
    result = Result(Outcome.INFEASIBLE, Reason.PROVEN_INFEASIBLE, nobody, proof=cases_of(("infeasible",), {0: tree}), digest=INFEASIBLE.digest)
    verification = verify(INFEASIBLE, result)
    assert verification.infeasible_proven is proven
    assert [violation.code for violation in verification.violations] == ([] if proven else ["infeasible_unproven"])


def changed(**arrays: Any) -> Callable[[Cases], Cases]:
    """Some arrays of a proof replaced; a function is given the old one."""
    return lambda proof: replace(proof, **{name: value(getattr(proof, name).copy()) if callable(value) else value for name, value in arrays.items()})


def put(at: int, value: Any) -> Callable[[np.ndarray], np.ndarray]:
    def change(array: np.ndarray) -> np.ndarray:
        array[at] = value
        return array

    return change


def cut(array: np.ndarray) -> np.ndarray:
    return array[:-1]


MALFORMED: dict[str, tuple[Callable[[Cases], Cases], str]] = {
    "tiers in another order": (changed(tiers=("rank", "placed")), "proof_tiers"),
    "a tier too few": (changed(tiers=("placed",)), "proof_tiers"),
    "names that are numbers": (changed(id=lambda names: np.arange(len(names))), "proof_names"),
    "names in a table": (changed(kind=lambda names: names.reshape(-1, 1)), "proof_names"),
    "a name too few": (changed(part=cut), "cases_shape"),
    "a row that does not exist": (changed(id=put(0, "ghost")), "proof_row_unknown"),
    "a kind that does not exist": (changed(kind=put(0, "ghost")), "proof_row_unknown"),
    "a part that does not exist": (changed(part=put(0, "ghost")), "proof_row_unknown"),
    "a row named twice": (changed(id=put(0, "bc")), "proof_row_twice"),
    "a node too few": (changed(node_tier=cut, node_row=cut, node_value=cut), "cases_leaves"),
    "the last case left out": (changed(node_tier=lambda a: a[:2], node_row=lambda a: a[:2], node_value=lambda a: a[:2]), "cases_leaves"),
    "a leaf that is a split": (changed(node_row=put(1, 0)), "cases_tree"),
    "a split that is a leaf": (changed(node_row=put(0, -1)), "cases_order"),
    "no trees but leaves": (changed(node_tier=lambda a: a[:0], node_row=lambda a: a[:0], node_value=lambda a: a[:0]), "cases_leaves"),
    "a case about another tier": (changed(node_tier=put(1, 1)), "cases_tree"),
    "trees in falling order": (changed(node_tier=lambda tiers: 1 - tiers), "cases_order"),
    "a tier beyond the last": (changed(node_tier=put(-1, 2)), "cases_pointer"),
    "a tier before the first": (changed(node_tier=put(0, -1)), "cases_pointer"),
    "a split of a row beyond the last": (changed(node_row=put(0, 99)), "cases_pointer"),
    "a split of row minus two": (changed(node_row=put(0, -2)), "cases_pointer"),
    "a value too few": (changed(node_value=cut), "cases_shape"),
    "values that are fractions": (changed(node_value=lambda values: values + 0.5), "proof_not_whole"),
    "values beyond 64 bits": (changed(node_value=lambda values: values.astype(np.uint64) + np.uint64(2**63)), "proof_not_whole"),
    "nodes in a table": (changed(node_tier=lambda tiers: tiers.reshape(1, -1)), "cases_shape"),
    "a denominator of zero": (changed(denominator=put(0, 0)), "proof_denominator"),
    "a negative denominator": (changed(denominator=put(0, -1)), "proof_denominator"),
    "a denominator too few": (changed(denominator=cut), "cases_shape"),
    "a denominator too many": (changed(denominator=lambda d: np.append(d, 1), multipliers=lambda m: np.vstack([m, m[:1] * 0])), "cases_leaves"),
    "multipliers that are fractions": (changed(multipliers=lambda m: m + 0.5), "proof_not_whole"),
    "multipliers of one tier only": (changed(multipliers=lambda m: m[:, :1]), "cases_shape"),
    "a multiplier of the own tier": (changed(multipliers=put((0, 0), 1)), "cases_multiplier"),
    "a multiplier of a later tier": (changed(multipliers=put((0, 1), 1)), "cases_multiplier"),
    "a price of a leaf beyond the last": (changed(price_leaf=put(0, 9)), "cases_pointer"),
    "a price of a row before the first": (changed(price_row=put(0, -1)), "cases_pointer"),
    "two prices for a row of a leaf": (changed(price_row=put(0, 1)), "cases_price_twice"),
    "a price too few": (changed(price=cut), "cases_shape"),
    "prices that are no numbers": (changed(price=lambda price: price * np.nan), "proof_not_whole"),
    "prices that are texts": (changed(price=lambda price: price.astype(str)), "proof_not_whole"),
    "prices that are objects": (changed(price=lambda price: price.astype(object)), "proof_not_whole"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_proof_is_named_and_never_raises(name: str):
    change, code = MALFORMED[name]
    result = crossed({0: FIRST, 1: Leaf({}, {0: 1})})
    assert isinstance(result.proof, Cases)
    violations = verify(CROSSED, replace(result, proof=change(result.proof))).violations
    assert code in [violation.code for violation in violations]
    assert all(violation.message(language) for violation in violations for language in LANGUAGES)


WEAKER: dict[str, Callable[[Cases], Cases]] = {
    "a price changed": changed(price=put(0, 2)),
    "all prices gone": changed(price=lambda price: price * 0),
    "a price at the edge of 64 bits": changed(price=put(0, np.iinfo(np.int64).min)),
    "a multiplier changed": changed(multipliers=put((-1, 0), 0)),
    "a multiplier at the edge of 64 bits": changed(multipliers=put((-1, 0), np.iinfo(np.int64).max)),
    "another denominator": changed(denominator=put(0, 7)),
    "a denominator at the edge of 64 bits": changed(denominator=put(0, np.iinfo(np.int64).max)),
    "another row priced": changed(price_row=lambda rows: rows[::-1]),
    "a name changed to another row": changed(id=put(0, "q"), kind=put(0, "seat")),
    "a value changed": changed(node_value=put(0, 5)),
    "a value at the edge of 64 bits": changed(node_value=put(0, np.iinfo(np.int64).max)),
    "the leaves changed places": changed(price_leaf=lambda leaf: 1 - leaf),
}


@pytest.mark.parametrize("name", WEAKER)
def test_a_changed_proof_never_proves_more_than_the_truth(name: str):
    result = crossed({0: FIRST, 1: Leaf({}, {0: 1})})
    assert isinstance(result.proof, Cases)
    verification = verify(CROSSED, replace(result, proof=WEAKER[name](result.proof)))
    for tier, value in zip(verification.tiers, (1, 1), strict=True):
        assert isinstance(tier.bound, int)
        assert tier.bound >= value if tier.name == "placed" else tier.bound <= value
    assert verification.proven_optimal or "optimal_unproven" in [violation.code for violation in verification.violations]


def test_sums_beyond_64_bits_are_exact(monkeypatch: pytest.MonkeyPatch):
    for seed in range(15):
        rng = random.Random(seed)
        round_ = random_round(rng, only={"pools", "quotas", "soft_quotas", "crossing_quotas", "periods"}, students=3)
        court, names = Court(round_), [*rows_of(round_), *pair_rows(round_)]
        trees = {tier: random_tree(rng, names, tier) for tier in range(len(court.names))}
        value = tuple(rng.randint(-3, 3) for _ in court.names)
        fast = court.prove(trees, value)
        with monkeypatch.context() as patch:
            patch.setattr("matcher.verifier.exact.SAFE", 0)
            assert court.prove(trees, value) == fast
        huge = {tier: scaled(tree, 2**57) for tier, tree in trees.items()}
        assert court.prove(huge, value) == fast


def scaled(tree: Tree, factor: int) -> Tree:
    """The same tree with every leaf over a denominator so many times as large."""
    if isinstance(tree, Split):
        return Split(tree.row, tree.value, scaled(tree.low, factor), scaled(tree.high, factor))
    parts = ({name: number * factor for name, number in part.items()} for part in (tree.prices, tree.multipliers))
    return Leaf(*parts, tree.denominator * factor)


def test_a_stored_proof_is_the_same_proof(tmp_path: Path):
    result = crossed({0: FIRST, 1: Leaf({}, {0: 1})})
    folder = write(result, tmp_path / "result")
    assert verify(CROSSED, folder).proven_optimal == verify(CROSSED, result).proven_optimal
    for form in ("other", "", 3):
        write_proof(folder, result.proof, form=np.array(form))
        assert "file_broken" in [violation.code for violation in verify(CROSSED, folder).violations]
    write_proof(folder, result.proof, price=np.array([1, 2]))
    assert "cases_shape" in [violation.code for violation in verify(CROSSED, folder).violations]


def test_no_random_change_of_an_array_raises_or_proves_too_much():
    rng = random.Random(7)
    result = crossed({0: FIRST, 1: Leaf({}, {0: 1})})
    assert isinstance(result.proof, Cases)
    arrays = ("node_tier", "node_row", "node_value", "denominator", "multipliers", "price_leaf", "price_row", "price")
    read = 0
    for _ in range(150):
        changes = {}
        for name in rng.sample(arrays, k=rng.randint(1, 2)):
            array = getattr(result.proof, name).copy()
            array.flat[rng.randrange(array.size)] = rng.choice([-1, 0, 1, 2, 3, 2**40])
            changes[name] = array
        verification = verify(CROSSED, replace(result, proof=replace(result.proof, **changes)))
        assert all(violation.message() for violation in verification.violations)
        placed, rank = (tier.bound for tier in verification.tiers)
        assert placed is None or (isinstance(placed, int) and placed >= 1)
        assert rank is None or (isinstance(rank, int) and rank <= 1)
        read += placed is not None
    assert read > 20
