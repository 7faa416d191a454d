"""The child process of a solve: it answers, dies, runs out of time or is told to stop, and the parent always knows which.

Stand-in children sleep for longer than any test may take, so a test that ends at all shows that the parent did not wait for them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher import runner
from matcher.bound import bound, value
from matcher.errors import EngineFailed
from matcher.progress import Progress
from matcher.solvers import route
from tests.solvers.enumeration import brute_force
from tests.solvers.problems import random_problem, seat_problem, solve

Children = Callable[[str], "list[subprocess.Popen[str]]"]

PROBLEM = seat_problem([[0, 1], [0, 1], [0]], [1, 1])
HUGE = seat_problem([[0, 1], [0, 1]], [1, 1], tiers=("rank", "travel", "moves"), cost=[[2**30, 1, 2**30, 7]] * 3)
"""Too large for one packed cost, so it is solved in stages."""

SLEEP = "import time; time.sleep(600)"
SLEEP_AFTER_A_STAGE = """
import sys, time
from pathlib import Path
from matcher.solvers import child, route
run = route.run
def slow(problem, chosen, seed, on_stage, *rest):
    def then_sleep(answer, settled):
        on_stage(answer, settled)
        print('{"fraction": 0.5}', flush=True)
        time.sleep(600)
    return run(problem, chosen, seed, then_sleep, *rest)
route.run = slow
child.main(Path(sys.argv[1]))
"""


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Children:
    """Let the runner start a stand-in instead of the engine; the list fills with what it started."""
    real = subprocess.Popen

    def replace(program: str) -> list[subprocess.Popen[str]]:
        started: list[subprocess.Popen[str]] = []

        def start(command: list[str], **options: Any) -> subprocess.Popen[str]:
            started.append(real([sys.executable, "-c", program, command[-1]], **options))
            return started[-1]

        monkeypatch.setattr(runner.subprocess, "Popen", start)
        return started

    return replace


class After:
    """A Cancel that is set from the given look on."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def is_set(self) -> bool:
        self.looks -= 1
        return self.looks < 0


def test_the_child_answers_as_the_engine_does() -> None:
    heard: list[Progress] = []
    answer = runner.run(PROBLEM, route.plan(PROBLEM), seed=3, on_progress=heard.append)
    here = solve(PROBLEM, seed=3)
    assert (answer.outcome, answer.reason, answer.engine) == (here.outcome, here.reason, here.engine)
    assert (answer.pair_of_demand == here.pair_of_demand).all()
    assert (answer.seat_prices == here.seat_prices).all()
    assert bound(PROBLEM, answer) == value(PROBLEM, answer.pair_of_demand) == brute_force(PROBLEM)
    assert [(step.stage, step.fraction) for step in heard] == [("solve", 0.0), ("solve", 1.0)]
    assert set(answer.seconds) == {"start", "solve"}


def test_the_child_proves_infeasibility_too() -> None:
    problem = seat_problem([[0], [0]], [1], must=[0, 1])
    assert runner.run(problem, route.plan(problem)).outcome == "infeasible"


def test_stages_are_told_as_progress() -> None:
    heard: list[float | None] = []
    answer = runner.run(HUGE, route.plan(HUGE), on_progress=lambda step: heard.append(step.fraction))
    assert answer.reason == "optimal"
    assert heard == sorted(heard, key=float)
    assert len(heard) > 2


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_a_killed_child_is_an_engine_that_failed(children: Children) -> None:
    children("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(EngineFailed) as failure:
        runner.run(PROBLEM, route.plan(PROBLEM))
    assert failure.value.exit_code == 5
    assert "-9" in failure.value.sentence()


def test_a_child_that_breaks_off_names_its_error(children: Children) -> None:
    children("raise RuntimeError('no such luck')")
    with pytest.raises(EngineFailed, match="no such luck"):
        runner.run(PROBLEM, route.plan(PROBLEM))


def test_a_child_that_complains_at_length_does_not_block(children: Children) -> None:
    """More on stderr than a pipe holds."""
    children("import sys; sys.stderr.write('noise\\n' * 200_000); raise SystemExit(3)")
    with pytest.raises(EngineFailed):
        runner.run(PROBLEM, route.plan(PROBLEM), cancel=After(200))


def test_a_child_that_prints_something_else_does_not_block(children: Children) -> None:
    children("print('hello', flush=True)")
    with pytest.raises(EngineFailed):
        runner.run(PROBLEM, route.plan(PROBLEM), cancel=After(200))


def test_a_listener_that_raises_is_heard(children: Children) -> None:
    """An error in on_progress reaches the caller, and the child does not outlive it."""

    def broken(step: Progress) -> None:
        raise ZeroDivisionError

    started = children(SLEEP_AFTER_A_STAGE)
    with pytest.raises(ZeroDivisionError):
        runner.run(HUGE, route.plan(HUGE), on_progress=broken, cancel=After(200))
    assert started[0].poll() is not None


def test_a_cancel_stops_at_once(children: Children) -> None:
    started, told = children(SLEEP), threading.Event()
    told.set()
    answer = runner.run(PROBLEM, route.plan(PROBLEM), cancel=told)
    assert (answer.outcome, answer.reason) == ("no_answer", "cancelled")
    assert (answer.pair_of_demand == -1).all()
    assert started[0].poll() is not None, "no child is left behind"


def test_a_time_limit_stops_at_once(children: Children) -> None:
    started = children(SLEEP)
    answer = runner.run(PROBLEM, route.plan(PROBLEM), seconds=0.1)
    assert (answer.outcome, answer.reason) == ("no_answer", "time_limit")
    assert started[0].poll() is not None


def test_an_interrupt_is_a_cancel(children: Children) -> None:
    class CtrlC:
        def is_set(self) -> bool:
            raise KeyboardInterrupt

    started = children(SLEEP)
    assert runner.run(PROBLEM, route.plan(PROBLEM), cancel=CtrlC()).reason == "cancelled"
    assert started[0].poll() is not None


def test_what_a_stage_had_found_is_kept(children: Children) -> None:
    """Stopped between stages: the matching that is the best in the first tiers comes back, with the reason it is not more."""
    children(SLEEP_AFTER_A_STAGE)
    told, heard = threading.Event(), []

    def on_progress(step: Progress) -> None:
        heard.append(step.fraction)
        if step.fraction == 0.5:
            told.set()

    answer = runner.run(HUGE, route.plan(HUGE), on_progress=on_progress, cancel=told)
    assert (answer.outcome, answer.reason) == ("solved", "cancelled")
    best = brute_force(HUGE)
    assert best is not None
    assert value(HUGE, answer.pair_of_demand)[0] == best[0] == bound(HUGE, answer)[0]


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal of a parent is Linux")
def test_a_child_dies_with_its_parent() -> None:
    program = """
import subprocess, sys, time
code = "from matcher.solvers import child; child._end_with_parent(); print('up', flush=True); import time; time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(600)
"""
    paths = os.pathsep.join(path for path in (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")) if path)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.send_signal(signal.SIGKILL)
    for _ in range(500):
        if not alive(child):
            break
        time.sleep(0.01)
    assert not alive(child)


def alive(pid: int) -> bool:
    """Whether the process still runs; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_problem_survives_the_journey() -> None:
    """Rows, pins and soft bounds arrive in the child as they left."""
    problem = random_problem(17)
    assert problem.rows
    answer, here = runner.run(problem, route.plan(problem)), solve(problem)
    assert answer.outcome == here.outcome
    assert np.array_equal(answer.row_prices, here.row_prices)
