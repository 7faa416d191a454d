"""Edges of the forest: their numbers, their gain, and the rows in which a slot keeps its own."""

from __future__ import annotations

from typing import Any

from matcher.solvers.forest.compiled import bare, piece
from matcher.solvers.forest.state import Graph, Matching, Sizes


@bare
def demand_of(first: Sizes, j: Any) -> Any:
    """The demand of entry j. O(log demands)."""
    low, high = 0, len(first) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if first[middle] <= j:
            low = middle
        else:
            high = middle
    return low


@piece
def entry_of(e: Any, g: Graph) -> Any:
    """Where in its demand's list a pair stands that has no place in a row."""
    return g.first[(e >> g.log) - g.slots] + (e & (g.width - 1)) if e < g.tails else e - g.tails


@piece
def edge_of(j: Any, d: Any, g: Graph) -> Any:
    """The number of entry j of demand d that has no place in a row."""
    i = j - g.first[d]
    return g.lists + d * g.width + i if i < g.width else g.tails + j


@piece
def phi(stored: Any, level: Any) -> Any:
    """The potential behind a stored value."""
    return (stored >> 1) + (-(stored & 1) & level)


@bare
def gate(code: Any, g: Graph, m: Matching) -> Any:
    """Gate edge `code` (node v upwards, nodes + v downwards): the node it starts in, the one it leads to, its gain, and whether a unit can go that way."""
    if code < g.nodes:
        there = m.cur[code] < g.gate_first[code + 1]
        return code, g.parent[code], g.gate_slope[m.cur[code]] if there else 0, there
    v = code - g.nodes
    if m.used[v] > 0:
        return g.parent[v], v, -g.gate_slope[m.cur[v]], True
    there = m.cur[v] > g.gate_first[v]
    return g.parent[v], v, -g.gate_slope[m.cur[v] - 1] if there else 0, there


@piece
def hold(s: Any, d: Any, i: Any, g: Graph, m: Matching) -> None:
    """Demand d takes slot s with its i-th entry."""
    m.holder[s], m.chosen[s] = d, i
    if g.long:
        m.seat[d] = s


@piece
def hold_anew(s: Any, d: Any, i: Any, g: Graph, m: Matching) -> None:
    """The same, with a row made from the demand's own list."""
    hold(s, d, i, g, m)
    write_row(s * g.width, g.width, g.first[d], g.first[d + 1], i, g.entry, m.rows, g.mask, g.pad)


@bare
def write_row(at: Any, width: Any, a: Any, z: Any, own: Any, entry: Sizes, rows: Sizes, mask: Any, pad: Any) -> None:
    """The row of a demand with entries a..z-1, relative to the one it holds, which is marked as listed for good."""
    held = entry[a + own] & ~mask
    n = min(z - a, width)
    for i in range(n):
        rows[at + i] = (entry[a + i] & ~1) - held
    for i in range(n, width):
        rows[at + i] = pad
    if own < n:
        rows[at + own] |= 1


@bare
def move_row(at: Any, old: Any, i: Any, width: Any, rows: Sizes, mask: Any, pad: Any) -> None:
    """The same demand's row for its i-th entry, made from an old one: that lies at hand, where the demand's own entries do not."""
    held = rows[old + i] & ~mask
    for k in range(width):
        w = rows[old + k]
        rows[at + k] = w if w == pad else (w & ~1) - held
    rows[at + i] |= 1
