"""The tables of the result folder besides the matches: placements with their fill and price, quotas with their activity and price."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from matcher.report.figures import Figures
from matcher.result import Proof


def placements_table(figures: Figures) -> pd.DataFrame:
    """One row per placement and period: what was offered, what could be used and what limits it, what is filled, and the price of a seat."""
    fill = figures.measures.fill
    rows = pd.MultiIndex.from_arrays([fill["placement_id"], fill["period_id"].fillna("")])
    return fill.assign(price=price_texts(figures.result.proof, "seat").reindex(rows).to_numpy())


def quotas_table(figures: Figures) -> pd.DataFrame:
    """One row per quota in force: how many count in it, its bounds, how far it is missed, and its price."""
    quotas = figures.measures.quotas
    rows = pd.MultiIndex.from_arrays([quotas["quota_id"], [""] * len(quotas)])
    return quotas.assign(price=price_texts(figures.result.proof, "quota").reindex(rows).to_numpy())


def price_texts(proof: Proof | None, kind: str) -> pd.Series[str]:
    """Prices of the rows of a kind by (id, period), as `rank=2; travel=10`: tiers without a price are left out, and rows without one are absent."""
    if proof is None:
        return pd.Series([], index=pd.MultiIndex.from_arrays([[], []]), dtype="str")
    rows = np.flatnonzero((np.asarray(proof.kind, dtype=object) == kind) & np.asarray(proof.prices).any(axis=1))
    distinct, which = np.unique(np.asarray(proof.prices)[rows], axis=0, return_inverse=True)
    words = np.array([_price_text(price, proof.tiers, proof.denominator) for price in distinct.tolist()], dtype=object)
    index = pd.MultiIndex.from_arrays([np.asarray(proof.id, dtype=object)[rows], np.asarray(proof.period, dtype=object)[rows]])
    return pd.Series(words[which.ravel()], index=index, dtype="str")


def _price_text(price: Sequence[int], tiers: Sequence[str], denominator: int) -> str:
    over = "" if denominator == 1 else f"/{denominator}"
    return "; ".join(f"{tier}={amount}{over}" for tier, amount in zip(tiers, price, strict=True) if amount)
