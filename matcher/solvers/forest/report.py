"""What the forest tells while it grows, for whoever watches from another thread (and need not load what compiles it)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LEVEL, SERVED, LOOKS, LEVELS, FORGOTTEN = range(5)
"""The level, demands served, items looked at, levels, how often all notes were dropped."""


def blank() -> npt.NDArray[np.int64]:
    """A report of which nothing is written yet."""
    return np.zeros(5, dtype=np.int64)
