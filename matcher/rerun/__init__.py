"""Re-run with least disturbance: what every number of moves away from an earlier matching can bring (docs/rules.md section 7, the tier `moves`)."""

from __future__ import annotations

from matcher.rerun.page import write_frontier
from matcher.rerun.points import Frontier, Point, frontier

__all__ = ["Frontier", "Point", "frontier", "write_frontier"]
