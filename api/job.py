"""One batch, worked on in a process of its own: `python -m api.job`.

Reading and compiling a large workbook keeps a Python process busy for seconds, and whatever a file does to a library, it must not take the
service with it. The parent (`child.py`) writes one line of JSON to stdin, then keeps the pipe open: its end means "stop", whether the parent closed
it or died. Progress goes to stdout, one JSON array a line. The run's folder holds the finding when all else is in place.

The process knows files only: no database, no queue, no Flask.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from matcher.errors import CodedError, EngineFailed, InputError, Issue, MatcherError, UnreadableFile, Unsupported, VerificationFailed
from matcher.progress import Cancel, Cancelled, OnProgress, Progress

from . import engine as matcher_engine
from .files import FINDING, ISSUES, PROBLEMS, RESULT
from .finding import Finding, Status, where
from .issues import count, write_issues

LAST_WARNING_SECONDS = 1.5
"""A process that was told to stop and did not is ended after this long."""

SECONDS_BETWEEN_LINES = 0.2

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done.

    Attributes
    ----------
    upload, run
        The round, and the folder for everything that comes of it.
    options
        seconds, gap, seed, language, mechanism: what goes before the round's own settings (None: nothing).
    reader
        The language of whoever handed the round in.
    engine
        The module to use; empty: `engine.py`.
    """

    upload: Path
    run: Path
    options: dict[str, Any]
    reader: str
    engine: str = ""

    def dump(self) -> bytes:
        """The job as one line."""
        return json.dumps({**asdict(self), "upload": str(self.upload), "run": str(self.run)}).encode() + b"\n"

    @classmethod
    def load(cls, line: bytes) -> Job:
        """The job from its line."""
        read = json.loads(line)
        return cls(**{**read, "upload": Path(read["upload"]), "run": Path(read["run"])})


def work(engine: Any, job: Job, on_progress: OnProgress, cancel: Cancel) -> Finding:
    """Check, solve and write one round.

    Parameters
    ----------
    engine
        `engine.py`, or a module with the same functions.
    job
        What to do.
    on_progress, cancel
        Hear of every stage; stop within a moment.

    Returns
    -------
    finding
        How it ended, in every case: nothing is raised but what no program can handle.
    """
    try:
        return _work(engine, job, on_progress, cancel)
    except Exception as error:  # noqa: BLE001  # whatever it is, the batch must end, and with a sentence
        return _ending(error)


def _ending(error: Exception) -> Finding:
    """What became of a batch whose work broke off."""
    match error:
        case Cancelled():
            finding = Finding(Status.CANCELLED)
        case UnreadableFile() | Unsupported():
            finding = Finding(Status.REJECTED, error=_coded(error))
        case VerificationFailed():
            log.error("the verifier refused the answer: %s", error)
            finding = Finding(Status.FAILED, error={"code": "api.failed.verification", "params": {"violations": len(error.violations)}})
        case CodedError():
            finding = Finding(Status.FAILED, error=_coded(error))
        case MemoryError():
            finding = Finding(Status.FAILED, error={"code": "api.failed.memory", "params": {}})
        case _:
            log.error("unexpected error\n%s", where(error))
            finding = Finding(Status.FAILED, error={"code": "api.failed.internal", "params": {}})
    return finding


def _work(engine: Any, job: Job, on_progress: OnProgress, cancel: Cancel) -> Finding:
    on_progress(Progress("read"))
    checked = engine.check(job.upload, on_progress)
    problems = _note(engine, checked, checked.issues, job)
    if checked.round is None:
        return Finding(Status.REJECTED, problems=problems, folder=job.run.name)
    try:
        round_, result = engine.solve(checked.round, job.options, on_progress=on_progress, cancel=cancel)
    except InputError as error:  # sound by its tables, but not by its rules
        problems = _note(engine, checked, [*error.issues, *checked.issues], job)
        return Finding(Status.REJECTED, problems=problems, folder=job.run.name)
    further = engine.follow(round_, result, job.options, on_progress=on_progress, cancel=cancel)
    if cancel.is_set():
        return Finding(Status.CANCELLED)
    on_progress(Progress("write"))
    summary = engine.write(round_, result, further, job.run / RESULT, on_progress)
    if result.outcome == "failed":
        raise EngineFailed("api.failed.engine")
    on_progress(Progress("report"))
    return Finding(Status.DONE, summary=summary, problems=problems, folder=job.run.name, error=_report(engine, round_, result, job))


def _report(engine: Any, round_: Any, result: Any, job: Job) -> dict[str, Any] | None:
    """Write the reports; what went wrong, if anything did: a proven and checked result is handed out also without them."""
    try:
        engine.write_reports(round_, result, job.run / RESULT)
    except CodedError as error:
        return _coded(error)
    except Exception as error:  # noqa: BLE001  # see above
        log.error("the reports were not written\n%s", where(error))  # noqa: TRY400  # `where` leaves out what may be personal
        return {"code": "api.failed.report", "params": {}}
    return None


def _note(engine: Any, checked: Any, issues: Sequence[Issue], job: Job) -> dict[str, int]:
    """Keep the issues, and the round as a workbook with its problems marked; returns how many there are of each severity."""
    problems = count(issues)
    write_issues(issues, job.run / ISSUES)
    if problems["error"] or problems["warning"]:
        try:
            engine.write_problems(checked, issues, job.run / PROBLEMS, job.reader)
        except (MatcherError, OSError, ValueError) as error:  # the problems themselves must be told all the same
            log.error("the workbook with the problems was not written\n%s", where(error))  # noqa: TRY400  # `where` leaves out what may be personal
            (job.run / PROBLEMS).unlink(missing_ok=True)
    return problems


def _coded(error: CodedError) -> dict[str, Any]:
    return {"code": error.code, "params": {name: value if isinstance(value, int | float) else str(value) for name, value in error.params.items()}}


class Lines:
    """Progress as lines of JSON for the parent; a new stage at once, the rest of them now and then."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._stage = ""
        self._told = 0.0

    def __call__(self, progress: Progress) -> None:
        """Tell the parent."""
        now = time.monotonic()
        if progress.stage == self._stage and now - self._told < SECONDS_BETWEEN_LINES:
            return
        self._stage, self._told = progress.stage, now
        self._out.write(json.dumps([progress.stage, progress.fraction, progress.detail]).encode() + b"\n")
        self._out.flush()


def main() -> None:
    """Do the job that stands on stdin."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    told = sys.stdin.buffer.readline()
    if not told.strip():
        return
    job = Job.load(told)
    out = _own_stdout()
    cancel = threading.Event()
    threading.Thread(target=_listen, args=(cancel,), daemon=True).start()
    engine = import_module(job.engine) if job.engine else matcher_engine
    finding = work(engine, job, Lines(out), cancel)
    beside = job.run / f"{FINDING}.part"
    beside.write_text(json.dumps(asdict(finding), ensure_ascii=False, default=str), encoding="utf-8")
    beside.replace(job.run / FINDING)


def _own_stdout() -> IO[bytes]:
    """The pipe to the parent; what libraries print to stdout goes to stderr from now on."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def _listen(cancel: threading.Event) -> None:
    """Wait for the end of stdin, tell the job to stop, and end the process (with the solver it started) if it does not."""
    while os.read(0, 4096):
        pass
    cancel.set()
    time.sleep(LAST_WARNING_SECONDS)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main()
