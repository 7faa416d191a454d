"""Round folders: one CSV file per table and round.toml, the same to the byte for the same content."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sheet:
    """A table as text: headers and rows."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> list[str]:
        """The cells of a column."""
        position = self.headers.index(name)
        return [row[position] for row in self.rows]


def sheet(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> Sheet:
    """Make every cell text."""
    return Sheet(tuple(headers), tuple(tuple("" if cell is None else str(cell) for cell in row) for row in rows))


def from_columns(columns: Mapping[str, Sequence[object]]) -> Sheet:
    """A table from its columns."""
    return sheet(list(columns), zip(*columns.values(), strict=True))


def write_folder(folder: Path, tables: Mapping[str, Sheet], settings: str) -> None:
    """Write a round: UTF-8, commas, line feeds."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        write_csv(folder / f"{name}.csv", table)
    (folder / "round.toml").write_text(settings, encoding="utf-8", newline="\n")


def write_csv(path: Path, table: Sheet, *, delimiter: str = ",", encoding: str = "utf-8", newline: str = "\n") -> None:
    """Write one table."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=newline)
        writer.writerow(table.headers)
        writer.writerows(table.rows)
