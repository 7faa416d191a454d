"""The application with a fake engine; batches are worked on at once and in this process, unless a test holds them back."""

from __future__ import annotations

import io
import threading
from dataclasses import replace

import pytest

from api import create_app
from api.files import batch_files
from api.job import Job, work
from api.service import Service
from api.settings import Settings
from tests.api.contract import ContractClient


@pytest.fixture
def settings(tmp_path):
    limits = {"max_upload_bytes": 200_000, "max_form_field_bytes": 100_000, "check_at_once_bytes": 1000, "max_queue": 5}
    return Settings(instance=tmp_path / "instance", engine="tests.api.fake_engine", **limits)


@pytest.fixture
def held_app(settings):
    """The queue is not served: batches wait."""
    app = create_app(settings)
    app.test_client_class = ContractClient
    yield app
    app.extensions["service"].close()


@pytest.fixture
def app(held_app):
    service = held_app.extensions["service"]
    service.queue.huey.immediate = True
    service.queue.serve(lambda batch_id: work_here(service, batch_id))
    return held_app


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def held(held_app):
    return held_app.test_client()


@pytest.fixture
def runner(app):
    return app.test_cli_runner()


@pytest.fixture
def service(held_app) -> Service:
    return held_app.extensions["service"]


def work_here(service: Service, batch_id: str) -> None:
    """What the worker does, without a process."""
    claim = service.ledger.claim(batch_id)
    batch = service.ledger.get(batch_id)
    assert claim is not None
    files = batch_files(service.settings, batch_id)
    files.run(claim).mkdir()
    job = Job(files.upload, files.run(claim), batch.options, batch.reader)
    finding = work(service.engine, job, lambda told: service.ledger.report(batch_id, claim, told.stage, told.fraction, told.detail), threading.Event())
    assert service.ledger.finish(batch_id, claim, replace(finding))


def document(behaviour: str = "solve", **more: object) -> dict[str, object]:
    """A round as JSON."""
    return {"round": {"name": f"behave={behaviour}"}, "students": [], **more}


def upload(content: bytes = b"student_id\nS1\n", name: str = "students.csv") -> tuple[io.BytesIO, str]:
    """A file for a form."""
    return io.BytesIO(content), name


BATCHES = "/api/v1/batches"
