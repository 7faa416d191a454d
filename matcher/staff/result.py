"""What comes out of the second stage: who takes whom, the loads, what was reached and what is proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from matcher.result import Reason, TierValue

KINDS = ("coach", "assessor")
"""The kinds of staff, in the order in which they are shown."""

TIERS = ("served", "balance")
"""Most pairs served, then the most even loads."""

STAFF_COLUMNS = ("student_id", "placement_id", "period_id", "kind", "staff_id", "reason", "sentence")
"""The columns of `StaffResult.frame`, all text."""

LOAD_COLUMNS = ("staff_id", "kind", "max_students", "load")
"""The columns of `StaffResult.loads`; the last two are int64."""


@dataclass(frozen=True, slots=True, eq=False)
class StaffProof:
    """A price for each member of staff (docs/rules.md, "Staff"): `prices[i]` is the tuple of `staff[i]` over `TIERS`; who is not named has price zero.

    Attributes
    ----------
    staff
        Texts, P.
    prices
        int64, P x 2, over the common `denominator`.
    """

    staff: np.ndarray
    prices: np.ndarray
    denominator: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class StaffResult:
    """Who takes whom.

    Attributes
    ----------
    frame
        One row per matched pair and kind of which the round has staff, sorted by student, period, kind: `STAFF_COLUMNS`. `staff_id` is missing where
        nobody takes the pair; `reason` is a code of words/staff.toml, `sentence` the same in the round's language.
    loads
        One row per member of staff, sorted by id: `LOAD_COLUMNS`.
    tiers
        Kind -> value and proven bound of `served` (pairs, larger is better) and `balance` (smaller is better).
    proof
        The prices behind the bounds.
    reason
        `optimal`, or why the solver was stopped.
    engine, seconds
        Who solved it, and how long it took: `compile`, `start`, `solve`, `explain`, `verify`.
    """

    frame: pd.DataFrame
    loads: pd.DataFrame
    tiers: Mapping[str, tuple[TierValue, TierValue]]
    proof: StaffProof
    reason: Reason
    engine: str
    seconds: Mapping[str, float]

    @property
    def served(self) -> dict[str, object]:
        """Kind -> pairs that somebody takes."""
        return {kind: tiers[0].value for kind, tiers in self.tiers.items()}

    @property
    def bound(self) -> dict[str, object]:
        """Kind -> pairs that can be taken at most."""
        return {kind: tiers[0].bound for kind, tiers in self.tiers.items()}
