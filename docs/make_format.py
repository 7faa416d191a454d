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
overlap = "hard"              # or "off": a student's places in different periods may share days
teams = "period"              # "path": members go together over all periods, and not in each of them

[rules.weights]
competences = 2               # what a matched pair that breaks the soft rule costs

[own_company]
allowed = ["working", "employee"]

[policy]
mechanism = "optimal"
tiers = ["placed_mandatory", "placed", "soft", "rank", "travel", "soft:later"]
rank_measure = "sum"          # or a profile: "greedy", "generous" (also "leximin"), "rank_maximal"
weights = { rank = 1.0, travel = 0.1 }   # these two tiers as one, `blend`
max_moves = 10                # at most so many demands of `previous` may change

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
| `quotas.csv` | a row per quota, and per group of one with `per`: kind, group, activity, bounds, tier, violation, price |
| `reserves.csv` | a row per level of each reserve: seats, those that its groups so far use, how many of them are placed, and both without the reserves |
| `staff.csv`, `staff_loads.csv` | who accompanies and assesses whom, with a reason ([rules.md](rules.md) section 8); how many each member has |
| `result.json` | outcome, reason, tiers, rank measure, counts, what every rule removed, seed, digest, engine, seconds per stage, `peak_mb` |
| `proof.npz`, `staff_proof.npz` | the prices that prove the bound ([proof.md](proof.md)) |
| `report.html`, `report.xlsx` | for people |

`peak_mb` in `result.json` is the most memory that the run can have held, in MB (millions of bytes): the largest resident memory of the program and that
of its solver, together. It is null on Windows, which does not tell.

`tiers` in `result.json` is a list of objects with `name`, `value`, `bound` and `gap`, in the order in which the tiers were taken. `bound` is what no
matching can beat given the tiers before it (null: nothing is proven), `gap` is |value - bound| / max(1, |value|): 0 means proven optimal. With a
profile measure the tier `rank` has lists instead: `"value": [20, 9, 5, 0, 1]` counts the students at choice 1, 2, ... up to the largest rank that
anybody could have got, and `"bound": [20, 10, null, null, null]` says that nobody can have more than 10 at choice 2 when 20 have their first choice,
and that nothing is proven of the choices that count less (with `generous` and `leximin`: of the better choices). The gap is then that of the one choice at
which value and bound differ.

`kind` in `quotas.csv` is `quota`, or `path` for a minimum per student: `activity` then counts the student's pairs outside the places asked for, and
`max` is how many there may be. A group without a matched pair is listed where it has a minimum or a penalty.
`price` says per tier by how much the bound would move at most if the row had a unit more of room: `placed=1; rank=-2/3`. Where a proof tells several
cases apart, it is the largest of their prices, with its sign, because the bound, the least over the cases, cannot move further than that.

With `staff` in the round, `result.json` has `staff`: reason, engine, and for each kind the tiers `served` and `balance`. With `reserves` it has
`reserves`: `moved`, the demands that are placed differently without them (null: not calculated, and `unknown` says why: `not_asked`, `no_time`,
`no_answer`), and `proven`, whether the matching without them is proven optimal.

## The frontier of moves

`matcher frontier ROUND --out DIR` solves a round with the table `previous` for a range of budgets of moves (`[policy] max_moves`), with `moves` as the
last tier where the policy has none: `frontier.csv` (`budget, outcome, reason, moves, placed, unplaced, proven`, then every tier and its bound, `NAME`
and `NAME_bound`) and `frontier.html`. Every row is a verified result, and none is worse than one with a smaller budget: where the time was too short to
find as good a matching as with fewer moves, that one stands in its place, without a bound.

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
