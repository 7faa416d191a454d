"""Who may take whom, read from the round for the check alone (docs/rules.md, section "Staff")."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.round import Round
from matcher.staff.result import KINDS
from matcher.verifier.codes import Bools, Forest, Ints, encode, tokens_of
from matcher.verifier.view import View

RULES = ("region", "programme", "sector", "company")


class Book:
    """Matched pairs, their classes, and the members of staff.

    Attributes
    ----------
    pairs
        The matched pairs: student, placement and period ("" for none).
    member
        The ids of the members of staff.
    kind, most
        Per member: position in KINDS, and `max_students`.
    code
        int64, C x 4: the classes, as codes of region, programme, sector and company (-1: not known).
    klass, size
        The class of each pair, and how many pairs each has.
    """

    def __init__(self, round_: Round, matches: pd.DataFrame) -> None:
        self.view = View(round_)
        columns = ["student_id", "placement_id", "period_id"]
        matched = matches.loc[matches["placement_id"].notna(), columns].astype("str").fillna("").reset_index(drop=True)
        self.pairs = pd.MultiIndex.from_frame(matched)
        student, placement = encode(matched["student_id"], self.view.students), encode(matched["placement_id"], self.view.placements)
        own = np.stack([self.view.region[placement], self.view.programme[student], self.view.sector[placement], self.view.company[placement]], axis=1)
        self.code, klass, self.size = np.unique(own, axis=0, return_inverse=True, return_counts=True)
        self.klass: Ints = klass.ravel()
        self.member = pd.Index(self.view.column("staff", "staff_id"))
        self.kind = encode(self.view.column("staff", "kind"), pd.Index(KINDS))
        self.most: Ints = self.view.numbers("staff", "max_students").astype(np.int64)

    @property
    def kinds(self) -> list[int]:
        """The kinds of which the round has staff."""
        return sorted(set(self.kind.tolist()))

    @cached_property
    def tables(self) -> dict[str, Bools]:
        """Per rule: members x (values + 1), the last column for a value that is not known."""
        programmes = self.view.programmes
        own = Forest(programmes, np.arange(len(programmes)), np.arange(len(programmes)))
        return {
            "region": self._lists("regions", self.view.regions),
            "programme": self._lists("programmes", own),
            "sector": self._lists("sectors", self.view.sectors),
            "company": self._company(),
        }

    def allows(self, rule: str, pair: Ints, member: Ints) -> Bools:
        """Whether a rule lets each member take the pair beside it."""
        allowed: Bools = self.tables[rule][member, self.code[self.klass[pair], RULES.index(rule)]]
        return allowed

    def members_allowed(self, rule: str, klass: int) -> Bools:
        """Which members a rule lets take a class."""
        return self.tables[rule][:, self.code[klass, RULES.index(rule)]]

    def _lists(self, column: str, forest: Forest) -> Bools:
        """A member without a list may take every value; one with a list the values in it and their descendants; all may take what is not known."""
        may = np.ones((len(self.member), len(forest.ids) + 1), dtype=np.bool_)
        below: dict[str, Bools] = {}
        for row, cell in enumerate(self.view.column("staff", column)):
            tokens = tokens_of(cell)
            if tokens is not None:
                may[row, :-1] = False
                for token in tokens:
                    if token not in below:
                        below[token] = forest.below(token)
                    may[row, :-1] |= below[token]
        return may

    def _company(self) -> Bools:
        may: npt.NDArray[np.bool_] = np.ones((len(self.member), len(self.view.companies) + 1), dtype=np.bool_)
        theirs = encode(self.view.column("staff", "company_id"), self.view.companies)
        barred = np.flatnonzero((self.kind == KINDS.index("assessor")) & (theirs >= 0))
        may[barred, theirs[barred]] = False
        return may
