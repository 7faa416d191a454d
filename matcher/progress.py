"""What a long job tells while it runs, and how it is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")

STAGES = ("read", "check", "compile", "start", "solve", "verify", "explain", "staff", "compare", "frontier", "write", "report")


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
    """Raised inside a stage when `Cancel` says stop; nothing is left half-done. `matcher.solve` turns it into a result with the reason `cancelled`."""


def silent(_: Progress) -> None:
    """An OnProgress that tells nobody."""


def stoppable(on_progress: OnProgress, cancel: Cancel | None) -> OnProgress:
    """An OnProgress that ends the job where it was told to stop: each report is a point at which a stage may end.

    So a stage that reports between pieces of work of at most half a second can be stopped within a second, and hands on nothing but its OnProgress.

    Raises
    ------
    Cancelled
        By the returned function, once `cancel` is set.
    """
    if cancel is None:
        return on_progress

    def report(step: Progress) -> None:
        if cancel.is_set():
            raise Cancelled
        on_progress(step)

    return report


def within(on_progress: OnProgress, stage: str, low: float, high: float) -> Callable[[float], None]:
    """Report a part of a stage: 0 to 1 of the part is `low` to `high` of the stage."""

    def report(fraction: float) -> None:
        on_progress(Progress(stage, low + (high - low) * fraction))

    return report


class Beside(Generic[T]):
    """A piece of work in a thread of its own, beside the rest of a job; it may be abandoned, and then ends unheard.

    Meant for library calls that leave Python's global lock alone, so that the rest goes on meanwhile and can be stopped. Python waits for the thread before
    it exits: a library that is taken down while it works would crash.
    """

    PAUSE_SECONDS = 0.05

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._done: T
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._done = self._work()
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits for the work
            self._error = error

    @property
    def ready(self) -> bool:
        """Whether the work is over."""
        return not self._thread.is_alive()

    def wait(self, tick: Callable[[], None]) -> T:
        """Wait for the work; `tick` is called now and then, and may raise. Raises what the work raised."""
        while not self.ready:
            tick()
            self._thread.join(self.PAUSE_SECONDS)
        if self._error is not None:
            raise self._error
        return self._done


def abandonable(work: Callable[[], T], cancel: Cancel | None) -> T:
    """Do a piece of work that changes nothing outside of it; told to stop, leave it alone and return at once, though a library call in it may take long.

    The work goes on unheard until its next report to a `stoppable` OnProgress. So it should leave Python's global lock alone for most of the time.

    Raises
    ------
    Cancelled
        `cancel` said so.
    """
    if cancel is None:
        return work()
    asked = cancel

    def tick() -> None:
        if asked.is_set():
            raise Cancelled

    return Beside(work).wait(tick)
