"""REST: hand in a round, follow it, cancel or delete it. What comes out of it stands in `results.py`."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, request, url_for

from matcher.errors import InputError, Issue, UnreadableFile
from matcher.words import say

from .finding import Status
from .languages import iso, language
from .options import read_options
from .receive import receive_body, receive_files
from .service import Receive, Service
from .store import Batch

batches = Blueprint("batches", __name__, url_prefix="/api/v1/batches")

LONGEST_KEY = 200


def service() -> Service:
    """The service of the present application."""
    found: Service = current_app.extensions["service"]
    return found


def find(batch_id: str) -> Batch:
    """The batch, or 404."""
    batch = service().ledger.get(batch_id)
    if batch is None:
        abort(404)
    return batch


@batches.post("")
def submit() -> tuple[Response, int, dict[str, str]]:
    """Take a round in: 202 and where to follow it; 200 when this very round was handed in before under the same key."""
    receive = _receive()
    batch, created = service().submit(receive, read_options({**request.form, **request.args}), language(), key=_key(), check_at_once=True)
    place = url_for("batches.show", batch_id=batch.id)
    return jsonify(describe(batch)), 202 if created else 200, {"Location": place}


@batches.get("/<batch_id>")
def show(batch_id: str) -> Response:
    """Where the batch stands."""
    return jsonify(describe(find(batch_id)))


@batches.delete("/<batch_id>")
def remove(batch_id: str) -> tuple[Response | str, int]:
    """Cancel a batch that waits or runs (202, and where it stands now); delete a finished one with its files (204)."""
    if service().cancel_or_delete(find(batch_id)):
        return "", 204
    return jsonify(describe(find(batch_id))), 202


def _receive() -> Receive:
    """How the body is to be kept."""
    if request.mimetype == "multipart/form-data":
        return partial(_receive_form, request.files.getlist("file"))
    if request.mimetype != "application/json":
        abort(415)
    return partial(receive_body, request.stream)


def _receive_form(uploads: list[Any], folder: Any) -> Any:
    if not uploads and request.files:
        raise UnreadableFile("api.upload.field", field=", ".join(sorted(request.files))[:100])
    return receive_files(uploads, folder)


def _key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise InputError([Issue("api.option.key", "options", column="Idempotency-Key", value=key[:20], params=(("allowed", LONGEST_KEY),))])
    return key


def describe(batch: Batch) -> dict[str, Any]:
    """A batch as JSON."""
    running = batch.status == Status.RUNNING
    summary = batch.summary or {}
    return {
        "id": batch.id,
        "status": batch.status,
        "name": batch.name,
        "size": batch.size,
        "options": batch.options,
        "created": iso(batch.created),
        "started": iso(batch.started),
        "finished": iso(batch.finished),
        "attempts": batch.attempts,
        "cancelling": batch.cancel and running,
        "place": service().ledger.place(batch),
        "progress": {"stage": batch.stage, "fraction": batch.fraction, "detail": batch.detail} if running else None,
        "outcome": summary.get("outcome"),
        "reason": summary.get("reason"),
        "summary": batch.summary,
        "problems": batch.problems,
        "error": explain(batch),
        "links": links(batch),
    }


def explain(batch: Batch) -> dict[str, str] | None:
    """Why there is no result, or no report: a code and its sentence."""
    if batch.error is None:
        return None
    return {"code": batch.error["code"], "detail": say(batch.error["code"], language(), **batch.error["params"])}


def links(batch: Batch) -> dict[str, str]:
    """Addresses of what there is of the batch."""
    found = {"self": url_for("batches.show", batch_id=batch.id), "page": url_for("pages.batch", batch_id=batch.id)}
    if batch.problems is not None:
        found["problems"] = url_for("results.problems", batch_id=batch.id)
    for name, (endpoint, path) in FILES.items():
        if service().run_file(batch, *path) is not None:
            found[name] = url_for(endpoint, batch_id=batch.id)
    if "matches" in found:
        found["explanations"] = url_for("results.explanations", batch_id=batch.id, student_id="STUDENT").replace("STUDENT", "{student_id}")
    return found


FILES: dict[str, tuple[str, tuple[str, ...]]] = {
    "problems_workbook": ("results.problems_workbook", ("problems.xlsx",)),
    "result": ("results.result", ("result", "result.json")),
    "matches": ("results.matches", ("result", "matches.csv")),
    "placements": ("results.placements", ("result", "placements.csv")),
    "quotas": ("results.quotas", ("result", "quotas.csv")),
    "staff": ("results.staff", ("result", "staff.csv")),
    "reserves": ("results.reserves", ("result", "reserves.csv")),
    "report": ("results.report_page", ("result", "report.html")),
    "workbook": ("results.report_workbook", ("result", "report.xlsx")),
    "proof": ("results.proof", ("result", "proof.npz")),
}
"""What a finished run may hold: link name -> endpoint and file."""
