"""Even fill: the n-th student at a seat with usable capacity c costs floor(100 n / c) in the tier `balance` (docs/rules.md section 7)."""

from __future__ import annotations

import numpy as np

from matcher.verifier.codes import Ints

FULL = 100
"""What the last student at a full seat costs: per cent."""


def even_fill(capacity: Ints, count: Ints) -> Ints:
    """The sum of `floor(100 j / c)` for j = 1..n, per seat; 0 at a seat without capacity. O(seats x the largest term).

    A term is the number of t >= 1 with t c <= 100 j, so the sum counts, for each t, the j that reach it.
    """
    there = np.maximum(capacity, 1)
    total = np.zeros_like(count)
    for step in range(1, int((FULL * count // there).max(initial=0)) + 1):
        total += np.maximum(count + 1 + -step * there // FULL, 0)
    return np.where(capacity > 0, total, 0)


def even_fill_best(capacity: Ints, price: Ints, share: int, low: Ints, high: Ints) -> Ints:
    """The number n between `low` and `high` with the least `share` x fill - price x n, for a positive share: every student who costs less than the price."""
    dearest = np.clip(-(-price.astype(object) // share) - 1, -1, FULL + 1).astype(np.int64)  # the largest term below price / share
    cheaper: Ints = -(-(dearest + 1) * capacity // FULL) - 1
    return np.clip(cheaper, low, high)
