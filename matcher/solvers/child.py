"""The child process of a solve: `python -m matcher.solvers.child FOLDER`.

Reads `problem.pickle` (written by the parent, nobody else), writes `answer.pickle` after every stage (whole or not at all), and tells its
progress as JSON lines on stdout. It is ended by being terminated, so it holds nothing that would need cleaning up.
"""

from __future__ import annotations

import ctypes
import json
import pickle
import signal
import sys
import time
from pathlib import Path

from matcher.problem import Answer
from matcher.solvers import route


def main(folder: Path) -> None:
    """Solve the problem in the folder."""
    _end_with_parent()
    begun = time.perf_counter()
    with (folder / "problem.pickle").open("rb") as file:
        problem, chosen, seed = pickle.load(file)  # noqa: S301 - the parent wrote it into its own private folder
    loading = time.perf_counter() - begun
    tiers = len(problem.tiers)

    def on_stage(answer: Answer, settled: int) -> None:
        _hand_over(folder, answer, loading)
        _tell(settled / tiers, settled)

    _tell(0.0, 0)
    _hand_over(folder, route.run(problem, chosen, seed, on_stage), loading)
    _tell(1.0, tiers)


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
