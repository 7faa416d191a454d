"""Small rounds for tests: `make_round` from plain rows, `random_round` with the columns of every rule switched on in turn."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from matcher.round import Round, canonical_dtype
from matcher.schema import TABLES
from matcher.settings import ELIGIBILITY_RULES, Settings

Row = dict[str, Any]

FEATURES = (
    *ELIGIBILITY_RULES,
    "ranking",
    "forbid",
    "ties",
    "no",
    "wide_wishes",
    "unlisted_last",
    "skip",
    "soft_rules",
    "pins",
    "previous",
    "pools",
    "quotas",
    "soft_quotas",
    "crossing_quotas",
    "periods",
    "must_open",
    "open_or_closed",
    "teams",
    "mandatory",
    "mentor_capacity",
    "minutes",
    "remote",
    "hierarchy",
    "profile",
)
"""What a random round may hold. `crossing_quotas` allows several quotas that do not nest; without it there is at most one with a filter."""

TIERS = ("placed_mandatory", "placed", "soft", "rank", "travel", "moves")
"""The tiers that a random round may have."""


def make_round(settings: Settings | None = None, **tables: Sequence[Row]) -> Round:
    """A round from rows as plain dictionaries, typed as `matcher.schema` says. A table without rows is left out."""
    return Round({name: frame(name, rows) for name, rows in tables.items() if rows}, settings or Settings())


def frame(name: str, rows: Sequence[Row]) -> pd.DataFrame:
    """Rows as the canonical table, with the row numbers of a file."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    index = range(2, len(rows) + 2)
    typed = {}
    for column in columns:
        values = [row.get(column) for row in rows]
        dtype = canonical_dtype(TABLES[name], column)
        if dtype.startswith("datetime"):
            typed[column] = pd.Series(pd.to_datetime(pd.Series(values)), dtype=dtype).set_axis(index)
        else:
            typed[column] = pd.Series(values, index=index, dtype=dtype)
    return pd.DataFrame(typed, index=index)


def rounds(*, without: Collection[str] = (), students: int = 4, placements: int = 3) -> st.SearchStrategy[Round]:
    """Random small rounds as a Hypothesis strategy."""
    return st.randoms(use_true_random=False).map(lambda rng: random_round(rng, without=without, students=students, placements=placements))


def random_round(rng: random.Random, *, without: Collection[str] = (), only: Collection[str] | None = None, students: int = 4, placements: int = 3) -> Round:
    """A small round with up to the given numbers of students and placements; each feature is in it with a chance of a quarter.

    Parameters
    ----------
    rng
        Where the choices come from; the same state gives the same round.
    without
        Features that are left out.
    only
        Where given, exactly these features are in it.
    """
    on = set(only) if only is not None else {feature for feature in FEATURES if rng.random() < 0.25}
    on -= set(without)
    return Maker(rng, on, rng.randint(1, students), rng.randint(1, placements)).make()


def day(number: int) -> dt.datetime:
    """A day of January 2027."""
    return dt.datetime(2027, 1, number)  # noqa: DTZ001  # the rounds' dates have no zone


class Maker:
    """The choices behind one random round."""

    def __init__(self, rng: random.Random, on: set[str], students: int, placements: int) -> None:
        self.rng, self.on = rng, on
        self.students: list[Row] = [{"student_id": f"s{n}"} for n in range(students)]
        self.placements: list[Row] = [{"placement_id": f"p{n}", "capacity": rng.choice([0, 1, 1, 1, 2, 3])} for n in range(placements)]
        self.tables: dict[str, list[Row]] = {"students": self.students, "placements": self.placements}

    def make(self) -> Round:
        self._world()
        self._features()
        self._preferences()
        return make_round(self._settings(), **self.tables)

    def _features(self) -> None:
        for feature in sorted(self.on):
            getattr(self, f"_{feature}", lambda: None)()

    def _some(self, rows: list[Row], column: str, values: Sequence[Any], chance: float = 0.7) -> None:
        for row in rows:
            row[column] = self.rng.choice(values) if self.rng.random() < chance else None

    def _tokens(self, words: str, *, none: bool = True) -> str:
        chosen = [word for word in words.split() if self.rng.random() < 0.5]
        return "|".join(chosen) if chosen else "none" if none else words.split(maxsplit=1)[0]

    def _some_tokens(self, rows: list[Row], column: str, words: str, *, none: bool = True) -> None:
        for row in rows:
            row[column] = self._tokens(words, none=none) if self.rng.random() < 0.7 else None

    def _world(self) -> None:
        self._some(self.students, "programme_id", ["G1", "G2"], 0.8)
        self._some(self.students, "region_id", ["R1", "R2", "R3"], 0.8)
        self._some_tokens(self.students, "groups", "car first", none=True)
        self._some(self.placements, "company_id", ["C1", "C2"], 0.8)
        self._some(self.placements, "sector_id", ["S1", "S2"], 0.4)
        self._some(self.placements, "region_id", ["R1", "R2", "R3"], 0.4)
        up = {"R1": "R", "R2": "R", "S1": "S"} if "hierarchy" in self.on else {}
        self.tables["programmes"] = [{"programme_id": "G1", "form": "duaal", "competences_company": "a|b"}, {"programme_id": "G2"}]
        self.tables["companies"] = [{"company_id": "C1", "sector_id": "S1", "region_id": "R1"}, {"company_id": "C2", "sector_id": "S2"}]
        self.tables["sectors"] = [{"sector_id": name, "parent_id": up.get(name)} for name in ("S", "S1", "S2")]
        places = {"R1": (51.0, 4.0), "R2": (51.1, 4.2), "R": (50.5, 4.5)}
        self.tables["regions"] = [
            {"region_id": name, "parent_id": up.get(name), "lat": places.get(name, (None, None))[0], "lon": places.get(name, (None, None))[1]}
            for name in ("R", "R1", "R2", "R3")
        ]

    # -- one method per feature that adds columns or rows ---------------------------------------------------------------

    def _form(self) -> None:
        self._some(self.students, "form", ["duaal", "stage"], 0.5)
        self._some_tokens(self.placements, "forms", "duaal stage")

    def _programme(self) -> None:
        self._some_tokens(self.placements, "programmes", "G1 G2")

    def _recognition(self) -> None:
        self._dated()
        self._some(self.placements, "recognised_until", [day(5), day(20)], 0.4)
        self.tables["recognitions"] = [
            {
                "placement_id": row["placement_id"],
                "programme_id": self.rng.choice(["G1", "G2"]),
                "from": self.rng.choice([None, day(1), day(11)]),
                "until": self.rng.choice([None, day(10), day(25)]),
            }
            for row in self.placements
            for _ in range(self.rng.randint(0, 2))
        ]

    def _dated(self) -> None:
        if "from" not in self.placements[0]:
            self._some(self.placements, "from", [day(4), day(10)], 0.6)
            self._some(self.placements, "to", [day(10), day(20)], 0.6)

    def _travel(self) -> None:
        self._some(self.students, "max_minutes", [10, 25, 40])
        self._some(self.students, "max_km", [5, 20, 60], 0.4)
        self._minutes()

    def _minutes(self) -> None:
        self._some(self.students, "mode", ["car", "pt", "bike", "foot"], 0.6)
        for row in (*self.students, *self.placements):
            if self.rng.random() < 0.4:
                row["lat"] = 51 + self.rng.randint(0, 20) / 100
                row["lon"] = 4 + self.rng.randint(0, 20) / 100 if self.rng.random() < 0.9 else None
        pairs = {(self.rng.choice(["R1", "R2", "R3"]), self.rng.choice(["R1", "R2", "R3"]), self.rng.choice([None, "car", "bike"])) for _ in range(4)}
        if self.rng.random() < 0.5:
            ordered = sorted(pairs, key=str)
            self.tables["travel"] = [{"from_region": a, "to_region": b, "mode": mode, "minutes": self.rng.randint(0, 45)} for a, b, mode in ordered]

    def _remote(self) -> None:
        self._some(self.placements, "remote_share", [0.0, 0.2, 0.5, 1.0])

    def _languages(self) -> None:
        self._some_tokens(self.students, "languages", "nl fr")
        self._some_tokens(self.placements, "languages", "nl fr")

    def _checks(self) -> None:
        self._some_tokens(self.students, "checks", "vca medical")
        self._some_tokens(self.placements, "checks_required", "vca medical")

    def _competences(self) -> None:
        self._some_tokens(self.students, "competences_needed", "a b c")
        self._some_tokens(self.placements, "competences", "a b c")

    def _dates(self) -> None:
        self._dated()
        self._some(self.students, "available_from", [day(1), day(5)], 0.5)
        self._some(self.students, "available_to", [day(10), day(28)], 0.5)

    def _pattern(self) -> None:
        self._some_tokens(self.students, "pattern", "day eve")
        self._some_tokens(self.placements, "pattern", "day eve")

    def _insurance(self) -> None:
        self._some(self.placements, "insured", [True, True, False])

    def _mentor(self) -> None:
        self._dated()
        self._some(self.placements, "mentor_trained_until", [day(5), day(15), day(25)])

    def _pay(self) -> None:
        self._some(self.students, "min_pay", [0, 500])
        self._some(self.placements, "pay_month", [0, 499.5, 500])

    def _own_company(self) -> None:
        self._some(self.students, "own_company_id", ["C1", "C2"], 0.5)
        self._some(self.students, "status", ["regular", "working", "employee"])

    def _excluded_company(self) -> None:
        self._some_tokens(self.students, "excluded_companies", "C1 C2")

    def _ranking(self) -> None:
        self.tables["rankings"] = [
            {"placement_id": p["placement_id"], "student_id": s["student_id"], "rank": self.rng.choice([0, 1, 2])}
            for p in self.placements
            for s in self.students
            if self.rng.random() < 0.3
        ]

    def _forbid(self) -> None:
        self._pin_rows("forbid", 0.15)

    def _pins(self) -> None:
        self._pin_rows("pin", 0.1)

    def _pin_rows(self, kind: str, chance: float) -> None:
        taken = {row["student_id"] for row in self.tables.get("pins", ())}
        rows = self.tables.setdefault("pins", [])
        for s in self.students:
            for p in self.placements:
                if self.rng.random() < chance and s["student_id"] not in taken:
                    rows.append({"student_id": s["student_id"], "placement_id": p["placement_id"], "kind": kind})
                    taken |= {s["student_id"]} if kind == "pin" else set()

    def _previous(self) -> None:
        confirmed = "pins" in self.on and self.rng.random() < 0.5
        pinned = {row["student_id"] for row in self.tables.get("pins", ())}
        self.tables["previous"] = [
            {
                "student_id": s["student_id"],
                "placement_id": self.rng.choice(self.placements)["placement_id"],
                "confirmed": confirmed and s["student_id"] not in pinned and self.rng.random() < 0.3,
            }
            for s in self.students
            if self.rng.random() < 0.6
        ]

    def _pools(self) -> None:
        self._some(self.placements, "pool_id", ["K1", "K2"], 0.6)
        self.tables["pools"] = [{"pool_id": name, "capacity": self.rng.randint(0, 3)} for name in ("K1", "K2")]

    def _quotas(self) -> None:
        count = self.rng.randint(1, 3) if "crossing_quotas" in self.on else 1
        self.tables.setdefault("quotas", []).extend(self._quota(f"Q{n}", hard=self.rng.choice([True, None])) for n in range(count))

    def _soft_quotas(self) -> None:
        rows = self.tables.setdefault("quotas", [])
        rows += [{**self._quota(f"W{n}", hard=False), "weight": self.rng.choice([None, 0, 1, 3])} for n in range(self.rng.randint(1, 2))]

    def _quota(self, name: str, *, hard: bool | None) -> Row:
        students = self.rng.choice(
            [None, "programme_id=G1", "groups=car|first", "groups=car; region_id=R", "form=duaal", "mandatory=true", "student_id=s0 | s1"]
        )
        placements = self.rng.choice(
            [None, "sector_id=S1", "region_id=R", "company_id=C1", "sector_id = S|S2; company_id=C2", "capacity=1", "placement_id=p0|p1"]
        )
        low = self.rng.choice([None, None, 1, 2])
        high = self.rng.choice([None, (low or 0), (low or 0) + 1, 3])
        since, until = self.rng.choice([(None, None), (None, None), (day(1), None), (day(3), None), (None, day(1))])
        return {
            "quota_id": name,
            "students": students,
            "placements": placements,
            "min": low,
            "max": high if low is None or high is None or high >= low else low,
            "hard": hard,
            "valid_from": since,
            "valid_to": until,
        }

    def _periods(self) -> None:
        self._some_tokens(self.students, "periods", "T1 T2", none=False)
        self._some(self.placements, "period_id", ["T1", "T2"], 0.6)

    def _must_open(self) -> None:
        for row in self.placements:
            if self.rng.random() < 0.3 and row["capacity"]:
                row["must_open"] = True
                row["capacity_min"] = self.rng.randint(0, row["capacity"])

    def _open_or_closed(self) -> None:
        for row in self.placements:
            if self.rng.random() < 0.5 and not row.get("must_open"):
                row["capacity_min"] = self.rng.randint(0, 2)

    def _teams(self) -> None:
        kind = self.rng.choice(["same_placement", "same_company", "same_region", "apart"])
        members = self.rng.sample(self.students, k=min(len(self.students), self.rng.randint(2, 3)))
        self.tables["teams"] = [{"team_id": "U", "student_id": row["student_id"], "kind": kind} for row in members]

    def _mandatory(self) -> None:
        self._some(self.students, "mandatory", [True, False])

    def _mentor_capacity(self) -> None:
        self._some(self.placements, "mentors", [0, 1, 2])
        self._some(self.placements, "students_per_mentor", [0.5, 1, 1.5])

    # -- wishes and settings ------------------------------------------------------------------------------------------------

    def _preferences(self) -> None:
        rows: list[Row] = []
        for s in self.students:
            rows += self._wishes(s["student_id"])
        self.rng.shuffle(rows)
        unique = {(row["student_id"], row["rank"], row.get("target_type"), row["target_id"]): row for row in rows}
        self.tables["preferences"] = list(unique.values()) or [{"student_id": "s0", "rank": 1, "target_type": None, "target_id": "p0"}]

    def _wishes(self, student: str) -> list[Row]:
        if self.rng.random() < 0.85:
            count = self.rng.randint(1, len(self.placements) + 1)
            return [{"student_id": student, **self._target(), "rank": self._rank(n)} for n in range(count)]
        return []

    def _target(self) -> Row:
        if "wide_wishes" in self.on and self.rng.random() < 0.6:
            kind = self.rng.choice(["company", "sector", "region", "any"])
            ids = {"company": ["C1", "C2"], "sector": ["S", "S1", "S2"], "region": ["R", "R1", "R2", "R3"], "any": ["any"]}
            return {"target_type": kind, "target_id": self.rng.choice(ids[kind])}
        return {"target_type": self.rng.choice([None, "placement"]), "target_id": self.rng.choice(self.placements)["placement_id"]}

    def _rank(self, position: int) -> int:
        if "no" in self.on and self.rng.random() < 0.2:
            return 0
        return self.rng.randint(1, 3) if "ties" in self.on else position + 1

    def _settings(self) -> Settings:
        rules: dict[str, Any] = {}
        if "soft_rules" in self.on:
            rules = {rule: self.rng.choice(["soft", "off", "hard"]) for rule in ELIGIBILITY_RULES}
        weights: Mapping[str, int] = {rule: self.rng.randint(0, 4) for rule in rules}
        tiers = [tier for tier in TIERS if tier != "moves" or "previous" in self.on]
        if self.rng.random() < 0.2:
            self.rng.shuffle(tiers)
            tiers = tiers[: self.rng.randint(1, len(tiers))]
        return Settings(
            start_date=self.rng.choice([None, day(2).date()]),
            rules=rules,
            rule_weights=weights,
            unlisted="last" if "unlisted_last" in self.on else "no",
            no_wishes="skip" if "skip" in self.on else "any",
            unranked="no" if "ranking" in self.on and self.rng.random() < 0.3 else "last",
            mentor_capacity=self.rng.random() < 0.8,
            tiers=tuple(tiers),
            rank_measure=self.rng.choice(["greedy", "generous", "rank_maximal"]) if "profile" in self.on else "sum",
        )


CONTEST = make_round(
    Settings(tiers=("placed", "rank")),
    students=[{"student_id": student} for student in "abc"],
    placements=[{"placement_id": placement, "capacity": 1} for placement in "pqrs"],
    preferences=[
        {"student_id": student, "rank": rank, "target_id": target}
        for student, targets in (("a", "pq"), ("b", "pqr"), ("c", "qsr"))
        for rank, target in enumerate(targets, start=1)
    ],
)
"""Two first choices push the third student to choice 3; without choice 3 there is one first choice."""
