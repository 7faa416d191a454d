"""Whether potentials prove a matching best, tuple by tuple, and which pairs stay on the optimal face."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.solvers.forest.compiled import whole

Codes = npt.NDArray[np.int32]
Sizes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@whole
def face_of_pairs(first: Sizes, kept: Codes, leaf: Codes, cost: Codes, low: Any, phi: Sizes, must: Flags, chosen: Codes) -> tuple[bool, Flags, Flags]:
    """Complementary slackness of every demand, lexicographically.

    Parameters
    ----------
    first, kept
        The pairs of demand d that are still open: kept[first[d]:first[d+1]].
    leaf
        int32 per pair: the node it ends in.
    cost, low
        K x P tiers; the potentials are over tiers low, low+1, ...
    phi
        N x (1 + tiers): a leading digit for missed minimums, then the tiers.
    must
        bool per demand: staying unmatched is not open to it.
    chosen
        int32 per demand: a pair, or -1.

    Returns
    -------
    tuple
        Whether it holds; bool per kept pair, whether it is as good as the demand's own; bool per demand, whether staying unmatched is.
    """
    tiers = phi.shape[1] - 1
    tight = np.zeros(len(kept), np.bool_)
    idle = np.zeros(len(first) - 1, np.bool_)
    pays = np.zeros(tiers + 1, np.int64)
    for d in range(len(first) - 1):
        own = chosen[d]
        # Staying unmatched costs nothing, or, where it is not open, one miss.
        miss = 1 if must[d] else 0
        for k in range(tiers + 1):
            pays[k] = 0 if own < 0 else phi[leaf[own], k] + (cost[low + k - 1, own] if k > 0 else 0)
        if own < 0:
            pays[0] = miss
        more = miss - pays[0]
        k = 0
        while more == 0 and k < tiers:
            more = -pays[k + 1]
            k += 1
        if more < 0:
            return False, tight, idle
        idle[d] = more == 0 and not must[d]
        theirs = own < 0
        for i in range(first[d], first[d + 1]):
            p = kept[i]
            theirs |= p == own
            more = phi[leaf[p], 0] - pays[0]
            k = 0
            while more == 0 and k < tiers:
                more = phi[leaf[p], k + 1] + cost[low + k, p] - pays[k + 1]
                k += 1
            if more < 0:
                return False, tight, idle
            tight[i] = more == 0
        if not theirs:
            return False, tight, idle
    return True, tight, idle
