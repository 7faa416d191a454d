"""A case as bare arrays for other solvers, written from the tables alone: it shares nothing with the matcher's own encoder."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matcher import Round

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Arcs:
    """Who may go where, and at what cost; every array is int64.

    Attributes
    ----------
    students
        Their number, n; they are 0..n-1.
    student, placement, cost
        One entry per wish; placements are 0..m-1.
    capacity, lower
        Seats of each placement, and how many of them must be filled.
    pool, room
        The pool of each placement (-1: none), and the seats that each pool has.
    """

    students: int
    student: Codes
    placement: Codes
    cost: Codes
    capacity: Codes
    lower: Codes
    pool: Codes
    room: Codes

    @property
    def out(self) -> int:
        """What a student who stays out costs: more than any change of places can bring."""
        return self.students * int(self.cost.max()) + 1

    @property
    def plain(self) -> bool:
        """Seats only, without pools and without minimums."""
        return not self.room.size and not self.lower.any()

    def save(self, file: Path) -> None:
        """Keep the arrays in a file."""
        np.savez(file, **vars(self))

    @classmethod
    def load(cls, file: Path) -> Arcs:
        """The arrays of a file."""
        with np.load(file) as kept:
            return cls(int(kept["students"]), *(kept[field.name] for field in fields(cls)[1:]))


def arcs_of(round_: Round) -> Arcs:
    """The arrays of a round that has nothing but wishes for placements, seats, pools and placements that must open."""
    import pandas as pd

    students, placements, wishes, pools = (round_.table(name) for name in ("students", "placements", "preferences", "pools"))
    lower = placements["capacity_min"].fillna(0).to_numpy() if "capacity_min" in placements else np.zeros(len(placements))
    pool = pd.Index(pools["pool_id"]).get_indexer(placements["pool_id"]) if "pool_id" in placements else np.full(len(placements), -1)
    columns = (
        pd.Index(students["student_id"]).get_indexer(wishes["student_id"]),
        pd.Index(placements["placement_id"]).get_indexer(wishes["target_id"]),
        wishes["rank"].to_numpy(),
        placements["capacity"].to_numpy(),
        lower,
        pool,
        pools["capacity"].to_numpy(),
    )
    return Arcs(len(students), *(column.astype(np.int64) for column in columns))
