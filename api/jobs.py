"""The queue: which batch is next. It is durable, lies in the SQLite file of the tables, and holds nothing but batch ids.

The table `batches` is the truth: a task says "look at this batch", and a task too many or one too late does no harm.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from huey import api as huey_api
from huey.registry import Message
from huey.serializer import Serializer

from .settings import Settings

BUSY_SECONDS = 20


class _Json(Serializer):
    """Tasks as JSON: whoever can write to the file can at most name a batch, never run code as pickle would."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps({"id": data.id, "name": data.name, "args": list(data.args)}).encode()

    def _deserialize(self, data: bytes) -> Any:
        read = json.loads(bytes(data))
        return _message(id=str(read["id"]), name=str(read["name"]), args=tuple(read["args"]), kwargs={}, retries=0, retry_delay=0)


# huey has no types
_message: Any = Message
_serializer: Any = _Json
_sqlite_huey: Any = huey_api.SqliteHuey


class Queue:
    """The batches that wait for a worker, first come first served."""

    def __init__(self, settings: Settings) -> None:
        self.huey: Any = _sqlite_huey("matcher", filename=str(settings.database_file), serializer=_serializer(), results=False, timeout=BUSY_SECONDS)
        self._work: Callable[[str], None] | None = None
        self._task = self.huey.task(name="work_on")(self._work_on)

    def put(self, batch_id: str) -> None:
        """Ask for a worker to look at the batch."""
        self.huey.enqueue(self._task.s(batch_id))

    def waiting(self) -> set[str]:
        """Ids of the batches that a worker will look at."""
        return {task.args[0] for task in self.huey.pending()}

    def serve(self, work: Callable[[str], None]) -> None:
        """Say what this process does with a batch; only processes that work need to."""
        self._work = work

    def close(self) -> None:
        """Close the connection to the file."""
        self.huey.storage.close()

    def _work_on(self, batch_id: str) -> None:
        if self._work is None:
            raise RuntimeError("this process takes no batches from the queue")
        self._work(batch_id)
