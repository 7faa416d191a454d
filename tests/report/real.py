"""Small rounds with the rules that a flow cannot carry, solved: what the report makes of proofs by cases."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

from matcher.result import Result
from matcher.round import Round
from matcher.settings import Settings
from matcher.solving import solve
from tests.rounds import Row, make_round

TIERS = ("placed_mandatory", "placed", "soft", "shortage", "rank", "soft:later", "travel", "balance")


def tables(students: int = 24, seed: int = 3) -> dict[str, list[Row]]:
    """Students of two programmes and places of two sectors at four companies, with a quota that crosses, one per company, and a soft one of a further tier."""
    rng = random.Random(seed)
    people = [{"student_id": f"s{n:02d}", "programme_id": rng.choice(["G1", "G2"]), "groups": rng.choice(["first", "none", "car"])} for n in range(students)]
    places = [
        {"placement_id": f"p{n:02d}", "capacity": rng.choice([1, 2, 3]), "company_id": f"C{n % 4}", "sector_id": rng.choice(["Z", "B"])}
        for n in range(students // 2)
    ]
    ids = [row["placement_id"] for row in places]
    return {
        "students": people,
        "placements": places,
        "preferences": [
            {"student_id": row["student_id"], "rank": rank, "target_id": target} for row in people for rank, target in enumerate(rng.sample(ids, 4), start=1)
        ],
        "companies": [{"company_id": f"C{n}"} for n in range(4)],
        "sectors": [{"sector_id": "Z"}, {"sector_id": "B"}],
        "programmes": [{"programme_id": "G1", "shortage": True}, {"programme_id": "G2"}],
        "quotas": [
            {"quota_id": "each", "per": "company_id", "max": 5},
            {"quota_id": "crossing", "students": "programme_id=G1", "placements": "sector_id=Z", "max": 4},
            {"quota_id": "soft", "placements": "sector_id=B", "min": students, "hard": False, "tier": "soft:later"},
        ],
    }


def staff(coaches: int = 3) -> list[Row]:
    """Members of both kinds, too few assessors."""
    members: list[Row] = [{"staff_id": f"coach {n}", "kind": "coach", "max_students": 20} for n in range(coaches)]
    return [*members, {"staff_id": "assessor", "kind": "assessor", "max_students": 5, "company_id": "C0"}]


def reserves() -> list[Row]:
    """Six seats in one sector, for one group and then for another."""
    groups = ("groups=first", "programme_id=G1")
    return [{"reserve_id": "R", "order": n, "students": group, "placements": "sector_id=Z", "seats": 6} for n, group in enumerate(groups)]


def crossing(language: str = "en", **more: Any) -> Round:
    """A round with crossing quotas, and whatever further tables."""
    return make_round(Settings(id="crossing", language=language, tiers=TIERS), **{**tables(), **more})


@cache
def solved(language: str = "en") -> tuple[Round, Result]:
    """The crossing round with its answer, once for all tests."""
    round_ = crossing(language, reserves=reserves(), staff=staff())
    return round_, solve(round_, isolate=False)
