"""Write docs/format.md from the code: `python docs/make_format.py`. A test holds that the page is up to date."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from matcher.schema import TABLES, Column, Table  # noqa: E402 - the path comes first
from matcher.words import catalogue, say  # noqa: E402

PAGE = ROOT / "docs" / "format.md"

HEAD = """# The format of a round

<!-- Written by docs/make_format.py; change the code, not this page. -->

A round is a folder of CSV or Parquet files with the names below, a zip of such a folder, one workbook with a sheet per table, or one JSON
document with the same names. Only `students`, `placements` and `preferences` are required, and in them only the columns marked `*`. A
missing optional column switches its rule off; an empty cell means "not known". Several values in a cell are separated by `|`; `none` says
that there are none. Dates are written 2027-02-08. Dutch, English and French names of tables and columns are understood, wishes may stand
in columns `Voorkeur 1`, `Voorkeur 2`, ...; further columns may be added and used in filters.

`matcher template FILE.xlsx` writes an empty workbook; `matcher convert FROM TO` changes between the forms (folder, `.zip`, `.xlsx`,
`.json`, and from PrefLib `.soi`, `.soc`, `.toi`, `.toc`). What the values mean stands in [rules.md](rules.md).
"""

SETTINGS = """
## round.toml

Every setting has a default, so the file may be missing. In a workbook a sheet `settings` with the columns section, key and value takes its place.

```toml
[round]
id = "spring-2027"
name = "Spring 2027"
seed = 0                      # chooses among equally good matchings
language = "nl"               # nl, en or fr: reasons and reports
start_date = 2027-02-08

[rules]                       # each rule of rules.md: hard (the default), soft or off
competences = "soft"
unlisted = "no"               # "last": also outside the wishes, as one rank more
no_wishes = "any"             # "skip": who gave no wishes stays out
unranked = "last"             # "no": a placement with rankings takes only whom it ranked
mentor_capacity = "hard"      # or "off"

[rules.weights]
competences = 2               # what a matched pair that breaks the soft rule costs

[own_company]
allowed = ["working", "employee"]

[policy]
mechanism = "optimal"
tiers = ["placed_mandatory", "placed", "soft", "rank", "travel"]
rank_measure = "sum"          # or a profile: "greedy", "generous", "rank_maximal"

[budget]
seconds = 600

[travel]
detour = 1.25
speed_car = 45                # km/h; also speed_pt, speed_bike, speed_foot, overhead_car ...
```

## The result folder

| file | what |
| --- | --- |
| `matches.csv` | a row per student and period: `student_id, placement_id` (empty: unplaced)`, period_id, rank, status, reason, sentence` |
| `placements.csv` | capacity, usable capacity and what limits it, filled, free, price |
| `quotas.csv` | activity, bounds, violation, price |
| `result.json` | outcome, reason, tiers, rank measure, counts, what every rule removed, seed, digest, engine, seconds per stage, `peak_mb` |
| `proof.npz` | the prices that prove the bound ([proof.md](proof.md)) |
| `report.html`, `report.xlsx` | for people |

`peak_mb` in `result.json` is the most memory that the run can have held, in MB (millions of bytes): the largest resident memory of the program and that
of its solver, together. It is null on Windows, which does not tell.

`tiers` in `result.json` is a list of objects with `name`, `value`, `bound` and `gap`, in the order in which the tiers were taken. `bound` is what no
matching can beat given the tiers before it (null: nothing is proven), `gap` is |value - bound| / max(1, |value|): 0 means proven optimal. With a
profile measure the tier `rank` has lists instead: `"value": [20, 9, 5, 0, 1]` counts the students at choice 1, 2, ... up to the largest rank that
anybody could have got, and `"bound": [20, 10, null, null, null]` says that nobody can have more than 10 at choice 2 when 20 have their first choice,
and that nothing is proven of the choices that count less (with `generous`: of the better choices). The gap is then that of the one choice at which
value and bound differ.

Texts in the CSV files that begin with `=`, `+`, `-` or `@` get an apostrophe in front, so that no spreadsheet takes them for a formula; reading takes it off.
"""


def about(table: Table, column: Column) -> str:
    """What a column is for, as the template's comment says it."""
    own = f"reading.cell_of.{table.name}.{column.name}"
    return say(own if own in catalogue() else f"reading.cell.{column.name}", "en").replace("|", r"\|")


def lines(table: Table) -> Iterator[str]:
    """One table of the page."""
    yield f"\n## {table.name}{' *' if table.required else ''}\n"
    yield "| column | kind | what |"
    yield "| --- | --- | --- |"
    for column in table.columns:
        kind = f"one of {', '.join(column.choices)}" if column.choices else column.kind
        points = f", of {column.refers}" if column.refers else ""
        yield f"| `{column.name}`{'*' if column.required else ''} | {kind}{points} | {about(table, column)} |"


def page() -> str:
    """The whole page."""
    return HEAD + "\n".join(line for table in TABLES.values() for line in lines(table)) + "\n" + SETTINGS


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
