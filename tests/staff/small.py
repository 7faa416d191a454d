"""Small rounds with staff and a matching made by hand, and the plain-loop reading of the rules that the engine and the check are held to."""

from __future__ import annotations

import itertools
import random
from functools import cache
from typing import Any

import pandas as pd

from matcher.result import MATCH_COLUMNS, Outcome, Reason, Result
from matcher.round import Round
from matcher.settings import Settings
from matcher.staff import StaffResult, assign_staff
from tests.rounds import Row, make_round

REGIONS = {"R": None, "R1": "R", "R2": "R", "R11": "R1", "X": None}
SECTORS = {"S": None, "S1": "S", "S2": "S"}
Pair = tuple[str, str, str | None]


def result_of(pairs: list[Pair], *, unplaced: tuple[str, ...] = ()) -> Result:
    """A solved result with exactly these pairs."""
    rows: list[dict[str, Any]] = [{"student_id": s, "placement_id": p, "period_id": t, "status": "placed"} for s, p, t in pairs]
    rows += [{"student_id": s, "status": "unplaced"} for s in unplaced]
    frame = pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype="Int64" if name == "rank" else "str") for name in MATCH_COLUMNS})
    return Result(Outcome.SOLVED, Reason.OPTIMAL, frame)


def staffed(staff: list[Row], pairs: int = 1, *, student: Row | None = None, placement: Row | None = None, **tables: list[Row]) -> tuple[Round, Result]:
    """A round of alike students, one at each of as many alike placements, with the usual trees of regions and sectors."""
    students = [{"student_id": f"s{n}", **(student or {})} for n in range(pairs)]
    placements = [{"placement_id": f"p{n}", "capacity": 1, **(placement or {})} for n in range(pairs)]
    whole: dict[str, Any] = {**trees(), **tables, "students": students, "placements": placements, "staff": staff}
    return make_round(Settings(language="en"), **whole), result_of([(f"s{n}", f"p{n}", None) for n in range(pairs)])


def trees() -> dict[str, list[Row]]:
    """The tables of regions and sectors."""
    return {
        "regions": [{"region_id": name, "parent_id": parent} for name, parent in REGIONS.items()],
        "sectors": [{"sector_id": name, "parent_id": parent} for name, parent in SECTORS.items()],
    }


def random_staffed(rng: random.Random, *, pairs: int = 5, members: int = 3) -> tuple[Round, Result]:
    """A random round with few members of both kinds, all columns of which may be empty, and a random matching."""
    some = lambda values, chance=0.7: rng.choice(values) if rng.random() < chance else None  # noqa: E731

    def tokens(values: list[str]) -> str | None:
        chosen = [value for value in values if rng.random() < 0.4]
        return some(["|".join(chosen) or "none"], 0.6)

    companies = [{"company_id": f"C{n}", "region_id": some(list(REGIONS)), "sector_id": some(list(SECTORS))} for n in range(3)]
    students = [{"student_id": f"s{n}", "programme_id": some(["G1", "G2"], 0.9)} for n in range(pairs)]
    placements = [
        {
            "placement_id": f"p{n}",
            "capacity": 9,
            "company_id": some(["C0", "C1", "C2"]),
            "region_id": some(list(REGIONS), 0.5),
            "sector_id": some(list(SECTORS), 0.5),
        }
        for n in range(3)
    ]
    staff = [
        {
            "staff_id": f"m{n}",
            "kind": rng.choice(["coach", "assessor"]),
            "max_students": rng.choice([0, 1, 2, 3, 7]),
            "regions": tokens(list(REGIONS)),
            "programmes": tokens(["G1", "G2"]),
            "sectors": tokens(list(SECTORS)),
            "company_id": some(["C0", "C1", "C2"], 0.5),
        }
        for n in range(rng.randint(1, 2 * members))
    ]
    programmes = [{"programme_id": name} for name in ("G1", "G2")]
    periods = rng.random() < 0.3
    asked: list[tuple[str, str | None]] = [(f"s{n}", period) for n in range(pairs) for period in (("T1", "T2") if periods else (None,))]
    matched: list[Pair] = [(student, rng.choice(placements)["placement_id"], period) for student, period in asked if rng.random() < 0.6]
    if periods:
        students = [{**row, "periods": "T1|T2"} for row in students]
    tables: dict[str, Any] = {**trees(), "students": students, "placements": placements, "staff": staff, "programmes": programmes, "companies": companies}
    return make_round(Settings(language=rng.choice(["nl", "en", "fr"])), **tables), result_of(matched)


@cache
def solved(seed: int) -> tuple[Round, Result, StaffResult]:
    """A random round with its assignment, once for all tests."""
    round_, result = random_staffed(random.Random(seed))
    return round_, result, assign_staff(round_, result, isolate=False)


class Reader:
    """docs/rules.md, section "Staff", in plain loops over dictionaries."""

    def __init__(self, round_: Round, result: Result) -> None:
        rows = {name: [_plain(row) for row in table.to_dict("records")] for name, table in round_.tables.items()}
        self.students = {row["student_id"]: row for row in rows["students"]}
        self.placements = {row["placement_id"]: row for row in rows["placements"]}
        self.companies = {row["company_id"]: row for row in rows.get("companies", [])}
        self.staff = sorted(rows["staff"], key=lambda row: row["staff_id"])
        self.pairs = [
            (row["student_id"], row["placement_id"], row.get("period_id")) for row in map(_plain, result.matches.to_dict("records")) if row.get("placement_id")
        ]

    def may(self, pair: Pair, member: Row) -> bool:
        student, placement = self.students[pair[0]], self.placements[pair[1]]
        company = self.companies.get(placement.get("company_id"), {})
        region = placement.get("region_id") or company.get("region_id")
        sector = placement.get("sector_id") or company.get("sector_id")
        return (
            self._listed(member.get("regions"), region, REGIONS)
            and self._listed(member.get("sectors"), sector, SECTORS)
            and self._listed(member.get("programmes"), student.get("programme_id"), {})
            and not (member["kind"] == "assessor" and member.get("company_id") and member.get("company_id") == placement.get("company_id"))
        )

    def _listed(self, cell: str | None, value: str | None, parents: dict[str, str | None]) -> bool:
        if cell is None or value is None:
            return True
        while value is not None:
            if value in cell.split("|"):
                return True
            value = parents.get(value)
        return False

    def best(self, kind: str) -> tuple[int, int]:
        """Most pairs served, then the least balance, by looking at every assignment."""
        members = [row for row in self.staff if row["kind"] == kind]
        choices = [[None, *(m for m, row in enumerate(members) if self.may(pair, row))] for pair in self.pairs]
        found = []
        for choice in itertools.product(*choices):
            loads = [choice.count(m) for m in range(len(members))]
            if all(load <= row["max_students"] for load, row in zip(loads, members, strict=True)):
                found.append((-sum(loads), balance(loads, [row["max_students"] for row in members])))
        served, uneven = min(found)
        return -served, uneven


def balance(loads: list[int], most: list[int]) -> int:
    """What loads cost: floor(100 j / c) for the j-th of at most c."""
    return sum(100 * j // c for load, c in zip(loads, most, strict=True) for j in range(1, load + 1))


def _plain(row: dict[Any, Any]) -> Row:
    return {name: value for name, value in row.items() if isinstance(value, str | bool) or (value is not None and not pd.isna(value))}
