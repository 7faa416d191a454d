"""The round's students and placements in order of their ids, encoded once for all rules.

Everything below works with codes: student s and placement p are positions in the sorted id arrays, so the order of rows in
the files can change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.round import Round

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Ids = npt.NDArray[np.object_]


def encode(values: pd.Series, index: pd.Index) -> Codes:
    """int32 positions of the values in an index of unique ids; -1 where missing or unknown. O(n) hashing of the distinct values."""
    codes, uniques = pd.factorize(values)
    positions = np.append(index.get_indexer(uniques), -1).astype(np.int32)
    return positions[codes]


def listed(cells: pd.Series, index: pd.Index) -> tuple[npt.NDArray[np.int64], Codes]:
    """The tokens of a column of token lists: the row of each, and its position in the index (-1: not there). Texts are split once per distinct cell."""
    codes, uniques = pd.factorize(cells)
    lists = [str(cell).split("|") for cell in uniques]
    sizes = np.array([*map(len, lists), 0], dtype=np.int64)
    tokens = encode(pd.Series([token for tokens in lists for token in tokens], dtype="str"), index)
    count = sizes[codes]
    row = np.repeat(np.arange(len(cells)), count)
    return row, tokens[spelled_out((np.cumsum(sizes) - sizes)[codes], count)]


def spelled_out(first: npt.NDArray[np.int64] | Codes, count: npt.NDArray[np.int64] | Codes) -> npt.NDArray[np.int64]:
    """The numbers first[i], first[i] + 1, ..., count[i] of them, for each i in turn: how rows of a compressed list are read all at once."""
    numbers: npt.NDArray[np.int64] = np.arange(int(count.sum())) + np.repeat(first - (np.cumsum(count, dtype=np.int64) - count), count)
    return numbers


def fanned(first: npt.NDArray[np.int64] | Codes, count: npt.NDArray[np.int64] | Codes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The numbers of `spelled_out`, and behind which i each of them stands: (i, number)."""
    return np.repeat(np.arange(len(count)), count), spelled_out(first, count)


def inherited(own: pd.Series, company: Codes, companies: pd.DataFrame, column: str) -> pd.Series:
    """A placement's sector or region: its own cell, else that of its company."""
    if column not in companies.columns or companies.empty:
        return own
    of_company = companies[column].take(np.maximum(company, 0)).set_axis(own.index)
    return own.where(own.notna() | (company < 0), of_company)


@dataclass(frozen=True)
class Facts:
    """The encoded tables.

    Attributes
    ----------
    round
        Where everything comes from.
    students, placements
        The tables sorted by id, with a plain index; `placements` has its sector and region filled in from the company.
    """

    round: Round
    students: pd.DataFrame
    placements: pd.DataFrame

    @classmethod
    def of(cls, round_: Round) -> Facts:
        """Sort and encode the tables of a round."""
        students = round_.table("students").sort_values("student_id", ignore_index=True)
        placements = round_.table("placements").sort_values("placement_id", ignore_index=True)
        companies = round_.table("companies")
        if round_.has("companies") and "company_id" in placements:
            company = encode(placements["company_id"], pd.Index(companies["company_id"]))
            for column in ("sector_id", "region_id"):
                own = placements[column] if column in placements else pd.Series(np.nan, index=placements.index, dtype="str")
                placements[column] = inherited(own, company, companies, column)
        return cls(round_, students, placements)

    @cached_property
    def student_index(self) -> pd.Index[str]:
        """Ids of students by code."""
        ids: pd.Index[str] = pd.Index(self.students["student_id"], dtype="str")
        return ids

    @cached_property
    def placement_index(self) -> pd.Index[str]:
        """Ids of placements by code."""
        ids: pd.Index[str] = pd.Index(self.placements["placement_id"], dtype="str")
        return ids

    @cached_property
    def student_ids(self) -> Ids:
        """The same as an array of texts."""
        return self.students["student_id"].to_numpy(dtype=object)

    @cached_property
    def placement_ids(self) -> Ids:
        """Ids of placements by code, as an array of texts."""
        return self.placements["placement_id"].to_numpy(dtype=object)

    def student(self, column: str) -> pd.Series | None:
        """A column of the students that holds at least one value, else None."""
        return _filled(self.students, column)

    def student_flag(self, column: str) -> Flags:
        """A column of flags of the students, false where not known."""
        cells = self.student(column)
        return np.zeros(len(self.students), dtype=np.bool_) if cells is None else cells.fillna(value=False).to_numpy(dtype=np.bool_)

    def placement(self, column: str) -> pd.Series | None:
        """A column of the placements that holds at least one value, else None."""
        return _filled(self.placements, column)

    def of_programme(self, column: str) -> pd.Series | None:
        """A column of `programmes`, one value per student (missing where the programme is unknown), else None."""
        programme = self.student("programme_id")
        table = self.round.table("programmes")
        if programme is None or _filled(table, column) is None:
            return None
        code = encode(programme, pd.Index(table["programme_id"]))
        found = table[column].take(np.maximum(code, 0)).set_axis(programme.index)
        return _filled(found.where(code >= 0).to_frame(column), column)

    @cached_property
    def companies(self) -> pd.Index:
        """All company ids that placements name, sorted: the code space of companies."""
        named = self.placement("company_id")
        return pd.Index([], dtype="str") if named is None else pd.Index(named.dropna().unique()).sort_values()

    @cached_property
    def company_of_placement(self) -> Codes:
        """The company code of each placement; -1 where not known."""
        named = self.placement("company_id")
        return np.full(len(self.placements), -1, dtype=np.int32) if named is None else encode(named, self.companies)

    def day(self, column: pd.Series | None, length: int) -> npt.NDArray[np.float64]:
        """Days since 1970 as float64, NaN where missing (or where there is no column)."""
        if column is None:
            return np.full(length, np.nan)
        days = column.to_numpy(dtype="datetime64[D]").astype("int64").astype("float64")
        days[column.isna().to_numpy()] = np.nan
        return days

    @cached_property
    def start_date(self) -> float:
        """The round's start in days since 1970, NaN where not given."""
        date = self.round.settings.start_date
        return float("nan") if date is None else float(np.datetime64(date, "D").astype("int64"))

    @cached_property
    def start(self) -> npt.NDArray[np.float64]:
        """Start of each placement in days: `from`, else the round's start."""
        days = self.day(self.placement("from"), len(self.placements))
        return np.where(np.isnan(days), self.start_date, days)

    @cached_property
    def end(self) -> npt.NDArray[np.float64]:
        """End of each placement in days: `to`, else its start."""
        days = self.day(self.placement("to"), len(self.placements))
        return np.where(np.isnan(days), self.start, days)


def _filled(frame: pd.DataFrame, column: str) -> pd.Series | None:
    if column not in frame.columns or not frame[column].notna().any():
        return None
    return frame[column]
