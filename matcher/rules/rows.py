"""Bounds on numbers of matched pairs beyond the seats: pools, quotas, reserves, the budget of moves (docs/rules.md section 5)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from matcher.problem import Row
from matcher.rules import filters
from matcher.rules.capacity import Demands, Seats
from matcher.rules.facts import Facts, Ids, fanned, listed
from matcher.rules.families import NO_BOUND
from matcher.rules.pairs import Pairs
from matcher.rules.policy import Policy
from matcher.rules.previous import Kept
from matcher.rules.quotas import Quota, quota_rows


def rows_of(facts: Facts, seats: Seats, demands: Demands, pairs: Pairs, quotas: tuple[Quota, ...], policy: Policy, kept: Kept) -> tuple[Row, ...]:
    """All rows but those of families: pools, quotas, reserves, each in order of their ids, so that the order in the files changes nothing; then the moves."""
    pools = facts.round.table("pools")["pool_id"]
    return (
        *sorted(_pools(facts, seats, pairs), key=lambda row: str(pools.iloc[row.code])),
        *quota_rows(facts, seats, demands, pairs, quotas),
        *_reserves(facts, seats, demands, pairs, policy),
        *_moves(facts, kept),
    )


def _pools(facts: Facts, seats: Seats, pairs: Pairs) -> list[Row]:
    """A row for every pool: the pairs at its placements in all periods. A placement may be in several pools."""
    table, cells = facts.round.table("pools"), facts.placement("pool_id")
    if table.empty or cells is None:
        return []
    placement, pool = listed(cells, pd.Index(table["pool_id"]))
    key = np.unique(placement[pool >= 0] * len(table) + pool[pool >= 0])
    first = np.searchsorted(key, np.arange(len(facts.placements) + 1) * len(table))
    where = seats.placement[pairs.seat]
    pair, at = fanned(first[where], np.diff(first)[where])
    code = key[at] % len(table)
    order = np.argsort(code, kind="stable")
    pair, edges = pair[order].astype(np.int32), np.searchsorted(code[order], np.arange(len(table) + 1))
    capacity = table["capacity"].to_numpy()
    return [Row("pool", i, pair[edges[i] : edges[i + 1]], 0, int(capacity[i])) for i in range(len(table))]


def reserve_ids(facts: Facts) -> Ids:
    """The ids of the reserves, sorted."""
    ids: Ids = np.array(sorted(facts.round.table("reserves")["reserve_id"].unique()), dtype=object)
    return ids


def _reserves(facts: Facts, seats: Seats, demands: Demands, pairs: Pairs, policy: Policy) -> Iterator[Row]:
    """A soft row for each level of a reserve: what students of its first so many groups are short of its seats. One that costs nothing is left out."""
    table = facts.round.table("reserves").sort_values(["reserve_id", "order"])
    for code, (_, levels) in enumerate(table.groupby("reserve_id", sort=True)):
        records = levels.to_dict("records")
        wanted, weight = records[0].get("seats", np.nan), records[0].get("weight", np.nan)
        tier, unit = policy.penalty("soft", 1 if pd.isna(weight) else int(weight))
        if tier < 0 or pd.isna(wanted) or wanted == 0:
            continue
        there = filters.matches(facts, "placements", records[0].get("placements", np.nan), int(levels.index[0]), "reserves")[seats.placement[pairs.seat]]
        covered = np.zeros(len(facts.students), dtype=np.bool_)
        for level, (row, record) in enumerate(zip(levels.index, records, strict=True), start=1):
            covered = covered | filters.matches(facts, "students", record.get("students", np.nan), int(row), "reserves")
            inside = np.flatnonzero(there & covered[demands.student[pairs.demand]])
            yield Row("reserve", code, inside.astype(np.int32), int(wanted), NO_BOUND, unit, tier, str(level))


def _moves(facts: Facts, kept: Kept) -> list[Row]:
    """With a budget of moves: so many of the demands in `previous` must keep what they had."""
    most = facts.round.settings.max_moves
    least = 0 if most is None else kept.demands - most
    return [Row("moves", 0, np.flatnonzero(kept.pair).astype(np.int32), least, NO_BOUND)] if least > 0 else []
