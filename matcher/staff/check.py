"""The independent check of an assignment of staff, without any solver: written from docs/rules.md, section "Staff", and sharing nothing with what solved it.

Pairs that agree in region, programme, sector and company are judged once. O(N log N + C M) time for N rows, C such classes and M members.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from matcher.result import Reason, TierValue
from matcher.round import Round
from matcher.staff.check_bound import least_cost
from matcher.staff.check_rules import RULES, Book
from matcher.staff.result import KINDS, LOAD_COLUMNS, STAFF_COLUMNS, TIERS, StaffResult
from matcher.words import say


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: a code of words/staff.toml and what fills its sentence."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def message(self, language: str = "en") -> str:
        """The fault as one sentence."""
        return say(self.code, language, **self.params)


def check_staff(round_: Round, matches: pd.DataFrame, staff: StaffResult) -> tuple[Fault, ...]:
    """Everything that is wrong with an assignment of staff to the matches of a round; empty when it may be handed out.

    Recomputes who may take whom, the loads, the reasons, the value of both tiers, and the bounds from the prices.
    """
    missing = [name for name in STAFF_COLUMNS if name not in staff.frame] + [name for name in LOAD_COLUMNS if name not in staff.loads]
    if missing:
        return (Fault("staff.wrong.columns", {"columns": ", ".join(missing)}),)
    return tuple(_Check(round_, matches, staff).faults())


class _Check:
    """One check on its way."""

    def __init__(self, round_: Round, matches: pd.DataFrame, staff: StaffResult) -> None:
        self.staff, self.found = staff, list[Fault]()
        self.book = Book(round_, matches)
        frame = staff.frame.reset_index(drop=True)
        self.frame = frame
        self.pair = self.book.pairs.get_indexer(_keys(frame))
        self.member = self.book.member.get_indexer(pd.Index(frame["staff_id"]))
        self.kind = pd.Index(KINDS).get_indexer(pd.Index(frame["kind"]))
        self.taken = frame["staff_id"].notna().to_numpy()

    def faults(self) -> list[Fault]:
        """All checks; what builds on sound rows only if they are sound."""
        self._rows()
        if not self.found:
            self._pairs()
            self._loads()
            self._reasons()
            for kind in self.book.kinds:
                self._tiers(kind)
        return self.found

    def _add(self, code: str, row: int, **words: object) -> None:
        names = self.frame.loc[row].fillna("")
        self.found.append(
            Fault(code, {"student": names["student_id"], "placement": names["placement_id"], "kind": names["kind"], "staff": names["staff_id"], **words})
        )

    def _rows(self) -> None:
        """One row for each matched pair and kind, naming members that exist and are of that kind."""
        kinds = np.isin(self.kind, self.book.kinds)
        for row in np.flatnonzero((self.pair < 0) | ~kinds):
            self._add("staff.wrong.no_pair", int(row))
        for row in np.flatnonzero(self.taken & ((self.member < 0) | (self.book.kind[self.member] != self.kind))):
            self._add("staff.wrong.no_member", int(row))
        sound = (self.pair >= 0) & kinds
        times = np.zeros((len(self.book.pairs), len(KINDS)), dtype=np.int64)
        np.add.at(times, (self.pair[sound], self.kind[sound]), 1)
        for kind in self.book.kinds:
            for pair in np.flatnonzero(times[:, kind] != 1).tolist():
                student, placement = (self.book.pairs.get_level_values(level)[pair] for level in (0, 1))
                words = {"student": student, "placement": placement, "kind": KINDS[kind], "times": int(times[pair, kind])}
                self.found.append(Fault("staff.wrong.times", words))

    def _pairs(self) -> None:
        """Nobody takes a pair outside of their region, programmes, sectors, or in their own company as an assessor."""
        rows = np.flatnonzero(self.taken)
        for rule in RULES:
            for row in rows[~self.book.allows(rule, self.pair[rows], self.member[rows])]:
                self._add("staff.wrong.rule", int(row), rule=rule)

    def _loads(self) -> None:
        """Nobody takes more than they can, and the table of loads says what the rows say."""
        self.load = np.bincount(self.member[self.taken], minlength=len(self.book.member))
        for member in np.flatnonzero(self.load > self.book.most):
            words = {"staff": self.book.member[member], "load": int(self.load[member]), "most": int(self.book.most[member])}
            self.found.append(Fault("staff.wrong.load", words))
        expected = {
            (name, KINDS[kind], most, load)
            for name, kind, most, load in zip(self.book.member, self.book.kind.tolist(), self.book.most.tolist(), self.load.tolist(), strict=True)
        }
        given = list(self.staff.loads[list(LOAD_COLUMNS)].itertuples(index=False, name=None))
        if len(given) != len(expected) or set(given) != expected:
            self.found.append(Fault("staff.wrong.loads"))

    def _reasons(self) -> None:
        """Every reason holds; each is judged once for all rows that agree in it."""
        full = self.load >= self.book.most
        for row in np.flatnonzero(self.taken & (self.frame["reason"] != "assigned").to_numpy()):
            self._add("staff.wrong.reason", int(row), reason=self.frame["reason"].iloc[row])
        open_ = np.flatnonzero(~self.taken)
        table = pd.DataFrame({"klass": self.book.klass[self.pair[open_]], "kind": self.kind[open_], "reason": self.frame["reason"].iloc[open_]})
        for row, klass, kind, reason in table.drop_duplicates().itertuples(name=None):
            if reason != self._reason(klass, kind, full):
                self._add("staff.wrong.reason", row, reason=reason)

    def _reason(self, klass: int, kind: int, full: np.ndarray) -> str | None:
        """Why nobody takes a pair of a class; None where somebody should."""
        allowed = {rule: self.book.members_allowed(rule, klass) for rule in RULES}
        left = self.book.kind == kind
        may = np.logical_and.reduce([left, *allowed.values()])
        if may.any():
            return "full" if full[may].all() else "stopped" if self.staff.reason is not Reason.OPTIMAL else None
        alone = next((rule for rule in RULES[:3] if not (left & allowed[rule]).any()), None)
        if alone is not None:
            return f"no_{alone}"
        return "same_company" if np.logical_and.reduce([left, *(allowed[rule] for rule in RULES[:3])]).any() else "no_combination"

    def _tiers(self, kind: int) -> None:
        """Values and bounds of a kind as claimed."""
        name = KINDS[kind]
        own = self.book.kind == kind
        load, most = self.load[own], self.book.most[own]
        served = int(load.sum())
        balance = sum(int((100 * np.arange(1, x + 1) // c).sum()) for x, c in zip(load.tolist(), most.tolist(), strict=True) if c)
        bound = least_cost(self.book, kind, self.staff.proof)
        if bound is None:
            self.found.append(Fault("staff.wrong.proof"))
            return
        first, second, whole = bound
        tight = first == -served * whole
        expected = (TierValue(TIERS[0], served, -first // whole), TierValue(TIERS[1], balance, -(-second // whole) if tight else None))
        claimed = self.staff.tiers.get(name)
        for tier, right in enumerate(expected):
            given = claimed[tier] if claimed is not None and len(claimed) > tier else None
            if given != right:
                self.found.append(Fault("staff.wrong.tier", {"kind": name, "tier": right.name, "given": _spelled(given), "expected": _spelled(right)}))
        if self.staff.reason is Reason.OPTIMAL and not all(tier.proven for tier in expected):
            self.found.append(Fault("staff.wrong.optimal", {"kind": name}))


def _keys(frame: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[["student_id", "placement_id", "period_id"]].astype("str").fillna(""))


def _spelled(tier: TierValue | None) -> str:
    return "-" if tier is None else f"{tier.value} ({'-' if tier.bound is None else tier.bound})"
