"""Quotas: bounds on groups of pairs, once or repeated for every group, as rows and as families of rows (docs/rules.md section 5)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from matcher.errors import InputError, Issue
from matcher.problem import Row
from matcher.rules import filters
from matcher.rules.capacity import Demands, Seats
from matcher.rules.facts import Facts, Flags
from matcher.rules.families import NO_BOUND, Grouped, Made, Penalty, Sizes, family
from matcher.rules.groups import STUDENT, columns_of, grouped, names_of
from matcher.rules.pairs import Pairs
from matcher.rules.policy import Policy
from matcher.settings import is_soft


@dataclass(frozen=True)
class Quota:
    """A quota that counts in this round.

    Attributes
    ----------
    code, row
        Its position in the table, and its row in the file.
    students, placements
        Whom its filters cover.
    per
        The columns that repeat it.
    lower, upper
        Its bounds, or where its penalty begins.
    pays
        None for a hard quota.
    """

    code: int
    row: int
    students: Flags
    placements: Flags
    per: str
    lower: int
    upper: int
    pays: Penalty | None

    @property
    def of_students(self) -> bool:
        """Whether it speaks of each student by itself."""
        return STUDENT in names_of(self.per)

    def inside(self, seats: Seats, demands: Demands, pairs: Pairs) -> Sizes:
        """The pairs that it counts."""
        return np.flatnonzero(self.students[demands.student[pairs.demand]] & self.placements[seats.placement[pairs.seat]])


def quotas_of(facts: Facts, policy: Policy) -> tuple[Quota, ...]:
    """The quotas that hold at the round's start, in order of their ids. A soft one that costs nothing under the policy is left out.

    Raises
    ------
    InputError
        A filter or `per` names no column, or a minimum stands beside a `per` of student and more.
    """
    table = facts.round.table("quotas")
    start = facts.start_date
    since, until = facts.day(table.get("valid_from"), len(table)), facts.day(table.get("valid_to"), len(table))
    found = []
    for i, record in enumerate(table.to_dict("records")):
        if since[i] > start or until[i] < start:
            continue
        row = int(table.index[i])
        low, high = record.get("min", np.nan), record.get("max", np.nan)
        of_student = filters.matches(facts, "students", record.get("students", np.nan), row)
        of_placement = filters.matches(facts, "placements", record.get("placements", np.nan), row)
        per = record.get("per", np.nan)
        names = names_of(per)
        if not pd.isna(low) and STUDENT in names and len(names) > 1:
            raise InputError(issues=[Issue("quota_min_per", "quotas", row=row, column="min", value=f"{low:g}", params=(("per", str(per)),))])
        columns_of(facts, "|".join(names), row)
        pays = _pays(record, policy)
        if pays is not None and pays.tier < 0:
            continue
        bounds = 0 if pd.isna(low) else int(low), NO_BOUND if pd.isna(high) else int(high)
        found.append((str(record["quota_id"]), Quota(i, row, of_student, of_placement, "|".join(names), *bounds, pays)))
    return tuple(quota for _, quota in sorted(found, key=lambda each: each[0]))


def _pays(record: Mapping[Hashable, Any], policy: Policy) -> Penalty | None:
    """What a soft quota costs; None for a hard one."""
    hard, weight, tier = record.get("hard", pd.NA), record.get("weight", np.nan), record.get("tier", np.nan)
    if pd.isna(hard) or hard:
        return None
    tier = tier if isinstance(tier, str) else "soft"
    unit = 1 if pd.isna(weight) else int(weight)
    return Penalty(*policy.penalty(tier, unit)) if is_soft(tier) else Penalty(-1, 0)


def quota_rows(facts: Facts, seats: Seats, demands: Demands, pairs: Pairs, quotas: tuple[Quota, ...]) -> Iterator[Row]:
    """A row for every quota that does not speak of each student, and for each group of a repeated one."""
    for quota in quotas:
        if quota.of_students:
            continue
        tier, weight = (-1, None) if quota.pays is None else (quota.pays.tier, quota.pays.weight)
        inside = quota.inside(seats, demands, pairs)
        if not quota.per:
            yield Row("quota", quota.code, inside.astype(np.int32), quota.lower, quota.upper, weight, tier)
            continue
        columns = columns_of(facts, quota.per, quota.row)
        groups = grouped(columns, inside, demands.student[pairs.demand[inside]], seats.placement[pairs.seat[inside]])
        bounds = (np.full(groups.groups, bound) for bound in (quota.lower, quota.upper))
        edges = groups.edges()
        for group in np.flatnonzero(groups.binding(pairs.demand, *bounds)).tolist():
            part = "|".join(str(column.words[code]) for column, code in zip(columns, groups.codes[:, group], strict=True))
            yield Row("quota", quota.code, groups.pairs[edges[group] : edges[group + 1]], quota.lower, quota.upper, weight, tier, part)


def quota_families(facts: Facts, seats: Seats, demands: Demands, pairs: Pairs, quotas: tuple[Quota, ...]) -> Iterator[Made]:
    """The rows of quotas that speak of each student. A minimum of one's own path is a row over the places outside: see `_path`."""
    for quota in quotas:
        if not quota.of_students:
            continue
        inside = quota.inside(seats, demands, pairs)
        columns = columns_of(facts, quota.per, quota.row)
        groups = grouped(columns, inside, demands.student[pairs.demand[inside]], seats.placement[pairs.seat[inside]])
        words = (_own_id(facts, quota), *(column.words for column in columns))
        yield from family("quota", _titled(groups), words, (0, quota.upper), pairs.demand, code=quota.code, pays=quota.pays)
        if quota.lower > 0:
            yield from _path(facts, seats, demands, pairs, quota)


def _path(facts: Facts, seats: Seats, demands: Demands, pairs: Pairs, quota: Quota) -> list[Made]:
    """Of a student's D demands at most D - min may be matched to placements outside the quota's: an open period may still bring what is missing."""
    student = demands.student[pairs.demand]
    outside = np.flatnonzero(quota.students[student] & ~quota.placements[seats.placement[pairs.seat]])
    groups = Grouped.of(outside, (student[outside],))
    asked = np.diff(demands.first)[groups.codes[0]]
    upper = np.maximum(0, asked - quota.lower)
    return family("path", _titled(groups), (_own_id(facts, quota), facts.student_ids), (0, upper), pairs.demand, code=quota.code, pays=quota.pays)


def _own_id(facts: Facts, quota: Quota) -> np.ndarray:
    return facts.round.table("quotas")["quota_id"].iloc[[quota.code]].to_numpy(dtype=object)


def _titled(groups: Grouped) -> Grouped:
    """The groups with the quota's own id in front, which is the only text of its kind."""
    return groups.renamed(np.zeros(groups.groups, dtype=np.int32), *groups.codes)
