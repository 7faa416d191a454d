"""Rules that name pairs one by one: `forbid` (pins) and `ranking` (the companies' side)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.rules.facts import Codes, Facts, Flags, encode
from matcher.rules.rule import Rule, Words
from matcher.schema import NO

Keys = npt.NDArray[np.int64]


def contains(keys: Keys, key: Keys) -> Flags:
    """Whether each key is among the sorted keys. O(n log m)."""
    if not len(keys):
        return np.zeros(len(key), dtype=np.bool_)
    position = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
    found: Flags = keys[position] == key
    return found


@dataclass(frozen=True)
class Refused:
    """Broken for the pairs in a list (keys student * placements + placement), and where `only_named` holds for pairs that are not `named`."""

    name: str
    placements: int
    refused: Keys
    named: Keys
    only_named: Flags
    reasons: dict[int, str]

    def judge(self, s: Codes, p: Codes) -> tuple[Flags, Flags]:
        """Search the sorted keys; such a list is never unknown."""
        key = s.astype(np.int64) * self.placements + p
        broken = contains(self.refused, key)
        if self.only_named.any():
            broken |= self.only_named[p] & ~contains(self.named, key)
        return broken, np.zeros(len(s), dtype=np.bool_)

    def because(self, s: int, p: int) -> Words:
        """Quote the reason that the office wrote, if any."""
        return {"why": self.reasons.get(s * self.placements + p, "")}


def keys_of(facts: Facts, table: str) -> Keys:
    """The pairs that the rows of a table name, as keys student * placements + placement."""
    rows = facts.round.table(table)
    student, placement = encode(rows["student_id"], facts.student_index), encode(rows["placement_id"], facts.placement_index)
    return student.astype(np.int64) * len(facts.placements) + placement


def forbid(facts: Facts) -> Rule | None:
    """The office did not forbid the pair."""
    rows = facts.round.table("pins")
    forbidden = (rows["kind"] == "forbid").to_numpy(dtype=np.bool_)
    if not forbidden.any():
        return None
    keys = keys_of(facts, "pins")[forbidden]
    why = rows["reason"][forbidden].dropna() if "reason" in rows else rows["kind"][:0]
    written = keys[rows.index[forbidden].isin(why.index)]
    reasons = {int(key): str(text) for key, text in zip(written, why, strict=True)}
    nobody = np.zeros(len(facts.placements), dtype=np.bool_)
    return Refused("forbid", len(facts.placements), np.unique(keys), np.empty(0, dtype=np.int64), nobody, reasons)


def ranking(facts: Facts) -> Rule | None:
    """The placement did not refuse the student; with `unranked = "no"` it must have ranked the student."""
    rows = facts.round.table("rankings")
    if rows.empty:
        return None
    keys = keys_of(facts, "rankings")
    refuses = (rows["rank"] == NO).to_numpy()
    only_named = np.zeros(len(facts.placements), dtype=np.bool_)
    if facts.round.settings.unranked == "no":
        only_named[encode(rows["placement_id"], facts.placement_index)] = True
    return Refused("ranking", len(facts.placements), np.unique(keys[refuses]), np.unique(keys), only_named, {})
