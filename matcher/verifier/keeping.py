"""Does the matching keep the rows that are many: groups of quotas, paths of students, spans, the budget of moves (docs/rules.md sections 1 and 5)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from matcher.verifier.codes import Bools, Ints, member
from matcher.verifier.families import Family, of_students
from matcher.verifier.groups import Groups, Paths
from matcher.verifier.kinds import loads_of
from matcher.verifier.pairs import Pairs
from matcher.verifier.paths import Overlaps
from matcher.verifier.reserves import Moves
from matcher.verifier.view import ANY, View
from matcher.verifier.violations import Findings

Families = Mapping[str, tuple[Family, ...]]


def check_families(families: Families, view: View, pairs: Pairs, findings: Findings) -> None:
    """No row of a family is outside its bounds, and nobody has half a span."""
    for family in (one for group in families.values() for one in group):
        if isinstance(family, Groups) and family.hard:
            _check_groups(family, pairs, findings)
        elif isinstance(family, Paths) and family.group.hard:
            _check_paths(family, view, pairs, findings)
        elif isinstance(family, Overlaps):
            _check_overlaps(family, view, pairs, findings)
        elif isinstance(family, Moves):
            count = int(loads_of(family, pairs, family.standing())[0])
            if count < family.least:
                findings.add("moves_over", count=count, limit=family.least)
    _check_spans(view, pairs, findings)


def blocked(families: Families, matched: Pairs, pairs: Pairs) -> Bools:
    """Which pairs cannot be added to the matching because a group of a hard quota, or the student's own path, holds all it may."""
    stopped = np.zeros(len(pairs.seat), dtype=bool)
    for family in (one for group in families.values() for one in group):
        if isinstance(family, Groups) and family.hard:
            at, key = family.counted(pairs)
            # A group that may hold nobody is full though no matched pair is in it.
            stopped[at[member(key, _over(family, matched, family.most - 1))] if family.most > 0 else at] = True
        elif isinstance(family, Paths) and family.group.hard:
            owing = np.flatnonzero(family.owes)
            found = family.entries(pairs, owing)
            full = loads_of(family, matched, owing) >= family.bounds(owing).upper
            stopped[found.at[full[found.row]]] = True
        elif isinstance(family, Overlaps):
            mine, at = of_students(pairs, np.sort(matched.student))
            other = np.argsort(matched.student, kind="stable")[mine]
            period = family.view.seats.period
            meets = (period[matched.seat[other]] != period[pairs.seat[at]]) & family.exclude(matched.placement[other], pairs.placement[at])
            stopped[at[meets]] = True
    return stopped


def _over(group: Groups, pairs: Pairs, most: int) -> Ints:
    """The sorted keys of the groups with more matched pairs than that."""
    keys, count = np.unique(group.counted(pairs)[1], return_counts=True)
    return keys[count > most]


def _check_groups(group: Groups, pairs: Pairs, findings: Findings) -> None:
    keys, count = np.unique(group.counted(pairs)[1], return_counts=True)
    for at in np.flatnonzero(count > group.most):
        findings.add("quota_over", quota=group.label(int(keys[at])), count=int(count[at]), limit=group.most)
    if group.least:
        owing = group.standing()
        loads = loads_of(group, pairs, owing)
        for at in np.flatnonzero(loads < group.least):
            findings.add("quota_under", quota=group.label(int(owing[at])), count=int(loads[at]), limit=group.least)


def _check_paths(path: Paths, view: View, pairs: Pairs, findings: Findings) -> None:
    owing = np.flatnonzero(path.owes)
    loads, most = loads_of(path, pairs, owing), path.bounds(owing).upper
    for at in np.flatnonzero(loads > most):
        student = view.students[owing[at]]
        findings.add("path_short", student=student, quota=path.group.name, count=int(loads[at]), limit=int(most[at]), least=path.group.lowest)


def _check_overlaps(family: Overlaps, view: View, pairs: Pairs, findings: Findings) -> None:
    period = view.seats.period[pairs.seat]
    order = np.lexsort((period, pairs.student))
    student, placement, period = pairs.student[order], pairs.placement[order], period[order]
    sorted_pairs = Pairs(pairs.demand[order], pairs.seat[order], student, placement, pairs.rank[order])
    left, right = of_students(sorted_pairs, student)
    clash = (period[left] < period[right]) & family.exclude(placement[left], placement[right])
    for one, other in zip(left[clash], right[clash], strict=True):
        names = {"placement": view.placements[placement[one]], "other": view.placements[placement[other]]}
        periods = {"period": view.periods[period[one]], "later": view.periods[period[other]]}
        findings.add("overlap", student=view.students[student[one]], **names, **periods)


def _check_spans(view: View, pairs: Pairs, findings: Findings) -> None:
    here = np.flatnonzero(view.span[pairs.placement])
    student, placement, period = pairs.student[here], pairs.placement[here], view.seats.period[pairs.seat[here]]
    alone = view.demands.period[pairs.demand[here]] == ANY
    for at in np.flatnonzero(alone & (period != view.first_period[placement])):
        limit, given = view.periods[view.first_period[placement[at]]], view.periods[period[at]]
        findings.add("span_first", student=view.students[student[at]], placement=view.placements[placement[at]], given=given, limit=limit)
    keys, first, count = np.unique(view.key(student, placement)[~alone], return_index=True, return_counts=True)
    where = placement[~alone][first]
    needed = view.named_periods[where].sum(axis=1)
    for at in np.flatnonzero(count < needed):
        owner = view.students[keys[at] // len(view.placements)]
        findings.add("span_split", student=owner, placement=view.placements[where[at]], count=int(count[at]), limit=int(needed[at]))
