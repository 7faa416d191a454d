"""The measurements: cases are what they say, solvers agree, ratios and exponents are right, the picture can be read by everybody."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from benchmarks import cohort, fresh, ours, peers
from benchmarks.arcs import Arcs, arcs_of
from benchmarks.contest import Contest
from benchmarks.effort import CHECK, FULL, Effort
from benchmarks.fresh import TooLong, Wrong
from benchmarks.goals import goals
from benchmarks.growth import BEST_OF_ORTOOLS, OUR_SOLVE, WHOLE, lines, ratio, slope, solves
from benchmarks.page import PICTURE, documents, merged, picture
from benchmarks.picture import LOOKS, draw
from benchmarks.registry import OWN, PEERS, SPECS, TINY
from benchmarks.side_by_side import measure
from benchmarks.tables import render
from benchmarks.threshold import crossing

SVG = "{http://www.w3.org/2000/svg}"
BUNDLED = ("unmatched_arcs", "max_flow_with_min_cost", "networkx")
"""The others come with the extra `bench`; `python -m benchmarks --small` holds that all agree."""


@pytest.mark.parametrize("name", [name for name, spec in SPECS.items() if spec.peers])
def test_our_engine_and_the_bundled_solvers_find_one_optimum(name: str, tmp_path: Path) -> None:
    cohort.write(name, TINY, tmp_path)
    found = {solver: measure(tmp_path, solver) for solver in (OWN, *ours.engines(), *BUNDLED)}
    optima = {(run["placed"], run["rank"]) for run in found.values() if "left_out" not in run}
    assert len(optima) == 1, found
    assert "left_out" not in found["unmatched_arcs"]


def test_a_solver_that_cannot_carry_a_case_says_why() -> None:
    arcs = arcs_of(SPECS["minimums"].build(TINY))
    assert {name: solver.hindered(arcs) for name, solver in peers.SOLVERS.items()} == {
        "unmatched_arcs": None,
        "max_flow_with_min_cost": "this call keeps no minimums",
        "pot": "knows seats only",
        "scipy": "knows seats only",
        "networkx": "knows seats only",
    }
    assert set(peers.SOLVERS) == set(PEERS)
    assert "million entries" in str(peers.SOLVERS["scipy"].hindered(wide(400_000)))
    assert "pure Python" in str(peers.SOLVERS["networkx"].hindered(wide(TINY + 1)))


def wide(students: int) -> Arcs:
    """One placement with 100 seats that everybody wants."""
    one = np.ones(students, dtype=np.int64)
    none = np.empty(0, dtype=np.int64)
    return Arcs(students, np.arange(students), one - 1, one, np.array([100]), np.array([0]), np.array([-1]), none)


def test_arcs_are_kept_as_they_were(tmp_path: Path) -> None:
    arcs = arcs_of(SPECS["pools"].build(TINY))
    arcs.save(tmp_path / "arcs.npz")
    kept = Arcs.load(tmp_path / "arcs.npz")
    assert all(np.array_equal(getattr(arcs, name), getattr(kept, name)) for name in vars(arcs))


def test_the_cases_are_what_they_say() -> None:
    students = TINY
    seats = {name: int(SPECS[name].build(students).table("placements")["capacity"].sum()) for name in ("base", "short", "exact", "zipf", "zipf_exact")}
    assert seats == {"base": 315, "short": 291, "exact": 300, "zipf": 315, "zipf_exact": 300}
    blend = SPECS["blend"].build(students).table("preferences")
    assert blend["rank"].between(1, 1000).all()
    assert blend.groupby("student_id")["rank"].apply(lambda ranks: ranks.is_monotonic_increasing and ranks.is_unique).all()
    ties = SPECS["ties"].build(students).table("preferences").groupby(["student_id", "rank"]).size().unstack()
    assert list(ties.columns) == [1, 2, 3]
    assert ties.sum(axis=1).eq(30).all()
    assert ties.min().min() >= 6
    assert ties.mean().between(9, 11).all()
    full = SPECS["minimums"].build(students).table("placements")
    assert full["must_open"].mean() == pytest.approx(1 / 4, abs=0.03)
    assert (full["capacity_min"] == full["capacity"])[full["must_open"]].all()
    assert {SPECS[measure].build(students).settings.rank_measure for measure in ("greedy", "generous", "rank_maximal")} == {
        "greedy",
        "generous",
        "rank_maximal",
    }


def test_the_minimums_bite() -> None:
    base, minimums = (peers.ortools_with_unmatched_arcs(arcs_of(SPECS[name].build(1_000))) for name in ("base", "minimums"))
    assert (base.placed, base.rank) != (minimums.placed, minimums.rank)


def test_an_engine_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    cohort.write("base", TINY, tmp_path)
    with pytest.raises(Wrong, match="no engine is called steam"):
        ours.solve(tmp_path, "steam")


def test_a_process_that_takes_too_long_is_ended() -> None:
    with pytest.raises(TooLong, match="more than 0 s"):
        fresh.run([sys.executable, "-c", "import time; time.sleep(60)"], seconds=0.3)
    assert fresh.run([sys.executable, "-c", "pass"], seconds=60.0).code == 0


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What each solver's process is to print."""
    answers: dict[str, object] = {}

    def python(_module: str, _folder: str, solver: str, *, seconds: float) -> object:
        answer = answers[solver]
        if isinstance(answer, Exception):
            raise answer
        assert seconds > 0
        return answer

    monkeypatch.setattr(fresh, "python", python)
    return answers


def run(solve: float, rank: int = 5) -> dict[str, object]:
    """What a solver's process prints."""
    return {"build": 0.0, "solve": solve, "placed": 3, "rank": rank, "wall": solve, "largest_mb": 50.0}


def test_a_solver_that_would_take_too_long_is_left_out_with_the_reason(runs: dict[str, object], tmp_path: Path) -> None:
    contest = Contest(SPECS["base"], [OWN, "pot", "scipy"], Effort(seconds=200.0))
    runs |= {OWN: run(0.01), "pot": run(1.0), "scipy": TooLong("more than 200 s")}
    first = contest.at(1_000, tmp_path)
    assert [row.get("left_out") for row in first] == [None, None, "more than 200 s"]
    assert first[0] == {"case": "base", "students": 1_000, "solver": OWN, "repeats": 3, "build": 0.0, "solve": 0.01, "placed": 3, "rank": 5, "largest_mb": 50}
    runs["pot"] = run(50.0)
    second = contest.at(10_000, tmp_path)
    assert [row.get("left_out") for row in second] == [None, None, "took too long at a smaller size"]
    third = contest.at(100_000, tmp_path)
    assert third[1]["left_out"] == "some 2,500 s expected"
    assert third[0]["solve"] == 0.01


def test_what_hinders_a_solver_is_said_once_and_for_all(runs: dict[str, object], tmp_path: Path) -> None:
    contest = Contest(SPECS["base"], [OWN, "networkx"], FULL)
    runs |= {OWN: run(0.01), "networkx": run(1.0)}
    contest.at(300, tmp_path)
    runs["networkx"] = {"left_out": "pure Python"}
    assert [contest.at(size, tmp_path)[1]["left_out"] for size in (1_000, 100_000)] == ["pure Python"] * 2


def test_solvers_that_disagree_are_wrong(runs: dict[str, object], tmp_path: Path) -> None:
    runs |= {OWN: run(0.01), "pot": run(0.01, rank=6)}
    with pytest.raises(Wrong, match="disagree"):
        Contest(SPECS["base"], [OWN, "pot"], FULL).at(1_000, tmp_path)


def test_in_the_check_nobody_may_be_missing(runs: dict[str, object], tmp_path: Path) -> None:
    runs |= {OWN: run(0.01), "pot": {"left_out": "not installed: pip install -e '.[bench]'"}}
    with pytest.raises(Wrong, match="not installed"):
        Contest(SPECS["base"], [OWN, "pot"], CHECK).at(1_000, tmp_path)
    assert len(Contest(SPECS["base"], [OWN, "pot"], FULL).at(1_000, tmp_path)) == 2


def document() -> dict[str, Any]:
    """Figures that grow as they are told: ours in proportion, OR-Tools with 1.5, the whole with 1.2."""
    contest, pipeline = [], []
    sizes = (300, 1_000, 10_000, 100_000, 1_000_000)
    for case in ("base", "short"):
        for n in sizes:
            shape = {"case": case, "students": n, "placed": n, "rank": n, "largest_mb": 10}
            contest.append({**shape, "solver": OWN, "engine": "some", "plan": 0.0, "load": 0.1, "warm": 0.1, "build": 0.1, "solve": 1e-6 * n})
            contest.append({**shape, "solver": "unmatched_arcs", "build": 0.1, "solve": 2e-7 * n**1.5})
            contest.append({**shape, "solver": "max_flow_with_min_cost", "build": 0.1, "solve": 1e-7 * n**1.5})
            contest.append({"case": case, "students": n, "solver": "scipy", "left_out": "a column <per> seat"})
            seconds = dict.fromkeys(("load", "read", "check", "compile", "start", "solve", "explain", "verify", "write", "other"), 0.1)
            memory = {"largest_mb": 5_000, "together_mb": 7_000}
            pipeline.append(
                {"case": case, "students": n, "format": "parquet", "seconds": seconds, "wall": 1e-5 * n**1.2, "again": 1.0, "report": None, **memory}
            )
    machine = {"matcher": "9", "python": "3", "ortools": "1", "processor": "abacus", "cores": 2, "system": "none"}
    college = {"program": "matcher solve sample_data/college", "seconds": 4.0, "largest_mb": 1, "together_mb": 1}
    threshold = [
        {"case": "base", "students": n, "pairs": 10 * n, "seconds": {"flow": 1e-5 * n, "forest": 0.1}, "fastest": "flow"} for n in (1_000, 5_000, 20_000)
    ]
    return {"machine": machine, "contest": contest, "pipeline": pipeline, "programs": [college], "threshold": threshold}


def test_a_power_has_its_exponent() -> None:
    assert slope([(n, 3.0 * n**1.37) for n in (10, 1_000, 50_000)]) == pytest.approx(1.37)
    assert slope([(10, 1.0)]) is None


def test_ratios_are_to_the_better_call_and_of_a_profile_to_the_base_case() -> None:
    found = solves(document())
    assert ratio(found, "base", 10_000) == pytest.approx(1e-6 / 1e-7 / 100)
    assert ratio({**found, ("greedy", 10_000): {OWN: 0.04}}, "greedy", 10_000) == pytest.approx(4.0)
    assert ratio({("greedy", 10_000): {OWN: 0.04}}, "greedy", 10_000) is None


def test_the_lines_of_growth_are_fitted_from_ten_thousand_on() -> None:
    drawn = {(line.case, line.label): line for line in lines(document())}
    assert {label for case, label in drawn if case == "base"} == {WHOLE, OUR_SOLVE, BEST_OF_ORTOOLS}
    assert drawn["base", OUR_SOLVE].exponent == pytest.approx(1.0)
    assert drawn["base", BEST_OF_ORTOOLS].exponent == pytest.approx(1.5)
    assert min(drawn["base", OUR_SOLVE].fitted)[0] == 10_000


def test_goals_say_whether_they_are_reached() -> None:
    said = {(goal.what, goal.unit): goal.met for goal in goals(document())}
    assert said["base, 1,000,000 students: the solve, to the better of OR-Tools' calls", ""]
    assert not said["base: exponent of matcher, from Parquet to verified files, 10,000 to 1,000,000", ""]
    assert not said["base, 1,000,000 students, from Parquet to verified files", "MB"]
    assert said["`matcher solve sample_data/college`", "s"]


def test_the_tables_have_a_cell_under_every_head() -> None:
    text = render(document())
    tables = [block.splitlines() for block in text.split("\n\n") if block.startswith("| ")]
    assert len(tables) == 9
    for table in tables:
        assert len({line.count("|") for line in table}) == 1, table[0]
    assert "forest begins to win over flow at about 100,000 pairs" in text


def test_the_crossing_lies_between_the_sizes_around_it() -> None:
    rows = [{"pairs": n, "seconds": {"flow": 1e-6 * n, "kernel": 0.01}} for n in (1_000, 5_000, 50_000)]
    assert crossing(rows, "flow", "kernel") == pytest.approx(10_000)
    assert crossing(rows[:2], "flow", "kernel") is None
    assert crossing(rows[2:], "flow", "kernel") is None


def test_the_picture_is_told_in_words_and_not_by_colour_alone() -> None:
    drawn = ET.fromstring(draw(lines(document())))
    title, told = drawn.find(f"{SVG}title"), drawn.find(f"{SVG}desc")
    assert title is not None
    assert told is not None
    assert drawn.get("aria-labelledby") == f"{title.get('id')} {told.get('id')}"
    assert "3 % too few seats" in str(told.text)
    assert "1 s at 1,000,000 students" in str(told.text)
    assert len({dashes for _, dashes in LOOKS}) == len(LOOKS) - 1
    strokes = [path for path in drawn.iter(f"{SVG}path") if path.get("fill") == "none"]
    assert len(strokes) == 3 * 2 + 3
    assert draw(lines(document())) == draw(lines(document()))
    assert draw([]) == ""


def test_the_picture_beside_the_page_shows_the_figures_that_are_kept() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture()


def test_figures_of_one_case_replace_only_its_own() -> None:
    old, new = document(), document()
    new["contest"] = [{**row, "largest_mb": 77} for row in new["contest"] if row["case"] == "short"]
    new["pipeline"], new["programs"] = [], []
    both = merged(old, new)
    assert [row for row in both["contest"] if row["case"] == "base"] == [row for row in old["contest"] if row["case"] == "base"]
    assert [row for row in both["contest"] if row["case"] == "short"] == new["contest"]
    assert both["programs"] == old["programs"]
    elsewhere = {**new, "machine": {**new["machine"], "processor": "other"}}
    assert merged(old, elsewhere) == elsewhere


def test_kept_figures_name_machine_and_versions() -> None:
    for kept in documents():
        assert {"matcher", "python", "ortools", "numpy", "processor", "cores", "system"} <= set(kept["machine"])
        assert "/" not in json.dumps(kept["machine"]).replace("OR-Tools", "")
