"""The teams of the college: who asked to go together, and who must not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from making.dice import Dice
from making.land import kilometres
from making.people import Students
from making.places import Places
from making.tables import Sheet, sheet
from making.wishes import World

Line = tuple[str, str, str, str]

WANTED = (
    ("same_placement", 2, 8),
    ("same_placement", 3, 2),
    ("same_company", 2, 5),
    ("same_region", 2, 4),
    ("same_region", 3, 2),
    ("apart", 2, 4),
)
"""Kind of the team, its members, and how many teams of them there are."""

ONE_LIST = ("same_placement", "same_company")
"""Kinds whose members hand in one list of wishes between them."""

SHARED, LISTED = 6, 2
"""Establishments with room for all members that all of them could go to, and how many of them the list names at least."""


@dataclass(frozen=True)
class Team:
    """Members by their position in the table of students, the one whose list counts first."""

    kind: str
    members: tuple[int, ...]


def teams(seed: int, people: Students, offer: Places, possible: World, lines: list[Line], busy: set[int]) -> list[Team]:
    """Draw the teams: neighbours who could all go to enough places, so that none of them asks for what cannot be.

    Parameters
    ----------
    busy
        Students who are bound already: pinned, or with a conflict of interest.
    """
    dice = Dice(seed, 6)
    asked = _listed(people, offer, lines)
    free = np.array([student not in busy and len(asked[student]) > 0 for student in range(len(people))])
    meeting = _Meeting(people, offer, possible.possible, asked, free)
    found = []
    for kind, size, count in WANTED:
        for _ in range(count):
            members = next(each for each in (meeting.around(int(first), kind, size) for first in dice.of(free, len(people))) if each)
            free[list(members)] = False
            found.append(Team(kind, members))
    return found


def team_rows(found: list[Team], people: Students) -> Sheet:
    """The table `teams`."""
    rows = [(f"T{k + 1:02d}", people["student_id"][member], team.kind) for k, team in enumerate(found) for member in sorted(team.members)]
    return sheet(("team_id", "student_id", "kind"), rows)


def one_list(found: list[Team], people: Students, lines: list[Line]) -> list[Line]:
    """The wishes once the members of a team have put one list together; what each of them refuses stays as it was."""
    ids = people["student_id"]
    leader = {str(ids[member]): str(ids[team.members[0]]) for team in found if team.kind in ONE_LIST for member in team.members[1:]}
    ranked: dict[str, list[Line]] = {}
    for line in lines:
        if line[1] != "no":
            ranked.setdefault(line[0], []).append(line)
    own = [line for line in lines if line[0] not in leader or line[1] == "no"]
    return own + [(member, *rest) for member, first in leader.items() for _, *rest in ranked[first]]


def _listed(people: Students, offer: Places, lines: list[Line]) -> list[list[int]]:
    """The establishments that each student names, best first; none where a line refuses something, so that no list contradicts a refusal."""
    student, place = ({str(code): k for k, code in enumerate(codes)} for codes in (people["student_id"], offer["placement_id"]))
    asked: list[list[int]] = [[] for _ in student]
    for name, rank, kind, target in lines:
        if kind == "placement" and rank != "no":
            asked[student[name]].append(place[target])
    for name, rank, _, _ in lines:
        if rank == "no":
            asked[student[name]] = []
    return asked


@dataclass(frozen=True, eq=False)
class _Meeting:
    """Who is still free to form a team, with what decides whether they fit."""

    people: Students
    offer: Places
    possible: np.ndarray
    asked: list[list[int]]
    free: np.ndarray

    def around(self, first: int, kind: str, size: int) -> tuple[int, ...]:
        """The first student with those who live nearest and fit; empty where there are too few."""
        near = np.argsort(kilometres(self.people.home[first : first + 1], self.people.home)[0], kind="stable")
        members = [first]
        common = self.possible[first] & (self.offer.usable >= size)
        for other in near[self.free[near] & (near != first)].tolist():
            shared = common & self.possible[other]
            if self._fit(kind, first, other, shared):
                members.append(other)
                common = shared
            if len(members) == size:
                return tuple(members)
        return ()

    def _fit(self, kind: str, first: int, other: int, shared: np.ndarray) -> bool:
        """Whether another student may join; `shared` are the establishments with room for all that everybody could go to."""
        if kind == "same_region":  # one car for whoever lives there, each to a place of their own programme
            return len(self._regions(first) & self._regions(other)) > 0
        if any(self.people[column][first] != self.people[column][other] for column in ("programme_id", "institution_id")):
            return False
        if kind == "apart":  # a rule that matters: both want to go to the same place
            return self.asked[first][0] == self.asked[other][0]
        return bool(shared.sum() >= SHARED and shared[self.asked[first]].sum() >= LISTED)

    def _regions(self, student: int) -> set[str]:
        """Regions in which the student has a choice."""
        names, count = np.unique(self.offer["region_id"][self.possible[student]].astype(str), return_counts=True)
        return set(names[count >= SHARED])
