"""Answers to small rounds without an engine: the referee's matching as a Result, and prices that prove it where seats and pools are all there is."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from matcher.result import Outcome, Proof, Reason, Result, TierValue
from matcher.round import Round
from matcher.settings import WORST_FIRST
from tests.brute_force import Demand, Matching, Pair, Referee, Value, tokens

Key = tuple[str, str, str]
Tuple = tuple[int, ...]


def proof_of(tiers: Iterable[str], prices: Mapping[Key, Tuple], denominator: int = 1) -> Proof:
    """Prices by row name as a Proof."""
    tiers = tuple(tiers)
    names = list(prices)
    kind, name, period = (np.array([key[part] for key in names], dtype=object) for part in range(3))
    return Proof(tiers, kind, name, period, np.array([prices[key] for key in names], dtype=np.int64).reshape(len(names), len(tiers)), denominator)


def result_of(round_: Round, matching: Matching, proof: Proof | None = None, *, bounds: Iterable[Any] | None = None, reason: str = "optimal") -> Result:
    """A matching of the referee as an honest Result; the bounds are the values unless given."""
    referee = Referee(round_)
    values = tuple(tuple(map(int, value)) if isinstance(value, tuple) else int(value) for value in referee.value(matching))
    tiers = tuple(TierValue(*row) for row in zip(referee.tiers, values, values if bounds is None else bounds, strict=True))
    rows = [_row(referee, demand, pair) for demand, pair in sorted(matching.items(), key=lambda item: (item[0][0], item[0][1] or ""))]
    matches = pd.DataFrame(rows)
    typed = {name: matches[name].astype("Int64" if name == "rank" else "str") for name in matches}
    return Result(Outcome.SOLVED, Reason(reason), pd.DataFrame(typed), tiers, proof, digest=round_.digest, engine="referee")


def _row(referee: Referee, demand: Demand, pair: Pair | None) -> dict[str, Any]:
    rank = referee.rank(demand, pair) if pair else 0
    return {
        "student_id": demand[0],
        "placement_id": pair[0] if pair else None,
        "period_id": (pair[1] if pair else demand[1]) or None,
        "rank": rank or None,
        "status": "pinned" if pair and demand in referee.pinned else "placed" if pair else "unplaced",
        "reason": "test",
    }


def rows_of(round_: Round) -> list[Key]:
    """The names of all rows of a round."""
    referee = Referee(round_)
    seats = [("seat", placement, period) for placement in referee.placements for period in referee.seats(placement)]
    return [
        *seats,
        *(("pool", row["pool_id"], "") for row in referee.rows.get("pools", [])),
        *(("quota", row["quota_id"], "") for row in referee.quotas if not tokens(row.get("per"))),
    ]


def random_prices(round_: Round, rng: random.Random, width: int, reach: int = 4) -> dict[Key, Tuple]:
    """Prices drawn at random for some of the rows."""
    return {key: tuple(rng.choice([0, rng.randint(-reach, reach)]) for _ in range(width)) for key in rows_of(round_) if rng.random() < 0.7}


def proving_prices(round_: Round, matching: Matching) -> dict[Key, Tuple] | None:
    """Prices that prove a best matching of a round whose only rows are seats and pools; None where the given matching is not best.

    A pool's price Z and its seats' prices y make potentials W = Z + y that obey difference constraints over whole-number tuples: every demand
    must find its own pair the cheapest, and a price must be zero, at least zero or at most zero as its row is slack, full or at its minimum. The constraints
    have a solution exactly if the matching is best, and shortest distances from a root (Bellman and Ford, on tuples) are one.
    """
    referee = Referee(round_)
    zero = (0,) * len(referee.names)
    pool_of = {name: row.get("pool_id") for name, row in referee.placements.items()}
    arcs: list[tuple[Any, Any, Tuple]] = []  # (a, b, c): potential of b is at most potential of a plus c
    for demand, own in matching.items():
        others: list[Pair | None] = [*referee.options[demand], *([] if demand in referee.pinned else [None])]
        arcs += [(other or "root", own or "root", _minus(_cost(referee, demand, other), _cost(referee, demand, own))) for other in others if other != own]
    used = [pair for pair in matching.values() if pair]
    for name, row in referee.placements.items():
        parent = ("pool", pool_of[name]) if pool_of[name] else "root"
        for period in referee.seats(name):
            low = int(row.get("capacity_min") or 0) if row.get("must_open") else 0
            arcs += _slack((name, period), parent, used.count((name, period)), low, referee.capacity(name), zero)
    for row in referee.rows.get("pools", []):
        count = sum(pool_of[name] == row["pool_id"] for name, _ in used)
        arcs += _slack(("pool", row["pool_id"]), "root", count, 0, int(row["capacity"]), zero)
    potential = _distances(arcs, zero)
    if potential is None:
        return None
    prices = {}
    for name in referee.placements:
        for period in referee.seats(name):
            parent = ("pool", pool_of[name]) if pool_of[name] else "root"
            prices["seat", name, period] = _minus(potential[name, period], potential[parent])
    return {**prices, **{("pool", row["pool_id"], ""): potential["pool", row["pool_id"]] for row in referee.rows.get("pools", [])}}


def _slack(node: Any, parent: Any, count: int, low: int, high: int, zero: Tuple) -> list[tuple[Any, Any, Tuple]]:
    """A row's price (its potential less that of its parent) may be positive only when it is full, negative only when it is at its minimum."""
    may_fall = [(node, parent, zero)] if count > low or low == 0 else []
    return [*may_fall, *([(parent, node, zero)] if count < high else [])]


def _cost(referee: Referee, demand: Demand, pair: Pair | None) -> Tuple:
    """What a pair adds to the tiers, as a cost."""
    if pair is None:
        return (0,) * len(referee.names)
    nobody: Matching = dict.fromkeys(referee.demands)
    with_pair = referee.cost({**nobody, demand: pair})
    return _minus(with_pair, referee.cost(nobody))


def _minus(left: Tuple, right: Tuple) -> Tuple:
    return tuple(a - b for a, b in zip(left, right, strict=True))


def _distances(arcs: list[tuple[Any, Any, Tuple]], zero: Tuple) -> dict[Any, Tuple] | None:
    nodes = {"root", *(a for a, _, _ in arcs), *(b for _, b, _ in arcs)}
    distance = dict.fromkeys(nodes, zero)
    for _ in range(len(nodes) + 1):
        changed = False
        for a, b, cost in arcs:
            reached = tuple(x + y for x, y in zip(distance[a], cost, strict=True))
            if reached < distance[b]:
                distance[b], changed = reached, True
        if not changed:
            return {node: _minus(far, distance["root"]) for node, far in distance.items()}
    return None


def honest_bounds(round_: Round, ours: Value, best: Value) -> list[Any]:
    """The bounds that a proof of the best value gives a matching of another value: the best, up to the first number that differs."""
    bounds: list[Any] = []
    tied = True
    for value, least in zip(ours, best, strict=True):
        if not tied:
            bounds.append(None)
        elif isinstance(value, tuple) and isinstance(least, tuple):
            counts: list[int | None] = [None] * len(value)
            for at in range(len(value))[:: -1 if round_.settings.rank_measure in WORST_FIRST else 1]:
                counts[at] = least[at] if tied else None
                tied = tied and value[at] == least[at]
            bounds.append(tuple(counts))
        else:
            bounds.append(least)
            tied = value == least
    return bounds
