"""What happens to a batch: the one place where its status changes.

    queued --claim--> running --finish--> done | rejected | failed | cancelled --purge--> gone
      |  ^               |
      |  +---give back---+   the worker stops, or its job died (at most `max_attempts` starts)
      +--cancel--> cancelled

Every change is one UPDATE whose WHERE names the state it leaves, so two processes cannot both make it. Whoever runs a batch holds its `claim`; a
worker that was silent for longer than its lease loses the claim, and what it reports later changes nothing.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from .finding import Finding, Status
from .settings import Settings
from .store import Batch, SchemaVersion, Store, Worker


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A round that was just received; `reader` is the language of whoever handed it in."""

    id: str
    name: str
    size: int
    fingerprint: str
    reader: str
    options: dict[str, Any] = field(default_factory=dict)
    key: str | None = None


class QueueFull(Exception):
    """So many batches are waiting that no more are taken."""


class KeyReused(Exception):
    """The idempotency key was given before, with another round or other options."""


class Ledger:
    """The batches of one instance.

    Parameters
    ----------
    store, settings
        Where the table is, and how long leases last.
    now
        The clock, in seconds since 1970.
    """

    def __init__(self, store: Store, settings: Settings, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._settings = settings
        self._now = now

    # ------------------------------------------------------------------ arrivals

    def check_room(self) -> None:
        """Raise QueueFull when no more batches are taken."""
        if self.counts()[Status.QUEUED] >= self._settings.max_queue:
            raise QueueFull

    def has_key(self, key: str) -> bool:
        """Whether a batch was handed in with this idempotency key."""
        with self._store.session() as session:
            return session.scalar(select(Batch.id).where(Batch.key == key)) is not None

    def known(self, key: str | None, fingerprint: str) -> Batch | None:
        """The batch that was handed in with this idempotency key before, or None.

        Raises
        ------
        KeyReused
            It was another round, or it had other options.
        """
        if key is None:
            return None
        with self._store.session() as session:
            found = session.scalar(select(Batch).where(Batch.key == key))
        if found is not None and found.fingerprint != fingerprint:
            raise KeyReused
        return found

    def accept(self, new: Newcomer) -> tuple[Batch, bool]:
        """Put a batch in the queue.

        Returns
        -------
        batch, created
            `created` is False where another request with the same idempotency key and the same round was first.
        """
        values = {name: getattr(new, name) for name in ("id", "name", "size", "fingerprint", "reader", "options", "key")}
        batch = Batch(**values, status=Status.QUEUED, created=self._now())
        try:
            with self._store.session() as session:
                session.add(batch)
        except IntegrityError:
            first = self.known(new.key, new.fingerprint)
            if first is None:
                raise
            return first, False
        return batch, True

    # ------------------------------------------------------------------ looking

    def get(self, batch_id: str) -> Batch | None:
        """The batch, or None."""
        with self._store.session() as session:
            return session.get(Batch, batch_id)

    def place(self, batch: Batch) -> int | None:
        """1 for the batch that is next; None when it does not wait."""
        if batch.status != Status.QUEUED:
            return None
        earlier = (Batch.created < batch.created) | ((Batch.created == batch.created) & (Batch.id <= batch.id))
        with self._store.session() as session:
            return session.scalar(select(func.count()).where(Batch.status == Status.QUEUED, earlier))

    def counts(self) -> dict[Status, int]:
        """Number of batches by status."""
        with self._store.session() as session:
            rows = session.execute(select(Batch.status, func.count()).group_by(Batch.status))
            return dict.fromkeys(Status, 0) | {Status(status): count for status, count in rows}

    def queued(self, older_than: float = 0.0) -> list[str]:
        """Ids of the batches that have waited for more than so many seconds, first come first."""
        with self._store.session() as session:
            rows = session.scalars(select(Batch.id).where(Batch.status == Status.QUEUED, Batch.created <= self._now() - older_than).order_by(Batch.created))
            return list(rows)

    def known_ids(self) -> set[str]:
        """Ids of all batches."""
        with self._store.session() as session:
            return set(session.scalars(select(Batch.id)))

    # ------------------------------------------------------------------ a worker's run

    def claim(self, batch_id: str) -> str | None:
        """Take a waiting batch; None when it does not wait any more (cancelled, or somebody else has it)."""
        claim = secrets.token_urlsafe(12)
        now = self._now()
        taken = self._change(
            [Batch.id == batch_id, Batch.status == Status.QUEUED],
            status=Status.RUNNING,
            claim=claim,
            lease=now + self._settings.lease_seconds,
            started=now,
            attempts=Batch.attempts + 1,
            stage="start",
            fraction=None,
            detail="",
        )
        return claim if taken else None

    def report(self, batch_id: str, claim: str, stage: str, fraction: float | None, detail: str) -> bool:
        """Note the progress and renew the lease. False: the claim is lost, the run must end."""
        lease = self._now() + self._settings.lease_seconds
        return self._change(_held(batch_id, claim), stage=stage, fraction=fraction, detail=detail[:200], lease=lease)

    def finish(self, batch_id: str, claim: str, finding: Finding) -> bool:
        """Note how the run ended. False: the claim was lost, the finding is void."""
        return self._change(
            _held(batch_id, claim),
            status=finding.status,
            finished=self._now(),
            claim=None,
            lease=None,
            summary=finding.summary,
            problems=finding.problems,
            error=finding.error,
            folder=finding.folder,
        )

    def give_back(self, batch_id: str, claim: str, *, died: bool) -> Status | None:
        """Return a batch to the queue because its worker stops, or because its job `died`; the latter counts as an attempt.

        Returns
        -------
        status
            What became of it: queued, cancelled (somebody asked for that meanwhile), failed (too many attempts), or None when the claim was lost.
        """
        batch = self.get(batch_id)
        if batch is None or batch.claim != claim:
            return None
        if batch.cancel:
            status = Status.CANCELLED
        elif died and batch.attempts >= self._settings.max_attempts:
            status = Status.FAILED
        else:
            status = Status.QUEUED
        values: dict[str, Any] = {"status": status, "claim": None, "lease": None, "stage": "", "fraction": None}
        if status.final:
            values["finished"] = self._now()
        if status is Status.FAILED:
            values["error"] = {"code": "api.failed.died", "params": {"attempts": batch.attempts}}
        if not died:
            values["attempts"] = Batch.attempts - 1
        return status if self._change(_held(batch_id, claim), **values) else None

    def recover(self) -> list[tuple[str, Status]]:
        """Take back the batches whose worker has been silent for longer than its lease."""
        with self._store.session() as session:
            lost = session.execute(select(Batch.id, Batch.claim).where(Batch.status == Status.RUNNING, Batch.lease < self._now())).all()
        taken = [(batch_id, self.give_back(batch_id, claim, died=True)) for batch_id, claim in lost if claim]
        return [(batch_id, status) for batch_id, status in taken if status is not None]

    # ------------------------------------------------------------------ departures

    def cancel(self, batch_id: str) -> None:
        """A waiting batch is cancelled at once; a running one is asked to stop; a finished one stays as it is."""
        if not self._change([Batch.id == batch_id, Batch.status == Status.QUEUED], status=Status.CANCELLED, finished=self._now()):
            self._change([Batch.id == batch_id, Batch.status == Status.RUNNING], cancel=True)

    def purge(self, batch_id: str) -> bool:
        """Forget a finished batch. False: it is not finished (or not there)."""
        with self._store.session() as session:
            gone = session.execute(delete(Batch).where(Batch.id == batch_id, Batch.status.not_in([Status.QUEUED, Status.RUNNING])))
            return _changed(gone)

    def outdated(self) -> list[str]:
        """Ids of the finished batches that were kept long enough."""
        if not self._settings.keep_days:
            return []
        limit = self._now() - self._settings.keep_days * 86_400
        with self._store.session() as session:
            return list(session.scalars(select(Batch.id).where(Batch.finished < limit)))

    # ------------------------------------------------------------------ signs of life

    def probe(self) -> None:
        """Write to the database; raises SQLAlchemyError when that is not possible."""
        with self._store.session() as session:
            session.execute(update(SchemaVersion).values(probed=self._now()))

    def greet(self, worker_id: str) -> None:
        """Note that a worker is alive."""
        now = self._now()
        with self._store.session() as session:
            worker = session.get(Worker, worker_id)
            if worker is None:
                session.add(Worker(id=worker_id, started=now, seen=now))
            else:
                worker.seen = now

    def part(self, worker_id: str) -> None:
        """Note that a worker has stopped, and forget those that died long ago."""
        with self._store.session() as session:
            session.execute(delete(Worker).where((Worker.id == worker_id) | (Worker.seen < self._now() - 86_400)))

    def workers(self) -> tuple[int, float | None]:
        """How many workers are alive, and when one was last seen."""
        with self._store.session() as session:
            last = session.scalar(select(func.max(Worker.seen)))
            alive = session.scalar(select(func.count()).where(Worker.seen >= self._now() - self._settings.lease_seconds))
        return alive or 0, last

    def _change(self, where: Sequence[ColumnElement[bool]], **values: Any) -> bool:
        with self._store.session() as session:
            return _changed(session.execute(update(Batch).where(*where).values(**values)))


def _held(batch_id: str, claim: str) -> list[ColumnElement[bool]]:
    return [Batch.id == batch_id, Batch.claim == claim, Batch.status == Status.RUNNING]


def _changed(result: Any) -> bool:
    return bool(result.rowcount)
