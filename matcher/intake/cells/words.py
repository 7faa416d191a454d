"""Words for yes and no, for the choices of a column, and for ranks, in Dutch, English and French (the words stand in words.toml)."""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from functools import cache
from importlib import resources

from matcher.intake.columns import tidy
from matcher.intake.findings import UNKNOWN, Reading, refused, understood
from matcher.schema import NO, Column

_ZEROS = re.compile(r"\.0+$")
_RANK = re.compile(
    r"#?\s*(?:keuze|voorkeur|choice|choix|rang|rank|nr\.?|n°)?\s*(\d+)\s*(?:\.|°|e|de|ste|st|nd|rd|th|er|re|ère|ème|eme)?\s*(?:keuze|choice|choix)?",
    re.IGNORECASE,
)


@cache
def words(kind: str) -> frozenset[str]:
    """The words of one kind, in lower case: unknown, yes, no, refusal, empty, endless."""
    return frozenset(_file()[kind])


@cache
def meanings(kind: str) -> dict[str, str]:
    """Word, in lower case, -> what it stands for: a choice of the column `kind`, or a number of a month. Empty for a kind that has none."""
    return {word: meaning for meaning, several in _file().get(kind, {}).items() for word in several}


@cache
def _file() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


def is_unknown(word: str) -> bool:
    """Whether a text says that something is not known, so that it is as good as an empty cell."""
    return word.casefold() in words("unknown")


def read_flag(text: str) -> Reading:
    """True or false, in any of the three languages."""
    word = tidy(text).casefold()
    if word in words("yes"):
        return understood(value=True)
    if word in words("no"):
        return understood(value=False)
    return understood(UNKNOWN, "unknown_word") if is_unknown(word) else refused("flag_unreadable")


def read_choice(text: str, column: Column, table: str) -> Reading:
    """One of the column's choices, in any case, or another word for it."""
    word = tidy(text).casefold()
    for same in (word, word.replace(" ", "_")):
        if same in column.choices:
            return understood(same, "" if same == text else "words_read")
    others = meanings(column.name) or meanings(f"{table}.{column.name}")
    if word in others:
        return understood(others[word], "words_read")
    if is_unknown(word) and not column.required:
        return understood(UNKNOWN, "unknown_word")
    close = get_close_matches(word, [*column.choices, *others], n=1)
    return refused("choice_unknown", others.get(close[0], close[0]) if close else None, choices=", ".join(column.choices))


def read_rank(text: str, column: Column) -> Reading:
    """1, 2, 3 ... or `no`; also `1ste`, `2nd`, `keuze 3`, `geen`."""
    word = tidy(text).casefold()
    if word in words("refusal"):
        return understood(NO, "" if word == "no" else "rank_words")
    found = _RANK.fullmatch(_ZEROS.sub("", word))
    if found is None:
        return refused("rank_unreadable")
    rank = int(found[1])
    if rank == 0:
        return refused("rank_zero")
    if column.high is not None and rank > column.high:
        return refused("above_maximum", high=f"{column.high:.0f}")
    return understood(rank, "" if found[0] == found[1] else "rank_words")
