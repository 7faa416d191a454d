"""The figures of the report: those of `matcher.measures`, and the few more that only a report asks for."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import UnreadableFile
from matcher.measures import Measures
from matcher.report.further import Further
from matcher.report.proofs import row_prices
from matcher.report.rows import RoundRows
from matcher.result import Result
from matcher.round import Round
from matcher.schema import NO


@dataclass(frozen=True, slots=True)
class Node:
    """A sector or region with usable and filled seats: in itself (`own_`), and with all below it. `name` is empty for places that have none."""

    name: str
    depth: int
    seats: int
    filled: int
    own_seats: int
    own_filled: int
    lat: float = math.nan
    lon: float = math.nan

    @property
    def on_map(self) -> bool:
        """Whether its coordinates are known."""
        return not (math.isnan(self.lat) or math.isnan(self.lon))


@dataclass(frozen=True, slots=True)
class Group:
    """How the members of a group or programme fared."""

    name: str
    demands: int
    placed: int
    first: int
    three: int


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota in force; `least` 0 and `most` None are no bounds.

    With groups the bounds hold for each of its `rows`, of which `missed` are outside and `tight` at a bound; a quota without groups is one row. For a minimum
    per student (`path`) the pairs outside the places asked for are counted. `price` is the largest of its rows', a fraction per tier.
    """

    id: str
    path: bool
    rows: int
    grouped: bool
    activity: int
    least: int
    most: int | None
    hard: bool
    violation: int
    missed: int
    tight: int
    price: tuple[Fraction, ...]
    source: str


@dataclass(frozen=True, eq=False)
class Figures:
    """Everything the pages and sheets show of one matching, each computed when it is first asked for. Counts of people are counts of demands."""

    round: Round
    result: Result
    further: Further = field(default_factory=Further)

    @cached_property
    def measures(self) -> Measures:
        """The figures that other parts of the program share.

        Raises
        ------
        UnreadableFile
            The matches name a student, a placement or a period that the round does not have: they were changed by hand.
        """
        measures = Measures(self.round, self.result.matches)
        view, placed = measures.view, measures.placed
        period = view.periods.get_indexer(pd.Index(self.result.matches["period_id"])) if len(view.periods) > 1 else np.zeros(len(placed), dtype=np.int64)
        sound = measures.student >= 0
        sound[placed] &= (measures.placement[placed] >= 0) & (period[placed] >= 0)
        sound[placed] &= view.seats.number[measures.placement[placed], period[placed]] >= 0
        if not sound.all():
            raise UnreadableFile("report.stored.foreign", status=422, file="matches.csv", student=self.result.matches["student_id"].iloc[int(np.argmin(sound))])
        return measures

    # -- people ------------------------------------------------------------------------------------------------------------

    @property
    def demands(self) -> int:
        """All rows of the matches."""
        return len(self.result.matches)

    @property
    def placed(self) -> int:
        """Rows with a placement."""
        return self.result.placed

    @property
    def unplaced(self) -> int:
        """Rows without one."""
        return self.result.unplaced

    @cached_property
    def most_demands(self) -> int:
        """How many demands a student has at most."""
        counts = self.result.matches["student_id"].value_counts()
        return int(counts.iloc[0]) if len(counts) else 1

    @cached_property
    def profile(self) -> list[int]:
        """Placed rows at rank 1, 2, ..."""
        return [int(count) for count in self.measures.rank_profile.iloc[1:]]

    @cached_property
    def unranked(self) -> int:
        """Placed rows without a rank."""
        return int(self.measures.rank_profile.iloc[0])

    @cached_property
    def with_wishes(self) -> int:
        """Rows of students who gave at least one ranked wish."""
        preferences, students = self.round.table("preferences"), self.measures.view.students
        asked = np.zeros(len(students) + 1, dtype=bool)
        asked[students.get_indexer(pd.Index(preferences.loc[preferences["rank"] != NO, "student_id"].unique()))] = True
        return int(asked[self.measures.student].sum())

    @property
    def wishless(self) -> int:
        """Rows of the others."""
        return self.demands - self.with_wishes

    @cached_property
    def pinned(self) -> int:
        """Rows that were fixed beforehand."""
        return int((self.result.matches["status"] == "pinned").sum())

    @cached_property
    def mandatory(self) -> tuple[int, int]:
        """Placed and all rows of mandatory students."""
        return self._placed_among(self.measures.view.mandatory[self.measures.student])

    @cached_property
    def shortage(self) -> tuple[int, int]:
        """Placed and all rows of students in a programme with a shortage on the labour market."""
        if not (self.round.has("programmes", "shortage") and self.round.has("students", "programme_id")):
            return 0, 0
        programmes, students = self.round.table("programmes"), self.round.table("students")
        short = students["programme_id"].isin(programmes.loc[programmes["shortage"].fillna(value=False), "programme_id"])
        return self._placed_among(short.to_numpy(dtype=bool)[self.measures.student])

    def _placed_among(self, rows: npt.NDArray[np.bool_]) -> tuple[int, int]:
        return int((rows & self.measures.placed).sum()), int(rows.sum())

    @cached_property
    def groups(self) -> list[Group]:
        """Outcome by tag of `students.groups`, the largest first."""
        return _groups(self.measures.by_group("groups"))

    @cached_property
    def programmes(self) -> list[Group]:
        """Outcome by programme, with its name where it has one."""
        frame = self.measures.by_group("programme_id")
        return _groups(frame.assign(name=named(self.round, "programmes", "programme_id", frame["name"])))

    @cached_property
    def without_place(self) -> pd.DataFrame:
        """The matches of those without a placement."""
        return self.result.matches[~self.measures.placed]

    @cached_property
    def reasons(self) -> list[tuple[str, int]]:
        """Codes of the reasons for having no placement, most frequent first."""
        counts = self.measures.unplaced_by_reason
        return sorted(((str(code), int(count)) for code, count in counts.items()), key=lambda entry: (-entry[1], entry[0]))

    @cached_property
    def minutes(self) -> npt.NDArray[np.float64]:
        """Known minutes of one trip of the placed, in no order."""
        minutes = self.measures.minutes
        return minutes[~np.isnan(minutes)]

    @property
    def minutes_unknown(self) -> int:
        """Placed rows whose travel time is not known."""
        return self.placed - len(self.minutes)

    def travel_quantile(self, share: float) -> float:
        """The least number of minutes that this share of the known trips does not exceed."""
        return float(np.quantile(self.minutes, share, method="inverted_cdf"))

    @cached_property
    def pay(self) -> float | None:
        """The median of the known monthly pay at the placements that were given; None where none is known."""
        known = self._of_placement("pay_month").dropna()
        return float(known.median()) if len(known) else None

    def _of_placement(self, column: str) -> pd.Series[Any]:
        """A column of numbers of the placements, for each placed row."""
        if not self.round.has("placements", column):
            return pd.Series(dtype="float64")
        return self.round.table("placements")[column].iloc[self.measures.placement[self.measures.placed]]

    # -- places ------------------------------------------------------------------------------------------------------------

    @cached_property
    def seats(self) -> int:
        """Usable seats of all placements in all periods."""
        return int(self.measures.fill["usable"].sum())

    @cached_property
    def lost(self) -> int:
        """Seats on offer that too few mentors make unusable."""
        return int((self.measures.fill["capacity"] - self.measures.fill["usable"]).sum())

    @cached_property
    def _per_placement(self) -> pd.DataFrame:
        return self.measures.fill.groupby("placement_id", sort=False)[["usable", "filled"]].sum()

    @property
    def placements(self) -> int:
        """Number of placements."""
        return len(self._per_placement)

    @property
    def used(self) -> int:
        """Placements with at least one student."""
        return int((self._per_placement["filled"] > 0).sum())

    @property
    def full(self) -> int:
        """Placements with usable seats, all of them filled."""
        return int(((self._per_placement["filled"] == self._per_placement["usable"]) & (self._per_placement["usable"] > 0)).sum())

    @cached_property
    def sectors(self) -> list[Node]:
        """Fill by sector, parents before children; last, those without a sector."""
        return _nodes(self.measures.by_sector)

    @cached_property
    def regions(self) -> list[Node]:
        """Fill by region, likewise, with the coordinates that the regions give."""
        frame = self.measures.by_region
        if self.round.has("regions", "lat") and self.round.has("regions", "lon"):
            frame = frame.merge(self.round.table("regions")[["region_id", "lat", "lon"]], how="left", left_on="id", right_on="region_id")
        return _nodes(frame)

    @cached_property
    def company_rank(self) -> float | None:
        """The median rank that placements had given to the students who come, over those they ranked; None where they ranked none of them."""
        if not self.round.has("rankings"):
            return None
        pairs = self.result.matches[["student_id", "placement_id"]].dropna()
        ranks = pairs.merge(self.round.table("rankings"), on=["student_id", "placement_id"])["rank"]
        ranks = ranks[ranks != NO]
        return float(ranks.median()) if len(ranks) else None

    @cached_property
    def rows(self) -> RoundRows:
        """The rows of the round."""
        return RoundRows(self.measures)

    @cached_property
    def quota_rows(self) -> pd.DataFrame:
        """`RoundRows.quotas` with the price of each row: `price`, a fraction for every tier of the proof."""
        frame = self.rows.quotas
        if self.result.proof is None:
            return frame.assign(price=pd.Series([()] * len(frame), index=frame.index, dtype=object))
        found: dict[tuple[str, int, int], tuple[Fraction, ...]] = {}
        for kind in ("quota", "path"):
            prices = row_prices(self.result.proof, kind)
            family, key = self.rows.find(kind, pd.Series(prices.id, dtype="str"), pd.Series(prices.part, dtype="str"))
            for place, price, whole in zip(zip(family.tolist(), key.tolist(), strict=True), prices.price.tolist(), prices.denominator.tolist(), strict=True):
                found[kind, *place] = tuple(map(Fraction, price, whole))
        nothing = (Fraction(0),) * len(self.result.proof.tiers)
        return frame.assign(price=pd.Series([found.get(place, nothing) for place in frame.index], index=frame.index, dtype=object))

    @cached_property
    def quotas(self) -> list[Quota]:
        """The quotas in force, each once, with who decided them."""
        sources = self.round.table("quotas")
        known = dict(zip(sources["quota_id"], sources["source"].fillna(""), strict=True)) if "source" in sources else {}
        groups = self.quota_rows.groupby(["quota_id", "kind"], sort=False)
        return [_quota(str(name), kind == "path", frame, known.get(name, "")) for (name, kind), frame in groups]


def _quota(name: str, path: bool, frame: pd.DataFrame, source: str) -> Quota:
    """One quota from its rows."""
    activity, most = frame["activity"], frame["max"]
    tight = (frame["violation"] == 0) & ((activity == most).fillna(value=False) | ((activity == frame["min"]) & (frame["min"] > 0)))
    limit = most.max()  # of a minimum per student it is that of the students with most periods
    return Quota(
        name,
        path,
        len(frame),
        bool(frame["group"].notna().any()),
        int(activity.sum()),
        int(frame["min"].iloc[0]),
        None if limit is pd.NA else int(limit),
        bool(frame["hard"].iloc[0]),
        int(frame["violation"].sum()),
        int((frame["violation"] > 0).sum()),
        int(tight.sum()),
        max(frame["price"], key=lambda price: [abs(amount) for amount in price]),
        source,
    )


def _groups(frame: pd.DataFrame) -> list[Group]:
    return [Group(str(g["name"]), g["demands"], g["placed"], g["first"], g["three"]) for g in frame.to_dict("records")]


def _nodes(tree: pd.DataFrame) -> list[Node]:
    columns = [column for column in Node.__dataclass_fields__ if column in tree.columns]
    named_tree = tree.assign(name=tree["name"].fillna(tree["id"]).fillna(""))
    return [Node(**{str(column): value for column, value in record.items()}) for record in named_tree[columns].to_dict("records")]


def named(round_: Round, table: str, key: str, ids: pd.Series[Any]) -> pd.Series[Any]:
    """The names of things by their ids; the id itself where there is no name."""
    if not round_.has(table, "name"):
        return ids
    return ids.map(round_.table(table).set_index(key)["name"]).fillna(ids)
