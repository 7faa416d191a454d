"""What the students of the college ask for: mostly near, popular and of their own programme, sometimes a dream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from making.dice import Dice, apportion
from making.facts import PROGRAMMES
from making.land import minutes
from making.people import NO_WISHES, Students
from making.places import Places
from making.tokens import covers, meets

MOST = 5
LENGTHS = (0.05, 0.10, 0.18, 0.23, 0.44)
"""Shares of the students who give 1, 2, 3, 4 and 5 wishes (3.9 on average)."""

PATIENCE = 17.0
"""Minutes of travel that weigh as much as one unit of taste."""

FAME, TASTE = 0.25, 1.0
"""How much students agree about the placements, and how much each has a taste of their own."""

LIKED = {"ZW": -0.9, "BOU": -1.3, "OVH": 0.4}
"""What students think of whole sectors: why care and construction asked for a minimum."""

DREAM = 0.045
"""Share of the wishes for something that the student cannot have: another programme, too far, not recognised."""

KINDS = {"placement": 0.86, "company": 0.05, "region": 0.05, "sector": 0.03, "any": 0.01}
TIED = 0.04
REFUSALS, ENOUGH = 60, 12
"""How many students refuse something, of those who could go to so many establishments."""


@dataclass(frozen=True)
class World:
    """What is possible (students x establishments), and how long the trips take."""

    possible: np.ndarray
    travel: np.ndarray
    own_programme: np.ndarray


def world(people: Students, offer: Places) -> World:
    """Who could go where by the rules of the round: one careful look, so that pins are sound and most wishes make sense."""
    programme = np.array([offer.accepts(code) for code in range(len(PROGRAMMES))])[people.programme]
    recognised = np.zeros((len(PROGRAMMES), len(offer)), dtype=bool)
    listed = np.zeros(len(offer), dtype=bool)
    at = {place: i for i, place in enumerate(offer["placement_id"])}
    code = {item.code: i for i, item in enumerate(PROGRAMMES)}
    for place, name, _, until in offer.recognitions:
        listed[at[place]] = True
        recognised[code[name], at[place]] |= until >= offer["to"][at[place]]
    travel = minutes(people.home, people["mode"], offer.at)
    needed = np.array([item.competences for item in PROGRAMMES], dtype=object)[people.programme]
    pay = np.where(offer["pay_month"] == "", np.inf, 0)
    pay[offer["pay_month"] != ""] = offer["pay_month"][offer["pay_month"] != ""].astype(float)
    asked = np.where(people["min_pay"] == "", "0", people["min_pay"]).astype(float)
    possible = programme & (recognised[people.programme] | ~listed) & (offer.usable > 0)
    possible &= travel <= people["max_minutes"].astype(float)[:, None]
    possible &= meets(people["pattern"], offer["pattern"], ["2d", "block", "evening"])
    possible &= covers(needed, offer["competences"], ["planning", "magazijn", "diagnose", "onderhoud"])
    possible &= covers(offer["languages"], people["languages"], ["nl", "fr", "en"]).T
    possible &= covers(offer["checks_required"], people["checks"], ["strafregister", "medisch"]).T
    possible &= asked[:, None] <= pay
    possible &= ~((people["available_from"] != "")[:, None] & (people["available_from"][:, None] > offer["from"]))
    return World(possible, travel, programme)


def wishes(seed: int, people: Students, offer: Places, world_: World, first: dict[int, int], refused: set[tuple[int, int]]) -> list[tuple[str, str, str, str]]:
    """Lines student, rank, kind, target.

    Parameters
    ----------
    first
        Student -> establishment for those who ask for their own employer.
    refused
        Student and establishment of conflicts of interest, which nobody wishes for.
    """
    dice = Dice(seed, 4)
    n, m = world_.possible.shape
    fame = FAME * dice.bell(m) + 0.75 * np.log(offer.capacity)
    fame += np.array([LIKED.get(code.split("-")[0], 0.0) for code in offer["sector_id"]])
    liking = fame[None, :] - world_.travel / PATIENCE + TASTE * dice.gumbel(n, m)
    liking[~world_.possible] = -np.inf
    for student, place in refused:
        liking[student, place] = -np.inf
    best = _first(liking)
    dreamt = _first(fame[None, :] + TASTE * dice.gumbel(n, m) - world_.travel / (3 * PATIENCE) + 2.0 * world_.own_programme)
    hopeless = ~np.isfinite(np.take_along_axis(liking, best, axis=1))
    place = np.where(dice.chance(DREAM, n * MOST).reshape(n, MOST) | hopeless, dreamt, best)
    lengths = np.repeat(np.arange(1, MOST + 1), apportion(n, LENGTHS))[dice.order(n)]
    lengths[dice.of(~np.isin(np.arange(n), list(first)), NO_WISHES)] = 0
    kinds, tied = dice.words(KINDS, n * MOST).reshape(n, MOST), dice.chance(TIED, n * MOST).reshape(n, MOST)
    lines = []
    for student in range(n):
        chosen = [("placement", str(offer["placement_id"][first[student]]))] if student in first else []
        chosen += [_target(offer, int(p), str(kind)) for p, kind in zip(place[student], kinds[student], strict=True) if (student, int(p)) not in refused]
        lines += _ranked(str(people["student_id"][student]), list(dict.fromkeys(chosen))[: lengths[student]], tied[student])
    return lines + _refusals(dice, people, offer, world_, lines)


def _first(liking: np.ndarray) -> np.ndarray:
    """The establishments that each student likes most, best first."""
    return np.argsort(-liking, axis=1, kind="stable")[:, :MOST]


def _target(offer: Places, place: int, kind: str) -> tuple[str, str]:
    """The wish for an establishment, or for everything like it."""
    return (kind, "*") if kind == "any" else (kind, str(offer[f"{kind}_id"][place]))


def _ranked(student: str, chosen: list[tuple[str, str]], tied: np.ndarray) -> list[tuple[str, str, str, str]]:
    """Ranks in the order of the list; now and then two wishes are equally good."""
    lines, rank = [], 0
    for (kind, target), same in zip(chosen, tied, strict=False):
        rank += not (same and rank)
        lines.append((student, str(rank), kind, target))
    return lines


def _refusals(dice: Dice, people: Students, offer: Places, world_: World, lines: list[tuple[str, str, str, str]]) -> list[tuple[str, str, str, str]]:
    """Some students refuse a placement or a company that they could have had."""
    asked = {(student, target) for student, _, _, target in lines}
    refusals = []
    for student in dice.of(world_.possible.sum(axis=1) >= ENOUGH, REFUSALS):
        name = str(people["student_id"][student])
        place = int(dice.of(world_.possible[student], 1)[0])
        kind, target = ("placement", str(offer["placement_id"][place])) if len(refusals) % 2 else ("company", str(offer["company_id"][place]))
        if (name, str(offer["placement_id"][place])) not in asked and (name, target) not in asked:
            refusals.append((name, "no", kind, target))
    return refusals
