"""What is measured: every case by name, how to make it, at which sizes, and the goals.

Light to import: the process that starts the others holds no tables, for its memory would count as theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.cases import IN_TIME, STUDY_IN_TIME, Build, blended, crossing, measured_by, pooled, study, synthetic, tied, with_minimums

TINY = 300
"""Students of the size at which everybody can compete, and at which compiled engines warm up."""

SMALL, MIDDLE, LARGE, HUGE = SIZES = (1_000, 10_000, 100_000, 1_000_000)
USUAL = SIZES[:3]
STUDY = tuple(STUDY_IN_TIME)
Format = Literal["parquet", "csv"]
FORMATS: tuple[Format, ...] = ("parquet", "csv")
PROFILES = ("greedy", "generous", "rank_maximal")
BASE = "base"

OWN = "matcher"
"""Our engine, as it is routed."""

ORTOOLS = ("unmatched_arcs", "max_flow_with_min_cost")
PEERS = {
    ORTOOLS[0]: "OR-Tools `solve`",
    ORTOOLS[1]: "OR-Tools `solve_max_flow_with_min_cost`",
    "pot": "POT `emd`",
    "scipy": "scipy `min_weight_full_bipartite_matching`",
    "networkx": "networkx `max_flow_min_cost`",
}
"""The other solvers by name, as they stand in the tables; benchmarks.peers holds their calls."""

DIRECT = {"highs": "HiGHS, the whole as a mixed integer program", "cp_sat": "CP-SAT, the whole, 2 workers"}
"""Direct solvers of cases whose quotas cross, as they stand in the tables; benchmarks.crossing_peers holds their calls."""


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
        The sizes at which the solvers stand side by side.
    files
        The sizes at which the whole pipeline is measured, from files to verified files.
    peers
        Other solvers are asked for the same optimum: most students, then the least sum of ranks.
    goals
        Size -> the largest ratio that is wanted: our solve to the better of OR-Tools' calls; without peers to our own solve of the base case.
    timed
        Size -> seconds: at these sizes everybody gets the same time, and what is measured is the gap between value and bound at its end.
    direct
        The sizes at which direct solvers of the whole model stand beside ours, in the same time.
    gaps
        Size -> the largest gap that is wanted.
    """

    name: str
    about: str
    build: Build
    sweep: tuple[int, ...] = USUAL
    files: tuple[int, ...] = ()
    peers: bool = True
    goals: Mapping[int, float] = field(default_factory=dict)
    timed: Mapping[int, float] = field(default_factory=dict)
    direct: tuple[int, ...] = ()
    gaps: Mapping[int, float] = field(default_factory=dict)


SPECS = {
    spec.name: spec
    for spec in (
        BenchSpec(
            BASE,
            "10 strict wishes each, popularity by Zipf 0.7, a placement for every ten students, 5 % spare seats",
            synthetic(),
            sweep=(TINY, *SIZES),
            files=SIZES,
            goals={LARGE: 0.03, HUGE: 0.02},
        ),
        BenchSpec("short", "as the base case, 3 % too few seats", synthetic(spare=-0.03), sweep=(TINY, *SIZES), files=SIZES, goals={LARGE: 0.05, HUGE: 0.05}),
        BenchSpec("exact", "as the base case, exactly as many seats as students", synthetic(spare=0.0), goals={LARGE: 0.15}),
        BenchSpec("zipf", "as the base case, popularity by Zipf 1.0", synthetic(popularity=1.0), goals={LARGE: 0.12}),
        BenchSpec("zipf_exact", "popularity by Zipf 1.0, exactly as many seats as students", synthetic(popularity=1.0, spare=0.0), goals={LARGE: 0.15}),
        BenchSpec("blend", "as the base case, with costs up to 1,000 as where rank and travel are blended", blended, goals={LARGE: 0.25}),
        BenchSpec("ties", "as the base case, with lists in three classes of about ten equally good placements", tied, goals={LARGE: 0.25}),
        BenchSpec("pools", "as the base case, where every ten placements share nine tenths of their seats", pooled, files=USUAL[:2]),
        BenchSpec("minimums", "as the base case, where every fourth placement must fill all its seats", with_minimums, files=USUAL[:1]),
        *(
            BenchSpec(measure, f"the base case under the measure `{measure}`", measured_by(measure), peers=False, files=USUAL[:1], goals={LARGE: 5.0})
            for measure in PROFILES
        ),
        BenchSpec(
            "rules",
            "programmes, travel limits, patterns, mentors and recognition dates; 0.2 % of the students without wishes",
            synthetic(rules=True, no_wish_share=0.002, mandatory_share=0.3),
            sweep=(),
            files=USUAL,
            peers=False,
        ),
        BenchSpec(
            "crossing",
            "as the base case, with maximums for 12 sectors x 8 programmes and minimums for 5 regions x 8 programmes, half of them biting",
            crossing,
            sweep=(),
            files=USUAL,
            peers=False,
            timed=IN_TIME,
            direct=USUAL[:2],  # at 100,000 they find nothing in the time
            gaps={MIDDLE: 1e-3, LARGE: 2e-3},
        ),
        BenchSpec(
            "study",
            "three placements in three sectors, women and men at every partner, partners' rankings, after Algorithms 14, 219 (2021)",
            study,
            sweep=(),
            files=STUDY,
            peers=False,
            timed=STUDY_IN_TIME,
        ),
    )
}

PIPELINE_SECONDS, PIPELINE_MB, EXPONENT, COLLEGE_SECONDS = 60.0, 6_000.0, 1.15, 15.0
"""Goals of the whole pipeline at 1,000,000 students from Parquet, of its growth, and of the office's round as a whole program; the memory also where a
time is given."""
