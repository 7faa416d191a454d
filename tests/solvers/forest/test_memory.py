"""Arrays side by side: where they stand, and what stands in them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest

from matcher.solvers.forest.memory import LINE, side_by_side, some


class One(NamedTuple):
    some: Any
    none: Any
    minus: Any


class Other(NamedTuple):
    sevens: Any
    flags: Any
    numbers: Any


WANTED = (
    One(some(3), some(0), some(40, kind=np.int64, fill=-1)),
    Other(some(5, 2, fill=7), some(9, kind=np.bool_, fill=False), some(4, kind=np.int64, fill=np.arange(4))),
)


@pytest.mark.parametrize("used", range(0, 800, 8))
def test_each_begins_with_a_line_and_none_stands_in_another(used: int) -> None:
    memory = np.full(used // 8, 99, dtype=np.int64)
    one, other = side_by_side(WANTED, memory)
    assert isinstance(one, One)
    assert isinstance(other, Other)
    arrays = [*one, *other]
    spans = sorted((a.ctypes.data, a.ctypes.data + a.nbytes) for a in arrays if a.size)
    assert all(begin % LINE == 0 for begin, _ in spans)
    assert all(end <= begin for (_, end), (begin, _) in pairwise(spans))
    assert [a.shape for a in arrays] == [(3,), (0,), (40,), (5, 2), (9,), (4,)]
    assert all(a.flags.c_contiguous and a.flags.aligned and a.flags.writeable for a in arrays)
    assert [a.dtype for a in arrays] == [np.int32, np.int32, np.int64, np.int32, np.bool_, np.int64]
    for i, a in enumerate(arrays):
        a[...] = i % 2
    assert all((a == i % 2).all() for i, a in enumerate(arrays))


def test_they_are_filled() -> None:
    one, other = side_by_side(WANTED, np.empty(0))
    assert (one.minus == -1).all()
    assert (other.sevens == 7).all()
    assert not other.flags.any()
    assert other.numbers.tolist() == [0, 1, 2, 3]


def test_memory_that_is_there_is_used_as_far_as_it_goes() -> None:
    memory = np.zeros(100, dtype=np.int64)
    (made,) = side_by_side([One(some(20), some(1000), some(5, kind=np.int64))], memory)
    assert [np.shares_memory(array, memory) for array in made] == [True, False, True]
