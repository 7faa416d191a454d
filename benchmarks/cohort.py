"""Make a case once, for everybody: `python -m benchmarks.cohort CASE STUDENTS FOLDER [FORMAT ...]`.

Writes `arcs.npz` for the other solvers, `problem.pickle` for our engines (with `warm.pickle`, a tiny round of the same case), and the round
in every format named.
"""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.arcs import arcs_of
from benchmarks.registry import FORMATS, SPECS, TINY, Format
from matcher.compile import compile_round
from matcher.errors import Unsupported
from matcher.intake import write_round


def write(case: str, students: int, folder: Path, formats: Sequence[Format] = ()) -> None:
    """The case at a size, in a folder.

    Raises
    ------
    Unsupported
        No engine carries the case.
    """
    spec = SPECS[case]
    round_ = spec.build(students)
    for name in formats:
        write_round(round_, folder / name, format=name)
    if spec.peers:
        arcs_of(round_).save(folder / "arcs.npz")
    for file, made in (("problem.pickle", round_), ("warm.pickle", spec.build(TINY))):
        compiled = compile_round(made)
        with (folder / file).open("wb") as stream:
            pickle.dump((compiled.problem, compiled.codebook.pair_rank), stream, protocol=5)


if __name__ == "__main__":
    try:
        write(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), [name for name in FORMATS if name in sys.argv[4:]])
    except Unsupported as refused:
        print(json.dumps({"left_out": str(refused)}))
    else:
        print(json.dumps({}))
