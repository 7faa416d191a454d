"""A proof by cases as trees that can be walked: its shape checked, its rows found by their names (docs/proof.md, "Proofs by cases").

Nothing in a proof is trusted: whatever is malformed becomes a violation, and what is well formed can only prove what is true.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.result import Cases
from matcher.verifier.codes import Ints
from matcher.verifier.families import Family
from matcher.verifier.violations import Findings

LEAF = -1
"""The row of a node that is not split."""

NOWHERE = 1 << 62
"""Larger than anything that a row can count: where a split asks for more, it asks for this."""

_TREE = ("node_tier", "node_row", "node_value")
_PRICES = ("price_leaf", "price_row", "price")


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """The rows that a proof names: the family of each (a position among all families) and its key there."""

    family: Ints
    key: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """The cases of every tier.

    Attributes
    ----------
    named
        The rows that occur, R.
    node_row, node_value, parent, low
        Of the nodes, N, in preorder: the named row that is split (LEAF: none), at which number, the node above (-1: none), and whether the node is the case
        of counting at most that number.
    leaf, tier
        Of the leaves, L: the node, and the tier that the leaf bounds.
    denominator, multipliers
        Of the leaves, L and L x K.
    price_first, price_row, price
        The prices of leaf l stand from `price_first[l]` to `price_first[l + 1]`.
    """

    named: Named
    node_row: Ints
    node_value: Ints
    parent: Ints
    low: npt.NDArray[np.bool_]
    leaf: Ints
    tier: Ints
    denominator: Ints
    multipliers: Ints
    price_first: Ints
    price_row: Ints
    price: Ints

    def splits(self, leaf: int) -> list[tuple[int, int, int]]:
        """The splits above a leaf: the named row, and the least and the largest number it may count. O(depth)."""
        found = []
        node = int(self.leaf[leaf])
        while (above := int(self.parent[node])) >= 0:
            row, value = int(self.node_row[above]), int(self.node_value[above])
            found.append((row, -NOWHERE, max(value, -NOWHERE)) if self.low[node] else (row, min(value + 1, NOWHERE), NOWHERE))
            node = above
        return found

    def priced(self, leaf: int) -> slice:
        """Where the prices of a leaf stand."""
        return slice(int(self.price_first[leaf]), int(self.price_first[leaf + 1]))


def read_cases(proof: Cases, tiers: tuple[str, ...], families: Mapping[str, tuple[Family, ...]], findings: Findings) -> Trees | None:
    """The trees of a proof over the given tiers; None, with every reason among the findings, where they cannot be used. O(nodes + prices) but for a sort."""
    before = len(findings)
    if tuple(map(str, proof.tiers)) != tiers:
        findings.add("proof_tiers", given=", ".join(map(str, proof.tiers)), expected=", ".join(tiers))
    names = [np.asarray(part) for part in (proof.kind, proof.id, proof.part)]
    if any(part.ndim != 1 or part.dtype.kind not in "UOT" for part in names):
        findings.add("proof_names")
    numbers = {name: _whole(getattr(proof, name), findings) for name in (*_TREE, "denominator", "multipliers", *_PRICES)}
    if len(findings) > before:
        return None
    _check_shapes(names, numbers, len(tiers), findings)
    if len(findings) > before:
        return None
    named = find_rows(names, families, findings)
    trees = _grown(named, numbers, len(tiers), findings)
    return trees if len(findings) == before else None


def _whole(values: object, findings: Findings) -> Ints:
    """An array of whole numbers that fit 64 bits; an empty one may have any dtype."""
    array = np.asarray(values)
    if array.size == 0:
        return array.astype(np.int64) if array.dtype.kind in "iuf" else np.zeros(array.shape, dtype=np.int64)
    if array.dtype.kind not in "iu" or int(array.max()) > np.iinfo(np.int64).max:
        findings.add("proof_not_whole", dtype=str(array.dtype))
        return np.zeros(0, dtype=np.int64)
    return array.astype(np.int64)


def _check_shapes(names: list[npt.NDArray[Any]], numbers: Mapping[str, Ints], tiers: int, findings: Findings) -> None:
    """All arrays that run in step are equally long, and every number that points somewhere points at something."""
    leaves = len(np.atleast_1d(numbers["denominator"]))
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(("kind", "id", "part"), names[0].shape)
    shapes |= dict.fromkeys(_TREE, (numbers["node_tier"].size,)) | dict.fromkeys(_PRICES, (numbers["price"].size,))
    shapes |= {"denominator": (leaves,), "multipliers": (leaves, tiers)}
    given = dict(zip(("kind", "id", "part"), (part.shape for part in names), strict=True)) | {name: array.shape for name, array in numbers.items()}
    wrong = [name for name, shape in shapes.items() if given[name] != shape]
    for name in wrong:
        findings.add("cases_shape", array=name, given=_size(given[name]), expected=_size(shapes[name]))
    if wrong:
        return
    limits = {"node_tier": (0, tiers), "node_row": (LEAF, len(names[0])), "price_leaf": (0, leaves), "price_row": (0, len(names[0]))}
    for name, (low, high) in limits.items():
        outside = np.flatnonzero((numbers[name] < low) | (numbers[name] >= high))
        if len(outside):
            findings.add("cases_pointer", array=name, value=int(numbers[name][outside[0]]), least=low, most=high - 1)


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def find_rows(names: list[npt.NDArray[Any]], families: Mapping[str, tuple[Family, ...]], findings: Findings) -> Named:
    """The family and key of each name; a kind may have several families, of which the first that knows the name counts."""
    kind, name, part = (pd.Series(values.astype(object), dtype="str").fillna("") for values in names)
    family = np.full(len(kind), -1, dtype=np.int64)
    key = np.full(len(kind), -1, dtype=np.int64)
    number = 0
    for word, group in families.items():
        of_kind = (kind == word).to_numpy(dtype=bool)
        for one in group:
            here = np.flatnonzero(of_kind & (family < 0))
            if len(here):
                found = one.find(name.iloc[here].reset_index(drop=True), part.iloc[here].reset_index(drop=True))
                key[here] = found
                family[here] = np.where(found >= 0, number, -1)
            number += 1
    twice = pd.DataFrame({"family": family, "key": key}).duplicated().to_numpy() & (family >= 0)
    for code, wrong in (("proof_row_unknown", family < 0), ("proof_row_twice", twice)):
        for at in np.flatnonzero(wrong):
            findings.add(code, kind=kind[at], id=name[at], period=part[at])
    return Named(family, key)


def _grown(named: Named, numbers: Mapping[str, Ints], tiers: int, findings: Findings) -> Trees | None:
    """The nodes with what stands above them; None, with a violation, unless they are one whole tree per tier, the tiers rising."""
    tier, row = numbers["node_tier"].tolist(), numbers["node_row"].tolist()
    parent = np.full(len(row), -1, dtype=np.int64)
    low = np.zeros(len(row), dtype=bool)
    waiting: list[int] = []  # the splits whose next case is to come, each as often as cases are missing
    last = -1
    for node, split in enumerate(row):
        if waiting:
            above = waiting.pop()
            parent[node], low[node] = above, bool(waiting) and waiting[-1] == above
            if tier[node] != tier[above]:
                findings.add("cases_tree", node=node)
                return None
        elif tier[node] <= last:
            findings.add("cases_order", node=node)
            return None
        else:
            last = tier[node]
        if split != LEAF:
            waiting += [node, node]
    leaf = np.flatnonzero(numbers["node_row"] == LEAF)
    if waiting or len(leaf) != len(numbers["denominator"]):
        findings.add("cases_leaves", leaves=len(leaf), missing=len(waiting), given=len(numbers["denominator"]))
        return None
    leaf_tier = numbers["node_tier"][leaf]
    _check_leaves(numbers, leaf_tier, tiers, findings)
    order = np.lexsort((numbers["price_row"], numbers["price_leaf"]))
    price_leaf, price_row = numbers["price_leaf"][order], numbers["price_row"][order]
    for at in np.flatnonzero((np.diff(price_leaf) == 0) & (np.diff(price_row) == 0))[:1]:
        findings.add("cases_price_twice", leaf=int(price_leaf[at]), row=int(price_row[at]))
    first = np.searchsorted(price_leaf, np.arange(len(leaf) + 1))
    shared = (numbers["denominator"], numbers["multipliers"], first, price_row, numbers["price"][order])
    return Trees(named, numbers["node_row"], numbers["node_value"], parent, low, leaf, leaf_tier, *shared)


def _check_leaves(numbers: Mapping[str, Ints], leaf_tier: Ints, tiers: int, findings: Findings) -> None:
    """Denominators are at least 1, and no leaf multiplies its own tier or one behind it."""
    for at in np.flatnonzero(numbers["denominator"] < 1)[:1]:
        findings.add("proof_denominator", value=str(numbers["denominator"][at]))
    late = (numbers["multipliers"] != 0) & (np.arange(tiers) >= leaf_tier[:, None])
    for at in np.flatnonzero(late.any(axis=1))[:1]:
        findings.add("cases_multiplier", leaf=int(at))
