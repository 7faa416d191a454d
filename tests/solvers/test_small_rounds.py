"""A small round never pays for numba: neither importing the package nor solving loads it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

IMPORTS = """
import sys
import matcher, matcher.cli, matcher.solvers.route, matcher.solvers.flow, matcher.runner, matcher.solving
assert "numba" not in sys.modules and "llvmlite" not in sys.modules
assert not any(name.startswith("matcher.solvers.forest") for name in sys.modules)
"""

SOLVES = """
import sys
import matcher
from matcher.synth import generate
for round_, engine in ((generate(60, seed=1), "flow ("), (matcher.read("sample_data/small"), "relaxation (")):
    result = matcher.solve(round_, isolate=False)
    assert result.outcome == "solved", result.outcome
    assert result.engine.startswith(engine), result.engine
assert "numba" not in sys.modules and "llvmlite" not in sys.modules
assert not any(name.startswith("matcher.solvers.forest") for name in sys.modules)
"""

PLANS = """
import sys
import numpy as np
from matcher.solvers import route
from tests.solvers.problems import seat_problem
plan = route.plan(seat_problem([[0]], [1]), "forest")
assert plan.engine == "forest"
assert "numba" not in sys.modules, "choosing is not loading"
"""


@pytest.mark.parametrize("script", [IMPORTS, SOLVES, PLANS], ids=["importing", "solving", "planning"])
def test_numba_stays_out(script: str) -> None:
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
