"""What is measured: every case by name, how to make it at a size, and the sizes.

Light to import: the process that starts the others holds no tables, for its memory would count as theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matcher import Round

SIZES = (1_000, 10_000, 100_000)
FORMATS = ("parquet", "csv")
NETWORKX_STUDENTS = 300
PLACEMENTS_IN_A_POOL = 10


@dataclass(frozen=True)
class BenchSpec:
    """A family of rounds of growing size.

    Attributes
    ----------
    name, about
        As it stands in the tables.
    build
        Number of students -> round; always the same round for the same number.
    sweep
        The sizes at which it is measured.
    plain
        It has seats and strict wishes only, so that a flow written down by hand must find the same optimum.
    """

    name: str
    about: str
    build: Callable[[int], Round]
    sweep: tuple[int, ...] = SIZES
    plain: bool = True

    def repeats(self, size: int) -> int:
        """More often where it is cheap: medians of these are shown."""
        return 5 if size <= SIZES[0] else 3


def _synthetic(**options: Any) -> Callable[[int], Round]:
    """A cohort of `matcher.synth` with these options."""

    def build(students: int) -> Round:
        from matcher.synth import generate

        return generate(students, seed=1, **options)

    return build


def _pooled(students: int) -> Round:
    """The base cohort, where every ten placements share nine tenths of their seats."""
    import pandas as pd

    from matcher import Round

    base = _synthetic()(students)
    placements = base.table("placements")
    shared = pd.Series(range(len(placements)), index=placements.index) // PLACEMENTS_IN_A_POOL
    placements["pool_id"] = "POOL" + shared.astype("str")
    seats = placements.groupby("pool_id", sort=True)["capacity"].sum()
    pools = pd.DataFrame({"pool_id": seats.index.astype("str"), "capacity": (seats * 9 // 10).to_numpy()})
    return Round({"students": base.table("students"), "placements": placements, "preferences": base.table("preferences"), "pools": pools}, base.settings)


SPECS = {
    spec.name: spec
    for spec in (
        BenchSpec("base", "10 strict wishes each, popularity by Zipf 0.7, a placement for every ten students, 5 % spare seats", _synthetic()),
        BenchSpec("short", "the same with 3 % too few seats", _synthetic(spare=-0.03)),
        BenchSpec(
            "rules",
            "programmes, travel limits, patterns, mentors and recognition dates; 0.2 % of the students without wishes",
            _synthetic(rules=True, no_wish_share=0.002, mandatory_share=0.3),
            plain=False,
        ),
        BenchSpec("pools", "the base case, where every ten placements share nine tenths of their seats", _pooled, sweep=SIZES[:2], plain=False),
    )
}
