"""The order of rows in the files changes nothing in a problem, and every row has a name."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd

import matcher
from matcher.compile import Compiled, compile_round
from matcher.round import Round
from matcher.rules.names import row_names
from tests.rounds import random_round
from tests.rules.naming import bounds, pair_names

ROUNDS = 60


def shuffled(round_: Round, seed: int) -> Round:
    """The same round with the rows of every table in another order."""
    tables = {name: pd.DataFrame(frame.sample(frac=1, random_state=seed)) for name, frame in round_.tables.items()}
    return Round(tables, round_.settings)


def made(round_: Round) -> Compiled | None:
    try:
        return compile_round(round_)
    except matcher.MatcherError:
        return None


def test_the_order_in_the_files_changes_nothing() -> None:
    compared = 0
    for seed in range(ROUNDS):
        round_ = random_round(random.Random(seed), students=5, placements=5)
        one, two = made(round_), made(shuffled(round_, seed))
        assert (one is None) == (two is None)
        if one is None or two is None:
            continue
        for name in ("first_pair", "seat", "cost", "constant", "seat_upper", "must"):
            assert np.array_equal(getattr(one.problem, name), getattr(two.problem, name)), name
        assert one.problem.tiers == two.problem.tiers
        assert list(bounds(round_).items()) == list(bounds(shuffled(round_, seed)).items())
        compared += 1
    assert compared > ROUNDS // 2


def test_every_row_has_a_name_of_its_own() -> None:
    for seed in range(ROUNDS):
        round_ = random_round(random.Random(seed), students=5, placements=5)
        compiled = made(round_)
        if compiled is None:
            continue
        problem = compiled.problem
        total = problem.seats + len(problem.rows) + sum(family.groups for family in problem.families) + problem.pairs
        names = list(zip(*row_names(compiled.codebook, problem, np.arange(total)), strict=True))
        assert len(set(names)) == total
        some = np.random.default_rng(seed).permutation(total)[:7]
        assert list(zip(*row_names(compiled.codebook, problem, some), strict=True)) == [names[i] for i in some]
        assert len(compiled.codebook.family_names) == len(problem.families)
        assert len(pair_names(compiled)) == problem.pairs


def test_no_rows_have_no_names() -> None:
    compiled = next(filter(None, (made(random_round(random.Random(seed), students=3, placements=3)) for seed in range(99))))
    assert all(len(part) == 0 for part in row_names(compiled.codebook, compiled.problem, np.empty(0, dtype=np.int64)))
