"""Teams that cannot be placed together at all: no placement, company or region is possible for every member (docs/rules.md section 6)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.explain.bounds import Codes, Sizes
from matcher.explain.numbers import numbered
from matcher.problem import Codebook, Family, GroupNames, Problem


def families_together(problem: Problem, book: Codebook) -> Iterator[tuple[int, Family, GroupNames]]:
    """The families of teams that go together, with the number of their first group as in `matcher.problem.Certificate`."""
    first = problem.seats + len(problem.rows)
    for family, names in zip(problem.families, book.family_names, strict=True):
        if family.kind == "team" and (family.lower == family.upper).all():
            yield first, family, names
        first += family.groups


def never_together(problem: Problem, book: Codebook, demand: Codes) -> Codes:
    """Per demand a team that rules out each of its pairs whatever the others get (a position in the problem's teams); -1 where none does.

    A key in a period is lost for a team when some member has no pair there, or when the eligible seats there are fewer than the members that count.
    `demand` is that of each pair. O(entries log entries).
    """
    team = np.full(problem.demands, -1, dtype=np.int32)
    lost = np.zeros(problem.pairs, dtype=np.bool_)
    for _, family, names in families_together(problem, book):
        gone = _lost_groups(problem, family, names)[family.group]
        lost[family.pairs[gone]] = True
        team[demand[family.pairs[gone]]] = names.codes[0, family.group[gone]]
    size = np.diff(problem.first_pair)
    none_left = (size > 0) & (np.bincount(demand[lost], minlength=problem.demands) == size)
    return np.where(none_left, team, -1).astype(np.int32)


def _lost_groups(problem: Problem, family: Family, names: GroupNames) -> np.ndarray:
    """The groups whose pairs no matching can have. A group holds the first member (1) against another (-1), and both must have a pair in it."""
    sides = [np.bincount(family.group[family.sign == sign], minlength=family.groups) > 0 for sign in (1, -1)]
    one_sided = ~(sides[0] & sides[1])
    cell = numbered(names.codes[0], names.codes[1], names.codes[3])  # team, period and key; the other member is left out
    members = np.bincount(cell) + 1
    cells = len(members)
    where: Sizes = np.unique(cell[family.group] * problem.seats + problem.seat[family.pairs])
    room = np.bincount(where // problem.seats, weights=problem.seat_upper[where % problem.seats], minlength=cells)
    gone = room < members
    gone[cell[one_sided]] = True
    lost: np.ndarray = gone[cell]
    return lost
