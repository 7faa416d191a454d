"""A value with large arrays travels through files, and arrives as it left."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcher.problem import Problem
from matcher.solvers import parcel
from tests.solvers.problems import random_problem


def same(one: Problem, two: Problem) -> bool:
    arrays = ("first_pair", "seat", "cost", "constant", "seat_lower", "seat_upper", "open_or_closed", "must")
    rows = zip(one.rows, two.rows, strict=True)
    return (
        all(np.array_equal(getattr(one, name), getattr(two, name)) and getattr(one, name).dtype == getattr(two, name).dtype for name in arrays)
        and one.tiers == two.tiers
        and all(np.array_equal(a.pairs, b.pairs) and (a.kind, a.lower, a.upper, a.weight) == (b.kind, b.lower, b.upper, b.weight) for a, b in rows)
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_problem_arrives_as_it_left(seed: int, tmp_path: Path) -> None:
    problem = random_problem(seed)
    parcel.send((problem, seed), tmp_path)
    arrived, number = parcel.fetch(tmp_path)
    assert same(problem, arrived)
    assert number == seed


@pytest.mark.parametrize(
    "value", [None, "text", np.empty(0), np.arange(0, dtype=np.int32), np.asfortranarray(np.arange(12).reshape(3, 4)), [np.arange(5)[::2]]]
)
def test_anything_arrives_also_without_a_single_byte_of_arrays(value: object, tmp_path: Path) -> None:
    parcel.send(value, tmp_path)
    arrived = parcel.fetch(tmp_path)
    assert np.array_equal(np.asarray(arrived), np.asarray(value))


def test_arrays_are_aligned_and_can_be_written_to_without_changing_the_files(tmp_path: Path) -> None:
    sent = [np.arange(3, dtype=np.int8), np.arange(1000, dtype=np.int64)]
    parcel.send(sent, tmp_path)
    before = (tmp_path / parcel.ARRAYS).read_bytes()
    arrived = parcel.fetch(tmp_path)
    assert all(array.ctypes.data % parcel.ALIGNED == 0 for array in arrived)
    arrived[1][:] = -1
    assert (tmp_path / parcel.ARRAYS).read_bytes() == before
    assert np.array_equal(parcel.fetch(tmp_path)[1], np.arange(1000))


def test_sending_a_large_array_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcel, "BLOCK", 100)
    ticks: list[None] = []
    parcel.send(np.arange(100, dtype=np.int8), tmp_path, lambda: ticks.append(None))
    assert not ticks, "a small array is written at once"
    parcel.send(np.arange(1000, dtype=np.int64), tmp_path, lambda: ticks.append(None))
    assert len(ticks) == 79
    assert np.array_equal(parcel.fetch(tmp_path), np.arange(1000))

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        parcel.send(np.arange(1000), tmp_path, stop)
