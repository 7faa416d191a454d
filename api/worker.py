"""The worker: takes batches from the queue, has each worked on in a process of its own, and looks after those that others left behind."""

from __future__ import annotations

import json
import logging
import secrets
import shutil
import signal
import threading
import time
from enum import Enum, auto
from pathlib import Path
from typing import Any

from huey.consumer import Consumer
from sqlalchemy.exc import SQLAlchemyError

from .child import SCRATCH, Child
from .files import FINDING, batch_files
from .finding import Finding, Status
from .job import Job
from .service import Service
from .settings import Settings, from_environment

TICK_SECONDS = 0.2
SIGNS_PER_LEASE = 5
"""A worker gives so many signs of life within one lease."""
SETTLED_SECONDS = 5.0
"""A batch that waits for longer than this must be known to the queue; before, it may be on its way there."""
CLEAN_SECONDS = 600.0
STRAY_SECONDS = 3600.0

log = logging.getLogger(__name__)


class _Ending(Enum):
    """Why a run is over."""

    EXITED = auto()
    CANCELLED = auto()
    STOPPED = auto()
    LOST = auto()


class Worker:
    """Threads that take batches from the queue of a service.

    Parameters
    ----------
    service
        The tables, the queue and the files.
    threads
        How many batches are worked on at the same time.
    """

    def __init__(self, service: Service, threads: int = 1) -> None:
        self.id = secrets.token_urlsafe(12)
        self._service = service
        self._stopping = threading.Event()
        self._pause = service.settings.lease_seconds / SIGNS_PER_LEASE
        self._caretaker = threading.Thread(target=self._care, name="caretaker", daemon=True)
        service.queue.serve(self.work)
        self._consumer: Any = _consumer(service.queue.huey, workers=threads, periodic=False, max_delay=1.0, scheduler_interval=60)

    def start(self) -> None:
        """Begin; returns at once."""
        self._service.ledger.greet(self.id)
        self._look_after()
        self._consumer.start()
        self._caretaker.start()

    def stop(self) -> None:
        """End the running jobs and give their batches back to the queue."""
        self._stopping.set()
        if self._caretaker.ident is None:
            return  # it was never started
        self._consumer.stop(graceful=True)
        self._caretaker.join()
        self._service.ledger.part(self.id)

    # ------------------------------------------------------------------ one batch

    def work(self, batch_id: str) -> None:
        """Run one batch, if it still waits."""
        ledger = self._service.ledger
        claim = None if self._stopping.is_set() else ledger.claim(batch_id)
        batch = ledger.get(batch_id)
        if claim is None or batch is None:
            return
        files = batch_files(self._service.settings, batch_id)
        run = files.run(claim)
        run.mkdir()
        job = Job(files.upload, run, batch.options, batch.reader, self._service.settings.engine)
        grace = self._service.settings.cancel_grace_seconds
        log.info("batch %s: attempt %s", batch_id, batch.attempts)
        with Child(job, files.log) as child:
            ending = self._watch(child, batch_id, claim)
            if ending in (_Ending.CANCELLED, _Ending.STOPPED):
                child.stop(grace)
        shutil.rmtree(run / SCRATCH, ignore_errors=True)
        self._settle(batch_id, claim, run, ending)

    def _watch(self, child: Child, batch_id: str, claim: str) -> _Ending:
        """Pass on the progress and keep the claim until the run is over."""
        ledger = self._service.ledger
        stage, fraction, detail = "start", None, ""
        due = 0.0
        while not child.exited(TICK_SECONDS):
            if self._stopping.is_set():
                return _Ending.STOPPED
            news = child.news()
            if news or time.monotonic() >= due:
                stage, fraction, detail = news or (stage, fraction, detail)
                due = time.monotonic() + self._pause
                if not ledger.report(batch_id, claim, stage, fraction, detail):
                    return _Ending.LOST
            batch = ledger.get(batch_id)
            if batch is not None and batch.cancel:
                return _Ending.CANCELLED
        return _Ending.EXITED

    def _settle(self, batch_id: str, claim: str, run: Path, ending: _Ending) -> None:
        """Write down what became of the batch; a run that leaves nothing to show leaves no files."""
        ledger = self._service.ledger
        finding = _read_finding(run) if ending is _Ending.EXITED else None
        kept = False
        if finding is not None:
            kept = ledger.finish(batch_id, claim, finding) and finding.folder is not None
        elif ending is _Ending.CANCELLED:
            ledger.finish(batch_id, claim, Finding(Status.CANCELLED))
        elif ending is not _Ending.LOST:
            died = ending is _Ending.EXITED
            status = ledger.give_back(batch_id, claim, died=died)
            log.log(logging.WARNING if died else logging.INFO, "batch %s: the run broke off, now %s", batch_id, status)
            if status is Status.QUEUED:
                self._service.queue.put(batch_id)
        if not kept:
            shutil.rmtree(run, ignore_errors=True)

    # ------------------------------------------------------------------ all batches

    def _care(self) -> None:
        clean_at = 0.0
        while not self._stopping.wait(self._pause):
            try:
                self._look_after()
                if time.monotonic() >= clean_at:
                    self._service.clean(STRAY_SECONDS)
                    clean_at = time.monotonic() + CLEAN_SECONDS
            except (SQLAlchemyError, OSError):
                log.exception("looking after the batches failed; trying again")

    def _look_after(self) -> None:
        """Say that this worker lives, take back the batches of those that do not, and put in the queue what is missing there."""
        ledger, queue = self._service.ledger, self._service.queue
        ledger.greet(self.id)
        for batch_id, status in ledger.recover():
            log.warning("batch %s: its worker is gone, now %s", batch_id, status)
        waiting = ledger.queued(older_than=SETTLED_SECONDS)
        if waiting:
            known = queue.waiting()
            for batch_id in waiting:
                if batch_id not in known:
                    queue.put(batch_id)


class _Consumer(Consumer):
    """A consumer that leaves the process's signals alone: they belong to the server."""

    def _set_signal_handlers(self) -> None:
        pass


_consumer: Any = _Consumer  # huey has no types


def _read_finding(run: Path) -> Finding | None:
    """What the job found; None when it ended before it could say so."""
    path = run / FINDING
    if not path.is_file():
        return None
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Finding(**{**read, "status": Status(read["status"])})


def run_worker(instance: str | Path | None = None, *, workers: int = 1, settings: Settings | None = None) -> None:
    """Work on the batches of an instance until SIGINT or SIGTERM (the verb `matcher worker`).

    Parameters
    ----------
    instance
        The instance folder; None: as the environment says.
    workers
        How many batches are worked on at the same time.
    settings
        Goes before both.
    """
    over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: over.set())
    service = Service(settings or from_environment(instance=None if instance is None else Path(instance)))
    worker = Worker(service, workers)
    worker.start()
    try:
        while not over.wait(1.0):
            pass
    finally:
        worker.stop()
        service.close()
