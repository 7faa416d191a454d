"""What the college agreed with sectors, companies and campuses: quotas, reserved places, and companies that take a group or nobody."""

from __future__ import annotations

from collections import Counter

import numpy as np

from making.dice import Dice
from making.places import Places
from making.tables import Sheet, sheet

QUOTAS = sheet(
    ("quota_id", "students", "placements", "per", "min", "max", "hard", "weight", "source"),
    [
        ("Q-ZORG", "", "sector_id=ZW", "", 600, "", "true", "", "sectorakkoord zorg en welzijn"),
        ("Q-BOUW", "", "sector_id=BOU", "", 120, "", "true", "", "sectorakkoord bouw"),
        ("Q-BRUSSEL", "", "region_id=BE10", "", "", 150, "true", "", "afspraak met de Brusselse hogescholen"),
        ("Q-LOKAAL", "", "sector_id=OVH-LOK", "institution_id", "", 40, "true", "", "raamakkoord lokale besturen"),
        ("Q-DOORSTROOM", "prior_route=duaal_so", "sector_id=ZW|BOU|IND", "", 150, "", "false", 3, "convenant duaal leren"),
        ("Q-ZIEKENHUIS", "", "sector_id=ZW-ZIE", "", "", 40, "false", 2, "vraag van de ziekenhuizen"),
    ],
)
"""The minimums of two sectors; maximums of a region and, for each campus, of a sector, which cross them; and two wishes that may be broken at a price."""

RESERVES = sheet(
    ("reserve_id", "order", "students", "placements", "seats", "weight"),
    [
        ("R-WELZIJN", 1, "programme_id=GR-MAW", "sector_id=ZW-WEL", 60, 1),
        ("R-WELZIJN", 2, "programme_id=GR-SCW", "", "", ""),
        ("R-LOKAAL", 1, "programme_id=GR-SNB", "sector_id=OVH-LOK", 52, 1),
        ("R-LOKAAL", 2, "programme_id=GR-MAW", "", "", ""),
        ("R-LOKAAL", 3, "programme_id=GR-ACA", "", "", ""),
        ("R-AVOND", 1, "groups=evening", "region_id=BE224; pattern=evening", 32, 1),
        ("R-AVOND", 2, "status=working", "", "", ""),
        ("R-MECHELEN", 1, "institution_id=MEC", "region_id=BE212", 90, 1),
        ("R-MECHELEN", 2, "groups=no_car", "", "", ""),
    ],
)
"""Places kept for a programme, for students in the evening, for an own campus; then for the next group; then for all."""

GROUPS, LEAST, MOST = 8, 4, 8
"""How many establishments take a group or nobody, and the seats that these have."""

QUIET = 24
"""They are among so many that are asked for least: where everybody wants to go, a group is no condition."""


def rules() -> dict[str, Sheet]:
    """Quotas and reserves."""
    return {"quotas": QUOTAS, "reserves": RESERVES}


def group_or_nobody(seed: int, offer: Places, asked: Counter[str], bound: set[int]) -> np.ndarray:
    """The column `capacity_min`: a few middling establishments without pins open from two or three students on.

    Parameters
    ----------
    asked
        How many wishes name each establishment.
    bound
        Establishments that a student is pinned to.
    """
    dice = Dice(seed, 7)
    fits = [k for k in np.flatnonzero((offer.usable >= LEAST) & (offer.usable <= MOST)) if k not in bound]
    quiet = sorted(fits, key=lambda k: asked[offer["placement_id"][k]])[:QUIET]
    column = np.full(len(offer), "", dtype=object)
    for position, place in enumerate(dice.of(np.isin(np.arange(len(offer)), quiet), GROUPS)):
        column[place] = str(2 + position % 2)
    return column
