"""Weak duality for the assignment of staff: what none can beat, from a price for each member alone (docs/rules.md, section "Staff").

For any prices y, the cost (-served, balance) of every assignment of a kind is, compared like words in a dictionary, at least

    sum over pairs of lexmin(0, (-1, 0) + y_m over the members m who may take it)  +  sum over members of the least of (0, fill_m(x)) - y_m x, 0 <= x <= c_m

because a price is added once for each pair of its member and taken off again. The sums are exact: Python's whole numbers.
"""

from __future__ import annotations

import numpy as np

from matcher.staff.check_rules import RULES, Book
from matcher.staff.result import StaffProof

BLOCK = 1024
"""So many classes are looked at together."""

Pair = tuple[int, int]


def least_cost(book: Book, kind: int, proof: StaffProof) -> tuple[int, int, int] | None:
    """The bound as a tuple and its denominator; None where the proof names a member twice or one that does not exist."""
    at = book.member.get_indexer(np.asarray(proof.staff, dtype=object))
    if (at < 0).any() or len(set(at.tolist())) != len(at) or proof.prices.shape != (len(at), 2) or proof.denominator < 1:
        return None
    price = np.zeros((len(book.member), 2), dtype=np.int64)
    price[at] = proof.prices
    members = np.flatnonzero(book.kind == kind)
    members = members[np.lexsort((price[members, 1], price[members, 0]))]
    held = np.zeros(len(members) + 1, dtype=np.int64)  # pairs whose cheapest member it is; the last are those of nobody
    reach = np.zeros(len(members), dtype=np.int64)
    tables = [book.tables[rule][members] for rule in RULES]
    for start in range(0, len(book.size), BLOCK):
        code, size = book.code[start : start + BLOCK], book.size[start : start + BLOCK]
        may = np.logical_and.reduce([table[:, code[:, at]] for at, table in enumerate(tables)])
        reach += (may.astype(np.float64) @ size).astype(np.int64)  # whole numbers below 2**53, and many times as fast
        first = np.where(may.any(axis=0), may.argmax(axis=0), len(members))
        np.add.at(held, first, size)
    whole = proof.denominator
    total = (0, 0)
    for m, pairs, most in zip(members.tolist(), held[:-1].tolist(), np.minimum(book.most[members], reach).tolist(), strict=True):
        y = (int(price[m, 0]), int(price[m, 1]))
        paid = min((0, 0), (y[0] - whole, y[1]))
        slots = _slots(y, int(book.most[m]), most, whole)
        total = (total[0] + pairs * paid[0] + slots[0], total[1] + pairs * paid[1] + slots[1])
    return (*total, whole)


def _slots(y: Pair, capacity: int, most: int, whole: int) -> Pair:
    """The least of (0, fill(x)) - y x over x from 0 to `most`: the slots whose own part is below zero, for their parts rise."""
    if y[0] < 0 or not most:
        return (0, 0)
    fill = 100 * np.arange(1, most + 1) // capacity
    count = most if y[0] > 0 else int(np.searchsorted(fill, -(-y[1] // whole), side="left"))
    return -y[0] * count, whole * int(fill[:count].sum()) - y[1] * count
