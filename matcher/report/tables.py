"""The tables of the result folder besides the matches: placements with their fill and price, quotas with their activity and price."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pandas as pd

from matcher.report.figures import Figures
from matcher.report.proofs import row_prices
from matcher.result import Cases, Proof


def placements_table(figures: Figures) -> pd.DataFrame:
    """One row per placement and period: what was offered, what could be used and what limits it, what is filled, and the price of a seat."""
    fill = figures.measures.fill
    rows = pd.MultiIndex.from_arrays([fill["placement_id"], fill["period_id"].fillna("")])
    return fill.assign(price=price_texts(figures.result.proof, "seat").reindex(rows).to_numpy())


def quotas_table(figures: Figures) -> pd.DataFrame:
    """One row per quota in force, or per group of one: how many count in it, its bounds, how far it is missed, and its price."""
    frame, proof = figures.quota_rows, figures.result.proof
    tiers = proof.tiers if proof is not None else ()
    distinct = {id(price): price for price in frame["price"]}  # most rows have no price, and share the tuple that says so
    words = {own: _price_text([f.numerator for f in price], [f.denominator for f in price], tiers) for own, price in distinct.items()}
    return frame.assign(price=pd.Series([words[id(price)] or None for price in frame["price"]], index=frame.index, dtype="str")).reset_index(drop=True)


def price_texts(proof: Proof | Cases | None, kind: str) -> pd.Series[str]:
    """Prices of the rows of a kind by (id, part), as `rank=2; travel=7/10`: tiers without a price are left out, and rows without one are absent."""
    found = row_prices(proof, kind)
    index = pd.MultiIndex.from_arrays([found.id, found.part])
    if proof is None or not len(found.id):
        return pd.Series([], index=index, dtype="str")
    distinct, which = np.unique(np.hstack([found.price, found.denominator]), axis=0, return_inverse=True)
    words = np.array([_price_text(both[: len(proof.tiers)], both[len(proof.tiers) :], proof.tiers) for both in distinct.tolist()], dtype=object)
    return pd.Series(words[which.ravel()], index=index, dtype="str")


def _price_text(price: Sequence[int], denominator: Sequence[int], tiers: Sequence[str]) -> str:
    """Fractions in their lowest terms."""
    return "; ".join(f"{tier}={Fraction(amount, whole)}" for tier, amount, whole in zip(tiers, price, denominator, strict=True) if amount)
