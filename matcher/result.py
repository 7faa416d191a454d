"""What comes out of a solve: the outcome, the matching, the value and bound of every tier, and the proof.

Nothing here knows a solver; `matcher.verify` reads the same values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


MATCH_COLUMNS = ("student_id", "placement_id", "period_id", "rank", "status", "reason", "sentence")
"""The columns of `Result.matches`; all are text but `rank` (Int64)."""


class Outcome(StrEnum):
    """What kind of answer this is."""

    SOLVED = "solved"
    INFEASIBLE = "infeasible"
    NO_ANSWER = "no_answer"
    FAILED = "failed"


class Reason(StrEnum):
    """Why the engine stopped."""

    OPTIMAL = "optimal"
    GAP_REACHED = "gap_reached"
    TIME_LIMIT = "time_limit"
    CANCELLED = "cancelled"
    NOT_CLOSED = "not_closed"
    PROVEN_INFEASIBLE = "proven_infeasible"
    ENGINE_FAILED = "engine_failed"


@dataclass(frozen=True, slots=True)
class TierValue:
    """One tier: its value, and the best bound that is proven given the values of the tiers before it (None: no bound).

    With a profile measure the tier `rank` is a *profile*: how many are placed at rank 1, 2, ..., up to the largest rank of any eligible
    pair. Its bound has a number for every rank, each given the tiers and the weightier ranks before it; behind the first that differs
    nothing is proven, and the numbers are None.
    """

    name: str
    value: int | tuple[int, ...]
    bound: int | tuple[int | None, ...] | None

    @property
    def label(self) -> str:
        """The code of the tier's words: `tier.LABEL` of the catalogue."""
        return f"{self.name}_profile" if isinstance(self.value, tuple) else self.name

    @property
    def proven(self) -> bool:
        """Whether the bound says that no matching is better, given the tiers before."""
        return self.value == self.bound

    @property
    def open_rank(self) -> int | None:
        """The rank at which the bound of a profile differs from its value; None where it does not."""
        if not isinstance(self.value, tuple) or not isinstance(self.bound, tuple):
            return None
        return next((rank for rank, (x, b) in enumerate(zip(self.value, self.bound, strict=True), start=1) if b is not None and b != x), None)

    @property
    def gap(self) -> float | None:
        """|value - bound| / max(1, |value|), of a profile at its `open_rank`; 0 means proven optimal, None that there is no bound."""
        if self.proven:
            return 0.0
        value, bound, rank = self.value, self.bound, self.open_rank
        whole = value if isinstance(value, int) else 0 if rank is None else value[rank - 1]
        limit = bound[rank - 1] if isinstance(bound, tuple) and rank is not None else bound
        return abs(whole - limit) / max(1, abs(whole)) if isinstance(limit, int) else None


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """Prices of the rows (docs/proof.md): `kind`, `id`, `period` name row i, `prices[i]` is its tuple over `tiers`."""

    tiers: tuple[str, ...]
    kind: np.ndarray
    id: np.ndarray
    period: np.ndarray
    prices: np.ndarray
    denominator: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """A proof tier by tier and by cases (docs/proof.md).

    Attributes
    ----------
    kind, id, part
        Texts, R: the rows that occur.
    node_tier, node_row, node_value
        int64, N: the trees in preorder; `node_row` is a position in those names, -1 for a leaf.
    denominator, multipliers
        int64, L and L x K: of the leaves, in the order of the nodes.
    price_leaf, price_row, price
        int64: the prices that are not zero.
    """

    tiers: tuple[str, ...]
    kind: np.ndarray
    id: np.ndarray
    part: np.ndarray
    node_tier: np.ndarray
    node_row: np.ndarray
    node_value: np.ndarray
    denominator: np.ndarray
    multipliers: np.ndarray
    price_leaf: np.ndarray
    price_row: np.ndarray
    price: np.ndarray


@dataclass(frozen=True, slots=True)
class RuleCount:
    """What a rule did to the candidate pairs (docs/rules.md section 3)."""

    rule: str
    strength: str
    removed: int
    only: int
    unknown: int


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """The answer to a round.

    `matches` has one row per demand (student and period), sorted by student_id and period_id, with the columns
    `student_id`, `placement_id` (NaN: unplaced), `period_id` (NaN where the round has no periods), `rank` (Int64; NA: no
    rank), `status` (`placed`, `pinned`, `unplaced`), `reason` (a code of words/reasons.toml) and `sentence` (that reason in
    the round's language). Empty unless the outcome is solved.
    """

    outcome: Outcome
    reason: Reason
    matches: pd.DataFrame
    tiers: tuple[TierValue, ...] = ()
    proof: Proof | Cases | None = None
    rule_counts: tuple[RuleCount, ...] = ()
    candidate_pairs: int = 0
    eligible_pairs: int = 0
    seed: int = 0
    digest: str = ""
    engine: str = ""
    version: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def placed(self) -> int:
        """Number of demands that got a placement."""
        return int(self.matches["placement_id"].notna().sum())

    @property
    def unplaced(self) -> int:
        """Number of demands without a placement."""
        return len(self.matches) - self.placed

    def rank_profile(self) -> list[int]:
        """Placed demands by rank: first, second, ...; those without a rank are not in it."""
        ranks = self.matches["rank"].dropna().astype("int64").to_numpy()
        return [int(n) for n in np.bincount(ranks)[1:]] if len(ranks) else []

    def with_seconds(self, **more: float) -> Result:
        """The same result with the time of further stages, in front of its own."""
        return replace(self, seconds={**more, **self.seconds})

    def to_frame(self) -> pd.DataFrame:
        """The matches as a table of its own."""
        return self.matches.copy(deep=False)


def no_matches() -> pd.DataFrame:
    """The matches of a result without an answer: empty, with the right dtypes."""
    import pandas as pd

    return pd.DataFrame({name: pd.Series(dtype="Int64" if name == "rank" else "str") for name in MATCH_COLUMNS})
