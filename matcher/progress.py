"""What a long job tells while it runs, and how it is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

STAGES = ("read", "check", "compile", "start", "solve", "verify", "explain", "write", "report")


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a job: the stage (of STAGES), the fraction of the stage done (None: not known) and a detail for people."""

    stage: str
    fraction: float | None = None
    detail: str = ""


OnProgress = Callable[[Progress], None]


class Cancel(Protocol):
    """Anything that can say whether the job should stop: a `threading.Event` does."""

    def is_set(self) -> bool:
        """True once the job should stop."""
        ...


class Cancelled(Exception):
    """Raised inside a stage when `Cancel` says stop; `matcher.solve` turns it into a result with the reason `cancelled`."""


def silent(_: Progress) -> None:
    """An OnProgress that tells nobody."""
