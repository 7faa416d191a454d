"""Several lexicographic tiers in one whole number, as digits of a balanced mixed radix.

The digit of a tier must hold what a *path* can add up to, not what a whole matching can: potentials are lengths of shortest paths, and no path meets a
node twice. Real paths are far shorter than that, so the engine first assumes `PATHS[0]` nodes and packs more tiers; whether the digits were wide enough
is not hoped but checked, tuple by tuple (`slack.py`), and if they were not, longer paths are assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.solvers import mixed_radix

Sizes = npt.NDArray[np.int64]

PATHS = (24, 400)
"""Lengths of paths to assume, before the number of nodes itself."""

FEW, ENOUGH = 4, 16
"""A stage takes a further tier while its steps had at most FEW kinds (any tier may follow `placed`), or have at most ENOUGH with it. The forest rises step by
step, so one stage of many kinds of steps costs more than two, of which the second has only the optimal face of the first left. A tier in which nothing differs
is taken for nothing."""


@dataclass(frozen=True)
class Digits:
    """Tiers first..last-1, behind a leading digit that counts missed minimums; `base[k]` and `weight[k]` of each tier, `lead` of the leading digit."""

    first: int
    last: int
    base: tuple[int, ...]
    weight: tuple[int, ...]
    lead: int

    def packed(self, columns: list[npt.NDArray[np.int32]], missed: Sizes) -> Sizes:
        """One number per column entry."""
        total = missed * self.lead
        for weight, column in zip(self.weight, columns, strict=True):
            total += weight * column.astype(np.int64)
        return total

    def unpacked(self, packed: Sizes) -> Sizes:
        """int64, len(packed) x (1 + tiers): the leading digit and the tiers' digits."""
        return np.ascontiguousarray(mixed_radix.digits(packed, self.base).T)


def pack(first: int, spread: list[int], path: int, limit: int) -> Digits | None:
    """As many tiers from `first` on as fit and are worth one stage: at least one, or None.

    Parameters
    ----------
    spread
        Per tier: the largest difference that one step of a path can make.
    path
        How many steps a path may have.
    limit
        Twice the largest packed step has to stay below it.
    """
    best = None
    kinds = 1
    for last in range(first + 1, len(spread) + 1):
        before, kinds = kinds, kinds * (1 + spread[last - 1])
        if kinds > before > FEW and kinds > ENOUGH:
            break
        base = [2 * path * s + 1 for s in spread[first:last]]
        lead, *weight = mixed_radix.weights(base)
        if 4 * lead + sum(w * s for w, s in zip(weight, spread[first:last], strict=True)) >= limit:
            break
        best = Digits(first, last, tuple(base), tuple(weight), lead)
    return best
