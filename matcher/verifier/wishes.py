"""Wishes: which lines of `preferences` cover which placements, and the rank that follows (docs/rules.md section 2).

The same question is answered in two ways: `candidates` unfolds the lines of a group of students into all their pairs, `judge` looks at
given pairs and goes through the lines of each. The first feeds the bound, the second the check of a matching, and a test holds that they agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from matcher.schema import NO
from matcher.verifier.codes import Bools, Forest, Ints, encode, member, spans
from matcher.verifier.view import View

_KINDS = ("placement", "company", "sector", "region", "any")


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """Everything a line can name, numbered: `first[t]` to `first[t + 1]` of `member` are the placements that target t covers."""

    offset: dict[str, int]
    first: Ints
    member: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """The lines of `preferences`, grouped by student: `first[s]` to `first[s + 1]` are those of student s.

    `target` is -1 where the line names something that does not exist: such a line covers nothing, and still is a wish.
    """

    first: Ints
    rank: Ints
    target: Ints
    largest: Ints
    """The largest rank of each student, 0 for a student without ranked lines."""


@dataclass(frozen=True, slots=True, eq=False)
class Opinion:
    """What the wishes say of given pairs.

    Attributes
    ----------
    rank
        The rank of the pair; 0 where it has none.
    forbidden, unlisted, skipped
        Whether the rule `wish_no`, `unlisted` or `no_wishes` removes the pair.
    """

    rank: Ints
    forbidden: Bools
    unlisted: Bools
    skipped: Bools


@dataclass(frozen=True)
class Wishes:
    """The wishes of all students of a round."""

    view: View

    @cached_property
    def targets(self) -> Targets:
        """The placements below every placement, company, sector, region, and below `any`."""
        view = self.view
        everyone = np.arange(len(view.placements), dtype=np.int64)
        with_company = np.flatnonzero(view.company >= 0)
        groups = [
            (len(everyone), everyone, everyone),
            (len(view.companies), view.company[with_company], with_company),
            (len(view.sectors.ids), *_below(view.sectors, view.sector)),
            (len(view.regions.ids), *_below(view.regions, view.region)),
            (1, np.zeros_like(everyone), everyone),
        ]
        starts = np.cumsum([0, *(size for size, _, _ in groups)])
        target = np.concatenate([code + start for (_, code, _), start in zip(groups, starts[:-1], strict=True)])
        placement = np.concatenate([members for _, _, members in groups])
        order = np.lexsort((placement, target))
        first = np.searchsorted(target[order], np.arange(starts[-1] + 1))
        return Targets(dict(zip(_KINDS, starts[:-1].tolist(), strict=True)), first, placement[order])

    def prepare(self) -> Iterator[None]:
        """Work out what takes long in a large round, piece by piece, so that whoever asks may stop between them."""
        yield
        for part in ("targets", "_student", "_target", "lines"):
            getattr(self, part)
            yield

    @cached_property
    def _student(self) -> Ints:
        """The student of each line of `preferences`."""
        return encode(self.view.column("preferences", "student_id"), self.view.students)

    @cached_property
    def lines(self) -> Lines:
        """The lines, grouped by student."""
        view = self.view
        student, target = self._student, self._target
        del self.__dict__["_student"]  # nobody asks for it again, and it is long
        rank = view.column("preferences", "rank").to_numpy(dtype=np.int64)
        known = student >= 0
        if not known.all():
            student, rank, target = student[known], rank[known], target[known]
        if (np.diff(student) < 0).any():
            order = np.argsort(student, kind="stable")
            student, rank, target = student[order], rank[order], target[order]
        first = np.searchsorted(student, np.arange(len(view.students) + 1))
        largest = np.zeros(len(view.students), dtype=np.int64)
        filled = np.flatnonzero(np.diff(first))
        largest[filled] = np.maximum.reduceat(rank, first[filled]) if len(filled) else 0
        return Lines(first, rank, target, largest)

    @cached_property
    def _target(self) -> Ints:
        """The number of what each line names."""
        view, offset = self.view, self.targets.offset
        name = view.column("preferences", "target_id")
        ids = {"placement": view.placements, "company": view.companies, "sector": view.sectors.ids, "region": view.regions.ids}
        if not view.known("preferences", "target_type"):
            return encode(name, view.placements)
        kind = view.column("preferences", "target_type").fillna("placement").to_numpy()
        target = np.full(len(name), -1, dtype=np.int64)
        for word, known in ids.items():
            here = kind == word
            if here.any():
                code = encode(name[here], known)
                target[here] = np.where(code >= 0, code + offset[word], -1)
        target[kind == "any"] = offset["any"]
        return target

    def sizes(self) -> Ints:
        """How many pairs, counted generously, the wishes of each student unfold into. O(lines)."""
        targets, lines = self.targets, self.lines
        width = np.append(np.diff(targets.first), 0)[lines.target]
        total = np.append(0, np.cumsum(width))[lines.first]
        return np.diff(total) + np.where(self._blanket() >= 0, len(self.view.placements), 0)

    def _blanket(self) -> Ints:
        """The rank that each student's not covered placements get: one more than the largest, 0 for no rank, -1 where they are no candidates."""
        settings, largest = self.view.settings, self.lines.largest
        listed = largest + 1 if settings.unlisted == "last" else np.full_like(largest, -1)
        return np.where(largest > 0, listed, 0 if settings.no_wishes == "any" else -1)

    def candidates(self, students: Ints) -> tuple[Ints, Ints, Ints]:
        """All pairs of the given students (sorted codes) that the wishes leave, sorted by student and placement, with their ranks.

        Each line becomes one number per placement, made of student, placement and rank, where `no` sorts before every rank and the rank of what is
        not covered sorts last; after one sort the first number of each pair decides. O(p log p) for p covered placements.
        """
        lines, targets = self.lines, self.targets
        width = len(self.view.placements)
        line, owner = spans(lines.first, students)
        named = lines.target[line] >= 0
        line, owner = line[named], owner[named]
        at, which = spans(targets.first, lines.target[line])
        scale = int(lines.largest.max(initial=0)) + 3
        pieces = [(owner[which] * width + targets.member[at]) * scale + lines.rank[line[which]]]
        blanket = self._blanket()[students]
        open_ended = np.flatnonzero(blanket >= 0)
        if len(open_ended):
            # the blanket sorts behind every rank of the student, so it only counts where no line covers the placement; rank 0 is written as scale - 1
            last = np.where(blanket[open_ended] == 0, scale - 1, blanket[open_ended])
            pieces.append(((open_ended[:, None] * width + np.arange(width)) * scale + last[:, None]).ravel())
        code = np.concatenate(pieces)
        code.sort()
        pair = code // scale
        rank = code - pair * scale
        keep = np.ones(len(pair), dtype=bool)
        keep[1:] = pair[1:] != pair[:-1]
        keep &= rank != NO
        pair, rank = pair[keep], rank[keep]
        at = pair // width
        rank[rank == scale - 1] = 0
        return students[at], pair - at * width, rank

    def judge(self, student: Ints, placement: Ints) -> Opinion:
        """What the wishes say of given pairs. O(pairs x lines per student)."""
        lines, settings = self.lines, self.view.settings
        line, owner = spans(lines.first, student)
        covers = self._covers(lines.target[line], placement[owner])
        line, owner = line[covers], owner[covers]
        refuses = lines.rank[line] == NO
        forbidden = np.zeros(len(student), dtype=bool)
        forbidden[owner[refuses]] = True
        best = np.full(len(student), np.iinfo(np.int64).max)
        np.minimum.at(best, owner[~refuses], lines.rank[line[~refuses]])
        covered = best < np.iinfo(np.int64).max
        listed = np.where(covered, best, 0)
        largest = lines.largest[student]
        wishes = largest > 0
        last = wishes & ~covered
        rank = np.where(last, largest + 1, listed) if settings.unlisted == "last" else listed
        unlisted = last if settings.unlisted == "no" else np.zeros_like(last)
        skipped = ~wishes if settings.no_wishes == "skip" else np.zeros_like(last)
        return Opinion(rank, forbidden, unlisted, skipped)

    def _covers(self, target: Ints, placement: Ints) -> Bools:
        """Whether each target covers the placement beside it."""
        targets, width = self.targets, len(self.view.placements)
        covers = target == placement
        wide = np.flatnonzero(target >= width)
        if len(wide):
            owner = np.repeat(np.arange(len(targets.first) - 1), np.diff(targets.first))
            covers[wide] = member(target[wide] * width + placement[wide], owner * width + targets.member)
        return cast("Bools", covers)


def _below(forest: Forest, code: Ints) -> tuple[Ints, Ints]:
    """For every placement with a code in the forest: each of that code's ancestors (itself too), and the placement."""
    first = np.searchsorted(forest.node, np.arange(len(forest.ids) + 1))
    known = np.flatnonzero(code >= 0)
    at, owner = spans(first, code[known])
    return forest.ancestor[at], known[owner]
