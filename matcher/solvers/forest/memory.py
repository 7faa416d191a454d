"""Arrays side by side in one piece of memory.

A piece of several megabytes comes in huge pages, an array of some hundred kilobytes by itself does not; and memory that this process has used before need not
be fetched from the system. At a million students that was a quarter of a fresh process' first solve.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

LINE = 64
"""Bytes in a line of the cache: every array begins with one."""

Array = npt.NDArray[Any]


class Wanted(NamedTuple):
    """An array that is not there yet: its shape, the type of its entries, and what it is filled with (None: nothing).

    What is not filled takes memory only where it is used.
    """

    shape: tuple[int, ...]
    kind: Any
    fill: Any

    @property
    def exact(self) -> int:
        """Bytes."""
        return prod(self.shape) * int(np.dtype(self.kind).itemsize)

    @property
    def size(self) -> int:
        """Bytes, up to the next line."""
        return -(-self.exact // LINE) * LINE


def some(*shape: int, kind: Any = np.int32, fill: Any = None) -> Any:
    """An array for `side_by_side` to make; it stands where that will stand."""
    return Wanted(shape, kind, fill)


def side_by_side(groups: Sequence[Any], used: Array) -> list[Any]:
    """Named tuples of wanted arrays, with these made: in the memory of `used`, as far as they fit, and in one new piece."""
    wanted: list[Wanted] = [one for group in groups for one in group]
    old, taken = _lines(used), 0
    inside, start = [], []
    total = 0
    for one in wanted:
        fits = taken + one.size <= len(old)
        inside.append(fits)
        start.append(taken if fits else total)
        if fits:
            taken += one.size
        else:
            total += one.size
    new = _lines(np.empty(total + LINE, dtype=np.uint8))
    arrays = []
    for one, fits, at in zip(wanted, inside, start, strict=True):
        array = (old if fits else new)[at : at + one.exact].view(one.kind).reshape(one.shape)
        if one.fill is not None:
            array[...] = one.fill
        arrays.append(array)
    made = iter(arrays)
    return [type(group)(*(next(made) for _ in group)) for group in groups]


def _lines(memory: Array) -> npt.NDArray[np.uint8]:
    """The bytes of an array, from the first line of the cache that begins in it."""
    return memory.view(np.uint8)[-memory.ctypes.data % LINE :]
