"""Several whole numbers in one, as digits of a balanced mixed radix: the digit of an odd base b lies between -(b // 2) and b // 2."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Sizes = npt.NDArray[np.int64]


def weights(bases: Sequence[int]) -> list[int]:
    """What each digit is worth, the first and unbounded one included: one more than there are bases."""
    worth = [1]
    for base in reversed(bases):
        worth.insert(0, worth[0] * base)
    return worth


def digits(packed: Sizes, bases: Sequence[int]) -> Sizes:
    """The numbers again, (1 + bases) x len(packed); the first is what remains when the digits are taken off."""
    found = np.empty((1 + len(bases), len(packed)), dtype=np.int64)
    rest = packed
    for k in range(len(bases), 0, -1):
        half = bases[k - 1] // 2
        found[k] = (rest + half) % bases[k - 1] - half
        rest = (rest - found[k]) // bases[k - 1]
    found[0] = rest
    return found
