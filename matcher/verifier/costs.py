"""What is priced: the tiers of a question, and what pairs, rows and the round itself pay in each (docs/rules.md section 7, docs/proof.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from matcher.verifier.codes import Ints
from matcher.verifier.pairs import Pairs


@dataclass(frozen=True, slots=True)
class Costs:
    """The tiers of a question, all to be made small.

    Attributes
    ----------
    names
        The tiers, a profile spelled out.
    of
        What each of some pairs costs in a tier; the flag says whether they are pinned.
    constant
        What every matching pays in each tier.
    largest
        A number that no pair's cost exceeds (absolute) in any tier.
    shares
        How much each tier of the policy counts in a tier of the question, by name: once in that of its own name, by its weight in a blend. So penalties find
        the tiers in which they are paid.
    """

    names: tuple[str, ...]
    of: Callable[[str, Pairs, bool], Ints]
    constant: tuple[int, ...]
    largest: int
    shares: Callable[[str], Mapping[str, int]]


NOTHING = Costs(("infeasible",), lambda _, pairs, __: np.zeros(len(pairs.seat), dtype=np.int64), (0,), 0, lambda _: {})
"""The costs of the question whether there is any matching at all."""
