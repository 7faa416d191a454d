"""Figures about a matching, for reports and explanations: how full, how far, how well liked, and for whom.

Everything follows from the round and the matches alone. What the rules mean (usable capacity, sector and region of a placement, minutes, filters) is asked of
`matcher.verify`, so that a figure and a check can never differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from matcher.round import Round
from matcher.schema import TABLES
from matcher.verifier.codes import Bools, Floats, Forest, Ints, encode, tokens_of
from matcher.verifier.pairs import Pairs
from matcher.verifier.previous import in_previous, kept
from matcher.verifier.rows import Rows
from matcher.verifier.travel import Travel
from matcher.verifier.view import View

BINS = (0, 15, 30, 45, 60, 75, 90, 120)
"""Where the bins of the travel distribution begin, in minutes: a trip of 15 minutes is in the second, one of 120 or more in the last."""

FIRST, NEAR = 1, 3
"""The ranks up to which a choice counts as the first, and as one of the first three."""


@dataclass(frozen=True)
class Measures:
    """The figures of one matching, each computed when it is first asked for.

    Parameters
    ----------
    round
        The round that was solved.
    matches
        One row per demand, with the columns of `Result.matches`; every id must be in the round (a verified matching is).

    Notes
    -----
    All figures together take O(demands + placements + quotas x matched pairs) time.
    """

    round: Round
    matches: pd.DataFrame

    @cached_property
    def view(self) -> View:
        """The round as codes."""
        return View(self.round)

    @cached_property
    def rows(self) -> Rows:
        """The seats, pools and quotas of the round."""
        return Rows(self.view)

    # -- the matching as codes ---------------------------------------------------------------------------------------------

    @cached_property
    def placed(self) -> Bools:
        """Which rows of the matches have a placement."""
        return self.matches["placement_id"].notna().to_numpy(dtype=bool)

    @cached_property
    def rank(self) -> Ints:
        """The rank of each row, 0 for none."""
        return self.matches["rank"].fillna(0).to_numpy(dtype=np.int64)

    @cached_property
    def student(self) -> Ints:
        """The student of each row."""
        return encode(self.matches["student_id"], self.view.students)

    @cached_property
    def placement(self) -> Ints:
        """The placement of each row, -1 for none."""
        return encode(self.matches["placement_id"], self.view.placements)

    @cached_property
    def seat(self) -> Ints:
        """The seats that the placed rows use."""
        view = self.view
        known = encode(self.matches["period_id"], view.periods)
        period = np.zeros_like(known) if len(view.periods) == 1 else known
        return view.seats.number[self.placement[self.placed], period[self.placed]]

    @cached_property
    def pairs(self) -> Pairs:
        """The matched pairs; `demand` is their row in the matches."""
        row = np.flatnonzero(self.placed)
        return Pairs(row, self.seat, self.student[row], self.placement[row], self.rank[row])

    @cached_property
    def moves(self) -> int:
        """Demands in `previous` that are placed elsewhere, or nowhere (the tier `moves` of docs/rules.md)."""
        return self.in_previous - int(np.count_nonzero(kept(self.view, self.pairs)))

    @cached_property
    def in_previous(self) -> int:
        """Demands that are in `previous`."""
        return int(np.count_nonzero(in_previous(self.view)))

    # -- fill --------------------------------------------------------------------------------------------------------------

    @cached_property
    def fill(self) -> pd.DataFrame:
        """One row per placement and period, sorted as the placements are.

        Columns: `placement_id`, `period_id` (missing where the round has no periods), `company_id`, `sector_id`, `region_id` (by docs/rules.md
        section 2), `capacity`, `usable`, `limited_by` (`mentor_capacity` where the mentors carry fewer, else missing), `filled`, `free`.
        """
        view, seats = self.view, self.view.seats
        at = seats.placement
        capacity = view.numbers("placements", "capacity").astype(np.int64)
        period = pd.Series(view.periods[seats.period], dtype="str")
        return pd.DataFrame(
            {
                "placement_id": pd.Series(view.placements[at], dtype="str"),
                "period_id": period.mask(period == ""),
                "company_id": _names(view.companies, view.company[at]),
                "sector_id": _names(view.sectors.ids, view.sector[at]),
                "region_id": _names(view.regions.ids, view.region[at]),
                "capacity": capacity[at],
                "usable": self.rows.seat_upper,
                "limited_by": pd.Series("mentor_capacity", index=range(len(at)), dtype="str").where((view.capacity < capacity)[at]),
                "filled": self.rows.seat_loads(self.seat),
                "free": self.rows.seat_upper - self.rows.seat_loads(self.seat),
            }
        )

    @cached_property
    def by_sector(self) -> pd.DataFrame:
        """Fill by sector: see `by_region`."""
        return self._by(self.view.sectors, self.view.sector, "sectors", "sector_id")

    @cached_property
    def by_region(self) -> pd.DataFrame:
        """Fill by region, every parent before its children, those with no usable seat below them left out.

        Columns: `id`, `name`, `parent_id`, `depth` (0 at the top), `own_seats` and `own_filled` of placements in exactly this one, `seats` and
        `filled` with all below it. Placements without a region are in the last row, without id, where there are any.
        """
        return self._by(self.view.regions, self.view.region, "regions", "region_id")

    def _by(self, forest: Forest, of_placement: Ints, table: str, key: str) -> pd.DataFrame:
        """Usable and filled seats by the nodes of a forest."""
        at = of_placement[self.view.seats.placement]
        size = len(forest.ids)
        own = np.stack([np.bincount(np.where(at < 0, size, at), weights=count, minlength=size + 1) for count in (self.fill["usable"], self.fill["filled"])])
        all_ = np.stack([np.bincount(forest.ancestor, weights=count[:size][forest.node], minlength=size) for count in own])
        described = pd.Index(self.view.column(table, key))
        row = described.get_indexer(forest.ids)
        parent = np.append(encode(self.view.column(table, "parent_id"), forest.ids), -1)[row]
        depth = np.bincount(forest.node, minlength=size) - 1
        frame = pd.DataFrame(
            {
                "id": pd.Series(forest.ids, dtype="str"),
                "name": self.view.column(table, "name").array.take(row, allow_fill=True),
                "parent_id": _names(forest.ids, parent),
                "depth": depth,
                **{name: count.astype(np.int64) for name, count in zip(("own_seats", "own_filled"), own[:, :size], strict=True)},
                **{name: count.astype(np.int64) for name, count in zip(("seats", "filled"), all_, strict=True)},
            }
        )
        ordered = frame.iloc[_top_down(parent)]
        ordered = ordered[ordered["seats"] > 0]
        if own[0, size]:
            seats, filled = own[:, size].astype(np.int64)
            nowhere = pd.DataFrame({"depth": [0], "own_seats": [seats], "own_filled": [filled], "seats": [seats], "filled": [filled]})
            ordered = pd.concat([ordered, nowhere.reindex(columns=ordered.columns).astype(ordered.dtypes)])
        return ordered.reset_index(drop=True)

    @cached_property
    def pools(self) -> pd.DataFrame:
        """One row per pool: `pool_id`, `capacity`, `filled`."""
        rows = self.rows
        filled = rows.pool_loads(self.placement[self.placed])
        return pd.DataFrame({"pool_id": pd.Series(rows.pool_ids, dtype="str"), "capacity": rows.pool_upper, "filled": filled})

    @cached_property
    def quotas(self) -> pd.DataFrame:
        """One row per quota in force.

        Columns: `quota_id`, `activity` (matched pairs inside), `min`, `max` (missing: none), `hard`, `weight`, `violation` (pairs outside the bounds).
        """
        quotas = self.rows.quotas
        activity = self.rows.quota_loads(self.student[self.placed], self.placement[self.placed])
        over = np.maximum(activity - quotas.upper, 0).astype(np.int64)
        return pd.DataFrame(
            {
                "quota_id": pd.Series(quotas.ids, dtype="str"),
                "activity": activity,
                "min": quotas.lower,
                "max": pd.Series(np.where(np.isinf(quotas.upper), np.nan, quotas.upper)).astype("Int64"),
                "hard": quotas.hard,
                "weight": quotas.weight,
                "violation": np.maximum(quotas.lower - activity, 0) + over,
            }
        )

    # -- ranks, reasons, groups ---------------------------------------------------------------------------------------------

    @cached_property
    def rank_profile(self) -> pd.Series[int]:
        """Placed rows by rank, from 1 to the worst; rank 0 counts those placed without a rank."""
        counts = np.bincount(self.rank[self.placed], minlength=1)
        return pd.Series(counts, index=pd.RangeIndex(len(counts), name="rank"), name="placed")

    @cached_property
    def unplaced_by_reason(self) -> pd.Series[int]:
        """Rows without a placement by the code of their reason, most frequent first."""
        return self.matches.loc[~self.placed, "reason"].value_counts()

    def by_group(self, column: str) -> pd.DataFrame:
        """Outcome by the values of a column of `students`; a student with several tokens (`groups`) counts in each.

        Returns
        -------
        pandas.DataFrame
            One row per value, largest first: `name`, `demands`, `placed`, `first` (at rank 1), `three` (at rank 1 to 3), and `share_placed`,
            `share_first` of the demands. Students with an empty cell are in none.
        """
        row, name = self._labels(column)
        rank = self.rank[row]
        counted = pd.DataFrame(
            {
                "name": name,
                "demands": 1,
                "placed": self.placed[row].astype(np.int64),
                "first": (rank == FIRST).astype(np.int64),
                "three": ((rank > 0) & (rank <= NEAR)).astype(np.int64),
            }
        )
        groups = counted.groupby("name", sort=True).sum().reset_index().sort_values("demands", ascending=False, kind="stable", ignore_index=True)
        return groups.assign(share_placed=groups["placed"] / groups["demands"], share_first=groups["first"] / groups["demands"])

    def _labels(self, column: str) -> tuple[Ints, pd.Series[Any]]:
        """Every value of a column of students, by the row of the matches that has it."""
        cells = self.view.column("students", column)
        known = TABLES["students"].column(column)
        found, texts = pd.factorize(cells)
        lists = [tokens_of(text) or () if known is not None and known.kind == "tokens" else (str(text),) for text in texts]
        sizes = np.append([len(tokens) for tokens in lists], 0).astype(np.int64)
        of_row = found[self.student]
        row = np.repeat(np.arange(len(of_row)), sizes[of_row])
        first = np.cumsum(sizes) - sizes
        within = np.arange(len(row)) - np.repeat(np.cumsum(sizes[of_row]) - sizes[of_row], sizes[of_row])
        flat = np.array([token for tokens in lists for token in tokens], dtype=object)
        return row, pd.Series(flat[first[of_row[row]] + within], dtype="str")

    # -- travel ------------------------------------------------------------------------------------------------------------

    @cached_property
    def minutes(self) -> Floats:
        """Whole minutes of one trip for each row (section 4 of docs/rules.md); NaN where unplaced or not known."""
        minutes = np.full(len(self.placed), np.nan)
        minutes[self.placed] = Travel(self.view).minutes(self.student[self.placed], self.placement[self.placed])
        return minutes

    @cached_property
    def travel(self) -> pd.DataFrame:
        """Known trips by length: `low` and `high` minutes (`low` is in the bin, `high` is not and is missing for the last), `trips`."""
        trips = self.minutes[~np.isnan(self.minutes)]
        counts = np.bincount(np.searchsorted(BINS, trips, side="right") - 1, minlength=len(BINS))
        return pd.DataFrame({"low": BINS, "high": pd.array([*BINS[1:], None], dtype="Int64"), "trips": counts})


def _names(ids: pd.Index[Any], code: Ints) -> pd.Series[Any]:
    """Codes back to ids, missing for -1."""
    return pd.Series(pd.Series(ids, dtype="str").array.take(code, allow_fill=True), dtype="str")


def _top_down(parent: Ints) -> list[int]:
    """The nodes of a forest, each parent before its children, in the order of their numbers otherwise; nodes in a circle come last."""
    children: dict[int, list[int]] = {}
    for node, above in enumerate(parent.tolist()):
        children.setdefault(above, []).append(node)
    order, waiting = [], children.get(-1, [])[::-1]
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting.extend(children.get(node, [])[::-1])
    return order + sorted(set(range(len(parent))) - set(order))
