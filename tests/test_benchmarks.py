"""The measurements: cases are what they say, solvers agree, ratios and exponents are right, the picture can be read by everybody."""

from __future__ import annotations

import itertools
import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from benchmarks import cohort, crossing_alone, crossing_contest, crossing_peers, fresh, ours, page, peers
from benchmarks.arcs import Arcs, arcs_of
from benchmarks.contest import Contest
from benchmarks.crossing_model import Linear, linear
from benchmarks.effort import CHECK, FULL, Effort
from benchmarks.fresh import TooLong, Wrong
from benchmarks.goals import goals
from benchmarks.growth import BEST_OF_ORTOOLS, OUR_SOLVE, WHOLE, lines, ratio, slope, solves
from benchmarks.page import PICTURE, documents, merged, picture
from benchmarks.picture import LOOKS, draw
from benchmarks.registry import DIRECT, OWN, PEERS, SPECS, TINY
from benchmarks.side_by_side import measure
from benchmarks.tables import render
from benchmarks.threshold import crossing
from matcher.compile import compile_round
from matcher.problem import Family, Problem, Row
from matcher.solvers import route

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


def test_every_machine_keeps_its_figures_in_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "RESULTS", tmp_path)
    monkeypatch.setattr(page, "refresh", lambda: None)
    here = document()
    elsewhere = {**here, "machine": {**here["machine"], "processor": "other"}}
    for found in (here, elsewhere, here, {**elsewhere, "contest": [], "timed": [], "pipeline": []}):
        page.keep(found)
    version = here["machine"]["matcher"]
    assert sorted(file.name for file in tmp_path.iterdir()) == [f"{version}-2.json", f"{version}.json"]
    assert [kept["machine"]["processor"] for kept in documents()] == [here["machine"]["processor"], "other"]
    assert all(len(kept["contest"]) == len(here["contest"]) for kept in documents())


def test_kept_figures_name_machine_and_versions() -> None:
    for kept in documents():
        assert {"matcher", "python", "ortools", "numpy", "processor", "cores", "system"} <= set(kept["machine"])
        assert "/" not in json.dumps(kept["machine"]).replace("OR-Tools", "")


def test_half_of_the_crossing_quotas_bite() -> None:
    assert SPECS["crossing"].build(120).digest == SPECS["crossing"].build(120).digest
    made = SPECS["crossing"].build(3_000)
    quotas = made.table("quotas")
    assert (quotas["max"].notna().sum(), quotas["min"].notna().sum()) == (12 * 8, 5 * 8)
    problem = compile_round(made).problem
    unbound = replace(problem, rows=())
    matched = route.run(unbound, ours.planned(unbound), 0).pair_of_demand
    counts = [(row, np.isin(matched, row.pairs).sum()) for row in problem.rows]
    above, below = sum(count > row.upper for row, count in counts), sum(count < row.lower for row, count in counts)
    # About half: matchings that are equally good without quotas differ by one or two in a cell.
    assert above == pytest.approx(48, abs=10)
    assert below == pytest.approx(20, abs=5)


@pytest.mark.parametrize("solver", DIRECT)
def test_direct_solvers_keep_the_crossing_quotas_and_place_everybody(solver: str, tmp_path: Path) -> None:
    cohort.write("crossing", 120, tmp_path)
    with_quotas = crossing_alone.measure(tmp_path, solver, 60.0)["tiers"]
    base = peers.ortools_max_flow(arcs_of(SPECS["base"].build(120)))
    assert [(tier["name"], tier["value"] == tier["bound"]) for tier in with_quotas] == [("placed", True), ("rank", True)]
    assert with_quotas[0]["value"] == base.placed == 120
    assert with_quotas[1]["value"] > base.rank  # the quotas bite


def test_our_engine_says_why_it_does_not_take_part_or_agrees(tmp_path: Path) -> None:
    cohort.write("crossing", 120, tmp_path)
    own, direct = (crossing_alone.measure(tmp_path, solver, 60.0) for solver in (OWN, "highs"))
    rows = [{"case": "crossing", "students": 120, "solver": name, **row} for name, row in ((OWN, own), ("highs", direct))]
    crossing_contest.hold(rows)
    assert str(own.get("left_out", "refused")).startswith("refused")


def every_kind() -> Problem:
    """Four demands, one of them pinned, three seats, a hard row, a soft row and a family with signs; costs as they come."""
    rng = np.random.default_rng(5)
    pairs = [(0, 0), (0, 1), (1, 0), (1, 2), (2, 1), (2, 2), (3, 0), (3, 2)]
    demand, seat = np.array(pairs).T
    return Problem(
        ("placed", "soft", "rank"),
        np.searchsorted(demand, np.arange(5)),
        seat.astype(np.int32),
        np.stack([-np.ones(8), np.zeros(8), rng.integers(1, 9, 8)]).astype(np.int32),
        np.array([0, 2, 0]),
        np.array([0, 1, 0]),
        np.array([2, 1, 2]),
        np.zeros(3, dtype=np.int64),
        np.array([False, False, False, True]),
        rows=(
            Row("quota", 0, np.array([0, 3, 4], dtype=np.int32), 1, 2),
            Row("quota", 1, np.array([0, 2, 6], dtype=np.int32), 3, 10**18, weight=2, tier=1),
            Row("quota", 2, np.array([1, 5], dtype=np.int32), 0, 0, weight=7, tier=-1),
        ),
        families=(Family("team", 0, np.array([0, 2, 5, 7]), np.array([0, 0, 1, 1]), np.array([1, -1, 1, -1]), np.array([0, -1]), np.array([0, 0])),),
    )


def enumerated(problem: Problem) -> tuple[int, ...]:
    """The least cost tuple over all matchings, in plain loops."""
    best = []
    for chosen in itertools.product(*([*range(*problem.first_pair[d : d + 2]), *([] if problem.must[d] else [None])] for d in range(problem.demands))):
        matched = [pair for pair in chosen if pair is not None]
        seats = np.bincount(problem.seat[matched], minlength=problem.seats)
        counts = [sum(pair in row.pairs for pair in matched) for row in problem.rows]
        hard = [row.lower <= count <= row.upper for row, count in zip(problem.rows, counts, strict=True) if row.weight is None]
        for family in problem.families:
            held = [sum(int(s) for p, g, s in zip(family.pairs, family.group, family.sign, strict=True) if g == group and p in matched) for group in range(2)]
            hard += [low <= count <= high for low, count, high in zip(family.lower, held, family.upper, strict=True)]
        if not all(hard) or (seats < problem.seat_lower).any() or (seats > problem.seat_upper).any():
            continue
        cost = problem.constant + problem.cost[:, matched].sum(axis=1)
        for row, count in zip(problem.rows, counts, strict=True):
            if row.weight is not None and row.tier >= 0:
                cost[row.tier] += row.weight * (max(0, row.lower - count) + max(0, count - row.upper))
        best.append(tuple(cost.tolist()))
    return min(best)


@pytest.mark.parametrize("solver", DIRECT)
def test_direct_solvers_solve_the_whole_model(solver: str) -> None:
    problem = every_kind()
    model = linear(problem)
    weight = crossing_peers.weights(model)
    assert weight is not None
    found = crossing_peers.SOLVERS[solver](model, weight, 60.0)
    assert found.chosen is not None
    values = (model.constant + model.cost @ found.chosen).tolist()
    assert tuple(values) == enumerated(problem)
    assert crossing_peers.bounds(model, weight, values, found.least + float(np.array(weight) @ model.constant)) == values


def test_a_bound_on_the_weighed_sum_is_told_tier_by_tier() -> None:
    none = np.zeros(0, dtype=np.int64)
    model = Linear(("placed", "rank"), none, none, none, none, none, none, none, none, (-10, 0), (0, 90))
    weight = crossing_peers.weights(model)
    assert weight == [91, 1]
    told = {
        -910.0 + 17: [-10, 17],  # everybody is placed, the rank is proven
        -910.0 + 12.4: [-10, 13],  # bounds are whole
        -math.inf: [-10, 0],  # more than everybody cannot be placed
    }
    assert {least: crossing_peers.bounds(model, weight, (-10, 17), least) for least in told} == told
    assert crossing_peers.bounds(model, weight, (-8, 11), -910.0) == [-10, None]
    assert crossing_peers.bounds(model, weight, (-8, 11), -728.0 + 9) == [-8, 9]
    wide_ = Linear(("placed", "rank"), none, none, none, none, none, none, none, none, (-(10**9), 0), (0, 10**9))
    assert crossing_peers.weights(wide_) is None


def tiers(placed: int, placed_bound: int, rank: int, rank_bound: int | None) -> list[dict[str, Any]]:
    """Two tiers as a measurement has them."""
    return [{"name": "placed", "value": placed, "bound": placed_bound}, {"name": "rank", "value": rank, "bound": rank_bound}]


def test_the_gap_is_that_of_the_first_tier_that_is_open() -> None:
    assert crossing_contest.gap(tiers(10, 10, 40, 38)) == ("rank", 0.05)
    assert crossing_contest.gap(tiers(8, 10, 20, None)) == ("placed", 0.25)
    assert crossing_contest.gap(tiers(10, 10, 40, 40)) == ("rank", 0.0)
    assert crossing_contest.gap(tiers(10, 10, 40, None)) == ("rank", None)


def test_a_bound_that_another_beats_is_wrong() -> None:
    shape = {"case": "crossing", "students": 9}
    first = {**shape, "solver": OWN, "tiers": tiers(10, 10, 40, 39)}
    crossing_contest.hold([first, {**shape, "solver": "highs", "tiers": tiers(9, 10, 30, None)}, {**shape, "solver": "cp_sat", "left_out": "late"}])
    with pytest.raises(Wrong, match="highs finds"):
        crossing_contest.hold([first, {**shape, "solver": "highs", "tiers": tiers(10, 10, 38, 38)}])
    with pytest.raises(Wrong, match="highs finds"):
        crossing_contest.hold([first, {**shape, "solver": "highs", "tiers": tiers(11, 11, 38, 38)}])


def test_the_table_of_gaps_says_how_many_times_ours() -> None:
    shape = {"case": "crossing", "students": 10_000}
    row = {**shape, "limit": 20.0, "solve": 20.0, "largest_mb": 300}
    timed = [
        {**row, "solver": OWN, "tiers": tiers(100, 100, 1000, 999)},
        {**row, "solver": "highs", "tiers": tiers(100, 100, 1000, 970)},
        {**row, "solver": "cp_sat", "tiers": tiers(90, 100, 900, None)},
        {**row, "solver": "highs", "tiers": []},
        {**shape, "limit": 20.0, "solver": "cp_sat", "left_out": "did not end"},
    ]
    files = {**shape, "format": "parquet", "wall": 18.0, "together_mb": 500, "largest_mb": 400, "tiers": tiers(100, 100, 1000, 998)}
    seconds = dict.fromkeys(("load", "read", "check", "compile", "start", "solve", "explain", "verify", "write", "other"), 0.1)
    page = {**document(), "timed": timed, "pipeline": [{**files, "seconds": seconds, "again": 1.0, "report": None}]}
    lines_ = crossing_contest.lines(page)
    assert [line[-1] for line in lines_] == ["", "30.0", "in another tier", "", "", ""]
    assert [line[-2] for line in lines_] == ["1.0e-03", "3.0e-02", "1.1e-01", "", "", "2.0e-03"]
    assert {len(line) for line in lines_} == {len(crossing_contest.HEAD)}
    assert "In the same time" in render(page)
    met = {(goal.what, goal.unit): goal.met for goal in goals(page) if goal.what.startswith("crossing")}
    whole = "crossing, 10,000 students, from parquet to verified files"
    assert met == {("crossing, 10,000 students: gap in rank", ""): True, (f"{whole}: gap in rank", ""): False, (whole, "s"): True, (whole, "MB"): True}


def test_the_study_has_sectors_balance_and_grades() -> None:
    made = SPECS["study"].build(TINY)
    assert made.digest == SPECS["study"].build(TINY).digest
    students, placements, rankings = (made.table(name) for name in ("students", "placements", "rankings"))
    assert (students["groups"] == "f").sum() == 0.4 * TINY
    assert placements.groupby("period_id")["capacity"].sum().eq(1.1 * TINY).all()
    assert placements.groupby("company_id")["capacity"].nunique().max() > 1
    assert set(rankings["rank"]) == {1, 2, 3, 4, 5}
    assert len(rankings) == 3 * 10 * TINY
    problem = compile_round(made).problem
    assert (problem.demands, problem.pairs) == (3 * TINY, 30 * TINY)
    assert problem.tiers == ("placed", "soft", "rank", "company_rank")
    assert {(family.kind, family.weight) for family in problem.families} == {("quota", None)}
    assert [(row.lower, row.upper, row.weight) for row in problem.rows] == [(10, 14, 1)] * 30
