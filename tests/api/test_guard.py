"""Where requests may come from, and what answers may do in a browser."""

from __future__ import annotations

import gc
from dataclasses import replace

import pytest

from api import create_app
from tests.api.conftest import BATCHES, document, upload


@pytest.mark.parametrize("path", ["/", "/batches/none", "/openapi.json", "/metrics", "/api/v1/health", f"{BATCHES}/none", "/static/style.css"])
def test_every_answer_is_guarded(client, path):
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Server" not in headers


def test_pages_are_not_kept_by_caches(client):
    assert client.get("/").headers["Cache-Control"] == "no-store"


def test_transport_security_is_asked_for_only_over_tls(client):
    assert "Strict-Transport-Security" not in client.get("/").headers
    assert "Strict-Transport-Security" in client.get("/", base_url="https://localhost").headers


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
]
OWN = [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", ["/batches", "/sample", "/batches/none/delete", "/batches/none/cancel", BATCHES])
def test_a_page_of_another_site_cannot_change_anything(client, settings, path, headers):
    answer = client.post(path, data={"file": upload()}, headers=headers)
    assert answer.status_code == 403
    assert list(settings.batches_folder.iterdir()) == []


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_page_of_another_site_cannot_delete(client, headers):
    place = client.post(BATCHES, json=document()).headers["Location"]
    assert client.delete(place, headers=headers).status_code == 403
    assert client.get(place).status_code == 200


@pytest.mark.parametrize("headers", OWN)
def test_our_own_pages_and_programs_may(client, headers):
    assert client.post("/batches", data={"file": upload()}, headers=headers).status_code == 303
    assert client.post(BATCHES, json=document(), headers=headers).status_code == 202


def test_only_known_names_lead_here_when_they_are_set(settings):
    app = create_app(replace(settings, trusted_hosts="localhost, 127.0.0.1"))
    client = app.test_client()
    assert client.get("/api/v1/health", base_url="http://localhost:8000").status_code == 200
    answer = client.get("/api/v1/health", base_url="http://evil.example")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    app.extensions["service"].close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the form parser leaves the parts before the last to the collector
def test_a_form_with_too_many_parts_or_too_long_fields_is_refused(client, settings):
    many = [upload(b"x", f"{number}.csv") for number in range(settings.max_form_parts + 1)]
    assert client.post(BATCHES, data={"file": many}).status_code == 413
    assert client.post(BATCHES, data={"seed": "1" * (settings.max_form_field_bytes + 1), "file": upload()}).status_code == 413
    gc.collect()
