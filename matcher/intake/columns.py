"""Columns of cells as text: distinct values, positions among known ids, and stray blanks, all without a loop over rows."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.intake.arrow import arrow

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

# All kinds of blanks (also no-break), and characters without width that arrive with text pasted from elsewhere.
BLANKS = re.compile(r"[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
_JOINTS = re.compile(r"[\s\-\u2010-\u2015_./'\u2019]+")
_DIRTY = r"^[\s\x{a0}]|[\s\x{a0}]$|[\s\x{a0}]{2}|[\x{a0}\x{202f}\x{2000}-\x{200f}\x{2060}\x{feff}\x{ad}]"


def as_text(cells: pd.Series) -> pd.Series:
    """The cells as a person would type them: whole numbers without a point, ISO dates, lists joined by `|`; missing and empty cells are NaN."""
    if cells.dtype == "str":
        blank = cells == ""
        return cells.mask(blank) if blank.any() else cells
    if cells.dtype.kind == "M":
        midnight = cells.dropna().dt.normalize().equals(cells.dropna())
        days: pd.Series = cells.dt.strftime("%Y-%m-%d" if midnight else "%Y-%m-%dT%H:%M:%S").astype("str")
        return days
    if cells.dtype.kind in "iub":
        return cells.astype("str")
    return cells.map(_word, na_action="ignore").astype("str")


def _word(value: object) -> str | float:
    if isinstance(value, (list, tuple, set, np.ndarray)):
        return "|".join(str(_word(item)) for item in value) or "none"
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value) or np.nan


def distinct(cells: pd.Series) -> tuple[Codes, npt.NDArray[np.object_]]:
    """Each cell's number among the distinct texts (-1: missing), and those texts. O(n)."""
    pa, _ = arrow()
    encoded = pa.array(cells)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    encoded = encoded.dictionary_encode()
    codes: Codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes, encoded.dictionary.to_numpy(zero_copy_only=False)


def exploded(cells: pd.Series) -> pd.Series:
    """The tokens of a column of lists, each under the label of its row; missing cells have none. Texts are split once per distinct list."""
    codes, texts = distinct(cells)
    lists = [str(text).split("|") for text in texts]
    sizes = np.array([*map(len, lists), 0], dtype=np.int64)
    flat = pd.Series([token for tokens in lists for token in tokens], dtype="str")
    count = sizes[codes]
    first = np.repeat((np.cumsum(sizes) - sizes)[codes] - (np.cumsum(count) - count), count)
    return flat.take(np.arange(len(first)) + first).set_axis(cells.index.repeat(count))


def positions(cells: pd.Series, ids: pd.Series) -> Codes:
    """The position of each cell among distinct ids; -1 where it is missing or not among them. O(n + ids)."""
    pa, pc = arrow()
    found = pc.index_in(pa.array(cells), value_set=pa.array(ids.dropna()))
    codes: Codes = found.fill_null(-1).to_numpy(zero_copy_only=False) if isinstance(found, pa.Array) else found.fill_null(-1).to_numpy()
    return codes


def any_match(cells: pd.Series, pattern: str) -> bool:
    """Whether a pattern (RE2) is found in any cell."""
    pa, pc = arrow()
    return bool(pc.any(pc.match_substring_regex(pa.array(cells), pattern)).as_py())


def has_stray_blanks(cells: pd.Series) -> bool:
    """Whether `tidy` would change any cell."""
    return any_match(cells, _DIRTY)


def tidy(text: str) -> str:
    """The text without blanks at its ends, with single blanks inside, and without invisible characters."""
    return BLANKS.sub(" ", INVISIBLE.sub("", text)).strip()


def fold(text: str) -> str:
    """What remains of a text when case, blanks, dashes and dots do not matter (other signs do: C++ is not C#)."""
    return _JOINTS.sub("", tidy(text).casefold())
