"""The worker's side of a job's process (`job.py`): start it, hear its progress, stop it, end it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from .job import Job

ROOT = Path(__file__).resolve().parents[1]
SCRATCH = "tmp"
POSIX = os.name == "posix"


class Child:
    """One running job; leaving the `with` block ends it, whatever happened.

    Parameters
    ----------
    job
        What to do.
    log
        Where its stderr goes.
    """

    def __init__(self, job: Job, log: Path) -> None:
        scratch = job.run / SCRATCH
        scratch.mkdir(parents=True, exist_ok=True)
        # Scratch files lie in the batch's own folder, so they go with it even after a kill.
        environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch)), "PYTHONPATH": _import_path()}
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", f"{__package__}.job"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=environment,
                start_new_session=POSIX,  # Ctrl-C in the terminal is for the service; and the whole group can be ended
            )
        self._progress: tuple[str, float | None, str] | None = None
        self._exited = threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._tell(job.dump())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop(grace=0.0)
        self._listener.join()
        self._pipe("stdout").close()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def news(self) -> tuple[str, float | None, str] | None:
        """The last stage, fraction and detail that were not handed out yet."""
        news, self._progress = self._progress, None
        return news

    def exited(self, seconds: float) -> bool:
        """Wait for the end of the job; whether it came."""
        return self._exited.wait(seconds)

    def stop(self, grace: float) -> None:
        """Tell the job to stop, and end it when it has not after so many seconds."""
        stdin = self._pipe("stdin")
        if not stdin.closed:
            with suppress(OSError):
                stdin.close()
        if not self._exited.wait(grace):
            self._end()
        self._process.wait()

    def _end(self) -> None:
        """End the process and the solver it started."""
        with suppress(ProcessLookupError):
            if POSIX:
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def _tell(self, line: bytes) -> None:
        stdin = self._pipe("stdin")
        with suppress(OSError):  # it died at once; `exited` tells
            stdin.write(line)
            stdin.flush()

    def _listen(self) -> None:
        for line in self._pipe("stdout"):
            stage, fraction, detail = json.loads(line)
            self._progress = (str(stage), fraction, str(detail))
        self._process.wait()
        self._exited.set()

    def _pipe(self, name: str) -> IO[bytes]:
        pipe: IO[bytes] | None = getattr(self._process, name)
        if pipe is None:
            raise RuntimeError(f"the job has no {name}")
        return pipe


def _import_path() -> str:
    """The folder of this package first, so the job runs the same code as the service."""
    rest = os.environ.get("PYTHONPATH")
    return f"{ROOT}{os.pathsep}{rest}" if rest else str(ROOT)
