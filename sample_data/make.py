"""Make all sample data from one seed: `python sample_data/make.py [--seed N] [--out DIR]`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from making.college import college
from making.small import small
from making.spoil import spoil
from making.tables import write_folder
from making.workbook import Grid, settings_sheet, workbook, write_belgian_csv, write_xlsx

SEED = 2030


def main() -> None:
    """Write everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    given = parser.parse_args()
    write_folder(given.out / "small", *small(given.seed))
    tables, settings = college(given.seed)
    write_folder(given.out / "college", tables, settings)
    dirty(given.out, given.seed, workbook(tables), settings)


def dirty(out: Path, seed: int, grids: dict[str, Grid], settings: str) -> None:
    """Spoil the workbook, and write it as XLSX, as Belgian CSV, and what was spoilt."""
    planted = spoil(seed, grids)
    write_xlsx(out / "college-dirty.xlsx", {**grids, "Instellingen": settings_sheet(settings)})
    write_belgian_csv(out / "college-dirty-csv", grids)
    (out / "college-dirty-csv" / "round.toml").write_text(settings, encoding="utf-8", newline="\n")
    expected = {"problems": sum(sum(codes.values()) for codes in planted.values()), "kinds": planted}
    (out / "dirty-expected.json").write_text(json.dumps(expected, indent=2) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
