"""A command in a process of its own: wall seconds, and the memory it needs with everything it starts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAMPLE_SECONDS = 0.02
"""The memory of the whole family of processes is looked at this often."""


class Wrong(Exception):
    """A measurement that failed, or whose result does not hold."""


class TooLong(Exception):
    """A process that did not end within its time, and was ended."""


@dataclass(frozen=True)
class Run:
    """What a command took.

    Attributes
    ----------
    seconds
        Wall time, from start to end.
    largest_mb
        The largest resident memory of any single process in it (None where the system does not tell).
    together_mb
        The largest sum over all its processes at one moment, sampled; memory that two of them share counts twice.
    """

    code: int
    output: str
    errors: str
    seconds: float
    largest_mb: float | None
    together_mb: float | None


def run(command: Sequence[str], *, seconds: float | None = None) -> Run:
    """Run a command to its end.

    Raises
    ------
    TooLong
        It took more than `seconds`; the process is ended (not what it started: only for commands that start none).
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, stdin=subprocess.DEVNULL)
        watch = _Watch(process.pid)
        watch.start()
        ended = threading.Event()
        alarm = threading.Timer(seconds or 0.0, _end, (process.pid, ended))
        if seconds is not None:
            alarm.start()
        largest = None
        if hasattr(os, "wait4"):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            largest = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
        else:
            process.wait()
        spent = time.perf_counter() - started
        alarm.cancel()
        watch.stop()
        if ended.is_set():
            raise TooLong(f"more than {seconds:,.0f} s")
        return Run(process.returncode, _text(output), _text(errors), spent, largest, watch.peak_mb)


def python(module: str, *arguments: str, seconds: float | None = None) -> Any:
    """The JSON document that a module of ours prints, run in a fresh interpreter; with its time as `wall` and its memory as `largest_mb` and `together_mb`.

    Raises
    ------
    Wrong
        The module failed; the message holds what it said.
    TooLong
        It took more than `seconds`.
    """
    done = run([sys.executable, "-m", module, *arguments], seconds=seconds)
    if done.code:
        raise Wrong(f"python -m {module} {' '.join(arguments)} ended with {done.code}:\n{done.errors}")
    return {**json.loads(done.output.splitlines()[-1]), "wall": done.seconds, "largest_mb": done.largest_mb, "together_mb": done.together_mb}


def _end(pid: int, ended: threading.Event) -> None:
    """End a process by its id; `Popen.kill` would fetch its exit status, which is waited for elsewhere."""
    ended.set()
    os.kill(pid, signal.SIGTERM)


def _text(file: Any) -> str:
    file.seek(0)
    return str(file.read().decode("utf-8", errors="replace"))


class _Watch(threading.Thread):
    """Looks at the memory of a process and its descendants until it is stopped (Linux; elsewhere it sees nothing)."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._over = threading.Event()
        self.peak_mb: float | None = None

    def run(self) -> None:
        """Look."""
        page = os.sysconf("SC_PAGE_SIZE") if Path("/proc/self/statm").exists() else 0
        while page and not self._over.wait(SAMPLE_SECONDS):
            now = sum(_resident(pid) for pid in _family(self._pid)) * page / 1e6
            self.peak_mb = max(self.peak_mb or 0.0, now)

    def stop(self) -> None:
        """Look no longer."""
        self._over.set()
        self.join()


def _family(pid: int) -> Iterator[int]:
    """The process and all its descendants."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _family(int(child))


def _resident(pid: int) -> int:
    """Resident pages; 0 once the process is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
