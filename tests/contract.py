"""What `matcher.solve` promises, held on random small rounds against the referee: `play(seeds, features)`, for as many seeds as there is time.

`TESTED` names what may be in a round; `SWITCHED_OFF` takes one rule out again, so that `matters` can say whether the rounds try it at all.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import pandas as pd

import matcher
from matcher.errors import InputError, MatcherError
from matcher.result import Outcome, Result
from matcher.round import Round
from tests.brute_force import LARGER, Best, Referee, best
from tests.wider_rounds import WIDER, wider_round

TESTED = (
    *WIDER,
    *("teams", "open_or_closed", "must_open", "crossing_quotas", "soft_quotas", "pools"),
    *("pins", "previous", "periods", "soft_rules", "profile", "mandatory"),
)
"""Features that the suite switches on one by one and in pairs."""

NEEDS = {"crossing_quotas": {"quotas"}}


@dataclass(frozen=True)
class Failure:
    """A broken promise: which round, and what was wrong."""

    seed: int
    features: tuple[str, ...]
    message: str


def drawn(seed: int, features: Iterable[str]) -> Round:
    """The round of a seed with these features; what is not named adds some variety and no structure."""
    on = set(features).union(*(NEEDS.get(feature, set()) for feature in features))
    rng = random.Random(f"{seed} {sorted(on)}")
    on |= {feature for feature in ("ties", "wide_wishes", "hierarchy", "minutes", "unlisted_last", "no") if rng.random() < 0.4}
    return wider_round(rng, on).with_settings(language="en")


def play(seeds: Iterable[int], features: Iterable[str]) -> Iterator[Failure]:
    """All failures among the rounds of these seeds; every third is also verified once more, and solved as it could be written otherwise."""
    features = tuple(features)
    for seed in seeds:
        yield from (Failure(seed, features, message) for message in broken(drawn(seed, features), None if seed % 3 else random.Random(seed)))


def broken(round_: Round, rng: random.Random | None = None) -> list[str]:
    """Every promise that the package breaks on this round; with a source of choices also those about other rounds like it."""
    referee, found = Referee(round_), best(round_)
    before = Round(round_.tables, round_.settings).digest
    try:
        result = matcher.solve(round_, isolate=False)
    except InputError as error:
        sound = referee.sound and (found is not None or not referee.pinned)
        return [f"refused as an input problem: {error}"] if sound else []
    except MatcherError as error:
        return [f"{type(error).__name__}: {error}"]
    if not referee.sound:
        return ["a pin that cannot be kept is no input problem"]
    wrong = list(_against(referee, found, result))
    if Round(round_.tables, round_.settings).digest != before:
        wrong.append("the input was changed")
    if rng is None:
        return wrong
    wrong += _verified(referee, result, round_)
    wrong += _same(result, shuffled(round_, rng), "shuffled rows")
    wrong += _same(result, relabelled(shuffled(round_, rng)), "relabelled ids")
    wrong += _not_worse(referee, result, with_a_seat(round_, rng))
    return wrong


def _against(referee: Referee, found: Best | None, result: Result) -> Iterator[str]:
    """What the referee finds wrong; that the proof holds was verified before the result was handed out."""
    if result.outcome is not (Outcome.SOLVED if found else Outcome.INFEASIBLE):
        yield f"{result.outcome}, the best matching is {found}"
    elif found:
        values, best_values = [(tier.name, tier.value) for tier in result.tiers], list(zip(referee.tiers, found.value, strict=True))
        if values != best_values:
            yield f"solved as {values}, best is {best_values}"
        if not all(tier.proven for tier in result.tiers):
            yield f"not proven: {result.tiers}"


def _verified(referee: Referee, result: Result, round_: Round) -> Iterator[str]:
    verification = matcher.verify(round_, result)
    yield from (f"verifier: {violation.message()}" for violation in verification.violations)
    if not (verification.proven_optimal or verification.infeasible_proven):
        yield f"{result.outcome}, and not proven"
    for tier in verification.tiers if result.outcome is Outcome.SOLVED else ():
        if tier.bound is not None and as_cost(referee, tier.name, tier.bound) > as_cost(referee, tier.name, tier.value):
            yield f"the value {tier.value} of {tier.name} is better than its bound {tier.bound}"


def as_cost(referee: Referee, tier: str, value: object) -> tuple[float, ...]:
    """The value of a tier as numbers to be made small; what is not known of a bound may be anything."""
    numbers = value if isinstance(value, tuple) else (value,)
    larger = tier in LARGER or (isinstance(value, tuple) and not referee.worst_first)
    costs = [-math.inf if number is None else -number if larger else number for number in numbers]
    return tuple(reversed(costs)) if referee.worst_first else tuple(costs)


def _same(result: Result, other: Round, how: str) -> Iterator[str]:
    again = matcher.solve(other, isolate=False)
    values, then = ([(tier.name, tier.value) for tier in each.tiers] for each in (result, again))
    if (result.outcome, values) != (again.outcome, then):
        yield f"{how}: {result.outcome} {values} became {again.outcome} {then}"
    elif how == "shuffled rows" and not result.matches.equals(again.matches):
        yield f"{how}: another matching"


def _not_worse(referee: Referee, result: Result, wider: Round) -> Iterator[str]:
    """One more seat leaves every matching possible, under all kinds of minimums too, and makes `balance` no worse.

    Only a filter on the capacity would find other pairs inside, and a group that the seat gives its first pair (its team fits now) owes its minimum.
    """
    teams = any(row["kind"] == "same_placement" for row in referee.rows.get("teams", []))
    if teams and groups_owe(referee):
        return
    if result.outcome is not Outcome.SOLVED or any("capacity" in str(row.get("placements")) for row in (*referee.quotas, *referee.rows.get("reserves", []))):
        return
    after = matcher.solve(wider, isolate=False)
    if after.outcome is not Outcome.SOLVED:
        yield f"one more seat: {after.outcome}"
        return
    before, then = ([as_cost(referee, tier.name, tier.value) for tier in each.tiers] for each in (result, after))
    # A team that fits now may bring a profile further ranks.
    lengths = [max(map(len, pair)) for pair in zip(before, then, strict=True)]
    before, then = ([_padded(referee, cost, length) for cost, length in zip(each, lengths, strict=True)] for each in (before, then))
    if then > before:
        yield f"one more seat: {before} became {then}"


def _padded(referee: Referee, cost: tuple[float, ...], length: int) -> tuple[float, ...]:
    """A cost of a profile with nobody at further ranks."""
    zeros = (0.0,) * (length - len(cost))
    return (*zeros, *cost) if referee.worst_first else (*cost, *zeros)


def groups_owe(referee: Referee) -> bool:
    """Whether some quota asks a minimum of every group that has a pair, so that what is owed depends on which pairs are possible."""
    return any(row.get("per") and "student" not in row["per"].split("|") and row.get("min") for row in referee.quotas)


# -- the same round, written otherwise ------------------------------------------------------------------------------------------


def _with(round_: Round, **tables: pd.DataFrame | None) -> Round:
    changed = {**round_.tables, **tables}
    return Round({name: table for name, table in changed.items() if table is not None}, round_.settings)


def shuffled(round_: Round, rng: random.Random) -> Round:
    """The rows and columns of every table in another order."""
    tables = {}
    for name, table in round_.tables.items():
        rows, columns = list(range(len(table))), list(table.columns)
        rng.shuffle(rows)
        rng.shuffle(columns)
        tables[name] = table.iloc[rows][columns].set_axis(table.index)
    return _with(round_, **tables)


def relabelled(round_: Round) -> Round:
    """Students and placements under other names, in the opposite order, in filters too."""

    def renamed(cell: object) -> object:
        return re.sub(r"\b([sp])(\d)\b", lambda found: f"{found[1]}{9 - int(found[2])}", cell) if isinstance(cell, str) else cell

    return _with(round_, **{name: table.apply(lambda column: column.map(renamed).astype(column.dtype)) for name, table in round_.tables.items()})


def with_a_seat(round_: Round, rng: random.Random) -> Round:
    """One more seat at some placement."""
    placements = round_.table("placements")
    more = [0] * len(placements)
    more[rng.randrange(len(placements))] = 1
    return _with(round_, placements=placements.assign(capacity=placements["capacity"] + more))


# -- does it matter? ------------------------------------------------------------------------------------------------------------


def _settings(round_: Round, **changes: object) -> Round:
    return replace(round_, settings=replace(round_.settings, **changes))  # type: ignore[arg-type]  # fields of the settings


def _without_tier(tier: str) -> Callable[[Round], Round]:
    return lambda round_: _settings(round_, tiers=tuple(each for each in round_.settings.tiers if each != tier))


def _unblended(round_: Round) -> Round:
    named = [tier for tier in round_.settings.tier_weights if tier not in round_.settings.tiers]
    tiers = [each for tier in round_.settings.tiers for each in (named if tier == "blend" else [tier])]
    return _settings(round_, tiers=tuple(tiers), tier_weights={})


def _quotas(keep: Callable[[pd.DataFrame], pd.Series[bool]]) -> Callable[[Round], Round]:
    def without(round_: Round) -> Round:
        quotas = round_.table("quotas")
        left = quotas[keep(quotas)]
        return _with(round_, quotas=left if len(left) else None)

    return without


def _column(table: str, column: str, change: Callable[[object], object]) -> Callable[[Round], Round]:
    def without(round_: Round) -> Round:
        rows = round_.table(table)
        return _with(round_, **{table: rows.assign(**{column: rows[column].map(change).astype(rows[column].dtype)})}) if column in rows else round_

    return without


def _dropped(*tables: str) -> Callable[[Round], Round]:
    return lambda round_: _with(round_, **dict.fromkeys(tables))


SWITCHED_OFF: dict[str, Callable[[Round], Round]] = {
    "pool_tokens": _column("placements", "pool_id", lambda cell: cell.split("|")[0] if isinstance(cell, str) else cell),
    "per_quotas": _quotas(lambda quotas: quotas["per"].isna()),
    "paths": _quotas(lambda quotas: quotas["per"].isna()),
    "overlap": lambda round_: _settings(round_, overlap=False),
    "reserves": _dropped("reserves"),
    "moves_budget": lambda round_: _settings(round_, max_moves=None),
    "quota_tiers": _column("quotas", "tier", lambda _: None),
    "company_rank": _without_tier("company_rank"),
    "competences_tier": _without_tier("competences"),
    "shortage": _without_tier("shortage"),
    "balance": _without_tier("balance"),
    "blend": _unblended,
    "leximin": lambda round_: _settings(round_, rank_measure="sum"),
    "teams": _dropped("teams"),
    "open_or_closed": _column("placements", "capacity_min", lambda _: None),
    "must_open": _column("placements", "capacity_min", lambda _: None),
    "crossing_quotas": _dropped("quotas"),
    "pools": _dropped("pools"),
    "pins": _dropped("pins"),
}
"""The round without the rule, for every feature that a change of the input takes out; spans are in `Unspanned`."""


class Unspanned(Referee):
    """A referee who does not know spans: seats in several periods, each by itself."""

    def span(self, placement: str) -> list[str]:
        del placement
        return []


def matters(round_: Round, feature: str) -> bool:
    """Whether a best matching without the rule is no best matching with it."""
    referee, found = Referee(round_), best(round_)
    other = best(round_, Unspanned) if feature == "spans" else best(SWITCHED_OFF[feature](round_))
    if found is None or other is None:
        return (found is None) != (other is None)
    kept = referee.keeps_bounds(other.matching) and referee.keeps_teams(other.matching) and referee.keeps_paths(other.matching)
    return not (kept and referee.value(other.matching) == found.value)
