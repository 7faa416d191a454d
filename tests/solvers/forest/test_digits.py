"""Tiers as digits of one number: whatever is packed comes back, and order is kept."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.solvers.forest import digits
from matcher.solvers.forest.digits import ENOUGH, FEW, pack

LIMIT = 1 << 47
SPREADS = st.lists(st.integers(0, 2**33), min_size=1, max_size=7)
PATH = st.integers(1, 3000)


@pytest.mark.parametrize(
    ("spread", "last"),
    [
        ([1, 10, 60], 2),  # placed, rank | travel
        ([1, 1, 0, 10, 60], 4),
        ([1, 1000], 2),  # anything may follow placed
        ([1, 0, 10, 0, 0, 60, 0], 5),  # tiers in which nothing differs cost nothing
        ([1] * 11, 4),  # a profile
        ([60], 1),
    ],
)
def test_a_stage_has_few_kinds_of_steps(spread: list[int], last: int) -> None:
    packed = pack(0, spread, 24, LIMIT)
    assert packed is not None
    assert packed.last == last


@given(st.lists(st.integers(0, 70), min_size=1, max_size=9))
def test_a_stage_takes_every_tier_that_keeps_its_kinds_few(spread: list[int]) -> None:
    packed = pack(0, spread, 1, 1 << 4000)
    assert packed is not None
    kinds = [int(np.prod([1 + s for s in spread[:k]], dtype=object)) for k in range(len(spread) + 1)]
    fits = [k == 1 or spread[k - 1] == 0 or kinds[k - 1] <= FEW or kinds[k] <= ENOUGH for k in range(1, len(spread) + 1)]
    assert packed.last == (fits.index(False) if False in fits else len(spread))


@patch.object(digits, "ENOUGH", 2**300)
@given(SPREADS, st.integers(0, 6), PATH)
def test_as_many_tiers_as_fit_and_not_one_more(spread: list[int], first: int, path: int) -> None:
    first %= len(spread)
    packed = pack(first, spread, path, LIMIT)
    if packed is None:
        assert pack(first, spread[: first + 1], path, LIMIT) is None
        return
    assert packed.first == first
    assert first < packed.last <= len(spread)
    assert step(packed.weight, packed.lead, spread[first : packed.last]) < LIMIT
    if packed.last < len(spread):
        wider = pack(first, spread, path, 1 << 4000)
        assert wider is not None
        assert wider.last == len(spread)
        more = pack(first, spread[: packed.last + 1], path, 1 << 4000)
        assert more is not None
        assert step(more.weight, more.lead, spread[first : more.last]) >= LIMIT


def step(weight: tuple[int, ...], lead: int, spread: list[int]) -> int:
    return 4 * lead + sum(w * s for w, s in zip(weight, spread, strict=True))


@given(SPREADS, PATH, st.data())
def test_sums_along_a_path_come_back_digit_by_digit(spread: list[int], path: int, data: st.DataObject) -> None:
    """A path of at most so many steps, each within the spread of its tier, adds up to digits that do not run into each other."""
    packed = pack(0, spread, path, 1 << 55)
    if packed is None:
        return
    steps = data.draw(st.integers(1, min(path, 12)))
    sums = [sum(data.draw(st.integers(-s, s)) for _ in range(steps)) for s in spread[: packed.last]]
    lead = data.draw(st.integers(-3, 3))
    number = np.array([lead * packed.lead + sum(w * v for w, v in zip(packed.weight, sums, strict=True))], dtype=np.int64)
    assert packed.unpacked(number).tolist() == [[lead, *sums]]


@given(SPREADS, PATH)
def test_the_longest_path_of_the_largest_steps_just_fits(spread: list[int], path: int) -> None:
    packed = pack(0, spread, path, 1 << 60)
    if packed is None:
        return
    for sign in (-1, 1):
        sums = [sign * path * s for s in spread[: packed.last]]
        number = np.array([sum(w * v for w, v in zip(packed.weight, sums, strict=True))], dtype=np.int64)
        assert packed.unpacked(number).tolist() == [[0, *sums]]


@patch.object(digits, "ENOUGH", 2**300)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-50, 50), st.integers(-(2**31), 2**31 - 1)), min_size=1, max_size=30))
def test_numbers_compare_as_tuples_do(tuples: list[tuple[int, int, int]]) -> None:
    packed = pack(0, [3, 50, 2**31], 2, 1 << 60)
    assert packed is not None
    assert packed.last == 3
    columns = [np.array(column, dtype=np.int32) for column in zip(*tuples, strict=True)]
    numbers = packed.packed(columns, np.zeros(len(tuples), dtype=np.int64))
    assert [tuples[i] for i in np.argsort(numbers, kind="stable")] == [tuples[i] for i in sorted(range(len(tuples)), key=tuples.__getitem__)]
    assert packed.unpacked(numbers)[:, 1:].tolist() == [list(t) for t in tuples]


@given(st.integers(-4, 4), st.integers(-(2**31), 2**31 - 1))
def test_a_missed_minimum_outweighs_everything_else(missed: int, cost: int) -> None:
    packed = pack(0, [2**32], 24, 1 << 60)
    assert packed is not None
    number = packed.packed([np.array([cost], dtype=np.int32)], np.array([missed], dtype=np.int64))
    assert packed.unpacked(number).tolist() == [[missed, cost]]
    assert missed == 0 or (number[0] > 0) == (missed > 0)
