"""Health and figures."""

from __future__ import annotations

from sqlalchemy.exc import OperationalError

from tests.api.conftest import BATCHES, document


def test_health_tells_of_queue_and_workers(held, service):
    held.post(BATCHES, json=document())
    assert held.get("/api/v1/health").get_json() | {"version": ""} == {
        "status": "no_worker",
        "version": "",
        "queued": 1,
        "running": 0,
        "workers": 0,
        "worker_seen": None,
    }
    service.ledger.greet("w1")
    health = held.get("/api/v1/health").get_json()
    assert (health["status"], health["workers"]) == ("ok", 1)
    assert health["worker_seen"] is not None


def test_health_fails_when_the_database_cannot_be_written(client, app, monkeypatch):
    def broken():
        raise OperationalError("UPDATE", {}, Exception("attempt to write a readonly database"))

    monkeypatch.setattr(app.extensions["service"].ledger, "probe", broken)
    answer = client.get("/api/v1/health")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "no_database")


def test_metrics_count_batches_by_status(client):
    client.post(BATCHES, json=document())
    lines = client.get("/metrics").text.splitlines()
    assert 'matcher_batches{status="done"} 1' in lines
    assert 'matcher_batches{status="queued"} 0' in lines
    assert all(line.startswith(("#", "matcher_")) for line in lines)
