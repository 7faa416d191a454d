"""The forest with what it counted, and with parts of it replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from matcher.problem import Answer, Problem
from matcher.solvers.forest import engine, grow
from matcher.solvers.forest.report import LEVELS, LOOKS, SERVED
from matcher.solvers.forest.state import WORK
from tests.solvers.problems import planned

Found = tuple[np.ndarray, np.ndarray]
"""What the kernel returns: the entry that each demand holds (or -1), and the potential of each node."""


def counted(problem: Problem, patch: pytest.MonkeyPatch) -> tuple[Answer, dict[str, int]]:
    """The answer of the forest itself, and what its last run did: demands served, items looked at, levels, edge ends looked along."""
    work: list[int] = []

    def listening(found: Found, *arguments: Any) -> Found:
        work.append(int(arguments[0].box[WORK]))
        return found

    report = np.zeros(5, dtype=np.int64)
    with patch.context() as within:
        after_kernel(within, listening)
        answer = engine.solve(problem, planned(problem, "forest").nesting, report=report)
    return answer, {"served": int(report[SERVED]), "looks": int(report[LOOKS]), "levels": int(report[LEVELS]), "work": work[-1]}


def keep_loaded(patch: pytest.MonkeyPatch) -> None:
    """Load both kernels now, so that no later load runs through what is replaced."""
    engine.load(wide=False)
    engine.load(wide=True)
    patch.setattr(engine, "load", lambda *_: None)


def after_kernel(patch: pytest.MonkeyPatch, change: Callable[..., Found]) -> None:
    """Let `change` see, and return, what the kernel found; loading is left alone."""
    keep_loaded(patch)
    kernel = grow.grow
    patch.setattr(grow, "grow", lambda *arguments: change(kernel(*arguments), *arguments))
