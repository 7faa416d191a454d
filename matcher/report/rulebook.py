"""The sections about what was asked and proven: goals with their bounds, rules, quotas, pins, and what an impossible round contradicts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matcher.report.blocks import Section, Table
from matcher.report.figures import Figures, Quota
from matcher.report.texts import Texts
from matcher.result import Outcome, Result
from matcher.round import Round
from matcher.settings import PROFILES

SHOWN_ROWS = 200


def goals(round_: Round, result: Result, texts: Texts) -> Section:
    """Value and bound of every tier, and how a profile is compared."""
    rows = [
        (
            texts.tier(tier.label),
            texts.worth(tier.value),
            texts.say("goals.none") if tier.bound is None else texts.worth(tier.bound),
            texts.say("goals.proven" if tier.proven else "goals.open"),
        )
        for tier in result.tiers
    ]
    measure = round_.settings.rank_measure
    words = [
        texts.say("goals.lead"),
        *([texts.say(f"goals.measure.{measure}")] if measure in PROFILES and any(tier.label != tier.name for tier in result.tiers) else []),
    ]
    head = [texts.say(f"goals.{name}") for name in ("goal", "value", "bound", "proof")]
    table = Table(texts.say("goals.caption"), head, rows, numeric=frozenset({1, 2}))
    return Section("goals", texts.say("goals.title"), words, tables=[table])


def conflict(figures: Figures, texts: Texts) -> Section | None:
    """The bounds that the proof of an impossible round leans on; None without such a proof."""
    proof = figures.result.proof
    if proof is None or figures.result.outcome != Outcome.INFEASIBLE:
        return None
    prices = np.asarray(proof.prices).sum(axis=1)
    used = np.flatnonzero(prices)
    bounds = figures.bounds
    rows: list[tuple[str, ...]] = []
    for i in used[:SHOWN_ROWS]:
        key = (str(proof.kind[i]), str(proof.id[i]), str(proof.period[i]))
        least, most = bounds.get(key, (0, None))
        words = texts.say("quotas.least", min=least) if prices[i] < 0 else texts.say("quotas.free" if most is None else "quotas.most", max=most)
        rows.append((key[1], texts.label("kind", key[0]), words, key[2]))
    head = [texts.say(f"conflict.{name}") for name in ("id", "kind", "bound", "period")]
    if not any(period for *_, period in rows):
        head, rows = head[:-1], [row[:-1] for row in rows]
    more = texts.say("more_rows", count=len(used) - SHOWN_ROWS) if len(used) > SHOWN_ROWS else ""
    return Section("conflict", texts.say("conflict.title"), tables=[Table(texts.say("conflict.caption"), head, rows, more=more)])


def rules(figures: Figures, texts: Texts) -> Section | None:
    """What each rule removed, the quotas with their prices, and the pins; None where there is nothing to say."""
    result = figures.result
    words = [texts.say("rules.lead", candidates=result.candidate_pairs, eligible=result.eligible_pairs)] if result.candidate_pairs else []
    tables = [_removed(result, texts)] if result.rule_counts else []
    if result.outcome == Outcome.SOLVED and figures.quotas:
        tables.append(_quotas(figures, texts))
    if figures.round.has("pins"):
        tables.append(_pins(figures.round, texts))
    return Section("rules", texts.say("rules.title"), words, tables=tables) if words or tables else None


def _removed(result: Result, texts: Texts) -> Table:
    counts = sorted(result.rule_counts, key=lambda count: (-count.removed, count.rule))
    rows = [
        (
            texts.label("rule", count.rule),
            texts.label("strength", count.strength),
            texts.number(count.removed),
            texts.number(count.only),
            texts.number(count.unknown),
        )
        for count in counts
    ]
    head = [texts.say(f"rules.{name}") for name in ("rule", "strength", "removed", "only", "unknown")]
    return Table(texts.say("rules.caption"), head, rows, frozenset({2, 3, 4}), more=texts.say("rules.note"))


def _quotas(figures: Figures, texts: Texts) -> Table:
    quotas = figures.quotas
    rows = [
        (
            quota.id,
            texts.number(quota.activity),
            bounds_in_words(quota, texts),
            texts.say("strength.hard" if quota.hard else "strength.soft"),
            state_in_words(quota, texts),
            price,
            quota.source,
        )
        for quota, price in zip(quotas[:SHOWN_ROWS], quota_prices(figures.result, quotas[:SHOWN_ROWS], texts), strict=True)
    ]
    head = [texts.say(f"quotas.{name}") for name in ("quota", "activity", "bounds", "strength", "state", "price", "source")]
    more = texts.say("more_rows", count=len(quotas) - SHOWN_ROWS) if len(quotas) > SHOWN_ROWS else ""
    return Table(texts.say("quotas.caption"), head, rows, frozenset({1}), more=more)


def quota_prices(result: Result, quotas: Sequence[Quota], texts: Texts) -> list[str]:
    """The price of each quota in words."""
    proof = result.proof
    if proof is None:
        return [""] * len(quotas)
    rows = np.flatnonzero(np.asarray(proof.kind, dtype=object) == "quota")
    prices = {str(proof.id[i]): [int(price) for price in proof.prices[i]] for i in rows}
    return [price_in_words(prices.get(quota.id, ()), proof.tiers, proof.denominator, texts) for quota in quotas]


def bounds_in_words(quota: Quota, texts: Texts) -> str:
    """The minimum and maximum that there are."""
    if quota.least and quota.most is not None:
        return texts.say("quotas.between", min=quota.least, max=quota.most)
    if quota.least:
        return texts.say("quotas.least", min=quota.least)
    return texts.say("quotas.free") if quota.most is None else texts.say("quotas.most", max=quota.most)


def state_in_words(quota: Quota, texts: Texts) -> str:
    """Whether a quota is met, and whether it binds."""
    if quota.violation:
        return texts.say("quotas.short", count=quota.violation)
    at_bound = quota.activity == quota.most or (quota.activity == quota.least and quota.least > 0)
    return texts.say("quotas.tight" if at_bound else "quotas.kept")


def price_in_words(price: Sequence[int], tiers: Sequence[str], denominator: int, texts: Texts) -> str:
    """What one more unit of room could bring at most, by the first tier that has a price: by weak duality it cannot bring more."""
    for tier, amount in zip(tiers, price, strict=False):
        if amount:
            return texts.say("quotas.worth", amount=abs(amount) / denominator, goal=texts.tier(tier))
    return texts.say("quotas.nothing")


def _pins(round_: Round, texts: Texts) -> Table:
    pins = round_.table("pins").sort_values(["kind", "student_id", "placement_id"], kind="stable", ascending=[False, True, True])
    shown = (
        pins.reindex(columns=["student_id", "placement_id", "kind", "reason", "by"])
        .head(SHOWN_ROWS)
        .assign(kind=lambda p: [texts.label("pin", k) for k in p["kind"]])
    )
    rows = [[texts.write(cell) for cell in row] for row in shown.to_numpy(dtype=object).tolist()]
    head = [texts.say(f"pins.{name}") for name in ("student", "placement", "kind", "reason", "by")]
    more = texts.say("more_rows", count=len(pins) - SHOWN_ROWS) if len(pins) > SHOWN_ROWS else ""
    return Table(texts.say("pins.caption"), head, rows, more=more)
