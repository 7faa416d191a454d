"""The sections about what was asked and proven: goals with their bounds, rules, quotas, pins, and what an impossible round contradicts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from matcher.report.blocks import Section, Table
from matcher.report.figures import Figures, Quota
from matcher.report.outcome import standings
from matcher.report.proofs import conflicting
from matcher.report.texts import DASH, Texts
from matcher.result import Cases, Outcome, Result
from matcher.round import Round
from matcher.settings import LARGER_IS_BETTER, PROFILES

KINDS = ("quota", "path", "pool", "reserve", "moves", "team", "seat", "span", "overlap")
"""The kinds of rows in the order in which a contradiction names them: what somebody decided first."""

SHOWN_ROWS = 200


def goals(round_: Round, result: Result, texts: Texts) -> Section:
    """Value, bound and gap of every tier, and how a profile is compared."""
    rows = [
        (
            texts.tier(tier.label),
            texts.say("goals.more" if tier.name in LARGER_IS_BETTER else "goals.profile" if isinstance(tier.value, tuple) else "goals.less"),
            texts.worth(tier.value),
            texts.say("goals.none") if tier.bound is None else texts.worth(tier.bound),
            texts.gap(tier),
            texts.say(f"goals.{standing}"),
        )
        for tier, standing in zip(result.tiers, standings(result.tiers), strict=True)
    ]
    measure = round_.settings.rank_measure
    words = [
        texts.say("goals.lead"),
        *([texts.say("goals.cases")] if isinstance(result.proof, Cases) else []),
        *([texts.say(f"goals.measure.{measure}")] if measure in PROFILES and any(tier.label != tier.name for tier in result.tiers) else []),
    ]
    head = [texts.say(f"goals.{name}") for name in ("goal", "better", "value", "bound", "gap", "proof")]
    table = Table(texts.say("goals.caption"), head, rows, numeric=frozenset({2, 3, 4}))
    return Section("goals", texts.say("goals.title"), words, tables=[table])


def conflict(figures: Figures, texts: Texts) -> Section | None:
    """The bounds that the proof of an impossible round leans on; None without such a proof."""
    proof = figures.result.proof
    if proof is None or figures.result.outcome != Outcome.INFEASIBLE:
        return None
    used = sorted(conflicting(proof), key=lambda row: (KINDS.index(row[0]) if row[0] in KINDS else len(KINDS), *row[1:3]))
    rows: list[tuple[str, ...]] = [
        (name or DASH, texts.label("kind", kind), _asked(figures, kind, name, part, side, texts), part) for kind, name, part, side in used
    ]
    alone = figures.rows.out_of_reach() if not rows else []
    for kind, name, bound, reach in alone:
        told = texts.say("conflict.reach", bounds=limits_in_words(bound.least, bound.most, texts), reach=reach)
        rows.append((name or DASH, texts.label("kind", kind), told, ""))
    head = [texts.say(f"conflict.{name}") for name in ("id", "kind", "bound", "part")]
    if not any(part for *_, part in rows):
        head, rows = head[:-1], [row[:-1] for row in rows]
    more = texts.say("more_rows", count=len(rows) - SHOWN_ROWS) if len(rows) > SHOWN_ROWS else ""
    leaves = len(proof.denominator) if isinstance(proof, Cases) else 1
    words = [texts.say("conflict.cases", count=leaves)] if leaves > 1 else []
    words += [texts.say("conflict.alone")] if alone else []
    tables = [Table(texts.say("conflict.caption"), head, rows[:SHOWN_ROWS], more=more)] if rows else []
    return Section("conflict", texts.say("conflict.title"), words or [texts.say("conflict.pins")] * (not rows), tables=tables)


def _asked(figures: Figures, kind: str, name: str, part: str, side: int, texts: Texts) -> str:
    """What a row asks for, in words: the side that the proof leans on (1 the most, -1 the least, 0 both)."""
    bound = figures.rows.bound(kind, name, part)
    if bound is None:
        return ""
    if bound.least == bound.most == 0 and kind != "seat":
        return texts.say("conflict.equal" if kind in {"team", "span"} else "conflict.nothing")
    if bound.closed_below and side <= 0:
        return texts.say("conflict.or_nobody", min=bound.closed_below)
    if side > 0 and bound.most is not None:
        return texts.say("quotas.most", max=bound.most)
    return texts.say("quotas.least", min=bound.least) if side < 0 else limits_in_words(bound.least, bound.most, texts)


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
            price_in_words(quota.price, figures.result, texts),
            quota.source,
        )
        for quota in quotas[:SHOWN_ROWS]
    ]
    head = [texts.say(f"quotas.{name}") for name in ("quota", "activity", "bounds", "strength", "state", "price", "source")]
    notes = [texts.say("more_rows", count=len(quotas) - SHOWN_ROWS)] if len(quotas) > SHOWN_ROWS else []
    notes += [texts.say("quotas.group_note")] if any(quota.grouped for quota in quotas) else []
    notes += [texts.say("quotas.open_note")] if not all(tier.proven for tier in figures.result.tiers) else []
    return Table(texts.say("quotas.caption"), head, rows, frozenset({1}), more=" ".join(notes))


def bounds_in_words(quota: Quota, texts: Texts) -> str:
    """The minimum and maximum that there are, and for how many groups."""
    if quota.path:
        return texts.say("quotas.path", max=quota.most)
    words = limits_in_words(quota.least, quota.most, texts)
    return texts.say("quotas.each", bounds=words, count=quota.rows) if quota.grouped else words


def limits_in_words(least: int, most: int | None, texts: Texts) -> str:
    """A minimum and a maximum; 0 and None are none."""
    if least and most is not None:
        return texts.say("quotas.exactly" if least == most else "quotas.between", min=least, max=most)
    if least:
        return texts.say("quotas.least", min=least)
    return texts.say("quotas.free") if most is None else texts.say("quotas.most", max=most)


def state_in_words(quota: Quota, texts: Texts) -> str:
    """Whether a quota is met, and whether it binds; of one with groups, in how many."""
    if quota.grouped and quota.missed:
        return texts.say("quotas.short_groups", count=quota.violation, groups=quota.missed)
    if quota.violation:
        return texts.say("quotas.short", count=quota.violation)
    if quota.grouped and quota.tight:
        return texts.say("quotas.tight_groups", count=quota.tight)
    return texts.say("quotas.tight" if quota.tight else "quotas.kept")


def price_in_words(price: Sequence[Fraction], result: Result, texts: Texts) -> str:
    """What one more unit of room could bring at most, by the first tier that has a price: by weak duality it cannot bring more.

    Values are whole, so a fraction is rounded up: value and bound of a proven tier lie less than 1 above the sum of the prices, and the gain less than 1 above
    the price.
    """
    if result.proof is None:
        return ""
    for tier, amount in zip(result.proof.tiers, price, strict=True):
        if amount:
            return texts.say("quotas.worth", amount=math.ceil(abs(amount)), goal=texts.tier(tier))
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
