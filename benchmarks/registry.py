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
    )
}
