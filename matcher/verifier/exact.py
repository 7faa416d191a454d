"""Exact sums of whole numbers: 64 bits where they provably hold the numbers, Python's integers where they do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

SAFE = 2**62
"""Absolute values below this fit 64 bits with room to spare."""

Exact = npt.NDArray[np.int64] | npt.NDArray[np.object_]


def fits(limit: int) -> type:
    """The dtype for numbers of at most this absolute value."""
    return np.int64 if limit < SAFE else object


def largest(values: npt.NDArray[np.int64]) -> int:
    """The largest absolute value, as Python's integer: the absolute value of the smallest 64-bit number does not fit 64 bits."""
    return max(abs(int(values.max(initial=0))), abs(int(values.min(initial=0))))


def total(values: Exact | npt.NDArray[Any]) -> int:
    """The sum, however large: the halves of 64-bit numbers are summed apart."""
    if values.dtype == object:
        return int(values.sum()) if len(values) else 0
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())
