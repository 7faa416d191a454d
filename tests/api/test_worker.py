"""The worker with real job processes: they finish, stop, die and are killed, and no accepted batch is lost."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from api.finding import Status
from api.ledger import Ledger
from api.options import Options
from api.receive import Received
from api.service import Service
from api.worker import Worker

PATIENCE = 30.0
PROC = Path("/proc")


@pytest.fixture
def service(settings):
    service = Service(replace(settings, lease_seconds=4.0, cancel_grace_seconds=0.3))
    yield service
    service.close()


@pytest.fixture
def worker(service):
    worker = Worker(service, threads=2)
    worker.start()
    yield worker
    worker.stop()


def hand_in(service, behaviour, **options):
    def receive(folder):
        folder.mkdir(parents=True)
        (folder / "round.csv").write_text(f"behave={behaviour}")
        return Received("round.csv", 10, behaviour, 10)

    batch, _ = service.submit(receive, Options(**options), "nl")
    return batch.id


def wait_for(condition, what="it"):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {PATIENCE} s for {what}")


def status(service, batch_id, *wanted):
    batch = service.ledger.get(batch_id)
    return batch if batch.status in wanted else None


def wait_for_status(service, batch_id, *wanted):
    return wait_for(lambda: status(service, batch_id, *wanted), f"{batch_id} to be {wanted}")


def solving(service, batch_id):
    return wait_for(lambda: service.ledger.get(batch_id).stage == "solve", "the solve")


def job_processes(service):
    """Ids of the running jobs, found by what their scratch folder is."""
    mark = f"TMPDIR={service.settings.batches_folder}".encode()
    found = []
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError):
            if mark in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found


def test_a_batch_is_solved_in_a_process_of_its_own_and_its_progress_is_told(service, worker):
    batch_id = hand_in(service, "slow", seconds=0.6)
    solving(service, batch_id)
    batch = service.ledger.get(batch_id)
    assert (batch.fraction, batch.detail) == (0.5, "halfway")
    batch = wait_for_status(service, batch_id, Status.DONE)
    assert batch.summary["placed"] == 2
    folder = service.files(batch).folder
    assert sorted(path.name for path in folder.iterdir()) == sorted(["upload", "job.log", batch.folder])
    assert not (folder / batch.folder / "tmp").exists()


def test_a_rejected_batch_keeps_its_problems(service, worker):
    batch = wait_for_status(service, hand_in(service, "errors"), Status.REJECTED)
    assert batch.problems == {"error": 2, "warning": 1, "note": 0}
    assert service.run_file(batch, "issues.json") is not None
    assert service.run_file(batch, "problems.xlsx").read_bytes() == b"PK nl 3"


@pytest.mark.parametrize("behaviour", ["slow", "stubborn"])
def test_a_running_batch_is_cancelled_within_a_moment_and_leaves_no_process(service, worker, behaviour):
    batch_id = hand_in(service, behaviour)
    wait_for(lambda: service.ledger.get(batch_id).stage in ("compile", "solve"), "the solve")
    service.ledger.cancel(batch_id)
    wait_for_status(service, batch_id, Status.CANCELLED)
    assert job_processes(service) == []
    wait_for(lambda: not list(service.files(service.ledger.get(batch_id)).folder.glob("run-*")), "the run's folder to go")


def test_a_job_that_dies_every_time_is_tried_three_times_and_then_failed(service, worker):
    batch = wait_for_status(service, hand_in(service, "die"), Status.FAILED)
    assert batch.attempts == 3
    assert batch.error["code"] == "api.failed.died"


def test_a_job_that_dies_once_is_tried_again(service, worker, tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_MARK", str(tmp_path / "mark"))
    batch = wait_for_status(service, hand_in(service, "once"), Status.DONE, Status.FAILED)
    assert (batch.status, batch.attempts) == (Status.DONE, 2)


@pytest.mark.skipif(not PROC.is_dir(), reason="finds the process in /proc")
def test_a_job_that_is_killed_is_tried_again(service, worker):
    batch_id = hand_in(service, "slow", seconds=1.0)
    solving(service, batch_id)
    for pid in job_processes(service):
        os.kill(pid, signal.SIGKILL)
    batch = wait_for_status(service, batch_id, Status.DONE)
    assert batch.attempts == 2


def test_a_worker_that_stops_gives_its_batch_back(service):
    worker = Worker(service)
    worker.start()
    batch_id = hand_in(service, "slow")
    solving(service, batch_id)
    worker.stop()
    batch = service.ledger.get(batch_id)
    assert (batch.status, batch.attempts) == (Status.QUEUED, 0)
    assert job_processes(service) == []
    assert service.ledger.workers()[0] == 0


def test_a_batch_that_was_lost_on_the_way_to_the_queue_is_found(service, monkeypatch):
    monkeypatch.setattr("api.worker.SETTLED_SECONDS", 0.0)
    put = service.queue.put
    monkeypatch.setattr(service.queue, "put", lambda _: None)
    batch_id = hand_in(service, "solve")
    monkeypatch.setattr(service.queue, "put", put)
    assert service.queue.waiting() == set()
    worker = Worker(service)
    worker.start()
    wait_for_status(service, batch_id, Status.DONE)
    worker.stop()


def test_a_batch_of_a_dead_worker_is_taken_over(service, monkeypatch):
    monkeypatch.setattr("api.worker.SETTLED_SECONDS", 0.0)
    batch_id = hand_in(service, "solve")
    service.queue.huey.dequeue()
    dead = Ledger(service.store, service.settings, now=lambda: time.time() - 60)
    dead.claim(batch_id)
    worker = Worker(service)
    worker.start()
    batch = wait_for_status(service, batch_id, Status.DONE)
    worker.stop()
    assert batch.attempts == 2


def test_a_run_that_lost_its_claim_changes_nothing(service, worker):
    batch_id = hand_in(service, "slow", seconds=1.5)
    solving(service, batch_id)
    taken = service.ledger.get(batch_id).claim
    assert service.ledger.give_back(batch_id, taken, died=True) is Status.QUEUED
    wait_for(lambda: job_processes(service) == [], "the run to end")
    service.queue.put(batch_id)
    assert wait_for_status(service, batch_id, Status.DONE).attempts == 2


def test_cleaning_removes_what_is_old_and_what_belongs_to_nobody(service):
    batch_id = hand_in(service, "solve")
    stray = service.settings.batches_folder / "stray"
    stray.mkdir()
    service.clean(stray_seconds=3600)
    assert stray.exists()
    service.clean(stray_seconds=-1)
    assert [path.name for path in service.settings.batches_folder.iterdir()] == [batch_id]


def test_the_queue_holds_nothing_but_ids_as_json(service):
    batch_id = hand_in(service, "solve")
    import json

    (stored,) = service.queue.huey.storage.enqueued_items()
    assert json.loads(bytes(stored))["args"] == [batch_id]
