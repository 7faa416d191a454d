"""Texts of cells, cleaned: no blanks around them, no signs that nobody sees, and nothing rather than an empty text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from matcher.intake.arrow import arrow

_BLANKS = re.compile(r"[\u00a0\u2007\u202f]")
_INVISIBLE = re.compile(r"[\x00\u200b-\u200f\u2060\ufeff\u00ad]")
_BLANKS_RE2 = r"[\x{a0}\x{2007}\x{202f}]"
_INVISIBLE_RE2 = r"[\x{0}\x{200b}-\x{200f}\x{2060}\x{feff}\x{ad}]"
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_VISIBLE = (0x21, 0x7E)
_DIGITS = 15
"""Spreadsheets show and compare fifteen digits; more are rounding noise."""


def clean(text: str) -> str:
    """One text without invisible signs, with plain blanks, and none around it."""
    return _BLANKS.sub(" ", _INVISIBLE.sub("", text)).strip()


def cleaned(texts: Any) -> pd.Series:
    """The same for an Arrow array of texts, as a column in which empty cells are missing. O(n), without a loop over cells."""
    pa, pc = arrow()

    if not _is_plain(texts):
        if pc.any(pc.match_substring_regex(texts, _INVISIBLE_RE2)).as_py():
            texts = pc.replace_substring_regex(texts, _INVISIBLE_RE2, "")
        if pc.any(pc.match_substring_regex(texts, _BLANKS_RE2)).as_py():
            texts = pc.replace_substring_regex(texts, _BLANKS_RE2, " ")
        texts = pc.utf8_trim_whitespace(texts)
    if pc.min(pc.binary_length(texts)).as_py() == 0:
        texts = pc.if_else(pc.equal(texts, ""), pa.scalar(None, texts.type), texts)
    return as_column(texts)


def _is_plain(texts: Any) -> bool:
    """Whether the texts hold nothing but visible ASCII signs: a look at their bytes, which costs next to nothing."""
    for chunk in getattr(texts, "chunks", None) or [texts]:
        buffer = chunk.buffers()[-1] if len(chunk) else None
        octets = np.frombuffer(buffer, dtype=np.uint8) if buffer is not None else np.zeros(0, dtype=np.uint8)
        if len(octets) and not _VISIBLE[0] <= octets.min() <= octets.max() <= _VISIBLE[1]:
            return False
    return True


def as_column(texts: Any) -> pd.Series:
    """An Arrow array of texts as a `str` column; the texts are not copied."""
    pa, _ = arrow()

    if not pa.types.is_large_string(texts.type):
        texts = texts.cast(pa.large_string())
    return pd.Series(pd.array(texts, dtype="str"), copy=False)


def text_column(cells: Iterable[str | None]) -> pd.Series:
    """A cleaned column of texts."""
    pa, _ = arrow()

    values = list(cells)
    try:
        array = pa.array(values, type=pa.large_string())
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can write
        array = pa.array([None if value is None else _SURROGATES.sub("\ufffd", value) for value in values], type=pa.large_string())
    return cleaned(array)


def missing_column(length: int) -> pd.Series:
    """A column without any cell filled."""
    return pd.Series(np.full(length, np.nan, dtype=object), dtype="str")


def cell_text(value: object) -> str | None:
    """A spreadsheet's or a document's cell as a person would type it: whole numbers without a point, ISO dates, true and false."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (list, tuple)):
        return "|".join(clean(cell_text(item) or "") for item in value) or "none"
    return str(value)


def _number_text(value: float) -> str | None:
    if value != value:  # noqa: PLR0124 - NaN is the number that is not itself
        return None
    if value.is_integer() and abs(value) < 10**_DIGITS:
        return str(int(value))
    return f"{value:.{_DIGITS}g}"


def cell_texts(values: Sequence[object]) -> pd.Series:
    """A cleaned column of any cells."""
    return text_column(value if isinstance(value, str) else cell_text(value) for value in values)
