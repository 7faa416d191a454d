"""The case `crossing`: maximums by sector and programme, minimums by region and programme, half of which bite, and a matching that keeps them all.

The bounds come from a matching without quotas: half of the maximums lie 3 to 10 % below what it has there, half of the minimums 3 to 10 % above. Tolls on
those cells, raised until nothing is missed, then give a second matching; what it still misses is given way to, so that this *witness* keeps every bound
and places as many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from matcher import Round
    from matcher.problem import Problem

Codes = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

PROGRAMMES, SECTORS, REGIONS = 8, 12, 5
UNEVEN = 0.5
"""Exponent of the sizes of programmes, sectors and regions."""

CUT, RISE = (0.90, 0.97), (1.03, 1.10)
"""What biting maximums and minimums are of the activity without quotas."""

LOOSE = 0.1
"""How far the other bounds stay away from both matchings."""

FINE = 64
"""Tolls are fractions of a rank, in this many parts."""

FIRST_TOLL, MORE_TOLL, ROUNDS = 24, 12, 12
FIRST_ROW = 2
"""The header of a file is row 1."""

TREMBLE = 1_000_000
"""Equally good matchings are told apart by random numbers below this, so that the case does not depend on the engine that finds them."""


@dataclass(frozen=True, eq=False)
class Cells:
    """One side of the quotas: every pair lies in one cell (group x programmes + programme).

    Attributes
    ----------
    of_pair
        int64, P.
    biting
        bool, one per cell: half of them.
    """

    of_pair: Counts
    biting: Flags

    def activity(self, matched: Codes) -> Counts:
        """How many of the matched pairs lie in each cell."""
        return np.bincount(self.of_pair[matched], minlength=len(self.biting))


def crossing(students: int, seed: int) -> Round:
    """The round at a size; always the same for the same size and seed. As slow as a dozen solves without quotas."""
    from matcher import Round
    from matcher.synth import generate

    base = generate(students, seed=seed).with_settings(tiers=("placed", "rank"))
    rng = np.random.default_rng([seed, students])
    places = len(base.table("placements"))
    programme, sector, region = (_members(rng, items, groups) for items, groups in ((students, PROGRAMMES), (places, SECTORS), (places, REGIONS)))
    upper, lower = _bounds(rng, base, programme, sector, region)
    tables = {
        "students": base.table("students").assign(programme_id=ids("PR", PROGRAMMES)[programme]),
        "placements": base.table("placements").assign(sector_id=ids("SEC", SECTORS)[sector], region_id=ids("R", REGIONS)[region]),
        "programmes": pd.DataFrame({"programme_id": ids("PR", PROGRAMMES)}),
        "sectors": pd.DataFrame({"sector_id": ids("SEC", SECTORS)}),
        "regions": pd.DataFrame({"region_id": ids("R", REGIONS)}),
        "quotas": _quotas(upper, lower),
    }
    return Round({**base.tables, **{name: typed(name, frame) for name, frame in tables.items()}}, base.settings)


def typed(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame as a Round holds it: canonical dtypes, rows numbered as in a file."""
    from matcher.round import canonical_dtype
    from matcher.schema import TABLES

    found = frame.astype({column: canonical_dtype(TABLES[table], column) for column in frame.columns})
    found.index = pd.RangeIndex(FIRST_ROW, len(frame) + FIRST_ROW)
    return found


def _bounds(rng: np.random.Generator, base: Round, programme: Codes, sector: Codes, region: Codes) -> tuple[Counts, Counts]:
    """The maximum of every cell of a sector and a programme, and the minimum of every cell of a region and a programme."""
    from matcher.compile import compile_round

    compiled = compile_round(base)
    problem, seat_placement = compiled.problem, compiled.codebook.seat_placement
    of_student, placement = programme[problem.demand_of_pair()].astype(np.int64), seat_placement[problem.seat]
    high = Cells(sector[placement] * PROGRAMMES + of_student, _half(rng, SECTORS))
    low = Cells(region[placement] * PROGRAMMES + of_student, _half(rng, REGIONS))
    tremble = (rng.random(problem.pairs) * TREMBLE).astype(np.int32)
    free = _best(problem, problem.cost[1] * FINE, tremble)
    most, least = high.activity(free), low.activity(free)
    upper = np.floor(most * _between(rng, CUT, len(most))).astype(np.int64)
    lower = np.ceil(least * _between(rng, RISE, len(least))).astype(np.int64)
    there_high, there_low = _witness(problem, tremble, (high, upper), (low, lower))
    loose_upper = np.ceil(np.maximum(most, there_high) * (1 + LOOSE)).astype(np.int64) + 1
    loose_lower = np.floor(np.minimum(least, there_low) * (1 - LOOSE)).astype(np.int64)
    return np.where(high.biting, np.maximum(upper, there_high), loose_upper), np.where(low.biting, np.minimum(lower, there_low), loose_lower)


def _witness(problem: Problem, tremble: Codes, high: tuple[Cells, Counts], low: tuple[Cells, Counts]) -> tuple[Counts, Counts]:
    """The activities of a matching that places as many and misses the biting bounds as little as tolls can bring about."""
    (above, upper), (below, lower) = high, low
    toll, bonus = FIRST_TOLL * above.biting.astype(np.int32), FIRST_TOLL * below.biting.astype(np.int32)
    tries: list[tuple[int, Counts, Counts]] = []
    for _ in range(ROUNDS):
        matched = _best(problem, problem.cost[1] * FINE + toll[above.of_pair] - bonus[below.of_pair], tremble)
        there, here = above.activity(matched), below.activity(matched)
        over, under = np.maximum(0, (there - upper) * above.biting), np.maximum(0, (lower - here) * below.biting)
        tries.append((int(over.sum() + under.sum()), there, here))
        if not tries[-1][0]:
            break
        toll += MORE_TOLL * (over > 0)
        bonus += MORE_TOLL * (under > 0)
    _, there, here = min(tries, key=lambda tried: tried[0])
    return there, here


def _best(problem: Problem, cost: npt.NDArray[Any], tremble: Codes) -> Codes:
    """The matched pairs of the matching with the most pairs, then the least cost, then the least tremble, under seats alone."""
    from benchmarks.ours import planned
    from matcher.solvers import route

    shifted = cost - cost.min()  # as many are placed in all of them, so nothing changes
    costs = np.stack([problem.cost[0], shifted, tremble]).astype(np.int32)
    posed = replace(problem, tiers=("placed", "rank", "travel"), cost=costs, constant=np.zeros(len(costs), dtype=np.int64))
    chosen = route.run(posed, planned(posed), 0).pair_of_demand
    return chosen[chosen >= 0]


def _half(rng: np.random.Generator, groups: int) -> Flags:
    """Half of the cells: as many of each programme's as possible, so that no programme is cut, or raised, everywhere."""
    keys = np.argsort(np.argsort(rng.random((groups, PROGRAMMES)), axis=0), axis=0)
    # An odd number of groups cannot be halved: every other programme gets one more.
    wanted = (groups + np.arange(PROGRAMMES) % 2) // 2
    return (keys < wanted).ravel()


def _between(rng: np.random.Generator, ends: Sequence[float], items: int) -> npt.NDArray[np.float64]:
    return ends[0] + rng.random(items) * (ends[1] - ends[0])


def _members(rng: np.random.Generator, items: int, groups: int) -> Codes:
    """A group for every item; the groups are of unequal size."""
    from matcher.synth.conditions import members
    from matcher.synth.draws import zipf

    return members(rng, items, zipf(rng, groups, UNEVEN))


def _quotas(upper: Counts, lower: Counts) -> pd.DataFrame:
    """A row for every cell."""
    programme, sector, region = ids("PR", PROGRAMMES), ids("SEC", SECTORS), ids("R", REGIONS)
    rows = [(f"MAX-{s}-{p}", f"programme_id={p}", f"sector_id={s}") for s in sector for p in programme]
    rows += [(f"MIN-{r}-{p}", f"programme_id={p}", f"region_id={r}") for r in region for p in programme]
    quota, of_students, of_placements = zip(*rows, strict=True)
    none_above, none_below = np.full(len(lower), np.nan), np.full(len(upper), np.nan)
    bounds = {"min": np.concatenate([none_below, lower]), "max": np.concatenate([upper, none_above])}
    return pd.DataFrame({"quota_id": quota, "students": of_students, "placements": of_placements, **bounds})


def ids(prefix: str, items: int) -> npt.NDArray[np.object_]:
    """SEC01, SEC02, ...: all of one length."""
    return np.array([f"{prefix}{number:0{len(str(items))}d}" for number in range(1, items + 1)], dtype=object)
