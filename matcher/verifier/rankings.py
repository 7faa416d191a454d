"""The ranks that placements give students (docs/rules.md section 7, the tier `company_rank`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from matcher.verifier.codes import Ints, encode
from matcher.verifier.view import View


class CompanyRanks(NamedTuple):
    """Sorted keys of the pairs that `rankings` names with a rank, those ranks, and the rank of everybody else at each placement."""

    key: Ints
    rank: Ints
    otherwise: Ints


def company_ranks(view: View) -> CompanyRanks:
    """The table `rankings` as arrays; of several rows for a pair the best rank counts. A placement that only refuses has rankings, and ranks all others 1."""
    student = encode(view.column("rankings", "student_id"), view.students)
    placement = encode(view.column("rankings", "placement_id"), view.placements)
    rank = np.nan_to_num(view.numbers("rankings", "rank")).astype(np.int64)
    there = (student >= 0) & (placement >= 0)
    student, placement, rank = student[there], placement[there], rank[there]
    otherwise = np.zeros(len(view.placements), dtype=np.int64)
    np.maximum.at(otherwise, placement, rank + 1)
    named = rank > 0
    key, rank = view.key(student[named], placement[named]), rank[named]
    order = np.lexsort((rank, key))
    key, rank = key[order], rank[order]
    first = np.diff(key, prepend=-1) > 0
    return CompanyRanks(key[first], rank[first], otherwise)
