"""`/openapi.json`: the REST API described in OpenAPI 3.1, built from the values the code itself uses. A test holds that every route is in it."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, Response, jsonify

import matcher

from .openapi_schemas import NUMBER, TEXT, WHOLE, Schema, refer, schemas
from .options import CHOICES
from .problems import MEDIA_TYPE
from .results import CSV, MOST, USUAL_LIMIT, XLSX

documentation = Blueprint("documentation", __name__)

JSON = "application/json"
BATCH = "/api/v1/batches/{batch_id}"
BATCH_ID = {"name": "batch_id", "in": "path", "required": True, "schema": TEXT, "description": "The id that POST answered; whoever knows it may use it."}
STUDENT_ID = {"name": "student_id", "in": "path", "required": True, "schema": TEXT}

MEANINGS = {
    "400": "The request or its file cannot be understood.",
    "403": "The request comes from a page of another site.",
    "404": "There is no such batch (any more), or no such student in it.",
    "406": "The answer cannot be given in the media type that was asked for.",
    "409": "The batch is not finished, or has no such result.",
    "413": "The request is too large.",
    "415": "The body is of a kind that holds no round.",
    "422": "The round has errors, all of which are listed; or the idempotency key belongs to another round.",
    "500": "An error of the service.",
    "503": "The queue is full or the database is busy; `Retry-After` says when to come back.",
}


@documentation.get("/openapi.json")
def show() -> Response:
    """The description."""
    return jsonify(description())


@cache
def description() -> dict[str, Any]:
    """The OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Placement matcher",
            "version": matcher.__version__,
            "description": "Hand in a placement round, follow it, and fetch who goes where, with the reason and the proof. "
            "Sentences come in Dutch, English or French, as Accept-Language asks.",
        },
        "paths": {**_batch_paths(), **_result_paths(), **_service_paths()},
        "components": {"schemas": schemas()},
    }


def _batch_paths() -> dict[str, Any]:
    body = {
        "required": True,
        "content": {
            JSON: {"schema": refer("Round")},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "description": "A workbook, a zip of tables, or the tables.",
                        },
                        **{name: schema for name, schema, _ in _OPTIONS},
                    },
                    "required": ["file"],
                }
            },
        },
    }
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {**TEXT, "minLength": 1, "maxLength": 200},
        "description": "The same key and round: the same batch.",
    }
    place = {"Location": {"description": "The batch.", "schema": TEXT}}
    submit = _operation(
        "submit",
        "Hand in a round",
        {
            "202": _answer("Accepted.", JSON, refer("Batch"), headers=place),
            "200": _answer("This round was handed in before under this key.", JSON, refer("Batch"), headers=place),
        },
        ("400", "403", "413", "415", "422"),
        parameters=[*_OPTION_PARAMETERS, key],
        body=body,
    )
    show = _operation("show", "Where a batch stands", {"200": _answer("The batch.", JSON, refer("Batch"))}, ("404",))
    gone = {"202": _answer("Cancelled, or about to be.", JSON, refer("Batch")), "204": {"description": "Deleted, with all its files."}}
    remove = _operation("remove", "Cancel a batch that waits or runs; delete a finished one", gone, ("403", "404"))
    return {"/api/v1/batches": {"post": submit}, BATCH: {"parameters": [BATCH_ID], "get": show, "delete": remove}}


def _result_paths() -> dict[str, Any]:
    window = [
        {"name": "limit", "in": "query", "schema": {**WHOLE, "minimum": 1, "maximum": MOST, "default": USUAL_LIMIT}},
        {"name": "offset", "in": "query", "schema": {**WHOLE, "minimum": 0, "default": 0}},
    ]
    kind = {"name": "format", "in": "query", "schema": {**TEXT, "enum": ["json", "csv"]}, "description": "Goes before Accept."}
    matches = _answer("Who goes where; as CSV always the whole.", JSON, refer("Matches"))
    matches["content"][CSV] = {"schema": TEXT}
    binary: Schema = {"type": "string", "format": "binary"}
    files = {
        "/placements": ("How full every placement is", CSV, TEXT),
        "/quotas": ("Every quota with its bounds and matches", CSV, TEXT),
        "/staff": ("Who accompanies and assesses whom, where the round has staff", CSV, TEXT),
        "/reserves": ("What the reserves hold and changed, where the round has any", CSV, TEXT),
        "/result": ("The summary", JSON, refer("Summary")),
        "/proof": ("The prices that prove the bounds (NumPy's npz)", "application/octet-stream", binary),
        "/report.html": ("The report as one page", "text/html", TEXT),
        "/report.xlsx": ("The report as a workbook", XLSX, binary),
        "/problems.xlsx": ("The workbook with its problems marked", XLSX, binary),
    }
    paths = {}
    for path, (what, media, schema) in files.items():
        paths[BATCH + path] = _get(path.strip("/").replace(".", "_"), what, _answer(what, media, schema), ("404", "409"))
    paths[f"{BATCH}/matches"] = _get("matches", "Who goes where", matches, ("400", "404", "406", "409"), [*window, kind])
    paths[f"{BATCH}/problems"] = _get("problems", "What was found in the input", _answer("Errors first.", JSON, refer("Issues")), ("400", "404", "409"), window)
    explained = _answer("One row per period.", JSON, refer("Explanations"))
    paths[f"{BATCH}/explanations/{{student_id}}"] = _get("explanations", "Why a student has, or has not, a placement", explained, ("404", "409"), [STUDENT_ID])
    return paths


def _service_paths() -> dict[str, Any]:
    health = {"200": _answer("Batches are accepted.", JSON, refer("Health")), "503": _answer("The database cannot be written.", JSON, refer("Health"))}
    return {
        "/api/v1/health": {"get": _operation("health", "Is the service well?", health)},
        "/metrics": {"get": _operation("metrics", "Figures for Prometheus", {"200": _answer("Figures.", "text/plain", TEXT)})},
        "/openapi.json": {"get": _operation("openapi", "This description", {"200": _answer("OpenAPI 3.1.", JSON, {"type": "object"})})},
    }


def _get(name: str, what: str, answer: dict[str, Any], errors: tuple[str, ...], parameters: list[Any] | None = None) -> dict[str, Any]:
    return {"parameters": [BATCH_ID], "get": _operation(name, what, {"200": answer}, errors, parameters=parameters or [])}


def _operation(
    name: str,
    what: str,
    answers: dict[str, Any],
    errors: tuple[str, ...] = (),
    *,
    parameters: list[Any] | None = None,
    body: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """An operation with its answers, its own errors, and those that any operation may give."""
    refused = {status: _answer(MEANINGS[status], MEDIA_TYPE, refer("Problem")) for status in (*errors, "500", "503") if status not in answers}
    found: dict[str, Any] = {"operationId": name, "summary": what, "parameters": parameters or [], "responses": {**answers, **refused}}
    return found if body is None else {**found, "requestBody": body}


def _answer(what: str, media: str, schema: Schema, headers: dict[str, Any] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"description": what, "content": {media: {"schema": schema}}}
    return found if headers is None else {**found, "headers": headers}


_OPTIONS: list[tuple[str, Schema, str]] = [
    ("mechanism", {**TEXT, "enum": list(CHOICES["mechanism"])}, "How to match."),
    ("seconds", {**NUMBER, "exclusiveMinimum": 0}, "Time limit of the solve."),
    ("gap", {**NUMBER, "minimum": 0}, "Distance from the bound that is good enough."),
    ("seed", {**WHOLE, "minimum": 0}, "Seed of whatever is drawn."),
    ("language", {**TEXT, "enum": list(CHOICES["language"])}, "Language of the result."),
]
_OPTION_PARAMETERS = [
    {"name": name, "in": "query", "schema": schema, "description": f"{what} Goes before what the round says."} for name, schema, what in _OPTIONS
]
