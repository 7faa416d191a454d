"""The child process of a solve: `python -m matcher.solvers.child FOLDER`.

Maps the problem that the parent left there (`parcel.py`), writes `answer.pickle` after every stage (whole or not at all), and tells its
progress as JSON lines on stdout. It is ended by being terminated, so it holds nothing that would need cleaning up.
"""

from __future__ import annotations

import ctypes
import json
import pickle
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matcher.problem import Answer
from matcher.solvers import route
from matcher.solvers.forest.report import SERVED, blank
from matcher.solvers.parcel import fetch

WATCH_SECONDS = 0.5


def main(folder: Path) -> None:
    """Solve the problem in the folder."""
    _end_with_parent()
    begun = time.perf_counter()
    problem, chosen, seed, budget = fetch(folder)
    loading = time.perf_counter() - begun
    tiers = len(problem.tiers)

    report = blank()
    done = [0.0]

    def on_stage(answer: Answer, settled: int) -> None:
        _hand_over(folder, answer, loading)
        done[0] = settled / tiers
        _tell(done[0], settled)

    _tell(0.0, 0)
    threading.Thread(target=_watch, args=(report, problem.demands, tiers, done), daemon=True).start()
    answer = route.run(problem, chosen, seed, on_stage, report, budget)
    done[0] = 1.0
    _hand_over(folder, answer, loading)
    _tell(1.0, tiers)


def _watch(report: npt.NDArray[np.int64], demands: int, tiers: int, done: list[float]) -> None:
    """Tell from time to time how many demands the stage at work has served (an engine that counts them lets other threads run meanwhile)."""
    told = 0.0
    while done[0] < 1.0:
        time.sleep(WATCH_SECONDS)
        fraction = min(0.99, done[0] + (1 - done[0]) * int(report[SERVED]) / max(1, demands))
        if fraction > max(told, done[0]):
            told = fraction
            _tell(fraction, round(done[0] * tiers))


def _tell(fraction: float, settled: int) -> None:
    sys.stdout.write(json.dumps({"fraction": fraction, "settled": settled}) + "\n")
    sys.stdout.flush()


def _hand_over(folder: Path, answer: Answer, loading: float) -> None:
    answer.seconds["start"] += loading
    draft = folder / "answer.part"
    with draft.open("wb") as file:
        pickle.dump(answer, file, protocol=5)
    draft.replace(folder / "answer.pickle")


def _end_with_parent() -> None:
    """On Linux: die when the parent dies, even if that is killed while this process computes."""
    if sys.platform == "linux":
        set_death_signal = 1
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
