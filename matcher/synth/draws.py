"""Random draws on arrays, made of uniform numbers only, so that a seed gives the same cohort with every version of numpy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]

DENSE = 4
"""Draws of more than one item in DENSE are made by keys over all items; rarer ones by rejection of doubles."""

RARE = 0.001
"""Below this share of the weights outside the heaviest items of a row, rejection would take too many attempts."""

BLOCK = 4_000_000
"""Keys held in memory at once (float64)."""


def zipf(rng: np.random.Generator, items: int, exponent: float) -> Numbers:
    """Weights i ** -exponent for i = 1, 2, ..., in random order; exponent 0 makes all items equal. Sum 1."""
    weights: Numbers = np.arange(1, items + 1, dtype=np.float64) ** -exponent
    weights /= weights.sum()
    return weights[shuffled(rng, items)]


def shuffled(rng: np.random.Generator, items: int) -> Counts:
    """The numbers 0 .. items-1 in random order."""
    return np.argsort(rng.random(items), kind="stable")


def chosen(rng: np.random.Generator, items: int, share: float) -> Flags:
    """A random set of exactly round(share x items) items."""
    flags = np.zeros(items, dtype=np.bool_)
    flags[shuffled(rng, items)[: round(share * items)]] = True
    return flags


def spread(rng: np.random.Generator, total: int, items: int) -> Counts:
    """Whole numbers that sum to `total` and differ by at most one, the larger ones at random places."""
    parts = np.full(items, total // items, dtype=np.int64)
    parts[shuffled(rng, items)[: total % items]] += 1
    return parts


def distinct(rng: np.random.Generator, rows: int, per_row: int, weights: Numbers) -> Codes:
    """Draw `per_row` different items for each row, one after another, each with probability proportional to the weights of those left.

    Parameters
    ----------
    rows, per_row
        How many lists, and how long each is; at most as long as there are items.
    weights
        Positive, one per item.

    Returns
    -------
    int32, rows x per_row, in the order in which they were drawn.

    Notes
    -----
    Rejection: an item that stands earlier in its row is drawn anew until it does not. An earlier item never disappears from its row again (only doubles
    are replaced), so what stays at a place is its first draw that is not among the final items before it: sequential drawing without replacement, exactly.
    Expected O(rows x per_row x log items) while the lists are short against the items; else keys (Efraimidis and Spirakis 2006), O(rows x items).
    """
    items = len(weights)
    if per_row * DENSE > items or np.sort(weights)[: items - per_row].sum() < RARE * weights.sum():
        return _by_keys(rng, rows, per_row, weights)
    cumulative = np.cumsum(weights)
    drawn: Codes = _independent(rng, (rows, per_row), cumulative)
    suspects = np.arange(rows)
    while len(suspects):
        ordered = np.sort(drawn[suspects], axis=1)
        suspects = suspects[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
        doubles = _doubles(drawn[suspects])
        again = drawn[suspects]
        again[doubles] = _independent(rng, (int(doubles.sum()),), cumulative)
        drawn[suspects] = again
    return drawn


def _independent(rng: np.random.Generator, shape: tuple[int, ...], cumulative: Numbers) -> Codes:
    """Draws with replacement, by inversion."""
    found = np.searchsorted(cumulative, rng.random(shape) * cumulative[-1], side="right")
    drawn: Codes = np.minimum(found, len(cumulative) - 1).astype(np.int32)
    return drawn


def _doubles(drawn: Codes) -> Flags:
    """Where a row holds an item that stands earlier in the row."""
    order = np.argsort(drawn, axis=1, kind="stable")
    ordered = np.take_along_axis(drawn, order, axis=1)
    later = np.zeros(drawn.shape, dtype=np.bool_)
    later[:, 1:] = ordered[:, 1:] == ordered[:, :-1]
    doubles = np.zeros(drawn.shape, dtype=np.bool_)
    np.put_along_axis(doubles, order, later, axis=1)
    return doubles


def _by_keys(rng: np.random.Generator, rows: int, per_row: int, weights: Numbers) -> Codes:
    """The items with the smallest exponential keys: the order of arrival of independent clocks with the weights as rates."""
    step = max(1, BLOCK // len(weights))
    parts = [np.empty((0, per_row), dtype=np.int32)]
    for start in range(0, rows, step):
        keys = -np.log1p(-rng.random((min(step, rows - start), len(weights)))) / weights
        parts.append(np.argsort(keys, axis=1, kind="stable")[:, :per_row].astype(np.int32))
    return np.concatenate(parts)
