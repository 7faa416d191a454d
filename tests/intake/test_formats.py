"""PrefLib's files: voters, alternatives, ties, counts, and supervisors."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

from matcher.errors import UnreadableFile
from matcher.intake.checked import check_raw
from matcher.intake.raw import RawRound
from matcher.intake.reading import read_raw
from matcher.round import Round
from tests.shared_data import SHARED, needs_shared

HEAD = "# TITLE: test\n# NUMBER ALTERNATIVES: 3\n# NUMBER VOTERS: {voters}\n" + "".join(f"# ALTERNATIVE NAME {n + 1}: Project {n}\n" for n in range(3))


def read(tmp_path: Path, lines: str, voters: int, dat: str | None = None) -> RawRound:
    (tmp_path / "sessie.toi").write_text(HEAD.format(voters=voters) + lines)
    if dat is not None:
        (tmp_path / "sessie.dat").write_text(dat)
    return read_raw(tmp_path / "sessie.toi")


def wishes(raw: RawRound) -> list[tuple[object, ...]]:
    return list(raw.tables["preferences"].frame[["student_id", "rank", "target_id"]].itertuples(name=None))


def test_counts_stand_for_voters_and_braces_for_ties(tmp_path: Path) -> None:
    raw = read(tmp_path, "2: {1,3},2\n1: 2\n1: \n", 4)
    assert wishes(raw) == [
        (7, "S01", 1, "P01"), (7, "S01", 1, "P03"), (7, "S01", 2, "P02"),
        (7, "S02", 1, "P01"), (7, "S02", 1, "P03"), (7, "S02", 2, "P02"),
        (8, "S03", 1, "P02"),
    ]  # fmt: skip
    assert raw.tables["students"].frame["student_id"].tolist() == ["S01", "S02", "S03", "S04"]
    assert raw.tables["placements"].frame["capacity"].tolist() == [1, 1, 1]
    assert raw.tables["placements"].frame["name"].tolist() == ["Project 0", "Project 1", "Project 2"]


def test_supervisors_become_pools_by_the_numbers_in_the_names(tmp_path: Path) -> None:
    raw = read(tmp_path, "1: 1\n", 1, "Supervisor,Capacity,Projects\nAn,2,0 2\nBo,0,1\n")
    assert raw.tables["placements"].frame["pool_id"].tolist() == ["T01", "T02", "T01"]
    assert raw.tables["pools"].frame[["pool_id", "capacity"]].to_numpy().tolist() == [["T01", 2], ["T02", 0]]


def test_a_project_without_supervisor_has_no_pool(tmp_path: Path) -> None:
    raw = read(tmp_path, "1: 1\n", 1, "Supervisor,Capacity,Projects\nAn,2,0 2\n")
    assert raw.tables["placements"].frame["pool_id"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("lines", "voters", "code"),
    [
        ("1: 1,2\n", 2, "reading.preflib_count"),
        ("1; 1,2\n", 1, "reading.preflib_line"),
        ("1: {1,2\n", 1, "reading.preflib_line"),
        ("1: 1,,2\n", 1, "reading.preflib_line"),
        ("x: 1\n", 1, "reading.preflib_line"),
        ("1: 4\n", 1, "reading.preflib_number"),
        ("1: 2,{1,2}\n", 1, "reading.preflib_number"),
        ("999999999: 1\n", 999_999_999, "reading.rows"),
    ],
)
def test_lines_that_make_no_sense_are_refused_with_their_number(tmp_path: Path, lines: str, voters: int, code: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(tmp_path, lines, voters)
    assert caught.value.code == code
    if code in {"reading.preflib_line", "reading.preflib_number"}:
        assert caught.value.params["row"] == 7


@pytest.mark.parametrize("row", ["An,2,9", "An,x,0", "An,2,0 0", "An,2", "An,2,a b", "An,-1,0"])
def test_supervisors_that_make_no_sense_are_refused(tmp_path: Path, row: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(tmp_path, "1: 1\n", 1, f"Supervisor,Capacity,Projects\n{row}\n")
    assert (caught.value.code, caught.value.params["row"]) == ("reading.preflib_dat", 2)


def test_the_layout_of_before_2022_is_refused(tmp_path: Path) -> None:
    (tmp_path / "oud.soi").write_text("2\n1,Project 0\n2,Project 1\n1,1,1\n1,1,2\n")
    with pytest.raises(UnreadableFile):
        read_raw(tmp_path / "oud.soi")


def least_cost(round_: Round) -> tuple[int, int]:
    """As many students as possible, then the least sum of ranks: by networkx, from the tables alone."""
    places = round_.table("placements").set_index("placement_id")
    pool_of = places["pool_id"] if "pool_id" in places else pd.Series(index=places.index, dtype="str")
    capacities = round_.table("pools").set_index("pool_id")["capacity"].to_dict() if round_.has("pools") else {}
    graph = nx.DiGraph()
    for student in round_.table("students")["student_id"]:
        graph.add_edge("source", f"s{student}", capacity=1, weight=0)
    for wish in round_.table("preferences").itertuples():
        graph.add_edge(f"s{wish.student_id}", f"p{wish.target_id}", capacity=1, weight=int(wish.rank))
    for place, pool in pool_of.items():
        pooled = isinstance(pool, str)
        graph.add_edge(f"p{place}", f"t{pool}" if pooled else "sink", capacity=int(places.loc[place, "capacity"]), weight=0)
        if pooled:
            graph.add_edge(f"t{pool}", "sink", capacity=int(capacities[pool]), weight=0)
    flow = nx.max_flow_min_cost(graph, "source", "sink")
    return sum(flow["source"].values()), int(nx.cost_of_flow(graph, flow))


@needs_shared
@pytest.mark.parametrize(("session", "students", "cost"), [("00038-00000001", 35, 57), ("00038-00000004", 34, 50)])
def test_the_sessions_of_a_real_university_keep_their_proven_optimum(session: str, students: int, cost: int) -> None:
    checked = check_raw(read_raw(SHARED / "preflib-00038" / f"{session}.soi"))
    assert checked.round is not None
    assert checked.round.has("pools") == (session == "00038-00000004")
    assert checked.round.settings.tiers == ("placed", "rank")
    assert least_cost(checked.round) == (students, cost)
