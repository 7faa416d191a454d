"""One solve in a child process: within a budget, with progress, and ended at once when told so.

Solvers hold Python's global lock for as long as they run, so nothing else could draw progress or notice Ctrl-C in the same process. The
child is a plain `python -m` process (not `multiprocessing`), so it works from scripts without a main guard, from notebooks and from threads
of a web server.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np

from matcher.errors import EngineFailed
from matcher.problem import Answer, Problem
from matcher.progress import Cancel, Cancelled, OnProgress, Progress, silent, stoppable
from matcher.solvers.parcel import send
from matcher.solvers.route import Budget, Plan

ANSWER = "answer.pickle"

HEAD_START, HEAD_PART = 1.0, 0.1
"""An engine is told to stop so many seconds, or such a part of the budget, before it is ended."""

POLL_SECONDS = 0.05
"""How long a cancel or the end of the budget may go unnoticed."""


def run(
    problem: Problem,
    plan: Plan,
    *,
    seed: int = 0,
    seconds: float | None = None,
    gap: float = 0.0,
    on_progress: OnProgress = silent,
    cancel: Cancel | None = None,
) -> Answer:
    """Solve in a child process. An engine that could go on stops by itself a little before the `seconds` are over, or once its gap is no larger than `gap`.

    Returns the child's answer; after a cancel or at the time limit the best matching it had handed over, with that reason, or an answer `no_answer`.

    Raises
    ------
    EngineFailed
        The child died or broke off.
    """
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="matcher-") as name:
        folder = Path(name)
        own = None if seconds is None else max(0.0, seconds - max(HEAD_START, seconds * HEAD_PART))
        why = _send(folder, (problem, plan, seed, Budget(own, gap)), cancel)
        if why is not None:
            return nothing(problem, plan.engine, why)
        with (folder / "stderr").open("w+", encoding="utf-8", errors="replace") as complaints:
            with _start(folder, complaints) as child:
                why = _watch(child, begun, seconds, on_progress, cancel)
            complaints.seek(0)
            words = complaints.read().strip().splitlines()
        if why is None and (child.returncode != 0 or not (folder / ANSWER).is_file()):
            raise EngineFailed("engine.died", engine=plan.engine, detail=words[-1] if words else f"exit code {child.returncode}")
        return _outcome(folder, problem, plan, why)


def _send(folder: Path, value: object, cancel: Cancel | None) -> str | None:
    """Write the problem for the child; says why where it was told to stop meanwhile."""
    tell = stoppable(silent, cancel)
    try:
        send(value, folder, lambda: tell(Progress("start")))
    except (Cancelled, KeyboardInterrupt):
        return "cancelled"
    return None


def _watch(child: subprocess.Popen[str], begun: float, seconds: float | None, on_progress: OnProgress, cancel: Cancel | None) -> str | None:
    """Pass the child's progress on until it ends; end it when told so, and say why (None: it ended by itself)."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    listener = threading.Thread(target=_listen, args=(child.stdout, lines), daemon=True)
    listener.start()
    try:
        while True:
            if cancel is not None and cancel.is_set():
                return "cancelled"
            if seconds is not None and time.monotonic() - begun > seconds:
                return "time_limit"
            try:
                line = lines.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            if line is None:
                return None
            on_progress(Progress("solve", _fraction(line)))
    except KeyboardInterrupt:
        return "cancelled"
    finally:
        if listener.is_alive():
            child.kill()
        listener.join()


def _listen(stream: IO[str] | None, lines: queue.SimpleQueue[str | None]) -> None:
    """Hand over the child's lines, and None when it closes its output."""
    for line in stream or ():
        lines.put(line)
    lines.put(None)


def _fraction(line: str) -> float | None:
    """What a line of the child says of its progress; a line of another kind (a library that prints) says nothing."""
    try:
        return float(json.loads(line)["fraction"])
    except (ValueError, KeyError, TypeError):
        return None


def _start(folder: Path, complaints: IO[str]) -> subprocess.Popen[str]:
    """Start the child in a session of its own, so that Ctrl-C reaches only the parent, which then decides."""
    here = str(Path(__file__).resolve().parents[1])
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-m", "matcher.solvers.child", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=complaints,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        start_new_session=os.name == "posix",
    )


def _outcome(folder: Path, problem: Problem, plan: Plan, why: str | None) -> Answer:
    """The last answer that the child handed over."""
    if not (folder / ANSWER).is_file():
        return nothing(problem, plan.engine, why or "cancelled")
    with (folder / ANSWER).open("rb") as file:
        answer: Answer = pickle.load(file)  # noqa: S301 - our own child wrote it into our private folder
    # The child may have finished in the very moment it was told to stop: then its answer stands.
    return answer if why is None or answer.reason != "cancelled" else replace(answer, reason=why)


def nothing(problem: Problem, engine: str, why: str) -> Answer:
    """The answer of an engine that was stopped before it had any."""
    return Answer(
        "no_answer",
        why,
        np.full(problem.demands, -1, dtype=np.int32),
        problem.tiers,
        np.zeros((problem.seats, len(problem.tiers)), dtype=np.int64),
        np.zeros((len(problem.rows), len(problem.tiers)), dtype=np.int64),
        engine,
        {"start": 0.0, "solve": 0.0},
    )
