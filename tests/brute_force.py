"""A referee for tiny rounds: all matchings, one by one, straight from docs/rules.md with dictionaries and loops.

Shares no code with the package beyond the Round itself. Exponential in the number of demands: for rounds of about six.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from matcher.round import Round

Row = dict[str, Any]
Demand = tuple[str, str | None]
"""A student, and the period asked for (None: any)."""
Pair = tuple[str, str]
"""A placement and a period."""
Matching = dict[Demand, Pair | None]
Value = tuple[int | tuple[int, ...], ...]
"""A number per tier; for a profile the counts by rank, the first choices first."""

LARGER = ("placed_mandatory", "placed")
WISHES = ("wish_no", "unlisted", "no_wishes")


@dataclass(frozen=True)
class Best:
    """The best value, tier by tier as it is reported, and one matching that has it."""

    value: Value
    matching: Matching


def best(round_: Round) -> Best | None:
    """The lexicographically best matching, or None where no matching keeps the rules."""
    referee = Referee(round_)
    found = min(referee.matchings(), key=referee.cost, default=None)
    return None if found is None else Best(referee.value(found), found)


def tokens(cell: str | None) -> list[str] | None:
    if cell is None:
        return None
    return [] if cell.strip() == "none" else [token.strip() for token in cell.split("|")]


class Referee:
    def __init__(self, round_: Round) -> None:
        self.settings = round_.settings
        self.rows = {name: [{str(k): _plain(v) for k, v in row.items()} for row in table.to_dict("records")] for name, table in round_.tables.items()}
        self.students = {row["student_id"]: row for row in self.rows.get("students", [])}
        self.placements = {row["placement_id"]: row for row in self.rows.get("placements", [])}
        self.programmes = {row["programme_id"]: row for row in self.rows.get("programmes", [])}
        self.companies = {row["company_id"]: row for row in self.rows.get("companies", [])}
        self.parents = {
            "sector_id": {row["sector_id"]: row.get("parent_id") for row in self.rows.get("sectors", [])},
            "region_id": {row["region_id"]: row.get("parent_id") for row in self.rows.get("regions", [])},
        }
        self.regions = {row["region_id"]: row for row in self.rows.get("regions", [])}
        asked = {period for s in self.students.values() for period in tokens(s.get("periods")) or []}
        own = {p["period_id"] for p in self.placements.values() if p.get("period_id")}
        self.periods = sorted(asked | own) or [""]
        self.demands: list[Demand] = []
        for name, s in self.students.items():
            self.demands += [(name, period) for period in sorted(set(tokens(s.get("periods")) or []))] or [(name, None)]
        self.pinned = self._pins()
        self.options = {demand: self._options(demand) for demand in self.demands}

    # -- section 1 ---------------------------------------------------------------------------------------------------------

    def seats(self, placement: str) -> list[str]:
        own = self.placements[placement].get("period_id")
        return [own] if own else self.periods

    def capacity(self, placement: str) -> int:
        row = self.placements[placement]
        limit = row["capacity"]
        if self.settings.mentor_capacity and row.get("mentors") is not None and row.get("students_per_mentor") is not None:
            limit = min(limit, math.floor(row["mentors"] * row["students_per_mentor"]))
        return int(limit)

    def place(self, placement: str, column: str) -> str | None:
        row = self.placements[placement]
        return row.get(column) or self.companies.get(row.get("company_id"), {}).get(column)

    def line_of(self, column: str, name: str | None) -> list[str]:
        chain: list[str] = []
        while name is not None and name not in chain:
            chain.append(name)
            name = self.parents[column].get(name)
        return chain

    # -- section 2 ---------------------------------------------------------------------------------------------------------

    def lines(self, student: str) -> list[Row]:
        return [row for row in self.rows.get("preferences", []) if row["student_id"] == student]

    def covers(self, line: Row, placement: str) -> bool:
        kind, target = line.get("target_type") or "placement", line["target_id"]
        if kind == "any":
            return True
        if kind == "placement":
            return bool(target == placement)
        if kind == "company":
            return bool(target == self.placements[placement].get("company_id"))
        return target in self.line_of(f"{kind}_id", self.place(placement, f"{kind}_id"))

    def listed_rank(self, student: str, placement: str) -> int:
        return min((line["rank"] for line in self.lines(student) if line["rank"] > 0 and self.covers(line, placement)), default=0)

    def wish(self, student: str, placement: str) -> tuple[str | None, int]:
        """The rule of the wishes that removes the pair, if any, and the rank of the pair."""
        lines = self.lines(student)
        rank = self.listed_rank(student, placement)
        ranked = [line["rank"] for line in lines if line["rank"] > 0]
        if any(line["rank"] == 0 and self.covers(line, placement) for line in lines):
            return "wish_no", rank
        if not ranked:
            return ("no_wishes" if self.settings.no_wishes == "skip" else None), 0
        if rank == 0:
            return ("unlisted", 0) if self.settings.unlisted == "no" else (None, max(ranked) + 1)
        return None, rank

    # -- section 3 -----------------------------------------------------------------------------------------------------------

    def breaks(self, rule: str, student: str, placement: str) -> bool:  # noqa: C901, PLR0911, PLR0912  # one branch per rule, as in the table of the rules
        """Whether the pair breaks a rule of the pair."""
        s, p = self.students[student], self.placements[placement]
        programme = self.programmes.get(s.get("programme_id"), {})
        start = p.get("from") or (pd.Timestamp(self.settings.start_date) if self.settings.start_date else None)
        end = p.get("to") or start
        company = p.get("company_id")
        if rule == "form":
            return outside(s.get("form") or programme.get("form"), tokens(p.get("forms")))
        if rule == "programme":
            return outside(s.get("programme_id"), tokens(p.get("programmes")))
        if rule == "recognition":
            return self._unrecognised(s, p, start, end)
        if rule == "travel":
            minutes, km = self.minutes(student, placement), self.road_km(student, placement)
            return above(minutes, s.get("max_minutes")) or above(km, s.get("max_km"))
        if rule == "languages":
            return not_all(tokens(p.get("languages")), tokens(s.get("languages")))
        if rule == "checks":
            return not_all(tokens(p.get("checks_required")), tokens(s.get("checks")))
        if rule == "competences":
            return not_all(tokens(s.get("competences_needed") or programme.get("competences_company")), tokens(p.get("competences")))
        if rule == "dates":
            first, last = p.get("from") or p.get("to"), p.get("to") or p.get("from")
            return above(s.get("available_from"), first) or above(last, s.get("available_to"))
        if rule == "pattern":
            ours, theirs = tokens(s.get("pattern")), tokens(p.get("pattern"))
            return ours is not None and theirs is not None and not set(ours) & set(theirs)
        if rule == "insurance":
            return p.get("insured") is False
        if rule == "mentor":
            return above(end, p.get("mentor_trained_until"))
        if rule == "pay":
            return above(s.get("min_pay"), p.get("pay_month"))
        if rule == "own_company":
            return company is not None and company == s.get("own_company_id") and s.get("status") not in self.settings.own_company_allowed
        if rule == "excluded_company":
            return company is not None and company in (tokens(s.get("excluded_companies")) or [])
        if rule == "ranking":
            ranks = [row["rank"] for row in self.rows.get("rankings", []) if row["placement_id"] == placement and row["student_id"] == student]
            some = any(row["placement_id"] == placement for row in self.rows.get("rankings", []))
            return 0 in ranks or (self.settings.unranked == "no" and some and not ranks)
        if rule == "forbid":
            return any((row["student_id"], row["placement_id"], row["kind"]) == (student, placement, "forbid") for row in self.rows.get("pins", []))
        raise AssertionError(rule)

    def _unrecognised(self, s: Row, p: Row, start: Any, end: Any) -> bool:
        if above(end, p.get("recognised_until")):
            return True
        rows = [row for row in self.rows.get("recognitions", []) if row["placement_id"] == p["placement_id"]]
        if not rows or s.get("programme_id") is None:
            return False
        return not any(row["programme_id"] == s["programme_id"] and not above(row.get("from"), start) and not above(end, row.get("until")) for row in rows)

    RULES = (
        "form", "programme", "recognition", "travel", "languages", "checks", "competences", "dates", "pattern",
        "insurance", "mentor", "pay", "own_company", "excluded_company",
    )  # fmt: skip

    def hard_broken(self, student: str, placement: str) -> list[str]:
        """The hard rules of the pair (not of the wishes) that it breaks."""
        rules = [rule for rule in self.RULES if self.settings.strength(rule) == "hard"]
        return [rule for rule in (*rules, "ranking", "forbid") if self.breaks(rule, student, placement)]

    def _pins(self) -> dict[Demand, list[Pair]]:
        fixed = [(row["student_id"], row["placement_id"]) for row in self.rows.get("pins", []) if row["kind"] == "pin"]
        fixed += [(row["student_id"], row["placement_id"]) for row in self.rows.get("previous", []) if row.get("confirmed")]
        pins: dict[Demand, list[Pair]] = {}
        for student, placement in dict.fromkeys(fixed):
            demands = [demand for demand in self.demands if demand[0] == student]
            period = self.placements[placement].get("period_id") or demands[0][1]
            demand = next((d for d in demands if d[1] in (None, period)), None)
            if demand is None:
                demand = (student, period)  # no such demand: the pin cannot be kept
            pins.setdefault(demand, []).extend((placement, p) for p in ([period] if period else self.periods))
        return pins

    @property
    def sound(self) -> bool:
        """Whether the pins can all be kept one by one: each has a demand of its own and breaks no hard rule. Other rounds are input problems."""
        return all(
            demand in self.demands and len({placement for placement, _ in pairs}) == 1 and not self.hard_broken(demand[0], pairs[0][0])
            for demand, pairs in self.pinned.items()
        )

    def _options(self, demand: Demand) -> list[Pair]:
        if demand in self.pinned:
            return self.pinned[demand]
        student, asked = demand
        return [
            (placement, period)
            for placement in self.placements
            if self.wish(student, placement)[0] is None and not self.hard_broken(student, placement)
            for period in self.seats(placement)
            if asked in (None, period)
        ]

    # -- section 4 -----------------------------------------------------------------------------------------------------------

    def minutes(self, student: str, placement: str) -> int | None:
        s = self.students[student]
        mode = s.get("mode") or "car"
        trip = (s.get("region_id"), self.place(placement, "region_id"))
        rows = [row for row in self.rows.get("travel", []) if (row["from_region"], row["to_region"]) == trip]
        for wanted in (mode, None):
            for row in rows:
                if row.get("mode") == wanted:
                    return int(row["minutes"])
        km = self.km(student, placement)
        if km is None:
            return None
        formula = self.settings.travel
        return math.floor(60 * formula.detour * km / formula.speed[mode] + formula.overhead[mode] + 0.5)

    def road_km(self, student: str, placement: str) -> float | None:
        km = self.km(student, placement)
        return None if km is None else self.settings.travel.detour * km

    def km(self, student: str, placement: str) -> float | None:
        here = self._point(self.students[student], self.students[student].get("region_id"))
        there = self._point(self.placements[placement], self.place(placement, "region_id"))
        if here is None or there is None:
            return None
        lat1, lon1, lat2, lon2 = (math.radians(x) for x in (*here, *there))
        chord = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
        return 2 * 6371.0088 * math.asin(min(1, math.sqrt(chord)))

    def _point(self, row: Row, region: str | None) -> tuple[float, float] | None:
        for source in (row, self.regions.get(region or "", {})):
            if source.get("lat") is not None and source.get("lon") is not None:
                return source["lat"], source["lon"]
        return None

    # -- section 5 -----------------------------------------------------------------------------------------------------------

    def inside(self, text: str | None, row: Row, pointed: Row, place: dict[str, str | None]) -> bool:
        for term in (text or "").split(";"):
            if not term.strip():
                continue
            part = term.split("=")
            column, values = part[0].strip(), [value.strip() for value in part[1].split("|")]
            if column in place:
                if not set(self.line_of(column, place[column])) & set(values):
                    return False
                continue
            cell = row[column] if column in row else pointed.get(column)
            if isinstance(cell, bool):
                cell = "true" if cell else "false"
            if isinstance(cell, int | float):
                cell = f"{cell:g}"
            if not set(tokens(cell) or []) & set(values):
                return False
        return True

    def in_quota(self, quota: Row, student: str, placement: str) -> bool:
        s, p = self.students[student], self.placements[placement]
        places = {column: self.place(placement, column) for column in ("sector_id", "region_id")}
        return self.inside(quota.get("students"), s, self.programmes.get(s.get("programme_id"), {}), {"region_id": s.get("region_id")}) and self.inside(
            quota.get("placements"), p, self.companies.get(p.get("company_id"), {}), places
        )

    @property
    def quotas(self) -> list[Row]:
        start = pd.Timestamp(self.settings.start_date) if self.settings.start_date else None
        return [row for row in self.rows.get("quotas", []) if not above(row.get("valid_from"), start) and not above(start, row.get("valid_to"))]

    def quota_count(self, quota: Row, matching: Matching) -> int:
        return sum(self.in_quota(quota, demand[0], pair[0]) for demand, pair in matching.items() if pair)

    def keeps_bounds(self, matching: Matching) -> bool:
        used = [pair for pair in matching.values() if pair]
        for name, row in self.placements.items():
            low = int(row.get("capacity_min") or 0)
            for period in self.seats(name):
                count = used.count((name, period))
                if count > self.capacity(name) or (row.get("must_open") and count < low) or (not row.get("must_open") and low > 1 and 0 < count < low):
                    return False
        for pool in self.rows.get("pools", []):
            if sum(self.placements[placement].get("pool_id") == pool["pool_id"] for placement, _ in used) > pool["capacity"]:
                return False
        for quota in self.quotas:
            if quota.get("hard") is not False:
                count = self.quota_count(quota, matching)
                if count < (quota.get("min") or 0) or (quota.get("max") is not None and count > quota["max"]):
                    return False
        return True

    # -- section 6 -----------------------------------------------------------------------------------------------------------

    def keeps_teams(self, matching: Matching) -> bool:
        teams: dict[tuple[str, str], list[str]] = {}
        for row in self.rows.get("teams", []):
            teams.setdefault((row["team_id"], row["kind"]), []).append(row["student_id"])
        return all(self._together(kind, members, period, matching) for (_, kind), members in teams.items() for period in self.periods)

    def _together(self, kind: str, members: list[str], period: str, matching: Matching) -> bool:
        demands = [demand for demand in self.demands if demand[0] in members and demand[1] in (None, period)]
        got = [pair[0] for pair in (matching[demand] for demand in demands) if pair and pair[1] == period]
        if kind == "apart":
            return len(got) == len(set(got))
        if got and len(got) < len(demands):
            return False
        column = {"same_company": "company_id", "same_region": "region_id"}.get(kind)
        keys = set()
        for placement in got:
            shared = None if column is None else self.placements[placement].get("company_id") if column == "company_id" else self.place(placement, column)
            keys.add(("shared", shared) if shared is not None else ("itself", placement))
        return len(keys) <= 1

    # -- section 7 and all matchings ---------------------------------------------------------------------------------------------

    def rank(self, demand: Demand, pair: Pair) -> int:
        """The rank of a pair; a pin overrides a refusal, not the ranks."""
        ranked = [line["rank"] for line in self.lines(demand[0]) if line["rank"] > 0]
        outside = max(ranked) + 1 if ranked and self.settings.unlisted == "last" else 0
        return self.listed_rank(demand[0], pair[0]) or outside

    @property
    def profile(self) -> bool:
        return self.settings.rank_measure in ("greedy", "generous", "rank_maximal")

    @cached_property
    def tiers(self) -> list[str]:
        """The tiers in the order in which they are taken."""
        tiers = list(self.settings.tiers)
        while self.settings.rank_measure == "rank_maximal" and "rank" in tiers and any(size in tiers[: tiers.index("rank")] for size in LARGER):
            at = tiers.index("rank")
            tiers[at - 1], tiers[at] = "rank", tiers[at - 1]
        return tiers

    @cached_property
    def ranks(self) -> list[int]:
        """The ranks that a possible pair has, in the order in which a profile compares them; 1 where there are none."""
        found = {self.rank(demand, pair) for demand in self.demands for pair in self.options[demand]} - {0}
        return sorted(found or {1}, reverse=self.settings.rank_measure == "generous")

    @cached_property
    def names(self) -> list[str]:
        """The tiers of a proof: a profile is a tier for every rank."""
        return [name for tier in self.tiers for name in ([f"rank:{k}" for k in self.ranks] if tier == "rank" and self.profile else [tier])]

    def value(self, matching: Matching) -> Value:
        """The value of every tier of the policy, as it is reported."""
        used = [(demand, pair) for demand, pair in matching.items() if pair]
        soft = 0
        for demand, pair in used:
            if demand not in self.pinned:
                soft += sum(self.settings.weight(r) for r in self.RULES if self.settings.strength(r) == "soft" and self.breaks(r, demand[0], pair[0]))
        for quota in self.quotas:
            if quota.get("hard") is False:
                count = self.quota_count(quota, matching)
                over = max(0, count - quota["max"]) if quota.get("max") is not None else 0
                weight = 1 if quota.get("weight") is None else quota["weight"]
                soft += int(weight * (max(0, (quota.get("min") or 0) - count) + over))
        previous = {(row["student_id"], row["placement_id"]) for row in self.rows.get("previous", [])}
        counted = [d for d in self.demands if any(s == d[0] and (d[1] is None or d[1] in self.seats(p)) for s, p in previous)]
        stayed = [d for d in counted if (pair := matching[d]) and (d[0], pair[0]) in previous]
        ranks = [self.rank(demand, pair) for demand, pair in used]
        values: dict[str, int | tuple[int, ...]] = {
            "placed_mandatory": sum(self.students[demand[0]].get("mandatory") is True for demand, _ in used),
            "placed": len(used),
            "soft": soft,
            "rank": tuple(ranks.count(k) for k in range(1, max(self.ranks) + 1)) if self.profile else sum(ranks),
            "travel": sum(self.burden(demand[0], pair[0]) for demand, pair in used),
            "moves": len(counted) - len(stayed),
        }
        return tuple(values[tier] for tier in self.tiers)

    def burden(self, student: str, placement: str) -> int:
        minutes = self.minutes(student, placement)
        return 0 if minutes is None else math.floor(minutes * (1 - (self.placements[placement].get("remote_share") or 0)) + 0.5)

    def cost(self, matching: Matching) -> tuple[int, ...]:
        """The value with every tier to be made small; of a profile one number per rank, the weightiest first (the same as `names`)."""
        costs = []
        for tier, value in zip(self.tiers, self.value(matching), strict=True):
            if isinstance(value, tuple):
                costs += [value[k - 1] if self.settings.rank_measure == "generous" else -value[k - 1] for k in self.ranks]
            else:
                costs.append(-value if tier in LARGER else value)
        return tuple(costs)

    def matchings(self) -> Iterator[Matching]:
        if all(demand in self.demands for demand in self.pinned):
            for matching in self._extend({}, 0):
                if self.keeps_bounds(matching) and self.keeps_teams(matching):
                    yield dict(matching)

    def _extend(self, matching: Matching, at: int) -> Iterator[Matching]:
        if at == len(self.demands):
            yield matching
            return
        demand = self.demands[at]
        choices: list[Pair | None] = list(self.options[demand])
        for choice in choices if demand in self.pinned else [*choices, None]:
            if choice is None or sum(pair == choice for pair in matching.values()) < self.capacity(choice[0]):
                matching[demand] = choice
                yield from self._extend(matching, at + 1)
                del matching[demand]


def outside(value: str | None, allowed: list[str] | None) -> bool:
    return value is not None and allowed is not None and value not in allowed


def not_all(needed: list[str] | None, there: list[str] | None) -> bool:
    return needed is not None and there is not None and any(token not in there for token in needed)


def above(value: Any, limit: Any) -> bool:
    return value is not None and limit is not None and value > limit


def _plain(value: Any) -> Any:
    return None if value is None or pd.isna(value) else value
