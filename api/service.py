"""What the pages and the REST API have in common: hand in a round, look at a batch, cancel or delete it."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from matcher.errors import InputError

from . import engine as matcher_engine
from .files import BatchFiles, batch_files, remove_strays
from .finding import Status
from .jobs import Queue
from .ledger import Ledger, Newcomer
from .matches import forget
from .options import Options
from .receive import Received
from .settings import Settings
from .store import Batch, Store

Receive = Callable[[Path], Received]


class Service:
    """One instance: its settings, tables, queue, files and engine."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings)
        self.ledger = Ledger(self.store, settings)
        self.queue = Queue(settings)
        self._checking = threading.Lock()  # one at a time: a check takes memory, and the queue is there for the rest
        self.engine: Any = import_module(settings.engine) if settings.engine else matcher_engine

    def close(self) -> None:
        """Give everything back."""
        self.queue.close()
        self.store.close()

    def submit(self, receive: Receive, options: Options, reader: str, *, key: str | None = None, check_at_once: bool = False) -> tuple[Batch, bool]:
        """Take a round in.

        Parameters
        ----------
        receive
            Writes the upload into the folder it is given.
        options
            What goes before the round's own settings.
        reader
            The language of the sender.
        key
            The sender's idempotency key.
        check_at_once
            Check a small round before it is accepted.

        Returns
        -------
        batch, created
            `created` is False where the key and the round were handed in before.

        Raises
        ------
        QueueFull, KeyReused, UnreadableFile, InputError
        """
        hashed = None if key is None else _digest(key)
        if hashed is None or not self.ledger.has_key(hashed):
            self.ledger.check_room()
        batch_id = secrets.token_urlsafe(16)
        files = batch_files(self.settings, batch_id)
        accepted = False
        try:
            received = receive(files.upload_folder)
            fingerprint = _digest(received.digest, json.dumps(options.as_dict(), sort_keys=True))
            known = self.ledger.known(hashed, fingerprint)
            if known is not None:
                return known, False
            if check_at_once and received.burden <= self.settings.check_at_once_bytes:
                self._check(files)
            new = Newcomer(batch_id, received.name, received.size, fingerprint, reader, options.as_dict(), hashed)
            batch, accepted = self.ledger.accept(new)
        finally:
            if not accepted:
                files.remove()
        if accepted:
            self.queue.put(batch.id)
        return batch, accepted

    def _check(self, files: BatchFiles) -> None:
        with self._checking:
            checked = self.engine.check(files.upload)
        if checked.round is None:
            raise InputError(checked.issues)

    def files(self, batch: Batch) -> BatchFiles:
        """The files of a batch."""
        return batch_files(self.settings, batch.id)

    def run_file(self, batch: Batch, *names: str) -> Path | None:
        """A file of the run that finished; None where there is none."""
        if batch.folder is None:
            return None
        path = self.files(batch).folder.joinpath(batch.folder, *names)
        return path if path.is_file() else None

    def cancel_or_delete(self, batch: Batch) -> bool:
        """Cancel a batch that waits or runs; delete a finished one with its files. True: it is deleted."""
        if not Status(batch.status).final:
            self.ledger.cancel(batch.id)
            return False
        return self.delete(batch.id)

    def delete(self, batch_id: str) -> bool:
        """Delete a finished batch with its files. False: it is not finished."""
        gone = self.ledger.purge(batch_id)
        if gone:
            batch_files(self.settings, batch_id).remove()
            forget()
        return gone

    def clean(self, stray_seconds: float) -> None:
        """Delete what was kept long enough, and what belongs to nobody."""
        for batch_id in self.ledger.outdated():
            self.delete(batch_id)
        remove_strays(self.settings, self.ledger.known_ids(), stray_seconds)


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
