"""Every error as one shape: problem+json (RFC 9457) for programs, a page with the same words for people.

`type` is `about:blank` where the HTTP status says it all, else one of TYPES. `errors` names table, row, column, value, what is wrong and what to do.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, json, make_response, render_template, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from matcher.errors import CodedError, InputError, Issue, UnreadableFile
from matcher.words import catalogue

from .finding import where
from .issues import told
from .languages import language, tell
from .ledger import KeyReused, QueueFull

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 1000
"""So many errors stand in one answer; `total` counts them all."""

RETRY_SECONDS = 30
URN = "urn:placement-matcher:problem:"
TYPES = ("input", "file", "options", "queue-full", "key-reused", "not-ready", "no-result")
MACHINE_PATHS = ("/api/", "/openapi.json", "/metrics")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is told of an error; `kind` is one of TYPES or empty."""

    status: int
    detail: str
    kind: str = ""
    errors: Sequence[dict[str, Any]] = ()
    total: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The kind of the error in a few words."""
        return tell(f"api.kind.{self.kind.replace('-', '_')}") if self.kind else HTTPStatus(self.status).phrase

    def as_dict(self) -> dict[str, Any]:
        """The members of RFC 9457, and `errors`."""
        return {
            "type": f"{URN}{self.kind}" if self.kind else "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": request.path,
            "errors": list(self.errors),
            "total": self.total,
        }


class Refusal(Exception):
    """A request that cannot be answered in the present state of things: 409 with the kind and the sentence."""

    def __init__(self, kind: str, code: str, **params: object) -> None:
        super().__init__(code)
        self.kind = kind
        self.code = code
        self.params = params


def respond(problem: Problem) -> Response:
    """The problem for whoever asked: JSON below /api, a page elsewhere."""
    if request.path.startswith(MACHINE_PATHS):
        response = make_response(json.dumps(problem.as_dict()), problem.status)
        response.content_type = MEDIA_TYPE
    else:
        response = make_response(render_template("error.html", problem=problem), problem.status)
    response.headers.update(problem.headers)
    return response


def input_problem(issues: Iterable[Issue], status: int = 422, kind: str = "input") -> Problem:
    """All errors of an input."""
    errors = [issue for issue in issues if issue.severity == "error"]
    listed = [told(issue, language()) for issue in errors[:MOST_ERRORS]]
    return Problem(status, tell(f"api.detail.{kind}", count=len(errors)), kind, listed, len(errors))


def handle_errors(app: Flask) -> None:
    """Turn whatever a view raises into a problem."""

    @app.errorhandler(HTTPException)
    def _(error: HTTPException) -> Response:
        status = error.code or 500
        headers = {name: value for name, value in error.get_headers() if name.lower() not in ("content-type", "content-length")}
        code = f"api.http.{status}" if f"api.http.{status}" in catalogue() else "api.http.other"
        limit = app.config["MAX_CONTENT_LENGTH"]
        return respond(Problem(status, tell(code, path=request.path, megabytes=limit // 1_000_000), headers=headers))

    @app.errorhandler(InputError)
    def _(error: InputError) -> Response:
        only_options = all(issue.table == "options" for issue in error.issues)
        return respond(input_problem(error.issues, 400, "options") if only_options else input_problem(error.issues))

    @app.errorhandler(UnreadableFile)
    def _(error: UnreadableFile) -> Response:
        return respond(Problem(error.status, tell(error.code, **error.params), "file"))

    @app.errorhandler(CodedError)
    def _(error: CodedError) -> Response:
        return respond(Problem(422, tell(error.code, **error.params), "input"))

    @app.errorhandler(Refusal)
    def _(error: Refusal) -> Response:
        return respond(Problem(409, tell(error.code, **error.params), error.kind))

    @app.errorhandler(QueueFull)
    def _(_error: QueueFull) -> Response:
        return respond(Problem(503, tell("api.detail.queue_full"), "queue-full", headers={"Retry-After": str(RETRY_SECONDS)}))

    @app.errorhandler(KeyReused)
    def _(_error: KeyReused) -> Response:
        return respond(Problem(422, tell("api.detail.key_reused"), "key-reused"))

    @app.errorhandler(OperationalError)
    def _(error: OperationalError) -> Response:
        log.error("the database does not answer: %s", error.orig)
        return respond(Problem(503, tell("api.http.503"), headers={"Retry-After": str(RETRY_SECONDS)}))

    @app.errorhandler(Exception)
    def _(error: Exception) -> Response:
        log.error("unexpected error on %s\n%s", request.url_rule, where(error))
        return respond(Problem(500, tell("api.http.500")))
