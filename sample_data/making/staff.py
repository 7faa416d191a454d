"""Who visits and judges: coaches of each programme on each campus, assessors from the companies of each sector. Together they nearly suffice."""

from __future__ import annotations

import numpy as np

from making.dice import Dice, apportion
from making.facts import CAMPUSES, PROGRAMMES, PROVINCES, SECTOR_GROUPS
from making.land import CODES
from making.people import Students
from making.places import Places
from making.tables import Sheet, sheet

PROVINCES_OF = {"ANT": "BE21|BE23|BE10", "MEC": "BE21|BE24|BE10|BE23", "GNT": "BE23|BE25|BE10", "KOR": "BE25|BE23", "HAS": "BE22|BE24|BE21"}
"""Where the coaches of a campus go; those at home in the first province only go no further."""

NEXT_TO = {"BE10": "BE24", "BE21": "BE10", "BE22": "BE24", "BE23": "BE25", "BE24": "BE10", "BE25": "BE23"}
HOMEBOUND, SECOND_PROGRAMME, ACROSS = 0.15, 0.4, 0.3
"""Shares of the coaches who stay in the first province, of those who know a second programme, and of the assessors who cross into the next province."""

LOAD, WORK = {"coach": 24, "assessor": 32}, {"coach": 0.985, "assessor": 0.965}
"""How many students a member takes on average, and how many all of them take for each student (or usable seat) there is."""

WEEK = (0.5, 0.8, 0.8, 1.0, 1.0, 1.0)
"""How much of a week members work."""


def staff(seed: int, people: Students, offer: Places) -> Sheet:
    """Coaches, then assessors."""
    dice = Dice(seed, 8)
    rows = [(f"B{k + 1:03d}", "coach", *row) for k, row in enumerate(_coaches(dice, people))]
    rows += [(f"J{k + 1:03d}", "assessor", *row) for k, row in enumerate(_assessors(dice, offer))]
    return sheet(("staff_id", "kind", "max_students", "regions", "programmes", "sectors", "company_id"), rows)


def _loads(dice: Dice, kind: str, heads: int) -> np.ndarray:
    """What the members take who share the work of so many heads."""
    count = max(1, round(heads / LOAD[kind]))
    week = np.array(WEEK)[dice.pick([1] * len(WEEK), count)]
    return apportion(max(count, round(heads * WORK[kind])), week, least=1)


def _coaches(dice: Dice, people: Students) -> list[tuple[object, ...]]:
    """Of every programme on every campus; some know another programme of the same sectors too."""
    rows: list[tuple[object, ...]] = []
    for code, item in enumerate(PROGRAMMES):
        related = [other.code for other in PROGRAMMES if other is not item and other.sectors.keys() & item.sectors.keys()]
        for campus in item.campuses:
            loads = _loads(dice, "coach", int(((people.programme == code) & (people["institution_id"] == campus)).sum()))
            for load, homebound, more in zip(loads, dice.chance(HOMEBOUND, len(loads)), dice.chance(SECOND_PROGRAMME, len(loads)), strict=True):
                provinces = CAMPUSES[campus][:4] if homebound else PROVINCES_OF[campus]
                second = related[dice.order(len(related))[0]] if more and related else ""
                rows.append((load, provinces, f"{item.code}|{second}".rstrip("|"), "", ""))
    return rows


def _assessors(dice: Dice, offer: Places) -> list[tuple[object, ...]]:
    """Of every sector in every province, sent by one of its companies there; they judge nobody in that company."""
    rows: list[tuple[object, ...]] = []
    sector = np.array([code.split("-")[0] for code in offer["sector_id"]])
    province = np.array([code[:4] for code in CODES[offer.region]])
    for group in SECTOR_GROUPS:
        for land in PROVINCES:
            here = (sector == group) & (province == land)
            seats = int(offer.usable[here].sum())
            if not seats:
                continue
            loads = _loads(dice, "assessor", seats)
            companies = np.unique(offer["company_id"][here])
            senders = companies[dice.pick([1] * len(companies), len(loads))]
            for load, across, company in zip(loads, dice.chance(ACROSS, len(loads)), senders, strict=True):
                rows.append((load, f"{land}|{NEXT_TO[land]}" if across else land, "", group, company))
    return rows
