"""The Round: what a person wrote, typed and checked, never changed again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.schema import TABLES, Kind, Table
from matcher.settings import Settings

DTYPES: dict[Kind, str] = {
    "id": "str",
    "text": "str",
    "choice": "str",
    "tokens": "str",
    "filter": "str",
    "count": "float64",
    "number": "float64",
    "flag": "boolean",
    "date": "datetime64[s]",
    "rank": "int32",
}


def canonical_dtype(table: Table, column: str) -> str:
    """The dtype of a column in a Round; columns outside the format are text."""
    known = table.column(column)
    if known is None:
        return "str"
    return "int64" if known.kind == "count" and known.required else DTYPES[known.kind]


@dataclass(frozen=True)
class Round:
    """A sound round: every table typed as `matcher.schema` says, every reference known.

    A table's index holds the row numbers of the file it came from (the header is row 1), for messages. Tables are handed out as shallow
    copies, so that nobody can change the round (pandas copies on write).

    Parameters
    ----------
    tables
        Table name -> frame; only tables that were there. Optional columns that were not there are absent: their rule is off.
    settings
        What `round.toml` said.
    sources
        Table name -> where it came from, for messages ("students.csv").
    """

    tables: Mapping[str, pd.DataFrame]
    settings: Settings = field(default_factory=Settings)
    sources: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", MappingProxyType(dict(self.tables)))
        object.__setattr__(self, "sources", MappingProxyType(dict(self.sources)))

    def __getstate__(self) -> dict[str, object]:
        return {"tables": dict(self.tables), "settings": self.settings, "sources": dict(self.sources)}

    def __setstate__(self, state: dict[str, object]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, MappingProxyType(value) if isinstance(value, dict) else value)

    def table(self, name: str) -> pd.DataFrame:
        """The table, or an empty one with its required columns where the round has none."""
        if name in self.tables:
            return self.tables[name].copy(deep=False)
        shape = TABLES[name]
        columns = {c.name: pd.Series(dtype=canonical_dtype(shape, c.name)) for c in shape.columns if c.required}
        return pd.DataFrame(columns)

    def has(self, table: str, column: str | None = None) -> bool:
        """Whether the round has the table (with at least one row), and in it the column."""
        if table not in self.tables or self.tables[table].empty:
            return False
        return column is None or column in self.tables[table].columns

    def with_settings(self, **changes: object) -> Round:
        """The same tables under changed settings."""
        return replace(self, settings=replace(self.settings, **changes))  # type: ignore[arg-type]  # the names are checked by replace

    @cached_property
    def digest(self) -> str:
        """A fingerprint of tables and settings, the same whatever the order of rows and columns.

        Of the settings only those count that can change what is right: not the language, the names, the budget or the seed. Rows are hashed
        to 64 bits each and the sorted hashes to SHA-256: it names the content; it is no defence against someone who forges collisions.
        """
        total = hashlib.sha256(_spelled(replace(self.settings, language="", name="", seed=0, seconds=None, gap=0.0)).encode())
        for name in sorted(self.tables):
            frame = self.tables[name]
            total.update(f"{name}:{','.join(sorted(frame.columns))}:{len(frame)}".encode())
            rows: npt.NDArray[np.uint64] = np.zeros(len(frame), dtype=np.uint64)
            for column in sorted(frame.columns):
                values = frame[column].astype("str") if frame[column].dtype == "boolean" else frame[column]
                rows *= np.uint64(0x9E3779B97F4A7C15)
                rows += pd.util.hash_pandas_object(values, index=False).to_numpy(dtype=np.uint64)
            total.update(np.sort(rows).tobytes())
        return total.hexdigest()


def _spelled(value: object) -> str:
    """A value as text, mappings in order of their keys."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{_spelled(value[key])}" for key in sorted(value)) + "}"
    if is_dataclass(value):
        return "(" + ",".join(f"{part.name}={_spelled(getattr(value, part.name))}" for part in fields(value)) + ")"
    return repr(value)
