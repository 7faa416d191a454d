"""Where one engine of ours begins to win over another: `python -m benchmarks.threshold [CASE ...]` prints a table.

Each solve runs as a user's does, through `matcher.runner`, from a fresh process: everything that the engine has to load or compile counts.
"""

from __future__ import annotations

import json
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import fresh
from benchmarks.registry import BASE

SIZES = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
CASES = (BASE, "short", "zipf_exact")
REPEATS = 3

Row = dict[str, Any]


def engines() -> list[str]:
    """The engines that can be asked for by name (looked up in a process of its own: this one stays light)."""
    return list(fresh.python("benchmarks.threshold", "--engines")["engines"])


def measure(cases: Sequence[str] = CASES, sizes: Sequence[int] = SIZES, repeats: int = REPEATS) -> list[Row]:
    """Seconds of every engine at every size; the first solve of each is thrown away, for what it compiles is kept on the disk."""
    known = engines()
    return [_compare(case, size, known, repeats) for case in cases for size in sizes]


def _compare(case: str, students: int, known: Sequence[str], repeats: int) -> Row:
    """The engines in turns on one round."""
    print(f"measuring {case} {students:,} by engine ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        fresh.python("benchmarks.cohort", case, str(students), folder)
        runs: dict[str, list[float]] = {engine: [] for engine in known}
        for turn in range(repeats + 1):
            for engine in known:
                found = fresh.python("benchmarks.threshold", "--one", folder, engine)
                if turn:
                    runs[engine].append(found["seconds"])
    seconds = {engine: round(statistics.median(spent), 4) for engine, spent in runs.items()}
    return {"case": case, "students": students, "pairs": found["pairs"], "seconds": seconds, "fastest": min(seconds, key=seconds.__getitem__)}


def crossing(rows: Sequence[Row], first: str, second: str) -> float | None:
    """The number of pairs from which `second` is faster, between the last size at which it loses and the first at which it wins (by logarithms).

    None: it never wins, or wins at every size measured.
    """
    ahead = [(row["pairs"], math.log(row["seconds"][first] / row["seconds"][second])) for row in sorted(rows, key=lambda row: row["pairs"])]
    losing = [i for i, (_, lead) in enumerate(ahead) if lead <= 0]
    if not losing or losing[-1] == len(ahead) - 1:
        return None
    (low, behind), (high, lead) = ahead[losing[-1]], ahead[losing[-1] + 1]
    return math.exp(math.log(low) + (math.log(high) - math.log(low)) * -behind / (lead - behind))


def one(folder: Path, engine: str) -> Row:
    """Seconds of one solve through the runner."""
    from benchmarks import ours
    from matcher.runner import run

    problem, _ = ours.load(folder / "problem.pickle")
    plan = ours.planned(problem, engine)
    begun = time.perf_counter()
    answer = run(problem, plan)
    seconds = time.perf_counter() - begun
    if answer.reason != "optimal":
        raise fresh.Wrong(f"{engine} says {answer.reason}")
    return {"seconds": seconds, "pairs": problem.pairs}


def main(words: Sequence[str]) -> None:
    """Run the command line."""
    if words[:1] == ["--engines"]:
        from benchmarks import ours

        print(json.dumps({"engines": ours.engines()}))
    elif words[:1] == ["--one"]:
        print(json.dumps(one(Path(words[1]), words[2])))
    else:
        from benchmarks.tables import threshold

        print(threshold(measure(words or CASES)))


if __name__ == "__main__":
    main(sys.argv[1:])
