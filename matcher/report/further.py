"""What comes after the matching, as tables for readers who know no engine: staff for the pairs, and what the reserves changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from matcher.measures import Measures
from matcher.report.rows import RoundRows
from matcher.result import Reason, Result, TierValue
from matcher.round import Round
from matcher.verifier.filters import students_inside

Unknown = Literal["not_asked", "no_time", "no_answer"]
"""Why nobody knows what the reserves changed."""


@dataclass(frozen=True, slots=True, eq=False)
class StaffTables:
    """Who accompanies and who assesses whom.

    Attributes
    ----------
    frame, loads
        `staff.csv` (a row per matched pair and kind) and `staff_loads.csv` (a row per member).
    tiers
        Kind -> value and bound of `served` and `balance`.
    reason, engine, seconds
        Why and where the solver stopped.
    write_proof
        Writes `staff_proof.npz`; None where that file is there already.
    """

    frame: pd.DataFrame
    loads: pd.DataFrame
    tiers: Mapping[str, tuple[TierValue, ...]]
    reason: Reason
    engine: str
    seconds: Mapping[str, float]
    write_proof: Callable[[Path], None] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ReserveTables:
    """What the reserves hold, and what they changed.

    Attributes
    ----------
    frame
        One row per level: `reserve_id`, `level`, `students` (the filter of its own group), `seats`; `used`, the reserved seats that its groups so far have,
        and `placed`, the demands of these groups with any placement; and both without the reserves, `used_without` and `placed_without` (missing: unknown).
    moved
        Demands that are placed elsewhere, or no longer or newly placed, because of the reserves; None where that is unknown, for the reason `unknown`.
    proven
        Whether the matching without reserves is proven optimal.
    """

    frame: pd.DataFrame
    moved: int | None
    unknown: Unknown | None = None
    proven: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Further:
    """Everything that a round may have beside its matching, and the seconds that each stage of it took."""

    staff: StaffTables | None = None
    reserves: ReserveTables | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)


def reserve_tables(round_: Round, matches: pd.DataFrame, without: Result | None, unknown: Unknown | None = None) -> ReserveTables:
    """The levels of the reserves under a matching, and under the one `without` them. O(levels x students + matched pairs)."""
    frame = _levels(round_, matches)
    if without is None:
        unheard = pd.Series(pd.NA, index=frame.index, dtype="Int64")
        return ReserveTables(frame.assign(used_without=unheard, placed_without=unheard), None, unknown)
    other = _levels(round_, without.matches)
    frame = frame.assign(used_without=other["used"].astype("Int64"), placed_without=other["placed"].astype("Int64"))
    return ReserveTables(frame, placed_differently(matches, without.matches), proven=without.reason == Reason.OPTIMAL)


def placed_differently(one: pd.DataFrame, other: pd.DataFrame) -> int:
    """How many demands have another place, or none in one of two matchings of the same students. O(demands x log demands)."""
    where = ["placement_id", "period_id"]
    sides = [table.sort_values(["student_id", "period_id"], kind="stable")[where].fillna("").to_numpy(dtype=object) for table in (one, other)]
    return int((sides[0] != sides[1]).any(axis=1).sum())


def _levels(round_: Round, matches: pd.DataFrame) -> pd.DataFrame:
    """The levels with what their groups so far have."""
    measures = Measures(round_, matches)
    frame = RoundRows(measures).reserves
    groups = round_.table("reserves").reindex(columns=["reserve_id", "order", "students"]).sort_values(["reserve_id", "order", "students"])
    own = [students_inside(measures.view, text) for text in groups["students"]]
    placed = np.bincount(measures.student[measures.placed], minlength=len(measures.view.students))
    so_far: list[int] = []
    inside = np.zeros(len(measures.view.students), dtype=bool)
    for group, level in zip(own, frame["level"].tolist(), strict=True):
        inside = group if level == 1 else inside | group
        so_far.append(int(placed[inside].sum()))
    columns = {"reserve_id": frame["reserve_id"], "level": frame["level"], "students": groups["students"].to_numpy()}
    return pd.DataFrame({**columns, "seats": frame["seats"], "used": frame["used"], "placed": so_far}).astype({"students": "str"})
