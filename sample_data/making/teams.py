"""Students who asked to stay together, to share a car, or to be kept apart: most can have it, a few cannot."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator

import numpy as np

from making.dice import Dice
from making.land import kilometres
from making.people import Students
from making.places import Places
from making.wishes import World

ASKED = (("same_placement", 2, 7), ("same_placement", 3, 2), ("same_company", 2, 5), ("same_region", 2, 5), ("same_region", 3, 1), ("apart", 2, 3))
"""Kind, members, and how many such teams there are."""

HOPELESS = 2
"""Pairs who ask for one placement, although each that both may take has a single seat."""

SHARE = {"same_placement": "placement_id", "same_company": "company_id", "same_region": "region_id", "apart": "placement_id"}
ROOM = 2
"""Seats that a placement (or company, or region) has for each member of a team that asks for it."""

CARPOOL_KM = 5.0
HIGH = 3
"""Ranks that members look at when they plan something together."""


def teams(seed: int, people: Students, offer: Places, world_: World, lines: list[tuple[str, str, str, str]], pinned: Collection[int]) -> list[tuple[str, str, str]]:
    """Rows team, student, kind. Nobody is in two teams, and nobody who is pinned is in one."""
    dice = Dice(seed, 6)
    wanted = _wanted(people, offer, lines) & world_.possible
    free = np.ones(len(people), dtype=bool)
    free[list(pinned)] = False
    found: list[tuple[str, np.ndarray]] = []
    plan = [(kind, size, count, _agreed(dice, people, offer, wanted, free, kind, size)) for kind, size, count in ASKED]
    for kind, size, count, offered in [*plan, ("same_placement", 2, HOPELESS, _hopeless(dice, offer, world_, wanted, free))]:
        chosen = list(itertools.islice(offered, count))
        if len(chosen) < count:
            raise ValueError(f"too few students for teams {kind} of {size}")
        found += [(kind, members) for members in chosen]
    order = dice.order(len(found))
    return [(f"T{k + 1:02d}", str(people["student_id"][student]), found[team][0]) for k, team in enumerate(order) for student in np.sort(found[team][1])]


def _wanted(people: Students, offer: Places, lines: list[tuple[str, str, str, str]]) -> np.ndarray:
    """Which establishments each student ranks high, by name: students x establishments."""
    row = {name: k for k, name in enumerate(people["student_id"])}
    column = {name: k for k, name in enumerate(offer["placement_id"])}
    wanted = np.zeros((len(row), len(column)), dtype=bool)
    for student, rank, kind, target in lines:
        if kind == "placement" and rank != "no" and int(rank) <= HIGH:
            wanted[row[student], column[target]] = True
    return wanted


def _agreed(dice: Dice, people: Students, offer: Places, wanted: np.ndarray, free: np.ndarray, kind: str, size: int) -> Iterator[np.ndarray]:
    """Classmates (or, to share a car, neighbours) who want the same placement, company or region; whoever is given out is no longer free."""
    keys = offer[SHARE[kind]]
    names = np.unique(keys)
    for name in names[dice.order(len(names))]:
        inside = keys == name
        if offer.usable[inside].sum() < ROOM * size or (kind == "same_company" and inside.sum() < ROOM):
            continue
        fans = dice.of(free & wanted[:, inside].any(axis=1), len(people))
        if not fans.size:
            continue
        near = kilometres(people.home[fans[:1]], people.home[fans])[0] <= CARPOOL_KM
        same = people.programme[fans] == people.programme[fans[0]]
        members = fans[near if kind == "same_region" else same][:size]
        if len(members) == size:
            free[members] = False
            yield members


def _hopeless(dice: Dice, offer: Places, world_: World, wanted: np.ndarray, free: np.ndarray) -> Iterator[np.ndarray]:
    """Pairs who want one placement with a single seat, and have nothing larger in common."""
    for place in dice.of(offer.usable == 1, len(offer)):
        for pair in itertools.combinations(np.flatnonzero(free & wanted[:, place]), 2):
            if not (world_.possible[list(pair)].all(axis=0) & (offer.usable > 1)).any():
                free[list(pair)] = False
                yield np.array(pair)
                break
