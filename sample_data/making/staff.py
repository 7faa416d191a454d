"""The college's staff: coaches of every programme near every campus, and assessors of every sector, most of them lent by a company."""

from __future__ import annotations

import numpy as np

from making.dice import Dice, apportion
from making.facts import CAMPUSES, PROGRAMMES, SECTORS
from making.land import AT, BETWEEN, CODES
from making.people import Students
from making.places import Places
from making.tables import Sheet, sheet

COACHES, ASSESSORS = 129, 108
SLACK = 1.3
"""Students that all coaches (assessors) of an area can take, for each one that is expected there."""

PART_TIME = {"0.5": 1, "0.8": 2, "1": 4}
LENT = 0.7
"""Share of the assessors who come from a company, where an area has others beside them."""

ZONES = {"BE25": 0, "BE23": 0, "BE10": 1, "BE21": 1, "BE24": 1, "BE22": 2}
ZONE_REGIONS = ("BE23|BE25", "BE10|BE21|BE24", "BE22|BE24")
"""Assessors travel within a part of the country."""

FEW = 25
"""Places of a sector in a part of the country that are too few for an assessor of their own."""


def staff(seed: int, people: Students, offer: Places) -> Sheet:
    """The table `staff`."""
    rows = _coaches(Dice(seed, 8), people) + _assessors(Dice(seed, 9), offer)
    return sheet(("staff_id", "kind", "max_students", "regions", "programmes", "sectors", "company_id"), rows)


def _coaches(dice: Dice, people: Students) -> list[tuple[object, ...]]:
    """Every programme has coaches at each of its campuses, who visit the regions that lie nearest to it and the one beyond."""
    cells = []
    for code, item in enumerate(PROGRAMMES):
        campuses = list(item.campuses)
        far = BETWEEN[[AT[CAMPUSES[campus]] for campus in campuses]]
        homes = np.bincount([AT[region] for region in people["region_id"][people.programme == code]], minlength=len(CODES))
        for k in range(len(campuses)):
            mine = far.argmin(axis=0) == k
            beyond = np.argmin(np.where(mine, np.inf, far[k]))
            cells.append((item.code, "|".join([*CODES[mine], CODES[beyond]]), int(homes[mine].sum())))
    rows: list[tuple[object, ...]] = []
    for (programme, regions, students), count in zip(cells, apportion(COACHES, [students for _, _, students in cells], least=1), strict=True):
        for load in _loads(dice, students, int(count)):
            rows.append((f"B{len(rows) + 1:03d}", "coach", load, regions, programme, "", ""))
    return rows


def _assessors(dice: Dice, offer: Places) -> list[tuple[object, ...]]:
    """Every sector has assessors near its places. Who stands alone comes from no company, so that no place is left out."""
    cells = [(sector, regions, there) for sector in range(len(SECTORS)) for regions, there in _areas(offer, sector)]
    seats = [int(offer.usable[there].sum()) for _, _, there in cells]
    rows: list[tuple[object, ...]] = []
    for (sector, regions, there), expected, count in zip(cells, seats, apportion(ASSESSORS, seats, least=1), strict=True):
        lent = dice.chance(LENT, int(count)) & (count > 1)
        hosts = list(dict.fromkeys(offer["company_id"][dice.of(there, int(there.sum()))]))
        for k, load in enumerate(_loads(dice, expected, int(count))):
            company = hosts[k] if lent[k] and k < len(hosts) else ""
            rows.append((f"E{len(rows) + 1:03d}", "assessor", load, regions, "", SECTORS[sector].code, company))
    return rows


def _areas(offer: Places, sector: int) -> list[tuple[str, np.ndarray]]:
    """The parts of the country for the assessors of a sector, with its places there; what is too few goes with the largest part."""
    mine = offer.sector == sector
    zone = np.array([ZONES[region[:4]] for region in offer["region_id"]])
    seats = np.bincount(zone[mine], weights=offer.usable[mine], minlength=len(ZONE_REGIONS))
    most = int(seats.argmax())
    small = (seats < FEW) & (np.arange(len(seats)) != most)
    zone[np.isin(zone, np.flatnonzero(small))] = most
    regions = list(ZONE_REGIONS)
    regions[most] = "|".join(dict.fromkeys("|".join([regions[most], *(regions[k] for k in np.flatnonzero(small & (seats > 0)))]).split("|")))
    return [(regions[k], mine & (zone == k)) for k in range(len(seats)) if (mine & (zone == k)).any()]


def _loads(dice: Dice, students: int, count: int) -> list[int]:
    """How many each of them can take, full-time or part-time: together somewhat more than there are students, and never nobody."""
    share = dice.words(PART_TIME, count).astype(float)
    return [int(load) for load in apportion(max(count, int(np.ceil(SLACK * students)) + 1), share, least=1)]
