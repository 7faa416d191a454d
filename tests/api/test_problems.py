"""Every error has one shape, in the language of the reader, and tells nothing that is nobody's business."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from api.problems import TYPES
from matcher.words import LANGUAGES, catalogue
from tests.api.conftest import BATCHES, document

MEMBERS = {"type", "title", "status", "detail", "instance", "errors", "total"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", f"{BATCHES}/none", 404),
        ("get", f"{BATCHES}/none/matches", 404),
        ("get", "/api/v1/nothing", 404),
        ("get", "/api/", 404),
        ("put", f"{BATCHES}/none", 405),
        ("get", BATCHES, 405),
        ("post", BATCHES, 415),
    ],
)
def test_an_error_below_api_is_a_problem(client, method, path, status):
    answer = client.open(path, method=method.upper())
    problem = answer.get_json()
    assert answer.status_code == problem["status"] == status
    assert answer.mimetype == "application/problem+json"
    assert set(problem) == MEMBERS
    assert problem["instance"] == path


def test_405_names_the_methods_that_do(client):
    assert set(client.put(f"{BATCHES}/none").headers["Allow"].split(", ")) >= {"GET", "DELETE"}


@pytest.mark.parametrize(
    ("accept", "word"), [("nl-BE", "verwijderd"), ("fr-BE,fr;q=0.8", "supprimée"), ("en-GB", "deleted"), ("de", "deleted"), ("", "deleted")]
)
def test_errors_are_told_in_the_language_of_the_reader(client, accept, word):
    assert word in client.get(f"{BATCHES}/none", headers={"Accept-Language": accept}).get_json()["detail"]


def test_an_error_on_a_page_is_a_page(client):
    answer = client.get("/batches/none", headers={"Accept-Language": "fr"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert '<html lang="fr">' in answer.text


@pytest.mark.parametrize("path", ["/", f"{BATCHES}/none"])
def test_an_unexpected_error_shows_nothing_of_its_inside(client, app, monkeypatch, path):
    def fail(*_args):
        raise RuntimeError("Jan Peeters at /secret/path")

    monkeypatch.setattr(app.extensions["service"].ledger, "get", fail)
    monkeypatch.setattr(app.extensions["service"].engine, "sample", fail)
    answer = client.get(path)
    assert answer.status_code == 500
    assert "Peeters" not in answer.text
    assert "Traceback" not in answer.text


def test_a_busy_database_asks_to_come_back(client, app, monkeypatch):
    def busy(*_args):
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(app.extensions["service"].ledger, "get", busy)
    answer = client.get(f"{BATCHES}/none")
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers


def test_a_full_queue_on_a_page_is_a_page(held, settings):
    for _ in range(settings.max_queue):
        held.post(BATCHES, json=document())
    from tests.api.conftest import upload

    answer = held.post("/batches", data={"file": upload()})
    assert (answer.status_code, answer.mimetype) == (503, "text/html")


def test_every_kind_of_problem_has_a_title_in_every_language():
    for kind in TYPES:
        assert set(catalogue()[f"api.kind.{kind.replace('-', '_')}"]) == set(LANGUAGES)
