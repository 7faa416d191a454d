"""Arrays side by side: where they stand, and what stands in them."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.solvers.forest.memory import LINE, side_by_side, some

WANTED = [some(3), some(0), some(40, kind=np.int64, fill=-1), some(5, 2, fill=7), some(9, kind=np.bool_, fill=False), some(4, kind=np.int64, fill=np.arange(4))]


@pytest.mark.parametrize("used", range(0, 800, 8))
def test_each_begins_with_a_line_and_none_stands_in_another(used: int) -> None:
    memory = np.full(used // 8, 99, dtype=np.int64)
    arrays = side_by_side(WANTED, memory)
    spans = sorted((a.ctypes.data, a.ctypes.data + a.nbytes) for a in arrays if a.size)
    assert all(begin % LINE == 0 for begin, _ in spans)
    assert all(end <= begin for (_, end), (begin, _) in zip(spans[:-1], spans[1:], strict=True))
    assert [a.shape for a in arrays] == [(3,), (0,), (40,), (5, 2), (9,), (4,)]
    assert all(a.flags.c_contiguous and a.flags.aligned and a.flags.writeable for a in arrays)
    assert [a.dtype for a in arrays] == [np.int32, np.int32, np.int64, np.int32, np.bool_, np.int64]
    for i, a in enumerate(arrays):
        a[...] = i
    assert all((a == i).all() for i, a in enumerate(arrays))


def test_they_are_filled() -> None:
    _, _, minus, sevens, flags, numbers = side_by_side(WANTED, np.empty(0))
    assert (minus == -1).all()
    assert (sevens == 7).all()
    assert not flags.any()
    assert numbers.tolist() == [0, 1, 2, 3]


def test_memory_that_is_there_is_used_as_far_as_it_goes() -> None:
    memory = np.zeros(100, dtype=np.int64)
    inside = [np.shares_memory(a, memory) for a in side_by_side([some(20), some(1000), some(20), some(5, kind=np.int64)], memory)]
    assert inside == [True, False, True, True]
