"""A referee for tiny rounds: all matchings, one by one, straight from docs/rules.md with dictionaries and loops.

Shares no code with the package beyond the Round itself. Sections 1 to 4 stand in `brute_pairs`, sections 5 to 7 here. Exponential in the
number of demands: for rounds of about eight.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import combinations, product
from typing import Any

import pandas as pd

from matcher.round import Round
from tests.brute_pairs import WISHES, Demand, Pair, Pairs, Row, above, tokens

__all__ = ["WISHES", "Best", "Bound", "Demand", "Matching", "Pair", "Referee", "Row", "Value", "best", "tokens"]

Matching = dict[Demand, Pair | None]
Value = tuple[int | tuple[int, ...], ...]
"""A number per tier; for a profile the counts by rank, the first choices first."""

LARGER = ("placed_mandatory", "placed", "shortage")


@dataclass(frozen=True)
class Best:
    """The best value, tier by tier as it is reported, and one matching that has it."""

    value: Value
    matching: Matching


def best(round_: Round, kind: type[Referee] | None = None) -> Best | None:
    """The lexicographically best matching, or None where no matching keeps the rules; `kind` is another reading of them."""
    referee = (kind or Referee)(round_)
    found: list[tuple[tuple[int, ...], Matching]] = []  # each better than the one before
    for matching in referee.matchings(lambda part: not found or referee.hope(part) < found[-1][0]):
        cost = referee.cost(matching)
        if not found or cost < found[-1][0]:
            found.append((cost, matching))
    return Best(referee.value(found[-1][1]), found[-1][1]) if found else None


@dataclass(frozen=True)
class Bound:
    """A row of section 5: the pairs that count, and how many there may be; with a weight they may be more or fewer, at a price in a tier."""

    kind: str
    id: str
    counts: Callable[[Demand, Pair], bool]
    low: int = 0
    high: int | None = None
    weight: int | None = None
    tier: str = "soft"
    if_any: int = 0
    """At least so many, or nobody."""

    def keeps(self, count: int, more: int = 0) -> bool:
        """Whether so many pairs are allowed, or can become so by up to `more` further ones."""
        enough = self.low <= count + more and not 0 < count <= count + more < self.if_any
        return self.weight is not None or (enough and (self.high is None or count <= self.high))

    def penalty(self, count: int, more: int = 0) -> int:
        """What so many pairs cost, or at least what they will once up to `more` are added."""
        over = 0 if self.high is None else max(0, count - self.high)
        return 0 if self.weight is None else self.weight * (max(0, self.low - count - more) + over)


class Referee(Pairs):
    # -- section 5: seats, pools, quotas --------------------------------------------------------------------------------------

    @cached_property
    def bounds(self) -> list[Bound]:
        """All rows of section 5 but those of a student's own pairs (`keeps_paths`)."""
        rows = [bound for placement in self.placements for bound in self._seats(placement)]
        rows += [self._pool(pool) for pool in self.rows.get("pools", [])]
        rows += [bound for quota in self.quotas for bound in self._quota(quota)]
        rows += [bound for reserve in dict.fromkeys(row["reserve_id"] for row in self.rows.get("reserves", [])) for bound in self._reserve(reserve)]
        if self.settings.max_moves is not None:
            rows.append(Bound("moves", "", self.stays, low=len(self.in_previous) - self.settings.max_moves))
        return rows

    def _seats(self, placement: str) -> Iterator[Bound]:
        row = self.placements[placement]
        low, must = int(row.get("capacity_min") or 0), bool(row.get("must_open"))
        for period in self.seats(placement):

            def counts(_: Demand, pair: Pair, seat: Pair = (placement, period)) -> bool:
                return pair == seat

            yield Bound("seat", placement, counts, low if must else 0, self.capacity(placement), if_any=0 if must else low)

    def _pool(self, pool: Row) -> Bound:
        return Bound("pool", pool["pool_id"], lambda _, pair: pool["pool_id"] in (tokens(self.placements[pair[0]].get("pool_id")) or []), high=pool["capacity"])

    @property
    def quotas(self) -> list[Row]:
        start = pd.Timestamp(self.settings.start_date) if self.settings.start_date else None
        return [row for row in self.rows.get("quotas", []) if not above(row.get("valid_from"), start) and not above(start, row.get("valid_to"))]

    def _quota(self, quota: Row) -> Iterator[Bound]:
        """One row; with `per` one for every group that some eligible pair belongs to, and for a minimum per student one of its own kind."""
        low, high = int(quota.get("min") or 0), quota.get("max")
        price: dict[str, Any] = {}
        if quota.get("hard") is False:
            price = {"weight": 1 if quota.get("weight") is None else int(quota["weight"]), "tier": quota.get("tier") or "soft"}
        columns = tokens(quota.get("per")) or []
        if not columns:
            yield Bound("quota", quota["quota_id"], lambda demand, pair: self.in_quota(quota, demand[0], pair[0]), low, high, **price)
            return
        path = "student" in columns
        for group in sorted({group for demand, pair in self.eligible for group in self.groups(quota, demand[0], pair[0])}):

            def counts(demand: Demand, pair: Pair, group: tuple[str, ...] = group) -> bool:
                return group in self.groups(quota, demand[0], pair[0])

            yield Bound("quota", quota["quota_id"], counts, 0 if path else low, high, **price)
        for student in self.students if path and low else ():
            if self.is_student(quota, student):
                asked = sum(name == student for name, _ in self.demands)

                def elsewhere(demand: Demand, pair: Pair, student: str = student) -> bool:
                    return demand[0] == student and not self.is_placement(quota, pair[0])

                yield Bound("path", quota["quota_id"], elsewhere, 0, asked - min(low, asked), **price)

    def groups(self, quota: Row, student: str, placement: str) -> set[tuple[str, ...]]:
        """The groups that the pair belongs to: its values in the columns of `per`, one group for every choice among tokens."""
        if not self.in_quota(quota, student, placement):
            return set()
        return set(product(*(self._group_values(column, student, placement) for column in tokens(quota.get("per")) or [])))

    def _group_values(self, column: str, student: str, placement: str) -> list[str]:
        s, p = self.students[student], self.placements[placement]
        if column == "student":
            return [student]
        table, _, name = column.rpartition(".")
        if table == "student":
            return tokens(text(s.get(name))) or []
        if name in ("sector_id", "region_id"):
            value = self.place(placement, name)
            return [value] if value else []
        row = p if table == "placement" or name in p else s
        return tokens(text(row.get(name))) or []

    def _reserve(self, reserve: str) -> Iterator[Bound]:
        """One soft row for each level: the pairs of the first so many groups are short of the seats."""
        rows = sorted((row for row in self.rows["reserves"] if row["reserve_id"] == reserve), key=lambda row: row["order"])
        first = rows[0]
        weight = 1 if first.get("weight") is None else int(first["weight"])
        for level in range(1, len(rows) + 1):

            def counts(demand: Demand, pair: Pair, level: int = level) -> bool:
                return self.is_placement(first, pair[0]) and any(self.is_student(row, demand[0]) for row in rows[:level])

            yield Bound("reserve", reserve, counts, low=int(first["seats"]), weight=weight)

    # -- section 5: filters ----------------------------------------------------------------------------------------------------

    def inside(self, filter_: str | None, row: Row, pointed: Row, place: dict[str, str | None]) -> bool:
        for term in (filter_ or "").split(";"):
            if not term.strip():
                continue
            part = term.split("=")
            column, values = part[0].strip(), {value.strip() for value in part[1].split("|")}
            cell = text(row[column] if column in row else pointed.get(column))
            there = self.line_of(column, place[column]) if column in place else tokens(cell) or []
            if not set(there) & values:
                return False
        return True

    def is_student(self, filtered: Row, student: str) -> bool:
        """Whether the student is inside the column `students` of a quota or a reserve."""
        s = self.students[student]
        return self.inside(filtered.get("students"), s, self.programmes.get(s.get("programme_id"), {}), {"region_id": s.get("region_id")})

    def is_placement(self, filtered: Row, placement: str) -> bool:
        p = self.placements[placement]
        places = {column: self.place(placement, column) for column in ("sector_id", "region_id")}
        return self.inside(filtered.get("placements"), p, self.companies.get(p.get("company_id"), {}), places)

    def in_quota(self, quota: Row, student: str, placement: str) -> bool:
        return self.is_student(quota, student) and self.is_placement(quota, placement)

    def quota_count(self, quota: Row, matching: Matching) -> int:
        return sum(self.in_quota(quota, demand[0], pair[0]) for demand, pair in matching.items() if pair)

    def keeps_bounds(self, matching: Matching) -> bool:
        return all(bound.keeps(count(bound, matching)) for bound in self.bounds)

    # -- section 5: paths ------------------------------------------------------------------------------------------------------

    def keeps_paths(self, matching: Matching) -> bool:
        return all(self.keeps_path(student, matching) for student in self.students)

    def keeps_path(self, student: str, matching: Matching) -> bool:
        """Whether one student holds each span in all of its periods or in none, and no two placements at the same time."""
        held = [pair for demand, pair in matching.items() if demand[0] == student and pair]
        for placement, _ in held:
            periods = {period for name, period in held if name == placement}
            if self.asked(student) and self.span(placement) and periods != set(self.span(placement)):
                return False
        return not self.settings.overlap or not any(one[1] != other[1] and self.exclude(one[0], other[0]) for one, other in combinations(held, 2))

    def exclude(self, one: str, other: str) -> bool:
        """Whether nobody can be at both: they share a day, and not for different parts of it."""
        a, b = self.placements[one], self.placements[other]
        if one == other or any(row.get(column) is None for row in (a, b) for column in ("from", "to")):
            return False
        ours, theirs = tokens(a.get("pattern")), tokens(b.get("pattern"))
        apart = ours is not None and theirs is not None and not set(ours) & set(theirs)
        return a["from"] <= b["to"] and b["from"] <= a["to"] and not apart

    # -- section 6 -----------------------------------------------------------------------------------------------------------

    def keeps_teams(self, matching: Matching) -> bool:
        teams: dict[tuple[str, str], list[str]] = {}
        for row in self.rows.get("teams", []):
            teams.setdefault((row["team_id"], row["kind"]), []).append(row["student_id"])
        return all(
            self._alike(kind, members, matching)
            if self.settings.teams == "path" and kind != "apart"
            else all(self._together(kind, members, period, matching) for period in self.periods)
            for (_, kind), members in teams.items()
        )

    def _alike(self, kind: str, members: list[str], matching: Matching) -> bool:
        """Over all periods, every member has equally many pairs with each key."""
        asking = {name for name, _ in self.demands}
        held = [Counter(self._key(kind, pair[0]) for demand, pair in matching.items() if pair and demand[0] == name) for name in members if name in asking]
        return all(own == held[0] for own in held)

    def _together(self, kind: str, members: list[str], period: str, matching: Matching) -> bool:
        demands = [demand for demand in self.demands if demand[0] in members and demand[1] in (None, period)]
        got = [pair[0] for pair in (matching[demand] for demand in demands) if pair and pair[1] == period]
        if kind == "apart":
            return len(got) == len(set(got))
        if got and len(got) < len(demands):
            return False
        return len({self._key(kind, placement) for placement in got}) <= 1

    def _key(self, kind: str, placement: str) -> tuple[str, str]:
        column = {"same_company": "company_id", "same_region": "region_id"}.get(kind)
        shared = None if column is None else self.placements[placement].get("company_id") if column == "company_id" else self.place(placement, column)
        return ("shared", shared) if shared is not None else ("itself", placement)

    # -- section 7: the tiers --------------------------------------------------------------------------------------------------

    @property
    def profile(self) -> bool:
        return self.settings.rank_measure != "sum"

    @property
    def worst_first(self) -> bool:
        return self.settings.rank_measure in ("generous", "leximin")

    @cached_property
    def tiers(self) -> list[str]:
        """The tiers in the order in which they are taken."""
        tiers = list(self.settings.tiers)
        if self.settings.rank_measure == "rank_maximal" and "rank" in tiers:
            before = [at for at, tier in enumerate(tiers) if tier in ("placed_mandatory", "placed") and at < tiers.index("rank")]
            tiers.insert(min([*before, tiers.index("rank")]), tiers.pop(tiers.index("rank")))
        blended = [tier for tier in tiers if tier in self.settings.tier_weights]
        if blended and "blend" not in tiers:
            tiers[tiers.index(blended[0])] = "blend"
        return [tier for tier in tiers if tier not in blended]

    @cached_property
    def units(self) -> dict[str, int]:
        """The weights of a blend in units of the last decimal that any of them has; of a tier where larger is better, negative."""
        weights = {tier: Decimal(repr(float(weight))) for tier, weight in self.settings.tier_weights.items()}
        decimals = next(n for n in range(5) if all(weight * 10**n % 1 == 0 for weight in weights.values()))
        return {tier: int(weight * 10**decimals) * (-1 if tier in LARGER else 1) for tier, weight in weights.items()}

    @cached_property
    def ranks(self) -> list[int]:
        """The ranks that a possible pair has, in the order in which a profile compares them; 1 where there are none."""
        return sorted({self.rank(demand, pair) for demand, pair in self.eligible} - {0} or {1}, reverse=self.worst_first)

    @cached_property
    def names(self) -> list[str]:
        """The tiers of a proof: a profile is a tier for every rank."""
        return [name for tier in self.tiers for name in ([f"rank:{k}" for k in self.ranks] if tier == "rank" and self.profile else [tier])]

    @cached_property
    def eligible(self) -> list[tuple[Demand, Pair]]:
        return [(demand, pair) for demand in self.demands for pair in self.options[demand]]

    def rank(self, demand: Demand, pair: Pair) -> int:
        """The rank of a pair; a pin overrides a refusal, not the ranks."""
        ranked = [line["rank"] for line in self.lines(demand[0]) if line["rank"] > 0]
        outside = max(ranked) + 1 if ranked and self.settings.unlisted == "last" else 0
        return self.listed_rank(demand[0], pair[0]) or outside

    def burden(self, student: str, placement: str) -> int:
        minutes = self.minutes(student, placement)
        return 0 if minutes is None else math.floor(minutes * (1 - (self.placements[placement].get("remote_share") or 0)) + 0.5)

    def company_rank(self, student: str, placement: str) -> int:
        ranks = {row["student_id"]: row["rank"] for row in self.rows.get("rankings", []) if row["placement_id"] == placement}
        return ranks.get(student, max(ranks.values()) + 1) if ranks else 0

    def lacking(self, student: str, placement: str) -> int:
        """How many of the competences needed the placement does not offer."""
        needed, there = self.needed(student), tokens(self.placements[placement].get("competences"))
        return 0 if needed is None or there is None else len(set(needed) - set(there))

    @cached_property
    def previous(self) -> set[tuple[str, str]]:
        return {(row["student_id"], row["placement_id"]) for row in self.rows.get("previous", [])}

    @cached_property
    def in_previous(self) -> list[Demand]:
        return [d for d in self.demands if any(s == d[0] and (d[1] is None or d[1] in self.seats(p)) for s, p in self.previous)]

    def stays(self, demand: Demand, pair: Pair) -> bool:
        return demand in self.in_previous and (demand[0], pair[0]) in self.previous

    # -- section 7: the value of a matching ------------------------------------------------------------------------------------

    def worth(self, demand: Demand, pair: Pair) -> Counter[str]:
        """What one matched pair adds to every tier, blended or not, and to the count of its rank."""
        student, placement = demand[0], pair[0]
        soft = [rule for rule in self.RULES if demand not in self.pinned and self.settings.strength(rule) == "soft" and self.breaks(rule, student, placement)]
        rank = self.rank(demand, pair)
        return Counter({
            "placed_mandatory": self.students[student].get("mandatory") is True,
            "placed": 1,
            "soft": sum(self.settings.weight(rule) for rule in soft),
            "rank": rank,
            f"rank:{rank}": 1,
            "travel": self.burden(student, placement),
            "company_rank": self.company_rank(student, placement),
            "competences": self.lacking(student, placement),
            "shortage": self.programmes.get(self.students[student].get("programme_id"), {}).get("shortage") is True,
            "moves": -self.stays(demand, pair),
        })  # fmt: skip

    def totals(self, matching: Matching) -> Counter[str]:
        """The value of every tier, in the policy or not, and the counts by rank."""
        total = Counter({"moves": len(self.in_previous)})
        for demand, pair in matching.items():
            if pair:
                total.update(self.worth(demand, pair))
        for bound in self.bounds:
            number = count(bound, matching)
            total[bound.tier] += bound.penalty(number)
            total["balance"] += fill(bound, number)
        return total

    def value(self, matching: Matching) -> Value:
        """The value of every tier of the policy, as it is reported."""
        total = self.totals(matching)
        total["blend"] = sum(unit * total[tier] for tier, unit in self.units.items())
        profile = tuple(total[f"rank:{k}"] for k in range(1, max(self.ranks) + 1))
        return tuple(profile if tier == "rank" and self.profile else total[tier] for tier in self.tiers)

    def digits(self, total: Counter[str]) -> tuple[int, ...]:
        """Totals as numbers to be made small, the weightiest first (the same as `names`)."""
        costs = []
        for name in self.names:
            number = sum(unit * total[tier] for tier, unit in self.units.items()) if name == "blend" else total[name]
            larger = name in LARGER or (name.startswith("rank:") and not self.worst_first)
            costs.append(-number if larger else number)
        return tuple(costs)

    def cost(self, matching: Matching) -> tuple[int, ...]:
        return self.digits(self.totals(matching))

    # -- all matchings, and the best of them -----------------------------------------------------------------------------------

    def matchings(self, hopeful: Callable[[Matching], bool] | None = None) -> Iterator[Matching]:
        """All matchings that keep the rules; those in which a part of the first demands is not hopeful are left out."""
        if all(demand in self.demands for demand in self.pinned):
            yield from self._extend({}, hopeful or (lambda _: True))

    def _extend(self, part: Matching, hopeful: Callable[[Matching], bool]) -> Iterator[Matching]:
        if not (self._can_be_kept(part) and hopeful(part)):
            return
        if len(part) == len(self.demands):
            if self.keeps_teams(part):
                yield dict(part)
            return
        demand = self.demands[len(part)]
        for pair in self.options[demand] if demand in self.pinned else [*self.options[demand], None]:
            part[demand] = pair
            yield from self._extend(part, hopeful)
            del part[demand]

    def _can_be_kept(self, part: Matching) -> bool:
        """Whether the pairs chosen for the first demands may keep the rows, whatever the others get; and the paths, once a student's demands are all chosen."""
        if not all(bound.keeps(number, more) for bound, number, more in zip(self.bounds, self._counts(part), self._still[len(part)], strict=True)):
            return False
        done = len(part) and (len(part) == len(self.demands) or self.demands[len(part)][0] != self.demands[len(part) - 1][0])
        return not done or self.keeps_path(self.demands[len(part) - 1][0], part)

    def hope(self, part: Matching) -> tuple[int, ...]:
        """A cost that no matching with these pairs for the first demands falls below: the others bring their best to every tier, or fill rows."""
        total = Counter({"moves": len(self.in_previous)})
        for bound, number, more in zip(self.bounds, self._counts(part), self._still[len(part)], strict=True):
            total[bound.tier] += bound.penalty(number, more)
            total["balance"] += fill(bound, number)
        parts = [self.digits(total), self._least[len(part)], *(self._eligible_digits[demand, pair] for demand, pair in part.items() if pair)]
        return tuple(sum(numbers) for numbers in zip(*parts, strict=True))

    def _counts(self, part: Matching) -> list[int]:
        numbers = [0] * len(self.bounds)
        for demand, pair in part.items():
            for row in self._rows_of[demand, pair] if pair else ():
                numbers[row] += 1
        return numbers

    @cached_property
    def _rows_of(self) -> dict[tuple[Demand, Pair], list[int]]:
        return {(demand, pair): [row for row, bound in enumerate(self.bounds) if bound.counts(demand, pair)] for demand, pair in self.eligible}

    @cached_property
    def _still(self) -> list[list[int]]:
        """For each number of demands that are chosen: how many of the others can count in each row."""
        can = [{row for pair in self.options[demand] for row in self._rows_of[demand, pair]} for demand in self.demands]
        return [[sum(row in rows for rows in can[chosen:]) for row in range(len(self.bounds))] for chosen in range(len(can) + 1)]

    @cached_property
    def _eligible_digits(self) -> dict[tuple[Demand, Pair], tuple[int, ...]]:
        return {(demand, pair): self.digits(self.worth(demand, pair)) for demand, pair in self.eligible}

    @cached_property
    def _least(self) -> list[tuple[int, ...]]:
        """For each number of demands that are chosen: the least that the others can add to each digit."""
        zero = (0,) * len(self.names)
        sums = [zero]
        for demand in reversed(self.demands):
            options = [self._eligible_digits[demand, pair] for pair in self.options[demand]]
            lowest = [min(numbers) for numbers in zip(*options, *([] if demand in self.pinned else [zero]), strict=True)]
            sums.insert(0, tuple(x + y for x, y in zip(sums[0], lowest, strict=True)))
        return sums


def count(bound: Bound, matching: Matching) -> int:
    return sum(bound.counts(demand, pair) for demand, pair in matching.items() if pair)


def fill(bound: Bound, number: int) -> int:
    """What so many pairs at a seat cost in the tier `balance`."""
    return sum(100 * j // bound.high for j in range(1, number + 1)) if bound.kind == "seat" and bound.high else 0


def text(cell: Any) -> str | None:
    """A cell as filters write its value."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return f"{cell:g}" if isinstance(cell, int | float) else cell
