"""Bounds on numbers of matched pairs beyond the seats: pools, quotas, teams (docs/rules.md sections 5 and 6)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.errors import Unsupported
from matcher.problem import Row, Team
from matcher.rules import filters
from matcher.rules.capacity import Demands, Seats
from matcher.rules.facts import Facts, encode
from matcher.rules.pairs import Pairs

NO_BOUND = np.iinfo(np.int64).max


def rows_of(facts: Facts, seats: Seats, demands: Demands, pairs: Pairs) -> tuple[Row, ...]:
    """All rows of the round: pools, then quotas, each in order of their ids, so that the order in the files changes nothing."""
    pools, quotas = facts.round.table("pools")["pool_id"], facts.round.table("quotas")["quota_id"]
    return (
        *sorted(_pools(facts, seats, pairs), key=lambda row: str(pools.iloc[row.code])),
        *sorted(_quotas(facts, seats, demands, pairs), key=lambda row: str(quotas.iloc[row.code])),
    )


def _pools(facts: Facts, seats: Seats, pairs: Pairs) -> list[Row]:
    """A row for every pool: its pairs in all periods."""
    table, cells = facts.round.table("pools"), facts.placement("pool_id")
    if table.empty or cells is None:
        return []
    pool = encode(cells, pd.Index(table["pool_id"]))[seats.placement][pairs.seat]
    order = np.argsort(pool, kind="stable").astype(np.int32)
    edges = np.searchsorted(pool[order], np.arange(len(table) + 1))
    capacity = table["capacity"].to_numpy()
    return [Row("pool", i, order[edges[i] : edges[i + 1]], 0, int(capacity[i])) for i in range(len(table))]


def _quotas(facts: Facts, seats: Seats, demands: Demands, pairs: Pairs) -> list[Row]:
    """A row for every quota that is valid at the round's start."""
    table = facts.round.table("quotas")
    start = facts.start_date
    since, until = facts.day(table.get("valid_from"), len(table)), facts.day(table.get("valid_to"), len(table))
    rows = []
    for i, record in enumerate(table.to_dict("records")):
        if since[i] > start or until[i] < start:
            continue
        tier = record.get("tier")
        if isinstance(tier, str) and tier != "soft":
            raise Unsupported("unsupported.quota_tier", row=int(table.index[i]), quota=record["quota_id"], name=tier)
        of_student = filters.matches(facts, "students", record.get("students", np.nan), int(table.index[i]))
        of_placement = filters.matches(facts, "placements", record.get("placements", np.nan), int(table.index[i]))
        covered = np.flatnonzero(of_student[demands.student[pairs.demand]] & of_placement[seats.placement[pairs.seat]])
        low, high = record.get("min", np.nan), record.get("max", np.nan)
        hard = record.get("hard", pd.NA)
        weight = record.get("weight", np.nan)
        rows.append(
            Row(
                "quota",
                i,
                covered.astype(np.int32),
                0 if pd.isna(low) else int(low),
                NO_BOUND if pd.isna(high) else int(high),
                None if pd.isna(hard) or hard else (1 if pd.isna(weight) else int(weight)),
            )
        )
    return rows


def teams_of(facts: Facts, demands: Demands) -> tuple[Team, ...]:
    """The demands of each team's members."""
    table = facts.round.table("teams")
    teams = []
    for code, (_, members) in enumerate(table.groupby("team_id", sort=True)):
        s = encode(members["student_id"], facts.student_index)
        wanted = np.concatenate([np.arange(demands.first[student], demands.first[student + 1]) for student in s])
        teams.append(Team(str(members["kind"].iloc[0]), code, wanted.astype(np.int32)))
    return tuple(teams)
