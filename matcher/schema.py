"""The tables of a round and their columns: the one list that reading, checking, templates and documentation share.

Each column has a *kind*, and each kind has one canonical dtype in a `Round`:

    kind     a person writes                          in the Round
    id       a key of this or another table           str (missing: NaN)
    text     anything                                 str
    choice   one of `choices`                         str
    tokens   values separated by `|` (`none`: empty)  str, tokens stripped and joined by `|`
    filter   column=value terms                       str
    count    a whole number, 0 or more                float64 (int64 where required)
    number   a decimal number                         float64
    flag     true or false, ja/nee, oui/non, 1/0      boolean (nullable)
    date     ISO 8601                                 datetime64[s]
    rank     1, 2, 3 ... or `no`                      int32, where `no` is 0
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "choice", "tokens", "filter", "count", "number", "flag", "date", "rank"]

NO = 0
"""The rank `no`: the student (or the placement) refuses the pair."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind, whether it must be there, the table its values point to, and the words or range allowed."""

    name: str
    kind: Kind
    required: bool = False
    refers: str | None = None
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns in their usual order, and the columns that together name a row."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    required: bool = False

    def column(self, name: str) -> Column | None:
        """The column of that name, or None (any further columns are allowed and kept as text)."""
        return next((column for column in self.columns if column.name == name), None)


def _id(name: str, refers: str | None = None, *, required: bool = False) -> Column:
    return Column(name, "id", required=required, refers=refers)


def _columns(kind: Kind, names: str, **more: float | None) -> tuple[Column, ...]:
    return tuple(Column(name, kind, **more) for name in names.split())  # type: ignore[arg-type]  # only low and high


_PLACE = (
    Column("lat", "number", low=-90, high=90),
    Column("lon", "number", low=-180, high=180),
)

STUDENTS = Table(
    "students",
    ("student_id",),
    (
        _id("student_id", required=True),
        _id("programme_id", "programmes"),
        Column("form", "text"),
        _id("region_id", "regions"),
        Column("postcode", "text"),
        *_PLACE,
        Column("mode", "choice", choices=("car", "pt", "bike", "foot")),
        *_columns("number", "max_minutes max_km", low=0),
        Column("mandatory", "flag"),
        Column("status", "choice", choices=("regular", "working", "jobseeker", "employee")),
        Column("prior_route", "text"),
        _id("own_company_id", "companies"),
        *_columns("tokens", "languages checks competences_needed"),
        *_columns("date", "available_from available_to"),
        *_columns("tokens", "pattern periods"),
        Column("excluded_companies", "tokens", refers="companies"),
        Column("min_pay", "number", low=0),
        Column("priority", "number"),
        Column("groups", "tokens"),
        Column("institution_id", "text"),
        Column("name", "text"),
    ),
    required=True,
)

PLACEMENTS = Table(
    "placements",
    ("placement_id",),
    (
        _id("placement_id", required=True),
        Column("capacity", "count", required=True, low=0, high=1_000_000),
        Column("capacity_min", "count", low=0, high=1_000_000),
        Column("must_open", "flag"),
        _id("company_id", "companies"),
        _id("sector_id", "sectors"),
        _id("region_id", "regions"),
        Column("postcode", "text"),
        *_PLACE,
        Column("programmes", "tokens", refers="programmes"),
        Column("forms", "tokens"),
        Column("period_id", "tokens"),
        *_columns("date", "from to"),
        *_columns("tokens", "pattern competences languages checks_required"),
        Column("mentors", "count", low=0, high=100_000),
        Column("students_per_mentor", "number", low=0),
        *_columns("date", "mentor_trained_until recognised_until"),
        Column("insured", "flag"),
        Column("pay_month", "number", low=0),
        Column("remote_share", "number", low=0, high=1),
        Column("pool_id", "tokens", refers="pools"),
        Column("quality", "number"),
        Column("name", "text"),
    ),
    required=True,
)

PREFERENCES = Table(
    "preferences",
    ("student_id", "rank", "target_type", "target_id"),
    (
        _id("student_id", "students", required=True),
        Column("rank", "rank", required=True, low=1, high=10_000),
        Column("target_type", "choice", choices=("placement", "company", "sector", "region", "any")),
        _id("target_id", required=True),
    ),
    required=True,
)

RANKINGS = Table(
    "rankings",
    ("placement_id", "student_id"),
    (
        _id("placement_id", "placements", required=True),
        _id("student_id", "students", required=True),
        Column("rank", "rank", required=True, low=1, high=1_000_000),
    ),
)

PROGRAMMES = Table(
    "programmes",
    ("programme_id",),
    (
        _id("programme_id", required=True),
        Column("name", "text"),
        Column("form", "text"),
        Column("workplace_share", "number", low=0, high=1),
        Column("hours", "number", low=0),
        Column("competences_company", "tokens"),
        Column("shortage", "flag"),
    ),
)

COMPANIES = Table(
    "companies",
    ("company_id",),
    (
        _id("company_id", required=True),
        Column("name", "text"),
        _id("sector_id", "sectors"),
        _id("region_id", "regions"),
        Column("nace", "text"),
        Column("joint_committees", "tokens"),
        Column("employees", "count", low=0),
    ),
)

SECTORS = Table(
    "sectors",
    ("sector_id",),
    (_id("sector_id", required=True), Column("name", "text"), _id("parent_id", "sectors")),
)

REGIONS = Table(
    "regions",
    ("region_id",),
    (_id("region_id", required=True), Column("name", "text"), _id("parent_id", "regions"), *_PLACE),
)

QUOTAS = Table(
    "quotas",
    ("quota_id",),
    (
        _id("quota_id", required=True),
        Column("students", "filter"),
        Column("placements", "filter"),
        Column("per", "tokens"),
        Column("min", "count", low=0),
        Column("max", "count", low=0),
        Column("hard", "flag"),
        Column("weight", "count", low=0, high=1_000_000),
        Column("tier", "text"),
        *_columns("date", "valid_from valid_to"),
        Column("source", "text"),
    ),
)

RESERVES = Table(
    "reserves",
    ("reserve_id", "order"),
    (
        _id("reserve_id", required=True),
        Column("order", "count", required=True, low=0, high=1_000_000),
        *_columns("filter", "students placements"),
        Column("seats", "count", low=0, high=1_000_000),
        Column("weight", "count", low=0, high=1_000_000),
    ),
)

PINS = Table(
    "pins",
    ("student_id", "placement_id", "kind"),
    (
        _id("student_id", "students", required=True),
        _id("placement_id", "placements", required=True),
        Column("kind", "choice", required=True, choices=("pin", "forbid")),
        Column("reason", "text"),
        Column("by", "text"),
    ),
)

TEAMS = Table(
    "teams",
    ("team_id", "student_id"),
    (
        _id("team_id", required=True),
        _id("student_id", "students", required=True),
        Column("kind", "choice", required=True, choices=("same_placement", "same_company", "same_region", "apart")),
    ),
)

RECOGNITIONS = Table(
    "recognitions",
    ("placement_id", "programme_id", "from", "until"),
    (
        _id("placement_id", "placements", required=True),
        _id("programme_id", "programmes", required=True),
        *_columns("date", "from until"),
    ),
)

TRAVEL = Table(
    "travel",
    ("from_region", "to_region", "mode"),
    (
        _id("from_region", "regions", required=True),
        _id("to_region", "regions", required=True),
        Column("mode", "choice", choices=("car", "pt", "bike", "foot")),
        Column("minutes", "count", required=True, low=0, high=100_000),
    ),
)

POOLS = Table(
    "pools",
    ("pool_id",),
    (_id("pool_id", required=True), Column("capacity", "count", required=True, low=0, high=1_000_000)),
)

STAFF = Table(
    "staff",
    ("staff_id",),
    (
        _id("staff_id", required=True),
        Column("kind", "choice", required=True, choices=("coach", "assessor")),
        Column("max_students", "count", required=True, low=0),
        Column("regions", "tokens", refers="regions"),
        Column("programmes", "tokens", refers="programmes"),
        Column("sectors", "tokens", refers="sectors"),
        _id("company_id", "companies"),
    ),
)

PREVIOUS = Table(
    "previous",
    ("student_id", "placement_id"),
    (
        _id("student_id", "students", required=True),
        _id("placement_id", "placements", required=True),
        Column("confirmed", "flag"),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        STUDENTS,
        PLACEMENTS,
        PREFERENCES,
        RANKINGS,
        PROGRAMMES,
        COMPANIES,
        SECTORS,
        REGIONS,
        QUOTAS,
        RESERVES,
        PINS,
        TEAMS,
        RECOGNITIONS,
        TRAVEL,
        POOLS,
        STAFF,
        PREVIOUS,
    )
}
"""All tables of round format version 1, in the order in which they are shown."""
