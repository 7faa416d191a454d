"""The prices of a proof, laid beside the rows of the round (docs/proof.md), and what may be wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matcher.result import Proof
from matcher.verifier.cases import find_rows
from matcher.verifier.codes import Ints
from matcher.verifier.families import Family
from matcher.verifier.violations import Findings


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """The rows of a family that a proof prices: their sorted keys, and R x K prices, a tuple over the tiers for each."""

    family: Family
    key: Ints
    price: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """The priced rows of every family of a round, also of those without any, all over one denominator."""

    rows: tuple[Priced, ...]
    denominator: int


def read_prices(proof: Proof, tiers: tuple[str, ...], families: Mapping[str, tuple[Family, ...]], findings: Findings) -> Prices | None:
    """The prices of a proof over the given tiers; None, with every reason among the findings, where they cannot be used. O(R K) but for a sort."""
    before = len(findings)
    names = [np.asarray(part) for part in (proof.kind, proof.id, proof.period)]
    prices = np.asarray(proof.prices)
    if tuple(proof.tiers) != tiers:
        findings.add("proof_tiers", given=", ".join(map(str, proof.tiers)), expected=", ".join(tiers))
    if not _is_denominator(proof.denominator):
        findings.add("proof_denominator", value=str(proof.denominator))
    if prices.dtype.kind not in "iu" or (prices.size and int(prices.max()) > np.iinfo(np.int64).max):
        findings.add("proof_not_whole", dtype=str(prices.dtype))
    if any(part.ndim != 1 or part.dtype.kind not in "UOT" for part in names):
        findings.add("proof_names")
        return None
    shape = (len(names[0]), len(tiers))
    if prices.shape != shape or len({len(part) for part in names}) > 1:
        findings.add("proof_shape", given=" x ".join(map(str, prices.shape)), expected=" x ".join(map(str, shape)))
        return None
    named = find_rows(names, families, findings)
    if len(findings) > before:
        return None
    order = np.lexsort((named.key, named.family))
    key, price = named.key[order], prices[order].astype(np.int64)
    every = [family for group in families.values() for family in group]
    first = np.searchsorted(named.family[order], np.arange(len(every) + 1))
    return Prices(tuple(Priced(family, key[a:b], price[a:b]) for family, a, b in zip(every, first[:-1], first[1:], strict=True)), int(proof.denominator))


def _is_denominator(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) >= 1
