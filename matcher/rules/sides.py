"""What the tiers of the companies' and the schools' side look at: company ranks, missing competences, programmes short of people (docs/rules.md section 7)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from matcher.rules.facts import Codes, Facts, Flags, encode
from matcher.rules.refusals import keys_of
from matcher.rules.tokens import competence_sets

BLOCK = 1 << 18
"""So many pairs are looked at at a time."""


def company_rank(facts: Facts, s: Codes, p: Codes) -> npt.NDArray[np.int32]:
    """The rank that each pair's placement gives the student: where it names others only, its largest rank plus one; where it has no rankings, 0.

    O(pairs log rankings).
    """
    rows = facts.round.table("rankings")
    m = len(facts.placements)
    placement, rank = encode(rows["placement_id"], facts.placement_index), rows["rank"].to_numpy(dtype=np.int32)
    unnamed = np.zeros(m, dtype=np.int32)
    np.maximum.at(unnamed, placement[placement >= 0], rank[placement >= 0] + np.int32(1))
    found = unnamed[p]
    if len(rows):
        keys = keys_of(facts, "rankings")
        order = np.argsort(keys, kind="stable")
        keys, rank = keys[order], rank[order]
        key = s.astype(np.int64) * m + p
        at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        found = np.where(keys[at] == key, rank[at], found)
    return found


def lacking(facts: Facts, s: Codes, p: Codes, tick: Callable[[], None] = lambda: None) -> npt.NDArray[np.int32]:
    """How many competences that the student needs the placement does not offer; 0 where either is not known. O(pairs), in memory for a block of them."""
    found = np.zeros(len(s), dtype=np.int32)
    sets = competence_sets(facts)
    if sets is None:
        return found
    for start in range(0, len(s), BLOCK):
        some = slice(start, start + BLOCK)
        found[some] = sets.missing(s[some], p[some])
        tick()
    return found


def short_of_people(facts: Facts) -> Flags:
    """Which students follow a programme with `shortage = true`."""
    flags = facts.of_programme("shortage")
    return np.zeros(len(facts.students), dtype=np.bool_) if flags is None else flags.fillna(value=False).to_numpy(dtype=np.bool_)
