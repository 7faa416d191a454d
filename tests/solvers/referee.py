"""What every answer has to hold, whatever the engine behind it."""

from __future__ import annotations

import dataclasses

import numpy as np

from matcher.bound import bound, value
from matcher.problem import Answer, Certificate, Family, Problem
from tests.solvers.cases import Proven, proven
from tests.solvers.enumeration import brute_force, contradictory, counts, enumerate_matchings, infeasibility


def assert_best(problem: Problem, answer: Answer, seed: int) -> None:
    """The answer is the optimum that trying every matching finds, and its proof shows so; or it shows that there is no matching."""
    best = brute_force(problem)
    if best is None:
        assert answer.outcome == "infeasible", seed
        assert proves_infeasible(problem, answer) or (answer.certificate is None and contradictory(problem)), seed
        return
    assert (answer.outcome, answer.reason) == ("solved", "optimal"), seed
    assert value(problem, answer.pair_of_demand) == best, seed
    assert_proven(problem, answer, seed)


def assert_proven(problem: Problem, answer: Answer, seed: int) -> None:
    """An answer that needs no comparison: its matching keeps every bound, and its proof shows that none is better (or none is at all)."""
    if answer.outcome == "infeasible":
        assert proves_infeasible(problem, answer), seed
        return
    assert (answer.outcome, answer.reason) == ("solved", "optimal"), seed
    assert keeps_bounds(problem, answer), seed
    assert shown(problem, answer) == value(problem, answer.pair_of_demand), seed


def assert_honest(problem: Problem, answer: Answer, seed: int) -> None:
    """The optimum; or, of an engine that says it is not done, a matching that keeps every bound, and bounds that none of the same earlier values beats."""
    if answer.reason != "not_closed":
        assert_best(problem, answer, seed)
        return
    assert answer.outcome == "solved", seed
    assert keeps_bounds(problem, answer), seed
    values, own = enumerate_matchings(problem), value(problem, answer.pair_of_demand)
    assert values is not None, seed
    for tier, least in enumerate(shown(problem, answer)):
        assert least is None or least <= values[(values[:, :tier] == own[:tier]).all(axis=1), tier].min(), (seed, tier)


def shown(problem: Problem, answer: Answer) -> tuple[Proven, ...]:
    """What the proof of an answer shows, by its prices or by its cases; no engine claims more."""
    if answer.certificate is None:
        return bound(problem, answer)
    own = value(problem, answer.pair_of_demand)
    found = proven(problem, answer.certificate, own)
    for claimed, known in zip(answer.bounds, found, strict=True):
        assert claimed is None or (known is not None and claimed <= known)
    return tuple(claimed if known is None else min(known, mine) for claimed, known, mine in zip(answer.bounds, found, own, strict=True))


def proves_infeasible(problem: Problem, answer: Answer) -> bool:
    """Nobody is matched, and the proof shows why."""
    said = (answer.outcome, answer.reason, answer.tiers) == ("infeasible", "proven_infeasible", ("infeasible",))
    if not said or (answer.pair_of_demand >= 0).any():
        return False
    question = infeasibility(problem)
    if answer.certificate is None:
        return bound(question, answer) > (0,)
    (least,) = proven(question, answer.certificate, (0,))
    return least is not None and least > 0


def keeps_bounds(problem: Problem, answer: Answer) -> bool:
    """Every demand has a pair of its own or none, pinned ones have one, and all hard bounds are kept."""
    own = np.flatnonzero(answer.pair_of_demand >= 0)
    pairs = answer.pair_of_demand[own]
    return bool(
        (problem.demand_of_pair()[pairs] == own).all()
        and (answer.pair_of_demand[problem.must] >= 0).all()
        and all(row.lower <= count <= row.upper and (count == 0 or count >= row.minimum) for count, row in counts(problem, answer.pair_of_demand) if row.hard)
    )


def assert_settled(problem: Problem, answer: Answer, settled: int, best: tuple[int, ...], seed: int) -> None:
    """An answer that is handed over between stages is already the best in the tiers that are settled."""
    assert answer.reason == "cancelled", seed
    assert keeps_bounds(problem, answer), seed
    assert value(problem, answer.pair_of_demand)[:settled] == best[:settled], seed
    assert shown(problem, answer)[:settled] == best[:settled], seed


def same(one: Answer, two: Answer) -> bool:
    """Whether two answers agree in their matching and in their proof."""
    proofs = [answer.certificate for answer in (one, two)]
    return (
        one.outcome == two.outcome
        and np.array_equal(one.pair_of_demand, two.pair_of_demand)
        and np.array_equal(one.seat_prices, two.seat_prices)
        and np.array_equal(one.row_prices, two.row_prices)
        and one.bounds == two.bounds
        and (proofs[0] is None) == (proofs[1] is None)
        and all(
            np.array_equal(getattr(proofs[0], each.name), getattr(proofs[1], each.name)) for each in dataclasses.fields(Certificate) if proofs[0] is not None
        )
    )


def relabelled(problem: Problem, rng: np.random.Generator) -> Problem:
    """The same problem with demands, seats and rows in another order."""
    demands, seats = rng.permutation(problem.demands), rng.permutation(problem.seats)
    new_seat = np.argsort(seats).astype(np.int32)
    first = problem.first_pair
    order = np.concatenate([first[d] + np.argsort(new_seat[problem.seat[first[d] : first[d + 1]]], kind="stable") for d in demands])
    order = order.astype(np.int64)
    place = np.argsort(order).astype(np.int32)
    rows = [dataclasses.replace(r, pairs=np.sort(place[r.pairs])) for r in problem.rows]
    families = [_relabelled_family(family, place, rng) for family in problem.families]
    return dataclasses.replace(
        problem,
        first_pair=np.concatenate(([0], np.cumsum(np.diff(first)[demands]))),
        seat=new_seat[problem.seat[order]],
        cost=problem.cost[:, order],
        seat_lower=problem.seat_lower[seats],
        seat_upper=problem.seat_upper[seats],
        open_or_closed=problem.open_or_closed[seats],
        must=problem.must[demands],
        rows=tuple(rows[i] for i in rng.permutation(len(rows))),
        families=tuple(families[i] for i in rng.permutation(len(families))),
    )


def _relabelled_family(family: Family, place: np.ndarray, rng: np.random.Generator) -> Family:
    """The same family with its pairs renamed and its groups in another order."""
    groups = rng.permutation(family.groups)
    pairs, group = place[family.pairs], np.argsort(groups)[family.group]
    order = np.lexsort((pairs, group))
    return dataclasses.replace(
        family,
        pairs=pairs[order].astype(np.int32),
        group=group[order].astype(np.int32),
        sign=family.sign[order],
        lower=family.lower[groups],
        upper=family.upper[groups],
    )
