"""Cells with several values (`a|b`), compared as sets of bits."""

from __future__ import annotations

import numpy as np


def bits(cells: np.ndarray, vocabulary: list[str]) -> np.ndarray:
    """The set of each cell; an empty cell has no bits."""
    place = {word: 1 << i for i, word in enumerate(vocabulary)}
    return np.array([sum(place[word] for word in str(cell).split("|") if word in place) for cell in cells], dtype=np.int64)


def covers(need: np.ndarray, have: np.ndarray, vocabulary: list[str]) -> np.ndarray:
    """For all pairs: everything needed (rows) is there (columns), or one of the two cells is empty."""
    missing = bits(need, vocabulary)[:, None] & ~bits(have, vocabulary)[None, :]
    return (missing == 0) | (need == "")[:, None] | (have == "")[None, :]


def meets(one: np.ndarray, other: np.ndarray, vocabulary: list[str]) -> np.ndarray:
    """For all pairs: the cells share a value, or one of the two is empty."""
    common = bits(one, vocabulary)[:, None] & bits(other, vocabulary)[None, :]
    return (common != 0) | (one == "")[:, None] | (other == "")[None, :]
