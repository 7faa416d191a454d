"""Rules that compare two sets of tokens: form, programme, languages, checks, competences, pattern.

Every cell becomes a row of bits over the vocabulary of both sides (uint64 words), so a pair is judged with a few bit operations whatever
the number of tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.rules.facts import Codes, Facts, Flags
from matcher.rules.rule import Rule, Words

Bits = npt.NDArray[np.uint64]
NONE = "none"
WORD = 64


@dataclass(frozen=True)
class TokenSets:
    """Sets of tokens, one per row: `bits` (n x words) over a shared vocabulary, and whether the cell is known."""

    bits: Bits
    known: Flags
    cells: pd.Series

    def cell(self, row: int) -> str:
        """The cell as people write it, for a sentence."""
        return str(self.cells.iloc[row]).replace("|", ", ")


def token_sets(*columns: pd.Series) -> list[TokenSets]:
    """Columns of token lists over one vocabulary. O(n + distinct cells x tokens)."""
    coded = [pd.factorize(column) for column in columns]
    lists = [[[token for token in str(cell).split("|") if token != NONE] for cell in cells] for _, cells in coded]
    vocabulary = {token: i for i, token in enumerate(sorted({token for cells in lists for cell in cells for token in cell}))}
    width = max(1, -(-len(vocabulary) // WORD))
    sets = []
    for column, (codes, _), cells in zip(columns, coded, lists, strict=True):
        distinct = np.zeros((len(cells) + 1, width), dtype=np.uint64)
        for row, tokens in enumerate(cells):
            for token in tokens:
                word, bit = divmod(vocabulary[token], WORD)
                distinct[row, word] |= np.uint64(1 << bit)
        sets.append(TokenSets(distinct[codes], codes >= 0, column))
    return sets


@dataclass(frozen=True)
class Covers:
    """Broken where a token that one side needs is missing on the other side."""

    name: str
    student: TokenSets
    placement: TokenSets
    needs: str

    def judge(self, s: Codes, p: Codes) -> tuple[Flags, Flags]:
        """Look for a needed bit that is not there, word by word."""
        need, have = (self.student.bits[s], self.placement.bits[p]) if self.needs == "student" else (self.placement.bits[p], self.student.bits[s])
        known = self.student.known[s] & self.placement.known[p]
        missing = np.zeros(len(s), dtype=np.bool_)
        for word in range(need.shape[1]):
            missing |= (need[:, word] & ~have[:, word]) != 0
        return missing & known, ~known

    def missing(self, s: Codes, p: Codes) -> npt.NDArray[np.int32]:
        """How many tokens each pair lacks; 0 where either side is not known."""
        need, have = (self.student.bits[s], self.placement.bits[p]) if self.needs == "student" else (self.placement.bits[p], self.student.bits[s])
        counts = np.bitwise_count(need & ~have).sum(axis=1, dtype=np.int32)
        return np.where(self.student.known[s] & self.placement.known[p], counts, np.int32(0))

    def because(self, s: int, p: int) -> Words:
        """Name what is needed, what is there, and what is missing."""
        need, have = (self.student.cell(s), self.placement.cell(p)) if self.needs == "student" else (self.placement.cell(p), self.student.cell(s))
        missing = ", ".join(token for token in need.split(", ") if token not in have.split(", "))
        return {"need": need, "have": have, "missing": missing}


@dataclass(frozen=True)
class Meets:
    """Broken where both sides are known and share no token."""

    name: str
    student: TokenSets
    placement: TokenSets

    def judge(self, s: Codes, p: Codes) -> tuple[Flags, Flags]:
        """Look for a common bit, word by word."""
        known = self.student.known[s] & self.placement.known[p]
        common = ((self.student.bits[s] & self.placement.bits[p]) != 0).any(axis=1)
        return ~common & known, ~known

    def because(self, s: int, p: int) -> Words:
        """Name both lists."""
        return {"student": self.student.cell(s), "placement": self.placement.cell(p)}


def _covers(name: str, student: pd.Series | None, placement: pd.Series | None, needs: str) -> Covers | None:
    if student is None or placement is None:
        return None
    student_sets, placement_sets = token_sets(student, placement)
    return Covers(name, student_sets, placement_sets, needs)


def _own_or_programme(facts: Facts, own: str, of_programme: str) -> pd.Series | None:
    """The student's own cell, else that of the programme."""
    mine, theirs = facts.student(own), facts.of_programme(of_programme)
    if mine is None or theirs is None:
        return theirs if mine is None else mine
    return mine.where(mine.notna(), theirs)


def form(facts: Facts) -> Rule | None:
    """The placement accepts the student's form of learning."""
    return _covers("form", _own_or_programme(facts, "form", "form"), facts.placement("forms"), "student")


def programme(facts: Facts) -> Rule | None:
    """The placement accepts the student's programme."""
    return _covers("programme", facts.student("programme_id"), facts.placement("programmes"), "student")


def languages(facts: Facts) -> Rule | None:
    """The student speaks every language that the placement asks for."""
    return _covers("languages", facts.student("languages"), facts.placement("languages"), "placement")


def checks(facts: Facts) -> Rule | None:
    """The student has every check (police, medical, ...) that the placement asks for."""
    return _covers("checks", facts.student("checks"), facts.placement("checks_required"), "placement")


def competences(facts: Facts) -> Rule | None:
    """The placement offers every competence that the student must gain in a company."""
    return competence_sets(facts)


def competence_sets(facts: Facts) -> Covers | None:
    """What students must gain in a company, against what placements offer; None where one side says nothing."""
    needed = _own_or_programme(facts, "competences_needed", "competences_company")
    return _covers("competences", needed, facts.placement("competences"), "student")


def pattern(facts: Facts) -> Rule | None:
    """Student and placement share a pattern of days."""
    student, placement = facts.student("pattern"), facts.placement("pattern")
    if student is None or placement is None:
        return None
    return Meets("pattern", *token_sets(student, placement))
