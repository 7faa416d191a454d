"""One solver on one case, alone in its process: `python -m benchmarks.side_by_side FOLDER SOLVER` prints JSON.

FOLDER is what `benchmarks.cohort` wrote. SOLVER is one of the peers, `matcher` (our engine as routed), or an engine of ours by name.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.arcs import Arcs
from benchmarks.peers import SOLVERS


def measure(folder: Path, solver: str) -> dict[str, Any]:
    """Seconds and the optimum; or, under `left_out`, why this solver does not take part."""
    if solver not in SOLVERS:
        from benchmarks import ours

        own = ours.solve(folder, solver)
        return {"left_out": "does not carry this case"} if own is None else vars(own)
    peer = SOLVERS[solver]
    arcs = Arcs.load(folder / "arcs.npz")
    reason = peer.hindered(arcs)
    if reason is not None:
        return {"left_out": reason}
    try:
        importlib.import_module(peer.module)
    except ModuleNotFoundError:
        return {"left_out": MISSING}
    return vars(peer.solve(arcs))


MISSING = "not installed: pip install -e '.[bench]'"


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), sys.argv[2])))
