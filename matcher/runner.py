"""One solve in a child process: within a budget, with progress, and ended at once when told so.

Solvers hold Python's global lock for as long as they run, so nothing else could draw progress or notice Ctrl-C in the same process. The
child is a plain `python -m` process (not `multiprocessing`), so it works from scripts without a main guard, from notebooks and from threads
of a web server.
"""

from __future__ import annotations

import json
import os
import pickle
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
from matcher.progress import Cancel, OnProgress, Progress, silent
from matcher.solvers.route import Plan

POLL_SECONDS = 0.05
"""How long a cancel or the end of the budget may go unnoticed."""


def run(problem: Problem, plan: Plan, *, seed: int = 0, seconds: float | None = None, on_progress: OnProgress = silent, cancel: Cancel | None = None) -> Answer:
    """Solve in a child process.

    Returns the child's answer; after a cancel or at the time limit the best matching it had handed over, with that reason, or an answer `no_answer`.

    Raises
    ------
    EngineFailed
        The child died or broke off.
    """
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="matcher-") as name:
        folder = Path(name)
        with (folder / "problem.pickle").open("wb") as file:
            pickle.dump((problem, plan, seed), file, protocol=5)
        with _start(folder) as child:
            why, words = _watch(child, begun, seconds, on_progress, cancel)
        return _outcome(folder, problem, plan, why, child.returncode, words)


def _watch(child: subprocess.Popen[str], begun: float, seconds: float | None, on_progress: OnProgress, cancel: Cancel | None) -> tuple[str | None, str]:
    """Wait for the child; end it when told so. Returns why it was ended (None: it ended by itself) and what it said on stderr."""
    ended = threading.Event()
    listener = threading.Thread(target=_listen, args=(child.stdout, on_progress, ended), daemon=True)
    listener.start()
    why = None
    try:
        while why is None and not ended.wait(POLL_SECONDS):
            if cancel is not None and cancel.is_set():
                why = "cancelled"
            elif seconds is not None and time.monotonic() - begun > seconds:
                why = "time_limit"
    except KeyboardInterrupt:
        why = "cancelled"
    finally:
        if not ended.is_set():
            child.kill()
        words = child.stderr.read() if child.stderr else ""
        listener.join()
    return why, words


def _start(folder: Path) -> subprocess.Popen[str]:
    """Start the child in a session of its own, so that Ctrl-C reaches only the parent, which then decides."""
    here = str(Path(__file__).resolve().parents[1])
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-m", "matcher.solvers.child", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        start_new_session=os.name == "posix",
    )


def _listen(stream: IO[str] | None, on_progress: OnProgress, ended: threading.Event) -> None:
    """Pass the child's progress on until it closes its output."""
    for line in stream or ():
        on_progress(Progress("solve", json.loads(line)["fraction"]))
    ended.set()


def _outcome(folder: Path, problem: Problem, plan: Plan, why: str | None, code: int, words: str) -> Answer:
    found = folder / "answer.pickle"
    if why is None and code != 0:
        last = words.strip().splitlines()[-1] if words.strip() else f"exit code {code}"
        raise EngineFailed("engine.died", engine=plan.engine, detail=last)
    if not found.is_file():
        return nothing(problem, plan.engine, why or "cancelled")
    with found.open("rb") as file:
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
