"""For those who run the service: is it well, and figures for Prometheus."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

import matcher

from .batches import service
from .finding import Status
from .languages import iso

health = Blueprint("health", __name__)


@health.get("/api/v1/health")
def show() -> tuple[Response, int]:
    """200 while batches can be accepted (`ok`, or `no_worker` while nobody works on them); 503 when the database cannot be written."""
    ledger = service().ledger
    try:
        ledger.probe()
        counts = ledger.counts()
        alive, seen = ledger.workers()
    except SQLAlchemyError:
        return jsonify({"status": "no_database", "version": matcher.__version__, "queued": None, "running": None, "workers": None, "worker_seen": None}), 503
    return jsonify(
        {
            "status": "ok" if alive else "no_worker",
            "version": matcher.__version__,
            "queued": counts[Status.QUEUED],
            "running": counts[Status.RUNNING],
            "workers": alive,
            "worker_seen": iso(seen),
        }
    ), 200


@health.get("/metrics")
def metrics() -> Response:
    """Counts in the text format of Prometheus."""
    ledger = service().ledger
    alive, _ = ledger.workers()
    lines = ["# HELP matcher_batches Batches that are kept, by status.", "# TYPE matcher_batches gauge"]
    lines += [f'matcher_batches{{status="{status}"}} {count}' for status, count in ledger.counts().items()]
    lines += ["# HELP matcher_workers Workers that are alive.", "# TYPE matcher_workers gauge", f"matcher_workers {alive}"]
    lines += ["# HELP matcher_build_info The version that runs.", "# TYPE matcher_build_info gauge", f'matcher_build_info{{version="{matcher.__version__}"}} 1']
    return Response("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")
