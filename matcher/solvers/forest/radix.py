"""A monotone radix queue over items 0..n-1, and the line of items that are due now; both are lists threaded through the same arrays.

An item waits in bucket b when the highest bit in which its key differs from the current level is bit b-1, so the least keys lie in the first
bucket that is not empty (Ahuja, Mehlhorn, Orlin, Tarjan 1990, doi:10.1145/77600.77615). Keys never lie below the level. Each item moves at most 64 times
between two changes of its key.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.solvers.forest.compiled import bare

NEVER = np.int64(2**62)
AT_ONCE = np.int64(-(2**62))
"""Levels after and before all others, and still so when all levels are added."""
IDLE = np.int8(-1)
DUE = np.int8(100)
HEAD, TAIL = 0, 1
BUCKETS = 65

Codes = npt.NDArray[np.int32]
Sizes = npt.NDArray[np.int64]
Marks = npt.NDArray[np.int8]


@bare
def _bucket(key: Any, level: Any) -> Any:
    """1 + the highest bit in which key and level differ; 0 where they are equal."""
    x = key ^ level
    if x < 0:
        return 64
    n = 0
    if x >= 1 << 32:
        n += 32
        x >>= 32
    if x >= 1 << 16:
        n += 16
        x >>= 16
    if x >= 1 << 8:
        n += 8
        x >>= 8
    if x >= 1 << 4:
        n += 4
        x >>= 4
    if x >= 1 << 2:
        n += 2
        x >>= 2
    if x >= 1 << 1:
        n += 1
        x >>= 1
    return n + x


@bare
def _leave(item: Any, where: Marks, after: Codes, before: Codes, bucket: Codes) -> None:
    a, b = after[item], before[item]
    if b >= 0:
        after[b] = a
    else:
        bucket[where[item]] = a
    if a >= 0:
        before[a] = b


@bare
def later(item: Any, at: Any, level: Any, key: Sizes, where: Marks, after: Codes, before: Codes, bucket: Codes) -> None:
    """The item is due at level `at`, or earlier if it is so already."""
    w = where[item]
    if w == DUE:
        return
    if w != IDLE:
        if key[item] <= at:
            return
        _leave(item, where, after, before, bucket)
    b = _bucket(at, level)
    key[item] = at
    where[item] = b
    top = bucket[b]
    after[item] = top
    before[item] = -1
    if top >= 0:
        before[top] = item
    bucket[b] = item


@bare
def soon(item: Any, line: Sizes, where: Marks, after: Codes, before: Codes, bucket: Codes) -> None:
    """The item joins the end of the line."""
    w = where[item]
    if w == DUE:
        return
    if w != IDLE:
        _leave(item, where, after, before, bucket)
    where[item] = DUE
    after[item] = -1
    last = line[TAIL]
    if last >= 0:
        after[last] = item
    else:
        line[HEAD] = item
    line[TAIL] = item


@bare
def take(line: Sizes, where: Marks, after: Codes) -> Any:
    """The first item of the line; -1 when nobody waits."""
    item = line[HEAD]
    if item >= 0:
        line[HEAD] = after[item]
        if after[item] < 0:
            line[TAIL] = -1
        where[item] = IDLE
    return item


@bare
def advance(stop: Any, line: Sizes, key: Sizes, where: Marks, after: Codes, before: Codes, bucket: Codes) -> Any:
    """The least key, unless it is `stop` or more; all its items join the line, in the order of their numbers in the bucket."""
    for b in range(BUCKETS):
        item = bucket[b]
        if item < 0:
            continue
        least = NEVER
        while item >= 0:
            least = min(least, key[item])
            item = after[item]
        if least >= stop:
            return stop
        item = bucket[b]
        bucket[b] = -1
        while item >= 0:
            following = after[item]
            where[item] = IDLE
            if key[item] == least:
                soon(item, line, where, after, before, bucket)
            else:
                later(item, key[item], least, key, where, after, before, bucket)
            item = following
        return least
    return stop
