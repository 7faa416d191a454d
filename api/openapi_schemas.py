"""The shapes of what goes in and out, for `/openapi.json`. The round's tables come from the schema that reading and checking use."""

from __future__ import annotations

from typing import Any

from matcher.progress import STAGES
from matcher.schema import TABLES, Column, Table

from .finding import Status
from .options import CHOICES
from .problems import TYPES, URN

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
COUNTS: Schema = {"type": "object", "additionalProperties": WHOLE}


def nullable(schema: Schema) -> Schema:
    """The schema, or null."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    found = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        found["enum"] = [*schema["enum"], None]
    return found


def refer(name: str) -> Schema:
    """A schema by name."""
    return {"$ref": f"#/components/schemas/{name}"}


def record(**properties: Schema) -> Schema:
    """An object; all its members are required."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def listing(schema: Schema) -> Schema:
    """An array."""
    return {"type": "array", "items": schema}


def page_of(name: str, schema: Schema, **more: Schema) -> Schema:
    """A list, a page at a time."""
    return record(**{name: listing(schema)}, **more, total=WHOLE, limit=WHOLE, offset=WHOLE, next=nullable(TEXT))


_WRITTEN: dict[str, Schema] = {
    "count": {"type": ["integer", "string", "null"]},
    "number": {"type": ["number", "string", "null"]},
    "flag": {"type": ["boolean", "string", "null"]},
    "rank": {"type": ["integer", "string"]},
    "date": {"type": ["string", "null"]},
    "tokens": {"type": ["string", "array", "null"], "items": {"type": "string"}},
}
"""How the cells of a kind may be written in JSON; the others are texts."""


def _column(column: Column) -> Schema:
    schema = dict(_WRITTEN.get(column.kind, {"type": ["string", "integer", "null"]}))
    if column.choices:
        schema["examples"] = list(column.choices)
    if column.refers:
        schema["description"] = f"an id of the table {column.refers}"
    return schema


def _table(table: Table) -> Schema:
    """A list of rows, or an object of columns of equal length."""
    row = {
        "type": "object",
        "properties": {column.name: _column(column) for column in table.columns},
        "required": [column.name for column in table.columns if column.required],
    }
    return {"anyOf": [listing(row), {"type": "object", "additionalProperties": {"type": "array"}}]}


def round_document() -> Schema:
    """A round as one JSON document: the tables by name, and under `settings` what `round.toml` would say."""
    settings: Schema = {"type": ["object", "string"], "description": "The sections of round.toml as an object, or its text."}
    tables = {name: _table(table) for name, table in TABLES.items()}
    example = {
        "settings": {"round": {"name": "Voorjaar", "language": "nl"}},
        "students": [{"student_id": "S1"}, {"student_id": "S2"}],
        "placements": [{"placement_id": "P1", "capacity": 1}, {"placement_id": "P2", "capacity": 1}],
        "preferences": [
            {"student_id": "S1", "rank": 1, "target_id": "P1"},
            {"student_id": "S2", "rank": 1, "target_id": "P1"},
            {"student_id": "S2", "rank": 2, "target_id": "P2"},
        ],
    }
    required = [name for name, table in TABLES.items() if table.required]
    return {"type": "object", "properties": {"settings": settings, **tables}, "required": required, "examples": [example]}


def schemas() -> dict[str, Schema]:
    """All shapes by name."""
    fix = record(value=TEXT, safe=FLAG, drop=FLAG)
    issue = record(
        table=TEXT,
        row=nullable(WHOLE),
        column=nullable(TEXT),
        value=nullable(TEXT),
        code=TEXT,
        severity={"type": "string", "enum": ["error", "warning", "note"]},
        detail=TEXT,
        do=TEXT,
        fix=nullable(refer("Fix")),
    )
    problem = record(
        type={"type": "string", "enum": ["about:blank", *(f"{URN}{kind}" for kind in TYPES)]},
        title=TEXT,
        status=WHOLE,
        detail=TEXT,
        instance=TEXT,
        errors=listing(refer("Issue")),
        total=WHOLE,
    )
    options = record(
        mechanism=nullable({**TEXT, "enum": list(CHOICES["mechanism"])}),
        seconds=nullable(NUMBER),
        gap=nullable(NUMBER),
        seed=nullable(WHOLE),
        language=nullable({**TEXT, "enum": list(CHOICES["language"])}),
    )
    # a profile of ranks has a number for every rank; its bound has null where nothing is proven
    tier = record(
        name=TEXT,
        value={"type": ["integer", "array"], "items": WHOLE},
        bound={"type": ["integer", "array", "null"], "items": nullable(WHOLE)},
        gap=nullable(NUMBER),
    )
    summary = record(
        outcome={**TEXT, "enum": ["solved", "infeasible", "no_answer", "failed"]},
        reason=TEXT,
        tiers=listing(refer("Tier")),
        placed=WHOLE,
        unplaced=WHOLE,
        rank_profile=listing(WHOLE),
        seed=WHOLE,
        digest=TEXT,
        engine=TEXT,
        seconds={"type": "object", "additionalProperties": NUMBER},
        peak_mb=nullable(NUMBER),
    )
    batch = record(
        id=TEXT,
        status={**TEXT, "enum": [status.value for status in Status]},
        name=TEXT,
        size=WHOLE,
        options=refer("Options"),
        created=TIME,
        started=nullable(TIME),
        finished=nullable(TIME),
        attempts=WHOLE,
        cancelling=FLAG,
        place=nullable(WHOLE),
        progress=nullable(refer("Progress")),
        outcome=nullable(TEXT),
        reason=nullable(TEXT),
        summary=nullable(refer("Summary")),
        problems=nullable(COUNTS),
        error=nullable(record(code=TEXT, detail=TEXT)),
        links={"type": "object", "additionalProperties": TEXT},
    )
    match = record(
        student_id=TEXT,
        placement_id=nullable(TEXT),
        period_id=nullable(TEXT),
        rank=nullable(WHOLE),
        status={**TEXT, "enum": ["placed", "pinned", "unplaced"]},
        reason=TEXT,
        sentence=TEXT,
    )
    return {
        "Round": round_document(),
        "Batch": batch,
        "Options": options,
        "Progress": record(stage={**TEXT, "enum": list(STAGES)}, fraction=nullable(NUMBER), detail=TEXT),
        "Summary": summary,
        "Tier": tier,
        "Match": match,
        "Matches": page_of("matches", refer("Match")),
        "Explanations": record(student_id=TEXT, explanations=listing(refer("Match"))),
        "Issue": issue,
        "Fix": fix,
        "Issues": page_of("problems", refer("Issue"), counts=COUNTS),
        "Problem": problem,
        "Health": record(
            status={**TEXT, "enum": ["ok", "no_worker", "no_database"]},
            version=TEXT,
            queued=nullable(WHOLE),
            running=nullable(WHOLE),
            workers=nullable(WHOLE),
            worker_seen=nullable(TIME),
        ),
    }
