"""How much is measured: up to which size, how often, and how long one run may take."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.registry import HUGE, LARGE, SMALL

ONCE_FROM_SECONDS = 20.0
"""What takes longer than this is measured once."""

CHECK_SECONDS = 5.0
"""Where all get the same time, they get so much of it in the check."""


@dataclass(frozen=True)
class Effort:
    """The bounds of a set of measurements.

    Attributes
    ----------
    most
        The largest number of students.
    seconds
        How long a solver may take for one run, from its start to its end; what is expected to take longer is left out.
    repeats
        How often everything is measured; None: three times, and once where it takes long.
    strict
        Nobody may be missing and nothing unsupported: for the check that every result is right.
    """

    most: int = HUGE
    seconds: float = 300.0
    repeats: int | None = None
    strict: bool = False

    def more(self, done: int, seconds: float) -> bool:
        """Whether another run is wanted after `done` of them, the last of which took so many seconds."""
        return done < (self.repeats or (1 if seconds > ONCE_FROM_SECONDS else 3))

    def timed(self, seconds: float) -> float:
        """How long everybody gets where all get the same time, as the case says."""
        return min(seconds, self.seconds, CHECK_SECONDS if self.strict else seconds)


FULL = Effort()
QUICK = Effort(most=LARGE, seconds=30.0, repeats=1)
CHECK = Effort(most=SMALL, seconds=60.0, repeats=1, strict=True)
