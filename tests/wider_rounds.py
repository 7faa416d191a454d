"""Random small rounds with the rules that reach over several bounds: spans, groups, paths, reserves, budgets and further tiers.

Each feature brings the columns that it needs, in numbers that let it matter often (`tests/contract.py` measures how often).
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from matcher.round import Round
from matcher.settings import Settings
from tests.rounds import Maker, Row, day

WIDER = (
    "spans",
    "pool_tokens",
    "per_quotas",
    "paths",
    "overlap",
    "reserves",
    "moves_budget",
    "quota_tiers",
    "company_rank",
    "competences_tier",
    "shortage",
    "balance",
    "blend",
    "leximin",
)
"""What such a round may hold, beside the features of `tests.rounds`."""

PER = (
    "programme_id",
    "sector_id",
    "programme_id|sector_id",
    "company_id",
    "groups",
    "region_id",
    "student.region_id",
    "pattern",
    "placement.region_id|programme_id",
    "groups|sector_id",
    "student",
    "student|sector_id",
    "company_id|student",
    "period_id",
)


def wider_round(rng: random.Random, only: Collection[str], *, students: int = 4, placements: int = 4, least: int = 2) -> Round:
    """A small round with exactly these features of either list, and what they need; `least` is the least number of students and of placements."""
    return _Wider(rng, set(only), rng.randint(least, students), rng.randint(least, placements)).make()


class _Wider(Maker):
    def __init__(self, rng: random.Random, on: set[str], students: int, placements: int) -> None:
        super().__init__(rng, on, students, placements)
        self.done: set[str] = set()
        self.policy: dict[str, Any] = {}
        self.further: list[str] = []

    def _features(self) -> None:
        self._need(*sorted(self.on, key=lambda feature: (feature not in WIDER, feature)))

    def _need(self, *features: str) -> None:
        """Make features that are not there yet."""
        for feature in features:
            if feature not in self.done:
                self.done.add(feature)
                getattr(self, f"_{feature}", lambda: None)()

    # -- periods and bounds ----------------------------------------------------------------------------------------------------

    def _both_periods(self) -> None:
        """Most students ask for two periods, most placements have seats in both."""
        if "periods" not in self.done:
            self.done.add("periods")
            self._some(self.students, "periods", ["T1|T2", "T1|T2", "T1|T2", "T1"], 0.85)
            self._some(self.placements, "period_id", ["T1", "T2"], 0.5)

    def _spans(self) -> None:
        self._both_periods()
        if len(self.students) < 3 and self.rng.random() < 0.4:
            self._some(self.students, "periods", ["T1|T2|T3", "T1|T3", "T2"], 0.9)
        spans = ["T1|T2", "T1|T2", "T2|T1"] if all("T3" not in str(row["periods"]) for row in self.students) else ["T1|T3", "T2|T3", "T1|T2|T3"]
        for row in self.placements:
            if self.rng.random() < 0.6:
                row["period_id"] = self.rng.choice(spans)
                row["capacity"] = self.rng.choice([1, 1, 1, 2])

    def _pool_tokens(self) -> None:
        self.done.add("pools")
        names = ["K1", "K2", "K3"]
        self._some(self.placements, "pool_id", ["K1|K2", "K2|K3", "K1|K3", "K1", "K2", "none"], 0.9)
        self.tables["pools"] = [{"pool_id": name, "capacity": self.rng.choice([0, 1, 1, 2])} for name in names]

    def _per_quotas(self) -> None:
        """Quotas for every programme, sector, region ... or student, hard or soft."""
        rows = self.tables.setdefault("quotas", [])
        for n in range(self.rng.randint(1, 2)):
            per = self.rng.choice(PER)
            if "student" in per.split("|"):
                self._both_periods()
            if per == "pattern":
                self._some_tokens(self.students, "pattern", "day eve")
                self._some_tokens(self.placements, "pattern", "day eve", none=False)
            low = self.rng.choice([None, None, 1, 2]) if per == "student" or "student" not in per.split("|") else None
            high = self.rng.choice([0, 1, 1, 2]) if low is None else self.rng.choice([None, None, low, low + 1])
            hard = self.rng.random() < 0.6
            weight = None if hard else self.rng.choice([None, 1, 2])
            rows.append({**self._quota(f"V{n}", hard=hard), "per": per, "min": low, "max": high, "weight": weight, "valid_from": None, "valid_to": None})

    def _paths(self) -> None:
        """Nobody twice in one sector; everybody once in a sector of some kind."""
        self._both_periods()
        self._some(self.placements, "sector_id", ["S1", "S1", "S2"], 0.8)
        rows = self.tables.setdefault("quotas", [])
        hard = self.rng.choice([True, None, None, False])
        if self.rng.random() < 0.6:
            per = self.rng.choice(["student|sector_id", "sector_id|student", "student|company_id"])
            rows.append({"quota_id": "distinct", "per": per, "max": 1, "hard": hard})
        if self.rng.random() < 0.6 or not rows:
            inside = self.rng.choice(["sector_id=S1", "sector_id=S2", "company_id=C1", "placement_id=p0"])
            who = self.rng.choice([None, None, "programme_id=G1", "groups=first"])
            low = self.rng.choice([1, 1, 1, 2, 3])
            high = self.rng.choice([None, low])
            rows.append({"quota_id": "once", "per": "student", "students": who, "placements": inside, "min": low, "max": high, "hard": hard})

    def _overlap(self) -> None:
        self._both_periods()
        for row in self.placements:
            first, last = self.rng.choice([(1, 10), (1, 10), (10, 20), (11, 20), (4, 15), (5, 5)])
            row["from"], row["to"] = (day(first), day(last)) if self.rng.random() < 0.85 else (day(first), None)
        if self.rng.random() < 0.4:
            self._some(self.placements, "pattern", ["day", "eve", "day|eve", "none"], 0.7)

    def _reserves(self) -> None:
        filters = ["programme_id=G1", "programme_id=G2", "groups=first", "groups=car", "region_id=R1|R2", "student_id=s0", None]
        self.tables["reserves"] = [
            {
                "reserve_id": name,
                "order": order,
                "students": who,
                "placements": self.rng.choice([None, "sector_id=S1", "company_id=C1", "placement_id=p0", "placement_id=p0|p1"]),
                "seats": self.rng.choice([1, 1, 2, 3]),
                "weight": self.rng.choice([None, 1, 3]),
            }
            for name in ("A", "B")[: self.rng.choice([1, 1, 2])]
            for order, who in enumerate(self.rng.sample(filters, k=self.rng.randint(1, 3)), start=self.rng.randint(0, 2))
        ]
        self.rng.shuffle(self.tables["reserves"])

    def _moves_budget(self) -> None:
        self._need("previous")
        self.policy["max_moves"] = self.rng.choice([0, 0, 1, 2])

    # -- tiers -----------------------------------------------------------------------------------------------------------------

    def _quota_tiers(self) -> None:
        """Soft quotas that want different things, some of them only after the ranks."""
        rows = self.tables.setdefault("quotas", [])
        for n in range(self.rng.randint(2, 4)):
            low = self.rng.choice([None, None, 1, 2])
            rows.append(
                {
                    "quota_id": f"U{n}",
                    "students": self.rng.choice([None, None, "programme_id=G1", "groups=car|first"]),
                    "placements": self.rng.choice(["placement_id=p0", "placement_id=p1", "sector_id=S1", "sector_id=S2", "company_id=C1", "region_id=R1|R2"]),
                    "min": low,
                    "max": self.rng.choice([0, 1]) if low is None else None,
                    "hard": False,
                    "weight": self.rng.choice([None, 1, 2]),
                    "tier": self.rng.choice([None, "soft", "soft:a", "soft:a", "soft:b"]),
                }
            )
        self.further += self.rng.choice([["soft:a"], ["soft:a", "soft:b"], ["soft:b", "soft:a"]])

    def _company_rank(self) -> None:
        self.tables["rankings"] = [
            {"placement_id": p["placement_id"], "student_id": s["student_id"], "rank": self.rng.choice([1, 1, 2, 2, 3, 5, 0])}
            for p in self.placements
            if self.rng.random() < 0.8
            for s in self.students
            if self.rng.random() < 0.6
        ]
        self.further.append("company_rank")

    def _competences_tier(self) -> None:
        self._need("competences")
        self.policy["competences"] = self.rng.choice(["soft", "off"])
        self.further.append("competences")

    def _shortage(self) -> None:
        for row in self.tables["programmes"]:
            row["shortage"] = True if row["programme_id"] == "G1" else self.rng.choice([False, None])
        self.further.append("shortage")

    def _balance(self) -> None:
        for row in self.placements:
            row["capacity"] = self.rng.choice([1, 2, 2, 3, 4])
        self.further.append("balance")

    def _leximin(self) -> None:
        """Wishes for all placements, and one seat in each: somebody must take a late choice."""
        for row in self.placements:
            row["capacity"] = 1

    def _wishes(self, student: str) -> list[Row]:
        if "leximin" not in self.on or self.rng.random() < 0.1:
            return super()._wishes(student)
        ranks = sorted(self.rng.sample(range(1, 7), k=len(self.placements)))
        targets = sorted(self.placements, key=lambda row: int(row["placement_id"][1:]) + self.rng.random() * 2)
        return [{"student_id": student, "rank": rank, "target_id": row["placement_id"]} for rank, row in zip(ranks, targets, strict=True)]

    def _settings(self) -> Settings:
        """With the tiers of these features, mostly before the ranks."""
        settings = super()._settings()
        tiers = list(settings.tiers)
        for tier in self.further:
            before = tiers.index("rank") if "rank" in tiers and self.rng.random() < (0.4 if tier.startswith("soft:") else 0.8) else len(tiers)
            tiers.insert(self.rng.randint(min(1, before), before), tier)
        rules = {**settings.rules, "competences": self.policy["competences"]} if "competences" in self.policy else settings.rules
        measure = "leximin" if "leximin" in self.on else settings.rank_measure
        settings = replace(settings, tiers=tuple(tiers), rank_measure=measure, rules=rules, max_moves=self.policy.get("max_moves"))
        return self._blended(settings) if "blend" in self.on else settings

    def _blended(self, settings: Settings) -> Settings:
        """Two or three tiers as one, sometimes written as `blend`; no profile, and no size that a profile would have to be taken before."""
        unfit = {"sum": (), "rank_maximal": ("rank", "placed", "placed_mandatory")}.get(settings.rank_measure, ("rank",))
        fit = [tier for tier in settings.tiers if tier not in unfit]
        named = self.rng.sample(fit, k=min(len(fit), self.rng.randint(2, 3)))
        tiers = list(settings.tiers)
        if named and self.rng.random() < 0.3:
            tiers = [tier for tier in tiers if tier not in named or self.rng.random() < 0.5]
            tiers.insert(self.rng.randint(0, len(tiers)), "blend")
        return replace(settings, tiers=tuple(tiers), tier_weights={tier: self.rng.choice([0.0, 0.1, 0.25, 0.5, 1.0, 1.5, 3.0, 0.0125]) for tier in named})
