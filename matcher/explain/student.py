"""What became of each of a student's wishes: open, full, stopped, or not allowed, with the value and the limit that decided."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from matcher.compile import compile_round
from matcher.errors import CodedError
from matcher.result import Reason, Result
from matcher.round import Round
from matcher.words import say


@dataclass(frozen=True, slots=True)
class WishAnswer:
    """One placement for one student: its rank (0: none), a code of words/explain.toml and the sentence.

    `broken` names the hard rules that the pair breaks.
    """

    placement_id: str
    rank: int
    code: str
    sentence: str
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StudentAnswer:
    """All that can be said to one student: what the result says, and each placement asked for (or asked about)."""

    student_id: str
    reasons: tuple[str, ...]
    wishes: tuple[WishAnswer, ...]


MOST_SHOWN = 30
"""A wish for a whole region may stand for hundreds of placements; so many are told, the best ranks first."""


def explain_student(round_: Round, result: Result, student_id: str, *, why_not: str | None = None, language: str | None = None) -> StudentAnswer:
    """Explain a result to one student.

    Parameters
    ----------
    round_, result
        The round, and a result that was verified against it.
    student_id
        Whom to tell.
    why_not
        One placement to explain, wished for or not; otherwise every placement that the wishes cover.
    language
        nl, en or fr; otherwise that of the round.

    Raises
    ------
    CodedError
        The round does not know the student or the placement.
    """
    language = language or round_.settings.language
    compiled = compile_round(round_)
    facts = compiled.facts
    s = _code(facts.student_index, student_id)
    if s < 0:
        raise CodedError("explain.unknown_student", student=student_id)
    candidates = compiled.wishes.between(s, s + 1)
    ranks = dict(zip(candidates.p.tolist(), candidates.rank.tolist(), strict=True))
    eligible = compiled.eligibility.judge(candidates.s, candidates.p).eligible
    largest = int(compiled.wishes.largest[s])
    # Of the placements that no wish names only those that are allowed are worth telling.
    worth = [(rank, p) for p, rank, allowed in zip(ranks, ranks.values(), eligible.tolist(), strict=True) if allowed or 0 < rank <= largest]
    asked = [p for _, p in sorted(worth)[:MOST_SHOWN]]
    if why_not is not None:
        asked = [_code(facts.placement_index, why_not)]
        if asked[0] < 0:
            raise CodedError("explain.unknown_placement", placement=why_not)
    rows = result.matches[result.matches["student_id"] == student_id]
    got = set(rows["placement_id"].dropna())
    filled = result.matches["placement_id"].value_counts()
    seats, proven = compiled.seats, result.reason == Reason.OPTIMAL
    usable = np.bincount(seats.placement, weights=seats.upper, minlength=len(facts.placements)).astype(np.int64)

    def answer(p: int) -> WishAnswer:
        placement = str(facts.placement_index[p])
        broken = compiled.eligibility.broken_by(s, p)
        taken = int(filled.get(placement, 0))
        least = int(seats.open_or_closed[seats.first[p]])
        words: dict[str, object] = {"placement": placement, "filled": taken, "usable": int(usable[p]), "least": least}
        if placement in got:
            code = "explain.yours"
        elif broken:
            code = "explain.not_allowed"
            words["why"] = "; ".join(say(f"rule.{rule.name}", language, **rule.because(s, p)) for rule in broken)
        elif p not in ranks:
            code = "explain.not_wished"
        elif taken >= usable[p]:
            code = "explain.full" if proven else "explain.full_now"
        elif not taken and least:
            code = "explain.closed"
        else:
            code = "explain.open" if proven else "explain.open_now"
        return WishAnswer(placement, ranks.get(p, 0), code, say(code, language, **words), tuple(rule.name for rule in broken))

    return StudentAnswer(student_id, tuple(rows["sentence"]), tuple(answer(p) for p in asked))


def _code(index: pd.Index[str], name: str) -> int:
    return int(index.get_indexer(pd.Index([name], dtype="str"))[0])
