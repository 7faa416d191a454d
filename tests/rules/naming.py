"""The rows of a compiled round by their names, with the names of their pairs: what docs/rules.md and docs/proof.md speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matcher.compile import Compiled, compile_round
from matcher.problem import Problem
from matcher.round import Round
from matcher.rules.families import NO_BOUND
from matcher.rules.names import row_names

Name = tuple[str, str, str]


@dataclass(frozen=True)
class Bound:
    """A row: its pairs (`s1 A|Y1`, each with its sign), its bounds (None: no maximum), and what a unit of its penalty costs in which tier."""

    pairs: Mapping[str, int]
    lower: int
    upper: int | None
    weight: int | None = None
    tier: str = ""


def pair_names(compiled: Compiled) -> list[str]:
    """The names of all pairs: student, placement and period."""
    problem = compiled.problem
    first = problem.seats + len(problem.rows) + sum(family.groups for family in problem.families)
    _, ids, parts = row_names(compiled.codebook, problem, first + np.arange(problem.pairs))
    return [f"{student} {part}" for student, part in zip(ids, parts, strict=True)]


def bounds(round_: Round, *kinds: str) -> dict[Name, Bound]:
    """The rows of some kinds (of all, where none is named) beyond the seats, by name."""
    compiled = compile_round(round_)
    problem, pairs = compiled.problem, pair_names(compiled)
    found = list(_single(problem, pairs)) + list(_grouped(problem, pairs))
    names = zip(*row_names(compiled.codebook, problem, problem.seats + np.arange(len(found))), strict=True)
    named = dict(zip(names, found, strict=True))
    assert len(named) == len(found), "names are unique"
    return {name: bound for name, bound in named.items() if not kinds or name[0] in kinds}


def _single(problem: Problem, pairs: list[str]) -> list[Bound]:
    return [
        Bound({pairs[p]: 1 for p in row.pairs}, row.lower, _upper(row.upper), row.weight, problem.tiers[row.tier] if row.tier >= 0 else "")
        for row in problem.rows
    ]


def _grouped(problem: Problem, pairs: list[str]) -> list[Bound]:
    found = []
    for family in problem.families:
        keys = list(zip(family.group.tolist(), family.pairs.tolist(), strict=True))
        assert keys == sorted(set(keys)), "sorted by group, then pair, each once"
        for group in range(family.groups):
            at = np.flatnonzero(family.group == group)
            members = {pairs[p]: int(sign) for p, sign in zip(family.pairs[at], family.sign[at], strict=True)}
            tier = problem.tiers[family.tier] if family.tier >= 0 else ""
            found.append(Bound(members, int(family.lower[group]), _upper(family.upper[group]), family.weight, tier))
    return found


def _upper(upper: int) -> int | None:
    return None if upper == NO_BOUND else int(upper)
