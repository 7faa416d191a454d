"""Tokens that are compared with each other must be spelled alike: languages, checks, competences, patterns, periods, forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd

from matcher.errors import Issue
from matcher.intake.cells.tokens import SIBLINGS, spellings, vocabulary_of
from matcher.intake.columns import as_text, distinct
from matcher.intake.findings import UNKNOWN, Reading, assumed
from matcher.intake.raw import RawRound
from matcher.intake.typed import Typed
from matcher.intake.typing_cells import report


def vocabulary(raw: RawRound, table: str, column: str) -> set[str]:
    """The tokens that a column and those it is compared with use beyond doubt."""
    siblings = next((group for group in SIBLINGS if (table, column) in group), ((table, column),))
    cells: set[str] = set()
    for name, other in siblings:
        if name in raw.tables and other in raw.tables[name].frame:
            cells.update(distinct(as_text(raw.tables[name].frame[other]))[1])
    return vocabulary_of(cells)


def unify(typed: Typed) -> Iterator[Issue]:
    """Give each token the spelling that most cells use, in the typed tables, and warn for every cell that is changed."""
    for siblings in SIBLINGS:
        present = [(table, column) for table, column in siblings if typed.has(table, column)]
        coded = {place: distinct(typed.frames[place[0]][place[1]]) for place in present}
        counts: Counter[str] = Counter()
        for codes, found in coded.values():
            times = np.bincount(codes[codes >= 0], minlength=len(found))
            for text, n in zip(found, times.tolist(), strict=True):
                for token in str(text).split("|"):
                    counts[token] += n
        usual = spellings(counts)
        if not usual:
            continue
        for (table, column), (codes, found) in coded.items():
            readings = {number: [_respell(str(text), usual)] for number, text in enumerate(found) if not usual.keys().isdisjoint(str(text).split("|"))}
            if not readings:
                continue
            values = found.copy()
            for number, (reading,) in readings.items():
                values[number] = reading.value
            frame = typed.frames[table]
            frame[column] = pd.Series(np.append(values, UNKNOWN).astype(object)[codes], index=frame.index, dtype="str")
            yield from report(typed.places[table], column, codes, found, readings)


def _respell(text: str, usual: dict[str, str]) -> Reading:
    better = "|".join(dict.fromkeys(usual.get(token, token) for token in text.split("|")))
    token = next(token for token in text.split("|") if token in usual)
    return assumed(better, "token_spelling", better, token=token, usual=usual[token])
