"""The names of a problem's rows, as docs/proof.md writes them ("Names of rows")."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.problem import Codebook, Problem
from matcher.rules.facts import Ids


def row_names(codebook: Codebook, problem: Problem, rows: npt.NDArray[np.int64]) -> tuple[Ids, Ids, Ids]:
    """Kind, id and part of some rows, as arrays of text.

    `rows` are numbers as in `matcher.problem.Certificate`: the seats, then the rows, then the groups of each family, then the pairs. Makes a text only for
    what is asked for. O(rows).
    """
    ends = np.cumsum([problem.seats, len(problem.rows), *(family.groups for family in problem.families), problem.pairs])
    at = np.searchsorted(ends, rows, side="right")
    numbers = rows - np.concatenate(([0], ends))[at]
    last = len(ends) - 1
    demand = problem.demand_of_pair() if (at == last).any() else np.empty(0, dtype=np.int32)

    def name(where: int, number: int) -> tuple[str, str, str]:
        if where == 0:
            return "seat", *_seat(codebook, number)
        if where == 1:
            return _row(codebook, problem, number)
        if where < last:
            return codebook.family_names[where - 2].name(number)
        placement, period = _seat(codebook, int(problem.seat[number]))
        return "pair", str(codebook.students[codebook.demand_student[demand[number]]]), f"{placement}|{period}"

    names = np.array([name(*each) for each in zip(at.tolist(), numbers.tolist(), strict=True)], dtype=object).reshape(-1, 3)
    return names[:, 0], names[:, 1], names[:, 2]


def _seat(codebook: Codebook, seat: int) -> tuple[str, str]:
    return str(codebook.placements[codebook.seat_placement[seat]]), str(codebook.periods[codebook.seat_period[seat]])


def _row(codebook: Codebook, problem: Problem, number: int) -> tuple[str, str, str]:
    row = problem.rows[number]
    ids = {"pool": codebook.pools, "quota": codebook.quotas, "reserve": codebook.reserves}.get(row.kind)
    return row.kind, "" if ids is None else str(ids[row.code]), row.part
