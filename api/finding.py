"""Where a batch stands, how a job ended, and what may be written down of an error."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """Where a batch stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Nothing will change any more, except that the batch may be deleted."""
        return self not in (Status.QUEUED, Status.RUNNING)


@dataclass(frozen=True, slots=True)
class Finding:
    """How a job ended.

    Attributes
    ----------
    status
        A final status.
    summary
        The result's summary (`result.json`), where there is a result.
    problems
        Number of issues by severity.
    error
        `code` and `params` of the sentence that says why there is no result (or, when it is done, no report).
    folder
        The run's folder, where it holds issues or a result.
    """

    status: Status
    summary: dict[str, Any] | None = None
    problems: dict[str, int] | None = None
    error: dict[str, Any] | None = None
    folder: str | None = None


def where(error: BaseException) -> str:
    """The kind of an error and where it was raised, for a log; not its message, which may quote a cell and with it a person."""
    return "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__
