"""What people call tables and columns, in Dutch, English and French (the words stand in names.toml)."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from matcher.schema import TABLES
from matcher.words import LANGUAGES

_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "°": "o"})
_SIGNS = re.compile(r"[\W_]+")
_NOISE = frozenset(
    (
        *("export", "lijst", "list", "liste", "tabel", "table", "tbl", "def", "definitief", "final", "finaal", "versie", "version", "v"),
        *("kopie", "copy", "copie", "sheet", "blad", "feuil", "feuille", "data", "totaal", "alle", "all"),
    )
)
_LONGEST = 80
_LOOKED_AT = 300
_ORDINALS = {
    word: number
    for number, words in enumerate(
        (
            "eerste first premier premiere",
            "tweede second deuxieme",
            "derde third troisieme",
            "vierde fourth quatrieme",
            "vijfde fifth cinquieme",
            "zesde sixth sixieme",
            "zevende seventh septieme",
            "achtste eighth huitieme",
            "negende ninth neuvieme",
            "tiende tenth dixieme",
        ),
        start=1,
    )
    for word in words.split()
}
_WISH = "(?:voorkeur|voorkeuren|keuze|keus|wens|preference|pref|prefs|choice|wish|choix|voeu|voeux|souhait|rang|rank)"
_NUMBERED = re.compile(rf"{_WISH}(?:nummer|number|numero|nr|no|n)?0*([1-9]\d{{0,3}})(?:stageplaats|plaats|placement|place|lieu|lieudestage)?")
_COUNTED = re.compile(rf"0*([1-9]\d{{0,3}})(?:e|de|ste|st|nd|rd|th|er|ere|re|eme)?{_WISH}")
_WORDED = re.compile(rf"({'|'.join(_ORDINALS)}){_WISH}")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is known about the columns of one table.

    Attributes
    ----------
    exact
        Folded title or own name -> column: needs no remark.
    loose
        Folded other name -> column.
    either
        Folded name -> the two columns it may mean; the other one decides.
    """

    exact: Mapping[str, str]
    loose: Mapping[str, str]
    either: Mapping[str, tuple[str, str]]

    def column(self, header: str) -> str | None:
        """The column a header names beyond doubt."""
        for text in _folded(header):
            if text in self.exact or text in self.loose:
                return self.exact.get(text) or self.loose[text]
        return None

    def is_exact(self, header: str) -> bool:
        """Whether the header is the column's own name or one of its titles."""
        return any(text in self.exact for text in _folded(header))

    def may_mean(self, header: str) -> tuple[str, str] | None:
        """The two columns that a header may name."""
        return next((self.either[text] for text in _folded(header) if text in self.either), None)


def fold(text: str) -> str:
    """What remains of a name when case, accents, blanks and punctuation do not matter."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return _SIGNS.sub("", "".join(sign for sign in plain if not unicodedata.combining(sign)))


@lru_cache(maxsize=10_000)
def _folded(header: str) -> tuple[str, str]:
    """The header folded, with and without what stands in brackets. A text as long as a sentence is no header."""
    return ("", "") if len(header) > _LONGEST else (fold(header), fold(_BRACKETS.sub(" ", header)))


def title(table: str, column: str, language: str) -> str:
    """The header of a column in a language, for templates and results. Columns outside the format keep their name."""
    names = _names_of(table, column)
    return str(names[language][0]) if names else column


def choice_words(column: str, choice: str) -> Mapping[str, str]:
    """Language -> the word for a choice of a column, for drop-downs and results."""
    words: dict[str, str] = _data()["choices"][column][choice]
    return words


def sheet_title(name: str, language: str) -> str:
    """The name of a sheet in a language: of a table, or `settings`, `readme`, `problems`, `changes`."""
    data = _data()
    return str((data["tables"].get(name) or data["sheets"][name])[language][0])


def setting_titles(language: str) -> tuple[str, str, str, str]:
    """Headers of the settings sheet: section, key, value, explanation."""
    section, key, value, explanation = (str(names[language][0]) for names in _data()["settings"].values())
    return section, key, value, explanation


@cache
def vocabulary(table: str) -> Vocabulary:
    """The names of the columns of a table."""
    exact: dict[str, str] = {}
    loose: dict[str, str] = {}
    for column in TABLES[table].columns:
        names = _names_of(table, column.name)
        exact |= {fold(name): column.name for name in (column.name, *(names[language][0] for language in LANGUAGES if names))}
        loose |= {fold(name): column.name for language in LANGUAGES if names for name in names[language][1:]}
    either = {fold(name): (one, other) for pair, names in _data()["either"].get(table, {}).items() for one, other in [pair.split("_or_")] for name in names}
    return Vocabulary(exact, {name: column for name, column in loose.items() if name not in exact}, either)


def table_of(name: str) -> tuple[str | None, bool]:
    """The table (or other sheet) that a file or sheet is called after, and whether that is beyond doubt.

    `Studenten 2026-2027 (def)` is called after students, but only if nothing else is; a name that fits two tables is called after none.
    """
    known = _sheets()
    if fold(name) in known:
        return known[fold(name)], True
    words = [fold(word) for word in re.split(r"[\W\d_]+", name)]
    words = [word for word in words if word and word not in _NOISE]
    if "".join(words) in known:
        return known["".join(words)], False
    found = {known[word] for word in words if word in known}
    return (found.pop(), False) if len(found) == 1 else (None, False)


def setting_columns(headers: Sequence[str]) -> dict[str, int]:
    """Positions of the columns section, key and value of a settings sheet, as far as they are there."""
    known = {fold(name): key for key, names in _data()["settings"].items() for name in (key, *(name for language in LANGUAGES for name in names[language]))}
    found: dict[str, int] = {}
    for position, header in enumerate(headers):
        if fold(header) in known:
            found.setdefault(known[fold(header)], position)
    return found


def wish_number(header: str) -> int | None:
    """N where a header says "wish number N" (Pref1, Voorkeur 2, 3e keuze, premier choix); None for other headers."""
    for text in _folded(header):
        found = _NUMBERED.fullmatch(text) or _COUNTED.fullmatch(text)
        if found:
            return int(found[1])
        worded = _WORDED.fullmatch(text)
        if worded:
            return _ORDINALS[worded[1]]
    return None


def matches(headers: Sequence[str], table: str | None) -> int:
    """How many different columns of the table, or of the sheet of settings, these texts are headers of; without either, of the best table."""
    texts = [text for text in headers[:_LOOKED_AT] if text]
    if table == "settings":
        return len(setting_columns(texts))
    return _matches(texts, table) if table in TABLES else max(_matches(texts, name) for name in TABLES)


def _matches(texts: Sequence[str], table: str) -> int:
    words = vocabulary(table)
    found = {words.column(text) for text in texts} - {None}
    doubtful = sum(words.may_mean(text) is not None for text in texts)
    wishes = {wish_number(text) for text in texts} - {None} if table in WIDE else set()
    return len(found) + doubtful + len(wishes)


def table_by_headers(headers: Sequence[str]) -> str | None:
    """The one table whose required columns are all there and which knows more of the headers than any other; None where there is none."""
    texts = [text for text in headers[:_LOOKED_AT] if text]
    scores: dict[str, tuple[int, int]] = {}
    for name, shape in TABLES.items():
        words = vocabulary(name)
        found = {words.column(text) for text in texts} - {None}
        required = {column.name for column in shape.columns if column.required}
        doubtful = sum(words.may_mean(text) is not None for text in texts)
        if required & found and len(required - found) <= doubtful:
            scores[name] = (len(found) + doubtful, len(required))
    best = max(scores.values(), default=(0, 0))
    winners = [name for name, score in scores.items() if score == best]
    return winners[0] if len(winners) == 1 else None


WIDE = ("students", "preferences")
"""Tables in which wishes may stand side by side."""


def _names_of(table: str, column: str) -> dict[str, list[str]] | None:
    names: dict[str, list[str]] | None = _data()["own"].get(table, {}).get(column) or _data()["columns"].get(column)
    return names


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("names.toml").read_text(encoding="utf-8"))


@cache
def _sheets() -> dict[str, str]:
    """Folded name -> table, or another kind of sheet."""
    data = _data()
    named = {**{name: data["tables"][name] for name in TABLES}, **data["sheets"]}
    return {fold(name): key for key, names in named.items() for name in (key, *(name for language in LANGUAGES for name in names[language]))}
