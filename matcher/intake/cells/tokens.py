"""Token lists: `nl|fr`, as people write them: other separators, stray blanks, other spellings of the same token."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable

from matcher.errors import Fix
from matcher.intake.cells.words import is_unknown, words
from matcher.intake.columns import fold, tidy
from matcher.intake.findings import UNKNOWN, Reading, understood

NONE = "none"
_SEPARATORS = re.compile(r"\s*[,;/\n]\s*")
_UNTIDY = re.compile(r"^\||\|$|\|\||\s")
_SIGNS = (",", ";", "/", "\n")

SIBLINGS = (
    (("students", "form"), ("programmes", "form"), ("placements", "forms")),
    (("students", "languages"), ("placements", "languages")),
    (("students", "checks"), ("placements", "checks_required")),
    (("students", "competences_needed"), ("programmes", "competences_company"), ("placements", "competences")),
    (("students", "pattern"), ("placements", "pattern")),
    (("students", "periods"), ("placements", "period_id")),
)
"""Columns that are compared with each other, so that their tokens must be spelled the same."""


def is_plain(text: str) -> bool:
    """Whether a list is written as the format asks, so that nothing needs to be read."""
    if any(sign in text for sign in _SIGNS):
        return False
    if text == NONE:
        return True
    return not (_UNTIDY.search(text) or is_unknown(text) or text.casefold() in words("empty"))


def read(text: str, vocabulary: Container[str], enough: Callable[[Iterable[bool]], bool] = all) -> Reading:
    """Understand a list; a cell is divided at other separators when all (or `any`) of the parts are in the vocabulary."""
    word = tidy(text).casefold()
    if word in words("empty"):
        return understood(NONE, "" if text == NONE else "words_read")
    if is_unknown(word):
        return understood(UNKNOWN, "unknown_word")
    tokens: list[str] = []
    code = ""
    doubtful = False
    for part in text.split("|"):
        whole = tidy(part)
        if not whole:
            continue
        pieces = [whole] if whole in vocabulary else _pieces(part, vocabulary, enough)
        if pieces is None:
            doubtful, pieces = True, [whole]
        elif len(pieces) > 1:
            code = "separator_read"
        tokens += pieces
    if len(tokens) > 1:
        tokens = [token for token in tokens if token.casefold() != NONE]
    value = "|".join(dict.fromkeys(tokens)) or UNKNOWN
    if doubtful:
        split = [tidy(piece) for token in tokens for piece in _SEPARATORS.split(token)]
        return Reading(value, "separator_doubtful", "warning", Fix("|".join(dict.fromkeys(piece for piece in split if piece))))
    return understood(value, code)


def _pieces(part: str, vocabulary: Container[str], enough: Callable[[Iterable[bool]], bool]) -> list[str] | None:
    """A part divided at other separators (or blanks) into known tokens; None where a separator stands between unknown ones."""
    pieces = [piece for piece in (tidy(piece) for piece in _SEPARATORS.split(part)) if piece]
    if len(pieces) > 1:
        return pieces if enough(piece in vocabulary for piece in pieces) else None
    words = tidy(part).split(" ")
    if len(words) > 1 and all(word in vocabulary for word in words):
        return words
    return pieces


def vocabulary_of(cells: Iterable[str]) -> set[str]:
    """The tokens that stand alone somewhere, or between other separators at least twice."""
    alone: set[str] = set()
    between: Counter[str] = Counter()
    for cell in cells:
        for part in cell.split("|"):
            pieces = [tidy(piece) for piece in _SEPARATORS.split(part)]
            if len(pieces) == 1:
                alone.add(pieces[0])
            else:
                between.update(pieces)
    return (alone | {piece for piece, times in between.items() if times > 1}) - {""}


def spellings(counts: Counter[str]) -> dict[str, str]:
    """Token -> the spelling that most cells use, for tokens that differ from another only in case, blanks, dashes or dots."""
    groups: dict[str, list[str]] = {}
    for token in counts:
        groups.setdefault(fold(token), []).append(token)
    usual = {}
    for same in groups.values():
        if len(same) > 1:
            best = max(same, key=lambda token: (counts[token], token))
            usual.update({token: best for token in same if token != best})
    return usual
