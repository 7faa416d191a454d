"""Pairs of tiny rounds, straight from docs/rules.md sections 1 to 4 with dictionaries and loops: who may go where, at which rank, how far.

Shares no code with the package beyond the Round itself.
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from matcher.round import Round

Row = dict[str, Any]
Demand = tuple[str, str | None]
"""A student, and the period asked for (None: any)."""
Pair = tuple[str, str]
"""A placement and a period."""

WISHES = ("wish_no", "unlisted", "no_wishes")


def tokens(cell: str | None) -> list[str] | None:
    if cell is None:
        return None
    return [] if cell.strip() == "none" else [token.strip() for token in cell.split("|")]


class Pairs:
    """What the tables say, and the eligible pairs of every demand (`options`)."""

    def __init__(self, round_: Round) -> None:
        self.settings = round_.settings
        self.rows = {name: _rows(table) for name, table in round_.tables.items()}
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
        own = {period for p in self.placements.values() for period in tokens(p.get("period_id")) or []}
        self.periods = sorted(asked | own) or [""]
        self.demands: list[Demand] = []
        for name, s in self.students.items():
            self.demands += [(name, period) for period in sorted(set(tokens(s.get("periods")) or []))] or [(name, None)]
        self.pinned = self._pins()
        self.options = {demand: self._options(demand) for demand in self.demands}

    # -- section 1 ---------------------------------------------------------------------------------------------------------

    def seats(self, placement: str) -> list[str]:
        """The periods in which the placement has seats, in sorted order."""
        return sorted(set(tokens(self.placements[placement].get("period_id")) or [])) or self.periods

    def span(self, placement: str) -> list[str]:
        """The periods of a placement that is taken in all of them or in none; empty for other placements."""
        own = set(tokens(self.placements[placement].get("period_id")) or [])
        return sorted(own) if len(own) > 1 else []

    def asked(self, student: str) -> list[str]:
        return [period for name, period in self.demands if name == student and period is not None]

    def open_periods(self, student: str, placement: str) -> list[str]:
        """The periods of the placement that the student's demands are for; who asks for any takes a span in its first."""
        asked = self.asked(student)
        return [period for period in self.seats(placement) if period in asked] if asked else self.span(placement)[:1] or self.seats(placement)

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
            return not_all(self.needed(student), tokens(p.get("competences")))
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
        if rule == "span":
            return bool(self.asked(student)) and not set(self.span(placement)) <= set(self.asked(student))
        if rule == "team_size":
            sizes = [self.team_size(student, period) for period in self.open_periods(student, placement)]
            return bool(sizes) and min(sizes) > max(1, self.capacity(placement))
        raise AssertionError(rule)

    def team_size(self, student: str, period: str) -> int:
        """How many members count, in the period, in the student's largest team that goes to one placement in each period."""
        rows = [row for row in self.rows.get("teams", []) if row["kind"] == "same_placement" and self.settings.teams == "period"]
        here = {name for name, asked in self.demands if asked in (None, period)}
        teams = [{row["student_id"] for row in rows if row["team_id"] == own["team_id"]} for own in rows if own["student_id"] == student]
        return max((len(team & here) for team in teams), default=0)

    def needed(self, student: str) -> list[str] | None:
        """The competences that the student needs."""
        s = self.students[student]
        return tokens(s.get("competences_needed") or self.programmes.get(s.get("programme_id"), {}).get("competences_company"))

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
        return [rule for rule in (*rules, "ranking", "forbid", "span", "team_size") if self.breaks(rule, student, placement)]

    def _pins(self) -> dict[Demand, list[Pair]]:
        fixed = [(row["student_id"], row["placement_id"]) for row in self.rows.get("pins", []) if row["kind"] == "pin"]
        fixed += [(row["student_id"], row["placement_id"]) for row in self.rows.get("previous", []) if row.get("confirmed")]
        pins: dict[Demand, list[Pair]] = {}
        for student, placement in dict.fromkeys(fixed):
            asked, seats = self.asked(student), self.seats(placement)
            if not asked:
                pins.setdefault((student, None), []).extend((placement, period) for period in self.open_periods(student, placement))
                continue
            wanted = seats if self.placements[placement].get("period_id") else asked[:1]
            for period in wanted:  # where there is no such demand, the pin cannot be kept
                pins.setdefault((student, period), []).append((placement, period))
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
            for period in self.open_periods(student, placement)
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


def outside(value: str | None, allowed: list[str] | None) -> bool:
    return value is not None and allowed is not None and value not in allowed


def not_all(needed: list[str] | None, there: list[str] | None) -> bool:
    return needed is not None and there is not None and any(token not in there for token in needed)


def above(value: Any, limit: Any) -> bool:
    return value is not None and limit is not None and value > limit


def _rows(table: pd.DataFrame) -> list[Row]:
    """The rows as dictionaries, an empty cell as None."""
    columns = [[None if pd.isna(cell) else cell for cell in table[name].tolist()] for name in table]
    return [dict(zip(map(str, table.columns), cells, strict=True)) for cells in zip(*columns, strict=True)]
