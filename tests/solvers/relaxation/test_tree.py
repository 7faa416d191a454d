"""Trees of cases: every matching is in exactly one leaf, no leaf shows too much, and splits close what no price can."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from matcher.bound import value
from matcher.problem import Problem
from matcher.solvers.relaxation.engine import certificate
from matcher.solvers.relaxation.leaf import Case
from matcher.solvers.relaxation.model import Model, model_of
from matcher.solvers.relaxation.tree import Node, bound_of, grow, leaves_of, nodes_of, root, trivial
from tests.solvers.cases import proven
from tests.solvers.enumeration import matchings
from tests.solvers.problems import row, seat_problem, solve
from tests.solvers.referee import assert_best
from tests.solvers.wide import WIDE, wide_problems


def triangles(count: int) -> Problem:
    """So many times three demands with a seat each, of which any two exclude each other: a half of each breaks nothing."""
    pairs = [(3 * t + a, 3 * t + b) for t in range(count) for a, b in ((0, 1), (1, 2), (0, 2))]
    return seat_problem([[d] for d in range(3 * count)], [1] * 3 * count, rows=[row(two, upper=1, code=code) for code, two in enumerate(pairs)])


def lies_in(model: Model, case: Case, chosen: np.ndarray) -> bool:
    """Whether a matching is in a case."""
    pairs = chosen[chosen < model.problem.pairs].astype(np.int32)
    counts, (lower, upper) = model.counts(pairs), case.tightened(model)
    matched = np.zeros(model.problem.pairs, dtype=np.bool_)
    matched[pairs] = True
    hard = model.tier < 0
    return bool((counts >= lower)[hard].all() and (counts <= upper)[hard].all() and not (matched & case.out).any() and (matched | ~case.taken).all())


def assert_covers(model: Model, tree: Node, tier: int, values: tuple[int, ...]) -> None:
    """Every matching lies in one leaf, and is no better than that leaf says."""
    choices, value_ = matchings(model.problem)
    for chosen, own in zip(choices, value_, strict=True):
        mine = [leaf for leaf in leaves_of(tree) if lies_in(model, leaf.case, chosen)]
        assert len(mine) == 1
        if tuple(own[:tier].tolist()) == values:
            assert mine[0].bound is not None
            assert mine[0].bound <= own[tier]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_halves_break_is_closed_by_splits(count: int) -> None:
    model = model_of(triangles(count))
    tree = root(model, 0, ())
    assert tree.bound == -(3 * count // 2)
    assert grow(model, 0, (), tree, -count, 200) == (-count, None)
    assert bound_of(tree, 0) == -count
    assert proven(model.problem, certificate([(0, tree)], 2, model), (-count, count))[0] == -count
    assert_covers(model, tree, 0, ())
    assert_best(model.problem, solve(model.problem, "relaxation"), count)


def test_a_relaxation_that_comes_out_whole_is_a_matching_and_ends_the_splitting() -> None:
    model = model_of(triangles(2))
    tree = root(model, 0, ())
    bound, chosen = grow(model, 0, (), tree, 0, 200)
    assert chosen is not None
    assert model.value(chosen[chosen >= 0])[:2] == (0, -2)
    assert bound <= -2
    assert grow(model, 0, (), tree, -2, 200) == (-2, None)


def test_nodes_come_in_preorder_with_at_most_first() -> None:
    model = model_of(triangles(2))
    tree = root(model, 0, ())
    grow(model, 0, (), tree, -2, 200)
    nodes = nodes_of(tree)
    for at, node in enumerate(nodes):
        if node.parts is not None:
            assert nodes[at + 1] is node.parts[0]
            low, high = node.parts
            assert low.case.upper[node.row] == node.value
            assert high.case.lower[node.row] == node.value + 1


def test_growing_stops_at_the_number_of_nodes_and_when_told() -> None:
    model = model_of(triangles(3))
    for nodes, until in ((4, math.inf), (200, 0.0)):
        tree = root(model, 0, ())
        bound, _ = grow(model, 0, (), tree, -3, nodes, until)
        assert len(nodes_of(tree)) == (5 if until else 1)
        assert bound < -3


def test_random_trees_cover_every_matching() -> None:
    """A target that no leaf reaches splits as far as relaxations are torn."""
    split = 0
    shape = dataclasses.replace(WIDE, demands=5, seats=4, rows=4)
    for seed, problem, _ in wide_problems(97_000, 160, shape):
        values = matchings(problem)[1]
        if not len(values):
            continue
        model = model_of(problem)
        own = tuple(values[np.lexsort(values.T[::-1])[0]].tolist())
        for tier in range(len(own)):
            tree = root(model, tier, own[:tier])
            grow(model, tier, own[:tier], tree, own[tier] + 100, 20)
            assert_covers(model, tree, tier, own[:tier])
            shown = proven(problem, certificate([(tier, tree)], len(own), model), own)[tier]
            assert shown is not None, seed
            assert bound_of(tree, own[tier]) <= shown <= own[tier], seed
            split += tree.parts is not None
    assert split > 3, split


def test_the_trivial_bound_is_what_everybody_would_pay_at_best() -> None:
    problem = seat_problem([[0, 1], [0, 1], [1]], [1, 1], tiers=("rank",), cost=[[-5, -2, 3, -1, 4]])
    assert trivial(model_of(problem), 0, ()).bound == -6
    assert value(problem, np.array([0, 3, -1], dtype=np.int32)) == (-6,)


def test_a_case_without_matchings_is_refuted() -> None:
    """Two pinned demands at one seat: the prices of what must be missed outweigh any gain."""
    model = model_of(seat_problem([[0], [0]], [1], tiers=("rank",), cost=[[-50, -70]], must=[0, 1]))
    node = root(model, 0, ())
    assert node.bound is not None
    assert node.bound > 1000
    assert root(model, -1, ()).bound == 1
