"""A valid result, corrupted in every way that we could think of: each must be caught, by the violation that names it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from matcher.result import Outcome, Proof, Reason, Result, TierValue
from matcher.round import Round
from matcher.settings import Settings
from matcher.verifier import verify
from matcher.words import LANGUAGES
from tests.brute_force import Referee, best
from tests.rounds import make_round
from tests.verifier.answers import proof_of, proving_prices, result_of

Mutation = Callable[[Result], Result]


def wishes(lines: dict[str, str]) -> list[dict[str, Any]]:
    """`{"s0": "p q -r"}`: p first, q second, r refused."""
    return [
        {"student_id": student, "rank": 0 if target.startswith("-") else rank, "target_id": target.strip("-")}
        for student, targets in lines.items()
        for rank, target in enumerate(targets.split(), start=1)
    ]


PROVEN = make_round(
    Settings(
        tiers=("placed_mandatory", "placed", "soft", "rank", "travel", "moves"), rules={"languages": "soft"}, rule_weights={"languages": 2}, no_wishes="skip"
    ),
    students=[
        {"student_id": "s0", "region_id": "R1", "max_minutes": 40, "languages": "nl", "mandatory": True},
        {"student_id": "s1", "region_id": "R1", "max_minutes": 40, "languages": "nl"},
        {"student_id": "s2", "region_id": "R2", "max_minutes": 10, "languages": "nl"},
        {"student_id": "s3", "region_id": "R2", "max_minutes": 40, "languages": "nl|fr"},
        {"student_id": "s4", "region_id": "R2", "max_minutes": 40, "languages": "nl"},
        {"student_id": "s5"},
    ],
    placements=[
        {"placement_id": "p", "capacity": 1, "region_id": "R1", "languages": "nl", "pool_id": "K"},
        {"placement_id": "q", "capacity": 2, "region_id": "R2", "languages": "fr", "pool_id": "K"},
        {"placement_id": "r", "capacity": 1, "region_id": "R2", "languages": "nl"},
        {"placement_id": "t", "capacity": 1, "region_id": "R1", "languages": "nl"},
        {"placement_id": "u", "capacity": 1, "region_id": "R2", "languages": "nl"},
    ],
    regions=[{"region_id": "R1", "lat": 51.0, "lon": 4.0}, {"region_id": "R2", "lat": 51.1, "lon": 4.1}],
    pools=[{"pool_id": "K", "capacity": 3}],
    preferences=wishes({"s0": "p q r", "s1": "p q -t", "s2": "p r", "s3": "q r p", "s4": "p -r u"}),
    pins=[{"student_id": "s4", "placement_id": "r", "kind": "pin"}, {"student_id": "s3", "placement_id": "p", "kind": "forbid"}],
    previous=[{"student_id": "s1", "placement_id": "q"}, {"student_id": "s3", "placement_id": "p"}],
)

RICH = make_round(
    Settings(unlisted="last"),
    students=[
        {"student_id": "s0", "periods": "T1|T2", "groups": "car"},
        {"student_id": "s1", "periods": "T1", "groups": "car"},
        {"student_id": "s2", "periods": "T1"},
        {"student_id": "s3"},
        {"student_id": "s4", "periods": "T2"},
    ],
    placements=[
        {"placement_id": "p", "capacity": 2, "company_id": "C", "must_open": True, "capacity_min": 1, "period_id": "T1"},
        {"placement_id": "q", "capacity": 2, "company_id": "D", "capacity_min": 2, "period_id": "T1"},
        {"placement_id": "r", "capacity": 2, "company_id": "C"},
    ],
    companies=[{"company_id": "C"}, {"company_id": "D"}],
    preferences=wishes({"s0": "p r", "s1": "p", "s2": "q r", "s3": "q r"}),
    quotas=[
        {"quota_id": "MAX", "students": "groups=car", "placements": "company_id=C", "max": 3},
        {"quota_id": "MIN", "placements": "company_id=D", "min": 1},
        {"quota_id": "SOFT", "placements": "placement_id=r", "max": 0, "hard": False, "weight": 2},
    ],
    teams=[
        *({"team_id": "U", "student_id": name, "kind": "same_company"} for name in ("s0", "s1")),
        *({"team_id": "V", "student_id": name, "kind": "apart"} for name in ("s3", "s4")),
    ],
)


def proven() -> Result:
    """The best matching of PROVEN with prices that prove it."""
    found = best(PROVEN)
    assert found is not None
    prices = proving_prices(PROVEN, found.matching)
    assert prices is not None
    return result_of(PROVEN, found.matching, proof_of(PROVEN.settings.tiers, prices))


def rich() -> Result:
    """A best matching of RICH, with no bounds claimed."""
    found = best(RICH)
    assert found is not None
    return result_of(RICH, found.matching, bounds=[None] * 5, reason="time_limit")


def cell(student: str, column: str, value: object, period: str | None = None) -> Mutation:
    """Change one cell of the matches."""

    def mutate(result: Result) -> Result:
        matches = result.matches.copy()
        here = (matches["student_id"] == student) & ((matches["period_id"] == period) if period else True)
        assert here.any()
        matches.loc[here, column] = value
        return replace(result, matches=matches)

    return mutate


def place(student: str, placement: str | None, rank: int | None = None, *, period: str | None = None, to: str | None = None) -> Mutation:
    """Move one student (in one period), with an honest status and the rank given; `to` is the period it goes to."""
    changes = {"placement_id": placement, "rank": rank, "status": "placed" if placement else "unplaced", **({"period_id": to} if to else {})}

    def mutate(result: Result) -> Result:
        for column, value in changes.items():
            result = cell(student, column, pd.NA if value is None else value, period)(result)
        return result

    return mutate


def tier(name: str, /, **change: Any) -> Mutation:
    """Change what is claimed of one tier."""
    return lambda result: replace(result, tiers=tuple(replace(row, **change) if row.name == name else row for row in result.tiers))


def rows(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Mutation:
    return lambda result: replace(result, matches=change(result.matches).reset_index(drop=True))


def proof(change: Callable[[Proof], Proof | None]) -> Mutation:
    return lambda result: replace(result, proof=None if result.proof is None else change(result.proof))


def prices(change: Callable[[np.ndarray], Any]) -> Mutation:
    return proof(lambda old: replace(old, prices=change(old.prices.copy())))


def rename_row(part: str, value: str) -> Mutation:
    def change(old: Proof) -> Proof:
        names = getattr(old, part).copy()
        names[0] = value
        return replace(old, **{part: names})

    return proof(change)


def bump(row: str, tier_: int, by: int) -> Mutation:
    def change(old: Proof) -> Proof:
        new = old.prices.copy()
        new[list(old.id).index(row), tier_] += by
        return replace(old, prices=new)

    return proof(change)


MUTATIONS: dict[str, tuple[Callable[[], Result], Mutation, str]] = {
    # the matches
    "a student is left out": (proven, rows(lambda m: m[m["student_id"] != "s1"]), "demand_missing"),
    "a student stands twice": (proven, rows(lambda m: pd.concat([m, m.iloc[[0]]])), "demand_twice"),
    "a period is left out": (rich, rows(lambda m: m[~((m["student_id"] == "s0") & (m["period_id"] == "T2"))]), "demand_missing"),
    "a student nobody knows": (proven, cell("s1", "student_id", "ghost"), "unknown_student"),
    "a student without id": (proven, cell("s1", "student_id", pd.NA), "unknown_student"),
    "a placement nobody knows": (proven, cell("s1", "placement_id", "ghost"), "unknown_placement"),
    "a period nobody knows": (rich, cell("s1", "period_id", "T9"), "unknown_period"),
    "a period in a round without": (proven, cell("s1", "period_id", "T1"), "unknown_period"),
    "a period that was not asked for": (rich, cell("s1", "period_id", "T2"), "period_not_asked"),
    "a period is blank": (rich, cell("s1", "period_id", pd.NA), "period_not_asked"),
    "a placement in a period where it has no seats": (rich, place("s4", "q", 0), "no_seats"),
    "a column is missing": (proven, rows(lambda m: m.drop(columns="status")), "columns_missing"),
    "over capacity": (proven, place("s2", "p", 1), "over_capacity"),
    "a trip beyond the limit": (proven, place("s2", "p", 1), "not_eligible.travel"),
    "a refused placement": (proven, place("s1", "t"), "not_eligible.wish_no"),
    "a placement outside the wishes": (proven, place("s2", "q"), "not_eligible.unlisted"),
    "a forbidden pair": (proven, place("s3", "p", 3), "not_eligible.forbid"),
    "a student who gave no wishes": (proven, place("s5", "u"), "not_eligible.no_wishes"),
    "a dropped pin": (proven, place("s4", "u", 3), "pin_dropped"),
    "a pinned student unplaced": (proven, place("s4", None), "pin_dropped"),
    "a pin passed off as placed": (proven, cell("s4", "status", "placed"), "wrong_status"),
    "placed passed off as a pin": (proven, cell("s0", "status", "pinned"), "wrong_status"),
    "unplaced passed off as placed": (proven, cell("s2", "status", "placed"), "wrong_status"),
    "a status nobody knows": (proven, cell("s0", "status", "happy"), "wrong_status"),
    "no reason for the unplaced": (proven, cell("s2", "reason", pd.NA), "reason_missing"),
    "a blank reason for the unplaced": (proven, cell("s2", "reason", ""), "reason_missing"),
    "a wrong rank": (proven, cell("s0", "rank", 2), "wrong_rank"),
    "no rank": (proven, cell("s0", "rank", pd.NA), "wrong_rank"),
    "a rank for the unplaced": (proven, cell("s2", "rank", 1), "wrong_rank"),
    "a rank for a pin outside the wishes": (proven, cell("s4", "rank", 1), "wrong_rank"),
    "a rank that is no number": (proven, rows(lambda m: m.assign(rank=["first", *m["rank"].astype("str")[1:]])), "rank_not_whole"),
    "a pool over capacity": (proven, place("s4", "q"), "pool_over"),
    "over the maximum of a quota": (rich, place("s3", "r", 2, to="T1"), "wrong_value"),
    "below the minimum of a quota": (rich, lambda r: place("s2", None)(place("s3", None)(r)), "quota_under"),
    "below the minimum of a placement that must open": (rich, lambda r: place("s0", None, period="T1")(place("s1", None)(r)), "must_open"),
    "a placement open with too few": (rich, place("s2", None), "open_or_closed"),
    "a team broken": (rich, place("s1", None), "team_split"),
    "a team at two companies": (rich, place("s1", "q", 2), "team_same_company"),
    "two together who must be apart": (rich, lambda r: place("s4", "r", 0)(place("s3", "r", 2, to="T2")(r)), "team_not_apart"),
    "a reason that says full while there is room": (proven, lambda r: cell("s1", "reason", "full")(place("s1", None)(r)), "reason_full"),
    "a reason that says shared while there is room": (proven, lambda r: cell("s1", "reason", "full_shared")(place("s1", None)(r)), "reason_full"),
    "a reason that says full where nothing is allowed": (proven, cell("s5", "reason", "full"), "reason_full_none"),
    "a reason that says nothing fits": (proven, cell("s2", "reason", "none_eligible"), "reason_none"),
    "a reason that says first choice": (proven, cell("s1", "reason", "placed_first"), "reason_first"),
    # what is claimed
    "a lied value": (proven, tier("rank", value=3, bound=3), "wrong_value"),
    "one more placed than are": (proven, tier("placed", value=6, bound=6), "wrong_value"),
    "a lied soft value": (proven, tier("soft", value=0, bound=0), "wrong_value"),
    "a better bound than the prices prove": (rich, tier("rank", bound=1), "bound_unproven"),
    "a bound in the impossible sense": (proven, tier("placed", bound=3), "bound_beats_value"),
    "a bound above a value to be made small": (proven, tier("rank", bound=99), "bound_too_good"),
    "optimal, with a bound that differs": (proven, tier("travel", bound=0), "optimal_with_gap"),
    "optimal, without a bound": (proven, tier("travel", bound=None), "optimal_with_gap"),
    "optimal, without a proof": (proven, proof(lambda _: None), "proof_missing"),
    "tiers in another order": (proven, lambda r: replace(r, tiers=r.tiers[::-1]), "tiers_named"),
    "a tier too few": (proven, lambda r: replace(r, tiers=r.tiers[:-1]), "tiers_named"),
    "a tier of another name": (proven, tier("moves", name="balance"), "tiers_named"),
    "the fingerprint of another round": (proven, lambda r: replace(r, digest=RICH.digest), "digest"),
    "no fingerprint": (proven, lambda r: replace(r, digest=""), "digest"),
    "a reason that contradicts the outcome": (proven, lambda r: replace(r, reason=Reason.PROVEN_INFEASIBLE), "reason_contradicts"),
    "no answer, and yet matches": (proven, lambda r: replace(r, outcome=Outcome.NO_ANSWER, reason=Reason.TIME_LIMIT), "answer_without_outcome"),
    "infeasible without proof": (
        proven,
        lambda r: replace(r, outcome=Outcome.INFEASIBLE, reason=Reason.PROVEN_INFEASIBLE, tiers=(), matches=r.matches[:0], proof=None),
        "infeasible_without_proof",
    ),
    "infeasible with a proof of something else": (
        proven,
        lambda r: replace(r, outcome=Outcome.INFEASIBLE, reason=Reason.PROVEN_INFEASIBLE, tiers=(), matches=r.matches[:0]),
        "proof_tiers",
    ),
    "a better matching passed off as this one": (proven, place("s2", "u", 1), "not_eligible.unlisted"),
    "the rules broken for a better value": (proven, lambda r: tier("placed", value=6, bound=6)(place("s2", "u")(place("s5", "t")(r))), "better_than_possible"),
    "a matching that is not best passed off as optimal": (proven, place("s0", None), "optimal_unproven"),
    # the proof
    "a price changed": (proven, bump("p", 3, 1), "optimal_unproven"),
    "a price of the first tier changed": (proven, bump("q", 0, -1), "optimal_unproven"),
    "all prices zero": (proven, prices(lambda y: y * 0), "optimal_unproven"),
    "a price for a placement that does not exist": (proven, rename_row("id", "ghost"), "proof_row_unknown"),
    "a price for a kind that does not exist": (proven, rename_row("kind", "team"), "proof_row_unknown"),
    "a price for a period that does not exist": (proven, rename_row("period", "T1"), "proof_row_unknown"),
    "two prices for one row": (proven, rename_row("id", "q"), "proof_row_twice"),
    "prices with a column too few": (proven, prices(lambda y: y[:, 1:]), "proof_shape"),
    "prices with a row too few": (proven, prices(lambda y: y[1:]), "proof_shape"),
    "prices in one line": (proven, prices(lambda y: y.ravel()), "proof_shape"),
    "names that are not texts": (proven, proof(lambda old: replace(old, kind=np.arange(len(old.kind)))), "proof_names"),
    "prices with fractions": (proven, prices(lambda y: y + 0.5), "proof_not_whole"),
    "prices that are not numbers": (proven, prices(lambda y: y * np.nan), "proof_not_whole"),
    "prices as objects": (proven, prices(lambda y: y.astype(object) + 2**70), "proof_not_whole"),
    "prices beyond 64 bits": (proven, prices(lambda y: y.astype(np.uint64) + np.uint64(2**63)), "proof_not_whole"),
    "prices at the edge of 64 bits": (proven, prices(lambda y: np.full_like(y, np.iinfo(np.int64).min)), "optimal_unproven"),
    "tiers of the proof renamed": (proven, proof(lambda old: replace(old, tiers=old.tiers[::-1])), "proof_tiers"),
    "another denominator": (proven, proof(lambda old: replace(old, denominator=2)), "optimal_unproven"),
    "a denominator of zero": (proven, proof(lambda old: replace(old, denominator=0)), "proof_denominator"),
    "a denominator that is no whole number": (proven, proof(lambda old: replace(old, denominator=1.5)), "proof_denominator"),  # type: ignore[arg-type]  # that is the mutation
}


def codes(round_: Round, result: Result) -> list[str]:
    """The codes of all violations, each of which must have a sentence in every language."""
    violations = verify(round_, result).violations
    for violation in violations:
        for language in LANGUAGES:
            assert violation.message(language)
    return [violation.code for violation in violations]


@pytest.mark.parametrize(("make", "round_"), [(proven, PROVEN), (rich, RICH)])
def test_the_valid_results_are_valid(make: Callable[[], Result], round_: Round):
    assert codes(round_, make()) == []


def test_the_proven_result_uses_what_the_mutations_need():
    result = proven()
    assert dict(zip(result.matches["student_id"], result.matches["placement_id"].fillna("-"), strict=True)) == {
        "s0": "p",
        "s1": "q",
        "s2": "-",
        "s3": "q",
        "s4": "r",
        "s5": "-",
    }
    assert [row.value for row in result.tiers][:4] == [1, 4, 2, 4]
    assert result.proof is not None
    assert result.proof.prices.any(axis=0).sum() > 1


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_corrupted_result_is_caught(name: str):
    make, mutate, code = MUTATIONS[name]
    assert code in codes(PROVEN if make is proven else RICH, mutate(make()))


def test_all_violations_are_found_not_only_the_first():
    result = tier("rank", value=1)(place("s2", "p", 3)(place("s1", "t")(proven())))
    found = codes(PROVEN, replace(result, digest="x"))
    assert {"digest", "not_eligible.wish_no", "not_eligible.travel", "over_capacity", "wrong_rank", "wrong_value"} <= set(found)


def test_violations_name_ids_values_and_limits():
    violations = {violation.code: violation for violation in verify(PROVEN, place("s2", "p", 1)(proven())).violations}
    assert dict(violations["over_capacity"].params) == {"placement": "p", "period": "", "count": 2, "limit": 1}
    assert violations["not_eligible.travel"].params["limit"] == "10 min"
    assert violations["not_eligible.travel"].message("nl").startswith("Student s2 mag niet naar p: de verplaatsing is")
    named = verify(RICH, place("s4", "q", 0)(rich())).violations
    assert "q (T2)" in next(violation for violation in named if violation.code == "no_seats").message("fr")


def test_a_claim_below_what_the_prices_prove_is_honest():
    for reason in (Reason.TIME_LIMIT, Reason.CANCELLED, Reason.GAP_REACHED, Reason.NOT_CLOSED):
        assert codes(PROVEN, replace(proven(), reason=reason)) == []
    result = replace(proven(), reason=Reason.TIME_LIMIT)
    weaker = replace(result, tiers=(replace(result.tiers[0], bound=3), *(replace(row, bound=None) for row in result.tiers[1:])))
    verification = verify(PROVEN, weaker)
    assert verification.ok
    assert verification.proven_optimal
    assert [row.bound for row in verification.tiers] == [row.value for row in verification.tiers]


def test_results_without_an_answer_are_checked_too():
    nobody = proven().matches[:0]
    stops = [(Outcome.NO_ANSWER, reason) for reason in (Reason.TIME_LIMIT, Reason.CANCELLED, Reason.NOT_CLOSED)]
    for outcome, reason in (*stops, (Outcome.FAILED, Reason.ENGINE_FAILED)):
        verification = verify(PROVEN, Result(outcome, reason, nobody, digest=PROVEN.digest))
        assert verification.ok
        assert verification.infeasible_proven is None
        assert not verification.proven_optimal
    assert codes(PROVEN, Result(Outcome.FAILED, Reason.OPTIMAL, nobody, digest=PROVEN.digest)) == ["reason_contradicts"]
    with_tiers = Result(Outcome.NO_ANSWER, Reason.TIME_LIMIT, nobody, (TierValue("placed", 1, 1),), digest=PROVEN.digest)
    assert codes(PROVEN, with_tiers) == ["answer_without_outcome"]


def test_a_policy_that_is_not_known_is_said_not_ignored():
    for settings in (Settings(tiers=("placed", "beauty")), Settings(mechanism="stable"), Settings(rank_measure="average")):
        round_ = Round(PROVEN.tables, settings)
        assert codes(round_, replace(proven(), digest=round_.digest)) == ["policy_unknown"]


def test_the_order_of_the_rows_does_not_matter():
    shuffled = rows(lambda m: m.sample(frac=1, random_state=1))(proven())
    assert codes(PROVEN, shuffled) == []
    reversed_ = Round({name: table.iloc[::-1] for name, table in PROVEN.tables.items()}, PROVEN.settings)
    assert codes(reversed_, proven()) == []


def test_the_referee_agrees_that_the_rich_round_has_this_value():
    found = best(RICH)
    assert found is not None
    assert Referee(RICH).value(found.matching) == tuple(row.value for row in verify(RICH, rich()).tiers)


@pytest.mark.parametrize(("students", "placements"), [(0, 1), (1, 0), (0, 0), (1, 1)])
def test_empty_tables_are_checked_too(students: int, placements: int):
    one = make_round(None, students=[{"student_id": "s"}], placements=[{"placement_id": "p", "capacity": 1}])
    round_ = Round({"students": one.tables["students"][:students], "placements": one.tables["placements"][:placements]})
    nobody = result_of(one, {("s", None): None}, proof_of(one.settings.tiers, {}), bounds=[0, None, None, None, None], reason="time_limit")
    verification = verify(round_, replace(nobody, matches=nobody.matches[:students], digest=round_.digest))
    assert verification.ok
    assert verification.tiers[1].bound == students * placements


def test_progress_is_told_from_nothing_to_everything():
    told: list[float | None] = []
    verify(PROVEN, proven(), on_progress=lambda step: told.append(step.fraction))
    assert told[0] == 0
    assert told[-1] == 1
    assert told == sorted(told, key=lambda fraction: fraction or 0)
