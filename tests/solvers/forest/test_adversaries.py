"""Problems made to cost the forest as much as possible: the right answer, and work that is counted, not timed.

The work is held at two sizes against the number of pairs, so a kernel that begins to search anew fails here on any machine.
"""

from __future__ import annotations

import pytest

from matcher.bound import value
from tests.solvers.adversaries import ADVERSARIES
from tests.solvers.forest.counted import counted
from tests.solvers.problems import solve
from tests.solvers.referee import assert_proven

ALLOWED = {"powers": (30, 20), "fight": (120, 1), "giant_seat": (90, 1)}
"""Edge ends looked along, and levels, per pair, where more is allowed: costs that are powers of two make many levels; of long lists all but the first
wishes are looked up anew each time; and a giant seat is passed over whole at each level. These grow with the size, and past a limit the flow takes over."""
USUAL = (6, 1)
SIZES = {"fight": (60, 120)}


@pytest.mark.parametrize("name", ADVERSARIES)
def test_as_good_as_the_flow(name: str) -> None:
    problem = ADVERSARIES[name](SIZES.get(name, (250, 0))[0])
    answers = [solve(problem, engine) for engine in ("flow", "forest")]
    for answer in answers:
        assert_proven(problem, answer, 0)
    assert value(problem, answers[0].pair_of_demand) == value(problem, answers[1].pair_of_demand)


@pytest.mark.parametrize("name", ADVERSARIES)
def test_the_work_stays_in_proportion_to_the_pairs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ends, levels = ALLOWED.get(name, USUAL)
    for size in SIZES.get(name, (500, 2000)):
        problem = ADVERSARIES[name](size)
        answer, work = counted(problem, monkeypatch)
        assert_proven(problem, answer, size)
        assert work["served"] <= problem.demands, work
        assert work["served"] >= int((answer.pair_of_demand >= 0).sum()), work
        assert max(work["work"], work["looks"]) <= ends * problem.pairs, (size, problem.pairs, work)
        assert work["levels"] <= levels * problem.pairs + 2, (size, problem.pairs, work)
