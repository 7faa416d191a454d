"""The pairs of a stage as the kernel reads them: by demand, sorted, and in numbers as small as they may be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.solvers.forest.compiled import whole

Codes = npt.NDArray[np.int32]
Sizes = npt.NDArray[np.int64]

SHORT = 24
"""Lists up to this length are sorted by counting for each entry those before it: more steps than insertion, but no branch that could be guessed wrong."""


@dataclass(frozen=True, eq=False)
class Entries:
    """Demand d owns entries first[d] to first[d+1].

    Attributes
    ----------
    first
        int64 per demand, and one more.
    base
        int64 per demand: its least cost. What one pair costs more than another of the same demand is small, and so the entries are.
    entry
        int32 or int64 per pair: (cost - base) << bits | node << 1.
    pair
        int32 per entry: the pair it stands for.
    bits
        Bits below the cost.
    width
        How many entries of a demand are copied to the slot it holds: a power of two.
    spare
        Memory that nothing stands in any more.
    """

    first: Sizes
    base: Sizes
    entry: npt.NDArray[Any]
    pair: Codes
    bits: int
    width: int
    spare: Sizes

    @property
    def wide(self) -> bool:
        """Whether they have 64 bits."""
        return self.entry.dtype == np.int64

    def sort(self) -> None:
        """Sort each demand's entries by cost and then node, in place, half of the demands in a thread of its own."""
        half = len(self.first) // 2
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(sort_entries, (self.first[: half + 1], self.first[half:]), repeat(self.entry), repeat(self.pair)))


def entries_of(first: Sizes, packed: Sizes, node: Codes, pair: Codes, nodes: int, reach: int, row: int) -> Entries:
    """Entries that are not sorted yet; `packed` is used up.

    Parameters
    ----------
    packed, node, pair
        Per pair its cost, the node it ends in, and its name.
    reach
        How far a potential may lie from zero over gates alone.
    row
        The most entries that may be copied.
    """
    longest = np.diff(first)
    some = np.flatnonzero(longest)
    base = np.zeros(len(longest), dtype=np.int64)
    if len(some):
        base[some] = np.minimum.reduceat(packed, first[some])
    packed -= np.repeat(base, longest)
    bits = bits_of(nodes)
    kind = np.int32 if narrow(int(packed.max(initial=0)), int(np.abs(base).max(initial=0)), reach, bits) else np.int64
    width = 1 << (max(1, min(row, int(longest.max(initial=1)))) - 1).bit_length()
    packed <<= bits - 1
    packed |= node
    packed <<= 1
    entry = packed.astype(kind, copy=False)
    return Entries(first, base, entry, pair.copy(), bits, width, packed if kind == np.int32 else packed[:0])


def bits_of(nodes: int) -> int:
    """Bits below the cost in an entry: the node, and one for a mark."""
    return nodes.bit_length() + 1


def narrow(spread: int, cost: int, reach: int, bits: int) -> bool:
    """Whether entries, rows and potentials fit into 32 bits.

    A row holds what one pair of a demand costs more or less than another, at most `spread`. No potential lies further from zero than what a demand can pay,
    its least `cost` and that, and all gates of one way together.
    """
    return (spread + 1) << bits <= 1 << 30 and spread + cost + reach < 1 << 28


@whole
def sort_entries(first: Sizes, entry: Sizes, pair: Codes) -> None:
    """Sort each demand's entries by cost and then node, in place; `pair` follows. O(pairs x log longest list)."""
    cost, name, place = np.empty(SHORT, np.int64), np.empty(SHORT, np.int32), np.empty(SHORT, np.int64)
    for d in range(len(first) - 1):
        a, z = first[d], first[d + 1]
        if z - a <= SHORT:
            for i in range(z - a):
                w, before = entry[a + i], np.int64(0)
                for k in range(i):
                    comes = np.int64(cost[k] <= w)
                    before += comes
                    place[k] += 1 - comes
                cost[i], name[i], place[i] = w, pair[a + i], a + before
            for i in range(z - a):
                entry[place[i]], pair[place[i]] = cost[i], name[i]
        else:
            order = np.argsort(entry[a:z], kind="mergesort")
            entry[a:z] = entry[a:z][order]
            pair[a:z] = pair[a:z][order]
