"""The prices of a proof, laid beside the rows of the round (docs/proof.md), and what may be wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.result import Proof
from matcher.verifier.codes import Ints, encode
from matcher.verifier.rows import Rows
from matcher.verifier.view import View
from matcher.verifier.violations import Findings

_KINDS = ("seat", "pool", "quota")


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """A price tuple over K tiers for each seat, pool and quota, all over one denominator."""

    seat: Ints
    pool: Ints
    quota: Ints
    denominator: int


def read_prices(proof: Proof, tiers: tuple[str, ...], rows: Rows, findings: Findings) -> Prices | None:
    """The prices of a proof over the given tiers; None, with every reason among the findings, where they cannot be used."""
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
    places = _places(names, rows, findings)
    if len(findings) > before:
        return None
    sizes = (len(rows.seat_upper), len(rows.pool_ids), len(rows.quotas.ids))
    spread = np.zeros((sum(sizes), len(tiers)), dtype=np.int64)
    spread[places] = prices.astype(np.int64)
    seat, pool, quota = np.split(spread, np.cumsum(sizes)[:-1])
    return Prices(seat, pool, quota, int(proof.denominator))


def _is_denominator(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) >= 1


def _places(names: list[npt.NDArray[Any]], rows: Rows, findings: Findings) -> Ints:
    """The number of each priced row, seats first, then pools, then quotas; -1, with a violation, where there is no such row."""
    view = rows.view
    kind, name, period = (_texts(values) for values in names)
    place = np.full(len(kind), -1, dtype=np.int64)
    start = 0
    for word, size in zip(_KINDS, (len(rows.seat_upper), len(rows.pool_ids), len(rows.quotas.ids)), strict=True):
        here = (kind == word).to_numpy(dtype=bool)
        found = _find(view, rows, word, name[here], period[here])
        place[here] = np.where(found >= 0, found + start, -1)
        start += size
    unknown = place < 0
    twice = np.zeros(len(place), dtype=bool)
    twice[~unknown] = pd.Series(place[~unknown]).duplicated().to_numpy()
    for code, wrong in (("proof_row_unknown", unknown), ("proof_row_twice", twice)):
        for at in np.flatnonzero(wrong):
            findings.add(code, kind=kind[at], id=name[at], period=period[at])
    return place


def _find(view: View, rows: Rows, kind: str, name: pd.Series, period: pd.Series) -> Ints:
    if kind != "seat":
        found = encode(name, rows.pool_ids if kind == "pool" else rows.quotas.ids)
        return np.where(period == "", found, -1)
    placement, when = encode(name, view.placements), encode(period, view.periods)
    seat = view.seats.number[placement, when] if view.seats.number.size else np.full(len(placement), -1)
    return np.where((placement >= 0) & (when >= 0), seat, -1)


def _texts(values: npt.NDArray[Any]) -> pd.Series:
    return pd.Series(values.astype(object), dtype="str").fillna("")
