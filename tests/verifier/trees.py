"""Proofs by cases for tests: trees written by hand or drawn at random, and laid out as `Cases`."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from matcher.result import Cases
from matcher.round import Round
from tests.brute_force import Referee, tokens
from tests.verifier.answers import Key, rows_of


@dataclass(frozen=True)
class Leaf:
    prices: Mapping[Key, int] = field(default_factory=dict)
    multipliers: Mapping[int, int] = field(default_factory=dict)
    denominator: int = 1


@dataclass(frozen=True)
class Split:
    row: Key
    value: int
    low: Tree
    high: Tree


Tree = Leaf | Split


def cases_of(tiers: Iterable[str], trees: Mapping[int, Tree]) -> Cases:
    """One tree for each of some tiers as a proof."""
    tiers = tuple(tiers)
    nodes: list[tuple[int, Tree]] = []

    def walk(tier: int, tree: Tree) -> None:
        nodes.append((tier, tree))
        if isinstance(tree, Split):
            walk(tier, tree.low)
            walk(tier, tree.high)

    for tier in sorted(trees):
        walk(tier, trees[tier])
    leaves = [tree for _, tree in nodes if isinstance(tree, Leaf)]
    names = list(dict.fromkeys([*(tree.row for _, tree in nodes if isinstance(tree, Split)), *(row for leaf in leaves for row in leaf.prices)]))
    number = {name: at for at, name in enumerate(names)}
    prices = [(at, number[row], price) for at, leaf in enumerate(leaves) for row, price in leaf.prices.items()]
    multipliers = np.array([[leaf.multipliers.get(tier, 0) for tier in range(len(tiers))] for leaf in leaves], dtype=np.int64)
    return Cases(
        tiers,
        *(np.array([name[part] for name in names], dtype=object) for part in range(3)),
        np.array([tier for tier, _ in nodes], dtype=np.int64),
        np.array([number[tree.row] if isinstance(tree, Split) else -1 for _, tree in nodes], dtype=np.int64),
        np.array([tree.value if isinstance(tree, Split) else 0 for _, tree in nodes], dtype=np.int64),
        np.array([leaf.denominator for leaf in leaves], dtype=np.int64),
        multipliers.reshape(len(leaves), len(tiers)),
        *(np.array([triple[part] for triple in prices], dtype=np.int64) for part in range(3)),
    )


def every_row(round_: Round) -> list[Key]:
    """The names of all rows that a proof may price or split, by plain loops over docs/proof.md, "Names of rows"."""
    referee = Referee(round_)
    rows = [*rows_of(round_), *_grouped(referee), *_own(referee), *_teams(referee)]
    rows += [
        ("reserve", name, str(level))
        for name in dict.fromkeys(row["reserve_id"] for row in referee.rows.get("reserves", []))
        for level in range(1, 1 + sum(row["reserve_id"] == name for row in referee.rows["reserves"]))
    ]
    return [*rows, *([("moves", "", "")] if referee.settings.max_moves is not None else [])]


def _grouped(referee: Referee) -> Iterator[Key]:
    """The groups of quotas, and the minimums of students."""
    for quota in referee.quotas:
        if columns := tokens(quota.get("per")):
            groups = {group for demand, pair in referee.eligible for group in referee.groups(quota, demand[0], pair[0])}
            yield from (("quota", quota["quota_id"], "|".join(group)) for group in sorted(groups))
            if "student" in columns and quota.get("min"):
                yield from (("path", quota["quota_id"], student) for student in referee.students if referee.is_student(quota, student))


def _own(referee: Referee) -> Iterator[Key]:
    """The rows of one student: pairs, overlaps, spans."""
    eligible = sorted({(demand[0], *pair) for demand, pair in referee.eligible})
    for student, placement, period in eligible:
        yield "pair", student, f"{placement}|{period}"
        for later in referee.periods:
            if later > period and referee.settings.overlap and len(referee.asked(student)) > 1:
                yield "overlap", student, f"{placement}|{period}|{later}"
        span = referee.span(placement)
        if span and period == span[0] and referee.asked(student):
            yield from (("span", student, f"{placement}|{later}") for later in span[1:])


def _teams(referee: Referee) -> Iterator[Key]:
    teams: dict[tuple[str, str], list[str]] = {}
    for row in referee.rows.get("teams", []):
        teams.setdefault((row["team_id"], row["kind"]), []).append(row["student_id"])
    for (team, kind), members in sorted(teams.items()):
        for period in referee.periods:
            there = [student for student in sorted(members) if any((student, asked) in referee.demands for asked in (None, period))]
            for placement in referee.placements:
                if kind == "apart":
                    if period in referee.seats(placement):
                        yield "team", team, f"{period}|{placement}"
                    continue
                company, region = referee.placements[placement].get("company_id"), referee.place(placement, "region_id")
                key = {"same_company": company, "same_region": region}.get(kind) or placement
                yield from (("team", team, f"{period}|{other}|{key}") for other in there[1:])


def random_tree(rng: random.Random, names: list[Key], tier: int, depth: int = 3) -> Tree:
    """A tree with random splits, prices, multipliers and denominators."""
    if depth and names and rng.random() < 0.6:
        low, high = (random_tree(rng, names, tier, depth - 1) for _ in range(2))
        return Split(rng.choice(names), rng.randint(-1, 3), low, high)
    prices = {name: rng.randint(-5, 5) for name in names if rng.random() < 0.4}
    multipliers = {earlier: rng.randint(-4, 4) for earlier in range(tier) if rng.random() < 0.6}
    return Leaf({name: price for name, price in prices.items() if price}, multipliers, rng.choice([1, 1, 2, 3]))
