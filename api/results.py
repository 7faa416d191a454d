"""REST: what came out of a batch. Files are handed out as they were written; matches and problems also as JSON, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request, send_file, url_for

from matcher.errors import InputError, Issue

from .batches import FILES, find, service
from .finding import Status
from .guard import REPORT_POLICY
from .issues import read_issues, told
from .languages import language
from .matches import read_matches
from .problems import Refusal
from .store import Batch

results = Blueprint("results", __name__, url_prefix="/api/v1/batches/<batch_id>")

USUAL_LIMIT, MOST = 1000, 100_000
MOST_DIGITS = 10

CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@results.get("/matches")
def matches(batch_id: str) -> Response:
    """Who goes where: JSON, a page at a time; or the whole as CSV."""
    batch = find(batch_id)
    path = _result_file(batch, "matches")
    if _wants_csv():
        return _send(batch, path, CSV)
    table = read_matches(path.parent, service().engine)
    limit, offset = _window()
    listed = {"matches": table.page(offset, limit)}
    return _paged(listed, batch_id, total=table.total, limit=limit, offset=offset)


@results.get("/explanations/<path:student_id>")
def explanations(batch_id: str, student_id: str) -> Response:
    """Why one student has, or has not, a placement: one row per period."""
    rows = explanation(find(batch_id), student_id)
    if not rows:
        abort(404)
    return jsonify({"student_id": student_id, "explanations": rows})


@results.get("/placements")
def placements(batch_id: str) -> Response:
    """How full every placement is, as CSV."""
    return _file(batch_id, "placements", CSV)


@results.get("/quotas")
def quotas(batch_id: str) -> Response:
    """Every quota with its bounds, its matches and its price, as CSV."""
    return _file(batch_id, "quotas", CSV)


@results.get("/staff")
def staff(batch_id: str) -> Response:
    """Who accompanies and assesses whom, as CSV."""
    return _file(batch_id, "staff", CSV)


@results.get("/reserves")
def reserves(batch_id: str) -> Response:
    """What the reserves hold and changed, as CSV."""
    return _file(batch_id, "reserves", CSV)


@results.get("/result")
def result(batch_id: str) -> Response:
    """The summary."""
    return _file(batch_id, "result", "application/json", attached=False)


@results.get("/proof")
def proof(batch_id: str) -> Response:
    """The prices that prove the bounds."""
    return _file(batch_id, "proof", "application/octet-stream")


@results.get("/report.html")
def report_page(batch_id: str) -> Response:
    """The report as one page."""
    response = _file(batch_id, "report", "text/html", attached=False)
    response.headers["Content-Security-Policy"] = REPORT_POLICY
    return response


@results.get("/report.xlsx")
def report_workbook(batch_id: str) -> Response:
    """The report as a workbook."""
    return _file(batch_id, "workbook", XLSX)


@results.get("/problems")
def problems(batch_id: str) -> Response:
    """What was found in the input: errors, warnings and notes, a page at a time."""
    batch = find(batch_id)
    if not Status(batch.status).final:
        raise Refusal("not-ready", "api.detail.not_ready")
    path = service().run_file(batch, "issues.json")
    issues = read_issues(path) if path else []
    limit, offset = _window()
    listed = [told(issue, language()) for issue in issues[offset:][:limit]]
    return _paged({"problems": listed, "counts": batch.problems or {}}, batch_id, total=len(issues), limit=limit, offset=offset)


@results.get("/problems.xlsx")
def problems_workbook(batch_id: str) -> Response:
    """The workbook with the problems marked."""
    return _file(batch_id, "problems_workbook", XLSX)


def explanation(batch: Batch, student_id: str) -> list[dict[str, Any]]:
    """The rows of one student; none where the student is not in the result."""
    return read_matches(_result_file(batch, "matches").parent, service().engine).of_student(student_id)


def _result_file(batch: Batch, name: str) -> Path:
    """A file of the result.

    Raises
    ------
    Refusal
        The batch is not finished, or it has no such file.
    """
    path = service().run_file(batch, *FILES[name][1])
    if path is not None:
        return path
    if not Status(batch.status).final:
        raise Refusal("not-ready", "api.detail.not_ready")
    raise Refusal("no-result", "api.detail.no_result")


def _file(batch_id: str, name: str, media_type: str, *, attached: bool = True) -> Response:
    batch = find(batch_id)
    return _send(batch, _result_file(batch, name), media_type, attached=attached)


def _send(batch: Batch, path: Path, media_type: str, *, attached: bool = True) -> Response:
    name = f"{Path(batch.name.split(',')[0]).stem}-{path.name}"
    try:
        return send_file(path, mimetype=media_type, as_attachment=attached, download_name=name, conditional=False, etag=False)
    except FileNotFoundError:  # deleted this very moment
        abort(404)


def _wants_csv() -> bool:
    wanted = request.args.get("format")
    if wanted is not None:
        if wanted not in ("json", "csv"):
            raise _bad_parameter("format", wanted, "json, csv")
        return wanted == "csv"
    best = request.accept_mimetypes.best_match(("application/json", CSV)) if request.accept_mimetypes else "application/json"
    if best is None:
        abort(406)
    return best == CSV


def _window() -> tuple[int, int]:
    return _whole("limit", USUAL_LIMIT, 1, MOST), _whole("offset", 0, 0, 2**31)


def _whole(name: str, usual: int, low: int, high: int) -> int:
    text = request.args.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS and low <= int(text) <= high):
        raise _bad_parameter(name, text, f"{low} - {high}")
    return int(text)


def _bad_parameter(name: str, value: str, allowed: str) -> InputError:
    return InputError([Issue("api.option.parameter", "options", column=name, value=value[:100], params=(("allowed", allowed),))])


def _paged(body: Mapping[str, Any], batch_id: str, *, total: int, limit: int, offset: int) -> Response:
    """A page of a list, with the address of the next one."""
    following = offset + limit
    more = url_for(request.endpoint or "", batch_id=batch_id, limit=limit, offset=following) if following < total else None
    return jsonify({**body, "total": total, "limit": limit, "offset": offset, "next": more})
