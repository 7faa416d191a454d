"""The second stage against enumeration, and what may not change it."""

from __future__ import annotations

import random
import threading

import numpy as np
import pytest

from matcher.errors import VerificationFailed
from matcher.progress import Progress
from matcher.result import Outcome, Reason, Result, no_matches
from matcher.round import Round
from matcher.staff import StaffResult, assign_staff, check_staff
from matcher.staff.result import STAFF_COLUMNS
from tests.rounds import make_round
from tests.staff.small import Reader, balance, random_staffed, solved, staffed


def quick(round_: Round, result: Result) -> StaffResult:
    return assign_staff(round_, result, isolate=False)


@pytest.mark.parametrize("start", range(0, 160, 40))
def test_as_good_as_the_best_of_all_assignments(start: int) -> None:
    for seed in range(start, start + 40):
        round_, result, staff = solved(seed)
        reader = Reader(round_, result)
        assert set(staff.tiers) == {row["kind"] for row in reader.staff}, seed
        for kind, tiers in staff.tiers.items():
            assert tuple(tier.value for tier in tiers) == reader.best(kind), (seed, kind)
            assert all(tier.proven for tier in tiers), (seed, kind)
        members = {row["staff_id"]: row for row in reader.staff}
        for row in staff.frame.dropna(subset="staff_id").fillna({"period_id": ""}).to_dict("records"):
            assert reader.may((row["student_id"], row["placement_id"], row["period_id"]), members[row["staff_id"]]), (seed, row)


@pytest.mark.parametrize("reason", ["no_region", "no_programme", "no_sector", "no_combination", "same_company", "full"])
def test_the_random_rounds_know_every_reason(reason: str) -> None:
    assert any(reason in set(solved(seed)[2].frame["reason"]) for seed in range(160))


def test_every_pair_has_a_row_for_each_kind_and_a_sentence() -> None:
    round_, result = staffed([{"staff_id": "c", "kind": "coach", "max_students": 2}, {"staff_id": "a", "kind": "assessor", "max_students": 1}], pairs=2)
    staff = quick(round_, result)
    assert list(staff.frame.columns) == list(STAFF_COLUMNS)
    assert staff.frame[["student_id", "kind"]].to_numpy().tolist() == [["s0", "coach"], ["s0", "assessor"], ["s1", "coach"], ["s1", "assessor"]]
    assert staff.frame["staff_id"].fillna("-").tolist() == ["c", "a", "c", "-"]
    assert staff.frame["sentence"].iloc[0] == "c may follow up this place, and has 2 of at most 2 students in all."
    assert staff.frame["sentence"].iloc[3] == "Whoever may be the assessor here (1) is full: 1 students together."
    assert staff.loads.to_numpy().tolist() == [["a", "assessor", 1, 1], ["c", "coach", 2, 2]]
    assert (staff.served, staff.bound) == ({"coach": 2, "assessor": 1}, {"coach": 2, "assessor": 1})


def test_loads_are_even_in_proportion_to_what_each_can_take() -> None:
    most = [10, 20, 30]
    round_, result = staffed([{"staff_id": f"m{n}", "kind": "coach", "max_students": c} for n, c in enumerate(most)], pairs=24)
    staff = quick(round_, result)
    assert staff.loads["load"].tolist() == [4, 8, 12]
    assert staff.tiers["coach"][1].value == balance([4, 8, 12], most)


def test_serving_more_pairs_comes_before_even_loads() -> None:
    staff = [
        {"staff_id": "narrow", "kind": "coach", "max_students": 1, "programmes": "G1"},
        {"staff_id": "wide", "kind": "coach", "max_students": 10},
    ]
    round_, result = staffed(staff, pairs=11, student={"programme_id": "G1"}, programmes=[{"programme_id": "G1"}])
    assert quick(round_, result).loads["load"].tolist() == [1, 10]


def test_a_member_takes_neighbours() -> None:
    """Within a group the pairs are dealt out by placement, so that nobody travels for nothing."""
    staff = [{"staff_id": f"m{n}", "kind": "coach", "max_students": 3} for n in range(2)]
    students = [{"student_id": f"s{n}"} for n in range(6)]
    round_ = make_round(students=students, placements=[{"placement_id": p, "capacity": 3} for p in "pq"], staff=staff)
    _, result = staffed(staff, pairs=6)
    result.matches["placement_id"] = list("pqpqpq")
    frame = quick(round_, result).frame
    assert frame.groupby("placement_id")["staff_id"].nunique().tolist() == [1, 1]


def test_the_order_of_rows_changes_nothing() -> None:
    for seed in range(25):
        round_, result = random_staffed(random.Random(seed), pairs=8, members=4)
        first = quick(round_, result)
        rng = np.random.default_rng(seed)
        tables = {name: table.iloc[rng.permutation(len(table)), rng.permutation(table.shape[1])] for name, table in round_.tables.items()}
        other = Round(tables, round_.settings, round_.sources)
        shuffled = Result(Outcome.SOLVED, Reason.OPTIMAL, result.matches.sample(frac=1, random_state=seed))
        second = quick(other, shuffled)
        assert first.frame.equals(second.frame)
        assert first.loads.equals(second.loads)
        assert first.tiers == second.tiers


def test_nothing_to_assign() -> None:
    round_, result = staffed([{"staff_id": "c", "kind": "coach", "max_students": 2}], pairs=1)
    unsolved = Result(Outcome.INFEASIBLE, Reason.PROVEN_INFEASIBLE, no_matches())
    assert quick(round_, unsolved).frame.empty
    assert quick(round_, unsolved).loads["load"].tolist() == [0]
    bare = make_round(students=[{"student_id": "s0"}], placements=[{"placement_id": "p0", "capacity": 1}])
    assert (len(quick(bare, result).frame), quick(bare, result).tiers) == (0, {})
    idle, matched = staffed([{"staff_id": "c", "kind": "coach", "max_students": 0}], pairs=1)
    assert quick(idle, matched).frame["reason"].tolist() == ["full"]


def test_in_a_child_process_as_here() -> None:
    round_, result = random_staffed(random.Random(7), pairs=8, members=4)
    heard: list[Progress] = []
    apart = assign_staff(round_, result, on_progress=heard.append)
    assert apart.frame.equals(quick(round_, result).frame)
    assert heard


def test_a_stop_is_told_and_claims_nothing() -> None:
    round_, result = staffed([{"staff_id": "c", "kind": "coach", "max_students": 2}], pairs=1)
    stop = threading.Event()
    stop.set()
    stopped = {Reason.CANCELLED: assign_staff(round_, result, cancel=stop), Reason.TIME_LIMIT: assign_staff(round_, result, seconds=0.0)}
    for reason, staff in stopped.items():
        assert staff.reason is reason
        assert staff.frame["reason"].tolist() == ["stopped"]
        assert staff.frame["sentence"].tolist() == ["The search was stopped before a coach was found here."]
        assert (staff.served, staff.bound) == ({"coach": 0}, {"coach": 1})
        assert check_staff(round_, result.matches, staff) == ()


def test_what_the_check_refuses_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from matcher.staff import assigning

    round_, result = staffed([{"staff_id": "c", "kind": "coach", "max_students": 2}], pairs=1)
    monkeypatch.setattr(assigning, "member_of_need", lambda needs, *_: np.full(len(needs.pair), -1, dtype=np.int32))
    with pytest.raises(VerificationFailed):
        quick(round_, result)
